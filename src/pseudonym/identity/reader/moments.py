"""Moments as programs write them: Unix times, `/Date(…)/`, timestamps of HL7, JavaScript and Java.

Each becomes a date with a time and a zone, from which the day in Sweden is found
(`pseudonym.identity.reader.time_zones`). A bare number is a Unix time only if it is a midnight, in Sweden or UTC: one
number in 40,000 is so by chance.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final

from pseudonym.identity.dates import MAX_YEAR, MIN_YEAR

__all__ = ["from_epoch", "in_usual_form", "is_counted"]

EPOCH: Final = datetime(1970, 1, 1)
MILLISECONDS: Final = 1000

_COUNTED: Final = re.compile(r"-?(?:[0-9]{9,10}|[0-9]{12,13})(?:[.,]0+)?")
"""Seconds or milliseconds, outside of the years around 1970: a shorter number may be a date or a day number."""
_LONGEST_SECONDS: Final = 10
_DOTNET: Final = re.compile(r"\\?/Date\((-?[0-9]{1,15})(?:[+-][0-9]{4})?\)\\?/")
"""Milliseconds as the JSON of .NET writes them; the zone behind them says only where it was written."""

_COMPACT: Final = re.compile(
    r"([12][0-9]{3})([01][0-9])([0-3][0-9])(?:(0000)|([0-2][0-9][0-5][0-9])([0-5][0-9])(?:[.][0-9]{1,6})?)([Zz]|[+-][0-9]{4})?"
)
"""A timestamp of HL7. Without seconds only midnight is read, since a personnummer has twelve digits too."""
_WEEKDAY: Final = re.compile(
    r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?"
    r"|(?:m\u00e5n|tis|ons|tors?|fre|l\u00f6r|s\u00f6n)(?:dag(?:en)?)?)[.,]? +(?:den +)?(?=[0-9A-Za-z])",
    re.IGNORECASE,
)
_ZONE_NAMED: Final = re.compile(r" *\([^()]{2,60}\)$")
_GMT_AHEAD: Final = re.compile(r"(?<=[0-9]) ?(?:GMT|UTC)(?=[+-][0-9]{2})")
_SWEDISH_ZONE: Final = re.compile(r"(?<=[0-9]) ?(?:(CES|MES|CED)T|(?:CE|ME)[TZ])\b")
_YEAR_BEHIND: Final = re.compile(r"(.*[0-9]) ([0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)( ?[A-Z+][A-Z0-9:+]*)? ([12][0-9]{3})")
_ABOUT: Final = re.compile(
    r"(?:ca\.?|c:a|cirka|circa|omkring|uppskatt(?:at|ad)(?: till)?|ungef\u00e4r|about|approx\.?|around|~|\u2248)"
    r" ?([12][0-9]{3})"
    r"|([12][0-9]{3}) ?\(?(?:ca\.?|c:a|cirka|circa|uppskatt(?:at|ad))\)?",
    re.IGNORECASE,
)
_BORN: Final = re.compile(r"(?:f\.|f\u00f6dd(?: den)?|born|dob)[.:]? *(?=[0-9])", re.IGNORECASE)
_DAY_WITH_ZONE: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[Zz]|[+-][0-9]{2}:[0-9]{2})")
"""A day of XML, which is the day as written."""
_CLOCK: Final = re.compile(r",? (?:kl(?:ockan)?\.?|at) ?(?=[0-9]{1,2}[:.][0-9]{2})", re.IGNORECASE)
_WORTH_A_LOOK: Final = re.compile(r"[0-9]{12}|[^\W\d_]{2}|[0-9][Zz]\Z|\+|:[0-9]{2}\Z|[~\u2248f]|c:a")


def in_usual_form(text: str) -> str:
    """Return a date with its time as it is usually written, or the text.

    Args:
        text: A date, trimmed.

    >>> in_usual_form("Sat Mar 26 1988 23:00:00 GMT+0000 (UTC)")
    'Mar 26 1988 23:00:00+0000'
    >>> in_usual_form("19880326230000Z"), in_usual_form("27 mars 1988 kl. 00.00")
    ('1988-03-26T23:00:00Z', '27 mars 1988 00.00')
    """
    if _WORTH_A_LOOK.search(text) is None:
        return text
    match = _COMPACT.fullmatch(text)
    if match is not None:
        hours = match[4] or match[5]
        return f"{match[1]}-{match[2]}-{match[3]}T{hours[:2]}:{hours[2:]}:{match[6] or '00'}{match[7] or ''}"
    if (day := _DAY_WITH_ZONE.fullmatch(text)) is not None:
        return day[1]
    if (about := _ABOUT.fullmatch(text)) is not None:
        return f"{about[1] or about[2]}~"
    text = _BORN.sub("", text, count=1) if _BORN.match(text) else text
    text = _WEEKDAY.sub("", text, count=1) if _WEEKDAY.match(text) else text
    text = _CLOCK.sub(" ", text)
    if (behind := _YEAR_BEHIND.fullmatch(text)) is not None:
        text = f"{behind[1]} {behind[4]} {behind[2]}{behind[3] or ''}"
    if ":" in text:
        text = _SWEDISH_ZONE.sub(lambda zone: "+0200" if zone[1] else "+0100", _ZONE_NAMED.sub("", text))
    return _GMT_AHEAD.sub("", text)


def is_counted(text: str) -> bool:
    """Return whether a text has the form of a moment counted from 1970, whatever it is."""
    return _COUNTED.fullmatch(text) is not None or _DOTNET.fullmatch(text) is not None


def from_epoch(text: str) -> tuple[datetime, bool] | None:
    """Return the moment in UTC that a text counts from 1970, and whether it says that it is one; None if out of range.

    Args:
        text: A text for which `is_counted` holds.

    >>> from_epoch("575420400"), from_epoch("/Date(575420400000)/")
    ((datetime.datetime(1988, 3, 26, 23, 0), False), (datetime.datetime(1988, 3, 26, 23, 0), True))
    """
    said = _DOTNET.fullmatch(text)
    digits = said[1] if said is not None else re.split("[.,]", text)[0]
    in_seconds = said is None and len(digits.lstrip("-")) <= _LONGEST_SECONDS
    seconds = int(digits) if in_seconds else int(digits) / MILLISECONDS
    if abs(seconds) > (MAX_YEAR - MIN_YEAR) * 366 * 86_400:
        return None
    moment = EPOCH + timedelta(seconds=seconds)
    return (moment, said is not None) if MIN_YEAR <= moment.year <= MAX_YEAR else None
