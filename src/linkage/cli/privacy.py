"""`linkage privacy`: show what the registry gives away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import typer

from linkage.cli.options import WAIT, JsonOption, KeyOption, RegistryArgument, WaitOption, registry_class
from linkage.cli.text import persons_text
from pseudonym.console import print_json, table_text, wrapped

if TYPE_CHECKING:
    from linkage.answers import RegistryPrivacy
    from linkage.counting import PersonsExpected

__all__ = ["EXAMPLE", "privacy"]

EXAMPLE: Final = """\b
Example: linkage privacy national
  Records: 2841; persons: 667
    Persons: found 667, expected 624, range 594-654 (95 %), basis: by assumption; ...
  Share rate (records that share a match key with another person): 0.1447
    The profile was measured for 0.3830: 5,000 children born over 14 years, ...
    match key       records that share it  shared keys  persons in the largest
    number                             18            6                       3
    ...
  WARNING: 304 of 667 persons have a unique payload, ... Remedy: use coarser codes or ..."""

TOGETHER: Final = (
    "All reports of a person, and who is in one case with whom, tell more than one row of this table: held against a "
    "register of households, they named 47 % of 5,000 synthetic children, 8 % where no municipality was sent, and 4 % "
    "where only counties, years, and children or adults were (docs/threat-model.md). No code is needed for that, so "
    "guard the statistics unit as you would guard names, or ask for less."
)
"""What nothing in one registry can show, since it takes a register of persons; a test compares it with the figures."""


def privacy(
    registry: RegistryArgument,
    registry_key: KeyOption = None,
    wait: WaitOption = WAIT,
    as_json: JsonOption = False,
) -> None:
    """Show what the records give away to a reader of the registry who has its key.

    The share rate is the share of records that share a match key with another person: known attacks work on those.
    It is shown beside the rate that the profile was measured for. Payload is counted too, since it is often the larger
    leak. Run this after every link; each warning names a remedy.
    """
    opened = registry_class().open(registry, registry_key=registry_key, wait=wait)
    found, expected = opened.privacy(), opened.expected_persons()
    if as_json:
        print_json(found.to_dict() | {"expected_persons": None if expected is None else expected.to_dict()})
    else:
        typer.echo(_text(found, expected))


def _text(found: RegistryPrivacy, expected: PersonsExpected | None) -> str:
    """Describe what the records give away to a reader of the registry."""
    return "\n".join([*_match_keys(found, expected), *_payload(found), *_warnings(found)])


def _match_keys(found: RegistryPrivacy, expected: PersonsExpected | None) -> Iterator[str]:
    yield f"Records: {found.sharing.records}; persons: {found.sharing.persons}"
    if expected is not None:
        yield wrapped(f"  Persons: {persons_text(expected)}; all figures below are of those found.")
    yield f"Share rate (records that share a match key with another person): {found.sharing.share_rate:.4f}"
    if found.measured is not None:
        measured = found.measured
        yield wrapped(f"  The profile was measured for {measured.share_rate:.4f}: {measured.population}.")
    if found.strangers is not None:
        yield f"Compared with records of other persons in the last run: {found.strangers:.1f} a record"
    yield f"Settled by a purge, so that they share none: {found.settled} of {found.sharing.records} records"
    rate = found.numberless_rate
    counted = "not known, since small submissions do not say it" if rate is None else f"about {rate:.1%}"
    yield f"Records without a Swedish number, as counted by the reporters: {counted}"
    yield ""
    yield "By kind of match key:"
    rows = [(kind.kind, kind.records, kind.groups, kind.largest_group) for kind in found.sharing.kinds]
    yield table_text(("match key", "records that share it", "shared keys", "persons in the largest"), rows)


def _payload(found: RegistryPrivacy) -> Iterator[str]:
    if not found.payload:
        return
    names = [item.items for item in found.payload]
    if len(names) > 1:
        # The last row has all items; their names together are wider than any terminal.
        names[-1] = "all together"
    rows = [
        (name, item.unique, item.rare, f"{item.guess:.4f}") for name, item in zip(names, found.payload, strict=True)
    ]
    yield ""
    yield "Payload, as a clue to one person:"
    yield table_text(("items", "unique to one person", "shared by fewer than five", "chance of a guess"), rows)
    yield wrapped(TOGETHER)


def _warnings(found: RegistryPrivacy) -> Iterator[str]:
    for warning in found.warnings:
        yield ""
        yield wrapped(f"WARNING: {warning}")
