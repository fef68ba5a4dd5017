"""The command `pseudonym`: what a reporting body runs.

Exit status: 0 all encoded whole; 3 output written, but rows were rejected or fields left out; 2 wrong usage; 4 the
input cannot be used; 5 the key, profile or codebook cannot be used; 6 the output cannot be written; 70 a fault of the
program. In all but 0 and 3 no submission is written. No message holds a value of the input.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Final, NoReturn

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from pseudonym import __version__, load_codebook, load_profile, profile_names
from pseudonym.encode import Encoder, Record
from pseudonym.errors import (
    CodebookError,
    FieldError,
    InputError,
    KeyFileError,
    OutputError,
    ProfileError,
    PseudonymError,
    SubmissionError,
)
from pseudonym.keys import LinkageKey
from pseudonym.reader import InputFile, open_input
from pseudonym.record import IDENTITY_FIELDS, Fault
from pseudonym.rejects import write_rejects
from pseudonym.summary import OK, Result, column_notices, print_faults, print_result
from pseudonym.wire import RESERVED, read_header

__all__ = ["app", "main"]

INTERNAL: Final = 70

EXIT_STATUS: Final[dict[type[PseudonymError], int]] = {
    InputError: 4,
    FieldError: 4,
    SubmissionError: 4,
    KeyFileError: 5,
    ProfileError: 5,
    CodebookError: 5,
    OutputError: 6,
}

PROGRESS_DELAY_SECONDS: Final = 1.0

HEAD_BYTES: Final = 1024
"""Enough of a file to see that it is a key: its warning and the beginning of its line."""

app = typer.Typer(
    name="pseudonym",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Encode identities at a reporting body, so that a registry can link them without reading them.",
    epilog="Usual order: 'pseudonym keygen' once in a project; 'pseudonym encode' for every report; "
    "the file it writes goes to the registry.",
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"pseudonym {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Encode identities at a reporting body, so that a registry can link them without reading them."""


@app.command(epilog="Example: pseudonym keygen linkage.key --project followup --epoch 1")
def keygen(
    keyfile: Annotated[Path, typer.Argument(help="New file for the key; an existing file is never overwritten.")],
    project: Annotated[str, typer.Option(help="The project that the key serves: a-z, 0-9, -.")] = "default",
    epoch: Annotated[int, typer.Option(help="Linkage epoch. Codes of two epochs cannot be compared.")] = 1,
) -> None:
    """Make a new linkage key.

    All reporting bodies of a project use the same key. Hand it over in person or by a channel made for secrets, and
    never to the registry: whoever has both the key and the codes can find out whose they are.
    """
    key = LinkageKey.generate(project=project, epoch=epoch)
    key.save(keyfile)
    typer.echo(f"Linkage key written to {keyfile}. Keep it secret, and away from the registry.")
    typer.echo(f"Key id (not secret; the registry may know it): {key.key_id}")


