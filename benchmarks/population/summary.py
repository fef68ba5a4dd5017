"""A summary of a population: counts gathered block by block and shown at the end, as tables and plots."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.population.desk import FLAGS
from benchmarks.population.households import YEAR_DAYS
from benchmarks.population.numbers import is_samordning
from benchmarks.population.people import Population
from benchmarks.population.reports import Reports

__all__ = ["AGE_STEP", "Summary"]

AGE_STEP: Final = 5
_MOST_RECORDS: Final = 41
_PLAIN: Final[Any] = {"box": None, "padding": (0, 2, 0, 0), "title_justify": "left"}
# Columns that every record has; their fill is not worth showing.
_ALWAYS: Final = frozenset(
    {"record_id", "report_id", "case_id", "report_date", "discovered_on", "status", "case_state"}
)

Ints = NDArray[np.int64]


@dataclass(slots=True, eq=False)
class Summary:
    """Counts over all blocks; its size does not grow with their number.

    Attributes:
        persons: Persons.
        households: Households.
        twins: Persons with a twin.
        pyramid: (21, 2) women and men by five-year age group.
        numbers: Persons by type of their present number.
        beyond_test_range: Numbers with a serial outside the range reserved for tests.
        records: Records by reporter.
        known: Persons by reporter.
        filled: Records with a value, by reporter and column.
        written: Records by the type of the value in `number`.
        errors: Records by error.
        overlap: (b, b) persons known to both of two reporters.
        per_person: (41,) persons by number of records; the last entry counts all with more.
        per_reporters: Persons by number of reporters that know them, including none.
    """

    persons: int = 0
    households: int = 0
    twins: int = 0
    pyramid: Ints = field(default_factory=lambda: np.zeros((21, 2), dtype=np.int64))
    numbers: Counter[str] = field(default_factory=Counter)
    beyond_test_range: int = 0
    records: dict[str, int] = field(default_factory=dict)
    known: dict[str, int] = field(default_factory=dict)
    filled: dict[str, Counter[str]] = field(default_factory=dict)
    written: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    overlap: Ints = field(default_factory=lambda: np.zeros((0, 0), dtype=np.int64))
    per_person: Ints = field(default_factory=lambda: np.zeros(_MOST_RECORDS, dtype=np.int64))
    per_reporters: Counter[int] = field(default_factory=Counter)

    def add(self, population: Population, reports: Mapping[str, Reports]) -> None:
        """Count one block."""
        self._add_people(population)
        known = np.zeros((len(reports), len(population)), dtype=np.int64)
        for place, (code, one) in enumerate(reports.items()):
            known[place] = np.bincount(one.person, minlength=len(population))
            self._add_records(code, one)
            self.known[code] = self.known.get(code, 0) + int((known[place] > 0).sum())
        met = known > 0
        overlap = met.astype(np.int64) @ met.T
        self.overlap = self.overlap + overlap if self.overlap.size else overlap
        total = np.minimum(known.sum(axis=0), _MOST_RECORDS - 1)
        self.per_person += np.bincount(total, minlength=_MOST_RECORDS)
        self.per_reporters.update(met.sum(axis=0).tolist())

    def _add_people(self, population: Population) -> None:
        last = np.datetime64(population.rates.reference_date)
        age = ((last - population.birth).astype(np.int64) / YEAR_DAYS).astype(np.int64)
        np.add.at(self.pyramid, (np.clip(age // AGE_STEP, 0, 20), population.sex), 1)
        self.persons += len(population)
        self.households += len(population.households.size)
        self.twins += int(population.twin.sum())
        number = population.ladder.number
        coordinated, there = int(is_samordning(number).sum()), int((number >= 0).sum())
        self.numbers.update(
            personnummer=there - coordinated, samordningsnummer=coordinated, none=len(population) - there
        )
        self.beyond_test_range = population.beyond_test_range

    def _add_records(self, code: str, one: Reports) -> None:
        n = one.table.num_rows
        self.records[code] = self.records.get(code, 0) + n
        filled = self.filled.setdefault(code, Counter())
        for name, column in zip(one.table.column_names, one.table.columns, strict=True):
            filled[name] += n - column.null_count
        for row in one.truth["number_type"].value_counts().to_pylist():
            self.written[row["values"] or "nothing"] += row["counts"]
        for place, flag in enumerate(FLAGS):
            self.errors[flag] += int((one.flags >> place & 1).sum())

    def counts(self) -> dict[str, Any]:
        """Return the counts as JSON types; the member names are part of the format of `parameters.json`."""
        return {
            "persons": self.persons,
            "households": self.households,
            "persons_with_a_twin": self.twins,
            "persons_reported": int(self.per_person[1:].sum()),
            "numbers_beyond_test_range": self.beyond_test_range,
            "persons_by_number": dict(self.numbers),
            "records": dict(self.records),
            "persons_known": dict(self.known),
            "records_by_number_written": dict(sorted(self.written.items())),
            "records_with_error": {flag: self.errors[flag] for flag in FLAGS},
            "persons_by_reporters": {str(n): self.per_reporters[n] for n in sorted(self.per_reporters)},
        }

    def show(self, console: Console) -> None:
        """Print tables of people, records, the fill of columns, and errors."""
        reported, records = int(self.per_person[1:].sum()), sum(self.records.values())
        console.print(
            f"\n{self.persons:,} persons in {self.households:,} households, {self.twins:,} with a twin;"
            f" {reported:,} reported at least once, in {records:,} records."
        )
        self._show_numbers(console)
        table = Table("reporter", "records", "persons", "columns, with the share of records with a value", **_PLAIN)
        for code, n in self.records.items():
            filled = ", ".join(
                f"{name} {count / max(n, 1):.0%}" for name, count in self.filled[code].items() if name not in _ALWAYS
            )
            table.add_row(code, f"{n:,}", f"{self.known[code]:,}", filled)
        console.print(table)
        wrong = ", ".join(f"{flag} {self.errors[flag] / max(records, 1):.2%}" for flag in FLAGS if self.errors[flag])
        console.print(f"\nRecords with an error, by type: {wrong}")
        known = ", ".join(f"{n}: {self.per_reporters[n]:,}" for n in sorted(self.per_reporters))
        console.print(f"Persons by number of reporters that know them: {known}")

    def _show_numbers(self, console: Console) -> None:
        have = ", ".join(f"{name} {count / self.persons:.1%}" for name, count in self.numbers.items())
        records = max(sum(self.records.values()), 1)
        ranked = sorted(self.written.items(), key=lambda item: (-item[1], item[0]))
        console.print(f"Numbers of the people: {have}")
        console.print("Numbers in the records: " + ", ".join(f"{name} {n / records:.1%}" for name, n in ranked) + "\n")
