"""What all fields but names have in common, and the sex of a person (docs/spec.md, sections 4.3 and 4.4).

Nothing here guesses: what cannot be read raises `FieldError`, whose message is a constant and never holds the value.
Dates, names and numbers have modules of their own: `pseudonym.dates`, `pseudonym.names`, `pseudonym.idnumber`.
"""

from __future__ import annotations

from typing import Final

from pseudonym.errors import FieldError

__all__ = ["LOWER", "WHITE_SPACE", "plain", "sex"]

RULES: Final[dict[str, str]] = {
    "sex.unknown": "Sex is woman, man, other or unknown, in English or Swedish.",
}


_SURROGATES: Final = range(0xD800, 0xE000)
"""No characters: no file can hold them alone, but a caller may, and they cannot be hashed. They vanish everywhere."""


WHITE_SPACE: Final = (
    "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
"""Spelt out as in the specification, because `str.strip()` follows the Unicode version at hand."""

_INVISIBLE: Final = (0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF)
_HYPHENS: Final = (*range(0x2010, 0x2016), 0x2212)
_PLAIN: Final[dict[int, str]] = dict.fromkeys((*_INVISIBLE, *_SURROGATES), "") | dict.fromkeys(_HYPHENS, "-")


def plain(text: str) -> str:
    """Give a date, a sex or a number without what a word processor or a spreadsheet adds to it.

    Args:
        text: The field as it came.

    Returns:
        The text without invisible characters and surrounding white space, every dash a hyphen.

    Sees: plaintext
    """
    return text.translate(_PLAIN).strip(WHITE_SPACE)


_SEXES: Final = {
    "woman": "woman",
    "female": "woman",
    "kvinna": "woman",
    "f": "woman",
    "k": "woman",
    "man": "man",
    "male": "man",
    "m": "man",
    "other": "other",
    "annat": "other",
    "o": "other",
    "unknown": None,
    "ok\u00e4nt": None,
    "oka\u0308nt": None,
    "ok\u00e4nd": None,
    "oka\u0308nd": None,
    "u": None,
    "": None,
}

LOWER: Final = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ\u00c4", "abcdefghijklmnopqrstuvwxyz\u00e4")
"""Lower case by this table and not by `str.lower()`, which follows the Unicode version at hand."""


def sex(text: str) -> str | None:
    """Read the sex of a person.

    Args:
        text: The field as it came.

    Returns:
        `woman`, `man` or `other`; None if it is blank or said to be unknown.

    Raises:
        FieldError: `sex.unknown`.

    Sees: plaintext
    """
    word = plain(text).translate(LOWER)
    if word not in _SEXES:
        raise _field_error("sex.unknown", "sex")
    return _SEXES[word]


def _field_error(rule: str, field: str) -> FieldError:
    return FieldError(rule, RULES[rule], field=field)
