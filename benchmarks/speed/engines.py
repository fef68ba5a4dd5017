"""One registry linked by several engines: the same answer, and what it costs in processor seconds and memory."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from enum import Enum
from pathlib import Path
from typing import Any

from benchmarks.population import CODEBOOK
from benchmarks.speed.link import run_module, run_worker
from benchmarks.speed.submissions import make_submissions

__all__ = ["EngineName", "measure_engines"]


class EngineName(Enum):
    """The engines that can be measured; Sail and Spark have two workers each."""

    EMBEDDED = "embedded"
    SAIL = "sail"
    SPARK = "spark"


def measure_engines(
    profile: str,
    sizes: Sequence[int],
    *,
    engines: Sequence[str],
    seed: int,
    threads: int,
    cache: Path,
    progress: Callable[[str, int], None],
) -> list[dict[str, Any]]:
    """Link growing registries with each engine, each link a first one in a process of its own.

    Args:
        profile: Name of a profile.
        sizes: Numbers of records, ascending.
        engines: Their names, see `EngineName`. Sail runs in the same process; Spark runs in local mode, and what its
            processes take is not counted.
        seed: Seed of the population.
        threads: Threads of the registry.
        cache: Folder for the submissions.
        progress: Called after each step with its name and the number of records.

    Returns:
        For each size: `records`, `same_answer` and, by engine, `cpu` and `wall` seconds with those of each stage, and
        `peak_bytes`.
    """
    files = make_submissions(
        cache, profile, sizes, seed=seed, processes=threads, progress=lambda records: progress("encoded", records)
    )
    found: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        registry = Path(folder) / "registry"
        run_module("linkage", "init", registry, "--profile", profile, "--codebook", CODEBOOK)
        for size, delivered in zip(sizes, files, strict=True):
            run_worker("receive", registry, threads, *delivered)
            progress("received", size)
            # The very first link also compiles code, which is then kept.
            if not found:
                _link(registry, "embedded", threads)
            linked = {engine: _link(registry, engine, threads) for engine in engines}
            progress("linked", size)
            answers = {one.pop("answer") for one in linked.values()}
            found.append({"records": size, "same_answer": len(answers) == 1, "engines": linked})
    return found


def _link(registry: Path, engine: str, threads: int) -> dict[str, Any]:
    """Link a copy of a registry."""
    copy = registry.with_name("copy")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(registry, copy)
    for ending in ("key", "statistics.key"):
        shutil.copy(f"{registry}.{ending}", f"{copy}.{ending}")
    work = (
        ("link", copy, threads)
        if engine == "embedded"
        else (f"link-on-{engine}", copy, threads, copy.with_name("scratch"))
    )
    linked = run_worker(*work)
    seconds = {kind: round(sum(stage[kind] for stage in linked["stages"].values()), 2) for kind in ("cpu", "wall")}
    return {name: linked[name] for name in ("pairs", "persons", "answer", "stages", "peak_bytes")} | seconds
