"""From received submissions to persons: seconds of each stage and peak of memory, by the number of records."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.population import CODEBOOK
from benchmarks.speed.deliveries import deliveries

__all__ = ["STAGES", "curve", "measure"]

STAGES: Final = ("start", "candidates", "join", "compare", "fit", "compete", "cluster", "store")
"""What linking tells of, in order; `start` is the time before: opening the registry, loading compiled code."""


def measure(
    profile: str,
    sizes: Sequence[int],
    *,
    seed: int,
    threads: int,
    cache: Path,
    told: Callable[[str, int], None],
) -> list[dict[str, Any]]:
    """Receive and link growing numbers of records.

    One registry takes delivery after delivery; after each a copy of it is linked, so that every link is a first one.

    Args:
        profile: Name of a profile.
        sizes: Numbers of records, ascending.
        seed: Seed of the population.
        threads: Threads that the registry uses, and files encoded at a time.
        cache: Folder for the submissions.
        told: Called with what has been done and with how many records.

    Returns:
        For each size what the worker says of receiving the last delivery and of linking all records.
    """
    files = deliveries(
        cache, profile, sizes, seed=seed, processes=threads, told=lambda records: told("encoded", records)
    )
    found: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        registry, copy = Path(folder) / "registry.duckdb", Path(folder) / "copy.duckdb"
        _command("linkage", "init", registry, "--profile", profile, "--codebook", CODEBOOK)
        shutil.copyfile(f"{registry}.key", f"{copy}.key")
        for size, delivered in zip(sizes, files, strict=True):
            received = _work("receive", registry, threads, *delivered)
            told("received", size)
            # The first link of all finds code that is not compiled yet, which is kept from then on.
            for _ in range(1 if found else 2):
                shutil.copyfile(registry, copy)
                linked = _work("link", copy, threads)
            told("linked", size)
            found.append({"registry_bytes": registry.stat().st_size, "received": received, "linked": linked})
    return found


def curve(sizes: Sequence[int], found: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Say what each size took, and how its time a record compares with the least of all sizes.

    Args:
        sizes: Numbers of records.
        found: What `measure` gave for each.

    Returns:
        For each size its figures; receiving is counted from the first delivery on.
    """
    seconds = [_seconds(one["linked"]) for one in found]
    least = min(spent / size for spent, size in zip(seconds, sizes, strict=True))
    points, received = [], 0.0
    for size, one, spent in zip(sizes, found, seconds, strict=True):
        received += _seconds(one["received"])
        link = {
            **one["linked"],
            "seconds": round(spent, 2),
            "microseconds_a_record": round(spent / size * 1e6, 1),
            "times_the_least": round(spent / size / least, 3),
        }
        receive = {"seconds": round(received, 2), "peak_bytes": one["received"]["peak_bytes"]}
        points.append({"records": size, "registry_bytes": one["registry_bytes"], "receive": receive, "link": link})
    return points


def _seconds(work: dict[str, Any]) -> float:
    return sum(float(stage["wall"]) for stage in work["stages"].values())


def _work(*words: str | int | Path) -> dict[str, Any]:
    return dict(json.loads(_command("benchmarks.speed.link_worker", *words)))


def _command(module: str, *words: str | int | Path) -> str:
    command = [sys.executable, "-m", module, *map(str, words)]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
