"""Bridges: records of one reporter that alone join records which all others keep apart.

Average linkage joins two groups if the mean log odds between them favour it. A record that resembles both can tip that
mean, although no record of one group resembles any of the other. Mostly that is right: a record with the old name and
the new one shows that two persons are one. But whoever copies the codes of two persons into one record would join them
with it, and no reporter should decide alone what others have well recorded.

So each group is looked at without the records of each of its reporters. It may fall into sides that no favourable pair
joins. There is a bridge between two sides if the evidence between them, pairs that should share a match key and do not
included, is against one person by more than `LIMIT`. A bridge holds if both of these are true:

- It is not too good. If a record were as like both sides as copies are, the sides would be like each other.
- It is rare. A reporter with more bridges than `FREE` and one in `ONE_IN` of its records is believed in none of them.

Otherwise the sides stay two persons, and the bridging records go with the side that they resemble more. Nothing here
depends on when a record arrived: it makes no difference whether a bridge comes before the records that it joins, with
them, or after they have been persons for years.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from linkage.linking.compiled.sides import falls_apart, sides_without
from linkage.linking.copies import first_of_each
from linkage.linking.odds import MAX_LOG_ODDS
from linkage.linking.sums import stable_sums

__all__ = ["FREE", "LIMIT", "ONE_IN", "TOO_GOOD", "Bridge", "Bridges", "find_bridges"]

LIMIT: Final = 2.0
"""Log odds against one person, summed over all pairs between two sides, from which their joint is a bridge. Two records
that say little stay below it: a third, more complete one may join them."""

TOO_GOOD: Final = MAX_LOG_ODDS
"""Log odds of a bridge with both of its sides from which it does not hold. In the synthetic files those of true persons
reach 10, and copied codes have 28 and more."""

FREE: Final = 3
ONE_IN: Final = 100
"""Number of bridges that a reporter may have whatever its size, and one more for each so many of its records. In the
synthetic files, reporters have one for 300 records or fewer."""

_NO_PAIRS: Final = np.zeros((0, 2), np.int64)


class Bridge(NamedTuple):
    """A bridge of one reporter: the records of both sides, and whether it is too good."""

    reporter: int
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    too_good: bool


class Bridges(NamedTuple):
    """The bridges that do not hold.

    Attributes:
        found: All bridges, also those that hold.
        apart: `(m, 2) int64`, pairs of records that must not be one person.
        reporter: `(b,) int64`, the reporter of each of these bridges.
        doubted: `(r,) bool`, the reporters that have too many bridges.
        without: `(n,) bool`, the records of groups in which there is no bridge, not even one that holds.
    """

    found: Sequence[Bridge]
    apart: NDArray[np.int64]
    reporter: NDArray[np.int64]
    doubted: NDArray[np.bool_]
    without: NDArray[np.bool_]


class _Groups(NamedTuple):
    """The groups that are looked at with their pairs, both sorted by group.

    Attributes:
        member: `(k,) int64`, their records.
        starts: `(g + 1,) int64`, the first member of each group, and the end.
        ends: `(e, 2) int64`, the positions within its group of a pair's members.
        edges: `(g + 1,) int64`, the first pair of each group, and the end.
        log_odds: `(e,) float64`.
    """

    member: NDArray[np.int64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    edges: NDArray[np.int64]
    log_odds: NDArray[np.float64]


def find_bridges(
    ends: NDArray[np.int64],
    log_odds: NDArray[np.float64],
    *,
    group: NDArray[np.int64],
    reporter: NDArray[np.int64],
    meeting: NDArray[np.float64],
    representative: NDArray[np.int64],
    rank: NDArray[np.int64],
    doubted: NDArray[np.bool_] | None = None,
    without: NDArray[np.bool_] | None = None,
    known: Sequence[Bridge] = (),
) -> Bridges:
    """Find the bridges that do not hold.

    Args:
        ends: `(p, 2) int64`, the indices of the records of each candidate pair.
        log_odds: `(p,) float64`, log odds of a match.
        group: `(n,) int64`, the group of each record.
        reporter: `(n,) int64`, the reporter of each record.
        meeting: `(n,) float64`, the meeting strength of each record: a pair that is not a candidate has log odds of
            minus the product of the two.
        representative: `(n,) int64`, the record that stands for each record and its copies: copies do not strengthen
            the evidence, and do not make a reporter larger.
        rank: `(n,) int64`, the rank of each record in an order that does not depend on its arrival.
        doubted: `(r,) bool`, reporters none of whose bridges hold; None for none.
        without: `(n,) bool`, records of groups that are known to be without bridges but those of `known`; None for
            none.
        known: The bridges of these groups.

    Returns:
        The bridges; the same whatever the order of records and pairs.
    """
    n_records = np.bincount(reporter[representative == np.arange(len(reporter))])
    groups = _grouped(ends, log_odds, group, np.arange(len(group)) if without is None else np.flatnonzero(~without))
    copies = np.unique(group * len(group) + representative, return_inverse=True)[1]
    meeting = np.where(first_of_each(copies, rank) == np.arange(len(group)), meeting, 0.0)
    of_member = reporter[groups.member]
    favour = groups.log_odds >= 0
    found = np.zeros(len(of_member), np.bool_)
    n_before = np.append(0, np.cumsum(favour))
    falls_apart(groups.starts, n_before[groups.edges], of_member, groups.ends[favour], found)
    bridges = list(known)
    for first in np.flatnonzero(found).tolist():
        bridges += _bridges(groups, of_member, meeting, first)
    counts = np.bincount([bridge.reporter for bridge in bridges] or np.zeros(0, np.int64), minlength=len(n_records))
    many = counts > FREE + n_records // ONE_IN
    many |= False if doubted is None else doubted
    fallen = [bridge for bridge in bridges if bridge.too_good or many[bridge.reporter]]
    apart = [np.stack(np.meshgrid(bridge.left, bridge.right), axis=-1).reshape(-1, 2) for bridge in fallen]
    one_of_each = np.array([bridge.left[0] for bridge in bridges], np.int64)
    return Bridges(
        bridges,
        np.concatenate([_NO_PAIRS, *apart]),
        np.array([bridge.reporter for bridge in fallen], np.int64),
        many,
        ~np.isin(group, group[one_of_each]),
    )


def _grouped(
    ends: NDArray[np.int64], log_odds: NDArray[np.float64], group: NDArray[np.int64], looked_at: NDArray[np.intp]
) -> _Groups:
    """Sort the records of some groups by group, and the pairs within these."""
    number = np.full(len(group), -1)
    number[looked_at] = np.unique(group[looked_at], return_inverse=True)[1]
    member = looked_at[np.argsort(number[looked_at], kind="stable")].astype(np.int64)
    starts = np.append(0, np.cumsum(np.bincount(number[looked_at]))).astype(np.int64)
    position = np.empty(len(group), np.int64)
    position[member] = np.arange(len(member)) - starts[number[member]]
    inside = np.flatnonzero((number[ends[:, 0]] >= 0) & (number[ends[:, 0]] == number[ends[:, 1]]))
    of_pair = number[ends[inside, 0]]
    inside = inside[np.argsort(of_pair, kind="stable")]
    edges = np.append(0, np.cumsum(np.bincount(of_pair, minlength=len(starts) - 1))).astype(np.int64)
    return _Groups(member, starts, position[ends[inside]], edges, log_odds[inside])


def _bridges(
    groups: _Groups, reporter: NDArray[np.int64], meeting: NDArray[np.float64], first: int
) -> Iterator[Bridge]:
    """Yield the bridges of one reporter in one group.

    Args:
        groups: The groups.
        reporter: `(n,) int64`, the reporter of each member.
        meeting: As for `find_bridges`, but 0 for copies.
        first: The first member of the reporter.
    """
    number = int(np.searchsorted(groups.starts, first, side="right")) - 1
    members, pairs = (slice(*bounds[number : number + 2]) for bounds in (groups.starts, groups.edges))
    record, own = groups.member[members], reporter[members]
    ends, log_odds = groups.ends[pairs], groups.log_odds[pairs]
    root = np.empty(len(own), np.int64)
    sides_without(own, ends[log_odds >= 0], int(reporter[first]), root)
    others = np.flatnonzero(own != reporter[first])
    side = np.full(len(own), -1)
    side[others] = np.unique(root[others], return_inverse=True)[1]
    # A copy has no meeting strength and counts neither where it meets others nor where it does not.
    of_two = meeting[record][ends].all(axis=1)
    evidence = _between(side, ends[of_two], np.clip(log_odds[of_two], -MAX_LOG_ODDS, MAX_LOG_ODDS), meeting[record])
    against = np.argwhere(np.triu(evidence < -LIMIT, 1))
    if not len(against):
        return
    strong = _strongly_joined(side, ends[log_odds >= TOO_GOOD])
    for one, other in against.tolist():
        too_good = bool(strong[one] == strong[other])
        yield Bridge(int(reporter[first]), record[side == one], record[side == other], too_good)


def _strongly_joined(side: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return a label for each side, equal for sides that strong pairs with the reporter's own records connect.

    Args:
        side: `(k,) int64`, the side of each member; -1 for the reporter's own records.
        ends: `(e, 2) int64`, the strong pairs.
    """
    n_sides = int(side.max()) + 1
    node = np.where(side >= 0, side, n_sides + np.arange(len(side)))
    n_nodes = n_sides + len(side)
    root = np.empty(n_nodes, np.int64)
    # Nobody's records are left out.
    sides_without(np.zeros(n_nodes, np.int64), node[ends], -1, root)
    return root[:n_sides]


def _between(
    side: NDArray[np.int64], ends: NDArray[np.int64], log_odds: NDArray[np.float64], meeting: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Sum the log odds of all pairs between each two sides, `(s, s)`; those of a side with itself mean nothing.

    Args:
        side: `(k,) int64`, the side of each member; -1 for those left out.
        ends: `(e, 2) int64`, the candidate pairs.
        log_odds: `(e,) float64`.
        meeting: `(k,) float64`.
    """
    n_sides = int(side.max()) + 1
    strength = stable_sums(side[side >= 0], meeting[side >= 0], n_sides)
    low, high = np.sort(side[ends], axis=1).T
    across = np.flatnonzero((low >= 0) & (low < high))
    excess = (log_odds + meeting[ends].prod(axis=1))[across]
    sums = stable_sums(low[across] * n_sides + high[across], excess, n_sides**2).reshape(n_sides, n_sides)
    return np.asarray(sums + sums.T - np.outer(strength, strength))
