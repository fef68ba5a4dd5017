"""Measure the way from a case file to a submission file: `pseudonym encode` as a reporter runs it.

Each way is a whole command, started anew in every round, in alternating order: the sources of this tree or of another
commit, with one process or several. What several can gain at most on this machine is measured beside them: as many
commands of one process at the same time, each with a file of its own, as there are processes.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from pyarrow import csv

from benchmarks.keys import fixed_key_text
from benchmarks.paths import ROOT
from benchmarks.population import CODEBOOK, make_population, make_reports

__all__ = ["NOW", "Way", "make_case_file", "measure_files", "sources_of", "ways_of"]

NOW: Final = "this tree"
PROFILE: Final = "case-registry"
REFERENCE_DATE: Final = "2026-01-01"

OWN_TIME: Final = """
import atexit, resource, runpy, sys

def tell():
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(used.ru_utime + used.ru_stime, file=sys.stderr)

atexit.register(tell)
runpy.run_module("pseudonym", run_name="__main__")
"""
"""Runs the command, and says at the end how long the first of its processes was at work."""

FAULTY: Final = 3
"""Exit status for a file with values that are not readable, as these have."""


@dataclass
class Way:
    """One way to encode the file.

    Attributes:
        name: What it is called.
        sources: The folder of the packages.
        jobs: Number of processes; None where the command does not have the option.
        commands: Number of commands that run at the same time, each with the whole file.
        cpu: Processor seconds of each run, all processes together.
        wall: Clock seconds of each run.
        own: Processor seconds of the process that reads and writes: a bound of the clock, however many others help.
        load: Load of the machine at the end of each run: above the number of its cores the clock says little.
    """

    name: str
    sources: Path
    jobs: int | None = None
    commands: int = 1
    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)
    own: list[float] = field(default_factory=list)
    load: list[float] = field(default_factory=list)

    def figures(self, records: int) -> dict[str, Any]:
        """Return the medians and each run.

        Args:
            records: Number of records of the file.
        """
        cpu, wall = statistics.median(self.cpu), statistics.median(self.wall)
        records *= self.commands
        return {
            "jobs": self.jobs or 1,
            "commands": self.commands,
            "cpu_per_10000_records": round(cpu / records * 10_000, 3),
            "records_per_second": round(records / wall),
            "cpu_seconds": [round(one, 3) for one in self.cpu],
            "own_cpu_seconds": [round(one, 3) for one in self.own],
            "wall_seconds": [round(one, 3) for one in self.wall],
            "load": [round(one, 1) for one in self.load],
        }


def make_case_file(path: Path, n_records: int, *, seed: int) -> None:
    """Write the case file of one synthetic reporter, with all columns that it keeps.

    Args:
        path: The CSV file.
        n_records: Number of its records.
        seed: Seed of the population.
    """
    n_persons = max(1_000, n_records)
    while True:
        reports = make_reports(make_population(n_persons, seed=seed), seed=seed)
        table = max((one.table for one in reports.values()), key=len)
        if len(table) >= n_records:
            csv.write_csv(table.slice(0, n_records), path)
            return
        n_persons *= 2


def sources_of(commit: str, folder: Path) -> Path:
    """Unpack the sources of a commit.

    Args:
        commit: Any name that git knows it by.
        folder: Where to; a subfolder is named by the commit.

    Returns:
        The folder of its packages.
    """
    packed = subprocess.run(["git", "archive", commit, "src"], cwd=ROOT, capture_output=True, check=True).stdout
    target = folder / commit
    with tarfile.open(fileobj=BytesIO(packed)) as archive:
        archive.extractall(target, filter="data")
    return target / "src"


def ways_of(jobs: Sequence[int], against: str | None, folder: Path) -> list[Way]:
    """List the ways to compare; where there are several processes, also as many commands of one at the same time.

    Args:
        jobs: Numbers of processes of this tree.
        against: A commit to compare with, or None.
        folder: Where to unpack its sources.
    """
    ways = [Way(f"{NOW}, --jobs {number}", ROOT / "src", number) for number in jobs]
    if max(jobs) > 1:
        ways.insert(0, Way(f"{max(jobs)} commands at once, --jobs 1", ROOT / "src", 1, max(jobs)))
    return ways if against is None else [*ways, Way(against, sources_of(against, folder))]


def measure_files(ways: Sequence[Way], source: Path, folder: Path, *, rounds: int, seconds: float) -> None:
    """Encode the file by each way once per round, in alternating order, after one round that is not counted.

    Args:
        ways: The ways, to which the times are added.
        source: The case file.
        folder: Where key and submissions go.
        rounds: Number of rounds.
        seconds: No further round starts after this time.
    """
    key = folder / "linkage.key"
    key.write_text(fixed_key_text("speed"), encoding="utf-8")
    key.chmod(0o600)
    for way in ways:
        _run(way, source, key)
    began = time.monotonic()
    for turn in _turns(ways, rounds):
        for way in turn:
            cpu, wall, own = _run(way, source, key)
            way.cpu.append(cpu)
            way.wall.append(wall)
            way.own.append(own)
            way.load.append(os.getloadavg()[0])
        if time.monotonic() - began > seconds:
            break


def _turns(ways: Sequence[Way], rounds: int) -> Iterator[Sequence[Way]]:
    """Yield the ways forwards and backwards in turn, so that a machine that slows down favours none."""
    for number in range(rounds):
        yield ways[::-1] if number % 2 else ways


def _run(way: Way, source: Path, key: Path) -> tuple[float, float, float]:
    """Return processor and clock seconds of one run, and processor seconds of its first process."""
    outs = [key.with_name(f"submission{number}.parquet") for number in range(way.commands)]
    for out in outs:
        out.unlink(missing_ok=True)
    environment = {**os.environ, "PYTHONPATH": str(way.sources)}
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    with ThreadPoolExecutor(way.commands) as pool:
        own = list(pool.map(lambda out: _encode(way, source, key, out, environment), outs))
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall, statistics.mean(own)


def _encode(way: Way, source: Path, key: Path, out: Path, environment: dict[str, str]) -> float:
    """Return processor seconds of the first process of one command."""
    words = ["--key", key, "--reporter", "speed", "--profile", PROFILE, "--codebook", CODEBOOK, "--out", out]
    words += ["--sequence", 1, "--reference-date", REFERENCE_DATE, "--json"]
    words += [] if way.jobs is None else ["--jobs", way.jobs]
    command = [sys.executable, "-c", OWN_TIME, "encode", str(source), *map(str, words)]
    done = subprocess.run(command, env=environment, cwd=key.parent, capture_output=True, check=False)
    if done.returncode not in (0, FAULTY):
        raise RuntimeError(f"pseudonym encode exited with status {done.returncode}.")
    return float(done.stderr.decode().splitlines()[-1])
