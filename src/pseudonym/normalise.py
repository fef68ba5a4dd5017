"""Turn what a body typed into dates, sexes and numbers that two bodies can compare (docs/spec.md, section 4).

Nothing here guesses: what cannot be read raises `FieldError`, whose message is a constant and never holds the value.
Names have a package of their own, `pseudonym.names`.
"""

from __future__ import annotations

import re
from calendar import monthrange
from typing import Final, NamedTuple

from pseudonym.errors import FieldError

__all__ = [
    "MAX_YEAR",
    "MIN_YEAR",
    "WHITE_SPACE",
    "PartialDate",
    "birth_date",
    "foreign_number",
    "plain",
    "sex",
]

MAX_FOREIGN_CHARACTERS: Final = 32

MIN_YEAR: Final = 1850
MAX_YEAR: Final = 2100

RULES: Final[dict[str, str]] = {
    "birth_date.form": "A birth date is YYYY-MM-DD, YYYYMMDD, YYYY-MM or YYYY, a day that exists, 1850 to 2100.",
    "sex.unknown": "Sex is woman, man, other or unknown, in English or Swedish.",
}


_SURROGATES: Final = range(0xD800, 0xE000)
"""No characters: no file can hold them alone, but a caller may, and they cannot be hashed. They vanish everywhere."""


class PartialDate(NamedTuple):
    """A birth date of which the day, or month and day, or all parts may be unknown."""

    year: int | None
    month: int | None
    day: int | None

    def __repr__(self) -> str:
        """Show no part: a birth date is a person's data."""
        return "PartialDate(...)"


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


_DATE: Final = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?|([0-9]{2})([0-9]{2}))?")


def birth_date(text: str) -> PartialDate:
    """Read a birth date that may be known only to the month or year.

    Args:
        text: The field as it came.

    Returns:
        The parts that are known; all None if the text is blank.

    Raises:
        FieldError: `birth_date.form` for any other form, a day that does not exist, or a year outside 1850 to 2100.

    Sees: plaintext
    """
    text = plain(text)
    if not text:
        return PartialDate(None, None, None)
    match = _DATE.fullmatch(text)
    if match is None or not MIN_YEAR <= int(match[1]) <= MAX_YEAR:
        raise _field_error("birth_date.form", "birth_date")
    year, month_text, day_text = int(match[1]), match[2] or match[4], match[3] or match[5]
    month = int(month_text) if month_text else None
    day = int(day_text) if day_text else None
    if month is not None and (not 1 <= month <= 12 or (day is not None and not 1 <= day <= monthrange(year, month)[1])):
        raise _field_error("birth_date.form", "birth_date")
    return PartialDate(year, month, day)


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
    "u": None,
    "": None,
}

_ASCII_LOWER: Final = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
_ASCII_UPPER: Final = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")


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
    word = plain(text).translate(_ASCII_LOWER)
    if word not in _SEXES:
        raise _field_error("sex.unknown", "sex")
    return _SEXES[word]


_NOT_IN_FOREIGN_NUMBER: Final = re.compile(f"[^0-9A-Z\u0080-\U0010ffff]|[{WHITE_SPACE}]")


def foreign_number(text: str) -> str | None:
    """Read a number that is not Swedish: a passport, a dossier, another country's register.

    Its form is not checked, as there are hundreds.

    Args:
        text: The field as it came.

    Returns:
        At most 32 characters without signs and spaces; None if nothing is left.

    Sees: plaintext
    """
    return _NOT_IN_FOREIGN_NUMBER.sub("", plain(text).translate(_ASCII_UPPER))[:MAX_FOREIGN_CHARACTERS] or None


def _field_error(rule: str, field: str) -> FieldError:
    return FieldError(rule, RULES[rule], field=field)
