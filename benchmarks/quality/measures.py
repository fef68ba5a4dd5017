"""Figures of linking quality against known truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

__all__ = ["PairFigures", "best_threshold", "link_figures", "true_pairs"]


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
    """Count the pairs of records of one person, over all bodies and within them.

    Args:
        truth: `reporter`, `record_id`, `person`.
    """
    sizes = truth.groupby("person").size().to_numpy()
    return int((sizes * (sizes - 1) // 2).sum())


def with_truth(links: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    """Add the column `correct` to links.

    Args:
        links: `reporter_a`, `record_id_a`, `reporter_b`, `record_id_b`, ….
        truth: `reporter`, `record_id`, `person`.
    """
    person = truth.set_index(["reporter", "record_id"])["person"]
    first, second = (
        person.reindex(pd.MultiIndex.from_frame(links[[f"reporter_{side}", f"record_id_{side}"]])).to_numpy()
        for side in "ab"
    )
    return links.assign(correct=first == second)


def link_figures(links: pd.DataFrame, truth: pd.DataFrame) -> PairFigures:
    """Measure the default decision: the pairs whose decision is `link`."""
    chosen = with_truth(links[links["decision"] == "link"], truth)
    return PairFigures.of(links=len(chosen), correct=int(chosen["correct"].sum()), true_pairs=true_pairs(truth))


def best_threshold(links: pd.DataFrame, truth: pd.DataFrame) -> tuple[PairFigures, float]:
    """Find the probability threshold with the best F1, which only somebody who knows the truth could choose.

    Returns:
        The figures there and the threshold.
    """
    ordered = with_truth(links, truth).sort_values("probability", ascending=False, kind="stable")
    total = true_pairs(truth)
    if ordered.empty:
        return PairFigures.of(links=0, correct=0, true_pairs=total), 1.0
    correct = ordered["correct"].cumsum().to_numpy()
    number = np.arange(1, len(ordered) + 1)
    # A threshold cannot part pairs of equal probability, so only the last of each run counts.
    probability = ordered["probability"].to_numpy()
    last = np.append(probability[1:] != probability[:-1], True)
    f1 = np.where(last, 2 * correct / (number + total), 0)
    best = int(f1.argmax())
    return PairFigures.of(links=int(number[best]), correct=int(correct[best]), true_pairs=total), float(
        probability[best]
    )
