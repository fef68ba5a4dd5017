"""Tables as files for other programs: CSV, Parquet or a workbook, by the suffix of the name and nothing else.

In CSV an id that begins with `=`, `+`, `-` or `@` could be run as a formula by the program that opens it. So it gets an
apostrophe in front, and so does one that begins with apostrophes before such a character: whoever takes one away from
every text of that form has the ids as they were. Parquet and workbooks say what is text, and have ids as they are.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, NamedTuple

from pseudonym.errors import OutputError
from pseudonym.output.files import Outputs
from pseudonym.output.targets import Kind, check_target, writing
from pseudonym.output.xlsx import MAX_ROWS, head_of, workbook_mark, write_workbook

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "FORMATS",
    "LOCALES",
    "Locale",
    "check_table",
    "defused",
    "export_kind",
    "open_kind",
    "write_csv",
    "write_table",
]

FORMATS: Final = (".csv", ".parquet", ".xlsx")
"""The suffixes, in small letters, of the files that can be written."""


class Locale(NamedTuple):
    """How CSV is written for the programs of a language: where spreadsheets read it without being asked."""

    delimiter: str
    decimal_sign: str
    beginning: str


LOCALES: Final[dict[str, Locale]] = {"en": Locale(",", ".", ""), "sv": Locale(";", ",", "\ufeff")}

_BATCH_ROWS: Final = 65_536

_MARK: Final = b"pseudonym.table"
"""The entry in the metadata of a Parquet file that says what table it is."""

_WORKBOOK_HEAD: Final = 8192
"""Enough of a workbook to find what it says of itself."""

_CELL_BYTES: Final = 128
_ESCAPED: Final = 6
"""What a cell takes in the XML of a workbook beside its text, and how much longer escaping makes a text at most."""

_FORMULA: Final = re.compile("'*[=+\\-@\t\r\uff0b\uff0d\uff1d\uff20]")
"""How a text begins that spreadsheets take for a formula, some of them in full-width characters too."""


def export_kind(name: str, columns: Sequence[str]) -> Kind:
    """Return the kind of tables with exactly these columns, as `write_table` writes them in any form.

    Args:
        name: See `Kind`.
        columns: The header; no name needs quotes.
    """
    heads = [f"{one.beginning}{one.delimiter.join(columns)}".encode() for one in LOCALES.values()]
    workbook = head_of(name, columns)

    def is_one(file: IO[bytes]) -> bool:
        line = file.readline(max(map(len, heads)) + 2).rstrip(b"\r\n")
        file.seek(0)
        if line.startswith(b"PAR1"):
            return _parquet_mark(file) == _mark(name, columns)
        return line in heads or file.read(len(workbook)) == workbook

    return Kind(name, is_one)


def open_kind(name: str, first_columns: Sequence[str]) -> Kind:
    """Return the kind of tables that begin with these columns, whatever columns follow.

    Args:
        name: See `Kind`.
        first_columns: The beginning of the header; no name needs quotes.
    """
    heads = tuple(f"{one.beginning}{one.delimiter.join([*first_columns, ''])}".encode() for one in LOCALES.values())
    described = workbook_mark(name, first_columns)

    def is_one(file: IO[bytes]) -> bool:
        head = file.read(_WORKBOOK_HEAD)
        if head.startswith(b"PAR1"):
            mark = _parquet_mark(file)
            return mark is not None and mark.startswith(_mark(name, [*first_columns, ""]))
        return head.startswith(heads) or (head.startswith(b"PK") and described in head)

    return Kind(name, is_one)


def check_table(path: str | Path, kind: Kind, *, n_rows: int = 0, locale: str = "en") -> str:
    """Check that a table can be written to a path in the form that its suffix names.

    Args:
        path: The path.
        kind: What would be written.
        n_rows: Number of rows, without the header.
        locale: A key of `LOCALES`.

    Returns:
        The suffix, a member of `FORMATS`.

    Raises:
        OutputError: `output.suffix` for another suffix, `output.locale` for a locale with a form that has none,
            `output.rows` for more rows than a workbook has; and as for `check_target`.
    """
    check_target(path, kind)
    suffix = Path(path).suffix.lower()
    if suffix not in FORMATS:
        raise OutputError(
            "output.suffix",
            f"The {kind.name} is written as {', '.join(FORMATS)}: the path has another suffix, or none.",
            hint="Name the file with one of these.",
        )
    if locale not in LOCALES or (suffix != ".csv" and locale != "en"):
        raise OutputError(
            "output.locale",
            "The locale is en or sv; sv is for CSV only, since other files have their numbers as numbers.",
            hint="Leave it out, or write .csv.",
        )
    if suffix == ".xlsx" and n_rows >= MAX_ROWS:
        raise OutputError(
            "output.rows",
            f"The {kind.name} has more rows than a workbook, which has 1,048,576 with the header.",
            hint="Write .csv or .parquet instead.",
        )
    return suffix


def write_table(table: pa.Table, path: str | Path, kind: Kind, *, locale: str = "en") -> None:
    """Write a table, completely or not at all, for its owner only.

    Args:
        table: Columns of text and numbers; rows in the order of the file.
        path: The file; its suffix says in which form.
        kind: What it is, made by `export_kind` for these columns.
        locale: A key of `LOCALES`, for CSV.

    Raises:
        OutputError: As for `check_table` and `Outputs`; `output.characters` if a text cannot stand in a workbook.
    """
    suffix = check_table(path, kind, n_rows=table.num_rows, locale=locale)
    with Outputs() as outputs:
        part = outputs.add(path, kind)
        with writing(kind):
            if suffix == ".xlsx":
                n_bytes = _ESCAPED * table.nbytes + _CELL_BYTES * table.num_rows * table.num_columns
                write_workbook(part, kind.name, table.column_names, _rows(table), n_bytes=n_bytes)
            else:
                with part.open("wb") as file:
                    if suffix == ".csv":
                        write_csv(table, file, locale=locale)
                    else:
                        _write_parquet(table, file, kind.name)
        outputs.commit()


def write_csv(table: pa.Table, file: IO[bytes], *, locale: str = "en") -> None:
    """Write a table as CSV in UTF-8, lines ended by a line feed.

    Args:
        table: As for `write_table`.
        file: An open binary file, which stays open.
        locale: A key of `LOCALES`.
    """
    form = LOCALES[locale]
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    try:
        text.write(form.beginning)
        writer = csv.writer(text, delimiter=form.delimiter, lineterminator="\n")
        writer.writerow(table.column_names)
        writer.writerows([_csv_cell(value, form.decimal_sign) for value in row] for row in _rows(table))
        text.flush()
    finally:
        text.detach()


def defused(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: with an apostrophe in front if it begins like one.

    >>> defused("=1+1"), defused("'=1+1"), defused("pol-17")
    ("'=1+1", "''=1+1", 'pol-17')
    """
    return f"'{text}" if _FORMULA.match(text) else text


def _csv_cell(value: Any, decimal_sign: str) -> Any:
    if isinstance(value, str):
        return defused(value)
    return str(value).replace(".", decimal_sign) if isinstance(value, float) else value


def _write_parquet(table: pa.Table, file: IO[bytes], name: str) -> None:
    import pyarrow.parquet as pq

    pq.write_table(table.replace_schema_metadata({_MARK: _mark(name, table.column_names)}), file)


def _mark(name: str, columns: Sequence[str]) -> bytes:
    return f"{name}: {','.join(columns)}".encode()


def _parquet_mark(file: IO[bytes]) -> bytes | None:
    # Loaded here, since most who write a file need no Parquet.
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        mark: bytes | None = (pq.read_metadata(file).metadata or {}).get(_MARK)
    except (OSError, ValueError, pa.ArrowException):
        return None
    return mark


def _rows(table: pa.Table) -> Iterator[tuple[Any, ...]]:
    """Read the rows of a table batch by batch, so that a large one needs little memory."""
    for batch in table.to_batches(max_chunksize=_BATCH_ROWS):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)
