"""Average linkage over a full matrix, compiled, for components that are small or dense.

The result is the same, ties included, as that of `linkage.linking.compiled.sparse`, which is fast for many records with
few candidates each. Here each cluster keeps its best partner.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from linkage.linking.compiled.jit import compiled

__all__ = ["Components", "merge_all", "merge_each"]


class Components(NamedTuple):
    """Many components in sequence.

    Attributes:
        nodes: `(c + 1,) int64`, the first node of each component, and the end.
        edges: `(c + 1,) int64`, its first edge.
        bars: `(c + 1,) int64`, its first cannot-link pair.
        ends: `(e, 2) int64`, the positions of an edge's nodes within the component.
        excess: `(e,) int64`, what an edge adds to the log odds between its nodes, in steps.
        apart: `(m, 2) int64`, cannot-link pairs, as `ends`.
        meeting: `(n,) int64`, meeting strength of each node: without an edge, the log odds between two nodes are minus
            the product of theirs.
        size: `(n,) int64`, number of records of each node.
    """

    nodes: NDArray[np.int64]
    edges: NDArray[np.int64]
    bars: NDArray[np.int64]
    ends: NDArray[np.int64]
    excess: NDArray[np.int64]
    apart: NDArray[np.int64]
    meeting: NDArray[np.int64]
    size: NDArray[np.int64]


class _State(NamedTuple):
    """The state of a merge.

    `total`, `apart` and `size` are those of `merge_all`; a cluster that was merged into another has size 0. `best` is a
    cluster's best later partner, -1 for none, and `mean` the mean log odds between the two.
    """

    total: NDArray[np.int64]
    apart: NDArray[np.bool_]
    size: NDArray[np.int64]
    best: NDArray[np.int64]
    mean: NDArray[np.float64]


@compiled
def _offer(state: _State, row: int, other: int) -> None:
    """Make a later cluster the best partner if it may merge and its mean is the greatest; ties go to the first."""
    n_pairs = state.size[row] * state.size[other]
    if n_pairs == 0 or state.apart[row, other] or state.total[row, other] < 0:
        return
    value = state.total[row, other] / n_pairs
    best = state.best[row]
    if best < 0 or value > state.mean[row] or (value == state.mean[row] and other < best):
        state.best[row] = other
        state.mean[row] = value


@compiled
def _find_best(state: _State, row: int) -> None:
    """Find the best later partner of a cluster."""
    state.best[row] = -1
    for other in range(row + 1, len(state.size)):
        _offer(state, row, other)


@compiled
def _absorb(state: _State, low: int, high: int) -> None:
    """Merge the second cluster into the first, and update the best partners that depended on either."""
    total, apart, size, best, _ = state
    size[low] += size[high]
    size[high] = 0
    for other in range(len(size)):
        total[low, other] += total[high, other]
        total[other, low] = total[low, other]
        apart[low, other] |= apart[high, other]
        apart[other, low] = apart[low, other]
    best[high] = -1
    for row in range(high):
        if size[row] == 0:
            continue
        if row == low or best[row] == low or best[row] == high:
            _find_best(state, row)
        elif row < low:
            _offer(state, row, low)


@compiled
def merge_all(total: NDArray[np.int64], apart: NDArray[np.bool_], size: NDArray[np.int64]) -> NDArray[np.int64]:
    """Merge clusters until no pair may merge.

    Args:
        total: `(k, k) int64`, symmetric, overwritten: the sum of the log odds of all pairs of records between two
            nodes, in steps; the diagonal is not used.
        apart: `(k, k) bool`, symmetric, overwritten: cannot-link pairs.
        size: `(k,) int64`, number of records of each node, overwritten.

    Returns:
        `(k,) int64`, for each node the first node of its cluster.
    """
    n = total.shape[0]
    owner = np.arange(n)
    state = _State(total, apart, size, np.full(n, -1), np.zeros(n))
    for row in range(n):
        _find_best(state, row)
    while True:
        low = -1
        for row in range(n):
            if state.best[row] >= 0 and (low < 0 or state.mean[row] > state.mean[low]):
                low = row
        if low < 0:
            return owner
        high = state.best[low]
        _absorb(state, low, high)
        for row in range(n):
            if owner[row] == high:
                owner[row] = low


@compiled
def merge_each(parts: Components, owner: NDArray[np.int64]) -> None:
    """Merge the nodes of each component as `merge_all` does.

    Args:
        parts: The components.
        owner: `(n,) int64`, written: for each node the first node of its cluster, both by their index among all nodes.
    """
    for part in range(len(parts.nodes) - 1):
        first, end = parts.nodes[part], parts.nodes[part + 1]
        n = end - first
        total, apart = np.empty((n, n), np.int64), np.zeros((n, n), np.bool_)
        for row in range(n):
            for column in range(n):
                total[row, column] = -parts.meeting[first + row] * parts.meeting[first + column]
        for edge in range(parts.edges[part], parts.edges[part + 1]):
            low, high = parts.ends[edge]
            total[low, high] += parts.excess[edge]
            total[high, low] = total[low, high]
        for bar in range(parts.bars[part], parts.bars[part + 1]):
            low, high = parts.apart[bar]
            apart[low, high] = True
            apart[high, low] = True
        owner[first:end] = merge_all(total, apart, parts.size[first:end].copy()) + first
