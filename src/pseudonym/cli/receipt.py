"""`pseudonym receipt`: check that the registry has signed a receipt, and show what it says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from pseudonym.console import print_json, wrapped

__all__ = ["EXAMPLE", "receipt"]

EXAMPLE: Final = """\b
Example: pseudonym receipt receipt-police-1774000000000.json --invite police-invite.json
  Signed by the statistics unit with the fingerprint 61320 99417 ... 20175.
  police, period 2026-03, sequence 1774000000000: stored on 2026-04-02.
    records: 212
    new: 12
    unchanged: 200"""

_COUNTS: Final = {
    "records": "records",
    "new": "new",
    "changed": "replacing an older version",
    "unchanged": "unchanged",
    "late": "older than what the registry holds",
    "withdrawn": "erased",
    "unknown_records": "named by the withdrawal, but not in the registry",
    "cells": "numbers of totals",
}
"""The members of a receipt that count something, and what they are called; 0 is not shown."""


def receipt(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The JSON file that the registry sent.")],
    invite: Annotated[
        Path, typer.Option(metavar="INVITE", help="The invite of the registry, which has the public keys of its units.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Check that the registry has signed a receipt, and show what became of the file.

    Anybody can write a receipt; only the registry can sign one. The invite says which key it has, and whose receipts
    these are.
    """
    from pseudonym.enrolment import read_invite
    from pseudonym.wire.signed_receipt import check_receipt, read_receipt

    invited, read = read_invite(invite), read_receipt(file)
    public = invited.public_key("statistics")
    check_receipt(read, public, reporter=invited.reporter)
    if as_json:
        print_json({"signer": public.fingerprint, "receipt": read})
        return
    typer.echo(wrapped(f"Signed by the statistics unit with the fingerprint {public.spoken}."))
    typer.echo("\n".join(map(wrapped, _lines(read))))


def _lines(read: Mapping[str, Any]) -> Iterator[str]:
    period = f", period {read['period']}" if read["period"] else ""
    yield f"{read['reporter']}{period}, sequence {read['sequence']}: {read['outcome']} on {read['received_at'][:10]}."
    yield from (f"  {words}: {read[name]}" for name, words in _COUNTS.items() if read[name])
    yield from (f"  not used, {rows['rule']}: {rows['rows']}" for rows in read["refused"])
    if read["refusal"]:
        yield f"  Why: {read['refusal']['message']} ({read['refusal']['rule']})"
        yield f"  What to do: {read['refusal']['remedy']}"
    if read["signed_with"] is None:
        yield "  The file was not signed, so anybody could have made it: see whether it is yours."
