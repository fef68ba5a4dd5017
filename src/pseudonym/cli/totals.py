"""`pseudonym totals`: send numbers that a reporter has counted itself, beside or in place of records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated, Final, Literal

import typer

from pseudonym import load_codebook
from pseudonym.cli.config import Config, config_option, path_of
from pseudonym.cli.named import codebook_of
from pseudonym.cli.options import (
    BodyKeyFile,
    Book,
    Delimiter,
    Encoding,
    InviteFile,
    Json,
    Previous,
    SheetName,
    check_paths,
    check_period,
    next_number,
    own_file,
    read_columns,
)
from pseudonym.cli.sealing import members_of, say_sealed, sealer_of, written
from pseudonym.codebook import codebook_names
from pseudonym.console import OK, PARTIAL, Unfinished, counted, offering, periods, print_json, say
from pseudonym.encode import report_totals
from pseudonym.encode.periods import PeriodCheck
from pseudonym.errors import InputError, concerning
from pseudonym.faults import RULES, Fault
from pseudonym.identity.totals import Counts, read_counts
from pseudonym.wire import FEW, TotalsHeader, is_few, read_totals

__all__ = ["EXAMPLE", "check_totals", "totals"]

SHOWN: Final = 50
"""Number of faults that are shown; `--json` lists all."""

EXAMPLE: Final = """\b
For a file counts.csv with these lines:
  municipality;age_at_event;n
  ;;12
  0180;;9
  0114;;3
  ;12;7

\b
Example: pseudonym totals counts.csv --reporter police --period 2026-03 --unit person \
--codebook case-registry --out police-totals.parquet
  police-totals.parquet: totals of police, period 2026-03: 4 cells, persons (victims),
    by age_at_event and municipality, sequence ...
  Warning: 1 cell counts fewer than 5. ...

\b
Example: pseudonym check police-totals.parquet
  police-totals.parquet: totals of police, ..."""


def totals(  # Typer needs one parameter per option.
    source: Annotated[
        Path,
        typer.Argument(metavar="INPUT", help="CSV file or workbook (xlsx): a column for each item, and the column n."),
    ],
    reporter: Annotated[str, typer.Option(help="Code of the reporter, as for encode.")],
    period: Annotated[
        str, typer.Option(help="The period that was counted: 2026-03 or 2026.", autocompletion=offering(periods))
    ],
    unit: Annotated[Literal["person", "case", "report"], typer.Option(help="What was counted.")],
    out: Annotated[
        Path, typer.Option(help="The totals to write (Parquet); replaces an older file. With --to, the sealed file.")
    ],
    config: Annotated[Config | None, config_option("body_key", "to", "reporter", "codebook")] = None,
    body_key: BodyKeyFile = None,
    to: InviteFile = None,
    codebook: Book = None,
    role: Annotated[
        Literal["victim", "all"],
        typer.Option(help="Among whom: victims, or all with the adults and children who accompanied them."),
    ] = "victim",
    sequence: Annotated[
        int | None,
        typer.Option(min=0, help="Number of this file; must increase. Default: time in milliseconds."),
    ] = None,
    previous: Previous = None,
    column: Annotated[
        list[str] | None,
        typer.Option(metavar="ITEM=HEADER", help="Read an item, or n, from a column with another header. Repeatable."),
    ] = None,
    sheet: SheetName = None,
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    as_json: Json = False,
) -> None:
    """Write totals: numbers that you have counted yourself, for example where records cannot be sent yet.

    INPUT has a column for each item of the codebook that you counted by, with one code per row, and the column n. A
    cell that is blank or says 'total' means that the row is not broken down by this item. Every row must be right: the
    others are named by line and rule, and nothing is written. Needs no key, unless they are sealed: with --to and
    --body-key, for the statistics unit.

    The registry shows totals beside what your records give, and never adds them to records: the same persons may be in
    both. The numbers stand in the file as they are, small ones too: send it like a submission.
    """
    check_period(period)
    check_paths((source, body_key, to, previous, path_of(config), own_file(codebook, codebook_names())), (out,))
    sealer = sealer_of(to, body_key, reporter=reporter)
    book = None if codebook is None else load_codebook(codebook)
    number, before = next_number(sequence, previous)
    columns = read_columns(column)
    with concerning(source):
        counts = read_counts(
            source, book, period=period, columns=columns, sheet=sheet, delimiter=delimiter, encoding=encoding
        )
    _check_rows(source, counts, as_json=as_json)
    with written(sealer, out, codebook=book) as file:
        header = report_totals(
            file.path,
            {cell.codes: cell.n for cell in counts.cells},
            reporter=reporter,
            period=period,
            sequence=number,
            unit=unit,
            role=role,
            items=counts.items,
            codebook=book,
            previous=before,
            outputs=file.outputs,
        )
    n_few = sum(is_few(cell.n) for cell in counts.cells)
    if as_json:
        faults = [asdict(fault) for fault in counts.faults]
        print_json({"out": str(out), **members_of(header, file.sealed), "few": n_few, "faults": faults})
        return
    _print(out, header, n_few)
    say_sealed(file.sealed)
    for notice in PeriodCheck(period).notices(today=date.today()):
        say(f"Note: {notice}")
    for fault in counts.faults:
        say(f"Note: {_fault(fault)}")


def check_totals(path: Path, header: TotalsHeader, codebook: str | None, *, as_json: bool) -> int:
    """Check a totals file against the given codebook, or the one that its header names, and print what it holds.

    Args:
        path: The totals.
        header: Their header.
        codebook: A codebook file, or the name of a shipped one.
        as_json: Print JSON.

    Returns:
        The exit status: 3 if there are cells that count few.

    Sees: neither
    """
    found = read_totals(path, codebook=codebook_of(header.codebook, codebook))
    if as_json:
        print_json({"header": found.header.members(), "digest": found.header.digest, "few": found.n_few})
    else:
        _print(path, found.header, found.n_few)
    return PARTIAL if found.n_few else OK


def _check_rows(source: Path, counts: Counts, *, as_json: bool) -> None:
    """Refuse a table with a wrong row, after naming all of them."""
    if not counts.rejected:
        return
    error = InputError(
        "totals.rows",
        "No totals were written, because rows are wrong.",
        hint="Correct them: totals must be whole.",
        row=counts.rejected[0].row,
        path=source,
    )
    if as_json:
        raise Unfinished(error, {"out": None, "faults": [asdict(fault) for fault in counts.faults]})
    for fault in counts.rejected[:SHOWN]:
        say(_fault(fault), err=True)
    if len(counts.rejected) > SHOWN:
        say(f"{len(counts.rejected) - SHOWN} more; --json lists all.", err=True)
    raise error


def _fault(fault: Fault) -> str:
    field = "" if fault.field is None else f", {fault.field}"
    return f"Line {fault.row}{field}: {fault.rule}. {RULES[fault.rule]}"


def _print(path: Path, header: TotalsHeader, n_few: int) -> None:
    who = "victims" if header.role == "victim" else "all roles"
    by = f", by {_listed(header.items)}" if header.items else ""
    say(
        f"{path}: totals of {header.reporter}, period {header.period}: {counted(header.cells, 'cell')}, "
        f"{header.unit}s ({who}){by}, sequence {header.sequence}."
    )
    if n_few:
        verb = "counts" if n_few == 1 else "count"
        say(
            f"Warning: {counted(n_few, 'cell')} {verb} fewer than {FEW}. Whoever opens the file can read "
            "them, so send it the way you send submissions."
        )


def _listed(items: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(items[:-1]), items[-1]]))
