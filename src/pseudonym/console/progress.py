"""Progress of a command on a terminal: which step of how many, a bar, the time left, and the time in all."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task
from rich.text import Text

__all__ = ["Bar", "progress"]

DELAY_SECONDS: Final = 1.0
"""Work that takes less shows nothing."""

PLAIN_SECONDS: Final = 30.0
"""Between two lines about one step, on a terminal where nothing can be drawn over."""

SHOWN_AS: Final = {"join": "compare"}
"""Stages that alternate with another stage, batch by batch, and share its bar."""

BAR_COLUMNS: Final = 20
NARROW: Final = 70
"""A terminal with fewer columns has no room for the bar."""

Bar = Callable[[str, int, int], None]
"""Called with the stage, the work done, and the total work (0 if unknown).

The first word of the stage is the step; further words say more about it, such as `encode 1,200 records`.
"""


@contextmanager
def progress(*steps: str) -> Iterator[Bar]:
    """Show progress if the work takes over a second and standard error is a terminal.

    Args:
        steps: The steps of the work in their order, if they are known, so that each is shown with its number.

    Yields:
        The function to call as the work proceeds.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda stage, done, total: None
    elif console.is_dumb_terminal:
        yield _Lines(steps).show
    else:
        with _Drawing(steps, console) as drawing:
            yield drawing.show


class _Steps:
    """Which step is at work, and since when."""

    def __init__(self, steps: Sequence[str]) -> None:
        self._steps = steps
        self._began = time.monotonic()
        self._step, self._done, self._total = "", 0, 0

    @property
    def seconds(self) -> float:
        """The time since the work began."""
        return time.monotonic() - self._began

    def enter(self, stage: str, done: int, total: int) -> tuple[str, bool]:
        """Return what a stage is called, such as `3 of 6, compare`, and whether it begins a new piece of work."""
        step, _, more = stage.partition(" ")
        step = SHOWN_AS.get(step, step)
        # The next file is a piece of its own: it has another total, or begins at nothing again.
        is_new = step != self._step or total != self._total or done < self._done
        self._step, self._done, self._total = step, done, total
        number = f"{self._steps.index(step) + 1} of {len(self._steps)}, " if step in self._steps else ""
        return f"{number}{step} {more}".rstrip(), is_new


class _Lines:
    """Progress as lines of text: one for each step, and one now and then within a step."""

    def __init__(self, steps: Sequence[str]) -> None:
        self._steps = _Steps(steps)
        self._next = DELAY_SECONDS

    def show(self, stage: str, done: int, total: int) -> None:
        """Print a line, if it is time for one."""
        label, is_new = self._steps.enter(stage, done, total)
        seconds = self._steps.seconds
        if seconds > DELAY_SECONDS and (is_new or seconds > self._next):
            self._next = seconds + PLAIN_SECONDS
            share = f", {_share(done, total)}" if total else ""
            print(f"{label}{share}, {_clock(seconds)} so far", file=sys.stderr)


class _Drawing:
    """Progress as one line that is drawn again and again, and is gone at the end."""

    def __init__(self, steps: Sequence[str], console: Console) -> None:
        self._steps = _Steps(steps)
        columns = [_Label(), *([_bar(console)] if console.width >= NARROW else []), _Times(self._steps)]
        self._progress = Progress(*columns, console=console, transient=True)
        self._task = self._progress.add_task("", total=None, visible=False)

    def __enter__(self) -> _Drawing:
        self._progress.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._progress.stop()

    def show(self, stage: str, done: int, total: int) -> None:
        """Draw the line again."""
        label, is_new = self._steps.enter(stage, done, total)
        if is_new:
            # The time left is estimated from the pace of this piece alone.
            self._progress.reset(self._task, total=total or None)
        visible = self._steps.seconds > DELAY_SECONDS
        self._progress.update(self._task, description=label, completed=done, total=total or None, visible=visible)


class _Label(ProgressColumn):
    """The step."""

    def render(self, task: Task) -> Text:
        return Text(task.description, overflow="ellipsis", no_wrap=True)


class _Times(ProgressColumn):
    """The share that is done, the time left in this step, and the time since the work began."""

    def __init__(self, steps: _Steps) -> None:
        super().__init__()
        self._steps = steps

    def render(self, task: Task) -> Text:
        parts = [_share(task.completed, task.total)] if task.total else []
        if task.time_remaining is not None:
            parts.append(f"{_clock(task.time_remaining)} left")
        return Text(", ".join([*parts, f"{_clock(self._steps.seconds)} so far"]), no_wrap=True)


class _PlainBar(ProgressColumn):
    """A bar that needs neither colours nor other characters than ASCII."""

    def render(self, task: Task) -> Text:
        filled = round(BAR_COLUMNS * min(1.0, task.completed / task.total)) if task.total else 0
        return Text(f"[{'#' * filled}{'.' * (BAR_COLUMNS - filled)}]")


def _bar(console: Console) -> ProgressColumn:
    """Return the bar for a console: without colours, that of Rich is blank where nothing is done yet."""
    plain = console.no_color or console.color_system is None or console.options.ascii_only
    return _PlainBar() if plain else BarColumn(BAR_COLUMNS)


def _share(done: float, total: float) -> str:
    return f"{min(100, int(100 * done / total))} %"


def _clock(seconds: float) -> str:
    """Return a duration as minutes and seconds, with hours where there are any."""
    minutes, second = divmod(int(seconds), 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour}:{minute:02}:{second:02}" if hour else f"{minute}:{second:02}"
