"""The command line as a whole: its help, its version, and its commands in order of use."""

from __future__ import annotations

from typing import Annotated, Final

from pseudonym.cli import check, codebook, encode, enrol, key, keygen, profiles, receipt, show, totals, withdraw
from pseudonym.cli.statuses import COMMON, end_of_help
from pseudonym.console import Application, exit_statuses, version_option

__all__ = ["app"]

_ORDER: Final = """\b
The usual order, for a file cases.csv with these lines:
  record_id;personnummer;fornamn;efternamn;sex;state
  17;20110713-9980;Asa Maria;Lindqvist;kvinna;taken
  18;;Bogdan;Zvonimirovic;x;taken

\b
  # once per project, for all reporters
  pseudonym keygen linkage.key --project followup
  # how the file is understood; needs no key
  pseudonym check cases.csv --codebook case-registry
  pseudonym encode cases.csv --key linkage.key --reporter police --period 2026-03 \
--codebook case-registry --rejects rejects.csv --out police-2026-03.parquet
  # what the submission reveals, and its header; neither needs a key
  pseudonym check police-2026-03.parquet
  pseudonym show police-2026-03.parquet

\b
To send numbers that you have counted yourself:
  pseudonym totals counts.csv --reporter police --period 2026-03 --unit person \
--codebook case-registry --out police-totals.parquet

\b
To have records erased at the registry:
  pseudonym withdraw --key linkage.key --reporter police --record 17 --out police-withdrawal.parquet

Send the file that encode writes to the registry; keep the key and rejects.csv. 'pseudonym COMMAND --help' shows what
each command prints."""

app = Application(
    name="pseudonym",
    help="Encode identities at a reporter (a reporting body), so that a registry can link them without reading them.",
    epilog=f"{_ORDER}\n\n{exit_statuses(COMMON)} 'pseudonym COMMAND --help' has the others.",
)


@app.callback()
def _common(
    version: Annotated[bool, version_option("pseudonym")] = False,
) -> None:
    """Encode identities at a reporter (a reporting body), so that a registry can link them without reading them."""


# Help lists the commands in this order.
app.command(epilog=end_of_help("keygen", keygen.EXAMPLE))(keygen.keygen)
app.add_typer(key.app, name="key")
app.command(epilog=end_of_help("enrol", enrol.EXAMPLE))(enrol.enrol)
app.command(epilog=end_of_help("check", check.EXAMPLE))(check.check)
app.command(epilog=end_of_help("encode", encode.EXAMPLE))(encode.encode)
app.command(epilog=end_of_help("totals", totals.EXAMPLE))(totals.totals)
app.command(epilog=end_of_help("withdraw", withdraw.EXAMPLE))(withdraw.withdraw)
app.command(epilog=end_of_help("show", show.EXAMPLE))(show.show)
app.command(epilog=end_of_help("receipt", receipt.EXAMPLE))(receipt.receipt)
app.add_typer(codebook.app, name="codebook")
app.command(epilog=end_of_help("profiles", profiles.EXAMPLE))(profiles.profiles)
