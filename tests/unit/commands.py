"""Every command of an application, so that what holds for all of them is tested on all of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer
from typer.main import get_command

__all__ = ["all_commands", "parameters"]


def all_commands(app: typer.Typer) -> dict[str, Any]:
    """Return the commands of an application by their words, such as `roster set`, without the groups."""
    return dict(_below(get_command(app), ""))


def _below(command: Any, words: str) -> Iterator[tuple[str, Any]]:
    for name, one in command.commands.items():
        if hasattr(one, "commands"):
            yield from _below(one, f"{words}{name} ")
        else:
            yield f"{words}{name}", one


def parameters(command: Any) -> set[str]:
    """Return the names of the options of a command, and of its arguments."""
    return {name for parameter in command.params for name in (*parameter.opts, parameter.name)}
