"""Read the next part of a file while the one before is stored."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

__all__ = ["ahead"]

T = TypeVar("T")


def ahead(parts: Iterator[T]) -> Iterator[T]:
    """Yield the items of an iterator, of which a thread always has the next one ready.

    Args:
        parts: The iterator. It is used by that thread alone, a generator is closed at the end, and what it raises is
            raised here.

    Yields:
        Its items; two are in memory at a time.
    """
    try:
        with ThreadPoolExecutor(1, thread_name_prefix="ahead") as pool:
            following = pool.submit(list, islice(parts, 1))
            while found := following.result():
                following = pool.submit(list, islice(parts, 1))
                yield found.pop()
    finally:
        # If it is a generator, the file that it reads is closed, also for one who stops early.
        if isinstance(parts, Generator):
            parts.close()
