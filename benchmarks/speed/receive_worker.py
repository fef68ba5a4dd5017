"""Receive files in a separate process, by the sources that it finds first, of this tree or of another commit.

Run as `python -m benchmarks.speed.receive_worker REGISTRY THREADS FILE...`; it prints one JSON line.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from benchmarks.memory import peak_bytes
from benchmarks.speed.stages import STARTING, StageClock
from linkage.pipeline import Registry, receiving


def note_storing(clock: StageClock) -> None:
    """Note when storing begins and ends: progress tells of it only once the first part is stored."""
    store = receiving._store

    def noted(*values: Any, **options: Any) -> Any:
        clock("store", 0, 0)
        try:
            return store(*values, **options)
        finally:
            clock(STARTING, 0, 0)

    vars(receiving)["_store"] = noted


def main(path: str, threads: str, *files: str) -> dict[str, Any]:
    """Receive files, and return how many of their records are new, the seconds per stage and the peak memory."""
    clock = StageClock()
    note_storing(clock)
    registry = Registry.open(path, threads=int(threads))
    new = sum([registry.receive(file, progress=clock).new for file in files])
    return {"new": new, "stages": clock.stop(), "peak_bytes": peak_bytes()}


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
