"""Shared by all workers: the input folder, the clock, the report."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from itertools import combinations
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

__all__ = ["NUMBERS", "Job", "peak_bytes", "within"]

NUMBERS = ("number", "foreign_number")
"""Fields that hold a number; a data set may have both, one or neither."""


KIB = 1024


class Job:
    """One request to a worker: a folder with `request.json`, `records.parquet` and perhaps `pairs.parquet`.

    Attributes:
        request: Seed and other settings.
        records: `row` (int64, from 0), `reporter` (a name made up for each), and the fields as text, null if missing.
    """

    def __init__(self, folder: Path) -> None:
        """Read the request."""
        self._folder = folder
        self.request: dict[str, Any] = json.loads((folder / "request.json").read_text(encoding="utf-8"))
        self.records: pa.Table = pq.read_table(folder / "records.parquet")
        self._wall = self._cpu = 0.0

    @property
    def fields(self) -> list[str]:
        """Names of the fields that the data set has."""
        return [name for name in self.records.column_names if name not in ("row", "reporter")]

    @property
    def reporters(self) -> list[str]:
        """Names of the reporters, in the order of their records."""
        return list(dict.fromkeys(self.records["reporter"].to_pylist()))

    def pairs(self) -> pa.Table | None:
        """Return the candidate pairs chosen for the peer, `a` and `b` rows, or None if it chooses."""
        path = self._folder / "pairs.parquet"
        return pq.read_table(path) if path.exists() else None

    @contextmanager
    def working(self) -> Iterator[None]:
        """Count the seconds of the peer's own work, without reading and writing files."""
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self._wall += time.perf_counter() - wall
        self._cpu += time.process_time() - cpu

    def answer(self, name: str, links: pa.Table) -> None:
        """Write one answer: `a`, `b` rows, `probability`, `linked` by the peer's own decision."""
        pq.write_table(links, self._folder / f"links-{name}.parquet")

    def candidates(self, pairs: pa.Table) -> None:
        """Write all pairs that were compared: `a`, `b` rows."""
        pq.write_table(pairs, self._folder / "candidates.parquet")

    def report(self, packages: Sequence[str], **found: Any) -> None:
        """Write versions, seconds, memory and further details."""
        document = {
            "versions": {package: version(package) for package in packages},
            "seconds": {"wall": round(self._wall, 3), "cpu": round(self._cpu, 3)},
            "peak_memory_mb": round(peak_bytes() / 1e6, 1),
            **found,
        }
        (self._folder / "report.json").write_text(json.dumps(document), encoding="utf-8")


def peak_bytes() -> int:
    """Return the peak memory of this process.

    On Linux, `getrusage` includes the memory of the parent process, so `/proc` is read instead.
    """
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text(encoding="utf-8").splitlines())
        return int(lines["VmHWM"].split()[0]) * KIB
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * KIB


def within(groups: Iterable[Sequence[int]]) -> list[tuple[int, int]]:
    """Return the pairs within groups, the smaller row first."""
    return [pair for group in groups for pair in combinations(sorted(group), 2)]
