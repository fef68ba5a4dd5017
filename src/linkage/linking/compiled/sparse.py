"""Average linkage over few pairs of many nodes, compiled.

The result is the same, ties included, as that over a full matrix (`linkage.linking.compiled.merging`). Here each
cluster has a list of the others with which it has a candidate pair, and a heap has the pairs that may merge.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from linkage.linking.compiled.jit import compiled

__all__ = ["merge_sparse"]


class _Graph(NamedTuple):
    """The clusters and what is between them; an edge has two entries, `2e` and `2e + 1`, one in the list of each end.

    Attributes:
        both: `(e,) int64`, the XOR of the clusters of an edge.
        excess: `(e,) int64`.
        barred: `(e,) bool`.
        gone: `(e,) bool`, whether another edge has taken it over.
        first: `(k,) int64`, the first entry of a cluster's list; -1 for none.
        following: `(2e,) int64`, the next entry of the same list; -1 for none.
        meeting: `(k,) int64`.
        size: `(k,) int64`; 0 for a cluster that was merged into another.
        version: `(k,) int64`, how often a cluster has grown.
    """

    both: NDArray[np.int64]
    excess: NDArray[np.int64]
    barred: NDArray[np.bool_]
    gone: NDArray[np.bool_]
    first: NDArray[np.int64]
    following: NDArray[np.int64]
    meeting: NDArray[np.int64]
    size: NDArray[np.int64]
    version: NDArray[np.int64]


@compiled
def _mean(edge: int, one: int, other: int, graph: _Graph) -> float:
    """Return the mean log odds between two clusters; below 0 if they may not merge."""
    total = graph.excess[edge] - graph.meeting[one] * graph.meeting[other]
    if total < 0 or graph.barred[edge]:
        return -1.0
    return float(total / (graph.size[one] * graph.size[other]))


@compiled
def _absorb(low: int, high: int, graph: _Graph, edge_to: NDArray[np.int64]) -> None:
    """Merge the second cluster into the first.

    `edge_to` is `(k,) int64`, -1 everywhere, and so again afterwards.
    """
    for entry in _entries(low, graph):
        edge = entry >> 1
        edge_to[graph.both[edge] ^ low] = edge
    graph.gone[edge_to[high]] = True
    for entry in _entries(high, graph):
        edge = entry >> 1
        other = graph.both[edge] ^ high
        known = edge_to[other]
        if known >= 0:
            graph.excess[known] += graph.excess[edge]
            graph.barred[known] |= graph.barred[edge]
            graph.gone[edge] = True
        else:
            graph.both[edge] ^= low ^ high
            graph.following[entry] = graph.first[low]
            graph.first[low] = entry
    for entry in _entries(low, graph):
        edge_to[graph.both[entry >> 1] ^ low] = -1
    edge_to[high] = -1
    graph.meeting[low] += graph.meeting[high]
    graph.size[low] += graph.size[high]
    graph.size[high] = 0
    graph.version[low] += 1


@compiled
def _entries(cluster: int, graph: _Graph) -> NDArray[np.int64]:
    """Return the entries of a cluster's list, and take those of edges that are gone out of it."""
    found, n = np.empty(8, np.int64), 0
    before, entry = -1, graph.first[cluster]
    while entry >= 0:
        if graph.gone[entry >> 1]:
            if before < 0:
                graph.first[cluster] = graph.following[entry]
            else:
                graph.following[before] = graph.following[entry]
        else:
            if n == len(found):
                longer = np.empty(2 * n, np.int64)
                longer[:n] = found
                found = longer
            found[n] = entry
            n += 1
            before = entry
        entry = graph.following[entry]
    return found[:n]


@compiled
def merge_sparse(
    ends: NDArray[np.int64],
    excess: NDArray[np.int64],
    bars: NDArray[np.int64],
    meeting: NDArray[np.int64],
    size: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Merge clusters until no pair may merge.

    Args:
        ends: `(e, 2) int64`, the nodes of each edge, each pair once.
        excess: `(e,) int64`, what an edge adds to the log odds between its nodes, in steps.
        bars: `(m, 2) int64`, cannot-link pairs of nodes, with an edge or not.
        meeting: `(k,) int64`, meeting strength of each node: without an edge, the log odds between two nodes are minus
            the product of theirs.
        size: `(k,) int64`, number of records of each node.

    Returns:
        `(k,) int64`, for each node the first node of its cluster.
    """
    k, n_edges = len(size), len(ends) + len(bars)
    graph = _Graph(
        np.empty(n_edges, np.int64),
        np.zeros(n_edges, np.int64),
        np.zeros(n_edges, np.bool_),
        np.zeros(n_edges, np.bool_),
        np.full(k, -1),
        np.empty(2 * n_edges, np.int64),
        meeting.copy(),
        size.copy(),
        np.zeros(k, np.int64),
    )
    graph.excess[: len(ends)] = excess
    edge_to = np.full(k, -1)
    for edge in range(n_edges):
        one, other = ends[edge] if edge < len(ends) else bars[edge - len(ends)]
        graph.both[edge] = one ^ other
        graph.barred[edge] = edge >= len(ends)
        for side in range(2):
            end = one if side == 0 else other
            graph.following[2 * edge + side] = graph.first[end]
            graph.first[end] = 2 * edge + side
    if len(bars):
        # A bar and an edge of the same two nodes become one.
        for one in range(k):
            _unite(one, graph, edge_to)
    heap = [(0.0, 0, 0, 0, 0)]
    heap.pop()
    for edge in range(len(ends)):
        if not graph.gone[edge]:
            low, high = min(ends[edge, 0], ends[edge, 1]), max(ends[edge, 0], ends[edge, 1])
            mean = _mean(edge, low, high, graph)
            if mean >= 0:
                heap.append((-mean, low, high, 0, 0))
    heapify(heap)
    owner = np.arange(k)
    while len(heap):
        _, low, high, of_low, of_high = heappop(heap)
        # An entry made before one of its clusters grew is out of date; a newer one exists.
        if graph.size[high] == 0 or graph.size[low] == 0:
            continue
        if graph.version[low] != of_low or graph.version[high] != of_high:
            continue
        _absorb(low, high, graph, edge_to)
        owner[high] = low
        for entry in _entries(low, graph):
            other = graph.both[entry >> 1] ^ low
            mean = _mean(entry >> 1, low, other, graph)
            if mean >= 0:
                one, two = min(low, other), max(low, other)
                heappush(heap, (-mean, one, two, graph.version[one], graph.version[two]))
    for node in range(k):
        # A cluster is merged into an earlier one.
        owner[node] = owner[owner[node]]
    return owner


@compiled
def _unite(one: int, graph: _Graph, edge_to: NDArray[np.int64]) -> None:
    """Make one edge of all those between a node and another; of an edge and a bar, the edge stays."""
    entries = _entries(one, graph)
    # The entries of edges are before those of bars, and lists are in reverse.
    for place in range(len(entries) - 1, -1, -1):
        edge = entries[place] >> 1
        other = graph.both[edge] ^ one
        if edge_to[other] < 0:
            edge_to[other] = edge
        else:
            graph.barred[edge_to[other]] |= graph.barred[edge]
            graph.gone[edge] = True
    for entry in entries:
        edge_to[graph.both[entry >> 1] ^ one] = -1
