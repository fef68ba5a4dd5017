"""`pseudonym encode`: encode a file of records into a submission file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Annotated, Final

import typer

from pseudonym import load_codebook, load_profile, profile_names
from pseudonym.cli.config import INPUT_MEMBERS, Config, config_option, path_of
from pseudonym.cli.defaults import check_defaults
from pseudonym.cli.options import (
    BodyKeyFile,
    Book,
    Column,
    DateOrderName,
    Delimiter,
    Derived,
    Encoding,
    HeaderRow,
    InputOptions,
    InviteFile,
    Json,
    KeepEmpty,
    Period,
    Previous,
    ProfileName,
    Reference,
    Separator,
    SheetName,
    check_paths,
    next_number,
    own_file,
    read_reference_date,
)
from pseudonym.cli.sealing import kind_of, sealer_of, written
from pseudonym.cli.summary import Result, print_result, refused
from pseudonym.codebook import codebook_names
from pseudonym.console import Bar, progress, say, wrong_option
from pseudonym.encode import Encoder, Report, Sealer
from pseudonym.encode.arguments import as_body_key
from pseudonym.encode.derived import derived_notices
from pseudonym.encode.inputs import column_notices
from pseudonym.errors import InputError
from pseudonym.faults import Fault
from pseudonym.identity.reader import InputFile
from pseudonym.identity.rejects import REJECTS, write_rejects
from pseudonym.keyed import LinkageKey
from pseudonym.output import Outputs, check_target
from pseudonym.wire import SUBMISSION

__all__ = ["EXAMPLE", "encode"]

WITHOUT_PERIOD: Final = (
    "Without --period, coverage cannot count this file for any period. Add --period 2026-03, or --no-period if that is "
    "right."
)
"""Not an error, because programs may call the command as they always did."""

EXAMPLE: Final = """\b
Example: pseudonym encode cases.csv --key linkage.key --reporter police --period 2026-03 \
--codebook case-registry --rejects rejects.csv --out police-2026-03.parquet
  police-2026-03.parquet: 2 records, ...
  Note: Headers recognised: personnummer as number, fornamn as given_names, ...
  Rows rejected: 0; values left out: 1; kept with a mark: 0.
    1 x sex: left out (sex.unknown). Sex is woman, man, other or unknown, in English or Swedish.
  Listed in rejects.csv.

\b
rejects.csv names the row, the field and the rule, never the value:
  row,field,rule,effect,meaning
  3,sex,sex.unknown,left out,"Sex is woman, man, other or unknown, in English or Swedish."

\b
With the options that stay the same in a file, which 'pseudonym check --write-config' writes:
  pseudonym encode cases.csv --config body.toml --period 2026-03 --out police-2026-03.parquet

\b
Sealed for the units of the registry, as the invite names them ('pseudonym enrol' answers it):
  pseudonym encode cases.csv --key linkage.key --body-key body.key --to police-invite.json --reporter police \
--period 2026-03 --out police-2026-03.sealed

\b
For a period without cases:
  pseudonym encode --nothing-to-report --key linkage.key --reporter police --period 2026-04 \
