"""Open what a caller gives as input: a file, a table or records, all read by the same rules."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path

from pseudonym.codebook import Codebook
from pseudonym.errors import InputError
from pseudonym.identity.reader import (
    DateOrder,
    InputFile,
    InputTable,
    TableSource,
    is_identity_field,
    open_input,
    open_table,
)
from pseudonym.identity.reader.rules import refused

__all__ = ["check_content", "column_notices", "open_records", "unused_notice"]


def open_records(
    data: object,
    codebook: Codebook | None,
    *,
    columns: Mapping[str, str] | None = None,
    sheet: str | int | None = None,
    header_row: int | None = None,
    separator: str | None = None,
    date_order: DateOrder | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    today: date | None = None,
    progress: Callable[[int], None] = lambda n_bytes: None,
) -> InputFile:
    """Open an input, and look through it for evidence about its columns.

    Args:
        data: The path of a file; or a table, a record or records, see `pseudonym.identity.reader.in_memory`.
        codebook: The codebook whose items are read as payload, if there is one.
        columns: Names of the columns, by field.
        sheet: See `open_input`; for a file only, as are the next and encoding and delimiter.
        header_row: See `open_input`.
        separator: See `open_input`.
        date_order: See `open_input`.
        encoding: See `open_input`.
        delimiter: See `open_input`.
        today: See `open_input`.
        progress: Called with the number of bytes inspected, if it is a file.

    Raises:
        InputError: The input as a whole cannot be used, by a rule of `pseudonym.identity.reader.rules`.

    Sees: plaintext
    """
    items = {} if codebook is None else {item.name: (item.label.sv, item.label.en) for item in codebook.items}
    if isinstance(data, str | Path):
        return open_input(
            data,
            columns=columns,
            items=items,
            encoding=encoding,
            delimiter=delimiter,
            sheet=None if sheet is None else str(sheet),
            header_row=header_row,
            separator=separator,
            date_order=date_order,
            today=today,
            progress=progress,
        )
    if any(option is not None for option in (sheet, header_row, encoding, delimiter)):
        raise refused("input.file_option")
    return open_table(data, columns=columns, items=items, separator=separator, date_order=date_order, today=today)


def check_content(rows: InputFile) -> None:
    """Check that there is something to encode.

    Raises:
        InputError: `input.header_only` if a file has no rows; `input.no_identity` if no column holds any part of an
            identity.

    Sees: neither
    """
    if rows.header_only and not isinstance(rows, InputTable):
        raise InputError(
            "input.header_only",
            "The input has a header but no rows.",
            hint="To report no cases, use --nothing-to-report, or write_nothing in Python.",
        )
    # Records without an identity are judged one by one.
    without_columns = isinstance(rows.source, TableSource) and not rows.source.table.names_columns
    if not (rows.header_only or without_columns or any(map(is_identity_field, rows.fields))):
        raise InputError(
            "input.no_identity",
            "The input has no identity column, such as number or given_names.",
            hint="Name one: --column FIELD=HEADER, or columns={FIELD: HEADER} in Python.",
        )


def column_notices(rows: InputFile) -> Iterator[str]:
    """Yield which columns were read and which were not, so that a misspelt header is noticed.

    Args:
        rows: The input.

    Yields:
        Sentences.

    Sees: neither
    """
    yield f"Read from the identity: {', '.join(filter(is_identity_field, rows.fields))}."
    if rows.columns.by_alias and rows.columns.headers:
        read = ", ".join(f"{rows.columns.headers[name]} as {name}" for name in rows.columns.by_alias)
        yield f"Headers recognised: {read}."
    yield from unused_notice(rows)


def unused_notice(rows: InputFile) -> Iterator[str]:
    """Yield the columns that were not read: by name, or as a count where a header might be an identity.

    Args:
        rows: The input.

    Yields:
        One sentence, or none if all columns were read; and another if a header is probably misspelt.

    Sees: neither
    """
    if rows.unused_columns:
        yield f"Columns not read: {', '.join(rows.unused_columns)}."
    elif rows.columns.n_unused:
        yield f"Columns not read: {rows.columns.n_unused}."
    if rows.columns.suggested:
        options = " ".join(_option(field, header) for header, field in rows.columns.suggested.items())
        yield f"Some of these may be meant: {options}"


def _option(field: str, header: str) -> str:
    """Return the option that reads a field from a column, as it can be typed."""
    return f"--column {shlex.quote(f'{field}={header}')}"
