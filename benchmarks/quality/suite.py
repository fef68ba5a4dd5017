"""Every data set, method and seed; answers are cached, so that a run that was killed continues where it was."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

from benchmarks.paths import BENCHMARKS, BUILD, ROOT
from benchmarks.quality.data.catalogue import load
from benchmarks.quality.data.datasets import Dataset
from benchmarks.quality.figures.summary import gather, measure
from benchmarks.quality.found import Found
from benchmarks.quality.run import run

__all__ = ["CACHE", "COARSE", "Method", "Plan", "Task", "answer", "measure_all", "methods_of", "tasks_of"]


CACHE: Final = BUILD / "quality" / "answers"

COARSE: Final = BENCHMARKS / "profiles" / "coarse.json"
"""A profile with hardly any protection: it shows the quality of decisions if nearly all true pairs are compared."""

COARSE_SETS: Final = ("febrl4", "febrl4-number", "essnet")
"""The data sets on which the coarse profile is measured."""


@dataclass(frozen=True)
class Plan:
    """Settings of a measurement.

    Attributes:
        names: Data sets.
        seeds: Seeds of keys, synthetic data and the peers.
        persons: Number of persons that synthetic reporters meet.
        data: Folder of the files that are not part of this project.
        profile: The profile that is measured on all data sets.
        peers: Names of the other methods.
        cache: Folder of cached answers.
    """

    names: tuple[str, ...]
    seeds: tuple[int, ...]
    persons: int
    data: Path | None
    profile: str = "case-registry"
    peers: tuple[str, ...] = ()
    cache: Path = CACHE


@dataclass(frozen=True)
class Method:
    """A way to link.

    Attributes:
        name: Name in result files.
        find: Function that answers a data set under a seed.
        sources: Files and folders on which its answer depends; None if `find` caches its answers itself.
    """

    name: str
    find: Callable[[Dataset, int], Found]
    sources: tuple[Path, ...] | None


@dataclass(frozen=True)
class Task:
    """One answer of one method."""

    dataset: str
    method: Method
    seed: int


def methods_of(plan: Plan, dataset: str) -> list[Method]:
    """Return the methods that are measured on a data set.

    Args:
        plan: The plan.
        dataset: A name of the catalogue.
    """
    profiles = [plan.profile, *([str(COARSE)] if dataset in COARSE_SETS else [])]
    ours = [
        Method(f"encoded:{profile}", partial(_ours, profile), (ROOT / "src", *_file(profile))) for profile in profiles
    ]
    return ours + [Method(name, partial(_peer, name), _sources_of_peer(name)) for name in plan.peers]


def _file(profile: str) -> tuple[Path, ...]:
    return (Path(profile),) if profile.endswith(".json") else ()


def _sources_of_peer(name: str) -> tuple[Path, ...] | None:
    from benchmarks.quality.peers import OUTSIDE  # Imported late: peers need environments of their own.

    return None if name in OUTSIDE else (ROOT / "src", BENCHMARKS / "quality" / "peers")


def _ours(profile: str, dataset: Dataset, seed: int) -> Found:
    return run(dataset, profile=profile, seed=seed)


def _peer(name: str, dataset: Dataset, seed: int) -> Found:
    from benchmarks.quality.peers import run_peer  # Imported late: peers need environments of their own.

    return run_peer(name, dataset, seed=seed)


def tasks_of(plan: Plan) -> list[Task]:
    """Return all tasks, data set by data set."""
    return [Task(name, method, seed) for name in plan.names for seed in plan.seeds for method in methods_of(plan, name)]


def measure_all(plan: Plan, *, started: Callable[[Task], None], done: Callable[[Task], None]) -> dict[str, Any]:
    """Measure every method on every data set.

    Args:
        plan: The plan.
        started: Called before each answer.
        done: Called after each answer.

    Returns:
        For each data set its title, its size, and `methods`: the title and the figures of `gather`, or `failed`.
    """
    return {name: _measure_set(plan, name, started, done) for name in plan.names}


def _measure_set(
    plan: Plan, name: str, started: Callable[[Task], None], done: Callable[[Task], None]
) -> dict[str, Any]:
    answers: dict[str, list[tuple[Found, dict[str, Any]]]] = {}
    failed: dict[str, str] = {}
    sizes = []
    for seed in plan.seeds:
        dataset = load(name, seed=seed, persons=plan.persons, data=plan.data)
        sizes.append({"records": len(dataset.truth), "true_persons": dataset.truth["person"].nunique()})
        unable = _unable(plan, dataset)
        for method in methods_of(plan, name):
            task = Task(name, method, seed)
            started(task)
            if method.name in unable:
                done(task)
                continue
            try:
                answers.setdefault(method.name, []).append(answer(dataset, method, seed, folder=plan.cache))
            except Exception as error:
                # A peer may be too slow or too large for a data set, which is a result too; ours must run.
                if method.name not in plan.peers:
                    raise
                failed[method.name] = type(error).__name__
            done(task)
    return {
        "title": dataset.title,
        "reporters": len(dataset.reporters),
        "records": [size["records"] for size in sizes],
        "true_persons": [size["true_persons"] for size in sizes],
        "methods": dict(_gathered(found) for method, found in answers.items() if method not in failed),
        "failed": failed,
    }


def _unable(plan: Plan, dataset: Dataset) -> set[str]:
    """Return the peers that link across reporters only, if there is a single reporter."""
    if not plan.peers:
        return set()
    from benchmarks.quality.peers import PEERS, peers_of

    return set(PEERS) - set(peers_of(dataset))


def _gathered(answers: Sequence[tuple[Found, dict[str, Any]]]) -> tuple[str, dict[str, Any]]:
    found = answers[0][0]
    about = {"title": found.title, "kinds": found.kinds, "versions": found.versions, "settings": found.settings}
    bound = {"recall_is_bound": found.claimed.get("recall_is_bound")}
    return found.method, {**about, **bound, "figures": gather([figures for _, figures in answers])}


def answer(dataset: Dataset, method: Method, seed: int, *, folder: Path) -> tuple[Found, dict[str, Any]]:
    """Return a cached answer, or find it and cache it.

    Args:
        dataset: The data set.
        method: The method.
        seed: Seed of keys and random choices.
        folder: Folder of cached answers.

    Returns:
        The answer and its figures.
    """
    if method.sources is None:
        found = method.find(dataset, seed)
        return found, measure(dataset, found)
    known = [method.name, seed, _digest_of(dataset), *map(_digest, method.sources)]
    place = folder / f"{dataset.name}-{hashlib.sha256(json.dumps(known).encode()).hexdigest()[:24]}"
    if place.exists():
        found = Found.load(place)
    else:
        found = method.find(dataset, seed)
        found.save(place)
    return found, measure(dataset, found)


def _digest_of(dataset: Dataset) -> str:
    digest = hashlib.sha256()
    for reporter, frame in sorted(dataset.reporters.items()):
        digest.update(reporter.encode() + frame.to_csv(index=False).encode())
    return digest.hexdigest()


@cache
def _digest(source: Path) -> str:
    digest = hashlib.sha256()
    for path in _files(source):
        digest.update(path.relative_to(ROOT).as_posix().encode() if path.is_relative_to(ROOT) else b"")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _files(source: Path) -> Iterator[Path]:
    if source.is_file():
        yield source
    else:
        yield from sorted(path for kind in ("*.py", "*.json", "*.txt") for path in source.rglob(kind))
