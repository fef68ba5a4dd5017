"""`pseudonym check`: how a file is understood before encoding, and what a submission reveals before it is sent."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Final

import typer

from pseudonym import load_codebook, load_profile
from pseudonym.audit import audit
from pseudonym.cli.audit_text import print_audit
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
from pseudonym.cli.text import print_columns, print_dry_run
from pseudonym.codebook import Codebook
from pseudonym.console import OK, PARTIAL, print_json, progress
from pseudonym.encode.cases import CaseReader
from pseudonym.errors import InputError
from pseudonym.identity.dry_run import DryRun, dry_run
from pseudonym.identity.reader.encodings import open_bytes
from pseudonym.wire import read_header

__all__ = ["EXAMPLE", "check"]

PARQUET: Final = b"PAR1"
"""First bytes of a submission."""

NO_OPTIONS: Final = InputOptions(None, None, None, None, None, None)

EXAMPLE: Final = """\b
Example: pseudonym check cases.csv --codebook case-registry
  cases.csv: text, utf-8, delimiter semicolon, 2 rows.
    field         header                  filled
    record_id     record_id               2 (100.0 %)
    number        personnummer (Swedish)  1 (50.0 %)
    ...
  Encode would write 2 of 2 records.
  Rows rejected: 0; values left out: 1; kept with a mark: 0.
    1 x sex: left out (sex.unknown). Sex is woman, man, other or unknown, in English or Swedish.

\b
For a column with another header: pseudonym check cases.xlsx --column given_names=Namn

\b
Example: pseudonym check police-2026-03.parquet
  police-2026-03.parquet: a submission of police, period 2026-03, ...
  Identity fields: not counted, because the file has fewer than 20 records.
  Contents: as random bits, so they show no length of a name: ...
  Records that share any match key: 0 (0.0 %). ...
  No warnings."""


def check(
    source: Annotated[
        Path, typer.Argument(metavar="FILE", help="CSV file or workbook (xlsx), or a submission before it is sent.")
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
    profile: Annotated[
        str | None,
        typer.Option(help="Profile file of a submission, if its profile does not ship with the library."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show how a file is understood, or what a submission reveals. Needs no key and writes nothing.

    For a case file: what encoding would reject, leave out or mark. Use the same options as for 'pseudonym encode'. No
    value is shown, only headers, forms, rules and counts.

    For a submission: whether it is intact, how complete its identities are, how many records share match keys, which
    appear to belong to one person, and warnings. No code is shown, only counts and record ids.

    Exit status: 0 no problems; 3 rows would be rejected or values left out, or a submission has warnings; 4 the file
    cannot be used, or encode would refuse it; 5 the profile or codebook cannot be read.
    """
    options = InputOptions(column, sheet, separator, date_order, delimiter, encoding)
    if _is_submission(source):
        if columns or options != NO_OPTIONS or reference_date is not None:
            raise typer.BadParameter("For a submission, only --profile, --codebook and --json can be used.")
        raise typer.Exit(_check_submission(source, profile, codebook, as_json=as_json))
    if profile is not None:
        raise typer.BadParameter("--profile is for submissions only; reading a case file does not depend on it.")
    book = None if codebook is None else load_codebook(codebook)
    found = _dry_run(source, options, book, read_reference_date(reference_date))
    if as_json:
        print_json(found.as_json())
    elif columns:
        print_columns(found)
    else:
        print_dry_run(found)
    if not found.n_written:
        raise typer.Exit(InputError.exit_status)
    raise typer.Exit(PARTIAL if found.count("rejected") or found.count("left out") else OK)


def _dry_run(source: Path, options: InputOptions, book: Codebook | None, reference_date: date) -> DryRun:
    with progress() as bar:
        total = source.stat().st_size if source.is_file() else 0
        file = options.open(source, book, lambda n_bytes: bar("Inspecting the file", n_bytes, total))
        return dry_run(
            file,
            items=book.item_names if book is not None else (),
            read_case=CaseReader(book),
            reference_date=reference_date,
            progress=lambda n_bytes: bar("Checking", n_bytes, file.n_bytes),
        )


def _check_submission(path: Path, profile: str | None, codebook: str | None, *, as_json: bool) -> int:
    """Check a submission against the given profile and codebook, or those that its header names."""
    header = read_header(path)
    named = None if header.codebook is None else header.codebook.name
    book = codebook or named
    with progress() as bar:
        found = audit(
            path,
            profile=load_profile(profile or header.profile),
            codebook=None if book is None else load_codebook(book),
            progress=lambda done, total: bar("Reading", done, total),
        )
    if as_json:
        print_json(found.as_json())
    else:
        print_audit(path, found)
    return PARTIAL if found.warnings else OK


def _is_submission(path: Path) -> bool:
    """Return whether a file begins like a submission; an unreadable file is left to the reader of case files."""
    try:
        with open_bytes(path) as file:
            return file.read(len(PARQUET)) == PARQUET
    except InputError:
        return False
