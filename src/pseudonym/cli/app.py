"""The command line as a whole: its help, its version, and its commands in order of use."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from pseudonym.cli import check, codebook, encode, keygen, profiles, show, withdraw
from pseudonym.console import version_option

__all__ = ["app"]

_ORDER: Final = """\b
The usual order, for a file cases.csv with these lines:
  record_id;personnummer;fornamn;efternamn;sex;state
  17;20110713-9980;Asa Maria;Lindqvist;kvinna;taken
  18;;Bogdan;Zvonimirovic;x;taken

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

app = typer.Typer(
    name="pseudonym",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Encode identities at a reporter (a reporting body), so that a registry can link them without reading them.",
    epilog=_ORDER,
)


@app.callback()
def _common(
    version: Annotated[bool, version_option("pseudonym")] = False,
) -> None:
    """Encode identities at a reporter (a reporting body), so that a registry can link them without reading them."""


# Help lists the commands in this order.
app.command(epilog=keygen.EXAMPLE)(keygen.keygen)
app.command(epilog=check.EXAMPLE)(check.check)
app.command(epilog=encode.EXAMPLE)(encode.encode)
app.command(epilog=withdraw.EXAMPLE)(withdraw.withdraw)
app.command(epilog=show.EXAMPLE)(show.show)
app.add_typer(codebook.app, name="codebook")
app.command(epilog=profiles.EXAMPLE)(profiles.profiles)
