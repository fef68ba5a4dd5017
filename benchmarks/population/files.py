"""Case files as reporters keep them, one CSV file per reporter, and the truth about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

import pyarrow as pa
from pyarrow import csv

from benchmarks.population.numbers import number_texts
from benchmarks.population.people import MAN, Population
from benchmarks.population.reports import TRUTH_COLUMNS, Reports

__all__ = ["CaseFiles", "register_table", "truth_table", "write"]

_TRUTH: Final = "truth.csv"
# Names are written without quotes; only a name with a comma or quote, from a user's own list, is quoted.
_BARE: Final = csv.WriteOptions(include_header=False, quoting_style="none")
_QUOTED: Final = csv.WriteOptions(include_header=False, quoting_style="needed")


def truth_table(reports: Mapping[str, Reports]) -> pa.Table:
    """List the person and the errors of each record, sorted by reporter and record id."""
    tables = [one.truth for one in reports.values()]
    return pa.concat_tables(tables).sort_by([("reporter", "ascending"), ("record_id", "ascending")])


def register_table(population: Population) -> pa.Table:
    """List the people as in a population register, one row per person: what an attacker may know in clear."""
    text, naming = population.names.vocabulary.register, population.naming
    given = [" ".join(text[n] for n in row if n >= 0) for row in naming.given.tolist()]
    family = [" ".join(text[n] for n in row if n >= 0) for row in naming.family.tolist()]
    return pa.table(
        {
            "person": [f"person-{n + population.first_person:06d}" for n in range(len(population))],
            "household": [f"household-{n + population.first_household:06d}" for n in population.household.tolist()],
            "number": pa.array(number_texts(population.ladder.number, "plain12"), pa.string()),
            "given_names": given,
            "family_names": family,
            "birth_date": population.birth.astype(str).tolist(),
            "sex": ["man" if sex == MAN else "woman" for sex in population.sex.tolist()],
        }
    )


class CaseFiles:
    """Writes `REPORTER.csv` for each reporter, as `pseudonym encode` reads it, and `truth.csv`, block by block.

    Attributes:
        paths: The files written so far: those of the reporters in order, then the truth.
    """

    def __init__(self, folder: str | Path, headers: Mapping[str, Mapping[str, str]] | None = None) -> None:
        self._folder = Path(folder)
        self._headers = headers or {}
        self._open: dict[str, IO[bytes]] = {}
        self._stack = ExitStack()
        self.paths: list[Path] = []

    def __enter__(self) -> Self:
        """Create the folder."""
        self._folder.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the files."""
        self._stack.close()

    def add(self, reports: Mapping[str, Reports]) -> None:
        """Write the records of one block and the truth about them.

        Raises:
            OSError: The folder cannot be written.
        """
        for reporter, one in reports.items():
            names = self._headers.get(reporter, {})
            header = [names.get(name, name) for name in one.table.column_names]
            self._append(f"{reporter}.csv", header, one.table)
        self._append(_TRUTH, TRUTH_COLUMNS, truth_table(reports))

    def add_register(self, population: Population) -> None:
        """Append the people of one block to `register.csv`, as in a population register."""
        table = register_table(population)
        self._append("register.csv", table.column_names, table)

    def _append(self, name: str, header: Iterable[str], table: pa.Table) -> None:
        if name not in self._open:
            path = self._folder / name
            self._open[name] = self._stack.enter_context(path.open("wb"))
            self.paths.append(path)
            self._open[name].write((",".join(header) + "\n").encode())
        try:
            # Written to memory first, so that a value that needs quotes does not leave half a block in the file.
            data = _text(table, _BARE)
        except pa.ArrowInvalid:
            data = _text(table, _QUOTED)
        self._open[name].write(data)


def write(
    reports: Mapping[str, Reports], folder: str | Path, *, headers: Mapping[str, Mapping[str, str]] | None = None
) -> list[Path]:
    """Write `REPORTER.csv` for each reporter, as `pseudonym encode` reads it, and `truth.csv`.

    Args:
        reports: The records of each reporter.
        folder: Folder for the files; created if missing. Existing files are replaced.
        headers: Column names that differ from the fields, by reporter.

    Returns:
        The files of the reporters in the order of `reports`, then the truth.

    Raises:
        OSError: The folder cannot be written.
    """
    with CaseFiles(folder, headers) as files:
        files.add(reports)
    return files.paths


def _text(table: pa.Table, options: csv.WriteOptions) -> pa.Buffer:
    sink = pa.BufferOutputStream()
    csv.write_csv(table, sink, options)
    return sink.getvalue()
