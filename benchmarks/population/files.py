"""Case files as bodies keep them: one CSV file a body, and the truth beside them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from benchmarks.population.reports import Reports

__all__ = ["TRUTH_COLUMNS", "truth_table", "write"]

TRUTH_COLUMNS: Final = ("reporter", "record_id", "person")


def truth_table(reports: Mapping[str, Reports]) -> pa.Table:
    """List which record is about which person, sorted by reporter and record id."""
    tables = [
        pa.table(
            {
                "reporter": [reporter] * one.table.num_rows,
                "record_id": one.table["record_id"],
                "person": pa.array([f"person-{n:06d}" for n in one.person.tolist()], pa.string()),
            }
        )
        for reporter, one in reports.items()
    ]
    return pa.concat_tables(tables).sort_by([("reporter", "ascending"), ("record_id", "ascending")])


def write(
    reports: Mapping[str, Reports], folder: str | Path, *, headers: Mapping[str, Mapping[str, str]] | None = None
) -> list[Path]:
    """Write `REPORTER.csv` for each body, as `pseudonym encode` reads it, and `truth.csv`.

    Args:
        reports: The records of each body.
        folder: Where to write; made if it does not exist. Files of the same names are replaced.
        headers: For some bodies other names of columns than the fields have.

    Returns:
        The files of the bodies, in the order of `reports`, and the truth last.

    Raises:
        OSError: The folder cannot be written.
    """
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    paths = []
    for reporter, one in reports.items():
        names = dict((headers or {}).get(reporter, {}))
        header = [names.get(name, name) for name in one.table.column_names]
        paths.append(_write_csv(place / f"{reporter}.csv", header, _rows(one.table)))
    paths.append(_write_csv(place / "truth.csv", TRUTH_COLUMNS, _rows(truth_table(reports))))
    return paths


def _rows(table: pa.Table) -> Iterable[tuple[Any, ...]]:
    return zip(*(column.to_pylist() for column in table.columns), strict=True)


def _write_csv(path: Path, header: Iterable[str], rows: Iterable[Iterable[Any]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    return path
