"""`linkage roster`: say who is to report, from when on and how often."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from linkage.cli.options import WAIT, JsonOption, RegistryArgument, WaitOption, registry_class, reporters
from linkage.errors import RosterError, needing_extra
from pseudonym.console import (
    Unfinished,
    counted,
    offering,
    print_file,
    print_json,
    say,
    table_text,
    wrapped,
    wrong_option,
)

if TYPE_CHECKING:
    from linkage.intake import Entry, RosterChange
    from linkage.intake.roster.entry import Label

__all__ = [
    "END_EXAMPLE",
    "IMPORT_EXAMPLE",
    "KINDS_EXAMPLE",
    "LIST_EXAMPLE",
    "REMOVE_EXAMPLE",
    "SET_EXAMPLE",
    "end",
    "import_file",
    "kinds",
    "list_entries",
    "remove",
    "set_entry",
]

IMPORT_EXAMPLE: Final = """\b
Example: linkage roster import national roster.csv --dry-run
  2 added: police 2026-01, school-0180 2026-01
  1 changed: shelter-3 2025-07
  14 unchanged.
  Not in the file, and unchanged: ud
  Nothing was written: this was a dry run.
\b
A file with all columns:
  reporter,name,kind,county,reports,every,from,until,due_days,cases_from
  school-0180,Stockholms stad,school,01,records,month,2026-01,,30,police
Required are reporter, kind and from."""

LIST_EXAMPLE: Final = """\b
Example: linkage roster list national
  reporter  kind    county  reports  every  from     until  due days  cases from  name
  police    police          records  month  2026-01         30
  school-1  school  01      records  month  2026-01         30        police      Stockholm
With --csv it prints a file that linkage roster import reads."""

SET_EXAMPLE: Final = """\b
Example: linkage roster set national shelter-3 --kind shelter --county 12 --from 2026-01
  1 added: shelter-3 2026-01
\b
From 2027 on by the year; up to December 2026 it stays expected every month:
  linkage roster set national shelter-3 --every year --from 2027"""

END_EXAMPLE: Final = """\b
Example: linkage roster end national shelter-3 --until 2026-06
  1 changed: shelter-3 2026-01
If it reports again later, linkage roster set with --from puts it back."""

REMOVE_EXAMPLE: Final = """\b
Example: linkage roster remove national shelter-33
  1 removed: shelter-33 2026-01
