"""Clock and processor seconds of each stage of a piece of work."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

__all__ = ["STARTING", "StageClock"]

STARTING: Final = "start"
"""The time before the first stage: opening the registry, loading compiled code."""


class StageClock:
    """Adds up clock and processor seconds per stage, from calls of the progress callback."""

    def __init__(self, wall: Callable[[], float] = time.perf_counter, cpu: Callable[[], float] = time.process_time):
        """Start the clock."""
        self._clocks = wall, cpu
        self._stage = STARTING
        self._since = wall(), cpu()
        self.seconds: dict[str, list[float]] = {}

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Note that a stage has started or continues."""
        now = tuple(clock() for clock in self._clocks)
        spent = self.seconds.setdefault(self._stage, [0.0, 0.0])
        for place, (before, after) in enumerate(zip(self._since, now, strict=True)):
            spent[place] += after - before
        self._stage, self._since = stage, (now[0], now[1])

    def stop(self) -> dict[str, dict[str, float]]:
        """Return the seconds of each stage."""
        self(STARTING, 0, 0)
        return {stage: {"wall": round(wall, 3), "cpu": round(cpu, 3)} for stage, (wall, cpu) in self.seconds.items()}
