"""The rejects file: faulty rows and fields, each with an explanation. It contains no values from the input."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from pseudonym.faults import Fault
from pseudonym.output import BOOKS, table_kind, writing

__all__ = ["REJECTS", "write_rejects"]

COLUMNS: Final = ("row", "field", "rule", "effect", "meaning")

REJECTS: Final = table_kind("rejects file", COLUMNS, not_as=BOOKS | {".json", ".jsonl", ".parquet"})


def write_rejects(path: Path, faults: Iterable[Fault]) -> None:
    """Write faults to a CSV file with row, field, rule, effect and meaning.

    Args:
        path: The temporary file that `pseudonym.output.Outputs` made for it.
        faults: The faults. If there are none, only the header is written, so that no older list remains.

    Raises:
        OutputError: `output.unwritable` if the file cannot be written.
    """
    with writing(REJECTS), path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for fault in sorted(faults, key=lambda fault: fault.row):
            writer.writerow((fault.row, fault.field or "", fault.rule, fault.effect, fault.meaning))
