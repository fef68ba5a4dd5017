"""`linkage held`: see which files wait for a decision, and dismiss those that should not be received."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Final

import typer

from linkage.cli.options import WAIT, JsonOption, RegistryArgument, WaitOption, registry_class
from pseudonym.console import counted, print_json, table_text

if TYPE_CHECKING:
    from linkage.intake import HeldFile

__all__ = ["DISMISS_EXAMPLE", "LIST_EXAMPLE", "dismiss", "list_files"]

LIST_EXAMPLE: Final = """\b
Example: linkage held list national
  number  reporter  kind      period   sequence       ...  why                       accept with
  3       police    delivery  2026-03  9007199254740  ...  submission.sequence_ahead --accept-sequence
  4       school-1  delivery  2026-03  1774000000000  ...  submission.replaces_most  --accept-replacements
  2 files are held back.
\b
To accept the second one, once school-1 has confirmed it:
  linkage receive national school-1-2026-03.parquet --accept-replacements"""

DISMISS_EXAMPLE: Final = """\b
Example: linkage held dismiss national 3
  Dismissed: 3 (police, period 2026-03, sequence 9007199254740991)."""

OPTIONS: Final = {
    "submission.reporter": "linkage roster set",
    "submission.sequence_ahead": "--accept-sequence",
    "submission.sequence_behind": "--accept-sequence",
    "submission.replaces_most": "--accept-replacements",
}
"""What lets a file be received that is held back by a rule."""


def list_files(
    registry: RegistryArgument,
    dismissed: Annotated[bool, typer.Option("--dismissed", help="Show those too that were dismissed.")] = False,
    wait: WaitOption = WAIT,
    as_json: JsonOption = False,
) -> None:
    """Show which files are held back, and why.

    Nothing in them is stored. The file is where it came by: to accept it, receive it again with the option that its
    error names. If it should not be received, dismiss it here and delete it there.
    """
    files = registry_class().open(registry, wait=wait).held.files(dismissed=dismissed)
    if as_json:
        print_json([one.to_dict() for one in files])
    else:
        typer.echo(_table(files))


def dismiss(
    registry: RegistryArgument,
    numbers: Annotated[list[int], typer.Argument(metavar="NUMBER...", min=1, help="As linkage held list shows them.")],
    wait: WaitOption = WAIT,
    as_json: JsonOption = False,
) -> None:
    """Decide that files are not received.

    They no longer wait, and the registry keeps that they came and were dismissed. If the same file comes again, it is
    judged again.
    """
    files = registry_class().open(registry, wait=wait).held.dismiss(numbers)
    if as_json:
        print_json([one.to_dict() for one in files])
        return
    for one in files:
        period = f", period {one.period}" if one.period else ""
        typer.echo(f"Dismissed: {one.held} ({one.reporter}{period}, sequence {one.sequence}).")


def _table(files: Sequence[HeldFile]) -> str:
    waiting = [one for one in files if one.dismissed_at is None]
    verb = "is" if len(waiting) == 1 else "are"
    total = f"{counted(len(waiting), 'file')} {verb} held back." if waiting else "No file is held back."
    if not files:
        return total
    header = ("number", "reporter", "kind", "period", "sequence", "records", "held since", "why", "accept with")
    rows = [
        [
            *(str(one.held), one.reporter, one.kind, one.period or "", str(one.sequence), str(one.records)),
            *(one.held_at[: len("YYYY-MM-DD")], one.rule, _answer(one)),
        ]
        for one in files
    ]
    return f"{table_text(header, rows)}\n{total}"


def _answer(one: HeldFile) -> str:
    if one.dismissed_at is not None:
        return f"dismissed {one.dismissed_at[: len('YYYY-MM-DD')]}"
    return OPTIONS.get(one.rule, "")
