"""`pseudonym check`: how a file is understood before encoding, and what a submission reveals before it is sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated, Final

import typer

from pseudonym import load_codebook, profile_names
from pseudonym.audit import audit
from pseudonym.cli.audit_text import print_audit
from pseudonym.cli.config import INPUT_MEMBERS, Config, config_option, path_of
from pseudonym.cli.config_text import CONFIG, write_document
from pseudonym.cli.config_writing import members_of, recognised
from pseudonym.cli.defaults import check_defaults
from pseudonym.cli.named import codebook_of, profile_of
from pseudonym.cli.options import (
    Book,
    Column,
    DateOrderName,
    Delimiter,
    Derived,
    Encoding,
    HeaderRow,
    InputOptions,
    Json,
    KeepEmpty,
    Reference,
    Separator,
    SheetName,
    check_paths,
    own_file,
    read_reference_date,
)
from pseudonym.cli.text import print_columns, print_dry_run
from pseudonym.cli.totals import check_totals
from pseudonym.codebook import Codebook, codebook_names
from pseudonym.console import OK, PARTIAL, offering, print_json, progress, wrong_option
from pseudonym.encode.cases import CaseReader
from pseudonym.encode.derived import derived_notices
from pseudonym.encode.precision import SentDates
from pseudonym.errors import InputError
from pseudonym.faults import Fault
from pseudonym.identity.dry_run import DryRun, dry_run
from pseudonym.identity.identities import Identity
from pseudonym.identity.reader.encodings import open_bytes
from pseudonym.identity.record import Record
from pseudonym.output import replacing
from pseudonym.wire import TotalsHeader, read_any_header, read_header
from pseudonym.wire.sealed_header import MAGIC

__all__ = ["EXAMPLE", "check"]

PARQUET: Final = b"PAR1"
"""First bytes of a submission."""

NO_OPTIONS: Final = InputOptions()

EXAMPLE: Final = """\b
Example: pseudonym check cases.csv --codebook case-registry
  cases.csv: text, utf-8, delimiter semicolon, 2 rows.
    field         header                     filled
    record_id     record_id                  2 (100.0 %)
    number        personnummer (recognised)  1 (50.0 %)
    ...
  Encode would write 2 of 2 records.
  Rows rejected: 0; values left out: 1; kept with a mark: 0.
    1 x sex: left out (sex.unknown). Sex is woman, man, other or unknown, in English or Swedish.

\b
For columns with other headers:
  pseudonym check cases.xlsx --column record_id=ID --column names=Namn

\b
To keep the columns and options in a file, for encode --config:
  pseudonym check cases.xlsx --write-config body.toml

\b
Example: pseudonym check police-2026-03.parquet
  police-2026-03.parquet: a submission of police, period 2026-03, ...
  Identity fields: not counted, because the file has fewer than 20 records.
  Contents: as random bits, so they show no length of a name: ...
  Records that share any match key: 0 (0.0 %). ...
  No warnings."""


def check(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="CSV file or workbook (xlsx), or a submission or totals before they are sent."
        ),
    ],
    columns: Annotated[
        bool, typer.Option("--columns", help="Show each column: forms, separators, damage and rules.")
    ] = False,
    column: Column = None,
    sheet: SheetName = None,
    header_row: HeaderRow = None,
    separator: Separator = None,
    date_order: DateOrderName = None,
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    keep_empty: KeepEmpty = False,
    codebook: Book = None,
    reference_date: Reference = None,
    derived: Derived = True,
    config: Annotated[Config | None, config_option(*INPUT_MEMBERS)] = None,
    write_config: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="TOML file to write with the columns and options of a case file, for --config; replaces an older one.",
        ),
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option(
            help="Profile file of a submission, if its profile does not ship with the library.",
            autocompletion=offering(profile_names),
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show how a file is understood, or what a submission reveals. Needs no key and writes nothing.

    For a case file: what encoding would reject, leave out or mark. Use the same options as for 'pseudonym encode'. No
    value is shown, only headers, forms, rules and counts.

    For a submission: whether it is intact, how complete its identities are, how many records share match keys, which
    appear to belong to one person, and warnings. No code is shown, only counts and record ids. For totals: whether they
    are intact and follow the codebook, and how many cells count few.
    """
    options = InputOptions(column, sheet, header_row, separator, date_order, delimiter, encoding, keep_empty)
    if _is_submission(source):
        if columns or options != NO_OPTIONS or reference_date is not None or write_config is not None or not derived:
            raise wrong_option("FILE", "This is a submission: only --profile, --codebook and --json can be used.")
        raise typer.Exit(_check_submission(source, profile, codebook, as_json=as_json))
    if profile is not None:
        raise wrong_option("--profile", "This is for submissions only; reading a case file does not depend on it.")
    book = None if codebook is None else load_codebook(codebook)
    check_paths((source, path_of(config), own_file(codebook, codebook_names())), (write_config,))
    options = replace(options, defaults=check_defaults(config, book))
    found = _dry_run(source, options, book, read_reference_date(reference_date), derive=derived)
    if write_config is not None:
        members = members_of(found, options, config, codebook=codebook, derived=derived, folder=write_config.parent)
        with replacing(write_config, CONFIG) as file:
            file.write(write_document(members, recognised(found)))
    if as_json:
        print_json(found.as_json())
    elif columns:
        print_columns(found)
    else:
        print_dry_run(found)
    if not found.n_written:
        raise typer.Exit(InputError.exit_status)
    raise typer.Exit(PARTIAL if found.count("rejected") or found.count("left out") else OK)


def _dry_run(
    source: Path, options: InputOptions, book: Codebook | None, reference_date: date, *, derive: bool
) -> DryRun:
    read_case = CaseReader(book, derive=derive)
    dates = SentDates(book)

    def read(record: Record, identities: tuple[Identity, ...], row: int) -> tuple[tuple[str | None, ...], list[Fault]]:
        case, faults = read_case(record, identities, row)
        dates.add([case])
        return case, faults

    with progress("inspect", "check") as bar:
        total = source.stat().st_size if source.is_file() else 0
        file = options.open(source, book, lambda n_bytes: bar("inspect", n_bytes, total))
        found = dry_run(
            file,
            items=book.item_names if book is not None else (),
            read_case=read,
            reference_date=reference_date,
            keep_empty=options.keep_empty,
            progress=lambda n_bytes: bar("check", n_bytes, file.n_bytes),
        )
    derived = derived_notices(book, read_case.derived)
    return replace(found, notices=(*found.notices, *derived, *dates.notices()))


def _check_submission(path: Path, profile: str | None, codebook: str | None, *, as_json: bool) -> int:
    """Check a submission or totals against the given profile and codebook, or those that its header names."""
    any_header = read_any_header(path)
    if isinstance(any_header, TotalsHeader):
        if profile is not None:
            raise wrong_option("--profile", "Totals have no profile; leave it out.")
        return check_totals(path, any_header, codebook, as_json=as_json)
    header = read_header(path)
    # Read first: an error must not come after the bar has begun.
    with progress() as bar:
        found = audit(
            path,
            profile=profile_of(header.profile, profile),
            codebook=codebook_of(header.codebook, codebook),
            progress=lambda done, total: bar("read", done, total),
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
            begin = file.read(max(len(PARQUET), len(MAGIC)))
            return begin.startswith(PARQUET) or begin == MAGIC
    except InputError:
        return False
