"""`linkage notice` and `linkage hand-over`: what units that are apart tell each other, as files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from linkage.cli.options import WAIT, JsonOption, RegistryArgument, WaitOption, registry_class
from linkage.cli.text import persons_text
from pseudonym.console import counted, print_json, wrapped

__all__ = [
    "HAND_OVER_MAKE_EXAMPLE",
    "HAND_OVER_TAKE_EXAMPLE",
    "NOTICE_MAKE_EXAMPLE",
    "NOTICE_TAKE_EXAMPLE",
    "hand_over_make",
    "hand_over_take",
    "notice_make",
    "notice_take",
]

NOTICE_MAKE_EXAMPLE: Final = """\b
Example: linkage notice make statistics --out notice-7
  notice-7: 2841 records, 118 pairs that are different persons."""

NOTICE_TAKE_EXAMPLE: Final = """\b
Example: linkage notice take codes notice-7
  2841 records are linked from now on; 0 wait for the statistics unit.
  Erased: the codes of 3 records. Without codes yet: 0 records.
  Next: linkage link codes"""

HAND_OVER_MAKE_EXAMPLE: Final = """\b
Example: linkage hand-over make codes --out hand-over-7
  hand-over-7: 2841 records, 9841 pairs."""

HAND_OVER_TAKE_EXAMPLE: Final = """\b
Example: linkage hand-over take statistics hand-over-7
  2841 records are 667 persons (run 7).
  Persons: found 667, expected 624, range 594-654 (95 %), basis: by assumption."""

OutOption = Annotated[
    Path, typer.Option("--out", metavar="FILE", help="The file to write, for its owner only; an older one is replaced.")
]
FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="The file that the other unit has made.")]


def notice_make(
    registry: RegistryArgument, out: OutOption, wait: WaitOption = WAIT, as_json: JsonOption = False
) -> None:
    """Write the notice of a statistics unit to its linkage unit.

    It says, by handles alone, which records are live and which pairs of them have different roles in one case, and so
    are different persons. Make one whenever something was received, withdrawn or erased. It holds all that there is to
    say, so a lost one needs no repeat.
    """
    made = registry_class().open(registry, wait=wait).messages.make_notice(out)
    if as_json:
        print_json(made.to_dict())
        return
    pairs = f"{counted(made.pairs, 'pair')} that are different persons"
    typer.echo(f"{out}: {counted(made.records, 'record')}, {pairs}.")
    if made.crowded:
        text = f"Left out, because they have more than 200 records: {counted(made.crowded, 'case')}."
        typer.echo(wrapped(f"  {text}"))


def notice_take(
    registry: RegistryArgument, file: FileArgument, wait: WaitOption = WAIT, as_json: JsonOption = False
) -> None:
    """Let a linkage unit take the notice of its statistics unit.

    Only records that the notice calls live are linked. The codes of those that the statistics unit had and has no more
    are erased for good; codes that it has not received yet wait.
    """
    taken = registry_class().open(registry, wait=wait).messages.take_notice(file)
    if as_json:
        print_json(taken.to_dict())
        return
    waiting = f"{taken.waiting} wait for the statistics unit"
    typer.echo(wrapped(f"{counted(taken.live, 'record')} are linked from now on; {waiting}."))
    missing = counted(taken.without_codes, "record")
    typer.echo(wrapped(f"Erased: the codes of {counted(taken.erased, 'record')}. Without codes yet: {missing}."))


def hand_over_make(
    registry: RegistryArgument, out: OutOption, wait: WaitOption = WAIT, as_json: JsonOption = False
) -> None:
    """Write the hand-over of a linkage unit to its statistics unit, after each run of link.

    It says, by handles, which person each record is, which pairs were linked or are left for review, and the figures of
    every run. It has no codes.
    """
    made = registry_class().open(registry, wait=wait).messages.make_hand_over(out)
    if as_json:
        print_json(made.to_dict())
        return
    typer.echo(f"{out}: {counted(made.records, 'record')}, {counted(made.pairs, 'pair')}.")


def hand_over_take(
    registry: RegistryArgument, file: FileArgument, wait: WaitOption = WAIT, as_json: JsonOption = False
) -> None:
    """Let a statistics unit take the hand-over of its linkage unit.

    Summary, export persons, export links and totals then know the persons. What has been erased since is left out.
    """
    opened = registry_class().open(registry, wait=wait)
    taken = opened.messages.take_hand_over(file)
    expected = opened.expected_persons()
    if as_json:
        print_json(taken.to_dict() | {"expected_persons": None if expected is None else expected.to_dict()})
        return
    typer.echo(f"{counted(taken.records, 'record')} are {counted(taken.persons, 'person')} (run {taken.number}).")
    if expected is not None:
        typer.echo(wrapped(f"Persons: {persons_text(expected)}."))
