"""Coverage: who has reported which period, who was silent, and who was never heard of.

A total is only meaningful if it is known who did not report.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any, Final

import pyarrow as pa

__all__ = ["coverage", "roster_coverage"]

_COVERAGE: Final = pa.schema(
    [
        pa.field("reporter", pa.string()),
        pa.field("period", pa.string()),
        pa.field("state", pa.string()),
        pa.field("submissions", pa.int64()),
        pa.field("records", pa.int64()),
    ]
)

_ROSTER_COVERAGE: Final = pa.schema(
    [
        pa.field("reporter", pa.string()),
        pa.field("kind", pa.string()),
        pa.field("county", pa.string()),
        pa.field("period", pa.string()),
        pa.field("state", pa.string()),
        pa.field("due", pa.string()),
        pa.field("received_at", pa.string()),
        pa.field("submissions", pa.int64()),
        pa.field("records", pa.int64()),
    ]
)

MAX_GAP_YEARS: Final = 10
"""Longest time for which a reporter counts as silent although nobody else has reported either."""

_MONTHS_A_YEAR: Final = 12
# A period is a year or a month; its length shows which.
_LENGTHS: Final = (len("YYYY"), len("YYYY-MM"))


def coverage(submissions: pa.Table, *, through: str | None = None) -> pa.Table:
    """Return for each reporter and period whether it reported, reported nothing, or was silent.

    A total is only meaningful if it is known who did not report. A reporter that reports by the year is not silent in
    the months: each reporter is expected in every period of the lengths that it has used itself, from the first period
    that any reporter has sent to the last (or to `through`). Where nobody has sent any period of a length for more than
    ten years, nobody was expected: one mistyped year would otherwise make every reporter silent for centuries.

    Args:
        submissions: Columns `reporter`, `period` (`YYYY`, `YYYY-MM` or null) and `n_records`; one row per accepted
            submission, and one with null for `n_records` per totals file.
        through: The last period to expect, even if no reporter has sent it yet; a year or a month.

    Returns:
        Columns `reporter`, `period`, `state` (`reported`, `zero`, `totals` or `silent`), `submissions` (number of
        files) and `records` (of the largest submission, because a reporter may resend a period), sorted by reporter
        and period. `totals` says that there are totals for the period, but no record.
        The row for submissions without a period has a null period and is the last of its reporter.
    """
    sent: dict[str, dict[str | None, list[int | None]]] = {}
    for reporter, period, n_records in zip(
        *(submissions[name].to_pylist() for name in ("reporter", "period", "n_records")), strict=True
    ):
        sent.setdefault(reporter, {}).setdefault(period, []).append(n_records)
    rows = [
        _coverage_row(reporter, period, sent[reporter].get(period, [])) for reporter, period in _expected(sent, through)
    ]
    return pa.Table.from_pylist(rows, schema=_COVERAGE)


def _expected(sent: Mapping[str, Collection[str | None]], through: str | None) -> Iterator[tuple[str, str | None]]:
    """Yield the reporter and period of each row of the coverage table."""
    periods = [period for own in sent.values() for period in own if period]
    calendar = {n: _calendar([period for period in periods if len(period) == n], through) for n in _LENGTHS}
    for reporter, own in sorted(sent.items()):
        lengths = {len(period) for period in own if period}
        yield from ((reporter, period) for period in sorted(p for n in lengths for p in calendar[n]))
        if None in own:
            yield reporter, None


def _calendar(periods: list[str], through: str | None) -> list[str]:
    """Return all periods from the first to the last of some periods of equal length, without the longest gaps."""
    if not periods:
        return []
    if through:
        # For months, a year means its last month; for years, a month means its year.
        last = through if len(through) > _LENGTHS[0] else f"{through}-{_MONTHS_A_YEAR}"
        periods = [*periods, max(max(periods), last[: len(periods[0])])]
    length = len(periods[0])
    longest = MAX_GAP_YEARS if length == _LENGTHS[0] else MAX_GAP_YEARS * _MONTHS_A_YEAR
    numbers = sorted({_number(period) for period in periods})
    found: list[int] = []
    for one, following in pairwise(numbers):
        found += range(one, following if following - one <= longest else one + 1)
    return [_period(number, length) for number in [*found, numbers[-1]]]


def _number(period: str) -> int:
    """Convert a period to a number of years, or of months since the year 0."""
    year, _, month = period.partition("-")
    return int(year) * _MONTHS_A_YEAR + int(month) - 1 if month else int(year)


def _period(number: int, length: int) -> str:
    """Convert a number of years or months to a period of the given length."""
    if length == _LENGTHS[0]:
        return f"{number:04d}"
    year, month = divmod(number, _MONTHS_A_YEAR)
    return f"{year:04d}-{month + 1:02d}"


def _coverage_row(reporter: str, period: str | None, n_records: list[int | None]) -> dict[str, Any]:
    """Return the row of one reporter and period."""
    records = max((n or 0 for n in n_records), default=0)
    state = _answered(n_records) if n_records else "silent"
    return {"reporter": reporter, "period": period, "state": state, "submissions": len(n_records), "records": records}


def _answered(n_records: Sequence[int | None]) -> str:
    """Return the state of a period for which files came, by their numbers of records; None stands for totals."""
    return "reported" if any(n_records) else "totals" if None in n_records else "zero"


_Sent = tuple[str, int | None]
"""Of one file, the time of receipt and the number of records; None for totals."""

_SentByPeriod = dict[str | None, list[_Sent]]


def roster_coverage(submissions: pa.Table, expected: pa.Table, held_back: pa.Table, *, today: date) -> pa.Table:
    """Return what has come of each period that a roster expects, and what came unexpected.

    A file for a whole year answers for its months, and twelve months for their year.

    Args:
        submissions: Columns `reporter`, `period`, `n_records` and `received_at`; one row per accepted submission, and
            one with null for `n_records` per totals file.
        expected: Columns `reporter`, `kind`, `county`, `period` and `due` (a date), and for each reporter on the roster
            a row with a null period.
        held_back: Columns `reporter`, `period` and `held_at`; one row per file that waits for a decision.
        today: The day by which deadlines are judged.

    Returns:
        Columns `reporter`, `kind`, `county`, `period`, `state`, `due`, `received_at` (of the first submission),
        `submissions` and `records` (as in `coverage`), sorted by reporter and period, periods that are null last.
        The states of an expected period: `reported`, `zero` or `totals` if it came in time, `late` if it came later; if
        nothing came, `due` until the deadline, then `silent`, or `never` for a reporter that has never sent anything.
        What was not expected is `reported`, `zero` or `totals` and has no deadline, and what was not accepted is `held
        back`.
    """
    sent: dict[str, _SentByPeriod] = {}
    for reporter, period, *values in _rows(submissions, "reporter", "period", "received_at", "n_records"):
        sent.setdefault(reporter, {}).setdefault(period, []).append((values[0], values[1]))
    bodies: dict[str, tuple[Any, Any]] = {}
    rows: dict[tuple[str, str | None], dict[str, Any]] = {}
    for reporter, kind, county, period, due in _rows(expected, *expected.column_names):
        if period is None:
            bodies[reporter] = (kind, county)
            continue
        own = sent.get(reporter, {})
        state = _state(_answers(own, period), due, today=today, heard_of=bool(own))
        said = {"kind": kind, "county": county, "state": state, "due": due.isoformat()}
        rows[reporter, period] = said | _received(own.get(period, []), _answers(own, period))
    for reporter, periods in sent.items():
        for period, files in periods.items():
            kind, county = bodies.get(reporter, (None, None))
            state = _answered([n for _, n in files])
            rows.setdefault(
                (reporter, period), {"kind": kind, "county": county, "state": state} | _received(files, files)
            )
    table = [{"reporter": reporter, "period": period, **row} for (reporter, period), row in rows.items()]
    table += _held_rows(held_back, bodies)
    return pa.Table.from_pylist(sorted(table, key=_place), schema=_ROSTER_COVERAGE)


def _rows(table: pa.Table, *names: str) -> Iterator[tuple[Any, ...]]:
    return zip(*(table[name].to_pylist() for name in names), strict=True)


def _answers(own: Mapping[str | None, Sequence[_Sent]], period: str) -> list[_Sent]:
    """Return the submissions that answer for a period, in the order of their receipt; none if only a part came."""
    found = [*own.get(period, [])]
    if "-" in period:
        found += own.get(period[: _LENGTHS[0]], [])
    elif not found:
        months = [own.get(f"{period}-{month:02d}", []) for month in range(1, _MONTHS_A_YEAR + 1)]
        if all(months):
            # The year is there once its last month is.
            at = max(min(at for at, _ in files) for files in months)
            found = [(at, n_records) for files in months for _, n_records in files]
    return sorted(found, key=lambda file: file[0])


def _state(answers: Sequence[_Sent], due: date, *, today: date, heard_of: bool) -> str:
    if not answers:
        return "due" if today <= due else "silent" if heard_of else "never"
    if date.fromisoformat(answers[0][0][: len("YYYY-MM-DD")]) > due:
        return "late"
    return _answered([n_records for _, n_records in answers])


def _received(files: Sequence[_Sent], answers: Sequence[_Sent]) -> dict[str, Any]:
    """Return when a period was first answered, and what was sent for the period itself."""
    return {
        "received_at": answers[0][0] if answers else None,
        "submissions": len(files),
        "records": max((n_records or 0 for _, n_records in files), default=0),
    }


def _held_rows(held_back: pa.Table, bodies: Mapping[str, tuple[Any, Any]]) -> list[dict[str, Any]]:
    """Return a row for each reporter and period of which files are held back."""
    found: dict[tuple[str, str | None], list[str]] = {}
    for reporter, period, held_at in _rows(held_back, "reporter", "period", "held_at"):
        found.setdefault((reporter, period), []).append(held_at)
    rows = []
    for (reporter, period), times in found.items():
        kind, county = bodies.get(reporter, (None, None))
        row = {"reporter": reporter, "kind": kind, "county": county, "period": period, "state": "held back"}
        rows.append(row | {"received_at": min(times), "submissions": len(times), "records": 0})
    return rows


def _place(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return row["reporter"], row["period"] is None, row["period"] or "", row["state"] == "held back"
