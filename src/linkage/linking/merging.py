"""Merging: average link over a full matrix, compiled, for components in which most records meet.

It says the same, to the last tie, as the heap of `linkage.linking.clusters`, which is quick where a record meets few
others. Here each cluster remembers its best partner.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from linkage.linking.kernels import compiled

__all__ = ["merge_all"]


class _State(NamedTuple):
    """What merging works on.

    `excess` and `apart` are those of `merge_all`; `size` of each cluster is 0 once it has gone into another; `best` is
    its best later partner, -1 for none, and `mean` the mean between the two.
    """

    excess: NDArray[np.int64]
    apart: NDArray[np.bool_]
    size: NDArray[np.int64]
    best: NDArray[np.int64]
    mean: NDArray[np.float64]


@compiled
def _offer(state: _State, row: int, other: int, against: int) -> None:
    """Make a later cluster the best partner where it may be: greatest mean, of equals the first."""
    n_pairs = state.size[row] * state.size[other]
    total = state.excess[row, other]
    if n_pairs == 0 or state.apart[row, other] or total + n_pairs * against < 0:
        return
    value = total / n_pairs
    best = state.best[row]
    if best < 0 or value > state.mean[row] or (value == state.mean[row] and other < best):
        state.best[row] = other
        state.mean[row] = value


@compiled
def _find_best(state: _State, row: int, against: int) -> None:
    """Find the best later partner of a cluster."""
    state.best[row] = -1
    for other in range(row + 1, len(state.size)):
        _offer(state, row, other, against)


@compiled
def _absorb(state: _State, low: int, high: int, against: int) -> None:
    """Put the second cluster into the first, and find anew what hung on either."""
    excess, apart, size, best, _ = state
    size[low] += size[high]
    size[high] = 0
    for other in range(len(size)):
        excess[low, other] += excess[high, other]
        excess[other, low] = excess[low, other]
        apart[low, other] |= apart[high, other]
        apart[other, low] = apart[low, other]
    best[high] = -1
    for row in range(high):
        if size[row] == 0:
            continue
        if row == low or best[row] == low or best[row] == high:
            _find_best(state, row, against)
        elif row < low:
            _offer(state, row, low, against)


@compiled
def merge_all(excess: NDArray[np.int64], apart: NDArray[np.bool_], against: int) -> NDArray[np.int64]:
    """Merge as long as there is a pair of clusters to merge.

    Args:
        excess: `(k, k) int64`, symmetric, overwritten: the log odds of each pair above those of a pair that is no
            candidate, in steps; 0 for pairs that are none.
        apart: `(k, k) bool`, symmetric, overwritten: pairs that must not merge.
        against: Log odds of a pair that is no candidate, below 0, in steps.

    Returns:
        `(k,) int64`, for each record the first record of its cluster.

    Sees: neither
    """
    n = excess.shape[0]
    owner = np.arange(n)
    state = _State(excess, apart, np.ones(n, np.int64), np.full(n, -1), np.zeros(n))
    for row in range(n):
        _find_best(state, row, against)
    while True:
        low = -1
        for row in range(n):
            if state.best[row] >= 0 and (low < 0 or state.mean[row] > state.mean[low]):
                low = row
        if low < 0:
            return owner
        high = state.best[low]
        _absorb(state, low, high, against)
        for row in range(n):
            if owner[row] == high:
                owner[row] = low
