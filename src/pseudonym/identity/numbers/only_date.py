"""Recognise a birth date in place of a number: all persons born on that day would share it (docs/spec.md, section 4.5).

Some systems write the date alone, others fill the missing digits with zeros, one letter or signs.
"""

from __future__ import annotations

import re
from typing import Final

from pseudonym.identity.dates import MAX_YEAR, MIN_YEAR, days_in_month
from pseudonym.identity.numbers.text import COORDINATION_DAYS
from pseudonym.tables import TABLES

__all__ = ["is_only_date"]

LEAP_CENTURY: Final = 2000
"""In this century every fourth year is a leap year: a date of six digits exists in it if it does in any."""

_SIGN: Final = "[" + re.escape(TABLES["numbers"]["signs"]) + "]"
_FILLER: Final = "[" + re.escape(TABLES["numbers"]["signs"] + TABLES["numbers"]["fillers"]) + "]"
_TIME: Final = r"T?[0-2][0-9]:[0-5][0-9](?::[0-5][0-9](?:[.,][0-9]+)?)?(?:Z|[-+][0-9]{2}:?[0-9]{2})?"
_NOTHING: Final = f"{_FILLER}*|{_FILLER}+0{{1,4}}"
_ANY: Final = f"{_FILLER}*|{_TIME}"
_NO_SERIAL: Final = rf"{_NOTHING}|{_TIME}|{_FILLER}*(?:([A-Z])\4{{0,3}}|TF?X{{0,3}})"

_NUMBER: Final = re.compile("(?:[0-9]{2})?[0-9]{6}[-+]?[0-9]{4}(?<!0000)")
"""Nearly every number: it is no date, and is not compared with all the forms of one."""

_YEAR_FIRST: Final = tuple(
    re.compile(f"{form}(?:{rest})")
    for form, rest in (
        ("([0-9]{4})()()", _NOTHING),
        (f"([0-9]{{4}}){_SIGN}([0-9]{{2}})()", f"{_FILLER}*"),
        ("([0-9]{4}|[0-9]{2})([0-9]{2})([0-9]{2})", _NO_SERIAL),
        (f"([0-9]{{4}}|[0-9]{{2}}){_SIGN}([0-9]{{1,2}}){_SIGN}([0-9]{{1,2}})", _NO_SERIAL),
    )
)
_YEAR_LAST: Final = tuple(
    re.compile(f"{form}(?:{_ANY})")
    for form in (
        "([0-9]{2})([0-9]{2})([0-9]{4}|[0-9]{2})",
        f"([0-9]{{1,2}}){_SIGN}([0-9]{{1,2}}){_SIGN}([0-9]{{4}}|[0-9]{{2}})",
    )
)


def is_only_date(text: str) -> bool:
    """Return whether a number is a date, or a date with fillers in place of the digits after it.

    Args:
        text: The number, tidy and without apostrophes.

    >>> [is_only_date(text) for text in ("110713", "13.7.2011", "20110773", "110713-****")]
    [True, True, True, True]
    >>> is_only_date("110713-2382")
    False
    """
    if _NUMBER.fullmatch(text):
        return False
    if any(_exists(*match.group(1, 2, 3), unknown=True) for form in _YEAR_FIRST if (match := form.fullmatch(text))):
        return True
    found = [match.group(3, 1, 2) for form in _YEAR_LAST if (match := form.fullmatch(text))]
    return any(_exists(year, one, two) or _exists(year, two, one) for year, one, two in found)


def _exists(year: str, month: str, day: str, *, unknown: bool = False) -> bool:
    """Return whether a date exists.

    With `unknown` the day may be that of a samordningsnummer; month and day may be unknown after a year of four digits.
    """
    whole = len(year) == 4
    y, m, d = int(year) if whole else LEAP_CENTURY + int(year), int(month or 0), int(day or 0)
    least = 0 if whole and unknown else 1
    if unknown and d >= COORDINATION_DAYS:
        d -= COORDINATION_DAYS
    if not (MIN_YEAR <= y <= MAX_YEAR and least <= m <= 12):
        return False
    return least <= d <= (days_in_month(y, m) if m else 31)
