"""Tables of counts as files for other programs: CSV, Parquet or a workbook, by the suffix of the name."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Final

import pyarrow as pa

from linkage.answers.export import check_table_export, export_file_errors
from pseudonym.output import Kind, open_kind, write_csv, write_table

__all__ = ["COUNT_FILE", "check_counts", "write_counts"]

FIRST_COLUMNS: Final = ("counted", "of_role", "in_period", "as_of", "codebook")
"""The columns with which every table of counts begins."""

COUNT_FILE: Final = open_kind("table of counts", FIRST_COLUMNS)


def check_counts(path: str | Path, *, locale: str = "en") -> None:
    """Check that a table of counts may be written to a path, before the work that it takes.

    Args:
        path: The path.
        locale: As for `write_counts`.

    Raises:
        ExportError: As for `check_table_export`.
    """
    check_table_export(path, COUNT_FILE, locale=locale)


def write_counts(table: pa.Table, path: str | Path | IO[bytes], *, locale: str = "en") -> None:
    """Write a table of counts, completely or not at all, for its owner only.

    An older table of counts is replaced, whatever it was broken down by; any other file is not.

    Args:
        table: The table, which begins with `FIRST_COLUMNS`.
        path: The file to write, whose suffix says in which form: `.csv`, `.parquet` or `.xlsx`. An open binary file
            gets CSV.
        locale: `sv` for CSV as Swedish spreadsheets read it.

    Raises:
        ExportError: As for `write_persons`.
    """
    if not isinstance(path, str | Path):
        write_csv(table, path, locale=locale)
        return
    kind: Kind = COUNT_FILE
    with export_file_errors(path):
        write_table(table, path, kind, locale=locale)
