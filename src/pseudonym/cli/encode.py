"""`pseudonym encode`: encode a file of records into a submission file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Final

import typer

from pseudonym import load_codebook, load_profile, profile_names
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
    check_paths,
    next_number,
    own_file,
    read_reference_date,
)
from pseudonym.cli.summary import Result, column_notices, print_refused, print_result
from pseudonym.codebook import codebook_names
from pseudonym.console import Bar, progress
from pseudonym.encode import Encoder, Report
from pseudonym.errors import InputError
from pseudonym.faults import Fault
from pseudonym.identity.reader import InputFile, is_identity_field, read_records
from pseudonym.identity.rejects import REJECTS, write_rejects
from pseudonym.keyed import LinkageKey
from pseudonym.output import Outputs, check_target
from pseudonym.wire import SUBMISSION

__all__ = ["EXAMPLE", "encode"]

EXAMPLE: Final = """\b
Example: pseudonym encode cases.csv --key linkage.key --reporter police --period 2026-03
           --codebook case-registry --rejects rejects.csv --out police-2026-03.parquet
  police-2026-03.parquet: 2 records, ...
  Note: Swedish headers: personnummer as number, fornamn as given_names, ...
  Rows rejected: 0; values left out: 1; kept with a mark: 0.
    1 x sex: left out (sex.unknown). Sex is woman, man, other or unknown, in English or Swedish.
  Listed in rejects.csv.

\b
rejects.csv names the row, the field and the rule, never the value:
  row,field,rule,effect,meaning
  3,sex,sex.unknown,left out,"Sex is woman, man, other or unknown, in English or Swedish."

