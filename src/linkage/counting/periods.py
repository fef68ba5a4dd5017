"""Spans of time that a table is about, and dates that are known to the day, the month or the year only."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import MINYEAR, date
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from linkage.errors import SettingsError

__all__ = ["NO_DAY", "Period", "day_spans", "parse_period"]

NO_DAY: Final = np.int64(1 << 40)
"""Stands for a missing date, later than every day."""

FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2199
"""Years that a table may be about; a mistyped one would otherwise make a column for each year of centuries."""

_ONE: Final = re.compile(r"([0-9]{4})(?:-(0[1-9]|1[0-2]))?")
_DECEMBER: Final = 12


@dataclass(frozen=True, slots=True)
class Period:
    """A span of whole months.

    Attributes:
        text: How it was written, such as `2024..2026`.
        first: Its first day.
        last: Its last day.
    """

    text: str
    first: date
    last: date

    @property
    def years(self) -> tuple[Period, ...]:
        """The parts of it that lie in one calendar year each, in order."""
        return tuple(self._in_year(year) for year in range(self.first.year, self.last.year + 1))

    def _in_year(self, year: int) -> Period:
        first, last = max(self.first, date(year, 1, 1)), min(self.last, date(year, _DECEMBER, 31))
        return Period(f"{year:04d}", first, last)

    def overlaps(self, period: str) -> bool:
        """Return whether a reporting period, `YYYY` or `YYYY-MM`, has a day in common with it."""
        # As text: a reporter may have sent any year, also one that no table may be about.
        first, last = (period if "-" in period else f"{period}-{month}" for month in ("01", "12"))
        months = len("YYYY-MM")
        return first <= self.last.isoformat()[:months] and self.first.isoformat()[:months] <= last


def parse_period(text: str) -> Period:
    """Read a period: a year, a month, or two of them with two points between.

    Args:
        text: Such as `2026`, `2026-03`, `2024..2026` or `2024-07..2026-06`.

    Returns:
        The period; both ends belong to it.

    Raises:
        SettingsError: `table.period` for another form, a year out of range, or an end before the beginning.

    Examples:
        >>> parse_period("2024..2025-06").last
        datetime.date(2025, 6, 30)
    """
    parts = text.split("..")
    found = [_ONE.fullmatch(part) for part in parts]
    if len(parts) <= len(("first", "last")) and all(found):
        ends = [(int(one[1]), int(one[2]) if one[2] else None) for one in found if one is not None]
        (first_year, first_month), (last_year, last_month) = ends[0], ends[-1]
        after = (last_year, last_month or _DECEMBER)
        in_order = (first_year, first_month or 1) <= after
        if in_order and first_year >= FIRST_YEAR and last_year <= LAST_YEAR:
            return Period(text, date(first_year, first_month or 1, 1), _last_day(*after))
    raise SettingsError(
        "table.period",
        "The period is not a year, a month or a span of these from 1900 to 2199, or it ends before it begins.",
        hint="Write 2026, 2026-03 or 2024..2026.",
    )


def _last_day(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def day_spans(dates: pa.ChunkedArray) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the first and the last day that each date may mean.

    Args:
        dates: `(n,)` texts `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, or null.

    Returns:
        Two arrays `(n,) int64` of proleptic Gregorian ordinals, as `date.toordinal` gives; `NO_DAY` where there is
        no date.
    """
    encoded = pc.dictionary_encode(dates.combine_chunks() if isinstance(dates, pa.ChunkedArray) else dates)
    spans = np.array([_span(text) for text in encoded.dictionary.to_pylist()] or [(0, 0)], np.int64)
    index = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    missing = index < 0
    first, last = (spans[np.where(missing, 0, index), side] for side in (0, 1))
    return np.where(missing, NO_DAY, first), np.where(missing, NO_DAY, last)


def _span(text: str) -> tuple[int, int]:
    if len(text) > len("YYYY-MM"):
        day = date.fromisoformat(text).toordinal()
        return day, day
    year, _, month = text.partition("-")
    # The year 0 has no ordinal.
    number = max(int(year), MINYEAR)
    return date(number, int(month or 1), 1).toordinal(), _last_day(number, int(month or _DECEMBER)).toordinal()
