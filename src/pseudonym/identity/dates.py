"""Birth dates known to the day, the month, the year, or approximately (docs/spec.md, section 4.3).

A date that some program uses for "unknown" raises its own error, so that a default of a case system
does not become a birth date shared by a thousand persons.
"""

from __future__ import annotations

import re
from calendar import isleap
from datetime import date
from typing import Any, Final, NamedTuple

from pseudonym.characters import plain
from pseudonym.faults import broken
from pseudonym.tables import TABLES
from pseudonym.words import folded, folded_words

__all__ = ["MAX_YEAR", "MIN_YEAR", "Birth", "days_in_month", "latest_day", "read_birth_date"]

_TABLE: Final[dict[str, Any]] = TABLES["dates"]

MIN_YEAR: Final[int] = _TABLE["years"][0]
MAX_YEAR: Final[int] = _TABLE["years"][1]

DEFAULT_MARGIN: Final[int] = _TABLE["margin"]
"""Years on either side that `2008~` covers."""

DEFAULT_DAYS: Final = frozenset((int(day[:2]), int(day[3:])) for day in _TABLE["defaults"])
"""Month and day registered when the true ones are unknown."""

_PLACEHOLDER_WORDS: Final = folded_words(_TABLE["words"])
_PLACEHOLDER_DATES: Final = frozenset(_TABLE["placeholders"])

_FEBRUARY: Final = 2
_DAYS_IN_MONTH: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

_DATE: Final = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?|([0-9]{2})([0-9]{2}))?")
_ABOUT: Final = re.compile("([0-9]{4})(?:~([0-9])?|\u00b1([0-9]))")
_PLACEHOLDER: Final = re.compile(rf"[{re.escape(_TABLE['signs'])}]*|9999[-0-9]*")


class Birth(NamedTuple):
    """A birth date whose day, month and day, or all parts may be unknown.

    Attributes:
        year: The year, or None.
        month: The month, or None.
        day: The day of the month, or None.
        margin: Years by which the true year may differ on either side; 0 if the year is exact.
    """

    year: int | None = None
    month: int | None = None
    day: int | None = None
    margin: int = 0

    def __repr__(self) -> str:
        """Show no part: a birth date is a person's data."""
        return "Birth(...)"

    @property
    def exact_year(self) -> int | None:
        """The year if it is known exactly, otherwise None."""
        return None if self.margin else self.year

    @property
    def is_default(self) -> bool:
        """Whether month and day are the default for unknown ones."""
        return (self.month, self.day) in DEFAULT_DAYS

    def united(self, other: Birth) -> Birth | None:
        """Combine two dates, or return None if they contradict each other.

        Args:
            other: A date whose year is exact or unknown.

        Returns:
            The date with the known parts of both. An approximate year agrees with every year within its margin.
        """
        year, margin = (other.year, 0) if other.year is not None else (self.year, self.margin)
        if self.year is not None and year is not None and abs(self.year - year) > self.margin:
            return None
        if _differ(self.month, other.month) or _differ(self.day, other.day):
            return None
        return Birth(year, self.month or other.month, self.day or other.day, margin)


def read_birth_date(text: str) -> Birth:
    """Read a birth date, which may be known only to the month, the year, or approximately.

    Args:
        text: The field as it came.

    Returns:
        The known parts; no part if the text is blank.

    Raises:
        FieldError: `birth_date.placeholder` for a date or word that means unknown; `birth_date.form` for
            any other form, a day that does not exist, or a year outside 1850 to 2100.

    A birth date does not show its parts, so they are compared here.

    >>> read_birth_date("2008-03") == Birth(2008, 3)
    True
    >>> read_birth_date("2008~") == Birth(2008, margin=2)
    True
    """
    text = plain(text)
    if not text:
        return Birth()
    digits = text.replace("-", "")
    match = _DATE.fullmatch(text)
    is_word = match is None and folded(text) in _PLACEHOLDER_WORDS
    if is_word or _PLACEHOLDER.fullmatch(text) or digits in _PLACEHOLDER_DATES:
        raise broken("birth_date.placeholder")
    about = _ABOUT.fullmatch(text) if match is None else None
    if about is not None:
        margin = int(about[2] or about[3] or DEFAULT_MARGIN)
        return _checked(int(about[1]), None, None, margin=margin)
    if match is None:
        raise broken("birth_date.form")
    # Registers and samordningsnummer write an unknown month or day as 00.
    month, day = int(match[2] or match[4] or 0), int(match[3] or match[5] or 0)
    return _checked(int(match[1]), month or None, day or None)


def days_in_month(year: int, month: int) -> int:
    """Return the number of days that a month has.

    `calendar.monthrange` also finds its first weekday, which takes several times longer.

    Args:
        year: The year.
        month: The month, from 1.
    """
    return _DAYS_IN_MONTH[month - 1] + (month == _FEBRUARY and isleap(year))


def latest_day(text: str) -> date:
    """Return the latest day that a report or event date can mean.

    Args:
        text: `YYYY-MM-DD`, `YYYY-MM` or `YYYY`, a date that exists.

    Returns:
        The day itself, or the last of the month or year.

    >>> latest_day("2024-02")
    datetime.date(2024, 2, 29)
    """
    year, month, day = (*map(int, text.split("-")), 0, 0)[:3]
    month = month or 12
    return date(year, month, day or days_in_month(year, month))


def _differ(one: int | None, other: int | None) -> bool:
    return one is not None and other is not None and one != other


def _checked(year: int, month: int | None, day: int | None, *, margin: int = 0) -> Birth:
    if not MIN_YEAR <= year <= MAX_YEAR or (month or 1) > 12:
        raise broken("birth_date.form")
    # Without a month, accept any day that some month has.
    last = days_in_month(year, month) if month else 31
    if (day or 1) > last:
        raise broken("birth_date.form")
    return Birth(year, month, day, margin)
