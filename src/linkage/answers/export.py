"""Persons and links as CSV files for other programs.

The columns and their order are a contract. Rows are sorted by the reporters' own ids and each pair has a fixed
orientation, so registries with the same records write the same file, whatever the order of arrival.

A record id is written exactly as the reporter sent it, because it must lead back to one record there. Spreadsheet
programs may take an id that begins with `=`, `+`, `-` or `@` for a formula. Open exports in a program that does not
evaluate formulas, or import the columns as text.
"""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TextIO

import pyarrow as pa
import pyarrow.compute as pc

__all__ = [
    "LINK_COLUMNS",
    "PERSON_COLUMNS",
    "orient_links",
    "replacing",
    "sort_persons",
    "write_links",
    "write_persons",
]

PERSON_COLUMNS: Final = ("reporter", "record_id", "person_id")
LINK_COLUMNS: Final = (
    "reporter_a",
    "record_id_a",
    "reporter_b",
    "record_id_b",
    "match_weight",
    "probability",
    "decision",
    "reason",
)

# Later decimals differ between processors. Rounding keeps files equal; it is fine enough for any threshold.
_WEIGHT_DECIMALS: Final = 4
_PROBABILITY_DECIMALS: Final = 9


def sort_persons(persons: pa.Table) -> pa.Table:
    """Select the columns of the persons file and sort its rows by reporter and record id (UTF-8 bytes)."""
    return persons.select(PERSON_COLUMNS).sort_by([("reporter", "ascending"), ("record_id", "ascending")])


def orient_links(links: pa.Table) -> pa.Table:
    """Orient each pair and sort the rows, independently of the order of arrival.

    Args:
        links: The columns `LINK_COLUMNS`, pairs in either orientation; other columns are dropped.

    Returns:
        The same pairs, with the smaller (reporter, record id) as `a`, sorted by these four columns (UTF-8 bytes).
    """
    same = pc.equal(links["reporter_a"], links["reporter_b"])
    swapped = pc.or_(
        pc.greater(links["reporter_a"], links["reporter_b"]),
        pc.and_(same, pc.greater(links["record_id_a"], links["record_id_b"])),
    )
    columns = {name: links[name] for name in LINK_COLUMNS}
    for name in ("reporter", "record_id"):
        a, b = f"{name}_a", f"{name}_b"
        columns[a] = pc.if_else(swapped, links[b], links[a])
        columns[b] = pc.if_else(swapped, links[a], links[b])
    return pa.table(columns).sort_by([(name, "ascending") for name in LINK_COLUMNS[:4]])


def write_persons(persons: pa.Table, path: str | Path) -> None:
    """Write the persons file: one row per record, including persons with a single record.

    The file is written completely or not at all; an existing file is replaced.

    Args:
        persons: Columns `reporter`, `record_id`, `person_id`; rows in any order.
        path: The file to write.

    Raises:
        OSError: The file cannot be written; an existing file is unchanged.
    """
    _write_csv(path, PERSON_COLUMNS, _rows(sort_persons(persons)))


def write_links(links: pa.Table, path: str | Path) -> None:
    """Write the links file: one row per stored pair, match weight in bits, probability in [0, 1].

    The file is written completely or not at all; an existing file is replaced.

    Args:
        links: The columns `LINK_COLUMNS`, rows in any order, pairs in either orientation.
        path: The file to write.

    Raises:
        OSError: The file cannot be written; an existing file is unchanged.
    """
    table = orient_links(links)
    for name, decimals in (("match_weight", _WEIGHT_DECIMALS), ("probability", _PROBABILITY_DECIMALS)):
        table = table.set_column(LINK_COLUMNS.index(name), name, pc.round(table[name], decimals))
    _write_csv(path, LINK_COLUMNS, _rows(table))


def _rows(table: pa.Table) -> Iterator[tuple[Any, ...]]:
    """Read the rows of a table batch by batch, so that a large export needs little memory."""
    for batch in table.to_batches(max_chunksize=65_536):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _write_csv(path: str | Path, header: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
    with replacing(path) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


@contextmanager
def replacing(path: str | Path) -> Iterator[TextIO]:
    """Write a new file in the same folder, flush it to disk, and move it into place in one step.

    Only the owner may read the result, because it shows which persons are known to which reporter.

    Yields:
        The new file, for text in UTF-8; line ends are written unchanged.

    Raises:
        OSError: The file cannot be written; an existing file is unchanged.
    """
    target = Path(path)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
