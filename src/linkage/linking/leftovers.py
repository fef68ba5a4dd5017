"""Leftovers: few records that average linkage left beside their person, because the person has many spellings.

Average linkage takes the mean over all records of a person [Sokal1958]. A record without a date, or with a nickname,
may match the two records that are written like it and be far from the eight that are not: the mean says two persons,
although one of the spellings would do. So after clustering, a group of at most `MOST_RECORDS` joins the group to whose
*nearest* record it is probably a match (single linkage, but for leftovers only, so that no chain of weak links can
form), provided that

- nothing between the two groups contradicts it: no pair with log odds below `CONTRADICTED`, none that is held apart
  (`linkage.linking.partners`), and none that is known to be two persons;
- no other group is nearly as near. Where two persons could have left it, as two of a family could a record without a
  given name, it stays by itself.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from linkage.linking.sums import stable_sums

__all__ = ["CONTRADICTED", "MARGIN", "MOST_RECORDS", "join_leftovers"]

MOST_RECORDS: Final = 3
"""Greatest number of records of a leftover. With more, two persons of one name whom a few records without a date have
in common are joined: on synthetic reporters with many reports a person, precision falls by a percentage point."""

MARGIN: Final = 3.0
"""Least distance between the nearest group and the next, in natural log odds."""

CONTRADICTED: Final = -6.0
"""Log odds at and below which a pair contradicts that two groups are one person."""

NOT_MET: Final = -1.0
"""Log odds of a record of a leftover that shares no match key with the other group, as for clustering."""

MAX_ROUNDS: Final = 20
"""Maximum number of rounds; in each a group takes in at most one other."""


class _Offers(NamedTuple):
    """Which groups leftovers could join.

    Attributes:
        leftover: `(o,) int64`, the number of a leftover.
        into: `(o,) int64`, the number of another group.
        log_odds: `(o,) float64`, the mean over the records of the leftover of the log odds of the nearest record there.
    """

    leftover: NDArray[np.int64]
    into: NDArray[np.int64]
    log_odds: NDArray[np.float64]


def join_leftovers(
    group: NDArray[np.int64],
    ends: NDArray[np.int64],
    log_odds: NDArray[np.float64],
    *,
    against: NDArray[np.bool_],
    apart: NDArray[np.int64],
    rank: NDArray[np.int64],
    names: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Join leftovers to the group that is nearest.

    Args:
        group: `(n,) int64`, the group of each record.
        ends: `(p, 2) int64`, the indices of the records of each pair.
        log_odds: `(p,) float64`, log odds of a match.
        against: `(p,) bool`, whether a pair is held apart.
        apart: `(m, 2) int64`, the indices of records that are two persons, candidates or not.
        rank: `(n,) int64`, the rank of each record in an order that does not depend on its arrival.
        names: `(n,) int64`, the name of each record, ascending.

    Returns:
        `(n,) int64`, a new array: the lowest name in the group of each record. Nothing depends on the order of pairs
        and records but the names.
    """
    group = _by_rank(group, rank)
    contradicted = np.concatenate([ends[against | (log_odds <= CONTRADICTED)], apart])
    for _ in range(MAX_ROUNDS):
        offers = _accepted(_unrivalled(_offers(group, ends, log_odds)), group, contradicted)
        if not len(offers.leftover):
            break
        moved = np.arange(len(group))
        moved[offers.leftover] = offers.into
        group = _by_rank(moved[group], rank)
    lowest = np.full(len(group), np.iinfo(np.int64).max)
    np.minimum.at(lowest, group, names)
    return lowest[group]


def _by_rank(group: NDArray[np.int64], rank: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number groups from 0, in the order of the lowest rank in each."""
    number = np.unique(group, return_inverse=True)[1].ravel()
    lowest = np.full(int(number.max(initial=-1)) + 1, len(rank))
    np.minimum.at(lowest, number, rank)
    return np.argsort(np.argsort(lowest))[number].astype(np.int64)


def _offers(group: NDArray[np.int64], ends: NDArray[np.int64], log_odds: NDArray[np.float64]) -> _Offers:
    """Return how near each leftover is to each other group that it meets, sorted by leftover and group."""
    size = np.bincount(group)
    between = group[ends[:, 0]] != group[ends[:, 1]]
    record, other = np.concatenate([ends[between], ends[between][:, ::-1]]).T
    odds = np.tile(log_odds[between], 2)
    few = size[group[record]] <= MOST_RECORDS
    record, into, odds = record[few], group[other[few]], odds[few]
    # The nearest record of each group.
    of_each, place = np.unique(record * len(size) + into, return_inverse=True)
    nearest = np.full(len(of_each), -np.inf)
    np.maximum.at(nearest, place, odds)
    (record, into), odds = np.divmod(of_each, max(len(size), 1)), nearest
    pairs, place = np.unique(group[record] * len(size) + into, return_inverse=True)
    leftover, into = np.divmod(pairs, max(len(size), 1))
    n_met = np.bincount(place, minlength=len(pairs))
    total = stable_sums(place, odds, len(pairs)) + NOT_MET * (size[leftover] - n_met)
    return _Offers(leftover, into, total / size[leftover])


def _unrivalled(offers: _Offers) -> _Offers:
    """Return the best offer of each leftover that is probable and has no other within the margin."""
    order = np.lexsort((offers.into, -offers.log_odds, offers.leftover))
    leftover, into, odds = offers.leftover[order], offers.into[order], offers.log_odds[order]
    first = np.append(True, leftover[1:] != leftover[:-1])[: len(leftover)]
    following = np.where(np.append(first[1:], True)[: len(odds)], -np.inf, np.append(odds[1:], -np.inf)[: len(odds)])
    chosen = first & (odds >= 0) & (following <= odds - MARGIN)
    return _Offers(leftover[chosen], into[chosen], odds[chosen])


def _accepted(offers: _Offers, group: NDArray[np.int64], contradicted: NDArray[np.int64]) -> _Offers:
    """Return offers that can be accepted at once: not contradicted, to a group that stays, and one for each group."""
    n_groups = int(group.max(initial=-1)) + 1
    bars = np.sort(group[contradicted], axis=1) @ np.array([n_groups, 1])
    wanted = np.sort(np.column_stack([offers.leftover, offers.into]), axis=1) @ np.array([n_groups, 1])
    kept = ~np.isin(wanted, bars)
    leftover, into, odds = offers.leftover[kept], offers.into[kept], offers.log_odds[kept]
    target = np.full(n_groups, -1, np.int64)
    target[leftover] = into
    # Of two leftovers that offer to join each other, the first takes in the second; any other group that moves must
    # move first.
    stays = (target[into] < 0) | ((target[into] == leftover) & (into < leftover))
    leftover, into, odds = leftover[stays], into[stays], odds[stays]
    order = np.lexsort((leftover, -odds, into))
    first = np.append(True, into[order][1:] != into[order][:-1])[: len(order)]
    chosen = np.sort(order[first])
    return _Offers(leftover[chosen], into[chosen], odds[chosen])
