"""The console of both command lines: output, progress, and errors as one line and an exit status."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from typing import Any, Final, NamedTuple, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

__all__ = ["INTERNAL", "OK", "PARTIAL", "Bar", "Failure", "print_failure", "print_json", "progress", "run"]

OK: Final = 0
PARTIAL: Final = 3
"""Done, but rows were rejected or quarantined, values were left out, or there is a warning."""

INTERNAL: Final = 70
"""A fault of the program itself."""

PROGRESS_DELAY_SECONDS: Final = 1.0

SHOWN_AS: Final = {"join": "compare"}
"""Stages that alternate with another one, batch by batch, and share its bar."""

Bar = Callable[[str, int, int], None]
"""Takes the stage, the work done, and the work in total (0 when unknown)."""


class Failure(NamedTuple):
    """An error as the user sees it.

    Attributes:
        message: What happened.
        hint: What helps, or None.
        exit_status: The exit status of the command.
    """

    message: str
    hint: str | None
    exit_status: int


def print_json(document: Any) -> None:
    """Print a document as indented JSON in plain ASCII, which every console and pipe can carry."""
    typer.echo(json.dumps(document, indent=2))


@contextmanager
def progress() -> Iterator[Bar]:
    """Show a bar with the time left of each stage once the work takes over a second; stay quiet off a terminal.

    Yields:
        The function to call while working.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda stage, done, total: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    began = time.monotonic()
    with Progress(*columns, console=console, transient=True) as shown:
        task = shown.add_task("", total=None, visible=False)
        current = ""

        def show(stage: str, done: int, total: int) -> None:
            nonlocal current
            label = SHOWN_AS.get(stage, stage)
            if label.split(" ")[0] != current:
                # The time left is estimated from the pace of this stage alone.
                current = label.split(" ")[0]
                shown.reset(task, total=total or None)
            visible = time.monotonic() - began > PROGRESS_DELAY_SECONDS
            shown.update(task, description=label, completed=done, total=total or None, visible=visible)

        yield show


def run(
    app: Callable[[list[str] | None], Any],
    arguments: list[str] | None,
    *,
    name: str,
    explain: Callable[[Exception], Failure | None],
) -> NoReturn:
    """Run a command line application and end the process with its exit status; no traceback reaches the user.

    Args:
        app: The application.
        arguments: The words of the command line; None for those of the process.
        name: The name of the command, which begins every line about an error.
        explain: Returns what the user is shown for an error, or None if the error is unexpected.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A console that cannot show a character of a path must not end the run.
            stream.reconfigure(errors="replace")
    try:
        app(arguments)
    except Exception as error:
        failure = explain(error)
        if failure is None:
            # Only the type is shown: the text of a foreign error may hold a value.
            failure = Failure(f"A fault of the program ({type(error).__name__}). Please report it.", None, INTERNAL)
        print_failure(name, failure)
        sys.exit(failure.exit_status)
    sys.exit(OK)


def print_failure(name: str, failure: Failure) -> None:
    """Print an error to standard error: what happened on one line, and what helps on the next."""
    print(f"{name}: {failure.message}", file=sys.stderr)
    if failure.hint is not None:
        print(f"  {failure.hint}", file=sys.stderr)