While the roster is empty, every reporter is accepted."""

KINDS_EXAMPLE: Final = """\b
Example: linkage roster kinds --json
  {
    "police": {
      "sv": "polis",
      "en": "police"
    },
    ..."""

ReporterArgument = Annotated[
    str,
    typer.Argument(
        metavar="REPORTER", help="Code of the reporter, as its submissions carry it.", autocompletion=reporters
    ),
]


def import_file(
    registry: RegistryArgument,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV file in UTF-8.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing; show what would change.")] = False,
    wait: WaitOption = WAIT,
    as_json: JsonOption = False,
) -> None:
    """Add and change entries by a CSV file.

    A row replaces the entry with the same reporter and first period; entries that the file does not name stay as they
    are. If any row is bad, each is named by its line, and nothing is imported.
    """
    opened = registry_class().open(registry, wait=wait)
    try:
        change = opened.roster.import_file(file, dry_run=dry_run)
    except RosterError as error:
        for line, rule in error.faults:
            say(f"{file}, line {line}: {error.rules[rule]} ({rule})", err=True)
        faults = [{"row": line, "rule": rule, "message": error.rules[rule]} for line, rule in error.faults]
        raise Unfinished(error, {"faults": faults}) from None
    _print(change, as_json=as_json)


def list_entries(
    registry: RegistryArgument,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print a file that linkage roster import reads.")] = False,
    wait: WaitOption = WAIT,
    as_json: JsonOption = False,
) -> None:
    """Show who is to report."""
    if as_csv and as_json:
        raise wrong_option("--csv", "Choose --csv or --json, not both.")
    entries = registry_class().open(registry, wait=wait).roster.entries()
    if as_json:
        print_json([entry.to_dict() for entry in entries])
    elif as_csv:
        from linkage.intake.roster import table_of

        print_file(table_of(entries))
    else:
        typer.echo(_table(entries))


def set_entry(
    registry: RegistryArgument,
    reporter: ReporterArgument,
    kind: Annotated[
        str | None,
        typer.Option(help="Kind of body; see linkage roster kinds.", autocompletion=offering(lambda: list(_kinds()))),
    ] = None,
    name: Annotated[str | None, typer.Option(help="Name of the body.")] = None,
    county: Annotated[
        str | None, typer.Option(metavar="CODE", help="Two-digit county code; empty for a national body.")
    ] = None,
    reports: Annotated[
        str | None, typer.Option(metavar="WHAT", help='records, totals, or "records totals". Default: records.')
    ] = None,
    every: Annotated[str | None, typer.Option(metavar="month|year", help="How often. Default: month.")] = None,
    from_period: Annotated[
        str | None, typer.Option("--from", metavar="PERIOD", help="The first period for which this holds.")
    ] = None,
    until_period: Annotated[
        str | None, typer.Option("--until", metavar="PERIOD", help="The last period; empty for no end.")
    ] = None,
    due_days: Annotated[
        str | None, typer.Option(metavar="N", help="Days after the end of a period until it is late. Default: 30.")
    ] = None,
    cases_from: Annotated[
        str | None, typer.Option(metavar="CODES", help="Reporters from which it gets cases, with spaces between.")
    ] = None,
    wait: WaitOption = WAIT,
    as_json: JsonOption = False,
) -> None:
    """Add an entry, or change one.

    A new reporter needs --kind and --from. Of one on the roster, what is not given stays as it is. Without --from its
    last entry is corrected; with it the new values hold from that period on, and earlier periods are judged by the old
    ones. Every change is kept with its time.
    """
    change = (
        registry_class()
        .open(registry, wait=wait)
        .roster.set(
            reporter,
            kind=kind,
            name=name,
            county=county,
            reports=reports,
            every=every,
            from_period=from_period,
            until_period=until_period,
            due_days=due_days,
            cases_from=cases_from,
        )
    )
    _print(change, as_json=as_json)


def end(
    registry: RegistryArgument,
    reporter: ReporterArgument,
    until: Annotated[str, typer.Option(metavar="PERIOD", help="The last period that it is to report.")],
    wait: WaitOption = WAIT,
    as_json: JsonOption = False,
) -> None:
    """Record that a reporter no longer reports.

    What it has sent stays. A file for a later period is held back; a withdrawal without a period is not.
    """
    _print(registry_class().open(registry, wait=wait).roster.end(reporter, until), as_json=as_json)


def remove(
    registry: RegistryArgument, reporter: ReporterArgument, wait: WaitOption = WAIT, as_json: JsonOption = False
) -> None:
    """Remove a reporter that was entered by mistake.

    One that has sent something is not removed; end it.
    """
    removed = registry_class().open(registry, wait=wait).roster.remove(reporter)
    if as_json:
        print_json({"removed": [{"reporter": code, "from": period} for code, period in removed]})
    else:
        typer.echo(_line(removed, "removed"))


def kinds(as_json: JsonOption = False) -> None:
    """List the kinds of bodies, in English and Swedish."""
    found = _kinds()
    if as_json:
        print_json({kind: label._asdict() for kind, label in found.items()})
    else:
        typer.echo(
            table_text(("kind", "English", "Swedish"), [(kind, label.en, label.sv) for kind, label in found.items()])
        )


def _kinds() -> Mapping[str, Label]:
    with needing_extra():
        from linkage.intake.roster import KINDS
    return KINDS


def _print(change: RosterChange, *, as_json: bool) -> None:
    if as_json:
        print_json(change.to_dict())
        return
    lines = [_line(keys, verb) for keys, verb in ((change.added, "added"), (change.changed, "changed")) if keys]
    if change.unchanged:
        lines.append(f"{len(change.unchanged)} unchanged.")
    if change.not_named:
        lines.append(wrapped(f"Not in the file, and unchanged: {', '.join(change.not_named)}"))
    if change.dry_run:
        lines.append("Nothing was written: this was a dry run.")
    typer.echo("\n".join(lines) or "The file has no rows.")


def _line(keys: Sequence[tuple[str, str]], verb: str) -> str:
    return wrapped(f"{len(keys)} {verb}: {', '.join(f'{reporter} {period}' for reporter, period in keys)}")


def _table(entries: Sequence[Entry]) -> str:
    if not entries:
        return "The roster is empty: every reporter is accepted."
    header = ("reporter", "kind", "county", "reports", "every", "from", "until", "due days", "cases from", "name")
    columns = ("reporter", "kind", "county", "reports", "every", "from", "until", "due_days", "cases_from", "name")
    rows = [[entry.cells()[column] for column in columns] for entry in entries]
    n = counted(len({entry.reporter for entry in entries}), "reporter")
    return f"{table_text(header, rows)}\n{n}."
