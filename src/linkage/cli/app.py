"""The command line as a whole: its help, its version, and its commands in order of use."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from linkage.cli import (
    codebook,
    coverage,
    erase,
    explain,
    export,
    init,
    link,
    privacy,
    receipt,
    receive,
    roster,
    summary,
    totals,
)
from pseudonym.console import version_option

__all__ = ["app"]

PURPOSE: Final = "Link records that reporters have encoded, and count unique persons, without learning who they are."

_ORDER: Final = """\b
The usual order:
  linkage init national.duckdb
  linkage receive national.duckdb police-2026-03.parquet school-2026-03.parquet
  linkage link national.duckdb
  linkage summary national.duckdb
  linkage privacy national.duckdb
  linkage export persons national.duckdb --out persons.csv

\b
To see what reporters have counted themselves:
  linkage totals national.duckdb --period 2026-03

\b
To know who is missing, and what nobody should have sent:
  linkage roster import national.duckdb roster.csv
  linkage coverage national.duckdb

\b
To review pairs:
  linkage export links national.duckdb --out links.csv
  linkage explain national.duckdb police/pol-17 school/2026/0042 --svg pair.svg

\b
To erase what is older than a rule allows; what reporters withdraw is erased when it is received:
  linkage erase national.duckdb --before 2021-01-01 --dry-run

\b
When the codebook changes; older versions are accepted beside the new one until they end:
  linkage codebook add national.duckdb cases-2.json --map map.json --accept-old-until 2028-06-30

Receive and link again whenever new submissions arrive. 'linkage COMMAND --help' shows what each command prints."""

app = typer.Typer(
    name="linkage",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help=PURPOSE,
    epilog=_ORDER,
)
exports = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Write persons or links to a CSV file.",
    epilog="Example: linkage export persons national.duckdb --out persons.csv",
)
rosters = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Say who is to report; coverage is judged by it, and what others send is held back.",
    epilog="Example: linkage roster import national.duckdb roster.csv",
)

codebooks = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Add a version of the codebook, end an older one, and see which series break.",
    epilog=codebook.ADD_EXAMPLE,
)


@app.callback(help=PURPOSE)
def _options(
    version: Annotated[bool, version_option("linkage")] = False,
) -> None:
    """Take the options of the command line as a whole."""


# Help lists the commands in this order.
app.command(epilog=init.EXAMPLE)(init.init)
app.command(epilog=receive.EXAMPLE)(receive.receive)
app.command(epilog=receipt.EXAMPLE)(receipt.receipt)
app.command(epilog=link.EXAMPLE)(link.link)
app.command(epilog=summary.EXAMPLE)(summary.summary)
app.command(epilog=privacy.EXAMPLE)(privacy.privacy)
app.command(epilog=coverage.EXAMPLE)(coverage.coverage)
app.command(epilog=totals.EXAMPLE)(totals.totals)
app.command(epilog=explain.EXAMPLE)(explain.explain)
app.command(epilog=erase.EXAMPLE)(erase.erase)
app.add_typer(rosters, name="roster")
rosters.command("import", epilog=roster.IMPORT_EXAMPLE)(roster.import_file)
rosters.command("list", epilog=roster.LIST_EXAMPLE)(roster.list_entries)
rosters.command("set", epilog=roster.SET_EXAMPLE)(roster.set_entry)
rosters.command("end", epilog=roster.END_EXAMPLE)(roster.end)
rosters.command("remove", epilog=roster.REMOVE_EXAMPLE)(roster.remove)
rosters.command("kinds", epilog=roster.KINDS_EXAMPLE)(roster.kinds)
app.add_typer(codebooks, name="codebook")
codebooks.command("add", epilog=codebook.ADD_EXAMPLE)(codebook.add)
codebooks.command("list", epilog=codebook.LIST_EXAMPLE)(codebook.list_codebooks)
codebooks.command("end", epilog=codebook.END_EXAMPLE)(codebook.end)
codebooks.command("breaks", epilog=codebook.BREAKS_EXAMPLE)(codebook.breaks)
app.add_typer(exports, name="export")
exports.command(epilog=export.PERSONS_EXAMPLE)(export.persons)
exports.command(epilog=export.LINKS_EXAMPLE)(export.links)
