"""The steps by which average linkage joins the records of a group, compiled."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from linkage.linking.compiled.jit import compiled

__all__ = ["MAX_MEMBERS", "raise_to_steps"]

MAX_MEMBERS: Final = 256
"""Records of the largest group whose steps are followed; the work grows with the cube. In a larger group every pair is
probable on its own, or the group comes from a placeholder value."""


@compiled
def raise_to_steps(
    firsts: NDArray[np.int64],
    ends: NDArray[np.int64],
    sizes: NDArray[np.int64],
    log_odds: NDArray[np.float64],
    meeting: NDArray[np.float64],
    others: NDArray[np.float64],
) -> None:
    """Join the records of each group by average linkage, and raise the log odds of links to those of their steps.

    Args:
        firsts: `(g + 1,) int64`, the first link of each group, and the end.
        ends: `(l, 2) int64`, the positions of a link's records within its group.
        sizes: `(g,) int64`, records of each group.
        log_odds: `(l,) float64`, read and written.
        meeting: `(n,) float64`, the meeting strengths of the records, group by group.
        others: `(g,) float64`, added to: the sum of the probabilities of each group's pairs that are not candidates.
    """
    begin = 0
    for group in range(len(sizes)):
        own = meeting[begin : begin + sizes[group]]
        begin += sizes[group]
        size, first, stop = sizes[group], firsts[group], firsts[group + 1]
        if size < 3 or size > MAX_MEMBERS:
            continue
        sums = -np.outer(own, own)
        for edge in range(first, stop):
            one, other = ends[edge]
            sums[one, other] = sums[other, one] = log_odds[edge]
        step = _steps(sums)
        for edge in range(first, stop):
            one, other = ends[edge]
            log_odds[edge] = max(log_odds[edge], step[one, other])
            step[one, other] = step[other, one] = -np.inf
        for one in range(size):
            for other in range(one):
                others[group] += 1 / (1 + np.exp(-step[one, other]))


@compiled
def _steps(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return, for each pair, the mean log odds of the step that joins it; ties go to the first pair in order."""
    size = len(sums)
    step = np.zeros((size, size))
    part, count = np.arange(size), np.ones(size)
    for _ in range(size - 1):
        mean, into, away = -np.inf, 0, 0
        for one in range(size):
            for other in range(one + 1, size):
                if count[one] and count[other] and sums[one, other] / (count[one] * count[other]) > mean:
                    mean, into, away = sums[one, other] / (count[one] * count[other]), one, other
        for one in range(size):
            for other in range(size):
                if part[one] == into and part[other] == away:
                    step[one, other] = step[other, one] = mean
        for one in range(size):
            sums[into, one] += sums[away, one]
            sums[one, into] += sums[one, away]
            if part[one] == away:
                part[one] = into
        count[into] += count[away]
        count[away] = 0
    return step
