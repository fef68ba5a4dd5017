"""The command-line application: its name, help and version."""

from __future__ import annotations

from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from pseudonym import __version__

__all__ = ["app"]

_ORDER: Final = """\b
The usual order, for a file cases.csv with these lines:
  record_id;personnummer;fornamn;efternamn;sex;kind_of_case
  17;20110713-9980;Asa Maria;Lindqvist;kvinna;taken_abroad
  18;;Bogdan;Zvonimirovic;x;taken_abroad

\b
  pseudonym keygen linkage.key --project followup      once per project, for all reporters
  pseudonym check cases.csv --codebook case-registry   how the file is understood; needs no key
  pseudonym encode cases.csv --key linkage.key --reporter police --period 2026-03
                   --codebook case-registry --rejects rejects.csv --out police-2026-03.parquet
  pseudonym check police-2026-03.parquet               what the submission reveals; needs no key
  pseudonym show police-2026-03.parquet                its header: all but codes and rows

\b
To have records erased at the registry:
  pseudonym withdraw --key linkage.key --reporter police --record 17 --out police-withdrawal.parquet

Send the file that encode writes to the registry; keep the key and rejects.csv. 'pseudonym COMMAND --help' shows what
each command prints."""

COMMANDS: Final = ("keygen", "check", "encode", "withdraw", "show", "codebook", "profiles")
"""The commands in the order of use, which is the order of the help."""


class _InOrder(TyperGroup):
    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of the commands in the order of use."""
        return sorted(super().list_commands(ctx), key=COMMANDS.index)


app = typer.Typer(
    name="pseudonym",
    cls=_InOrder,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Encode identities at a reporter (a reporting body), so that a registry can link them without reading them.",
    epilog=_ORDER,
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
    """Encode identities at a reporter (a reporting body), so that a registry can link them without reading them."""
