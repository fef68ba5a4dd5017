"""Convert the text of a number field to a form that the types can check, without what people and spreadsheets add.

Types are not decided here. The century of a short number follows from a reference date given by the caller, never from
today's date, so that equal input gives equal codes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Final, NamedTuple

from pseudonym.characters import tidy
from pseudonym.faults import broken
from pseudonym.identity.dates import MAX_YEAR, MIN_YEAR, Birth, days_in_month
from pseudonym.memory import kept
from pseudonym.tables import TABLES

__all__ = [
    "COORDINATION_DAYS",
    "MAX_CHARACTERS",
    "Written",
    "bare_of",
    "born_in",
    "complete",
    "day_of",
    "has_digit",
    "is_monotonous",
    "read_text",
    "without_marks",
]

COORDINATION_DAYS: Final = 60
"""Added to the day in a samordningsnummer, to distinguish it from a personnummer."""

MAX_CHARACTERS: Final = 32

DAYS_CACHED: Final = 1 << 14
"""Number of cached birth dates: nearly all in a file."""

MONOTONOUS: Final = 4
"""Minimum length at which one repeated character is not a number but a key held down."""

APOSTROPHE: Final = "'"
"""Spreadsheets use it to mark digits as text."""

SIGN_YEARS: Final = 50
"""Least age at which a birth date may decide the century of a number with a plus sign, which says 100 or more: an older
report may have the number as it is written today."""

_DATED: Final = re.compile(r"([0-9]{2})?([0-9]{2})([-./]?)([0-9]{2})\3([0-9]{2})([-+./:_]?)([0-9A-Z]{4})")
"""Six or eight digits of a date, with or without signs, and four characters: the form of most types."""

_SIGNS: Final = str.maketrans("", "", TABLES["numbers"]["signs"])
_KEPT: Final = re.compile(rf"[0-9A-Z]{{1,{MAX_CHARACTERS}}}")
_DIGIT: Final = re.compile("[0-9]")


class Written(NamedTuple):
    """The letters and digits of a text.

    Attributes:
        bare: Capital letters and digits only.
        dated: Whether it is six or eight digits and four characters, with signs only where such numbers have them.
        old: Whether the last four of ten characters follow a plus sign.
        years: Years of birth that the row states for ten characters, most relevant first.
    """

    bare: str
    dated: bool
    old: bool
    years: tuple[int, ...] = ()

    def __repr__(self) -> str:
        """Show the class only."""
        return "<Written>"


def without_marks(text: str) -> str:
    """Return a tidy text without the apostrophes of spreadsheets.

    Args:
        text: The field as it came.
    """
    return tidy(text).replace(APOSTROPHE, "")


def has_digit(text: str) -> bool:
    """Return whether a tidy text has a digit.

    Args:
        text: The text.
    """
    return _DIGIT.search(text) is not None


def bare_of(text: str) -> str:
    """Return a tidy text without the signs of numbers.

    Args:
        text: The text.
    """
    return text.translate(_SIGNS)


def read_text(text: str) -> Written:
    """Read a text as far as possible without a type.

    Args:
        text: The field as it came.

    Returns:
        What was written.

    Raises:
        FieldError: `number.no_digit`; `number.unreadable` for characters other than letters, digits and signs, or more
            than 32.
    """
    text = without_marks(text)
    if not has_digit(text):
        raise broken("number.no_digit")
    bare = bare_of(text)
    if _KEPT.fullmatch(bare) is None:
        raise broken("number.unreadable")
    if len(bare) not in {10, 12} or _DATED.fullmatch(text) is None:
        return Written(bare, False, False)
    return Written(bare, True, len(bare) == 10 and "+" in text)


def born_in(written: Written, births: Iterable[Birth]) -> Written:
    """Add the years of birth that decide the century of a number of ten characters.

    Args:
        written: What was written.
        births: Birth dates of the person, the one that belongs to the number first.

    Returns:
        The same with the years that end in the two digits of the number and lie within the margin of a birth date.
    """
    if not written.dated or len(written.bare) == 12:
        return written
    short, years = int(written.bare[:2]), []
    for birth in births:
        if birth.year is not None:
            last = birth.year + birth.margin
            year = last - (last - short) % 100
            years += [year] if year >= birth.year - birth.margin else []
    return written._replace(years=tuple(years)) if years else written


def complete(written: Written, reference_date: date) -> str | None:
    """Return the 12 characters of a dated number.

    Without a century, the year is the one that the row states; a plus sign says that the person is 100 or more, so then
    it must be clear of that of a younger person. Otherwise it is the latest that does not put the date after the
    reference date. A plus sign is written from the beginning of the year in which the person turns 100 (law 1991:481,
    section 18), so the year is then the latest one at least 100 calendar years before that of the reference date. An
    unknown month or day counts as the first.

    Args:
        written: What was written.
        reference_date: The latest possible birth date for a number without century, usually the day of the report.

    Returns:
        The characters, or None if it is not dated, has no century and an impossible month or day, or a year below 0.
    """
    if not written.dated:
        return None
    if len(written.bare) == 12:
        return written.bare
    year, month, day = int(written.bare[:2]), int(written.bare[2:4]), int(written.bare[4:6])
    least = 1
    if day >= COORDINATION_DAYS:
        least, day = 0, day - COORDINATION_DAYS
    if not least <= month <= 12 or not least <= day <= 31:
        return None
    latest = reference_date.year - SIGN_YEARS if written.old else reference_date.max.year
    stated = next((one for one in written.years if one <= latest), None)
    full = _year(year, (month or 1, day or 1), written.old, reference_date) if stated is None else stated
    return None if full < 0 else f"{full:04d}{written.bare[2:]}"


def _year(short: int, month_day: tuple[int, int], old: bool, reference: date) -> int:
    latest = reference.year - 100 if old else reference.year
    year = latest - (latest - short) % 100
    after = not old and (year, *month_day) > (reference.year, reference.month, reference.day)
    return year - 100 if after else year


@kept(DAYS_CACHED)
def day_of(eight: str, *, shift: int = 0) -> Birth | None:
    """Return the date that eight digits mean, None if it does not exist.

    Args:
        eight: Year, month and day.
        shift: The number added to the day. With a shift, the month and the unshifted day may be 0 for unknown.

    Returns:
        The date, 1850 to 2100.
    """
    year, month, day = int(eight[:4]), int(eight[4:6]), int(eight[6:8]) - shift
    least = 0 if shift else 1
    if not MIN_YEAR <= year <= MAX_YEAR or not least <= month <= 12:
        return None
    if not least <= day <= (days_in_month(year, month) if month else 31):
        return None
    return Birth(year, month or None, day or None)


def is_monotonous(bare: str) -> bool:
    """Return whether a text consists of zeros only, or of one character repeated at least four times.

    Args:
        bare: Letters and digits.
    """
    return not bare.strip("0") or (len(bare) >= MONOTONOUS and not bare.strip(bare[:1]))
