"""`linkage policy`: what a registry accepts from whom."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Final

import typer

from linkage.cli.options import WAIT, JsonOption, RegistryArgument, WaitOption, registry_class
from pseudonym.console import print_json, say, wrapped

if TYPE_CHECKING:
    from linkage.intake import Policy

__all__ = ["EXAMPLE", "policy"]

EXAMPLE: Final = """\b
Example: linkage policy national --enrolled-only
  Files must be signed by an enrolled reporter; all others are refused.
  Key id: 2f0c..., fixed by option; epoch: 1."""


def policy(
    registry: RegistryArgument,
    enrolled_only: Annotated[
        bool | None,
        typer.Option(
            "--enrolled-only/--accept-unsigned", help="Whether every file must be signed.", show_default=False
        ),
    ] = None,
    key_id: Annotated[
        str | None, typer.Option(metavar="ID", help="Key id that submissions must carry, while there are no records.")
    ] = None,
    epoch: Annotated[
        int | None,
        typer.Option(metavar="NUMBER", help="Linkage epoch of submissions, while there are no records."),
    ] = None,
    wait: WaitOption = WAIT,
    as_json: JsonOption = False,
) -> None:
    """Show what a registry accepts, or change it.

    By default open files, which are not signed, are accepted from reporters that are not enrolled: anybody could have
    made them. In the name of an enrolled reporter only signed files are accepted, whatever the policy. Units apart have
    a policy each.
    """
    opened = registry_class().open(registry, wait=wait)
    changing = (enrolled_only, key_id, epoch) != (None, None, None)
    if changing:
        found = opened.enrolments.set_policy(enrolled_only=enrolled_only, key_id=key_id, epoch=epoch)
    else:
        found = opened.enrolments.policy()
    if as_json:
        print_json(found.to_dict())
        return
    typer.echo("\n".join(map(wrapped, _lines(found))))
    if changing and opened.unit is not None:
        other = "statistics" if opened.unit == "linkage" else "linkage"
        say(f"This is the policy of the {opened.unit} unit alone: give the {other} unit the same one.")


def _lines(found: Policy) -> Iterator[str]:
    if found.enrolled_only:
        yield "Files must be signed by an enrolled reporter; all others are refused."
    else:
        yield "Files that are not signed are accepted from reporters that are not enrolled."
    key = "not fixed" if found.key_id is None else f"{found.key_id}, fixed by {found.key_id_fixed_by}"
    yield f"Key id: {key}; epoch: {'not fixed' if found.epoch is None else found.epoch}."
