"""What functions keep of values that they have seen, within bounds, and how a process forgets all of it.

A few thousand names and dates make up most of a file, so what is made of one is kept. That is plaintext in the memory
of this process only, which reads the same values from the input anyway; a process that lives on after its work calls
`forget()`. What is kept under a key belongs to an encoder and goes with it (`pseudonym.keyed.token_lists`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import _lru_cache_wrapper, lru_cache
from typing import Any, Final, TypeVar

__all__ = ["forget", "kept"]

Made = TypeVar("Made")

_KEEPING: Final[list[_lru_cache_wrapper[Any]]] = []


def kept(entries: int) -> Callable[[Callable[..., Made]], _lru_cache_wrapper[Made]]:
    """Keep what a function gives, for its last `entries` arguments; `forget` knows of it."""

    def keep(make: Callable[..., Made]) -> _lru_cache_wrapper[Made]:
        keeping = lru_cache(maxsize=entries)(make)
        _KEEPING.append(keeping)
        return keeping

    return keep


def forget() -> None:
    """Forget all values that functions of this package have kept."""
    for keeping in _KEEPING:
        keeping.cache_clear()
