"""Repair text that was written as UTF-8 and read as ISO 8859-1 or cp1252 (docs/spec.md, section 4.1)."""

from __future__ import annotations

from typing import Final

from pseudonym.tables import TABLES

__all__ = ["mend"]

_BYTES: Final[dict[int, int]] = {ord(character): byte for character, byte in TABLES["bytes"].items()}
_SYLLABLES: Final = map(chr, range(0xAC00, 0xD7A4))
_KNOWN: Final = frozenset((*TABLES["letters"], *TABLES["dropped"], *TABLES["separators"], *_SYLLABLES))
_NO_BREAK_SPACE: Final = "\xa0"
ROUNDS: Final = 2
"""Maximum number of rounds: a text that went through two such programs was damaged twice."""


def mend(text: str) -> str:
    """Undo reading UTF-8 as ISO 8859-1 or cp1252, if that is certainly what happened.

    It is certain when all characters beyond ASCII are bytes of UTF-8 sequences whose characters the tables know, unless
    each of these sequences could also be a letter followed by a no-break space.

    Args:
        text: A text.

    Returns:
        The repaired text, or the unchanged text.
    """
    for _ in range(ROUNDS):
        mended = _mended(text)
        if mended is None:
            break
        text = mended
    return text


def _mended(text: str) -> str | None:
    """Undo one round; None if it is not certain."""
    points = [_BYTES.get(point, point) for point in map(ord, text)]
    high = [point for point in points if point >= 0x80]
    if not high or max(high) > 0xFF:
        return None
    try:
        mended = bytes(points).decode("utf-8")
    except UnicodeDecodeError:
        return None
    if 2 * text.count(_NO_BREAK_SPACE) == len(high):
        return None
    return mended if _KNOWN.issuperset(character for character in mended if character >= "\x80") else None