@app.command(
    epilog="Example: pseudonym encode cases.csv --key linkage.key --reporter police --period 2026-03 "
    "--column given_names=firstname --rejects rejects.csv --out police-2026-03.parquet"
)
def encode(  # Typer reads the options from the parameters, so there are as many as the command has.
    key: Annotated[Path, typer.Option(help="The linkage key file.")],
    reporter: Annotated[str, typer.Option(help="Code of the reporting body: A-Z, a-z, 0-9, . _ -")],
    out: Annotated[Path, typer.Option(help="The submission file to write (Parquet).")],
    source: Annotated[
        Path | None,
        typer.Argument(metavar="INPUT.csv", help="CSV file with one record (one person in one report) a row."),
    ] = None,
    profile: Annotated[str, typer.Option(help="Name of a profile, or a profile file.")] = "case-registry",
    column: Annotated[
        list[str] | None,
        typer.Option(metavar="FIELD=NAME", help="Read a field from a column of another name. Repeatable."),
    ] = None,
    codebook: Annotated[
        str | None, typer.Option(help="Codebook of the payload: a file, or the name of one that ships.")
    ] = None,
    rejects: Annotated[
        Path | None, typer.Option(help="List rejected rows and left-out fields in this CSV file.")
    ] = None,
    period: Annotated[str | None, typer.Option(help="Period reported on: 2026-03 or 2026.")] = None,
    sequence: Annotated[
        int | None, typer.Option(min=0, help="Number of this submission; must grow. Default: UTC milliseconds.")
    ] = None,
    previous: Annotated[
        Path | None, typer.Option(help="The body's submission before this one; the registry then sees gaps.")
    ] = None,
    nothing_to_report: Annotated[
        bool, typer.Option("--nothing-to-report", help="Send an empty period; takes no input.")
    ] = False,
    reference_date: Annotated[
        str | None,
        typer.Option(
            metavar="YYYY-MM-DD",
            help="Day by which the century of a 10-digit number is inferred. Default: end of the period, else today.",
        ),
    ] = None,
    encoding: Annotated[
        str | None, typer.Option(help="Character encoding of the input, if it is not recognised.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Encode a CSV file of records into a submission file.

    Exit status: 0 all encoded whole; 3 written, but rows were rejected or fields left out; else nothing is written.

    Identity fields, which are encoded and never leave the body: number, foreign_number, given_names, family_names,
    birth_date, sex. Columns that travel as they are: record_id (required, must not be an identity), report_id, case_id,
    role, event_date, report_date, status, and the items of the codebook. Other columns are not read.
    """
    inputs = (source, key, previous, Path(codebook or key), Path(profile))
    _check_usage(inputs, (out, rejects), nothing_to_report=nothing_to_report)
    book = None if codebook is None else load_codebook(codebook)
    encoder = Encoder(
        LinkageKey.load(key),
        reporter=reporter,
        profile=load_profile(profile),
        codebook=book,
        reference_date=_reference_date(reference_date, period),
    )
    delivery = _Delivery(
        sequence=time.time_ns() // 1_000_000 if sequence is None else sequence,
        period=period,
        previous=None if previous is None else read_header(previous).digest,
    )
    if source is None:
        header = encoder.write_nothing(out, **asdict(delivery)).header
        result = Result(header, [], notices=())
    else:
        rows = open_input(source, columns=_columns(column), items=encoder.items, encoding=encoding)
        result = _encode_rows(encoder, rows, out, delivery=delivery, rejects=rejects)
    print_result(result, out, rejects=rejects, as_json=as_json)
    raise typer.Exit(result.exit_status)


@app.command(name="codebook", epilog="Example: pseudonym codebook case-registry kind_of_case")
def show_codebook(
    name: Annotated[str, typer.Argument(help="A codebook file, or the name of one that ships.")] = "case-registry",
    item: Annotated[str | None, typer.Argument(help="An item; without it the items are listed.")] = None,
) -> None:
    """List the items of a codebook, or the codes of one item with their labels."""
    book = load_codebook(name)
    if item is None:
        for one in book.items:
            typer.echo(f"{one.name}: {one.label.en} / {one.label.sv} ({len(one.codes)} codes)")
        return
    found = [one for one in book.items if one.name == item]
    if not found:
        raise typer.BadParameter(f"The items are {', '.join(book.item_names)}.")
    for code in found[0].codes:
        typer.echo(f"{code.code}: {code.label.en} / {code.label.sv}")


@app.command(epilog="Example: pseudonym show police-2026-03.parquet")
def show(
    file: Annotated[Path, typer.Argument(help="A submission file.")],
) -> None:
    """Show the header of a submission as JSON: everything in it but codes and rows."""
    header = read_header(file)
    typer.echo(json.dumps({**header.model_dump(mode="json"), "digest": header.digest}, indent=2))


@app.command(epilog="Example: pseudonym profiles")
def profiles() -> None:
    """List the profiles that ship with the library."""
    for name in profile_names():
        profile = load_profile(name)
        n_codes, n_bytes = profile.encoding.codes_per_record, profile.encoding.content_bytes + 16
        typer.echo(f"{name} (version {profile.version}): {n_codes} codes, {n_codes * n_bytes} bytes a record")
        typer.echo(f"    {profile.purpose}")


@dataclass(frozen=True, slots=True)
class _Delivery:
    """What the header says of the place of a submission among the others of its body."""

    sequence: int
    period: str | None
    previous: str | None


def _encode_rows(encoder: Encoder, rows: InputFile, out: Path, *, delivery: _Delivery, rejects: Path | None) -> Result:
    if not set(rows.fields) & set(IDENTITY_FIELDS):
        raise InputError(
            "input.no_identity",
            "The input has no column of an identity, such as number or given_names; map it with --column FIELD=NAME.",
        )
    if rows.header_only:
        raise InputError(
            "input.header_only", "The input has a header and no rows; an empty period is sent with --nothing-to-report."
        )
    faults: list[Fault] = []
    if rejects is not None and not os.access(rejects.parent, os.W_OK):
        # What cannot be listed is found out before anything is written.
        raise OutputError("output.unwritable", "The rejects file cannot be written.")
    try:
        with _progress() as advance:
            records = _records(rows, encoder.items, faults)
            report = encoder.write(out, records, faults=faults, progress=advance, **asdict(delivery))
    except InputError as error:
        # The faults are told all the same: without them nobody could mend an input of which nothing was usable.
        if error.rule == "input.no_records":
            typer.echo("Nothing is written.")
            print_faults(faults, rejects)
            if rejects is not None:
                write_rejects(rejects, faults)
        raise
    if rejects is not None:
        write_rejects(rejects, faults)
    return Result(report.header, faults, notices=(*rows.notices, *column_notices(rows)))


def _records(rows: InputFile, items: tuple[str, ...], faults: list[Fault]) -> Iterator[tuple[int, Record]]:
    """Turn rows of a file into records; rows that are broken go to the faults."""
    for row in rows:
        if row.faults:
            faults += [Fault(row.line, fault.field, fault.rule, "rejected") for fault in row.faults]
            continue
        values = {name: row.values.get(name) for name in (*IDENTITY_FIELDS, *RESERVED)}
        payload = {item: row.values[item] for item in items if row.values.get(item)}
        yield row.line, Record(row.values["record_id"], **values, payload=payload)


def _check_usage(inputs: tuple[Path | None, ...], outputs: tuple[Path | None, ...], *, nothing_to_report: bool) -> None:
    if nothing_to_report == (inputs[0] is not None):
        raise typer.BadParameter("Give either INPUT.csv or --nothing-to-report.")
    read = {path.resolve() for path in inputs if path is not None}
    written = [path.resolve() for path in outputs if path is not None]
    if any(path.is_dir() for path in written):
        raise OutputError("output.unwritable", "The output cannot be written: a folder stands there.")
    odd = any(path.exists() and not path.is_file() for path in written)
    if odd or read & set(written) or len(set(written)) < len(written) or any(map(_is_key, written)):
        raise typer.BadParameter("--out and --rejects must be files of their own: no input, key or device.")


def _is_key(path: Path) -> bool:
    """Recognise a key file, of this library or of a registry, by how it begins."""
    try:
        with path.open("rb") as file:
            return b"-SECRET-" in file.read(HEAD_BYTES)
    except OSError:
        return False


def _columns(options: list[str] | None) -> dict[str, str]:
    columns = {}
    for option in options or []:
        field, equals, name = option.partition("=")
        if not equals or not field or not name or field in columns:
            raise typer.BadParameter("--column takes FIELD=NAME, each field once.")
        columns[field.strip()] = name.strip()
    return columns


def _reference_date(text: str | None, period: str | None) -> date:
    """Give the day by which centuries are inferred: named, or the end of the period, or today."""
    try:
        if text is not None:
            return date.fromisoformat(text)
        if period is not None:
            year, month = int(period[:4]), int(period[5:] or 12)
            return min(date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1), date.today())
    except (ValueError, OverflowError):
        raise typer.BadParameter("--reference-date is YYYY-MM-DD, --period is 2026-03 or 2026.") from None
    return date.today()


@contextmanager
def _progress() -> Iterator[Callable[[int], None]]:
    """Show a count on a terminal once the work takes over a second; elsewhere stay quiet."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda count: None
        return
    columns = (SpinnerColumn(), TextColumn("{task.description} {task.completed:,} records"), TimeElapsedColumn())
    began = time.monotonic()
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("Encoding", total=None, visible=False)
        yield lambda count: progress.update(
            task, completed=count, visible=time.monotonic() - began > PROGRESS_DELAY_SECONDS
        )


def _fail(message: str, status: int) -> NoReturn:
    print(f"pseudonym: {message}", file=sys.stderr)
    sys.exit(status)


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command and exit with its status; no traceback and no value of the input reaches the user.

    Args:
        arguments: The words of the command line; those of the process if not given.

    Sees: plaintext and key
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A console that cannot show a character of a path must not end the run.
            stream.reconfigure(errors="replace")
    try:
        app(arguments)
    except PseudonymError as error:
        place = "" if error.field is None else f" [{error.field}]"
        _fail(f"{error.message}{place} ({error.rule})", EXIT_STATUS[type(error)])
    except OSError:
        _fail("A file cannot be read or written.", EXIT_STATUS[OutputError])
    except Exception as error:  # The type alone is shown: the text of a foreign error may hold a value.
        _fail(f"A fault of the program ({type(error).__name__}). Please report it.", INTERNAL)
    sys.exit(OK)


if __name__ == "__main__":
    main()
