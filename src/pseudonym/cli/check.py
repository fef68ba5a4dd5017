"""`pseudonym check`: how a file is understood, before anything is encoded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Final

import typer

from pseudonym import load_codebook
from pseudonym.cli.app import app
from pseudonym.cli.console import EXIT_STATUS, progress
from pseudonym.cli.options import (
    Book,
    Column,
    DateOrderName,
    Delimiter,
    Encoding,
    InputOptions,
    Json,
    Reference,
    Separator,
    SheetName,
    read_reference_date,
)
from pseudonym.cli.text import print_columns, print_submission, print_survey
from pseudonym.encode.cases import CaseReader
from pseudonym.errors import InputError, PseudonymError
from pseudonym.survey import survey
from pseudonym.wire import read_header

__all__ = ["check"]

PARTIAL: Final = 3

PARQUET: Final = b"PAR1"
"""First bytes of a submission."""


@app.command(epilog="Example: pseudonym check cases.xlsx --columns --column given_names=Namn --codebook case-registry")
def check(
    source: Annotated[
        Path, typer.Argument(metavar="INPUT", help="CSV file or workbook (xlsx); or a submission, before it is sent.")
    ],
    columns: Annotated[
        bool, typer.Option("--columns", help="Show each column: forms, separators, damage and rules.")
    ] = False,
    column: Column = None,
    sheet: SheetName = None,
    separator: Separator = None,
    date_order: DateOrderName = None,
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    codebook: Book = None,
    reference_date: Reference = None,
    as_json: Json = False,
) -> None:
    """Show how a file is understood, and what encoding would reject, leave out or mark. Needs no key, writes nothing.

    Give the options that 'pseudonym encode' will be given. No value of any person is shown: only headers, forms, rules
    and counts.

    Exit status: 0 all would be encoded whole; 3 rows would be rejected or values left out; 4 the input cannot be used,
    or encode would refuse it.
    """
    if _is_submission(source):
        header = read_header(source)
        print_submission(source, header, as_json=as_json)
        return
    options = InputOptions(column, sheet, separator, date_order, delimiter, encoding)
    book = None if codebook is None else load_codebook(codebook)
    with progress() as bar:
        total = source.stat().st_size if source.is_file() else 0
        file = options.open(source, book, lambda n_bytes: bar("Looking at the file", n_bytes, total))
        found = survey(
            file,
            items=book.item_names if book is not None else (),
            read_case=CaseReader(book),
            reference_date=read_reference_date(reference_date),
            progress=lambda n_bytes: bar("Checking", n_bytes, file.n_bytes),
        )
    if as_json:
        typer.echo(json.dumps(found.as_json(), indent=2, ensure_ascii=False))
    elif columns:
        print_columns(found)
    else:
        print_survey(found)
    if not found.n_written:
        raise typer.Exit(EXIT_STATUS[InputError])
    raise typer.Exit(PARTIAL if found.count("rejected") or found.count("left out") else 0)


def _is_submission(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(PARQUET)) == PARQUET
    except (OSError, PseudonymError):
        return False
