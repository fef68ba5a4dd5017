"""Groups of units, compiled: what a group weighs, and the parts of it that are sure.

The weight of a group is the sum of the mean log odds of the average-linkage steps that join it, so taking back its last
step changes the weight of a partition by just what that step weighed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from linkage.linking.compiled.jit import compiled

__all__ = ["group_weight", "is_barred", "join_units", "sure_parts"]


@compiled
def join_units(
    members: NDArray[np.int64], total: NDArray[np.float64], size: NDArray[np.float64], least: float
) -> tuple[float, float, NDArray[np.int64], NDArray[np.int64]]:
    """Join units by average linkage while the mean log odds of a step are at least `least`; ties go to the first.

    Returns:
        The sum of the means of all steps; the last mean; `(k,) int64`, the first position of each one's part; and the
        same before the last step.
    """
    k = len(members)
    sums, count, part = np.empty((k, k)), np.empty(k), np.arange(k)
    for one in range(k):
        count[one] = size[members[one]]
        for other in range(k):
            sums[one, other] = total[members[one], members[other]]
    before = part.copy()
    weight, last = 0.0, np.inf
    for _ in range(k - 1):
        mean, into, away = -np.inf, -1, -1
        for one in range(k):
            if count[one] == 0:
                continue
            for other in range(one + 1, k):
                if count[other] > 0 and sums[one, other] / (count[one] * count[other]) > mean:
                    mean, into, away = sums[one, other] / (count[one] * count[other]), one, other
        if into < 0 or mean < least:
            break
        before[:] = part
        weight += mean
        last = mean
        for one in range(k):
            sums[into, one] += sums[away, one]
            sums[one, into] = sums[into, one]
            if part[one] == away:
                part[one] = into
        count[into] += count[away]
        count[away] = 0
    return weight, last, part, before


@compiled
def is_barred(members: NDArray[np.int64], apart: NDArray[np.bool_]) -> bool:
    """Return whether two of the members never are one person."""
    for one in range(len(members)):
        for other in range(one):
            if apart[members[one], members[other]]:
                return True
    return False


@compiled
def group_weight(
    members: NDArray[np.int64], total: NDArray[np.float64], apart: NDArray[np.bool_], size: NDArray[np.float64]
) -> float:
    """Return the weight of a group of units; minus infinity if two of them are barred.

    Args:
        members: `(k,) int64`, the units.
        total: `(u, u) float64`, symmetric, the sum of the log odds of all pairs of records between two units.
        apart: `(u, u) bool`, symmetric, which of them never are one person.
        size: `(u,) float64`, records of each unit.
    """
    if len(members) < 2:
        return 0.0
    if is_barred(members, apart):
        return -np.inf
    return join_units(members, total, size, -np.inf)[0]


@compiled
def sure_parts(
    firsts: NDArray[np.int64],
    edges: NDArray[np.int64],
    ends: NDArray[np.int64],
    excess: NDArray[np.float64],
    meeting: NDArray[np.float64],
    least: float,
    largest: int,
    part: NDArray[np.int64],
) -> None:
    """Find in each group of records the parts that steps of at least `least` join.

    Args:
        firsts: `(g + 1,) int64`, the first record of each group, and the end.
        edges: `(g + 1,) int64`, the first edge of each group, and the end.
        ends: `(e, 2) int64`, positions within the group.
        excess: `(e,) float64`, as in `Components`.
        meeting: `(n,) float64`, of each record.
        least: Least mean log odds of a step.
        largest: Groups of more records stay whole.
        part: `(n,) int64`, written: the first record of each one's part, by its place among all.
    """
    for group in range(len(firsts) - 1):
        first, k = firsts[group], firsts[group + 1] - firsts[group]
        if k == 1 or k > largest:
            part[first : first + k] = first
            continue
        own = meeting[first : first + k]
        total = -np.outer(own, own)
        for edge in range(edges[group], edges[group + 1]):
            one, other = ends[edge]
            total[one, other] += excess[edge]
            total[other, one] = total[one, other]
        part[first : first + k] = join_units(np.arange(k), total, np.ones(k), least)[2] + first
