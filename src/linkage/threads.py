"""Work that is shared among threads, with results in the order of the work."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

__all__ = ["in_order"]

A = TypeVar("A")
R = TypeVar("R")


def in_order(function: Callable[[A], R], items: Iterable[A], *, helpers: int) -> Iterator[R]:
    """Apply a function to each item, and yield the results in the order of the items.

    The caller's thread makes the items and takes the results; helpers meanwhile apply the function. What numpy, numba
    and ciphers do runs side by side, what Python itself does takes turns.

    Args:
        function: Called once for each item. It must not touch what makes the items, such as a connection.
        items: The items, made one by one; one more than there are helpers is made and not yet done at a time.
        helpers: Number of further threads; with none, the caller's thread does all in turn.

    Yields:
        The results.

    Raises:
        Exception: The first error of the function, in the order of the items. Items already begun are finished first,
            and no more are begun.
    """
    if helpers < 1:
        yield from map(function, items)
        return
    with ThreadPoolExecutor(helpers, thread_name_prefix="linkage") as pool:
        waiting: deque[Future[R]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(function, item))
                if len(waiting) > helpers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
