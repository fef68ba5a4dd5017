"""Bounded caches of plaintext values, and one function that empties them all.

A few thousand names and dates make up most of a file, so results are cached per value. The caches hold plaintext, but
only in the memory of this process, which reads the same values from the input anyway. A long-lived process should call
`forget()` when it is done. Keyed results belong to an encoder and are freed with it (`pseudonym.keyed.token_lists`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import _lru_cache_wrapper, lru_cache
from typing import Any, Final, TypeVar

__all__ = ["Readings", "forget", "kept", "readings"]

Key = TypeVar("Key")
Made = TypeVar("Made")

_KEEPING: Final[list[_lru_cache_wrapper[Any] | Readings[Any, Any]]] = []

READING_CHARACTERS: Final = 64
"""Longer texts are not kept in `Readings`, so that bad rows cannot fill the memory."""


class Readings(dict[Key, Made]):
    """What the texts of a column mean, each read once: `readings[text]`.

    A text that was read before costs one look-up, without a call of a function. That is why a column of a file is read
    this way; `kept` is for everything else.
    """

    __slots__ = ("_entries", "_read")

    def __init__(self, read: Callable[[Key], Made], *, entries: int) -> None:
        """Take the function that reads a text, and the number of texts to keep until `forget` is called."""
        self._read = read
        self._entries = entries

    def __missing__(self, key: Key) -> Made:
        """Read a text, and keep what it means unless it is long."""
        made = self._read(key)
        if not isinstance(key, str) or len(key) <= READING_CHARACTERS:
            if len(self) >= self._entries:
                self.clear()
            self[key] = made
        return made

    def __repr__(self) -> str:
        """Show the class only: the texts are a person's data."""
        return "<Readings>"

    def cache_clear(self) -> None:
        """Forget all texts."""
        self.clear()


def readings(read: Callable[[Key], Made], *, entries: int) -> Readings[Key, Made]:
    """Return the readings of a function, kept until `forget` is called.

    Args:
        read: Reads a text.
        entries: The number of texts to keep.
    """
    made = Readings(read, entries=entries)
    _KEEPING.append(made)
    return made


def kept(entries: int) -> Callable[[Callable[..., Made]], _lru_cache_wrapper[Made]]:
    """Cache the results of a function for the `entries` most recent arguments, until `forget` is called."""

    def keep(make: Callable[..., Made]) -> _lru_cache_wrapper[Made]:
        keeping = lru_cache(maxsize=entries)(make)
        _KEEPING.append(keeping)
        return keeping

    return keep


def forget() -> None:
    """Empty all caches made with `kept` and `readings`."""
    for keeping in _KEEPING:
        keeping.cache_clear()
