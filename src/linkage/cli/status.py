"""`linkage status`: say in a few lines what a registry is, what it holds, and what to do next."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typer

from linkage.cli.codebook import codebook_line
from linkage.cli.options import WAIT, JsonOption, RegistryArgument, WaitOption, registry_class
from linkage.cli.text import persons_text, review_words
from pseudonym.console import counted, print_json, shown, wrapped

if TYPE_CHECKING:
    from linkage.counting import PersonsExpected
    from linkage.pipeline import LinkageStatus, Status

__all__ = ["EXAMPLE", "next_commands", "next_linkage_commands", "status"]

EXAMPLE: Final = """\b
Example: linkage status national
  national: a registry of format 12, profile case-registry (version 5).
  Key id: 5233..., epoch 1.
  Codebook: demo 1 (newest; 2841 records).
  Holds 2841 records of 8 reporters.
  Linked on 2026-11-30. Persons: found 667, expected 624, range 594-654 (95 %), basis: by assumption.
  Waiting: 24 pairs of persons for review (84 pairs of records); ...
  Audit log: the last entry is 13; its head begins with 5be07c41.
  Next: linkage export links national --review --out review.csv
  Then: linkage purge national --dry-run"""

HEAD_DIGITS: Final = 8
"""Digits of the head that are shown; `linkage audit head` prints all of them."""

UNLINKED: Final = "Records have come or gone since, so link again."
UNNOTICED: Final = "Records have come or gone since, so send the linkage unit a notice."
PENDING: Final = "deleted rows that are still in the file; the next receive, link or erase rewrites it"
OUTGROWN: Final = "The registry has outgrown the model, so a refit is due."


def status(registry: RegistryArgument, wait: WaitOption = WAIT, as_json: JsonOption = False) -> None:
    """Show what a registry is, what it holds, what is waiting, and which command comes next.

    'linkage summary' counts more: persons and overlap for each reporter. A linkage unit on its own shows what it knows:
    no periods and no codebooks, but what waits for a notice of the statistics unit.
    """
    opened = registry_class().open(registry, wait=wait)
    entry, head = opened.audit.head()
    found: Status | LinkageStatus
    told: dict[str, Any] = {}
    if opened.unit == "linkage":
        found = opened.linkage_status()
        following, lines = next_linkage_commands(found, registry), list(_linkage_lines(found, registry))
    else:
        found = opened.status()
        expected = opened.expected_persons()
        following, lines = next_commands(found, registry), list(_lines(found, registry, expected))
        told = {"expected_persons": None if expected is None else expected.to_dict()}
    if as_json:
        print_json(found.to_dict() | told | {"audit": {"entry": entry, "head": head}, "next": following})
        return
    log = f"Audit log: the last entry is {entry}; its head begins with {head[:HEAD_DIGITS]}."
    typer.echo("\n".join([*map(wrapped, [*lines, log]), *_next(following)]))


def next_commands(found: Status, registry: Path) -> list[str]:
    """Return the commands that come next, the most urgent one first.

    Args:
        found: The status of the registry.
        registry: Its path, as it was given.
    """
    path = shlex.quote(str(registry))
    commands = []
    if found.held_back:
        commands.append(f"linkage held list {path}")
    unlinked = found.last_run is None or not found.linked
    if not found.submissions:
        commands.append(f"linkage receive {path} FILE...")
    elif found.unit is not None and (unlinked or found.notice_due):
        # Linking is up to the linkage unit, which this one tells, and which says who is who.
        commands += [f"linkage notice make {path} --out notice", f"linkage hand-over take {path} hand-over"]
    elif found.unit is None and unlinked:
        commands.append(f"linkage link {path}{' --refit' if found.refit_due else ''}")
    elif found.unit is None and found.refit_due:
        commands.append(f"linkage link {path} --refit")
    else:
        if found.n_review:
            commands.append(f"linkage export links {path} --review --out review.csv")
        if found.unpurged:
            commands.append(f"linkage purge {path} --dry-run")
    return commands or [f"linkage summary {path}"]


def next_linkage_commands(found: LinkageStatus, registry: Path) -> list[str]:
    """Return the commands that come next at a linkage unit on its own, the most urgent one first.

    Args:
        found: The status of the unit.
        registry: Its path, as it was given.
    """
    path = shlex.quote(str(registry))
    if not found.submissions:
        return [f"linkage receive {path} FILE..."]
    commands = []
    if found.waiting or found.notice is None:
        commands.append(f"linkage notice take {path} notice")
    if commands or not found.linked or found.refit_due:
        commands.append(f"linkage link {path}{' --refit' if found.refit_due else ''}")
    elif found.unpurged:
        commands.append(f"linkage purge {path} --dry-run")
    return [*commands, f"linkage hand-over make {path} --out hand-over"]


def _lines(found: Status, registry: Path, expected: PersonsExpected | None) -> Iterator[str]:
    what = "a registry" if found.unit is None else "the statistics unit of a registry"
    yield f"{registry}: {what} of format {found.format}, profile {found.profile}."
    yield _key_id(found)
    for one in reversed(found.codebooks):
        yield f"Codebook: {codebook_line(one)}."
    yield _held(found)
    persons = None if expected is None else f"Persons: {persons_text(expected)}."
    yield _linked(found, UNLINKED if found.unit is None else UNNOTICED, persons)
    waiting = list(_waiting(found))
    if waiting:
        yield f"Waiting: {'; '.join(waiting)}."


def _linkage_lines(found: LinkageStatus, registry: Path) -> Iterator[str]:
    yield f"{registry}: the linkage unit of a registry of format {found.format}, profile {found.profile}."
    yield _key_id(found)
    if not found.submissions:
        yield "Holds nothing yet."
    else:
        n = found.n_records + found.waiting
        yield f"Holds the codes of {counted(n, 'record')} of {counted(found.n_reporters, 'reporter')}."
    yield "No notice taken yet." if found.notice is None else f"Last notice taken: number {found.notice}."
    yield _linked(found, UNLINKED)
    waiting = []
    if found.waiting:
        waiting.append(f"{counted(found.waiting, 'record')} for a notice of the statistics unit")
    if found.unpurged:
        waiting.append(_unpurged(found.unpurged))
    if found.erase_pending:
        waiting.append(PENDING)
    if waiting:
        yield f"Waiting: {'; '.join(waiting)}."


def _key_id(found: Status | LinkageStatus) -> str:
    if found.key_id is None:
        return "Key id: not fixed; the first submission received will fix it."
    return f"Key id: {found.key_id}{f', epoch {found.epoch}' if found.epoch else ''}."


def _held(found: Status) -> str:
    if not found.n_reporters:
        return "Holds nothing yet."
    periods = ""
    if found.n_periods:
        between = (
            f"from {found.first_period} to {found.last_period}" if found.n_periods > 1 else f"({found.first_period})"
        )
        periods = f", for {counted(found.n_periods, 'period')} {between}"
    return f"Holds {counted(found.n_records, 'record')} of {counted(found.n_reporters, 'reporter')}{periods}."


def _linked(found: Status | LinkageStatus, unlinked: str, persons: str | None = None) -> str:
    if found.last_run is None:
        return "Not linked yet."
    day = found.last_run[:10]
    sentences = [f"Linked on {day}. {persons}"]
    if persons is None:
        sentences = [f"Linked on {day}: {counted(found.n_persons or 0, 'person')}."]
    if not found.linked:
        sentences.append(unlinked)
    if found.refit_due:
        sentences.append(OUTGROWN)
    return " ".join(sentences)


def _waiting(found: Status) -> Iterator[str]:
    if found.quarantined:
        yield f"{counted(found.quarantined, 'row')} in quarantine"
    if found.held_back:
        yield f"files held back of {', '.join(found.held_back)}"
    if found.n_review:
        yield review_words(found.n_review_persons, found.n_review)
    if found.unpurged:
        yield _unpurged(found.unpurged)
    if found.erase_pending:
        yield PENDING
    if found.notice_due:
        yield "a notice, since the linkage unit still has the codes of records that are erased here"


def _unpurged(n: int) -> str:
    return f"the codes of {counted(n, 'record')} for a purge of what different persons share"


def _next(commands: list[str]) -> Iterator[str]:
    """Yield the commands on a line each, not wrapped, so that they can be copied."""
    first, *others = map(shown, commands)
    yield f"Next: {first}"
    yield from (f"Then: {command}" for command in others)
