"""Persons and links as files for other programs: CSV, Parquet or a workbook (`pseudonym.output.tables`).

The columns and their order are a contract. Rows are sorted by the reporters' own ids and each pair has a fixed
orientation, so their order does not depend on the order of arrival. What the rows say may: person ids and the model are
kept from run to run (`linkage.persons.identity`, `linkage.linking.model`).

A record id is written as the reporter sent it, because it must lead back to one record there. Only in CSV, one that a
spreadsheet could take for a formula has an apostrophe in front.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final, TextIO

import pyarrow as pa
import pyarrow.compute as pc

from linkage.errors import ExportError
from pseudonym.output import (
    Kind,
    OutputError,
    check_table,
    check_target,
    export_kind,
    replacing,
    write_csv,
    write_table,
)

__all__ = [
    "LINKS_FILE",
    "LINK_COLUMNS",
    "PERSONS_FILE",
    "PERSON_COLUMNS",
    "check_export",
    "check_table_export",
    "export_file",
    "export_file_errors",
    "orient_links",
    "sort_persons",
    "write_links",
    "write_pairs",
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

PERSONS_FILE: Final = export_kind("persons file", PERSON_COLUMNS)
LINKS_FILE: Final = export_kind("links file", LINK_COLUMNS)

# Later decimals differ between processors. Rounding keeps files equal; it is fine enough for any threshold.
_WEIGHT_DECIMALS: Final = 4
_PROBABILITY_DECIMALS: Final = 9


def sort_persons(persons: pa.Table) -> pa.Table:
    """Select the columns of the persons file and sort its rows by reporter and record id (UTF-8 bytes)."""
    return persons.select(PERSON_COLUMNS).sort_by([("reporter", "ascending"), ("record_id", "ascending")])


def orient_links(links: pa.Table, *, beside: Mapping[str, pa.Array] | None = None) -> pa.Table:
    """Orient each pair and sort the rows, independently of the order of arrival.

    Args:
        links: The columns `LINK_COLUMNS`, pairs in either orientation; other columns are dropped.
        beside: Columns that follow these, in the order of the rows.

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
    columns |= beside or {}
    return pa.table(columns).sort_by([(name, "ascending") for name in LINK_COLUMNS[:4]])


def write_persons(persons: pa.Table, path: str | Path | IO[bytes], *, locale: str = "en") -> None:
    """Write the persons file: one row per record, including persons with a single record.

    The file is written completely or not at all, for its owner only; an older one is replaced, any other file is not.

    Args:
        persons: Columns `reporter`, `record_id`, `person_id`; rows in any order.
        path: The file to write, whose suffix says in which form: `.csv`, `.parquet` or `.xlsx`. An open binary file
            gets CSV.
        locale: `sv` for CSV as Swedish spreadsheets read it: semicolons, decimal commas, and a byte order mark.

    Raises:
        ExportError: As for `check_table_export`; `export.unwritable` if the disk is full, the folder is missing or may
            not be written to; `export.rows` or `export.characters` if there are too many rows for a workbook, or an id
            cannot stand in one. An existing file is then unchanged.
    """
    _write(sort_persons(persons), path, PERSONS_FILE, locale=locale)


def write_links(links: pa.Table, path: str | Path | IO[bytes], *, locale: str = "en") -> None:
    """Write the links file: one row per stored pair, match weight in bits, probability in [0, 1].

    The file is written completely or not at all, for its owner only; an older one is replaced, any other file is not.

    Args:
        links: The columns `LINK_COLUMNS`, rows in any order, pairs in either orientation.
        path: As for `write_persons`.
        locale: As for `write_persons`.

    Raises:
        ExportError: As for `write_persons`.
    """
    write_pairs(orient_links(links), path, LINKS_FILE, locale=locale)


def write_pairs(table: pa.Table, path: str | Path | IO[bytes], kind: Kind, *, locale: str = "en") -> None:
    """Write pairs with rounded weights and probabilities, in the order of the rows.

    Args:
        table: Columns that begin with `LINK_COLUMNS`.
        path: As for `write_persons`.
        kind: The kind of the file.
        locale: As for `write_persons`.

    Raises:
        ExportError: As for `write_persons`.
    """
    for name, decimals in (("match_weight", _WEIGHT_DECIMALS), ("probability", _PROBABILITY_DECIMALS)):
        table = table.set_column(LINK_COLUMNS.index(name), name, pc.round(table[name], decimals))
    _write(table, path, kind, locale=locale)


def check_export(path: str | Path, kind: Kind) -> None:
    """Check that an export may be written to a path, before the work that it takes.

    Args:
        path: The path.
        kind: What would be written.

    Raises:
        ExportError: `export.folder` or `export.device` if the path leads to one, `export.exists` if there is a file of
            another kind, `export.suffix` if the kind needs another suffix.
    """
    with export_file_errors(path):
        check_target(path, kind)


def check_table_export(path: str | Path, kind: Kind, *, locale: str = "en") -> None:
    """Check that persons or links may be written to a path, before the work that it takes.

    Args:
        path: The path.
        kind: `PERSONS_FILE`, `LINKS_FILE` or `linkage.answers.REVIEW_FILE`.
        locale: As for `write_persons`.

    Raises:
        ExportError: As for `check_export`; `export.suffix` if the path has another suffix than those of
            `write_persons`, `export.locale` for a locale with another form than CSV.
    """
    with export_file_errors(path):
        check_table(path, kind, locale=locale)


def _write(table: pa.Table, path: str | Path | IO[bytes], kind: Kind, *, locale: str) -> None:
    if not isinstance(path, str | Path):
        write_csv(table, path, locale=locale)
        return
    with export_file_errors(path):
        write_table(table, path, kind, locale=locale)


@contextmanager
def export_file(path: str | Path, kind: Kind) -> Iterator[TextIO]:
    """Write one export, which appears under its name once the block has ended without an error.

    Only the owner may read it, because it shows which persons are known to which reporter.

    Args:
        path: The file.
        kind: Its kind; only an older file of this kind is replaced.

    Yields:
        The file, for text in UTF-8; line ends are written unchanged.

    Raises:
        ExportError: As for `check_export`; `export.unwritable` if the disk is full, the folder is missing or may not be
            written to. An existing file is then unchanged.
    """
    with export_file_errors(path), replacing(path, kind) as file:
        yield file


@contextmanager
def export_file_errors(path: str | Path) -> Iterator[None]:
    """Turn the errors of writing a file into those of an export.

    Args:
        path: The file.

    Raises:
        ExportError: In place of an `OutputError`.
    """
    try:
        yield
    except OutputError as error:
        rule = error.rule.replace("output.", "export.")
        raise ExportError(rule, error.message, hint=error.hint, path=Path(path)) from None