--out police-2026-04.parquet"""


def encode(  # Typer needs one parameter per option.
    key: Annotated[Path, typer.Option(help="The linkage key file.")],
    reporter: Annotated[str, typer.Option(help="Code of the reporter, such as police-stockholm: A-Z a-z 0-9 . _ -")],
    out: Annotated[
        Path,
        typer.Option(
            help="The submission file to write (Parquet); replaces an older submission. With --to, the sealed file."
        ),
    ],
    source: Annotated[
        Path | None,
        typer.Argument(
            metavar="INPUT", help="CSV file or workbook (xlsx); a row is a record, one person in one report."
        ),
    ] = None,
    config: Annotated[
        Config | None, config_option("key", "body_key", "to", "reporter", "profile", *INPUT_MEMBERS)
    ] = None,
    body_key: BodyKeyFile = None,
    to: InviteFile = None,
    profile: ProfileName = "case-registry",
    column: Column = None,
    sheet: SheetName = None,
    header_row: HeaderRow = None,
    separator: Separator = None,
    date_order: DateOrderName = None,
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    keep_empty: KeepEmpty = False,
    jobs: Annotated[
        int,
        typer.Option(
            min=1, help="Processes in which records are encoded: one per core for large files. Equal files come out."
        ),
    ] = 1,
    codebook: Book = None,
    rejects: Annotated[
        Path | None, typer.Option(help="CSV file that lists rejected rows, and values left out or marked.")
    ] = None,
    period: Period = None,
    no_period: Annotated[
        bool, typer.Option("--no-period", help="The file is for no period; coverage then cannot count it for any.")
    ] = False,
    sequence: Annotated[
        int | None,
        typer.Option(min=0, help="Number of this submission; must increase. Default: time in milliseconds."),
    ] = None,
    previous: Previous = None,
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
    derived: Derived = True,
    as_json: Json = False,
) -> None:
    """Encode a file of records into a submission file.

    With --body-key the ids that order the rows come from the reporter's own key, so that no other reporter can compute
    them and each epoch has new ones. With --to as well, what is written is sealed: a part with the codes, encrypted to
    the linkage unit, and one with all else, encrypted to the statistics unit, signed by the reporter. No open file is
    left; 'pseudonym show' prints what anybody can read of a sealed one.

    Only the owner may read what is written. A file that is neither an older submission nor an older rejects file is
    never replaced by one.

    Identity fields are encoded and never leave the reporter: number, foreign_number, given_names, family_names,
    name_of_address, birth_date, sex; number_type and number_level qualify a number. Put several numbers, names or dates
    of one person into number, number_2 ... number_8, or into one cell with --separator. These columns are sent
    unchanged: record_id (required, must not be an identity), report_id, case_id, role, status and case_state. Of
    event_date, report_date, discovered_on and outcome_date the month is sent, unless the codebook gives a reason for
    the day. The items of the codebook are read as codes, labels or ages, of an item that takes several also more of
    them in one cell, as in 'Barnäktenskap; other', and sent as codes. Items that the codebook declares, such as
    the age at the event, are filled in from the identity where INPUT has no column for them; a note says so, and
    --no-derived prevents it. Other columns are not read. 'pseudonym check INPUT' shows how a file is understood.
    """
    if nothing_to_report == (source is not None):
        raise wrong_option("INPUT", "Name a file, or use --nothing-to-report; one of the two.")
    if no_period and period is not None:
        raise wrong_option("--no-period", "Use --period or --no-period, not both.")
    documents = (own_file(codebook, codebook_names()), own_file(profile, profile_names()))
    check_paths((source, key, body_key, to, previous, path_of(config), *documents), (out, rejects))
    # The pass phrases of a descriptor are in this order, with and without --to.
    linkage_key, own_key = LinkageKey.load(key), as_body_key(body_key)
    sealer = sealer_of(to, own_key, reporter=reporter)
    encoder = Encoder(
        linkage_key,
        reporter=reporter,
        profile=load_profile(profile),
        codebook=None if codebook is None else load_codebook(codebook),
        reference_date=read_reference_date(reference_date, period),
        derive=derived,
        keep_empty=keep_empty,
        jobs=jobs,
        body_key=own_key,
    )
    if sealer is not None:
        sealer.check(encoder.key, encoder.profile)
    number, before = next_number(sequence, previous)
    submission = _Submission(sequence=number, period=period, previous=before, complete=complete)
    if source is None:
        with written(sealer, out, profile=encoder.profile, codebook=encoder.codebook) as file:
            report = encoder.write_nothing(file.path, outputs=file.outputs, **asdict(submission))
        result = Result(report.header, [], notices=report.period_notices, sealed=file.sealed)
    else:
        defaults = check_defaults(config, encoder.codebook)
        options = InputOptions(
            column, sheet, header_row, separator, date_order, delimiter, encoding, keep_empty, defaults
        )
        result = _encode_file(
            encoder, source, options, out, submission=submission, sealer=sealer, rejects=rejects, as_json=as_json
        )
    missed = period is None and not no_period
    if missed and as_json:
        result = replace(result, notices=(*result.notices, WITHOUT_PERIOD))
    print_result(result, out, rejects=rejects, as_json=as_json)
    if missed and not as_json:
        say(f"Warning: {WITHOUT_PERIOD}", err=True)
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
    sealer: Sealer | None,
    rejects: Path | None,
    as_json: bool,
) -> Result:
    faults: list[Fault] = []
    with Outputs() as outputs, progress("inspect", "encode", "write") as bar, encoder.ready():
        # Paths that cannot be used are reported before the work. The submission gets its name last, so none is ever
        # there without its rejects file.
        check_target(out, kind_of(sealer, SUBMISSION))
        listed = None if rejects is None else outputs.add(rejects, REJECTS)
        total = source.stat().st_size if source.is_file() else 0
        rows = options.open(source, encoder.codebook, lambda n_bytes: bar("inspect", n_bytes, total))
        try:
            with written(sealer, out, profile=encoder.profile, codebook=encoder.codebook, outputs=outputs) as file:
                write = partial(encoder.write, file.path, outputs=file.outputs, **asdict(submission))
                report = _write(write, rows, bar, faults=faults)
        except InputError as error:
            # The faults show what to correct in the input.
            if error.rule not in {"input.no_records", "input.incomplete"}:
                raise
            _commit(outputs, listed, faults)
            error.path = source
            raise refused(error, faults, rejects, as_json=as_json) from None
        _commit(outputs, listed, faults)
    filled = derived_notices(encoder.codebook, report.derived)
    notices = (*rows.notices, *column_notices(rows), *filled, *report.date_notices, *report.period_notices)
    return Result(report.header, faults, notices=notices, sealed=file.sealed)


def _commit(outputs: Outputs, listed: Path | None, faults: list[Fault]) -> None:
    """Write the rejects file, if there is to be one, and give all outputs their names."""
    if listed is not None:
        write_rejects(listed, faults)
    outputs.commit()


def _write(write: Callable[..., Report], rows: InputFile, bar: Bar, *, faults: list[Fault]) -> Report:
    n_read = n_encoded = 0

    def advance(n_bytes: int) -> None:
        nonlocal n_read
        n_read = n_bytes

    def encoding(n_records: int) -> None:
        nonlocal n_encoded
        n_encoded = n_records
        bar(f"encode {n_records:,} records", n_read, rows.n_bytes)

    def writing(n_records: int) -> None:
        bar(f"write {n_records:,} records", n_records, n_encoded)

    return write(rows, on_fault="ignore", faults=faults, reading=advance, progress=encoding, writing=writing)
