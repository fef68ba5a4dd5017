"""What several commands have in common."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from rich.console import Console

from benchmarks.paths import BUILD

__all__ = ["CACHE", "SIZES", "WIDTH", "steps"]

WIDTH: Final = 140

SIZES: Final = (10_000, 30_000, 100_000, 300_000, 1_000_000)

CACHE: Final = BUILD / "speed"


def steps(console: Console) -> Callable[[str, int], None]:
    """Return a function that prints each step with the seconds since now.

    Args:
        console: Where to print.
    """
    began = time.monotonic()

    def progress(step: str, n: int) -> None:
        console.print(f"{time.monotonic() - began:7.0f} s  {step} {n:,} records", highlight=False)

    return progress
