"""Reporting periods as spans of months: a month such as `2026-03`, or a year such as `2026`."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Final

__all__ = ["LAST_YEAR", "MONTHS", "first_month", "last_day", "last_month", "normal_period", "period_of"]

MONTHS: Final = 12

FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2099
"""Years that a roster may name; a mistyped one would otherwise make a reporter silent for centuries."""

_PERIOD: Final = re.compile(r"([0-9]{4})(?:-(0[1-9]|1[0-2]))?")


def first_month(period: str) -> int:
    """Return the first month of a period, counted from the year 0."""
    year, _, month = period.partition("-")
    return int(year) * MONTHS + (int(month) - 1 if month else 0)


def last_month(period: str) -> int:
    """Return the last month of a period, counted from the year 0."""
    return first_month(period) + (0 if "-" in period else MONTHS - 1)


def last_day(period: str) -> date:
    """Return the last day of a period."""
    year, month = divmod(last_month(period) + 1, MONTHS)
    return date(year, month + 1, 1) - timedelta(days=1)


def period_of(month: int, every: str) -> str:
    """Return the period, a `month` or a `year`, that has a month.

    Args:
        month: The month, counted from the year 0.
        every: `month` or `year`.
    """
    year, rest = divmod(month, MONTHS)
    return f"{year:04d}" if every == "year" else f"{year:04d}-{rest + 1:02d}"


def normal_period(text: str, every: str, *, last: bool = False) -> str | None:
    """Return a period of a roster in the form of its reporter, or None if it is none.

    Args:
        text: A month, or a year. Where a reporter reports by the month, a year means its first or last month.
        every: How often the reporter reports, `month` or `year`.
        last: Whether it is the last period, and not the first.

    Returns:
        `YYYY-MM` or `YYYY`; None for another form, a year out of range, or a month where years are expected.

    Examples:
        >>> normal_period("2026", "month"), normal_period("2026", "month", last=True), normal_period("2026-03", "year")
        ('2026-01', '2026-12', None)
    """
    match = _PERIOD.fullmatch(text)
    if match is None or not FIRST_YEAR <= int(match[1]) <= LAST_YEAR:
        return None
    if every == "year":
        return None if match[2] else text
    return period_of(last_month(text) if last else first_month(text), "month")
