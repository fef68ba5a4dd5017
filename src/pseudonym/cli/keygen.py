"""`pseudonym keygen`: generate a linkage key."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from pseudonym.console import say
from pseudonym.keyed import LinkageKey

__all__ = ["EXAMPLE", "keygen"]

EXAMPLE: Final = """\b
Example: pseudonym keygen linkage.key --project followup --epoch 1
  Linkage key written to linkage.key. Keep it secret, and away from the registry.
  Key id (not secret; the registry may know it): ..."""


def keygen(
    keyfile: Annotated[Path, typer.Argument(help="New file for the key; an existing file is never overwritten.")],
    project: Annotated[str, typer.Option(help="Project that the key belongs to: a-z, 0-9, -.")] = "default",
    epoch: Annotated[int, typer.Option(help="Linkage epoch. Codes from different epochs cannot be compared.")] = 1,
) -> None:
    """Generate a new linkage key.

    All reporters of a project use the same key. Hand it over in person or through a secure channel, and never to the
    registry: anyone who has both the key and the codes can find out whose they are.
    """
    key = LinkageKey.generate(project=project, epoch=epoch)
    key.save(keyfile)
    say(f"Linkage key written to {keyfile}. Keep it secret, and away from the registry.")
    say(f"Key id (not secret; the registry may know it): {key.key_id}")
