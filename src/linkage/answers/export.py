"""Persons and links as CSV files that other programs read.

Columns and their order are a contract. Rows stand in the order of the bodies' own ids and a pair has one orientation,
so that two registries that hold the same records write the same file, whatever the order of arrival.

A record id is written exactly as the body sent it, because it has to lead back to one record there. An id that begins
with `=`, `+`, `-` or `@` is therefore written as it is; a spreadsheet program may take it for a formula. Open exports
with a program that does not compute what it reads, or import the columns as text.
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

# Below these decimals a number differs between processors, not between pairs; files stay equal, and thresholds exact.
_WEIGHT_DECIMALS: Final = 4
_PROBABILITY_DECIMALS: Final = 9


def sort_persons(persons: pa.Table) -> pa.Table:
    """Select the columns of the persons file and sort its rows by reporter and record id (UTF-8 bytes)."""
    return persons.select(PERSON_COLUMNS).sort_by([("reporter", "ascending"), ("record_id", "ascending")])


def orient_links(links: pa.Table) -> pa.Table:
    """Return every pair one orientation and the rows one order, independent of the order of arrival.

    Args:
        links: The columns `LINK_COLUMNS`, a pair in either orientation; others are dropped.

    Returns:
        The same pairs, the smaller (reporter, record id) as `a` (by UTF-8 bytes), rows sorted by all four ids.
    """
    same = pc.equal(links["reporter_a"], links["reporter_b"])
    turned = pc.or_(
        pc.greater(links["reporter_a"], links["reporter_b"]),
        pc.and_(same, pc.greater(links["record_id_a"], links["record_id_b"])),
    )
    columns = {name: links[name] for name in LINK_COLUMNS}
    for name in ("reporter", "record_id"):
        a, b = f"{name}_a", f"{name}_b"
        columns[a] = pc.if_else(turned, links[b], links[a])
        columns[b] = pc.if_else(turned, links[a], links[b])
    return pa.table(columns).sort_by([(name, "ascending") for name in LINK_COLUMNS[:4]])


def write_persons(persons: pa.Table, path: str | Path) -> None:
    """Write the persons file: one row a record, singletons too.

    The file appears whole or not at all; a file that stood there before is replaced.

    Args:
        persons: Columns `reporter`, `record_id`, `person_id`, in any order of rows.
        path: The file to write.

    Raises:
        OSError: The file cannot be written; what stood there before is unchanged.
    """
    _write_csv(path, PERSON_COLUMNS, _rows(sort_persons(persons)))


def write_links(links: pa.Table, path: str | Path) -> None:
    """Write the links file: one row a decided pair, match weight in bits, probability in [0, 1].

    The file appears whole or not at all; a file that stood there before is replaced.

    Args:
        links: The columns `LINK_COLUMNS`, rows in any order, pairs in either orientation.
        path: The file to write.

    Raises:
        OSError: The file cannot be written; what stood there before is unchanged.
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
    """Write into a new file of the same folder, force it to disk, and put it in place in one step.

    Only its owner may read the result: who is known to which body is no one else's business until someone decides so.

    Yields:
        The new file, for text in UTF-8; line ends are written as they are given.

    Raises:
        OSError: The file cannot be written; what stood there before is unchanged.
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
