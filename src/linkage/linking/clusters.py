"""Group records into persons by average linkage [Sokal1958].

With connected components, one weak link would chain two persons together. Average linkage merges clusters, best first,
as long as the mean log odds over *all* pairs between them are not negative. A pair that is not a candidate is evidence
of two persons, the stronger the more reliably its two records would share a match key (`linkage.linking.meeting`).
Records with a cannot-link constraint never end up in one cluster; records with a must-link constraint start in one.

The result does not depend on the order of the records. Log odds are rounded to whole steps and summed as integers, so
that the order of summation has no effect; ties between merges go to the records with the smallest digests.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from linkage.integers import combined, distinct
from linkage.linking.compiled.merging import Components, merge_all, merge_each
from linkage.linking.compiled.sparse import merge_sparse
from linkage.linking.odds import MAX_LOG_ODDS

__all__ = ["MEETING", "cluster"]

MEETING: Final = 1.0
"""Default meeting strength: two records that share no match key have log odds of -1."""

SMALL: Final = 64
"""Maximum number of nodes of a small component; nearly all are small, and are merged over a full matrix."""

DENSE_TO: Final = 4_000
DENSITY: Final = 20
"""Larger components with at most `DENSE_TO` nodes are merged over a full matrix too, up to 150 MB, if a tenth of their
pairs are candidates. The matrix of a sparse one would be mostly zeros."""

_ROOT: Final = 1 << 10
"""Steps of one unit of meeting strength, so that the product of two is in steps of log odds."""

_STEPS: Final = _ROOT**2
"""Steps of one unit of log odds. Sums over a cluster of half a million records fit in 64 bits."""

_NO_PAIRS: Final = np.zeros((0, 2), np.int64)


class _Nodes(NamedTuple):
    """Nodes: records that must be one person form one node, named after the first of them.

    All arrays are `(n,) int64` by the rank of a record's digest: the `name` of its node; for each node its `size` in
    records and the sum of their `meeting` strengths, in steps. `bars` `(m, 2)` are cannot-link pairs of nodes, and
    `apart` gives the other nodes of these pairs for each node.
    """

    name: NDArray[np.int64]
    size: NDArray[np.int64]
    meeting: NDArray[np.int64]
    bars: NDArray[np.int64]
    apart: dict[int, list[int]]


class _Edges(NamedTuple):
    """Pairs of nodes with a candidate between them.

    `ends` is `(e, 2) int64`, sorted. `excess` is `(e,) int64`, in steps: the sum of the log odds of the candidates
    between two nodes, less what these pairs would have if they were not candidates.
    """

    ends: NDArray[np.int64]
    excess: NDArray[np.int64]


def cluster(
    a: NDArray[np.int64],
    b: NDArray[np.int64],
    log_odds: NDArray[np.float64],
    *,
    digests: NDArray[np.uint8],
    records: NDArray[np.int64] | None = None,
    component: NDArray[np.int64] | None = None,
    must_link: NDArray[np.int64] | None = None,
    cannot_link: NDArray[np.int64] | None = None,
    meeting: NDArray[np.float64] | None = None,
) -> NDArray[np.int64]:
    """Group records into persons.

    Args:
        a: `(p,) int64`, one record of each candidate pair.
        b: `(p,) int64`, the other; no pair may occur twice.
        log_odds: `(p,) float64`, log odds of a match.
        digests: `(n, d) uint8`, a digest of each record that does not depend on when it arrived. Ties between equal
            digests go to the smaller record number.
        records: `(n,) int64`, the record of each row of `digests`, ascending; 0 to n - 1 when None.
        component: `(n,) int64`, a label for each record, equal for all records connected by pairs with log odds of at
            least 0 or by `must_link`; computed here when None.
        must_link: `(m, 2) int64`, pairs of records that are one person, candidates or not. They, and the pairs that
            follow from them, take precedence over `cannot_link`.
        cannot_link: `(m, 2) int64`, pairs of records that are two persons, candidates or not.
        meeting: `(n,) float64`, the meeting strength of each record, above 0: a pair that is not a candidate has log
            odds of minus the product of the two. None for `MEETING` everywhere.

    Returns:
        `(n,) int64`: for each record the smallest record of its cluster. The partition does not depend on the order of
        the pairs or on the record numbers.

    Raises:
        ValueError: A pair occurs twice, pairs a record with itself, or has a record that is not in `records`; log odds
            are NaN; a meeting strength is not positive and finite.
    """
    names = np.arange(len(digests), dtype=np.int64) if records is None else records
    rank, record_of_rank = _ranks(digests)
    ends = np.sort(np.column_stack([rank[_indices(names, a)], rank[_indices(names, b)]]), axis=1)
    order = np.argsort(combined(*ends.T), kind="stable")
    ends, steps = ends[order], _to_steps(log_odds)[order]
    _check_pairs(ends)
    together = _known_pairs(names, rank, must_link)
    meeting_steps = _meeting_steps(np.full(len(names), MEETING) if meeting is None else meeting)[record_of_rank]
    nodes = _nodes(meeting_steps, together, _known_pairs(names, rank, cannot_link))
    if component is None:
        labels = _connected(np.concatenate([ends[steps >= 0], together]), len(names))
    else:
        labels = component[record_of_rank]
    owner = np.arange(len(names), dtype=np.int64)
    edges = _inside(_edges(ends, steps + meeting_steps[ends].prod(axis=1), nodes), labels)
    small = _is_small(edges, labels)
    _merge_small(_Edges(edges.ends[small], edges.excess[small]), nodes, labels, owner)
    for part in _components(_Edges(edges.ends[~small], edges.excess[~small]), labels):
        members, merged = _merged(part, nodes)
        owner[members] = members[merged]
    return _smallest_names(owner[nodes.name], names[record_of_rank])[rank]


def _merged(edges: _Edges, nodes: _Nodes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Merge the nodes of one component; return them, and the index of the first node of each one's cluster."""
    members, inside = np.unique(edges.ends, return_inverse=True)
    inside = inside.reshape(-1, 2)
    if _is_one(members, edges, nodes):
        return members, np.zeros(len(members), np.int64)
    bars = _bars_among(members, nodes)
    meeting, size = nodes.meeting[members], nodes.size[members]
    if len(members) > DENSE_TO or len(edges.ends) * DENSITY < len(members) ** 2:
        return members, merge_sparse(inside, edges.excess, bars, meeting, size)
    total, apart = -np.multiply.outer(meeting, meeting), np.zeros((len(members), len(members)), np.bool_)
    low, high = inside.T
    total[low, high] += edges.excess
    total[high, low] = total[low, high]
    low, high = bars.T
    apart[low, high] = apart[high, low] = True
    return members, merge_all(total, apart, size)


