"""Counts of what a registry holds: records, unique persons, and overlap between reporters.

These figures are for the people who run the registry and must not be published: small counts are not suppressed, such
as an overlap of two persons between a school and a shelter.

Unique persons are not additive: a person known to several reporters counts once for each of them, but only once for the
registry.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["Overlap", "ReporterCount", "Summary", "summarise"]


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
        review: Number of pairs of records that the last run left for clerical review.
        review_persons: Number of pairs of persons that these are.
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
    review_persons: int
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

    def tables(self) -> dict[str, pa.Table]:
        """Return what has several rows as Arrow tables: `reporters`, `overlap` and `persons_by_reporters`."""
        text, number = pa.string(), pa.int64()
        overlap = [(row.reporter_a, row.reporter_b, row.persons) for row in self.overlap]
        reporters = [(row.reporter, row.records, row.persons) for row in self.reporters]
        return {
            "reporters": _table(reporters, reporter=text, records=number, persons=number),
            "overlap": _table(overlap, reporter_a=text, reporter_b=text, persons=number),
            "persons_by_reporters": _table(self.persons_by_reporters, reporters=number, persons=number),
        }

    def to_dict(self) -> dict[str, Any]:
        """Return the summary as plain lists, strings and numbers, as `linkage summary --json` prints it."""
        result = asdict(self)
        counts = [{"reporters": n, "persons": persons} for n, persons in self.persons_by_reporters]
        result["persons_by_reporters"] = counts
        result["reporters"] = list(result["reporters"])
        result["overlap"] = list(result["overlap"])
        return result


def _table(rows: Sequence[tuple[str | int, ...]], **kinds: pa.DataType) -> pa.Table:
    """Return rows as a table with the given columns, also if there is none."""
    columns = zip(*rows, strict=True) if rows else [()] * len(kinds)
    arrays = (pa.array(values, kind) for values, kind in zip(columns, kinds.values(), strict=True))
    return pa.table(dict(zip(kinds, arrays, strict=True)))


def summarise(
    records: pa.Table,
    *,
    links: int = 0,
    review: int = 0,
    review_persons: int = 0,
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
        review_persons: See `Summary`.
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
        review_persons=review_persons,
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
