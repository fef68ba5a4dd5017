"""Text printed by `pseudonym check`: counts, never values; tables on a terminal, plain columns in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import Final

import typer
from rich.console import Console
from rich.table import Table

from pseudonym.console import say, shown, table_text, text_width
from pseudonym.encode.inputs import unused_notice
from pseudonym.faults import RULES
from pseudonym.identity.dry_run import ColumnReport, DryRun

__all__ = ["print_columns", "print_dry_run", "print_table", "share"]

_SIGNS: Final = {"\n": "line end", "\t": "tab", ",": "comma", ";": "semicolon"}


def print_dry_run(found: DryRun) -> None:
    """Print a short report of how a file was understood and what encoding would do with it.

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
        say("No column identifies a person, so encode would refuse the file. Map one: --column FIELD=HEADER.")
    elif not found.n_written:
        say("No row can be used, so encode would refuse the file.")
    say(f"Encode would write {found.n_written:,} of {found.n_rows:,} records.")
    rejected, left_out, marked = (found.count(effect) for effect in ("rejected", "left out", "marked"))
    say(f"Rows rejected: {rejected:,}; values left out: {left_out:,}; kept with a mark: {marked:,}.")
    for (field, rule, effect), count in sorted(found.faults.items(), key=lambda item: (item[0][0] or "", item[0][1:])):
        say(f"  {count:,} x {field or 'row'}: {effect} ({rule}). {RULES[rule]}")
    say("'pseudonym check INPUT --columns' shows each column.")


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
    say("The rules mean:" if any(column.rules for column in found.columns) else "No rule was broken.")
    for rule in sorted({rule for column in found.columns for rule, _ in column.rules}):
        say(f"  {rule}: {RULES[rule]}")


def _print_file(found: DryRun) -> None:
    form = found.form()
    if form["kind"] == "workbook":
        how = f"workbook, sheet {form['sheet']} of {form['sheets']}, days counted from {form['days_from']}"
    else:
        how = f"text, {form['encoding']}, delimiter {_sign(str(form['delimiter']))}"
    if form["header_row"] != 1:
        how += f", header in {'row' if form['kind'] == 'workbook' else 'line'} {form['header_row']}"
    say(f"{found.file.path}: {how}, {found.n_rows:,} rows.")


def _print_notices(found: DryRun) -> None:
    for notice in unused_notice(found.file):
        say(notice)
    for notice in found.notices:
        say(f"Note: {notice}")


def _details(column: ColumnReport) -> Iterator[str]:
    """Yield the details of a column, one per line."""
    for form, count in column.forms.items():
        yield f"{count:,} x {form}"
    for sign, count in column.separators.items():
        yield f"{count:,} x {_sign(sign)} may separate two values: --separator splits them"
    for (rule, effect), count in sorted(column.rules.items()):
        yield f"{count:,} x {effect}: {rule}"


def _header(column: ColumnReport) -> str:
    if column.header is None:
        return "(not shown)"
    return f"{column.header} (recognised)" if column.by_alias else column.header


def _sign(sign: str) -> str:
    return _SIGNS.get(sign, sign if sign.isprintable() else "a control character")


def share(part: int, whole: int) -> str:
    """Format a count with its share of a total.

    Sees: neither
    """
    return f"{part:,} ({100 * part / whole:.1f} %)" if whole else "0"


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table: with borders on a terminal, otherwise in plain columns.

    Args:
        header: The heading of each column.
        rows: The cells of each row.

    Sees: neither
    """
    if sys.stdout.isatty():
        table = Table(*header, header_style="bold")
        for row in rows:
            # Headers come from the file; brackets in them are not markup.
            table.add_row(*(shown(cell).replace("[", "\\[") for cell in row))
        Console(width=text_width()).print(table)
        return
    typer.echo(table_text(header, rows))
