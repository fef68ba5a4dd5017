"""`linkage init`: create a registry."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Literal

import typer

from linkage.cli.options import KeyOption, StatisticsKeyOption, registry_class
from pseudonym.codebook import codebook_names
from pseudonym.console import offering, say
from pseudonym.profile import profile_names

__all__ = ["EXAMPLE", "init"]

BESIDE: Final = (
    "The key is beside the registry, which is fine for a trial. For real use, create the registry with --registry-key "
    "and a path that its readers cannot reach."
)

_OWN: Final = {"linkage": "Its own key", "statistics": "The key of its statistics unit"}

EXAMPLE: Final = """\b
Example: linkage init national --codebook case-registry --registry-key /secure/national.key
  Registry created: national (profile case-registry).
  Its own key: /secure/national.key. Back it up: without it nothing more can be received.
  The key of its statistics unit: national.statistics.key. Back it up too.
  No key id given: the first submission received will fix it."""


def init(
    registry: Annotated[
        Path, typer.Argument(metavar="REGISTRY", help="The new registry, a folder; nothing is overwritten.")
    ],
    profile: Annotated[
        str, typer.Option(help="Name of a profile, or a profile file.", autocompletion=offering(profile_names))
    ] = "case-registry",
    key_id: Annotated[
        str | None, typer.Option(help="Key id that submissions must carry. Default: that of the first one received.")
    ] = None,
    codebook: Annotated[
        str | None,
        typer.Option(
            help="Codebook of the payload: name of one that ships, or a file.", autocompletion=offering(codebook_names)
        ),
    ] = None,
    registry_key: KeyOption = None,
    statistics_key: StatisticsKeyOption = None,
    existing_key: Annotated[
        bool,
        typer.Option(
            "--existing-key",
            help="Use the key in that file, such as one restored from a backup, instead of making one; the file stays "
            "as it is. So does that of the statistics unit, if it exists.",
        ),
    ] = False,
    unit: Annotated[
        Literal["linkage", "statistics"] | None,
        typer.Option(help="The only unit that this registry is to have; the other one is elsewhere. Default: both."),
    ] = None,
    enrolled_only: Annotated[
        bool,
        typer.Option(
            "--enrolled-only", help="Refuse every file that is not signed by an enrolled reporter; see linkage policy."
        ),
    ] = False,
    allow_unguarded: Annotated[
        str | None,
        typer.Option(
            metavar="REASON", help="Allow a profile that compares every record with every other; the reason is stored."
        ),
    ] = None,
) -> None:
    """Create a new registry and its keys.

    A registry is a folder with two files: that of the linkage unit, which has codes and finds the persons, and that of
    the statistics unit, which has everything else and never a code. Each has a key of its own.

    The registry stores every code under its own key, which no reporter knows. By default the key is beside the
    registry, which is fine for a trial; for real use, name a path elsewhere with --registry-key.
    """
    created = registry_class().create(
        registry,
        profile=profile,
        key_id=key_id,
        codebook=codebook,
        registry_key=registry_key,
        statistics_key=statistics_key,
        existing_key=existing_key,
        allow_unguarded=allow_unguarded,
        enrolled_only=enrolled_only,
        unit=unit,
    )
    say(f"Registry created: {registry} (profile {created.settings.profile.name}).")
    first, *second = created.key_files(unit).items()
    own = f"{_OWN[first[0]]}: {first[1]}{', as it was' if existing_key else ''}."
    say(f"{own} Back it up: without it nothing more can be received.")
    for other, file in second:
        say(f"{_OWN[other]}: {file}. Back it up too.")
    if first[1].resolve().parent == created.path.resolve().parent:
        say(BESIDE)
    if key_id is None:
        say("No key id given: the first submission received will fix it.")
