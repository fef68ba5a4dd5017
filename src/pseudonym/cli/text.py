"""What `pseudonym check` shows, counts and no value: tables on a terminal, plain columns in a pipe."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterable, Sequence
from typing import Final

import typer
from rich.console import Console
from rich.table import Table

from pseudonym.cli.summary import unused_notice
from pseudonym.faults import RULES
from pseudonym.identity.dry_run import ColumnReport, DryRun

__all__ = ["print_columns", "print_dry_run", "print_table", "share", "wrapped"]

WIDTH: Final = 100
"""Columns that a terminal has at least; longer sentences go on in the next line, further in."""

_SIGNS: Final = {"\n": "line end", "\t": "tab", ",": "comma", ";": "semicolon"}


def print_dry_run(found: DryRun) -> None:
    """Print in short how a file was understood, and what encoding would do with it.

    Args:
        found: The dry run.

    Sees: neither
    """
    _print_file(found)
    rows = [(column.field, _header(column), share(column.filled, found.n_rows)) for column in found.columns]
    print_table(("field", "header", "filled"), rows)
    _print_notices(found)
    typer.echo("")
    if not found.has_identity:
        typer.echo("No column tells who a person is, so encode would refuse the file. Map one: --column FIELD=HEADER.")
    elif not found.n_written:
        typer.echo("No row can be used, so encode would refuse the file.")
    typer.echo(f"Encode would write {found.n_written:,} of {found.n_rows:,} records.")
    rejected, left_out, marked = (found.count(effect) for effect in ("rejected", "left out", "marked"))
    typer.echo(f"Rows rejected: {rejected:,}; values left out: {left_out:,}; kept with a mark: {marked:,}.")
    for (field, rule, effect), count in sorted(found.faults.items(), key=lambda item: (item[0][0] or "", item[0][1:])):
        typer.echo(f"  {count:,} x {field or 'row'}: {effect} ({rule}). {RULES[rule]}")
    typer.echo("'pseudonym check INPUT --columns' shows each column.")


def print_columns(found: DryRun) -> None:
    """Print how each column was understood.

    Args:
        found: The dry run.

    Sees: neither
    """
    _print_file(found)
    rows = []
    for column in found.columns:
        details = list(_details(column)) or [""]
        rows.append((column.field, _header(column), share(column.filled, found.n_rows), details[0]))
        rows += [("", "", "", detail) for detail in details[1:]]
    print_table(("field", "header", "filled", "understood as"), rows)
    _print_notices(found)
    typer.echo("")
    typer.echo("What the rules say:" if any(column.rules for column in found.columns) else "No rule was broken.")
    for rule in sorted({rule for column in found.columns for rule, _ in column.rules}):
        typer.echo(f"  {rule}: {RULES[rule]}")


def _print_file(found: DryRun) -> None:
    form = found.form()
    if form["kind"] == "workbook":
        how = f"workbook, sheet {form['sheet']} of {form['sheets']}, days counted from {form['days_from']}"
    else:
        how = f"text, {form['encoding']}, delimiter {_sign(str(form['delimiter']))}"
    typer.echo(f"{found.file.path}: {how}, {found.n_rows:,} rows.")


def _print_notices(found: DryRun) -> None:
    for notice in unused_notice(found.file):
        typer.echo(notice)
    for notice in found.file.notices:
        typer.echo(f"Note: {notice}")


def _details(column: ColumnReport) -> Iterable[str]:
    """Return what there is to say of a column, a line each."""
    for form, count in column.forms.items():
        yield f"{count:,} x {form}"
    for sign, count in column.separators.items():
        yield f"{count:,} x {_sign(sign)} between what may be two values: --separator reads them as two"
    for (rule, effect), count in sorted(column.rules.items()):
        yield f"{count:,} x {effect}: {rule}"


def _header(column: ColumnReport) -> str:
    if column.header is None:
        return "(not shown)"
    return f"{column.header} (Swedish)" if column.by_alias else column.header


def _sign(sign: str) -> str:
    return _SIGNS.get(sign, sign if sign.isprintable() else "a control character")


def wrapped(sentence: str) -> str:
    """Break a sentence into lines that a terminal can show; what follows is set in by two.

    Sees: neither
    """
    return textwrap.fill(sentence, WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def share(part: int, whole: int) -> str:
    """Write a number with its share of a whole.

    Sees: neither
    """
    return f"{part:,} ({100 * part / whole:.1f} %)" if whole else "0"


def print_table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Lay out rows: with rules where somebody watches, else in plain columns that programs can cut.

    Args:
        titles: The title of each column.
        rows: The rows.

    Sees: neither
    """
    if sys.stdout.isatty():
        table = Table(*titles, header_style="bold")
        for row in rows:
            # Headers of the file are shown as they are: markup in them is none of ours.
            table.add_row(*(cell.replace("[", "\\[") for cell in row))
        Console().print(table)
        return
    widths = [max(len(row[place]) for row in (titles, *rows)) for place in range(len(titles))]
    for row in (titles, *rows):
        typer.echo("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
