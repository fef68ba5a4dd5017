"""Figures of one answer to one data set, and their summary over seeds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, Final

import numpy as np
import pandas as pd

from benchmarks.quality.data.datasets import Dataset
from benchmarks.quality.figures.pairs import (
    PairFigures,
    best_threshold,
    curve,
    evidence_bins,
    link_figures,
    log_loss,
    merge_bins,
    one_to_one,
    one_to_one_pairs,
    true_pairs,
    with_truth,
)
from benchmarks.quality.figures.persons import bcubed, groups_of, joined
from benchmarks.quality.figures.relatives import by_group, by_relation
from benchmarks.quality.found import Found

__all__ = ["LEAST_PAIRS", "gather", "measure"]

LEAST_PAIRS: Final = 200
"""Minimum number of pairs in a bin of a reliability diagram."""

_OF_PERSONS: Final = ("joined", "bcubed", "persons", "true_persons", "persons_error")

_POOLED: Final = ("relations", "origin", "sex")
"""Counts that are summed over the seeds."""


def measure(dataset: Dataset, found: Found) -> dict[str, Any]:
    """Measure an answer.

    Args:
        dataset: The data set.
        found: The answer of a method.

    Returns:
        Figures of JSON types; None where a figure does not exist.
    """
    truth = dataset.truth
    links = with_truth(found.links, truth)
    pairs = link_figures(links, truth)
    # A method that only links across reporters is not judged on persons if reporters have duplicates.
    all_pairs = "pairs" in found.kinds or one_to_one_pairs(truth) == pairs.true_pairs
    return {
        "candidate_recall": found.candidate_recall,
        "decision_recall": pairs.recall / found.candidate_recall if found.candidate_recall and all_pairs else None,
        "pairs": _pairs(links, truth, true_pairs(truth)) if "pairs" in found.kinds else None,
        "one_to_one": _one_to_one(dataset, found, links),
        **(_persons(dataset, found, links) if all_pairs else dict.fromkeys(_OF_PERSONS)),
        "log_loss": log_loss(links, truth) if found.probabilities else None,
        "claimed": {**_claimed(found, links, pairs), "persons": _claimed_persons(found, truth)},
        "compared": found.compared,
        "seconds": sum(found.seconds.values()),
        "processor_seconds": found.processor_seconds,
        "peak_memory_mb": found.peak_memory_mb,
        "relations": by_relation(links, truth),
        "origin": by_group(links, truth, "origin") if all_pairs else {},
        "sex": by_group(links, truth, "sex") if all_pairs else {},
        "bins": evidence_bins(links, truth) if found.probabilities else {},
        "curve": curve(links, truth) if "pairs" in found.kinds else [],
    }


def _persons(dataset: Dataset, found: Found, links: Any) -> dict[str, Any]:
    truth = dataset.truth
    groups = groups_of(found.persons, links, truth)
    persons, true_persons = len(np.unique(groups)), truth["person"].nunique()
    values = asdict(joined(groups, truth)), bcubed(groups, truth), persons, true_persons, persons / true_persons - 1
    return dict(zip(_OF_PERSONS, values, strict=True))


def _pairs(links: Any, truth: Any, total: int) -> dict[str, float]:
    best, threshold = best_threshold(links, truth, total=total)
    return {
        **asdict(link_figures(links, truth, total=total)),
        "best_f1": best.f1,
        "best_precision": best.precision,
        "best_recall": best.recall,
        "best_threshold": threshold,
    }


def _one_to_one(dataset: Dataset, found: Found, links: Any) -> dict[str, float] | None:
    """Measure the single best links, if the method has them and there are several reporters."""
    if "one-to-one" not in found.kinds or len(dataset.reporters) == 1:
        return None
    return _pairs(one_to_one(links, dataset.truth), dataset.truth, one_to_one_pairs(dataset.truth))


def _claimed(found: Found, links: Any, pairs: PairFigures) -> dict[str, float | None]:
    """Compare claims with the truth.

    For methods that claim no precision the mean probability of the links is used; None is "not known", and no claim.
    """
    chosen = links.loc[links["decision"] == "link", "probability"]
    precision = found.claimed.get("precision")
    if "precision" not in found.claimed and found.probabilities and len(chosen):
        precision = float(chosen.mean())
    recall = found.claimed.get("recall")
    # Without links there is no precision to miss, and without true pairs no recall.
    return {
        "precision": precision,
        "recall": recall,
        "precision_gap": precision - pairs.precision if precision is not None and pairs.links else None,
        "recall_gap": recall - pairs.recall if recall is not None and pairs.true_pairs else None,
    }


def _claimed_persons(found: Found, truth: pd.DataFrame) -> float | None:
    """Return the relative error of the expected number of persons; None if the method expects none."""
    persons = found.claimed.get("persons")
    return None if persons is None else float(persons / truth["person"].nunique() - 1)


def gather(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Summarise the figures of several seeds.

    Args:
        runs: The figures from `measure`, one per seed.

    Returns:
        `mean`, `low` and `high` (least and greatest) of each figure, summed counts, the pooled bins of all seeds as a
        reliability diagram, and the curve of the first seed.
    """
    pooled = {name: _added([run[name] for run in runs]) for name in _POOLED}
    rest = [{name: value for name, value in run.items() if name not in {*_POOLED, "bins", "curve"}} for run in runs]
    return {
        **_spread(rest),
        **pooled,
        "reliability": merge_bins([run["bins"] for run in runs], least=LEAST_PAIRS),
        "curve": runs[0]["curve"],
    }


def _spread(values: list[Any]) -> Any:
    """Return mean, least and greatest of each number; None if any seed has none."""
    first = values[0]
    if isinstance(first, dict):
        return {name: _spread([value[name] if value else None for value in values]) for name in first}
    if any(value is None for value in values):
        return None
    return {"mean": float(np.mean(values)), "low": float(min(values)), "high": float(max(values))}


def _added(counts: list[dict[str, tuple[int, ...]]]) -> dict[str, list[int]]:
    names: Iterable[str] = dict.fromkeys(name for count in counts for name in count)
    return {name: np.sum([count[name] for count in counts if name in count], axis=0).tolist() for name in names}
