"""Which periods a roster expects, and when each of them is late."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Final

import pyarrow as pa

from linkage.intake.roster.entry import Entry
from linkage.intake.roster.periods import LAST_YEAR, MONTHS, first_month, last_day, last_month, period_of

__all__ = ["expected_periods", "holds", "terms"]

_SCHEMA: Final = pa.schema(
    [
        pa.field("reporter", pa.string()),
        pa.field("kind", pa.string()),
        pa.field("county", pa.string()),
        pa.field("period", pa.string()),
        pa.field("due", pa.date32()),
    ]
)

_END: Final = (LAST_YEAR + 1) * MONTHS - 1


def terms(entries: Sequence[Entry]) -> Iterator[tuple[Entry, int, int]]:
    """Yield each entry with its first and last month; an entry ends when the next of its reporter begins.

    Args:
        entries: Entries, sorted by reporter and first period.
    """
    for entry, following in pairwise([*entries, None]):
        assert entry is not None  # Only what follows the last one is None.
        end = _END if entry.until_period is None else last_month(entry.until_period)
        if following is not None and following.reporter == entry.reporter:
            end = min(end, following.begins - 1)
        yield entry, entry.begins, end


def holds(entries: Sequence[Entry], period: str) -> bool:
    """Return whether a reporter may send a period: not one that begins after its entry has ended.

    Periods before the first entry are accepted, because a reporter may send what is older than its duty.

    Args:
        entries: The entries of one reporter, sorted by first period.
        period: A month or a year.
    """
    begun = [end for _, begin, end in terms(entries) if begin <= last_month(period)]
    return not begun or begun[-1] >= first_month(period)


def expected_periods(entries: Sequence[Entry], *, today: date, through: str | None = None) -> pa.Table:
    """Return the periods that a roster expects.

    Expected are the months, or years, that lie wholly within an entry and are over today, or are not after `through`.

    Args:
        entries: Entries, sorted by reporter and first period.
        today: The day on which it is asked.
        through: The last period to expect even if it is not over; a month or a year.

    Returns:
        Columns `reporter`, `kind`, `county`, `period` and `due`, the last day on which it is in time. For each reporter
        there is one more row, with a null period: what it is by its last entry.
    """
    over = today.year * MONTHS + today.month - 2
    last = over if through is None else max(over, last_month(through))
    rows: list[dict[str, Any]] = []
    bodies: dict[str, dict[str, Any]] = {}
    for entry, begin, end in terms(entries):
        body = {"reporter": entry.reporter, "kind": entry.kind, "county": entry.county}
        bodies[entry.reporter] = {**body, "period": None, "due": None}
        step = MONTHS if entry.every == "year" else 1
        for month in range(begin, min(end, last) - step + 2, step):
            period = period_of(month, entry.every)
            rows.append({**body, "period": period, "due": last_day(period) + timedelta(days=entry.due_days)})
    return pa.Table.from_pylist([*rows, *bodies.values()], schema=_SCHEMA)
