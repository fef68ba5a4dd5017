"""Joins of records that never met: the estimate, without and with a sample of answers, against the truth.

A join is missing where a person's records form several parts that share no match key with each other, after all pairs
of one person that do share one are put together; what undecided pairs add is measured elsewhere.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from benchmarks.population import ErrorLevel
from benchmarks.quality.data.datasets import Dataset, synthetic
from benchmarks.quality.data.registries import received
from benchmarks.quality.run import met_pairs
from linkage.counting import SampleStatus
from linkage.intake.sample_file import COLUMNS
from linkage.pipeline import Registry

__all__ = ["ANSWERS", "FIRST_SEED", "answered", "measure", "measure_sets", "missing"]

FIRST_SEED: Final = 70_001
"""Nothing was tuned on synthetic files of this seed or a later one."""

ANSWERS: Final = 200
"""Records of the sample that reporters are asked about."""

CERTAIN: Final = 1.96


def measure(
    rows: Sequence[tuple[int, ErrorLevel]], *, registries: int, say: Callable[[str], None] = lambda text: None
) -> Iterator[dict[str, Any]]:
    """Measure registries of each size and level of error.

    Args:
        rows: Persons of the population, and level of error.
        registries: Registries a row; each has a seed of its own, for its persons and for its linkage key.
        say: Called with a line about each registry.
    """
    for place, (persons, level) in enumerate(rows):
        found = []
        for number in range(registries):
            seed = FIRST_SEED + 1000 * place + number
            found.append(_registry(synthetic(persons, level=level, seed=seed), seed=seed))
            say(f"{persons} {level} {seed}: {found[-1]}")
        yield {"persons": persons, "level": level, "registries": registries} | _row(found)


def measure_sets(
    datasets: Sequence[Dataset], *, say: Callable[[str], None] = lambda text: None
) -> list[dict[str, Any]]:
    """Measure data sets that no assumption was made from, each once.

    Args:
        datasets: The data sets.
        say: Called with a line about each.
    """
    rows = []
    for dataset in datasets:
        found = _registry(dataset, seed=FIRST_SEED)
        say(f"{dataset.name}: {found}")
        rows.append({"dataset": dataset.name, **found})
    return rows


def _registry(dataset: Dataset, *, seed: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        registry = received(dataset, folder, seed=seed)
        registry.link()
        figures = {"persons": dataset.truth["person"].nunique(), "missing": missing(registry, dataset.truth)}
        drawn = registry.samples.draw(ANSWERS, seed=seed)
        figures |= _estimate("assumed", drawn)
        path = folder / "answers.csv"
        path.write_text(answered(registry.samples.questions(), dataset.truth), encoding="utf-8")
        return figures | _estimate("sampled", registry.samples.take(path))


def _estimate(name: str, status: SampleStatus) -> dict[str, float]:
    return {name: round(status.joins, 2), f"{name}_sd": round(status.standard_deviation, 2)}


def missing(registry: Registry, truth: pd.DataFrame) -> int:
    """Count the joins that are missing although every pair that shares a match key is decided rightly.

    Args:
        registry: The registry, linked.
        truth: `reporter`, `record_id`, `person`.
    """
    known = registry.persons().to_pandas().merge(truth[["reporter", "record_id", "person"]])
    place = {key: row for row, key in enumerate(zip(known["reporter"], known["record_id"], strict=True))}
    pairs = met_pairs(registry.path, truth)
    met = pairs[pairs["met"]]
    ends = [
        np.array([place[key] for key in zip(met[f"reporter_{side}"], met[f"record_id_{side}"], strict=True)], np.int64)
        for side in "ab"
    ]
    # Records that the run has grouped rightly are together, however they came to be.
    both = known.groupby(["person_id", "person"]).ngroup().to_numpy()
    first = pd.Series(np.arange(len(known))).groupby(both).transform("first").to_numpy()
    one, other = np.concatenate([ends[0], np.arange(len(known))]), np.concatenate([ends[1], first])
    graph = coo_array((np.ones(len(one), np.int8), (one, other)), shape=(len(known),) * 2)
    return int(connected_components(graph, directed=False)[0]) - int(known["person"].nunique())


def answered(questions: str, truth: pd.DataFrame) -> str:
    """Fill in questions rightly.

    Args:
        questions: As `linkage sample questions` writes them.
        truth: `reporter`, `record_id`, `person`.
    """
    person = dict(zip(zip(truth["reporter"], truth["record_id"], strict=True), truth["person"], strict=True))
    records: dict[Any, list[tuple[str, str]]] = {}
    for key, own in person.items():
        records.setdefault(own, []).append(key)
    rows = [line.split(",") for line in questions.splitlines()[1:]]
    drawn = {row[0]: person[row[1], row[2]] for row in rows if row[3] == "yes"}
    listed = {(row[0], row[1], row[2]) for row in rows}
    told = [[*row[:4], "yes" if person[row[1], row[2]] == drawn[row[0]] else "no", ""] for row in rows]
    for question, own in drawn.items():
        told += [[question, *key, "no", "yes", ""] for key in records[own] if (question, *key) not in listed]
    return "\n".join(",".join(row) for row in [list(COLUMNS), *told]) + "\n"


def _row(found: Sequence[dict[str, float]]) -> dict[str, Any]:
    table = pd.DataFrame(found)
    row: dict[str, Any] = {"missing": round(float((table["missing"] / table["persons"]).mean()), 4)}
    for name in ("assumed", "sampled"):
        # Without an estimate nothing is said of its error.
        own = table[table[name] > 0]
        error = (own[name] - own["missing"]) / own["persons"]
        reach = CERTAIN * own[f"{name}_sd"]
        inside = (np.floor(own[name] - reach) <= own["missing"]) & (own["missing"] <= np.ceil(own[name] + reach))
        row[name] = {
            "estimated": len(own),
            "inside": int(inside.sum()),
            "mean_error": round(float(error.mean()), 4),
            "median_error": round(float(error.abs().median()), 4),
            "mean_width": round(float((2 * reach / own["persons"]).mean()), 4),
        }
    return row
