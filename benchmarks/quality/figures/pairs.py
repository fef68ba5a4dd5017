"""Figures of linking quality against known truth: pairs of records, and the calibration of their probabilities."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = [
    "PairFigures",
    "best_threshold",
    "curve",
    "evidence_bins",
    "link_figures",
    "log_loss",
    "merge_bins",
    "one_to_one",
    "one_to_one_pairs",
    "true_pairs",
    "with_truth",
]

LEAST_ODDS: Final = 1e-9
"""Probabilities are exported with nine decimals, so none can be closer to 0 or 1 than this."""

BIN_WIDTH: Final = 0.5
"""Width of the fine bins of a reliability diagram, in natural log odds."""

CURVE_POINTS: Final = 60


@dataclass(frozen=True)
class PairFigures:
    """Precision, recall and F1 over pairs of records."""

    precision: float
    recall: float
    f1: float
    links: int
    true_pairs: int

    @classmethod
    def of(cls, *, links: int, correct: int, true_pairs: int) -> PairFigures:
        """Compute the figures from counts; without links the precision is 1, without true pairs the recall."""
        precision = correct / links if links else 1.0
        recall = correct / true_pairs if true_pairs else 1.0
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        return cls(precision, recall, f1, links, true_pairs)


def true_pairs(truth: pd.DataFrame) -> int:
    """Count the pairs of records of one person, between and within reporters.

    Args:
        truth: `reporter`, `record_id`, `person`.
    """
    sizes = truth.groupby("person").size().to_numpy()
    return int((sizes * (sizes - 1) // 2).sum())


def one_to_one_pairs(truth: pd.DataFrame) -> int:
    """Count the pairs that can be found if a record has at most one partner at each other reporter.

    Args:
        truth: `reporter`, `record_id`, `person`.
    """
    counts = pd.crosstab(truth["person"], truth["reporter"]).to_numpy()
    pairs = combinations(range(counts.shape[1]), 2)
    return int(sum(np.minimum(counts[:, a], counts[:, b]).sum() for a, b in pairs))


def with_truth(links: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    """Add the columns `correct`, `place_a` and `place_b` (rows of the truth), unless the links have them.

    Args:
        links: `reporter_a`, `record_id_a`, `reporter_b`, `record_id_b`, ….
        truth: `reporter`, `record_id`, `person`.
    """
    if "correct" in links:
        return links
    record = pd.MultiIndex.from_frame(truth[["reporter", "record_id"]])
    person = pd.factorize(truth["person"])[0]
    first, second = (
        record.get_indexer(pd.MultiIndex.from_frame(links[[f"reporter_{side}", f"record_id_{side}"]])) for side in "ab"
    )
    return links.assign(place_a=first, place_b=second, correct=person[first] == person[second])


def link_figures(links: pd.DataFrame, truth: pd.DataFrame, *, total: int | None = None) -> PairFigures:
    """Measure the default decision: the pairs whose decision is `link`.

    Args:
        links: See `with_truth`, with `decision`.
        truth: See `with_truth`.
        total: The pairs that can be found; by default all true pairs.
    """
    chosen = with_truth(links[links["decision"] == "link"], truth)
    total = true_pairs(truth) if total is None else total
    return PairFigures.of(links=len(chosen), correct=int(chosen["correct"].sum()), true_pairs=total)


def best_threshold(links: pd.DataFrame, truth: pd.DataFrame, *, total: int | None = None) -> tuple[PairFigures, float]:
    """Find the probability threshold with the best F1, chosen with the truth.

    Args:
        links: See `with_truth`, with `probability`.
        truth: See `with_truth`.
        total: See `link_figures`.

    Returns:
        The figures at the threshold, and the threshold.
    """
    total = true_pairs(truth) if total is None else total
    number, correct, probability = _steps(links, truth)
    if not len(number):
        return PairFigures.of(links=0, correct=0, true_pairs=total), 1.0
    # Without a true pair no threshold is good; the highest links fewest.
    best = int((2 * correct / (number + total)).argmax())
    figures = PairFigures.of(links=int(number[best]), correct=int(correct[best]), true_pairs=total)
    return figures, float(probability[best])


def curve(links: pd.DataFrame, truth: pd.DataFrame, *, total: int | None = None) -> list[tuple[float, float]]:
    """Return recall and precision at no more than `CURVE_POINTS` thresholds, from the highest down.

    Args:
        links: See `best_threshold`.
        truth: See `best_threshold`.
        total: See `link_figures`.
    """
    total = true_pairs(truth) if total is None else total
    number, correct, _ = _steps(links, truth)
    if not len(number) or not total:
        return []
    wanted = np.linspace(correct[0], correct[-1], CURVE_POINTS)
    # Each level of recall once, and the end of the list, where pairs are many and matches few.
    places = np.unique([*np.searchsorted(correct, wanted), *np.linspace(0, len(number) - 1, 10).astype(np.int64)])
    return [(round(correct[i] / total, 5), round(correct[i] / number[i], 5)) for i in places]


def _steps(
    links: pd.DataFrame, truth: pd.DataFrame
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Return for each threshold, highest first, the number of pairs above it, of correct ones, and the threshold."""
    ordered = with_truth(links, truth).sort_values("probability", ascending=False, kind="stable")
    probability = ordered["probability"].to_numpy(np.float64)
    if not len(probability):
        return np.zeros(0, np.int64), np.zeros(0, np.int64), probability
    # A threshold cannot separate pairs of equal probability, so only the last of each run counts.
    last = np.flatnonzero(np.append(probability[1:] != probability[:-1], True))
    return last + 1, ordered["correct"].to_numpy(np.int64).cumsum()[last], probability[last]


