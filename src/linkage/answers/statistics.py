"""Counts of what a registry holds: records, unique persons, overlap between reporters, and who has reported.

These figures are for the people who run the registry and must not be published: small counts are not suppressed, such
as an overlap of two persons between a school and a shelter.

Unique persons are not additive: a person known to several reporters counts once for each of them, but only once for the
registry.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["Overlap", "ReporterCount", "Summary", "coverage", "summarise"]

_COVERAGE: Final = pa.schema(
    [
        pa.field("reporter", pa.string()),
        pa.field("period", pa.string()),
        pa.field("state", pa.string()),
        pa.field("submissions", pa.int64()),
        pa.field("records", pa.int64()),
    ]
)

MAX_GAP_YEARS: Final = 10
"""Longest time for which a reporter counts as silent although nobody else has reported either."""

_MONTHS_A_YEAR: Final = 12
# A period is a year or a month; its length shows which.
_LENGTHS: Final = (len("YYYY"), len("YYYY-MM"))


@dataclass(frozen=True, slots=True)
class ReporterCount:
    """Numbers of records and persons of one reporter."""

    reporter: str
    records: int
    persons: int


@dataclass(frozen=True, slots=True)
class Overlap:
    """Number of persons known to both of two reporters; `reporter_a` sorts before `reporter_b`."""

    reporter_a: str
    reporter_b: str
    persons: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Counts of what a registry holds.

    Attributes:
        records: Number of current records.
        unlinked: Number of current records without a person, because they arrived after the last run.
        persons: Number of unique persons of the last run.
        persons_by_reporters: Pairs (number of reporters, number of persons known to exactly that many), ascending.
        reporters: Records and persons of each reporter, sorted by code.
        overlap: Persons known to both of two reporters; pairs without a common person are left out.
        links: Number of pairs that the last run linked.
        review: Number of pairs that the last run left for clerical review.
        quarantined: Number of rows in quarantine.
        key_id: The key id that submissions must have, or None until one is fixed.
        key_id_fixed_by: "option" (given when the registry was created), "first submission", or None.
        last_run: End of the last run (UTC, ISO 8601), or None before the first.
    """

    records: int
    unlinked: int
    persons: int
    persons_by_reporters: tuple[tuple[int, int], ...]
    reporters: tuple[ReporterCount, ...]
    overlap: tuple[Overlap, ...]
    links: int
    review: int
    quarantined: int
    key_id: str | None
    key_id_fixed_by: str | None
    last_run: str | None

    def overlap_between(self, reporter_a: str, reporter_b: str) -> int:
        """Return the number of persons known to both reporters; if they are the same, the number of its persons."""
        if reporter_a == reporter_b:
            return next((row.persons for row in self.reporters if row.reporter == reporter_a), 0)
        pair = tuple(sorted((reporter_a, reporter_b)))
        return next((row.persons for row in self.overlap if (row.reporter_a, row.reporter_b) == pair), 0)

    def to_dict(self) -> dict[str, Any]:
        """Return the summary as plain lists, strings and numbers, as `linkage summary --json` prints it."""
        result = asdict(self)
        counts = [{"reporters": n, "persons": persons} for n, persons in self.persons_by_reporters]
        result["persons_by_reporters"] = counts
        result["reporters"] = list(result["reporters"])
        result["overlap"] = list(result["overlap"])
        return result


def summarise(
    records: pa.Table,
    *,
    links: int = 0,
    review: int = 0,
    quarantined: int = 0,
    key_id: str | None = None,
    key_id_fixed_by: str | None = None,
    last_run: str | None = None,
) -> Summary:
    """Count records and unique persons, by reporter and between reporters.

    Args:
        records: One row per current record, columns `reporter` and `person_id` (null if not linked yet).
        links: See `Summary`.
        review: See `Summary`.
        quarantined: See `Summary`.
        key_id: See `Summary`.
        key_id_fixed_by: See `Summary`.
        last_run: See `Summary`.

    Returns:
        The summary, which does not depend on the order of rows.
    """
    known = _known(records)
    persons = known.group_by("person_id").aggregate([("reporter", "count")])
    return Summary(
        records=records.num_rows,
        unlinked=records["person_id"].null_count,
        persons=persons.num_rows,
        persons_by_reporters=tuple(sorted(_count(persons, "reporter_count").items())),
        reporters=_reporters(records, known),
        overlap=_overlap(known),
        links=links,
        review=review,
        quarantined=quarantined,
        key_id=key_id,
        key_id_fixed_by=key_id_fixed_by,
        last_run=last_run,
    )


def _known(records: pa.Table) -> pa.Table:
    """Return the distinct pairs of reporter and person."""
    linked = records.select(["reporter", "person_id"]).filter(pc.is_valid(records["person_id"]))
    return linked.group_by(["reporter", "person_id"]).aggregate([])


def _count(table: pa.Table, column: str) -> dict[Any, int]:
    """Count the rows with each value of a column."""
    counted = pc.value_counts(table[column])
    return {entry["values"].as_py(): entry["counts"].as_py() for entry in counted}


def _reporters(records: pa.Table, known: pa.Table) -> tuple[ReporterCount, ...]:
    """Count the records and persons of each reporter."""
    persons = _count(known, "reporter")
    counts = sorted(_count(records, "reporter").items())
    return tuple(ReporterCount(reporter, n, persons.get(reporter, 0)) for reporter, n in counts)


def _overlap(known: pa.Table) -> tuple[Overlap, ...]:
    """Count the persons that each two reporters share, by joining the pairs of reporter and person with themselves."""
    other = known.rename_columns({"reporter": "reporter_b"})
    both = known.rename_columns({"reporter": "reporter_a"}).join(other, "person_id", join_type="inner")
    both = both.filter(pc.less(both["reporter_a"], both["reporter_b"]))
    counted = both.group_by(["reporter_a", "reporter_b"]).aggregate([("person_id", "count")])
    rows = zip(*(counted[name].to_pylist() for name in ("reporter_a", "reporter_b", "person_id_count")), strict=True)
    return tuple(Overlap(a, b, n) for a, b, n in sorted(rows))


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
    """Return the row of one reporter and period; None stands for totals."""
    records = max((n or 0 for n in n_records), default=0)
    without = "silent" if not n_records else "totals" if None in n_records else "zero"
    state = "reported" if records else without
    return {"reporter": reporter, "period": period, "state": state, "submissions": len(n_records), "records": records}
