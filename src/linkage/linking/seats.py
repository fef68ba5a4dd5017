"""Seats: the records of one reporter that are one person, and the evidence between two such persons.

A reporter that knows a person ten times knows one person. So what competes for a partner at another reporter is not a
record but a *seat*: the records of one reporter that average linkage makes one person from their own pairs alone
(`linkage.linking.clusters`). A record that resembles no other has a seat of its own.

Two seats of several records have several pairs. Their evidence is joined field by field: each field counts with the
mean of ln(m/u) over the pairs in which it is present on both sides, so that a date that every other record lacks counts
in full, and two spellings of a name count as something between.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from linkage.integers import combined
from linkage.linking.clusters import cluster
from linkage.linking.model import Model
from linkage.linking.score import log_odds_of_evidence, log_ratios
from linkage.linking.strata import Strata

__all__ = ["SeatPairs", "find_seats", "join_pairs"]


class SeatPairs(NamedTuple):
    """Pairs of seats with a candidate pair between them.

    Attributes:
        of_pair: `(p,) int64`, the index of the pair of seats of each pair of records; -1 within a seat.
        ends: `(e, 2) int64`, both seats, the smaller first; rows are distinct and sorted.
        stratum: `(e,) int64`.
        within: `(e,) bool`, whether both seats are of one reporter.
        log_odds: `(e,) float64`, log odds of a match from the joined evidence.
    """

    of_pair: NDArray[np.int64]
    ends: NDArray[np.int64]
    stratum: NDArray[np.int64]
    within: NDArray[np.bool_]
    log_odds: NDArray[np.float64]


def find_seats(
    ends: NDArray[np.int64], log_odds: NDArray[np.float64], *, reporter: NDArray[np.int64], rank: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Group the records of each reporter by the pairs within it.

    Args:
        ends: `(p, 2) int64`, the indices of the records of each pair.
        log_odds: `(p,) float64`, log odds of each pair on its own.
        reporter: `(n,) int64`, the reporter of each record.
        rank: `(n,) int64`, the rank of each record in an order that does not depend on its arrival.

    Returns:
        `(n,) int64`, the number of each record's seat: from 0, in the order of the lowest rank in each.
    """
    within = np.flatnonzero(reporter[ends[:, 0]] == reporter[ends[:, 1]])
    # Records are named by their ranks, so that seats are too.
    a, b = rank[ends[within]].T
    digests = np.arange(len(rank), dtype=">u8").view(np.uint8).reshape(-1, 8)
    owner = cluster(a, b, log_odds[within], digests=digests)
    return np.unique(owner, return_inverse=True)[1].ravel().astype(np.int64)[rank]


def join_pairs(
    ends: NDArray[np.int64],
    log_odds: NDArray[np.float64],
    levels: NDArray[np.int8],
    *,
    against: NDArray[np.float64],
    seat: NDArray[np.int64],
    rank: NDArray[np.int64],
    stratum: NDArray[np.int64],
    model: Model,
    strata: Strata,
) -> SeatPairs:
    """Join the evidence of the pairs between each two seats.

    Args:
        ends: `(p, 2) int64`, the indices of the records of each pair.
        log_odds: `(p,) float64`, log odds of each pair on its own.
        levels: `(p, f) int8`, -1 where absent.
        against: `(p,) float64`, evidence against each pair besides its levels; its mean counts between two seats.
        seat: `(n,) int64`, from `find_seats`.
        rank: `(n,) int64`, as for `find_seats`.
        stratum: `(p,) int64`.
        model: The model behind the log odds.
        strata: The current strata.

    Returns:
        The pairs of seats. The same to the last bit whatever the order of pairs and records.
    """
    of_pair = np.full(len(ends), -1, np.int64)
    seats = np.sort(seat[ends], axis=1)
    apart = np.flatnonzero(seats[:, 0] != seats[:, 1])
    if not len(apart):
        return SeatPairs(of_pair, np.zeros((0, 2), np.int64), np.zeros(0, np.int64), np.zeros(0, np.bool_), np.zeros(0))
    # Most seats share one pair of records.
    between = combined(*seats[apart].T)
    order = np.argsort(between)
    apart, between = apart[order], between[order]
    same = between[1:] == between[:-1]
    several = np.flatnonzero(np.append(False, same) | np.append(same, False))
    by_rank = np.sort(rank[ends[apart[several]]], axis=1)
    apart[several] = apart[several[np.lexsort((by_rank[:, 1], by_rank[:, 0], between[several]))]]
    first = np.append(True, ~same)
    of_pair[apart] = edge = np.cumsum(first) - 1
    chosen = apart[first]
    within = strata.is_within[stratum[chosen]]
    found = SeatPairs(of_pair, seats[chosen], stratum[chosen], within, log_odds[chosen])
    rows = np.flatnonzero((np.bincount(edge) > 1)[edge])
    names, position = np.unique(edge[rows], return_inverse=True)
    mean = _mean_evidence(log_ratios(levels[apart[rows]], model.fields), levels[apart[rows]] >= 0, position)
    besides = np.bincount(position, against[apart[rows]]) / np.maximum(np.bincount(position), 1)
    found.log_odds[names] = log_odds_of_evidence(mean, found.stratum[names], model, strata=strata) - besides
    return found


def _mean_evidence(
    evidence: NDArray[np.float64], present: NDArray[np.bool_], group: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Average each field over the rows of each group in which it is present; 0 where it is in none."""
    n = int(group.max(initial=-1)) + 1
    mean = np.zeros((n, evidence.shape[1]))
    for field in range(evidence.shape[1]):
        total = np.bincount(group, evidence[:, field], n)
        mean[:, field] = total / np.maximum(np.bincount(group, present[:, field], n), 1)
    return mean
