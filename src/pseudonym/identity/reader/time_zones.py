"""Times of day beside dates: which day it was in Sweden.

Many programs keep dates as midnight in Sweden, written in UTC: 27 March 1988 becomes `1988-03-26T23:00:00Z`, whose day
is the day before. The day is mended where the time is midnight in Sweden; where that is not certain, the date is named.

The rules of Swedish summer time stand here, since Windows has no time zone database, and those of other systems give
Sweden the history of Berlin for the years before 1970 (https://data.iana.org/time-zones/tzdb/NEWS, release 2022b).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from pseudonym.identity.reader.moments import in_usual_form

__all__ = ["Clock", "TimeOfDay", "day_in_sweden", "is_late", "is_midnight", "is_shifted", "split_time"]

MIN_SHIFTED: Final = 3
"""Minimum number of times without a zone, in summer and winter, before they count as midnights in UTC."""

SHORTEST: Final = len("1.3.08 9:30")

SWITCH: Final = time(1)
"""Hour in UTC at which summer time begins and ends."""

FIRST_SUMMER: Final = 1980
LAST_TO_SEPTEMBER: Final = 1995
"""Until then summer time ended on the last Sunday of September, since on that of October."""

_TIMED: Final = re.compile(
    r"(?P<date>.*?[0-9]),?(?:"
    r"[T ](?P<hour>[0-9]{1,2})[:.](?P<minute>[0-9]{2})(?:[:.](?P<second>[0-9]{2}(?:[.,][0-9]+)?))?"
    r"|T(?P<compact>[0-9]{4}(?:[0-9]{2})?))"
    r"(?: ?(?P<half>[AaPp])[Mm])?(?: ?(?P<zone>[Zz]|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?))?"
)


@dataclass(frozen=True, slots=True)
class TimeOfDay:
    """A time of day as written.

    Attributes:
        seconds: Whole seconds since midnight.
        offset: Minutes by which its zone is ahead of UTC; None if it names no zone.
    """

    seconds: int
    offset: int | None = None


def split_time(text: str) -> tuple[str, TimeOfDay | None]:
    """Split a date with a time of day.

    Args:
        text: A date in any form, trimmed.

    Returns:
        The date, and the time of day behind it. The date alone and None if no time follows, or one that no clock shows.

    >>> split_time("1988-03-26T23:00:00Z")
    ('1988-03-26', TimeOfDay(seconds=82800, offset=0))
    """
    text = in_usual_form(text)
    match = _TIMED.fullmatch(text) if len(text) >= SHORTEST else None
    if match is None:
        return text, None
    digits = match["compact"]
    hour, minute, second = (digits[:2], digits[2:4], digits[4:]) if digits else match.group("hour", "minute", "second")
    hours, minutes, seconds = int(hour), int(minute), int(float((second or "0").replace(",", ".")))
    if match["half"]:
        if not 1 <= hours <= 12:
            return text, None
        hours = hours % 12 + 12 * (match["half"] in "Pp")
    if hours > 23 or minutes > 59 or seconds > 59:
        return text, None
    return match["date"], TimeOfDay(60 * (60 * hours + minutes) + seconds, _offset(match["zone"]))


def day_in_sweden(day: date, moment: TimeOfDay, *, born: bool) -> date | None:
    """Return the day in Sweden that is meant by a day and a time in a zone.

    A time of 00:00 means the day as written, whatever the zone.

    Args:
        day: The day as written.
        moment: The time, with its zone.
        born: Whether it is a birth date. Nobody records the time of a birth in UTC, so a time is doubtful if it is not
            midnight in Sweden and the day depends on the zone, or if it is midnight a zone or two away.

    Returns:
        The day; None if it is doubtful.
    """
    if moment.seconds == 0:
        return day
    instant = datetime.combine(day, time()) + timedelta(seconds=moment.seconds, minutes=-(moment.offset or 0))
    locals_ = [instant + timedelta(hours=hours) for hours in _hours_ahead(instant)]
    midnight = next((local for local in locals_ if local.time() == time()), None)
    if midnight is not None:
        return midnight.date()
    elsewhere = _is_midnight_nearby(instant)
    return None if born and (elsewhere or locals_[0].date() != day) else locals_[0].date()


@dataclass(slots=True)
class Clock:
    """Evidence from the times in a column that name no zone.

    Attributes:
        n_summer: Times of 22:00 in summer, which are midnight in Sweden if they are in UTC.
        n_winter: Times of 23:00 in winter, likewise.
        n_other: Other times than these and midnight.
    """

    n_summer: int = 0
    n_winter: int = 0
    n_other: int = 0

    def add(self, day: date, moment: TimeOfDay) -> None:
        """Count one date with a time."""
        if moment.offset is not None or moment.seconds == 0:
            return
        if not is_shifted(day, moment):
            self.n_other += 1
        elif moment.seconds == 22 * 3600:
            self.n_summer += 1
        else:
            self.n_winter += 1

    @property
    def is_utc(self) -> bool:
        """Whether the times are certainly midnights in UTC: they follow summer time, and there are no others."""
        several = self.n_summer + self.n_winter >= MIN_SHIFTED
        return several and self.n_summer > 0 and self.n_winter > 0 and self.n_other == 0


def is_late(moment: TimeOfDay) -> bool:
    """Return whether a time without a zone is that of midnight in Sweden or close by, if it were in UTC."""
    return _is_midnight_nearby(datetime.combine(date.min, time()) + timedelta(seconds=moment.seconds))


def is_midnight(day: date, moment: TimeOfDay) -> bool:
    """Return whether a time in UTC is midnight in UTC or in Sweden."""
    if moment.seconds == 0:
        return True
    instant = datetime.combine(day, time()) + timedelta(seconds=moment.seconds)
    return any((instant + timedelta(hours=hours)).time() == time() for hours in _hours_ahead(instant))


def is_shifted(day: date, moment: TimeOfDay) -> bool:
    """Return whether a time without a zone would be midnight in Sweden if it were in UTC."""
    in_utc = TimeOfDay(moment.seconds, 0)
    return is_late(moment) and day_in_sweden(day, in_utc, born=True) not in {None, day}


def _offset(zone: str | None) -> int | None:
    if zone is None:
        return None
    if zone[0] not in "+-":
        return 0
    minutes = 60 * int(zone[1:3]) + int(zone[3:].lstrip(":") or 0)
    return -minutes if zone[0] == "-" else minutes


def _is_midnight_nearby(instant: datetime) -> bool:
    """Return whether a time in UTC is midnight in Sweden, further east, or by a clock that is wrong by an hour."""
    return instant.time() in {time(21), time(22), time(23)}


def _hours_ahead(instant: datetime) -> tuple[int, ...]:
    """Return how far Sweden is ahead of UTC: by its law, then by today's rule, which some programs take for all."""
    summer = _summer(instant, datetime(instant.year, 10, 31))
    if instant.year < FIRST_SUMMER:
        lawful = False
    elif instant.year == FIRST_SUMMER:
        lawful = datetime(1980, 4, 6, 1) <= instant < datetime(1980, 9, 28, 1)
    elif instant.year <= LAST_TO_SEPTEMBER:
        lawful = _summer(instant, datetime(instant.year, 9, 30))
    else:
        lawful = summer
    return tuple(dict.fromkeys((1 + lawful, 1 + summer)))


def _summer(instant: datetime, last_of_month: datetime) -> bool:
    """Return whether it is summer time, from the last Sunday of March to the last Sunday of a month."""
    return _last_sunday(datetime(instant.year, 3, 31)) <= instant < _last_sunday(last_of_month)


def _last_sunday(last_of_month: datetime) -> datetime:
    day = last_of_month.date() - timedelta(days=(last_of_month.weekday() + 1) % 7)
    return datetime.combine(day, SWITCH)
