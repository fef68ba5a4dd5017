"""The console of both command lines: text, tables, progress, and errors as one line with an exit status."""

from __future__ import annotations

import json
import shlex
import sys
import textwrap
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import Any, Final, NamedTuple, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from pseudonym.interrupt import INTERRUPTED, MESSAGE, Interruption
from pseudonym.key_file import KeyFileWarning
from pseudonym.output import FULL, is_full, private_files
from pseudonym.version import __version__

__all__ = [
    "OK",
    "PARTIAL",
    "WIDTH",
    "Bar",
    "Failure",
    "counted",
    "print_failure",
    "print_json",
    "progress",
    "run",
    "table_text",
    "version_option",
    "wrapped",
]

OK: Final = 0
PARTIAL: Final = 3
"""Done, but rows were rejected or quarantined, values were left out, or there are warnings."""

UNWRITABLE: Final = 6
"""A file cannot be written."""

INTERNAL: Final = 70
"""An internal error: a bug in this library."""

WIDTH: Final = 100
"""Columns that every terminal is expected to have; longer sentences are wrapped."""

PROGRESS_DELAY_SECONDS: Final = 1.0

SHOWN_AS: Final = {"join": "compare"}
"""Stages that alternate with another stage, batch by batch, and share its bar."""

Bar = Callable[[str, int, int], None]
"""Called with the stage, the work done, and the total work (0 if unknown)."""


class Failure(NamedTuple):
    """An error as the user sees it.

    Attributes:
        message: What happened.
        hint: What to do about it, or None.
        exit_status: The exit status of the command.
    """

    message: str
    hint: str | None
    exit_status: int


def print_json(document: Any) -> None:
    """Print a document as indented JSON in ASCII, which every console and pipe can carry."""
    typer.echo(json.dumps(document, indent=2))


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, such as `1 record` or `2 older versions`; the plural takes an s."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def wrapped(sentence: str) -> str:
    """Wrap a sentence to the width of a terminal; further lines are indented by two more spaces than the first."""
    indent = " " * (len(sentence) - len(sentence.lstrip()) + 2)
    return textwrap.fill(sentence, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def table_text(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Lay out rows in columns of plain text: integers to the right, everything else to the left.

    Args:
        header: The heading of each column.
        rows: The cells of each row; a column of integers only is aligned to the right.

    Returns:
        One line for the header and one per row, each indented by two spaces.
    """
    cells = [list(header), *([str(value) for value in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    right = [bool(rows) and all(isinstance(row[column], int) for row in rows) for column in range(len(header))]
    lines = [
        "  ".join(
            cell.rjust(width) if to_right else cell.ljust(width)
            for cell, width, to_right in zip(row, widths, right, strict=True)
        ).rstrip()
        for row in cells
    ]
    return "\n".join(f"  {line}" for line in lines)


def version_option(name: str) -> Any:
    """Return the option `--version` of a command with this name; both commands have the version of the library."""

    def show(wanted: bool) -> None:
        if wanted:
            typer.echo(f"{name} {__version__}")
            raise typer.Exit

    return typer.Option("--version", callback=show, is_eager=True, help="Show the version and exit.")


@contextmanager
def progress() -> Iterator[Bar]:
    """Show a progress bar for each stage if the work takes over a second and standard error is a terminal.

    Yields:
        The function to call as the work proceeds.
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
    """Run a command-line application and exit with its status; the user never sees a traceback.

    Whatever is written meanwhile, only its owner may read.

    Args:
        app: The application.
        arguments: The command-line arguments; None for those of the process.
        name: The name of the command, which starts every error message.
        explain: Returns what the user sees for an error, or None if the error is unexpected.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # The run must not fail because the console cannot show a character of a path.
            stream.reconfigure(errors="replace")
    interruption = Interruption()
    try:
        with interruption, private_files(), _key_files_warned_of():
            app(arguments)
    except KeyboardInterrupt:
        _end_interrupted()
    except SystemExit as ended:
        # Typer turns an interruption into this status, without a word.
        if ended.code == INTERRUPTED:
            _end_interrupted()
        raise
    except Exception as error:
        if interruption.happened:
            # What an interrupted package makes of it is no error.
            _end_interrupted()
        if isinstance(error, OSError) and is_full(error):
            # For example, standard output goes to a file.
            failure: Failure | None = Failure(FULL, None, UNWRITABLE)
        else:
            failure = explain(error)
        if failure is None:
            # Only the type is shown: the message of an unexpected error may contain a value.
            failure = Failure(f"An internal error occurred ({type(error).__name__}). Please report it.", None, INTERNAL)
        print_failure(name, failure)
        sys.exit(failure.exit_status)
    sys.exit(OK)


@contextmanager
def _key_files_warned_of() -> Iterator[None]:
    """Show the warning about a key file as one line that says how to mend it, once for each file."""
    shown: set[Path] = set()
    show_other = warnings.showwarning

    def show(message: Warning | str, *place: Any, **options: Any) -> None:
        if not isinstance(message, KeyFileWarning):
            show_other(message, *place, **options)
        elif message.path not in shown:
            shown.add(message.path)
            mend = f"chmod 600 {shlex.quote(str(message.path))}"
            print(f"Warning: other users of this computer can use the key file. Mend it with: {mend}", file=sys.stderr)

    with warnings.catch_warnings():
        warnings.simplefilter("always", KeyFileWarning)
        warnings.showwarning = show
        yield


def _end_interrupted() -> NoReturn:
    print(MESSAGE, file=sys.stderr)
    sys.exit(INTERRUPTED)


def print_failure(name: str, failure: Failure) -> None:
    """Print an error to standard error: what happened on one line, what to do about it on the next."""
    print(f"{name}: {failure.message}", file=sys.stderr)
    if failure.hint is not None:
        print(f"  {failure.hint}", file=sys.stderr)
