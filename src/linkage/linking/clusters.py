"""Clusters: which records are one person.

Connected components would let one weak link chain two persons together. Here clusters grow by average link
[Sokal1958]: two of them merge while the mean of the log odds over *all* pairs between them is not negative, best first.
A pair that is no candidate is evidence against: the records share no match key, which records of one person seldom do,
so it enters with `NON_CANDIDATE`. Records that cannot be one person are never put together, nor are clusters that hold
them.

The result is a property of the records, not of their order. Log odds are rounded to whole steps and summed as integers,
so that no order of summing shows; and of equally good merges the one of the records with the smallest digests goes
first.
"""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heapify, heappop, heappush
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from linkage.linking.merging import merge_all

__all__ = ["MAX_LOG_ODDS", "NON_CANDIDATE", "cluster"]

NON_CANDIDATE: Final = -4.0
"""Natural log odds of a pair that is no candidate.

Some .02 to .09 of true pairs share no match key, and next to no other pairs share one, so the absence of a key alone
divides the odds by 11 to 50; the match prior is already in the links that bring such a pair into one cluster.
"""

MAX_LOG_ODDS: Final = 12.0
"""Log odds are cut to this on both sides.

Fields are not independent, so larger ones claim more than they know; and one link must not outvote more than three
pairs that are no candidates.
"""

DENSE_FROM: Final = 32
DENSE_TO: Final = 4_000
DENSITY: Final = 20
"""Components of so many records, a tenth of whose pairs are candidates, are merged over a full matrix: at the most some
150 MB. Smaller ones are done before a matrix is, thin ones would be mostly zeros."""

_STEPS: Final = 1 << 20
"""Steps of one unit of log odds; 4,000 records of a component have sums far below 64 bits, and Python has no limit."""


def cluster(
    a: NDArray[np.int64],
    b: NDArray[np.int64],
    log_odds: NDArray[np.float64],
    *,
    digests: NDArray[np.uint8],
    records: NDArray[np.int64] | None = None,
    component: NDArray[np.int64] | None = None,
    cannot_link: NDArray[np.int64] | None = None,
    non_candidate: float = NON_CANDIDATE,
) -> NDArray[np.int64]:
    """Group records into persons.

    Args:
        a: `(p,) int64`, one record of each candidate pair.
        b: `(p,) int64`, the other; no pair may stand twice.
        log_odds: `(p,) float64`, natural log odds of a match.
        digests: `(n, d) uint8`, a digest of each record that does not depend on when it arrived. Of records with equal
            digests the smaller number goes first.
        records: `(n,) int64`, the record of each row of `digests`, ascending; 0 to n - 1 when None.
        component: `(n,) int64`, a label for each record, equal for all records that pairs with log odds of at least 0
            connect; found here when None.
        cannot_link: `(m, 2) int64`, pairs of records that are two persons, candidates or not.
        non_candidate: Log odds, below 0, of pairs that are not given.

    Returns:
        `(n,) int64`: for each record the smallest record of its cluster. Another order of pairs, or other record
        numbers, give the same partition.

    Raises:
        ValueError: A pair stands twice, is of one record, or is of a record that is not in `records`; log odds are NaN;
            `non_candidate` is not below 0.

    Sees: neither
    """
    names = np.arange(len(digests), dtype=np.int64) if records is None else records
    rank, record_of_rank = _ranks(digests)
    ends = np.sort(np.column_stack([rank[_places(names, a)], rank[_places(names, b)]]), axis=1)
    order = np.lexsort((ends[:, 1], ends[:, 0]))
    ends, steps = ends[order], _to_steps(log_odds)[order]
    _check_pairs(ends)
    if not non_candidate < 0:
        raise ValueError("the log odds of pairs that are no candidates must be below 0")
    pairs = np.zeros((0, 2), np.int64) if cannot_link is None else cannot_link.reshape(-1, 2)
    apart = _known_pairs(names, rank, pairs)
    owner = np.arange(len(names), dtype=np.int64)
    labels = _connected(ends[steps >= 0], len(names)) if component is None else component[record_of_rank]
    against = round(non_candidate * _STEPS)
    for inside, odds in _components(ends, steps, labels):
        members = np.unique(inside)
        if _is_one(members, odds, apart):
            owner[members] = members[0]
        elif DENSE_FROM <= len(members) <= DENSE_TO and len(inside) * DENSITY >= len(members) ** 2:
            owner[members] = members[_merged(members, inside, odds, apart, against)]
        else:
            merged = _Agglomeration(inside.tolist(), odds.tolist(), against=against, apart=apart)
            for record, into in merged.run():
                owner[record] = into
    return _smallest_names(owner, names[record_of_rank])[rank]


