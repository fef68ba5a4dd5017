"""Receive, link or purge in a separate process, so that its peak memory is that of this task alone.

Run as `python -m benchmarks.speed.link_worker receive|link|purge REGISTRY THREADS [FILE...]`; it prints one JSON line.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

from benchmarks.memory import peak_bytes
from linkage.pipeline import Registry

STARTING = "start"
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


def main(work: str, path: str, threads: str, *files: str) -> dict[str, Any]:
    """Receive, link or purge, and return the seconds per stage and the peak memory."""
    clock = StageClock()
    registry = Registry.open(path, threads=int(threads))
    if work == "receive":
        receipts = [registry.receive(file, progress=clock) for file in files]
        answer: dict[str, Any] = {"records": sum([receipt.new for receipt in receipts])}
    elif work == "purge":
        purged = registry.purge(progress=clock)
        answer = {"codes": purged.codes, "open": purged.open}
    else:
        report = registry.link(progress=clock).to_dict()
        answer = {name: report[name] for name in ("records", "pairs", "links", "review", "persons")}
    return answer | {"stages": clock.stop(), "peak_bytes": peak_bytes()}


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
