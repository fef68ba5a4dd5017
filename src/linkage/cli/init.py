"""`linkage init`: create a registry."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from linkage.cli.options import KeyOption, registry_class

__all__ = ["EXAMPLE", "init"]

EXAMPLE: Final = """\b
Example: linkage init national.duckdb --codebook case-registry --registry-key /secure/national.key
  Registry created: national.duckdb (profile case-registry).
  Its own key: /secure/national.key. Keep it apart from the registry file, and back it up.
  No key id given: the first submission received will fix it."""


def init(
    registry: Annotated[
        Path, typer.Argument(metavar="REGISTRY", help="The new registry file; nothing is overwritten.")
    ],
    profile: Annotated[str, typer.Option(help="Name of a profile, or a profile file.")] = "case-registry",
    key_id: Annotated[
        str | None, typer.Option(help="Key id that submissions must carry. Default: that of the first one received.")
    ] = None,
    codebook: Annotated[
        str | None, typer.Option(help="Codebook of the payload: name of one that ships, or a file.")
    ] = None,
    registry_key: KeyOption = None,
    allow_unguarded: Annotated[
        str | None,
        typer.Option(
            metavar="REASON", help="Allow a profile that compares every record with every other; the reason is stored."
        ),
    ] = None,
) -> None:
    """Create a new registry and its own key.

    The registry stores every code under its own key, which no reporter knows. Keep that key apart from the registry
    file and back it up: without it nothing more can be received.
    """
    created = registry_class().create(
        registry,
        profile=profile,
        key_id=key_id,
        codebook=codebook,
        registry_key=registry_key,
        allow_unguarded=allow_unguarded,
    )
    typer.echo(f"Registry created: {registry} (profile {created.settings.profile.name}).")
    typer.echo(f"Its own key: {created.registry_key}. Keep it apart from the registry file, and back it up.")
    if key_id is None:
        typer.echo("No key id given: the first submission received will fix it.")
