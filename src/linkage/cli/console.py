"""How the command line speaks: one line an error, plain text on any console, progress only where somebody watches."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from typing import Any, Final

from linkage.errors import LinkageError, missing_extra

__all__ = ["INTERNAL", "fail", "import_pipeline", "progress", "run"]

INTERNAL: Final = 70
PROGRESS_DELAY_SECONDS: Final = 1.0

SHOWN: Final = {"join": "compare"}
"""Stages that take turns with another one, batch by batch, and share its bar."""


def run(app: Callable[[list[str] | None], Any], arguments: list[str] | None) -> None:
    """Run a command line application and turn errors into one line and an exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A console that cannot show a character of a path must not end the run.
            stream.reconfigure(errors="replace")
    # What DuckDB puts beside the registry for a while, its log above all, is nobody else's to read.
    before = os.umask(0o077)
    try:
        app(arguments)
    except LinkageError as error:
        fail(error)
        sys.exit(error.exit_status)
    except Exception as error:  # The type alone is shown: the text of a foreign error may hold a value.
        print(f"linkage: A fault of the program ({type(error).__name__}). Please report it.", file=sys.stderr)
        sys.exit(INTERNAL)
    finally:
        os.umask(before)


def fail(error: LinkageError) -> None:
    """Print an error: what is wrong in one line, and in another what helps."""
    place = "" if error.path is None else f"{error.path}: "
    print(f"linkage: {place}{error.message} ({error.rule})", file=sys.stderr)
    if error.hint is not None:
        print(f"  {error.hint}", file=sys.stderr)


def import_pipeline() -> Any:
    """Load the pipeline, which needs the extra `registry`; help and version do not.

    Returns:
        The module `linkage.pipeline`.

    Raises:
        MissingExtraError: A package of the extra is not installed.
    """
    try:
        from linkage import pipeline
    except ModuleNotFoundError as error:
        explained = missing_extra(error)
        if explained is None:
            raise
        raise explained from None
    return pipeline


@contextmanager
def progress() -> Iterator[Callable[[str, int, int], None] | None]:
    """Show a bar on a terminal, with the time left of each stage, once the work takes over a second; else stay quiet.

    Yields:
        What to call with the name of a stage, the work done and the work there is (0 when unknown), or None.
    """
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    began = time.monotonic()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None, visible=False)
        label = ""

        def show(stage: str, done: int, total: int) -> None:
            nonlocal label
            if SHOWN.get(stage, stage) != label:
                # The time left is that of a stage, from the pace of that stage.
                label = SHOWN.get(stage, stage)
                bar.reset(task, description=label, total=total or None)
            visible = time.monotonic() - began > PROGRESS_DELAY_SECONDS
            bar.update(task, completed=done, total=total or None, visible=visible)

        yield show