class _Agglomeration:
    """Average link within one component of records, which are named by the rank of their digests.

    A cluster has the name of its first record, so that a comparison of names is the comparison of digests that breaks
    ties. Of each pair of clusters with a candidate between them `excess` holds the sum, over these candidates, of their
    log odds above those of a pair that is none: the mean over all pairs then follows from the sizes. A pair of clusters
    without a candidate has a mean below 0 and is never looked at.
    """

    def __init__(self, ends: list[list[int]], steps: list[int], *, against: int, apart: dict[int, list[int]]) -> None:
        names = sorted({name for pair in ends for name in pair})
        self._against = against
        self._members = {name: [name] for name in names}
        self._version = dict.fromkeys(names, 0)
        self._apart = {name: {other for other in apart.get(name, ()) if other in self._members} for name in names}
        self._excess: dict[int, dict[int, int]] = {name: {} for name in names}
        for (low, high), step in zip(ends, steps, strict=True):
            self._excess[low][high] = self._excess[high][low] = step - against

    def run(self) -> Iterable[tuple[int, int]]:
        """Merge as long as there is a pair of clusters to merge, and give each record with its cluster's name."""
        heap = [
            entry for low, row in self._excess.items() for high in row if low < high for entry in self._entry(low, high)
        ]
        heapify(heap)
        while heap:
            _, low, high, *versions = heappop(heap)
            # An entry made before one of its clusters grew is out of date; a newer one was made when it did.
            if versions != [self._version.get(low), self._version.get(high)]:
                continue
            self._merge(low, high)
            for other in self._excess[low]:
                for entry in self._entry(min(low, other), max(low, other)):
                    heappush(heap, entry)
        return [(member, name) for name, members in self._members.items() for member in members]

    def _entry(self, low: int, high: int) -> list[tuple[float, int, int, int, int]]:
        """Give the heap's entry for two clusters, or none where they must not or need not merge."""
        n_pairs = len(self._members[low]) * len(self._members[high])
        excess = self._excess[low][high]
        if excess + n_pairs * self._against < 0 or high in self._apart[low]:
            return []
        # Division of two integers is rounded once, and so the same however their sums came about.
        return [(-excess / n_pairs, low, high, self._version[low], self._version[high])]

    def _merge(self, low: int, high: int) -> None:
        """Put the second cluster into the first."""
        self._members[low] += self._members.pop(high)
        self._version[low] += 1
        del self._version[high], self._excess[low][high]
        for other, excess in self._excess.pop(high).items():
            if other != low:
                total = self._excess[low].get(other, 0) + excess
                self._excess[low][other] = self._excess[other][low] = total
                del self._excess[other][high]
        for other in self._apart.pop(high):
            self._apart[other].remove(high)
            self._apart[other].add(low)
            self._apart[low].add(other)


