"""What a command says of a key file: everything but the secret."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import typer

from pseudonym.console.text import print_json, say, shown
from pseudonym.console.usage import wrong_option

__all__ = ["KeyFacts", "print_key"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFacts:
    """What may be known of a key.

    Attributes:
        kind: What it is, such as `linkage key`.
        project: Its project, or None.
        epoch: Its epoch, or None.
        key_id: Hexadecimal digits that identify it, or None.
        fingerprint: The fingerprint of its public form, or None if it has none.
        spoken: That fingerprint as groups of digits, or None.
        public_key: The public form, or None.
        wrapped: Whether its file is under a pass phrase.
    """

    kind: str
    project: str | None = None
    epoch: int | None = None
    key_id: str | None = None
    fingerprint: str | None = None
    spoken: str | None = None
    public_key: str | None = None
    wrapped: bool


def print_key(path: Path, facts: KeyFacts, *, public: bool, as_json: bool) -> None:
    """Print what is known of a key.

    Args:
        path: Its file.
        facts: What is known.
        public: Whether to print the public key and nothing else.
        as_json: Whether to print JSON.

    Raises:
        typer.BadParameter: A public key is wanted of a key that has none.
    """
    if public:
        if facts.public_key is None:
            raise wrong_option("--public", "A linkage key has no public form.")
        typer.echo(facts.public_key)
        return
    if as_json:
        print_json({"file": str(path), **asdict(facts)})
        return
    say(f"{shown(path)}: {facts.kind}, {'under a pass phrase' if facts.wrapped else 'open'}.")
    for name, value in (
        ("Project", facts.project),
        ("Epoch", facts.epoch),
        ("Key id (not secret)", facts.key_id),
        ("Fingerprint, to be compared by telephone", facts.spoken),
        ("Fingerprint, for programs", facts.fingerprint),
    ):
        if value is not None:
            say(f"  {name}: {value}")
    if facts.public_key is not None:
        say("  --public prints its public key, which need not be kept secret.")
