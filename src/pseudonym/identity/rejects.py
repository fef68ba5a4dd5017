"""The rejects file: faulty rows and fields, each with an explanation. It contains no values from the input."""

from __future__ import annotations

import csv
import os
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from pseudonym.errors import OutputError
from pseudonym.faults import RULES, Fault

__all__ = ["write_rejects"]

COLUMNS: Final = ("row", "field", "rule", "effect", "meaning")


def write_rejects(path: str | Path, faults: Iterable[Fault]) -> None:
    """Write faults to a CSV file with row, field, rule, effect and meaning; the file appears only when complete.

    Args:
        path: The file.
        faults: The faults. If there are none, only the header is written, so that no older list remains.

    Raises:
        OutputError: `output.unwritable` if the file cannot be written.
    """
    target = Path(path)
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS)
            for fault in sorted(faults, key=lambda fault: fault.row):
                writer.writerow((fault.row, fault.field or "", fault.rule, fault.effect, RULES[fault.rule]))
        os.replace(part, target)
    except OSError:
        part.unlink(missing_ok=True)
        raise OutputError("output.unwritable", "The rejects file cannot be written.") from None
