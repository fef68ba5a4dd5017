"""Dates after today, which are no dates of what has happened: a year typed as 2062, a century that was guessed.

A birth date is kept all the same: most of it is right, as in 2031 for 2013, and other records of the person may have
the same.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Final

from pseudonym.version import RELEASED

__all__ = ["BORN_LATER", "is_after", "last_day"]

BORN_LATER: Final = "birth_date.future"
"""The mark of a birth date after today."""

SLACK: Final = timedelta(days=1)
"""Where the day has begun first, it may be the day after that of the computer."""

WIDEST: Final = 9
"""The most years by which an estimated year may be wrong (docs/spec.md, section 4.3)."""

_DATE: Final = re.compile("[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?")
_ABOUT: Final = re.compile("([0-9]{4})~[0-9]?")


def last_day(today: date | None = None) -> date:
    """Return the last day that something in an input can have happened.

    Args:
        today: The current day; by default that of the clock, or the day on which this version was made where the clock
            is behind it.

    >>> last_day(date(2026, 12, 31)).isoformat()
    '2027-01-01'
    """
    return (max(date.today(), RELEASED) if today is None else today) + SLACK


def is_after(text: str, last: date) -> bool:
    """Return whether a date, or all of a month or year, lies after a day.

    Args:
        text: `YYYY-MM-DD`, `YYYY-MM`, `YYYY` or `YYYY~`; anything else does not.
        last: The day.

    >>> is_after("2027-02", date(2027, 1, 1)), is_after("2027", date(2027, 1, 1)), is_after("2062~", date(2027, 1, 1))
    (True, False, True)
    """
    about = _ABOUT.fullmatch(text)
    if about is not None:
        return int(about[1]) - WIDEST > last.year
    return _DATE.fullmatch(text) is not None and text > last.isoformat()[: len(text)]
