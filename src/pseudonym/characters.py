"""Equivalent and invisible characters, and functions that remove or replace them.

They are part of the frozen tables because Python's Unicode data changes between versions, and a reporter and the
registry could then disagree on whether an id is valid (docs/spec.md, section 4).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from pseudonym.tables import TABLES

__all__ = [
    "ASCII",
    "CONTROLS",
    "DIGITS",
    "FORMULA",
    "INVISIBLE",
    "UPPER",
    "WHITE_SPACE",
    "is_blank",
    "plain",
    "tidy",
]

_TABLE: Final[dict[str, Any]] = TABLES["characters"]


def _points(ranges: Iterable[tuple[int, int]]) -> list[int]:
    return [point for first, last in ranges for point in range(first, last + 1)]


WHITE_SPACE: Final = "".join(map(chr, _points(_TABLE["white_space"])))

_SURROGATES: Final = range(0xD800, 0xE000)
"""Not characters: no file contains them alone, but a caller can pass them. They cannot be hashed, so drop them."""

CONTROLS: Final = frozenset(map(chr, (*range(0x20), *range(0x7F, 0xA0), *_SURROGATES)))
"""Control characters, and surrogates."""

INVISIBLE: Final = frozenset(map(chr, _points(_TABLE["invisible"])))
"""Characters that nobody sees, so that two texts with and without one look the same."""

FORMULA: Final = tuple(map(chr, _points(_TABLE["formula"])))
"""Characters with which a formula begins in a spreadsheet."""

_PLAIN: Final[dict[int, str]] = {
    **dict.fromkeys((*map(ord, INVISIBLE), *_SURROGATES), ""),
    **dict.fromkeys(_points(_TABLE["dashes"]), "-"),
}

DIGITS: Final[dict[int, str]] = {
    first + step: str(value + step) for first, last, value in _TABLE["digits"] for step in range(last - first + 1)
}
"""For `str.translate`: digits of other scripts, and superscript, subscript and circled digits, to ASCII."""

ASCII: Final[dict[int, str]] = DIGITS | {
    first + step: chr(to + step) for first, last, to in _TABLE["full_width"] for step in range(last - first + 1)
}
"""For `str.translate`: the same, and full-width letters, to ASCII."""

UPPER: Final = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
"""For `str.translate`: ASCII letters to capitals."""

_PRINTED: Final = re.compile("[!-~]")

_SPACE: Final = re.compile(f"[{WHITE_SPACE}]+")


def is_blank(text: str) -> bool:
    """Return whether a text has nothing but white space, invisible characters and surrogates.

    Args:
        text: The field as received.
    """
    # Python's white space in ASCII is that of the tables.
    return not text.strip() if text.isascii() else _PRINTED.search(text) is None and not plain(text)


def plain(text: str) -> str:
    """Remove the invisible characters that word processors and spreadsheets add.

    Args:
        text: The field as received.

    Returns:
        The text without invisible characters and surrounding white space, with every dash replaced by a hyphen.
    """
    return text.translate(_PLAIN).strip(WHITE_SPACE)


def tidy(text: str) -> str:
    """Return a text without white space and invisible characters, with ASCII digits and capital letters.

    Args:
        text: The field as received.
    """
    if text.isascii():
        # Nearly every number is ASCII, where Python's white space and capitals are those of the tables.
        return "".join(text.split()).upper()
    return _SPACE.sub("", plain(text)).translate(DIGITS).translate(UPPER)
