"""Counts that say what a registry holds: records, unique persons, overlap between bodies, and who has reported.

These are figures for the people who run the registry. Small counts are not suppressed here: an overlap of two persons
between a school and a shelter is such a count, so a summary is not a publication.

Every figure names its unit. Unique persons are not additive: the persons of the bodies sum to more than the persons of
the registry, by just those whom several bodies know.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["COVERAGE", "Overlap", "ReporterCount", "Summary", "coverage", "summarise"]

COVERAGE: Final = pa.schema(
    [
        pa.field("reporter", pa.string()),
        pa.field("period", pa.string()),
        pa.field("state", pa.string()),
        pa.field("submissions", pa.int64()),
        pa.field("records", pa.int64()),
    ]
)

_MONTHS_A_YEAR: Final = 12
# A period is a year or a month, told apart by its length.
_LENGTHS: Final = (len("YYYY"), len("YYYY-MM"))


@dataclass(frozen=True, slots=True)
class ReporterCount:
    """How many records one body has sent, and how many persons they are."""

    reporter: str
    records: int
    persons: int


@dataclass(frozen=True, slots=True)
class Overlap:
    """How many persons two bodies both know; `reporter_a` sorts before `reporter_b`."""

    reporter_a: str
    reporter_b: str
    persons: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a registry holds, in counts.

    Attributes:
        records: Current records.
        unlinked: Those of them that came after the last run, and so have no person yet.
        persons: Unique persons of the last run.
        persons_by_reporters: Pairs (number of reporters, persons known to exactly that many), ascending.
        reporters: Records and persons of each body, by its code.
        overlap: Persons known to both of two bodies; pairs without a common person are left out.
        links: Pairs that the last run decided to be one person.
        review: Pairs that the last run leaves to a person to look at.
        quarantined: Rows that were kept out at intake.
        key_id: The key id that submissions must carry, or None as long as none is fixed.
        key_id_fixed_by: "option" (given when the registry was made), "first submission", or None.
        last_run: Time (UTC, ISO 8601) at which the last run ended, or None before the first.
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
        """Say how many persons two bodies both know, in either order; for one body, its own persons."""
        if reporter_a == reporter_b:
            return next((row.persons for row in self.reporters if row.reporter == reporter_a), 0)
        pair = tuple(sorted((reporter_a, reporter_b)))
        return next((row.persons for row in self.overlap if (row.reporter_a, row.reporter_b) == pair), 0)

    def to_dict(self) -> dict[str, Any]:
        """Turn the summary into plain lists, strings and numbers, as `linkage summary --json` prints it."""
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
    """Count records and unique persons, by body and between bodies.

    Args:
        records: One row a current record, columns `reporter` and `person_id` (null when not linked yet).
        links: Number of pairs decided as one person.
        review: Number of pairs left for review.
        quarantined: Number of rows kept out at intake.
        key_id: See `Summary`.
        key_id_fixed_by: See `Summary`.
        last_run: See `Summary`.

    Returns:
        The summary; independent of the order of rows.
    """
    known = _known(records)
    bodies = known.group_by("person_id").aggregate([("reporter", "count")])
    return Summary(
        records=records.num_rows,
        unlinked=records["person_id"].null_count,
        persons=bodies.num_rows,
        persons_by_reporters=tuple(sorted(_count(bodies, "reporter_count").items())),
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
    """List which body knows which person, each once."""
    linked = records.select(["reporter", "person_id"]).filter(pc.is_valid(records["person_id"]))
    return linked.group_by(["reporter", "person_id"]).aggregate([])


def _count(table: pa.Table, column: str) -> dict[Any, int]:
    """Count the rows of each value of a column."""
    counted = pc.value_counts(table[column])
    return {entry["values"].as_py(): entry["counts"].as_py() for entry in counted}


def _reporters(records: pa.Table, known: pa.Table) -> tuple[ReporterCount, ...]:
    """Count the records and the persons of each body."""
    persons = _count(known, "reporter")
    counts = sorted(_count(records, "reporter").items())
    return tuple(ReporterCount(reporter, n, persons.get(reporter, 0)) for reporter, n in counts)


def _overlap(known: pa.Table) -> tuple[Overlap, ...]:
    """Count the persons of each two bodies by joining the list of who knows whom with itself."""
    other = known.rename_columns({"reporter": "reporter_b"})
    both = known.rename_columns({"reporter": "reporter_a"}).join(other, "person_id", join_type="inner")
    both = both.filter(pc.less(both["reporter_a"], both["reporter_b"]))
    counted = both.group_by(["reporter_a", "reporter_b"]).aggregate([("person_id", "count")])
    rows = zip(*(counted[name].to_pylist() for name in ("reporter_a", "reporter_b", "person_id_count")), strict=True)
    return tuple(Overlap(a, b, n) for a, b, n in sorted(rows))


def coverage(submissions: pa.Table, *, through: str | None = None) -> pa.Table:
    """Say for each body and period whether it reported, sent an empty period, or was silent.

    A total can only be read together with the list of those who did not report. A body that reports by the year is not
    silent in the months: each body is expected in periods of the lengths it has used itself, from the first period that
    any body has sent to the last (or `through`), without gaps.

    Args:
        submissions: Columns `reporter`, `period` (`YYYY`, `YYYY-MM` or null) and `n_records`; one row an accepted
            submission.
        through: Expect periods up to this one, also if nobody has sent it yet; of a month's form for months.

    Returns:
        Columns `reporter`, `period`, `state` (`reported`, `zero` or `silent`), `submissions` (their number) and
        `records` (of the largest of them, since a body may resend a period); sorted by reporter and period. Submissions
        without a period stand in a row with a null period, after the others of the body.
    """
    sent: dict[str, dict[str | None, list[int]]] = {}
    for reporter, period, n_records in zip(
        *(submissions[name].to_pylist() for name in ("reporter", "period", "n_records")), strict=True
    ):
        sent.setdefault(reporter, {}).setdefault(period, []).append(n_records)
    rows = [
        _coverage_row(reporter, period, sent[reporter].get(period, [])) for reporter, period in _expected(sent, through)
    ]
    return pa.Table.from_pylist(rows, schema=COVERAGE)


def _expected(sent: Mapping[str, Collection[str | None]], through: str | None) -> Iterator[tuple[str, str | None]]:
    """List the body and period of every row that coverage has to show."""
    periods = [period for own in sent.values() for period in own if period]
    calendar = {n: _calendar([period for period in periods if len(period) == n], through) for n in _LENGTHS}
    for reporter, own in sorted(sent.items()):
        lengths = {len(period) for period in own if period}
        yield from ((reporter, period) for period in sorted(p for n in lengths for p in calendar[n]))
        if None in own:
            yield reporter, None


def _calendar(periods: list[str], through: str | None) -> list[str]:
    """Fill the gaps between the first and the last of some periods of one length."""
    if not periods:
        return []
    if through:
        # A year means its last month to bodies that report by the month, a month its year to the others.
        last = through if len(through) > _LENGTHS[0] else f"{through}-{_MONTHS_A_YEAR}"
        periods = [*periods, max(max(periods), last[: len(periods[0])])]
    numbers = [_number(period) for period in periods]
    return [_period(number, len(periods[0])) for number in range(min(numbers), max(numbers) + 1)]


def _number(period: str) -> int:
    """Count years, or months from the year 0."""
    year, _, month = period.partition("-")
    return int(year) * _MONTHS_A_YEAR + int(month) - 1 if month else int(year)


def _period(number: int, length: int) -> str:
    """Write a count of years or months as a period of the given length."""
    if length == _LENGTHS[0]:
        return f"{number:04d}"
    year, month = divmod(number, _MONTHS_A_YEAR)
    return f"{year:04d}-{month + 1:02d}"


def _coverage_row(reporter: str, period: str | None, n_records: list[int]) -> dict[str, Any]:
    """Describe one body in one period."""
    records = max(n_records, default=0)
    state = "silent" if not n_records else "reported" if records else "zero"
    return {"reporter": reporter, "period": period, "state": state, "submissions": len(n_records), "records": records}
