"""From the text of a name field to words in plain letters (docs/spec.md, section 4.1)."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from pseudonym.names.tables import TABLES

__all__ = ["MAX_WORDS", "words"]

MAX_WORDS: Final = 8
"""Words kept of one field: no register holds a name of more, and a pasted document must not become a name."""

MAX_WORD_CHARACTERS: Final = 32

MAX_NAME_CHARACTERS: Final = 4096
"""Longer texts are not kept in the caches, so that one bad row cannot fill the memory."""

WORDS_CACHED: Final = 1 << 16
"""Entries the cache may hold: the distinct names of a large municipality, in a few megabytes."""

_SURROGATES: Final = range(0xD800, 0xE000)
"""No characters: no file can hold them alone, but a caller may, and they cannot be hashed. They vanish everywhere."""


def _read_translation(letters: dict[str, str], separators: str, dropped: str) -> dict[int, str]:
    """Give one table for `str.translate`: each character to its replacement, a space for a separator."""
    table = {point: "" for point in (*range(0x80), *_SURROGATES)}
    table |= {ord(character): "" for character in dropped}
    table |= {ord(character): " " for character in separators}
    table |= {ord(character): replacement for character, replacement in letters.items()}
    return table


_TRANSLATION: Final = _read_translation(TABLES["letters"], TABLES["separators"], TABLES["dropped"])


def words(text: str) -> tuple[str, ...]:
    """Give the words of a name field in lower-case Latin letters, in order, without repeats.

    All scripts of the table are romanised; what the table does not know stays as it is.

    Args:
        text: The field as it came, composed or decomposed.

    Returns:
        At most 8 words of at most 32 characters; empty if nothing of a name is left.

    Sees: plaintext
    """
    if len(text) > MAX_NAME_CHARACTERS:
        return _words.__wrapped__(text)
    return _words(text)


@lru_cache(maxsize=WORDS_CACHED)
def _words(text: str) -> tuple[str, ...]:
    cut = (word[:MAX_WORD_CHARACTERS] for word in text.translate(_TRANSLATION).split(" ") if word)
    return tuple(dict.fromkeys(cut))[:MAX_WORDS]
