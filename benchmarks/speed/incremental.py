"""New records in a linked registry: what a run costs that weighs only what they touch, beside a full one."""

from __future__ import annotations

import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.population import CODEBOOK
from benchmarks.speed.link import run_module
from benchmarks.speed.link_worker import digest_of
from benchmarks.speed.stages import StageClock
from benchmarks.speed.submissions import make_submissions
from linkage.pipeline import Registry

__all__ = ["measure_incremental"]


def measure_incremental(
    profile: str,
    records: int,
    new: int,
    *,
    seed: int,
    threads: int,
    rounds: int,
    cache: Path,
    progress: Callable[[str, int], None],
) -> dict[str, Any]:
    """Link a registry, receive new records, and link copies of it in full and by what has changed, in this process.

    Args:
        profile: Name of a profile.
        records: Number of records that are linked first.
        new: Number of records that come after.
        seed: Seed of the population.
        threads: Threads of the registry.
        rounds: Number of times that both are measured.
        cache: Folder for the submissions.
        progress: Called after each step with its name and the number of records.

    Returns:
        `same_answer`, `pairs`, `persons`, `weighed_again`, `times_cheaper` and, for both ways, median processor seconds
        with those of each stage.
    """
    sizes = (records, records + new)
    files = make_submissions(
        cache, profile, sizes, seed=seed, processes=threads, progress=lambda size: progress("encoded", size)
    )
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        path = Path(folder) / "registry"
        run_module("linkage", "init", path, "--profile", profile, "--codebook", CODEBOOK)
        registry = Registry.open(path, threads=threads)
        for size, delivered in zip(sizes, files, strict=True):
            for file in delivered:
                registry.receive(file)
            progress("received", size)
            if size == records:
                # Twice, as every week but the first: the run that fits a model weighs partners by the tables of the
                # profile, so some pairs weigh something else in the next one, whatever is new.
                for _ in range(2):
                    registry.link()
                progress("linked", size)
        found: dict[str, list[dict[str, Any]]] = {"full": [], "incremental": []}
        for _ in range(rounds):
            for way, runs in found.items():
                runs.append(_link(path, full=way == "full", threads=threads))
                progress(way, sizes[-1])
    answers = {run["answer"] for runs in found.values() for run in runs}
    ways = {way: _median(runs) for way, runs in found.items()}
    last = found["incremental"][-1]["report"]
    return {
        "same_answer": len(answers) == 1,
        "full_run": last["full_run"],
        **{name: last[name] for name in ("pairs", "persons", "new_records", "weighed_again")},
        "times_cheaper": round(ways["full"]["cpu"] / ways["incremental"]["cpu"], 2),
        "ways": ways,
    }


def _link(path: Path, *, full: bool, threads: int) -> dict[str, Any]:
    """Link a copy of a registry."""
    copy = path.with_name("copy")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(path, copy)
    for ending in ("key", "statistics.key"):
        shutil.copy(f"{path}.{ending}", f"{copy}.{ending}")
    registry = Registry.open(copy, threads=threads)
    clock, began = StageClock(), time.process_time()
    report = registry.link(full=full, progress=clock).to_dict()
    cpu = time.process_time() - began
    return {"cpu": cpu, "stages": clock.stop(), "report": report, "answer": digest_of(registry)}


def _median(runs: list[dict[str, Any]]) -> dict[str, Any]:
    stages = {
        stage: round(statistics.median(run["stages"].get(stage, {"cpu": 0.0})["cpu"] for run in runs), 3)
        for stage in runs[0]["stages"]
    }
    return {"cpu": round(statistics.median(run["cpu"] for run in runs), 3), "stages": stages}
