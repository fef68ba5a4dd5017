"""The console on which the benchmarks show their tables."""

from __future__ import annotations

from rich.console import Console

__all__ = ["wide_console"]


def wide_console(width: int) -> Console:
    """Return a console of the terminal's width, or of a given one where the output is a file or a pipe."""
    console = Console()
    return console if console.is_terminal else Console(width=width)
