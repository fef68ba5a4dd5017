"""Measure receiving, from submission files to stored records and codes, by this tree and by other commits.

Each way is a process of its own, started anew in every round with an empty registry, in alternating order, so that a
machine that slows down favours none.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from benchmarks.paths import ROOT
from benchmarks.population import CODEBOOK
from benchmarks.speed.files import NOW, sources_of

__all__ = ["STAGES", "Receiving", "measure_receiving", "receivings"]

STAGES: Final = ("verify", "store", "start")
"""What is measured: the first reading of a file with all checks, the second with what is stored, and all else."""


@dataclass
class Receiving:
    """One way to receive the files.

    Attributes:
        name: What it is called.
        sources: The folder of the packages.
        cpu: For each stage the processor seconds of each run.
        wall: Clock seconds of each run.
        peak_bytes: Peak memory of each run.
        load: Load of the machine at the end of each run: above the number of its cores the clock says little.
        registry_bytes: Length of the files of the registry.
    """

    name: str
    sources: Path
    cpu: dict[str, list[float]] = field(default_factory=lambda: {stage: [] for stage in STAGES})
    wall: list[float] = field(default_factory=list)
    peak_bytes: list[int] = field(default_factory=list)
    load: list[float] = field(default_factory=list)
    registry_bytes: int = 0

    def figures(self, records: int) -> dict[str, Any]:
        """Return the medians and each run.

        Args:
            records: Number of records that are received.
        """
        whole = [sum(spent) for spent in zip(*self.cpu.values(), strict=True)]
        return {
            "cpu": round(statistics.median(whole), 3),
            "cpu_per_10000_records": round(statistics.median(whole) / records * 10_000, 3),
            "records_per_cpu_second": round(records / statistics.median(whole)),
            "records_per_second": round(records / statistics.median(self.wall)),
            "stages": {stage: round(statistics.median(spent), 3) for stage, spent in self.cpu.items()},
            "peak_bytes": max(self.peak_bytes),
            "registry_bytes": self.registry_bytes,
            "cpu_seconds": [round(one, 3) for one in whole],
            "wall_seconds": [round(one, 3) for one in self.wall],
            "load": [round(one, 1) for one in self.load],
        }


def receivings(against: Sequence[str], folder: Path) -> list[Receiving]:
    """List the ways to compare: this tree, and other commits.

    Args:
        against: Commits, which must read the same submissions.
        folder: Where to unpack their sources.
    """
    others = [Receiving(commit, sources_of(commit, folder)) for commit in against]
    return [Receiving(NOW, ROOT / "src"), *others]


def measure_receiving(
    ways: Sequence[Receiving],
    files: Sequence[Path],
    folder: Path,
    *,
    profile: str,
    threads: int,
    rounds: int,
) -> int:
    """Receive the files by each way once per round, in alternating order.

    Args:
        ways: The ways, to which the times are added.
        files: The submissions.
        folder: Where registries go.
        profile: Their profile.
        threads: Threads of the registry.
        rounds: Number of rounds.

    Returns:
        The number of records that were received.

    Raises:
        RuntimeError: The ways do not find the same number of new records.
    """
    found: set[int] = set()
    for number in range(rounds):
        found |= {_receive(way, files, folder, profile, threads) for way in (ways[::-1] if number % 2 else ways)}
    if len(found) != 1:
        raise RuntimeError("The ways do not receive the same number of records.")
    return found.pop()


def _receive(way: Receiving, files: Sequence[Path], folder: Path, profile: str, threads: int) -> int:
    """Receive the files into a new registry, and return the number of new records."""
    home = folder / "run"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    registry = home / "registry"
    _run(way, "linkage", "init", registry, "--profile", profile, "--codebook", CODEBOOK)
    began = time.perf_counter()
    told = json.loads(_run(way, "benchmarks.speed.receive_worker", registry, threads, *files))
    way.wall.append(time.perf_counter() - began)
    for stage, spent in way.cpu.items():
        # Of several files each has a stage of its own.
        spent.append(sum(one["cpu"] for name, one in told["stages"].items() if name.split()[0] == stage))
    way.peak_bytes.append(told["peak_bytes"])
    way.load.append(os.getloadavg()[0])
    way.registry_bytes = sum(file.stat().st_size for file in registry.iterdir())
    return int(told["new"])


def _run(way: Receiving, module: str, *words: str | int | Path) -> str:
    """Run a module by the sources of a way, and return what it prints."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (way.sources, ROOT)))}
    command = [sys.executable, "-m", module, *map(str, words)]
    # Elsewhere than in the root, whose own sources would be found first.
    done = subprocess.run(command, env=environment, cwd=way.sources, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout
