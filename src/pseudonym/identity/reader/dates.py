"""Convert dates to `YYYY-MM-DD` from the forms that people and programs write, if the result is certain.

A date that begins with its year is unambiguous. In `03/04/2008` either part may be the month, so the whole column
decides: if some of its dates can be read only one way, the others are read that way too. Otherwise they are left out,
unless the user sets the order. A single value never decides. A time of day beside the date may make it another day
(`pseudonym.identity.reader.time_zones`).
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final, Literal

from pseudonym.characters import plain
from pseudonym.errors import FieldError
from pseudonym.identity.dates import MAX_YEAR, MIN_YEAR, read_birth_date
from pseudonym.identity.reader.future import BORN_LATER, is_after
from pseudonym.identity.reader.moments import from_epoch, is_counted
from pseudonym.identity.reader.time_zones import (
    Clock,
    TimeOfDay,
    day_in_sweden,
    is_late,
    is_midnight,
    is_shifted,
    split_time,
)

__all__ = ["MONTHS", "DateColumn", "DateOrder", "date_of_serial", "is_written_date", "iso_day", "read_date"]

DateOrder = Literal["dmy", "mdy"]

MIN_DECISIVE: Final = 2
MIN_DECISIVE_SHARE: Final = 0.1
"""In a column of real dates, six in ten are decisive; a single decisive date among many is probably a typo."""

MIN_SERIALS: Final = 3
"""Minimum number of serials in a column without any date before it is treated as a date column."""

_LEAP_SERIAL: Final = 60
"""The serial of 29 February 1900, which did not exist; spreadsheets keep it for compatibility."""

_EPOCH: Final = date(1899, 12, 30)
_EPOCH_BEFORE_LEAP: Final = date(1899, 12, 31)
_EPOCH_1904: Final = date(1904, 1, 1)
SECONDS_PER_DAY: Final = 86_400

_MAX_SERIAL: Final = 2_958_465
"""31 December 9999."""

_PLAIN: Final = re.compile(r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?")
_YEAR_FIRST: Final = re.compile(r"([0-9]{4})(?:([-/. ])([0-9]{1,2})\2([0-9]{1,2})|([0-9]{2})([0-9]{2}))")
_YEAR_LAST: Final = re.compile(r"([0-9]{1,2})([-/. ])([0-9]{1,2})(?:\2| |(?<=/[0-9])-|(?<=/[0-9][0-9])-)([0-9]{4})")
"""Also `13/7 2011` and `13/7-2011`, as people write by hand."""
_MONTH_OF_YEAR: Final = re.compile(r"(?P<y>[0-9]{4})[-/](?P<m>[0-9]{1,2})|(?P<m2>[0-9]{1,2})[-/](?P<y2>[0-9]{4})")
_MONTH_NAME_YEAR: Final = re.compile(r"([^\W\d_]{3,9})\.?,?[ -]([0-9]{4})|([0-9]{4})[ -]([^\W\d_]{3,9})")
_NO_DAY: Final = re.compile(r"([0-9]{4})-(?:([0-9]{2})-)?(?:XX|xx|\?\?|--|__|\*\*)(?:-(?:XX|xx|\?\?|--|__|\*\*))?")
"""A month or a year, with signs for what is not known: `2009-05-XX`, `2009-??-??`."""
_TWO_DIGITS: Final = re.compile(r"[0-9]{2}([-/. ]?)[0-9]{2}\1[0-9]{2}|[0-9]{1,2}([-/.])[0-9]{1,2}\2[0-9]{2}")
_SERIAL: Final = re.compile(r"([1-9][0-9]{4})(?:[.,][0-9]+)?")
_WHOLE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DAY_MONTH_NAME: Final = re.compile(
    r"(?:den )?([0-9]{1,2})[.:]?(?:st|nd|rd|th|e|a)?[ /-]([^\W\d_]{3,9})\.?,?[ /-]([0-9]{4})"
)
_ABOUT_YEAR: Final = re.compile(r"[0-9]{4}(?:~[0-9]?|±[0-9])")
_MONTH_NAME_DAY: Final = re.compile(r"([^\W\d_]{3,9})\.? ([0-9]{1,2})(?:st|nd|rd|th)?,? ([0-9]{4})")

MONTHS: Final = {
    name[:length]: month
    for month, names in enumerate(
        (
            "januari january",
            "februari february",
            "mars march",
            "april",
            "maj may",
            "juni june",
            "juli july",
            "augusti august",
            "september sept",
            "oktober october",
            "november",
            "december",
        ),
        start=1,
    )
    for name in names.split()
    for length in (3, len(name))
}
"""The number of each month by its names, in lower case, and their first three letters."""


@dataclass(slots=True)
class DateColumn:
    """Evidence on how the dates of one column are written.

    Attributes:
        forms: Number of values by form.
        n_day_first: Dates with the year last whose first part cannot be a month.
        n_month_first: Dates with the year last whose second part cannot be a month.
        n_open: Dates with the year last for which both orders are possible and differ.
        ordered: The order set by the user, or None.
        epoch_1904: Whether the workbook counts days from 1904; None if the input is not a workbook.
        born: Whether these are birth dates.
        last: The last day that has been, or None if that is not asked.
        clock: Evidence from the times beside the dates.
    """

    forms: dict[str, int] = field(default_factory=dict)
    n_day_first: int = 0
    n_month_first: int = 0
    n_open: int = 0
    ordered: DateOrder | None = None
    epoch_1904: bool | None = None
    born: bool = False
    last: date | None = None
    clock: Clock = field(default_factory=Clock)

    def add(self, text: str) -> None:
        """Count one value that is not blank."""
        bare, moment = split_time(plain(text))
        form = _form(bare)
        self.forms[form] = self.forms.get(form, 0) + 1
        if moment is not None:
            day = _day(_by_form(bare, form, None)[0])
            if day is not None:
                self.clock.add(day, moment)
        if form == "year last":
            match = _YEAR_LAST.fullmatch(bare)
            assert match is not None, "the form says so"
            first, second = int(match[1]), int(match[3])
            self.n_day_first += first > 12 >= second
            self.n_month_first += second > 12 >= first
            self.n_open += first != second and max(first, second) <= 12

    def form_alone(self, text: str) -> str | None:
        """Return the form of a value that is evidence by its form alone; None if `add` must look at it.

        Args:
            text: The value, not blank.
        """
        bare, moment = split_time(plain(text))
        form = _form(bare)
        return None if moment is not None or form == "year last" else form

    @property
    def order(self) -> DateOrder | None:
        """Order of day and month in dates with the year last, as set or inferred from the column; otherwise None."""
        if self.ordered is not None:
            return self.ordered
        decisive = self.n_day_first + self.n_month_first
        if decisive < MIN_DECISIVE or decisive < MIN_DECISIVE_SHARE * (decisive + self.n_open):
            return None
        if self.n_day_first and self.n_month_first:
            return None
        return "dmy" if self.n_day_first else "mdy"

    @property
    def restores_serials(self) -> bool:
        """Whether day numbers in the column are certainly dates: a column of a workbook with only dates beside them."""
        n_serial, n_iso = self.forms.get("serial", 0), self.forms.get("year first", 0)
        alone = n_serial + n_iso == sum(self.forms.values())
        return self.epoch_1904 is not None and alone and (n_iso > 0 or n_serial >= MIN_SERIALS)


def read_date(text: str, column: DateColumn) -> tuple[str, str | None]:
    """Convert a date to `YYYY-MM-DD`, if the evidence from its column allows it.

    Args:
        text: A value of the column that is not blank.
        column: Evidence from all values of the column.

    Returns:
        The date and None; the date and the rule by which it was found: `damage.serial_restored` for a day number,
        `date.unix_time` for a number of seconds, `date.time_zone` if its time makes it the day after; a birth date
        after today and `birth_date.future`; or the text as it came and the rule that makes it unusable: `date.order`,
        `date.two_digit_year`, `date.time_unclear`, `damage.serial` or `date.future`. A text in no known form is
        returned unchanged with None.
    """
    found, rule = _read(text, column)
    if column.last is None or not is_after(found, column.last):
        return found, rule
    if not column.born:
        return text, "date.future"
    # A birth in 9999 is no slip, but what a program writes for none: the reader of birth dates says so.
    return found, rule if _is_none(found) else BORN_LATER


def _is_none(text: str) -> bool:
    """Return whether this is a birth date that programs use for none."""
    try:
        read_birth_date(text)
    except FieldError as error:
        return error.rule == "birth_date.placeholder"
    return False


def _read(text: str, column: DateColumn) -> tuple[str, str | None]:
    bare, moment = split_time(plain(text))
    if _PLAIN.fullmatch(bare) and moment is None:
        return bare, None
    if is_counted(bare):
        return _counted(bare, column, text)
    form = _form(bare)
    if form == "serial":
        return _serial(text, float(bare.replace(",", ".")), column)
    found, rule = _by_form(bare, form, column.order)
    if rule is None and moment is None:
        return found, None
    day = _day(found)
    if rule is not None or moment is None or day is None:
        return (found if rule is None and _WHOLE.fullmatch(found) else text), rule
    return _at(day, moment, column, text)


def is_written_date(text: str) -> bool:
    """Return whether a text is certainly a date in a form that only people write: `13 juli 2011`, `13/7 2011`.

    Args:
        text: The text, trimmed.
    """
    match = _YEAR_LAST.fullmatch(text)
    of_year = match is not None and max(int(match[1]), int(match[3])) <= 31 and min(int(match[1]), int(match[3])) <= 12
    return of_year or _month_name(text) is not None or _month_of_year(text) is not None


def date_of_serial(serial: float, *, epoch_1904: bool) -> str | None:
    """Return the date that a spreadsheet shows for a day number.

    Args:
        serial: The number; its fraction, the time of day, is dropped.
        epoch_1904: Whether days are counted from 1 January 1904, as on old Macintosh computers, rather than 1900.

    Returns:
        The date, or None for a time without a date, 29 February 1900, or a serial out of range.
    """
    if not 0 <= serial <= _MAX_SERIAL:
        return None
    days = int(serial)
    if epoch_1904:
        return (_EPOCH_1904 + timedelta(days=min(days, _MAX_SERIAL - 1462))).isoformat()
    if days in {0, _LEAP_SERIAL}:
        return None
    return ((_EPOCH if days > _LEAP_SERIAL else _EPOCH_BEFORE_LEAP) + timedelta(days=days)).isoformat()


def _form(text: str) -> str:
    """Classify a date by its form, without reading it."""
    if _PLAIN.fullmatch(text):
        return {4: "year", 7: "year and month"}.get(len(text), "year first")
    if _ABOUT_YEAR.fullmatch(text):
        return "about a year"
    if _SERIAL.fullmatch(text):
        return "serial"
    if _TWO_DIGITS.fullmatch(text):
        return "two-digit year"
    if _YEAR_LAST.fullmatch(text):
        return "year last"
    if _YEAR_FIRST.fullmatch(text):
        return "year first"
    if _month_name(text):
        return "month name"
    return "year and month" if _month_of_year(text) or _known_part(text) else "other"


def _counted(bare: str, column: DateColumn, text: str) -> tuple[str, str | None]:
    """Convert a moment counted from 1970, if it says that it is one, or is a midnight."""
    found = from_epoch(bare)
    if found is None:
        return text, None
    instant, said = found
    moment = TimeOfDay(instant.hour * 3600 + instant.minute * 60 + instant.second, 0)
    if not said and (instant.microsecond or not is_midnight(instant.date(), moment)):
        return text, None
    day, rule = _at(instant.date(), moment, column, text)
    return day, "date.unix_time" if rule in {None, "date.time_zone"} else rule


def _serial(text: str, serial: float, column: DateColumn) -> tuple[str, str | None]:
    """Convert a day number, if its column shows that it is one."""
    found = date_of_serial(serial, epoch_1904=bool(column.epoch_1904))
    if not column.restores_serials or found is None:
        return text, "damage.serial"
    moment = TimeOfDay(round(serial % 1 * SECONDS_PER_DAY) % SECONDS_PER_DAY)
    found, rule = _at(date.fromisoformat(found), moment, column, text)
    return found, rule or "damage.serial_restored"


def _at(day: date, moment: TimeOfDay, column: DateColumn, text: str) -> tuple[str, str | None]:
    """Return the day in Sweden of a date with a time, and the rule if it is another than written."""
    if not MIN_YEAR <= day.year <= MAX_YEAR:
        return day.isoformat(), None
    if moment.offset is None:
        if not column.clock.is_utc:
            # A birth has no time, while an event may well be at eleven in the evening.
            doubtful = is_late(moment) if column.born else is_shifted(day, moment) and not column.clock.n_other
            return (text, "date.time_unclear") if doubtful else (day.isoformat(), None)
        moment = TimeOfDay(moment.seconds, 0)
    meant = day_in_sweden(day, moment, born=column.born)
    if meant is None:
        return text, "date.time_unclear"
    return meant.isoformat(), "date.time_zone" if meant != day else None


def _day(text: str) -> date | None:
    """Return the day written as `YYYY-MM-DD`, or None."""
    try:
        return date.fromisoformat(text) if _WHOLE.fullmatch(text) else None
    except ValueError:
        return None


def _by_form(bare: str, form: str, order: DateOrder | None) -> tuple[str, str | None]:
    """Convert a date without a time; return it as it came if no day has that form."""
    if form == "year first":
        return _year_first(bare), None
    if form == "year last":
        return _year_last(bare, order)
    if form == "month name":
        return _month_name(bare) or bare, None
    if form == "year and month":
        return _month_of_year(bare) or _known_part(bare) or bare, None
    return bare, "date.two_digit_year" if form == "two-digit year" else None


def _year_first(text: str) -> str:
    match = _YEAR_FIRST.fullmatch(text)
    if match is None:
        return text
    return iso_day(match[1], match[3] or match[5], match[4] or match[6]) or text


def _year_last(text: str, order: DateOrder | None) -> tuple[str, str | None]:
    match = _YEAR_LAST.fullmatch(text)
    assert match is not None, "the form says so"
    first, second, year = match[1], match[3], match[4]
    # A part above 12 is the day, whatever the other values of the column show.
    if int(first) > 12 or first == second:
        return iso_day(year, second, first) or text, None
    if int(second) > 12:
        return iso_day(year, first, second) or text, None
    if order is None:
        return text, "date.order"
    day, month = (first, second) if order == "dmy" else (second, first)
    return iso_day(year, month, day) or text, None


def _month_name(text: str) -> str | None:
    words = text.casefold()
    match = _DAY_MONTH_NAME.fullmatch(words)
    if match is not None and match[2] in MONTHS:
        return iso_day(match[3], str(MONTHS[match[2]]), match[1])
    match = _MONTH_NAME_DAY.fullmatch(words)
    if match is not None and match[1] in MONTHS:
        return iso_day(match[3], str(MONTHS[match[1]]), match[2])
    return None


def _month_of_year(text: str) -> str | None:
    """Return a month as `YYYY-MM`, by its number or its name; None for anything else."""
    match = _MONTH_OF_YEAR.fullmatch(text)
    if match is not None:
        found = iso_day(match["y"] or match["y2"], match["m"] or match["m2"], "0")
        # Month 00 would be a year without a month, which is written as such.
        return found[:7] if found is not None and not found.endswith("-00-00") else None
    match = _MONTH_NAME_YEAR.fullmatch(text.casefold())
    name, year = ("", "") if match is None else (match[1] or match[4], match[2] or match[3])
    return f"{year}-{MONTHS[name]:02d}" if name in MONTHS and MIN_YEAR <= int(year) <= MAX_YEAR else None


def _known_part(text: str) -> str | None:
    """Return the month or year of a date with signs for what is not known; None for anything else."""
    match = _NO_DAY.fullmatch(text)
    found = None if match is None else iso_day(match[1], match[2] or "0", "0")
    return None if match is None or found is None else found[:7] if match[2] else found[:4]


def iso_day(year: str, month: str, day: str) -> str | None:
    """Return a date as `YYYY-MM-DD`, or None if there is no such day.

    Args:
        year: The year, in digits.
        month: The month, 0 if it is not known.
        day: The day, likewise; both are kept as 00.
    """
    y, m, d = int(year), int(month), int(day)
    if not MIN_YEAR <= y <= MAX_YEAR or m > 12 or d > (monthrange(y, m)[1] if m else 31):
        return None
    return f"{y:04d}-{m:02d}-{d:02d}"
