"""How the command line speaks: one line an error, plain text on any console, progress only where somebody watches."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from typing import Any, Final, NoReturn

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from pseudonym.errors import (
    CodebookError,
    FieldError,
    InputError,
    KeyFileError,
    OutputError,
    ProfileError,
    PseudonymError,
    SubmissionError,
)

__all__ = ["EXIT_STATUS", "INTERNAL", "OK", "PARTIAL", "Bar", "progress", "run"]

OK: Final = 0
PARTIAL: Final = 3
"""Done, but rows were rejected or values left out, or there is something to warn of."""

INTERNAL: Final = 70

EXIT_STATUS: Final[dict[type[PseudonymError], int]] = {
    InputError: 4,
    FieldError: 4,
    SubmissionError: 4,
    KeyFileError: 5,
    ProfileError: 5,
    CodebookError: 5,
    OutputError: 6,
}

PROGRESS_DELAY_SECONDS: Final = 1.0

Bar = Callable[[str, int, int], None]
"""Takes what is being done, how much of it is done, and how much there is."""


@contextmanager
def progress() -> Iterator[Bar]:
    """Show a bar with the time left on a terminal once the work takes over a second; elsewhere stay quiet.

    Yields:
        What to call while working.

    Sees: neither
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda stage, done, total: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    began = time.monotonic()
    with Progress(*columns, console=console, transient=True) as shown:
        task = shown.add_task("", total=None, visible=False)
        at_work = ""

        def show(stage: str, done: int, total: int) -> None:
            nonlocal at_work
            if stage.split(" ")[0] != at_work:
                # The time left is reckoned from the speed of this stage alone.
                at_work = stage.split(" ")[0]
                shown.reset(task)
            visible = time.monotonic() - began > PROGRESS_DELAY_SECONDS
            shown.update(task, description=stage, completed=done, total=max(total, 1), visible=visible)

        yield show


def run(app: Callable[[list[str] | None], Any], arguments: list[str] | None) -> NoReturn:
    """Run a command line application; errors become one line and an exit status, the process ends.

    Sees: plaintext and key
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A console that cannot show a character of a path must not end the run.
            stream.reconfigure(errors="replace")
    try:
        app(arguments)
    except PseudonymError as error:
        place = "" if error.field is None else f" [{error.field}]"
        line = "" if error.row is None else f" [row {error.row}]"
        _fail(f"{error.message}{place}{line} ({error.rule})", EXIT_STATUS[type(error)])
    except OSError:
        _fail("A file cannot be read or written.", EXIT_STATUS[OutputError])
    except Exception as error:  # The type alone is shown: the text of a foreign error may hold a value.
        _fail(f"A fault of the program ({type(error).__name__}). Please report it.", INTERNAL)
    sys.exit(OK)


def _fail(message: str, status: int) -> NoReturn:
    print(f"pseudonym: {message}", file=sys.stderr)
    sys.exit(status)
