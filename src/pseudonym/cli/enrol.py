"""`pseudonym enrol`: answer the invite of a registry with the reporter's public key."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from pseudonym.cli.options import Json, check_paths
from pseudonym.console import new_passphrase, print_json, say, wrong_option
from pseudonym.enrolment import ANSWER, Answer, Invite, make_answer, read_invite
from pseudonym.keyed import BodyKey
from pseudonym.output import Outputs
from pseudonym.public_keys import UNITS

__all__ = ["EXAMPLE", "enrol"]

EXAMPLE: Final = """\b
Example: pseudonym enrol police-invite.json --body-key body.key --new-key --out police-answer.json
  police-answer.json: the answer of police. Send it to the registry.
  Compare these by telephone, under a number that is not from the invite:
    linkage unit     ...
    statistics unit  ...
    police (yours)   ...
  New body key written to body.key. Keep it secret, and keep a backup."""


def enrol(
    invite: Annotated[Path, typer.Argument(metavar="INVITE", help="The file from the registry (linkage invite).")],
    body_key: Annotated[Path, typer.Option(metavar="FILE", help="The reporter's own key file.")],
    out: Annotated[Path, typer.Option(help="The answer to write (JSON); replaces an older answer.")],
    new_key: Annotated[bool, typer.Option("--new-key", help="Make the key; no file may have its name yet.")] = False,
    wrapped: Annotated[
        bool, typer.Option("--wrapped", help="With --new-key: put it under a pass phrase, which is asked for.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Answer an invite: write the reporter's public key, signed, for the registry.

    The answer names the invite, so the registry sees which of its keys have reached the reporter. Anybody on the way
    could have exchanged both files. So call the registry, under a number that you know, and read the fingerprints to
    each other: those of both units, and your own. Only then send.
    """
    if wrapped and not new_key:
        raise wrong_option("--wrapped", "Use it with --new-key. 'pseudonym key wrap' wraps a key that there is.")
    check_paths((invite, None if new_key else body_key), (out, body_key if new_key else None))
    found = read_invite(invite)
    passphrase = new_passphrase() if wrapped else None
    key = BodyKey.generate() if new_key else BodyKey.load(body_key)
    answer = make_answer(found, key)
    with Outputs() as outputs, ExitStack() as undo:
        outputs.add(out, ANSWER).write_bytes(answer.canonical() + b"\n")
        if new_key:
            key.save(body_key, passphrase=passphrase)
            # Without its answer, a new key would only block the next attempt.
            undo.callback(body_key.unlink, missing_ok=True)
        outputs.commit()
        undo.pop_all()
    if as_json:
        print_json(_document(found, answer, out))
    else:
        _print(found, answer, out)
        if new_key:
            say(f"New body key written to {body_key}. Keep it secret, and keep a backup.")


def _document(invite: Invite, answer: Answer, out: Path) -> dict[str, Any]:
    return {
        "out": str(out),
        "invite": invite.members(),
        "answer": answer.members(),
        "fingerprints": {unit: invite.public_key(unit).spoken for unit in UNITS} | {"reporter": answer.fingerprint},
    }


def _print(invite: Invite, answer: Answer, out: Path) -> None:
    say(f"{out}: the answer of {answer.reporter}. Send it to the registry.")
    say("Compare these by telephone, under a number that is not from the invite:")
    named = {f"{unit} unit": invite.public_key(unit).spoken for unit in UNITS}
    named[f"{answer.reporter} (yours)"] = answer.fingerprint
    width = max(map(len, named))
    for name, spoken in named.items():
        say(f"  {name.ljust(width)}  {spoken}")