\b
For a period without cases: pseudonym encode --nothing-to-report --key linkage.key --reporter police
           --period 2026-04 --out police-2026-04.parquet"""


def encode(  # Typer needs one parameter per option.
    key: Annotated[Path, typer.Option(help="The linkage key file.")],
    reporter: Annotated[str, typer.Option(help="Code of the reporter, such as police-stockholm: A-Z a-z 0-9 . _ -")],
    out: Annotated[Path, typer.Option(help="The submission file to write (Parquet); replaces an older submission.")],
    source: Annotated[
        Path | None,
        typer.Argument(
            metavar="INPUT", help="CSV file or workbook (xlsx); a row is a record, one person in one report."
        ),
    ] = None,
    profile: Annotated[str, typer.Option(help="Name of a profile, or a profile file.")] = "case-registry",
    column: Column = None,
    sheet: SheetName = None,
    separator: Separator = None,
    date_order: DateOrderName = None,
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    codebook: Book = None,
    rejects: Annotated[
        Path | None, typer.Option(help="CSV file that lists rejected rows, and values left out or marked.")
    ] = None,
    period: Annotated[str | None, typer.Option(help="Reported period, as 2026-03 or 2026.")] = None,
    sequence: Annotated[
        int | None,
        typer.Option(min=0, help="Number of this submission; must increase. Default: time in milliseconds."),
    ] = None,
    previous: Annotated[
        Path | None,
        typer.Option(
            help="The file that the reporter sent last, a submission or a withdrawal, so that the registry can detect "
            "gaps."
        ),
    ] = None,
    nothing_to_report: Annotated[
        bool, typer.Option("--nothing-to-report", help="Report a period without cases; takes no INPUT.")
    ] = False,
    complete: Annotated[
        bool,
        typer.Option(
            "--complete",
            help="These are all records of the period: the registry erases others it has for the period. "
            "No submission is written if a row is rejected.",
        ),
    ] = False,
    reference_date: Reference = None,
    as_json: Json = False,
) -> None:
    """Encode a file of records into a submission file.

    Exit status: 0 everything was encoded; 3 written, but rows were rejected or values left out; otherwise no submission
    is written. Only the owner may read what is written. A file that is neither an older submission nor an older rejects
    file is never replaced by one.

    Identity fields are encoded and never leave the reporter: number, foreign_number, given_names, family_names,
    name_of_address, birth_date, sex; number_type and number_level qualify a number. Put several numbers, names or dates
    of one person into number, number_2 ... number_8, or into one cell with --separator. These columns are sent
    unchanged: record_id (required, must not be an identity), report_id, case_id, role, event_date, report_date, status,
    case_state, discovered_on, outcome_date, and the items of the codebook; an item that takes several codes may have
    them in one cell, as in 'marriage; upbringing'. Other columns are not read. 'pseudonym check INPUT' shows how a file
    is understood.
    """
    if nothing_to_report == (source is not None):
        raise typer.BadParameter("Use either INPUT or --nothing-to-report.")
    documents = (own_file(codebook, codebook_names()), own_file(profile, profile_names()))
    check_paths((source, key, previous, *documents), (out, rejects))
    encoder = Encoder(
        LinkageKey.load(key),
        reporter=reporter,
        profile=load_profile(profile),
        codebook=None if codebook is None else load_codebook(codebook),
        reference_date=read_reference_date(reference_date, period),
    )
    number, before = next_number(sequence, previous)
    submission = _Submission(sequence=number, period=period, previous=before, complete=complete)
    if source is None:
        result = Result(encoder.write_nothing(out, **asdict(submission)).header, [], notices=())
    else:
        options = InputOptions(column, sheet, separator, date_order, delimiter, encoding)
        result = _encode_file(encoder, source, options, out, submission=submission, rejects=rejects, as_json=as_json)
    print_result(result, out, rejects=rejects, as_json=as_json)
    raise typer.Exit(result.exit_status)


@dataclass(frozen=True, slots=True)
class _Submission:
    """The header members that order the submissions of one reporter."""

    sequence: int
    period: str | None
    previous: str | None
    complete: bool


def _encode_file(
    encoder: Encoder,
    source: Path,
    options: InputOptions,
    out: Path,
    *,
    submission: _Submission,
    rejects: Path | None,
    as_json: bool,
) -> Result:
    faults: list[Fault] = []
    with Outputs() as outputs, progress() as bar:
        # Paths that cannot be used are reported before the work. The submission gets its name last, so none is ever
        # there without its rejects file.
        check_target(out, SUBMISSION)
        listed = None if rejects is None else outputs.add(rejects, REJECTS)
        total = source.stat().st_size if source.is_file() else 0
        rows = options.open(source, encoder.codebook, lambda n_bytes: bar("Inspecting the file", n_bytes, total))
        _check_content(rows)
        try:
            write = partial(encoder.write, out, outputs=outputs, **asdict(submission))
            report = _write(write, rows, bar, items=encoder.items, faults=faults)
        except InputError as error:
            # The faults show what to correct in the input.
            if error.rule in {"input.no_records", "input.incomplete"}:
                print_refused(faults, rejects, as_json=as_json)
                _commit(outputs, listed, faults)
            raise
        _commit(outputs, listed, faults)
    return Result(report.header, faults, notices=(*rows.notices, *column_notices(rows)))


def _commit(outputs: Outputs, listed: Path | None, faults: list[Fault]) -> None:
    """Write the rejects file, if there is to be one, and give all outputs their names."""
    if listed is not None:
        write_rejects(listed, faults)
    outputs.commit()


def _write(
    write: Callable[..., Report], rows: InputFile, bar: Bar, *, items: tuple[str, ...], faults: list[Fault]
) -> Report:
    n_read = n_encoded = 0

    def advance(n_bytes: int) -> None:
        nonlocal n_read
        n_read = n_bytes

    def encoding(n_records: int) -> None:
        nonlocal n_encoded
        n_encoded = n_records
        bar(f"Encoding {n_records:,} records", n_read, rows.n_bytes)

    def writing(n_records: int) -> None:
        bar(f"Writing {n_records:,} records", n_records, n_encoded)

    return write(read_records(rows.rows(advance), items, faults), faults=faults, progress=encoding, writing=writing)


def _check_content(rows: InputFile) -> None:
    if not any(map(is_identity_field, rows.fields)):
        raise InputError(
            "input.no_identity",
            "The input has no identity column, such as number or given_names; map one with --column FIELD=HEADER.",
        )
    if rows.header_only:
        raise InputError(
            "input.header_only",
            "The input has a header but no rows; to report no cases, use --nothing-to-report.",
        )