def _ranks(digests: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give the rank of each record's digest among all as bytes, and the record of each rank."""
    order = np.lexsort(digests.T[::-1]).astype(np.int64)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return rank, order


def _places(names: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.int64]:
    """Find records among the known ones, which ascend."""
    places = np.searchsorted(names, wanted).astype(np.int64)
    if len(wanted) and (places.max() >= len(names) or (names[places] != wanted).any()):
        raise ValueError("a pair is of a record that is not given")
    return places


def _known_pairs(names: NDArray[np.int64], rank: NDArray[np.int64], pairs: NDArray[np.int64]) -> dict[int, list[int]]:
    """Give, for each rank, the ranks to keep apart from; pairs with a record that is not given do not matter."""
    known = pairs[np.isin(pairs, names).all(axis=1)]
    apart: dict[int, list[int]] = {}
    for left, right in rank[_places(names, known.ravel())].reshape(-1, 2).tolist():
        if left != right:
            apart.setdefault(left, []).append(right)
            apart.setdefault(right, []).append(left)
    return apart


def _to_steps(log_odds: NDArray[np.float64]) -> NDArray[np.int64]:
    """Cut log odds and round them to whole steps."""
    if np.isnan(log_odds).any():
        raise ValueError("log odds must not be NaN")
    return np.rint(np.clip(log_odds, -MAX_LOG_ODDS, MAX_LOG_ODDS) * _STEPS).astype(np.int64)


def _check_pairs(ends: NDArray[np.int64]) -> None:
    """Refuse a pair of one record, and sorted pairs in which one stands twice."""
    if (ends[:, 0] == ends[:, 1]).any() or (ends[1:] == ends[:-1]).all(axis=1).any():
        raise ValueError("a pair is of one record, or stands twice")


def _connected(ends: NDArray[np.int64], n_records: int) -> NDArray[np.int64]:
    """Label the components that pairs make."""
    graph = coo_array((np.ones(len(ends), np.int8), (ends[:, 0], ends[:, 1])), shape=(n_records, n_records))
    return np.asarray(connected_components(graph, directed=False)[1], np.int64)


def _components(
    ends: NDArray[np.int64], steps: NDArray[np.int64], labels: NDArray[np.int64]
) -> Iterable[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Give the pairs inside each component that pairs in favour make; a merge needs at least one of these.

    Pairs between two components cannot matter: no cluster ever reaches from one into the other.
    """
    inside = labels[ends[:, 0]] == labels[ends[:, 1]]
    ends, steps = ends[inside], steps[inside]
    order = np.argsort(labels[ends[:, 0]], kind="stable")
    cuts = np.flatnonzero(np.diff(labels[ends[order, 0]])) + 1
    for part in np.split(order, cuts) if len(order) else ():
        yield ends[part], steps[part]


def _is_one(members: NDArray[np.int64], steps: NDArray[np.int64], apart: dict[int, list[int]]) -> bool:
    """Say whether every pair of a component speaks for a match, so that every order of merging ends with one cluster.

    Most components are of two or three records, and a value that a crowd shares makes one of a thousand.
    """
    whole = len(steps) == len(members) * (len(members) - 1) // 2
    return bool(whole and steps.min() >= 0 and not any(member in apart for member in members.tolist()))


def _merged(
    members: NDArray[np.int64],
    ends: NDArray[np.int64],
    steps: NDArray[np.int64],
    apart: dict[int, list[int]],
    against: int,
) -> NDArray[np.int64]:
    """Merge the records of a component over a full matrix, and give each the place of the first of its cluster."""
    n = len(members)
    excess, forbidden = np.zeros((n, n), np.int64), np.zeros((n, n), np.bool_)
    low, high = np.searchsorted(members, ends).T
    excess[low, high] = excess[high, low] = steps - against
    places = {member: place for place, member in enumerate(members.tolist())}
    for member, others in apart.items():
        for other in others:
            if member in places and other in places:
                forbidden[places[member], places[other]] = True
    return merge_all(excess, forbidden, against)


def _smallest_names(owner: NDArray[np.int64], names: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give each record the smallest name among the records of its owner."""
    smallest = np.full(len(owner), np.iinfo(np.int64).max)
    np.minimum.at(smallest, owner, names)
    return smallest[owner]
