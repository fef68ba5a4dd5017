"""Read an input as `encode` would, up to the point where the key is needed, and count the outcome."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from pseudonym.faults import RULES, Fault
from pseudonym.identity.dry_run.columns import ColumnReport, ColumnTally, number_form
from pseudonym.identity.identities import Identity
from pseudonym.identity.reader import (
    InputFile,
    Row,
    SheetSource,
    TableSource,
    base_of,
    is_identity_field,
    read_records,
)
from pseudonym.identity.record import Record
from pseudonym.identity.record_ids import RecordChecker

__all__ = ["DryRun", "dry_run"]

ROW: Final = "row"
"""Shown as the field if a fault concerns the whole row, as `encode` does."""

NO_REPORTER: Final = "check"
"""Placeholder for the reporter's code, which has no influence here: it only separates the numbers of two reporters."""

ReadCase = Callable[[Record, tuple[Identity, ...], int], tuple[tuple[str | None, ...], list[Fault]]]
"""Reads the unencoded columns of a record; only its faults are used."""


@dataclass(frozen=True, slots=True)
class DryRun:
    """How an input is understood, and what encoding it would do.

    Attributes:
        file: The input.
        n_rows: Number of rows, including broken ones.
        n_records: Number of rows that would not be rejected.
        columns: The columns that are read, in file order.
        faults: Number of faults by field (None for a whole row), rule and effect.
        notices: Constant sentences about what was inferred, for the user to check.
    """

    file: InputFile
    n_rows: int
    n_records: int
    columns: tuple[ColumnReport, ...]
    faults: dict[tuple[str | None, str, str], int]
    notices: tuple[str, ...] = ()

    def count(self, effect: str) -> int:
        """Count the faults of one effect: `rejected`, `left out` or `marked`."""
        return sum(count for (_, _, found), count in self.faults.items() if found == effect)

    @property
    def has_identity(self) -> bool:
        """Whether any column tells who a person is."""
        return any(is_identity_field(column.field) for column in self.columns)

    @property
    def n_written(self) -> int:
        """Number of records that `encode` would write; it refuses an input without any."""
        return self.n_records if self.has_identity else 0

    def form(self) -> dict[str, object]:
        """Return how the file was read."""
        source = self.file.source
        if isinstance(source, SheetSource):
            days = "1904" if source.epoch_1904 else "1900"
            found = {"kind": "workbook", "sheet": source.position, "sheets": source.n_sheets, "days_from": days}
        elif isinstance(source, TableSource):
            found = {"kind": "table"}
        else:
            found = {"kind": "text", "encoding": source.charset.name, "delimiter": source.delimiter}
        return {**found, "header_row": source.header_row}

    def as_json(self) -> dict[str, Any]:
        """Return the result as a JSON object."""
        faults = [
            {"field": field, "rule": rule, "effect": effect, "count": n, "meaning": RULES[rule]}
            for (field, rule, effect), n in sorted(((one or ROW, *rest), n) for (one, *rest), n in self.faults.items())
        ]
        return {
            "input": {**self.form(), "bytes": self.file.n_bytes, "rows": self.n_rows},
            "columns": [column.as_json() for column in self.columns],
            "not_read": {
                "count": self.file.columns.n_unused,
                "headers": list(self.file.unused_columns),
                "suggested": dict(self.file.columns.suggested),
            },
            "encode": {
                "records": self.n_written,
                **{effect.replace(" ", "_"): self.count(effect) for effect in ("rejected", "left out", "marked")},
                "faults": faults,
            },
            "notices": list(self.notices),
        }


def dry_run(
    file: InputFile,
    *,
    items: tuple[str, ...],
    read_case: ReadCase,
    reference_date: date,
    keep_empty: bool = False,
    progress: Callable[[int], None] = lambda n_bytes: None,
) -> DryRun:
    """Read an input and count its values and faults.

    Args:
        file: The input.
        items: The items of the codebook in use.
        read_case: Reads the unencoded columns, for their faults.
        reference_date: The day by which the century of a 10-digit number is inferred.
        keep_empty: Whether records without any identity are sent.
        progress: Called with the part of `file.n_bytes` that is done.

    Returns:
        The counts.
    """
    forms = number_form(reference_date)
    tallies = {field: ColumnTally(field, forms) for field in file.fields}
    judge = _Judge(read_case, reference_date, keep_empty=keep_empty)
    found: list[Fault] = []
    n_rows = n_records = 0

    def rows() -> Iterator[Row]:
        nonlocal n_rows
        for row in file.rows(progress):
            n_rows += 1
            _count_row(row, tallies)
            yield row

    counts: Counter[tuple[str | None, str, str]] = Counter()
    for line, record, known in read_records(rows(), items, found, present=tallies.keys(), defaults=file.defaults):
        n_records += judge(record, line, known, found)
        counts.update((fault.field, fault.rule, fault.effect) for fault in found)
        found.clear()
    counts.update((fault.field, fault.rule, fault.effect) for fault in found)
    for (field, rule, effect), count in counts.items():
        if field in tallies:
            tallies[field].rules[rule, effect] += count
    reports = tuple(tally.report(file) for tally in tallies.values())
    return DryRun(file, n_rows, n_records, reports, dict(counts), file.notices)


class _Judge:
    """Check whether a record would be encoded, and collect its faults."""

    def __init__(self, read_case: ReadCase, reference_date: date, *, keep_empty: bool) -> None:
        self._read_case = read_case
        self._check = RecordChecker(reference_date=reference_date, reporter=NO_REPORTER, keep_empty=keep_empty)

    def __call__(self, record: Record, line: int, known: Sequence[Fault], faults: list[Fault]) -> bool:
        identities, found = self._check(record, line, known)
        faults += found
        if identities is None:
            return False
        faults += self._read_case(record, identities, line)[1]
        return True


def _count_row(row: Row, tallies: dict[str, ColumnTally]) -> None:
    """Count the values of a row; a value that the reader left out still counts as filled."""
    types = _several(row.values.get("number_type"))
    filled: set[str] = set()
    for base, value in row.values.items():
        for nth, text in enumerate(_several(value)):
            name = _column(base, nth, tallies)
            if text and name is not None:
                filled.add(name)
                tallies[name].add(text, types[nth] if base == "number" and nth < len(types) else "")
    for fault in row.faults:
        if fault.field is not None and fault.effect == "left out":
            name = _column(base_of(fault.field)[0], base_of(fault.field)[1] - 1, tallies)
            filled |= {name} if name is not None else set()
    for name in filled:
        tallies[name].filled += 1


def _column(base: str, nth: int, tallies: dict[str, ColumnTally]) -> str | None:
    """Return the column of a value: its own, or the one with several values per cell."""
    name = base if nth == 0 else f"{base}_{nth + 1}"
    if name in tallies:
        return name
    return base if base in tallies else None


def _several(value: str | tuple[str, ...] | None) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else (value or "",)
