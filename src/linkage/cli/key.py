"""`linkage key`: make the key of a unit, say what a key file holds, and put keys under a pass phrase."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Literal

import typer

from linkage.cli.options import JsonOption
from linkage.keys import UNIT_KEYS, UnitKey, load_unit_key
from pseudonym.console import KeyFacts, new_passphrase, print_key, say

__all__ = [
    "INSPECT_EXAMPLE",
    "NEW_EXAMPLE",
    "UNWRAP_EXAMPLE",
    "WRAP_EXAMPLE",
    "inspect",
    "new",
    "unwrap",
    "wrap",
]

NEW_EXAMPLE: Final = """\b
Example: linkage key new statistics.key --unit statistics
  Statistics key written to statistics.key. Keep it secret, apart from what it protects, and keep a backup.
  Fingerprint, to be compared by telephone: ..."""

INSPECT_EXAMPLE: Final = """\b
Example: linkage key inspect national.key
  national.key: registry key, open.
    Key id (not secret): ...
    Fingerprint, to be compared by telephone: ...
    ..."""

WRAP_EXAMPLE: Final = """\b
Example: linkage key wrap national.key wrapped.key
  Wrapped key written to wrapped.key. The old file is as it was: delete it once 'key inspect' opens the new one.
\b
Then name the new file: linkage receive ... --registry-key wrapped.key"""

UNWRAP_EXAMPLE: Final = """\b
Example: linkage key unwrap wrapped.key national.key
  Open key written to national.key. Whoever can read that file has the key."""

UnitName = Literal["linkage", "statistics"]
KeyFileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="A key file.")]
PublicOption = Annotated[bool, typer.Option("--public", help="Print the public key and nothing else.")]
NewFile = Annotated[Path, typer.Argument(metavar="OUT", help="The new file; an existing file is never overwritten.")]
UnitOption = Annotated[
    UnitName | None, typer.Option("--unit", help="Refuse the key of the other unit. Default: either unit.")
]


def new(
    out: NewFile,
    unit: Annotated[UnitName, typer.Option(help="The unit whose key it is.")],
    wrapped: Annotated[bool, typer.Option("--wrapped", help="Put it under a pass phrase, which is asked for.")] = False,
) -> None:
    """Make a new key for a unit.

    That of the linkage unit is the registry key: 'linkage init' makes one too, and uses an existing one with
    --existing-key. No unit may have the key of the other.
    """
    passphrase = new_passphrase() if wrapped else None
    key = UNIT_KEYS[unit].generate()
    key.save(out, passphrase=passphrase)
    say(f"{key.NOUN.capitalize()} written to {out}. Keep it secret, apart from what it protects, and keep a backup.")
    say(f"Fingerprint, to be compared by telephone: {key.public.spoken}")


def inspect(
    key_file: KeyFileArgument, unit: UnitOption = None, public: PublicOption = False, as_json: JsonOption = False
) -> None:
    """Show which key a file holds: whose it is, key id, fingerprint; never the secret.

    With --public only its public key, one line, which need not be kept secret.
    """
    key, wrapped = load_unit_key(key_file, unit=unit)
    print_key(key_file, _facts(key, wrapped), public=public, as_json=as_json)


def wrap(key_file: KeyFileArgument, out: NewFile, unit: UnitOption = None) -> None:
    """Write a key to a new file under a pass phrase, or under a new one.

    Every command that reads the key then asks for the pass phrase, or reads it from --passphrase-fd. Without it the key
    is lost, so note it where the key is not.
    """
    key, _ = load_unit_key(key_file, unit=unit)
    key.save(out, passphrase=new_passphrase())
    say(f"Wrapped key written to {out}. The old file is as it was: delete it once 'key inspect' opens the new one.")


def unwrap(key_file: KeyFileArgument, out: NewFile, unit: UnitOption = None) -> None:
    """Write a wrapped key to a new file that needs no pass phrase."""
    key, _ = load_unit_key(key_file, unit=unit)
    key.save(out)
    say(f"Open key written to {out}. Whoever can read that file has the key.")


def _facts(key: UnitKey, wrapped: bool) -> KeyFacts:
    public = key.public
    return KeyFacts(
        kind=key.NOUN,
        key_id=key.check,
        fingerprint=public.fingerprint,
        spoken=public.spoken,
        public_key=public.text,
        wrapped=wrapped,
    )
