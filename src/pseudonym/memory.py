"""Bounded caches of plaintext values, and one function that empties them all.

A few thousand names and dates make up most of a file, so results are cached per value. The caches hold plaintext, but
only in the memory of this process, which reads the same values from the input anyway. A long-lived process should call
`forget()` when it is done. Keyed results belong to an encoder and are freed with it (`pseudonym.keyed.token_lists`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import _lru_cache_wrapper, lru_cache
from typing import Any, Final, TypeVar

__all__ = ["forget", "kept"]

Made = TypeVar("Made")

_KEEPING: Final[list[_lru_cache_wrapper[Any]]] = []


def kept(entries: int) -> Callable[[Callable[..., Made]], _lru_cache_wrapper[Made]]:
    """Cache the results of a function for the `entries` most recent arguments, until `forget` is called."""

    def keep(make: Callable[..., Made]) -> _lru_cache_wrapper[Made]:
        keeping = lru_cache(maxsize=entries)(make)
        _KEEPING.append(keeping)
        return keeping

    return keep


def forget() -> None:
    """Empty all caches made with `kept`."""
    for keeping in _KEEPING:
        keeping.cache_clear()