def _bars_among(members: NDArray[np.int64], nodes: _Nodes) -> NDArray[np.int64]:
    """Return the cannot-link pairs among the nodes of a component by their indices, each once."""
    index = {member: place for place, member in enumerate(members.tolist())}
    found = {
        (place, index[other])
        for member, place in index.items()
        for other in nodes.apart.get(member, ())
        if place < index.get(other, -1)
    }
    return np.array(sorted(found), np.int64).reshape(-1, 2)


def _ranks(digests: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rank of each record's digest in byte order, and the record of each rank."""
    order = np.lexsort(digests.T[::-1]).astype(np.int64)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return rank, order


def _indices(names: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the index of each record among the known ones, which are ascending."""
    index = np.searchsorted(names, wanted).astype(np.int64)
    if len(wanted) and (index.max() >= len(names) or (names[index] != wanted).any()):
        raise ValueError("a pair has an unknown record")
    return index


def _known_pairs(
    names: NDArray[np.int64], rank: NDArray[np.int64], pairs: NDArray[np.int64] | None
) -> NDArray[np.int64]:
    """Return pairs by rank, without those that have an unknown record."""
    pairs = _NO_PAIRS if pairs is None else pairs.reshape(-1, 2)
    known = pairs[np.isin(pairs, names).all(axis=1)]
    return np.asarray(rank[_indices(names, known.ravel())].reshape(-1, 2))


def _nodes(meeting: NDArray[np.int64], together: NDArray[np.int64], apart: NDArray[np.int64]) -> _Nodes:
    """Make one node of all records that must be one person."""
    n = len(meeting)
    group = _connected(together, n)
    _, first = np.unique(group, return_index=True)
    name = first[group].astype(np.int64)
    size, sums = np.bincount(name, minlength=n), np.zeros(n, np.int64)
    np.add.at(sums, name, meeting)
    others: dict[int, list[int]] = {}
    bars = name[apart]
    bars = bars[bars[:, 0] != bars[:, 1]]
    for left, right in bars.tolist():
        others.setdefault(left, []).append(right)
        others.setdefault(right, []).append(left)
    return _Nodes(name, size.astype(np.int64), sums, bars, others)


def _to_steps(log_odds: NDArray[np.float64]) -> NDArray[np.int64]:
    """Clip log odds and round them to whole steps."""
    if np.isnan(log_odds).any():
        raise ValueError("log odds must not be NaN")
    return np.rint(np.clip(log_odds, -MAX_LOG_ODDS, MAX_LOG_ODDS) * _STEPS).astype(np.int64)


def _meeting_steps(meeting: NDArray[np.float64]) -> NDArray[np.int64]:
    """Round meeting strengths to whole steps, at least one."""
    if not ((meeting > 0) & np.isfinite(meeting)).all():
        raise ValueError("meeting strengths must be positive and finite")
    return np.maximum(np.rint(meeting * _ROOT), 1).astype(np.int64)


def _check_pairs(ends: NDArray[np.int64]) -> None:
    """Refuse sorted pairs that hold a duplicate or a pair of a record with itself."""
    if (ends[:, 0] == ends[:, 1]).any() or (ends[1:] == ends[:-1]).all(axis=1).any():
        raise ValueError("a pair joins a record with itself, or occurs twice")


def _connected(ends: NDArray[np.int64], n_records: int) -> NDArray[np.int64]:
    """Label the connected components of pairs."""
    graph = coo_array((np.ones(len(ends), np.int8), (ends[:, 0], ends[:, 1])), shape=(n_records, n_records))
    return np.asarray(connected_components(graph, directed=False)[1], np.int64)


def _edges(ends: NDArray[np.int64], excess: NDArray[np.int64], nodes: _Nodes) -> _Edges:
    """Add up the pairs between each two nodes, given in ascending order; pairs inside a node no longer matter."""
    if (nodes.name == np.arange(len(nodes.name))).all():
        return _Edges(ends, excess)
    ends = np.sort(nodes.name[ends], axis=1)
    between = ends[:, 0] != ends[:, 1]
    ends, excess = ends[between], excess[between]
    order = np.argsort(combined(*ends.T), kind="stable")
    ends, excess = ends[order], excess[order]
    starts = np.flatnonzero(np.append(True, (ends[1:] != ends[:-1]).any(axis=1))) if len(ends) else np.zeros(0, int)
    return _Edges(ends[starts], np.add.reduceat(excess, starts) if len(ends) else excess)


def _inside(edges: _Edges, labels: NDArray[np.int64]) -> _Edges:
    """Return the pairs inside components, sorted by component; every merge needs one of these.

    Pairs between two components do not matter: no cluster ever spans both.
    """
    inside = np.flatnonzero(labels[edges.ends[:, 0]] == labels[edges.ends[:, 1]])
    order = inside[np.argsort(labels[edges.ends[inside, 0]], kind="stable")]
    return _Edges(edges.ends[order], edges.excess[order])


def _is_small(edges: _Edges, labels: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which edges are in small components."""
    names, n_nodes = np.unique(labels[distinct(edges.ends)], return_counts=True)
    small = n_nodes <= SMALL
    return small[np.searchsorted(names, labels[edges.ends[:, 0]])] if len(names) else np.zeros(0, np.bool_)


def _merge_small(edges: _Edges, nodes: _Nodes, labels: NDArray[np.int64], owner: NDArray[np.int64]) -> None:
    """Merge the nodes of all small components, and write the first node of each one's cluster to `owner`."""
    members = distinct(edges.ends)
    members = members[np.argsort(labels[members], kind="stable")]
    names, first = np.unique(labels[members], return_index=True)
    position = np.full(len(labels), -1, np.int64)
    position[members] = np.arange(len(members)) - np.repeat(first, np.diff(first, append=len(members)))
    bars = nodes.bars[(labels[nodes.bars[:, :1]] == labels[nodes.bars]).all(axis=1)]
    bars = bars[(position[bars] >= 0).all(axis=1)]
    bars = bars[np.argsort(labels[bars[:, 0]], kind="stable")]
    starts = [np.searchsorted(labels[rows], names) for rows in (edges.ends[:, 0], bars[:, 0])]
    merged = np.empty(len(members), np.int64)
    parts = Components(
        nodes=np.append(first, len(members)),
        edges=np.append(starts[0], len(edges.ends)),
        bars=np.append(starts[1], len(bars)),
        ends=position[edges.ends],
        excess=edges.excess,
        apart=position[bars],
        meeting=nodes.meeting[members],
        size=nodes.size[members],
    )
    merge_each(parts, merged)
    owner[members] = members[merged]


def _components(edges: _Edges, labels: NDArray[np.int64]) -> Iterable[_Edges]:
    """Return the edges of each component."""
    cuts = np.flatnonzero(np.diff(labels[edges.ends[:, 0]])) + 1
    for part in np.split(np.arange(len(edges.ends)), cuts) if len(edges.ends) else ():
        yield _Edges(edges.ends[part], edges.excess[part])


def _is_one(members: NDArray[np.int64], edges: _Edges, nodes: _Nodes) -> bool:
    """Return whether every pair of a component favours a match, so that any order of merging ends with one cluster.

    Most components have two or three records; a value that many people share can create one of a thousand.
    """
    if len(edges.ends) < len(members) * (len(members) - 1) // 2:
        return False
    favour = (edges.excess >= nodes.meeting[edges.ends].prod(axis=1)).all()
    return bool(favour and not any(member in nodes.apart for member in members.tolist()))


def _smallest_names(owner: NDArray[np.int64], names: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return, for each record, the smallest name among the records of its owner."""
    smallest = np.full(len(owner), np.iinfo(np.int64).max)
    np.minimum.at(smallest, owner, names)
    return smallest[owner]
