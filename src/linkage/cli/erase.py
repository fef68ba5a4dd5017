"""`linkage erase`: erase what is older than a retention rule allows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated, Final

import typer

from linkage.cli.options import WAIT, JsonOption, RegistryArgument, ThreadsOption, WaitOption, registry_class
from linkage.cli.text import read_day
from linkage.errors import NotErasedError
from pseudonym.console import Unfinished, print_json, table_text

if TYPE_CHECKING:
    from linkage.intake import OldRecords

__all__ = ["EXAMPLE", "erase"]

EXAMPLE: Final = """\b
Example: linkage erase national --before 2021-01-01 --dry-run
  Older than 2021-01-01, and would be erased:
    reporter  records  older versions  rows in quarantine  totals  first    last
    police         12               3                   0       1  2019-02  2020-12-30
  Nothing was written: this was a dry run."""


def erase(
    registry: RegistryArgument,
    before: Annotated[
        str, typer.Option(metavar="YYYY-MM-DD", help="The first day that stays; what is older is erased.")
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing; show what would be erased.")] = False,
    threads: ThreadsOption = None,
    wait: WaitOption = WAIT,
    as_json: JsonOption = False,
) -> None:
    """Erase what is older than a retention rule allows, for good.

    What counts is the event date of a record; without one, its report date; without either, the period for which it was
    last delivered, or the day on which that was received; of totals, their period. A date known only to the month or
    year is old only if every day in it is. Older versions go with their record, or alone if their own date is older.
    The file is rewritten, and what was erased is not in it; delete copies and backups yourself. A reporter that sends
    an old record again brings it back.
    """
    first = read_day(before, option="--before")
    opened = registry_class().open(registry, threads=threads, wait=wait)
    try:
        found = opened.erase_before(first, dry_run=dry_run)
    except NotErasedError as error:
        # It is deleted from the tables, so the numbers come before the error.
        if not as_json:
            typer.echo(_text(error.results, first, dry_run=False))
        raise Unfinished(error, _document(error.results, first, dry_run=False)) from None
    if as_json:
        print_json(_document(found, first, dry_run=dry_run))
    else:
        typer.echo(_text(found, first, dry_run=dry_run))


def _document(found: Sequence[OldRecords], first: date, *, dry_run: bool) -> dict[str, object]:
    return {"before": first.isoformat(), "dry_run": dry_run, "reporters": [one.to_dict() for one in found]}


def _text(found: Sequence[OldRecords], before: date, *, dry_run: bool) -> str:
    """Describe what was, or would be, erased."""
    if not found:
        return f"Nothing is older than {before}."
    header = ("reporter", "records", "older versions", "rows in quarantine", "totals", "first", "last")
    rows = [(one.reporter, one.records, one.versions, one.rows, one.totals, one.first, one.last) for one in found]
    lines = [
        f"Older than {before}, and {'would be erased' if dry_run else 'erased'}:",
        table_text(header, rows),
        *(["Nothing was written: this was a dry run."] if dry_run else []),
    ]
    return "\n".join(lines)
