"""From received submissions to persons, and to a purge: seconds per stage and peak memory, by number of records."""

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
from benchmarks.speed.submissions import make_submissions

__all__ = ["STAGES", "curve", "measure", "run_module", "run_worker"]

STAGES: Final = ("start", "candidates", "join", "compare", "fit", "compete", "cluster", "store")
"""The stages of linking in order; `start` is the time before them: opening the registry, loading compiled code."""


def measure(
    profile: str,
    sizes: Sequence[int],
    *,
    seed: int,
    threads: int,
    cache: Path,
    progress: Callable[[str, int], None],
    purge: bool = True,
) -> list[dict[str, Any]]:
    """Receive and link growing numbers of records.

    One registry receives part after part; after each, a copy of it is linked, so that every link is a first one.

    Args:
        profile: Name of a profile.
        sizes: Numbers of records, ascending.
        seed: Seed of the population.
        threads: Threads of the registry, and files to encode at a time.
        cache: Folder for the submissions.
        progress: Called after each step with its name and the number of records.
        purge: Whether to purge too.

    Returns:
        For each size the worker's answers about receiving the last part, linking all records and purging them.
    """
    files = make_submissions(
        cache, profile, sizes, seed=seed, processes=threads, progress=lambda records: progress("encoded", records)
    )
    found: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        registry, copy = Path(folder) / "registry", Path(folder) / "copy"
        run_module("linkage", "init", registry, "--profile", profile, "--codebook", CODEBOOK)
        for ending in ("key", "statistics.key"):
            shutil.copy(f"{registry}.{ending}", f"{copy}.{ending}")
        for size, delivered in zip(sizes, files, strict=True):
            received = run_worker("receive", registry, threads, *delivered)
            progress("received", size)
            # The very first link also compiles code, which is then kept.
            for _ in range(1 if found else 2):
                shutil.rmtree(copy, ignore_errors=True)
                shutil.copytree(registry, copy)
                linked = run_worker("link", copy, threads)
            progress("linked", size)
            purged = run_worker("purge", copy, threads) if purge else {}
            n_bytes = sum(file.stat().st_size for file in registry.iterdir())
            found.append({"registry_bytes": n_bytes, "received": received, "linked": linked, "purged": purged})
    return found


def curve(sizes: Sequence[int], found: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the time of each size, and its time per record relative to the least of all sizes.

    Args:
        sizes: Numbers of records.
        found: The result of `measure` for each.

    Returns:
        The figures of each size; receiving is summed over all parts so far.
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
        purge = {**one["purged"], "seconds": round(_seconds(one["purged"]), 2)}
        purge["times_link"] = round(purge["seconds"] / spent, 2)
        points.append(
            {"records": size, "registry_bytes": one["registry_bytes"], "receive": receive, "link": link, "purge": purge}
        )
    return points


def _seconds(work: dict[str, Any]) -> float:
    return sum(float(stage["wall"]) for stage in work["stages"].values())


def run_worker(*words: str | int | Path) -> dict[str, Any]:
    """Run `benchmarks.speed.link_worker` in a process of its own, and return what it prints."""
    return dict(json.loads(run_module("benchmarks.speed.link_worker", *words)))


def run_module(module: str, *words: str | int | Path) -> str:
    """Run a module in a process of its own, and return what it prints."""
    command = [sys.executable, "-m", module, *map(str, words)]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