def one_to_one(links: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    """Select single best links, most probable first: a record has at most one partner at each other reporter.

    Args:
        links: See `best_threshold`; `match_weight`, if present, breaks ties of probability.
        truth: See `with_truth`.

    Returns:
        Pairs between reporters, with the columns of `with_truth`, most probable first.
    """
    known = with_truth(links, truth)
    between = known[(known["reporter_a"] != known["reporter_b"]).to_numpy()]
    order = [name for name in ("probability", "match_weight") if name in between]
    between = between.sort_values(order, ascending=False, kind="stable")
    taken: set[tuple[int, str]] = set()
    kept = np.zeros(len(between), bool)
    columns = (between[name].tolist() for name in ("place_a", "place_b", "reporter_a", "reporter_b"))
    for row, (a, b, reporter_a, reporter_b) in enumerate(zip(*columns, strict=True)):
        if (a, reporter_b) not in taken and (b, reporter_a) not in taken:
            taken.update(((a, reporter_b), (b, reporter_a)))
            kept[row] = True
    return between[kept]


def log_loss(links: pd.DataFrame, truth: pd.DataFrame) -> float | None:
    """Return the log-loss (natural log) over the listed pairs.

    Args:
        links: See `best_threshold`.
        truth: See `with_truth`.
    """
    known = with_truth(links, truth)
    if known.empty:
        return None
    probability = known["probability"].to_numpy(np.float64).clip(LEAST_ODDS, 1 - LEAST_ODDS)
    right = np.where(known["correct"], probability, 1 - probability)
    return float(-np.log(right).mean())


Bins = dict[int, tuple[int, float, int]]
"""For each bin the number of its pairs, the sum of their probabilities, and the number of true pairs."""


def evidence_bins(links: pd.DataFrame, truth: pd.DataFrame) -> Bins:
    """Count pairs in fine bins of log odds, which `merge_bins` pools over runs.

    Args:
        links: See `best_threshold`.
        truth: See `with_truth`.
    """
    known = with_truth(links, truth)
    probability = known["probability"].to_numpy(np.float64).clip(LEAST_ODDS, 1 - LEAST_ODDS)
    odds = np.log(probability) - np.log1p(-probability)
    table = pd.DataFrame(
        {"bin": np.floor(odds / BIN_WIDTH).astype(np.int64), "p": probability, "correct": known["correct"].to_numpy()}
    )
    grouped = table.groupby("bin").agg(n=("p", "size"), p=("p", "sum"), correct=("correct", "sum"))
    return {int(row.Index): (int(row.n), float(row.p), int(row.correct)) for row in grouped.itertuples()}


def merge_bins(several: list[Bins], *, least: int) -> list[tuple[int, float, float]]:
    """Merge neighbouring bins of several runs until each has enough pairs.

    Args:
        several: The bins of each run.
        least: Least number of pairs in a bin; the remainder goes into the last one.

    Returns:
        For each bin the number of its pairs, their mean probability and the share of true pairs, least probable first;
        empty if there are too few pairs for one bin.
    """
    merged: list[list[float]] = []
    for place in sorted({place for bins in several for place in bins}):
        found = np.sum([bins[place] for bins in several if place in bins], axis=0)
        if merged and merged[-1][0] < least:
            merged[-1] = (np.array(merged[-1]) + found).tolist()
        else:
            merged.append(found.tolist())
    if len(merged) > 1 and merged[-1][0] < least:
        rest = merged.pop()
        merged[-1] = (np.array(merged[-1]) + rest).tolist()
    return [(int(n), p / n, correct / n) for n, p, correct in merged if n >= least]
