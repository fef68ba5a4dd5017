"""Figures of persons rather than pairs: which records were grouped, and how many persons were found."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from benchmarks.quality.figures.pairs import PairFigures, true_pairs, with_truth

__all__ = ["bcubed", "groups_of", "joined"]

Groups = NDArray[np.int64]


def groups_of(persons: pd.DataFrame | None, links: pd.DataFrame, truth: pd.DataFrame) -> Groups:
    """Return the number of the person to which each record was assigned.

    Args:
        persons: `reporter`, `record_id`, `person_id`; None if only links were decided: then each connected component
            is a person.
        links: `reporter_a`, `record_id_a`, `reporter_b`, `record_id_b`, `decision`.
        truth: `reporter`, `record_id`, `person`.

    Returns:
        (n,) int64, in the order of the truth.
    """
    if persons is not None:
        known = truth[["reporter", "record_id"]].merge(persons, on=["reporter", "record_id"], how="left")
        # A rejected record is a person of its own.
        alone = pd.Series([f"alone {place}" for place in range(len(known))])
        return np.asarray(pd.factorize(known["person_id"].fillna(alone))[0], np.int64)
    chosen = with_truth(links[links["decision"] == "link"], truth)
    ends = chosen["place_a"].to_numpy(), chosen["place_b"].to_numpy()
    graph = coo_array((np.ones(len(chosen), np.int8), ends), shape=(len(truth), len(truth)))
    return np.asarray(connected_components(graph, directed=False)[1], np.int64)


def _sizes(labels: Groups) -> tuple[NDArray[np.int64], Groups]:
    _, place, counts = np.unique(labels, return_inverse=True, return_counts=True)
    return counts, place.ravel()


def bcubed(groups: Groups, truth: pd.DataFrame) -> dict[str, float]:
    """Return B-cubed precision, recall and F1 [Bagga1998].

    For each record: the share of its group that belongs to its person, and the share of its person's records that are
    in its group, itself included; then the mean over all records.

    Args:
        groups: (n,) See `groups_of`.
        truth: See `groups_of`.
    """
    own = pd.factorize(truth["person"])[0].astype(np.int64)
    both, place = _sizes(groups * (own.max() + 1) + own)
    (put, put_place), (true, true_place) = _sizes(groups), _sizes(own)
    precision = float((both[place] / put[put_place]).mean())
    recall = float((both[place] / true[true_place]).mean())
    return {"precision": precision, "recall": recall, "f1": 2 * precision * recall / (precision + recall)}


def joined(groups: Groups, truth: pd.DataFrame) -> PairFigures:
    """Measure all pairs of records within the persons found, including pairs never compared.

    Args:
        groups: (n,) See `groups_of`.
        truth: See `groups_of`.
    """
    own = pd.factorize(truth["person"])[0].astype(np.int64)
    both, _ = _sizes(groups * (own.max() + 1) + own)
    put, _ = _sizes(groups)
    return PairFigures.of(
        links=int((put * (put - 1) // 2).sum()),
        correct=int((both * (both - 1) // 2).sum()),
        true_pairs=true_pairs(truth),
    )
