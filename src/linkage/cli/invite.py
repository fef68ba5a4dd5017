"""`linkage invite`: write the file by which a reporter gets to know the registry."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from linkage.cli.options import (
    WAIT,
    JsonOption,
    KeyOption,
    RegistryArgument,
    StatisticsKeyOption,
    WaitOption,
    registry_class,
)
from linkage.errors import needing_extra
from pseudonym.console import print_json, say, wrong_option
from pseudonym.public_keys import UNITS, Unit

if TYPE_CHECKING:
    from linkage.pipeline.inviting import Invites
    from pseudonym.enrolment import Invite

__all__ = ["EXAMPLE", "invite"]

EXAMPLE: Final = """\b
Example: linkage invite national police --out police-invite.json
  police-invite.json: the invite of police, signed by both units.
  Compare these by telephone, under a number that is known for the reporter:
    linkage unit     ...
    statistics unit  ...
  The reporter answers it with: pseudonym enrol police-invite.json --body-key body.key --new-key --out answer.json
\b
Where the units run apart, the statistics unit makes the invite and the linkage unit signs it too:
  linkage invite statistics police --unit statistics --public-key linkage-unit.pub --out half.json
  linkage invite codes police --unit linkage --countersign half.json --out police-invite.json"""


def invite(
    registry: RegistryArgument,
    reporter: Annotated[str, typer.Argument(metavar="REPORTER", help="Code that the reporter is to use.")],
    out: Annotated[Path, typer.Option(help="The invite to write (JSON); replaces an older invite.")],
    period: Annotated[
        str | None, typer.Option(help="The first period to be reported. Default: that of its roster entry.")
    ] = None,
    unit: Annotated[
        str | None, typer.Option(metavar="linkage|statistics", help="The only unit that signs here. Default: both.")
    ] = None,
    public_key: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="With --unit: the public key of the other unit, as 'linkage key inspect --public' prints it.",
        ),
    ] = None,
    countersign: Annotated[
        Path | None, typer.Option(metavar="INVITE", help="With --unit: sign this invite, which the other unit made.")
    ] = None,
    registry_key: KeyOption = None,
    statistics_key: StatisticsKeyOption = None,
    wait: WaitOption = WAIT,
    as_json: JsonOption = False,
) -> None:
    """Invite a reporter to enrol.

    The invite has the code of the reporter, the public keys of both units, and what its files must follow: profile,
    codebook, key id, its entry of the roster. Nothing in it is secret, but it can be exchanged on the way. So compare
    the fingerprints by telephone before the answer is accepted.
    """
    only = _unit(unit, public_key, countersign)
    opened = registry_class().open(registry, registry_key=registry_key, statistics_key=statistics_key, wait=wait)
    made = _made(opened.invites, reporter, only, period=period, public_key=public_key, countersigned=countersign)
    with needing_extra():
        from linkage.pipeline.inviting import write_invite
    write_invite(made, out)
    if as_json:
        print_json(_document(made, out))
    else:
        _print(made, out)


def _unit(unit: str | None, public_key: Path | None, countersign: Path | None) -> Unit | None:
    """Return the only unit that signs here, or None if both do."""
    if unit is None:
        if public_key is not None or countersign is not None:
            raise wrong_option("--unit", "Say which unit signs here.")
        return None
    found = next((one for one in UNITS if one == unit), None)
    if found is None:
        raise wrong_option("--unit", "It is linkage or statistics.")
    if (public_key is None) == (countersign is None):
        raise wrong_option(
            "--unit", "Name the public key of the other unit with --public-key, or its invite with --countersign."
        )
    return found


def _made(
    invites: Invites,
    reporter: str,
    unit: Unit | None,
    *,
    period: str | None,
    public_key: Path | None,
    countersigned: Path | None,
) -> Invite:
    with needing_extra():
        from linkage.pipeline.inviting import read_public_key
    if countersigned is None or unit is None:
        other = None if public_key is None else read_public_key(public_key)
        return invites.make(reporter, unit=unit, public_key=other, period=period)
    return invites.countersign(countersigned, reporter, unit=unit)


def _document(made: Invite, out: Path) -> dict[str, Any]:
    fingerprints = {unit: made.public_key(unit).spoken for unit in UNITS}
    return {"out": str(out), "digest": made.digest, "fingerprints": fingerprints, "invite": made.members()}


def _print(made: Invite, out: Path) -> None:
    signers = "both units" if made.is_complete else "one unit; the other must sign it too"
    say(f"{out}: the invite of {made.reporter}, signed by {signers}.")
    say("Compare these by telephone, under a number that is known for the reporter:")
    for unit in UNITS:
        say(f"  {f'{unit} unit'.ljust(15)}  {made.public_key(unit).spoken}")
    if made.roster is None:
        say("Note: the reporter is not on the roster; if there is one, put it there: linkage roster set")
    if made.is_complete:
        say(f"The reporter answers it with: pseudonym enrol {out.name} --body-key body.key --new-key --out answer.json")
