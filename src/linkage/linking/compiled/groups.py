"""Groups of units, compiled: what a group weighs, and the parts of it that are sure.

The weight of a group is the sum of the mean log odds of the average-linkage steps that join it, so taking back its last
step changes the weight of a partition by just what that step weighed.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from linkage.linking.compiled.jit import compiled

__all__ = ["Room", "group_weight", "is_barred", "join_units", "room_for", "sure_parts"]


class Room(NamedTuple):
    """Arrays that joining up to `k` units writes, so that many calls need no memory of their own.

    Attributes:
        sums: `(k, k) float64`.
        size: `(k,) float64`.
        part: `(k,) int64`, the result: the first position of each one's part.
        before: `(k,) int64`, the result: the same before the last step.
        nearest: `(k,) int64`, for each part its nearest among the later ones.
        nearness: `(k,) float64`, the mean log odds of the two.
    """

    sums: NDArray[np.float64]
    size: NDArray[np.float64]
    part: NDArray[np.int64]
    before: NDArray[np.int64]
    nearest: NDArray[np.int64]
    nearness: NDArray[np.float64]


@compiled
def room_for(k: int) -> Room:
    """Return the room for joining up to `k` units."""
    return Room(
        np.empty((k, k)), np.empty(k), np.empty(k, np.int64), np.empty(k, np.int64), np.empty(k, np.int64), np.empty(k)
    )


@compiled
def join_units(
    members: NDArray[np.int64], total: NDArray[np.float64], size: NDArray[np.float64], least: float, room: Room
) -> tuple[float, float]:
    """Join units by average linkage while the mean log odds of a step are at least `least`; ties go to the first.

    Returns:
        The sum of the means of all steps; and the last mean. The parts are in the room.
    """
    k = len(members)
    sums, count, part = room.sums, room.size, room.part
    nearest, nearness = room.nearest, room.nearness
    for one in range(k):
        part[one] = room.before[one] = one
        count[one] = size[members[one]]
        for other in range(k):
            sums[one, other] = total[members[one], members[other]]
    # A step looks only at those parts whose nearest has changed.
    for one in range(k):
        nearest[one], nearness[one] = _nearest(one, k, sums, count)
    weight, last = 0.0, np.inf
    for _ in range(k - 1):
        mean, into = -np.inf, -1
        for one in range(k):
            if nearness[one] > mean:
                mean, into = nearness[one], one
        if into < 0 or mean < least:
            break
        away = nearest[into]
        weight += mean
        last = mean
        for one in range(k):
            room.before[one] = part[one]
            sums[into, one] += sums[away, one]
            sums[one, into] = sums[into, one]
            if part[one] == away:
                part[one] = into
        count[into] += count[away]
        count[away] = 0
        nearest[away], nearness[away] = -1, -np.inf
        for one in range(away):
            if count[one] == 0:
                continue
            if one == into or nearest[one] == into or nearest[one] == away:
                nearest[one], nearness[one] = _nearest(one, k, sums, count)
            elif one < into:
                mean = sums[one, into] / (count[one] * count[into])
                if mean > nearness[one] or (mean == nearness[one] and into < nearest[one]):
                    nearest[one], nearness[one] = into, mean
    return weight, last


@compiled
def _nearest(one: int, k: int, sums: NDArray[np.float64], count: NDArray[np.float64]) -> tuple[int, float]:
    """Return the first of the later of `k` parts with the highest mean log odds, and these; -1 and -inf if none."""
    found, highest = -1, -np.inf
    for other in range(one + 1, k):
        if count[other] > 0:
            mean = sums[one, other] / (count[one] * count[other])
            if mean > highest:
                found, highest = other, mean
    return found, highest


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
    members: NDArray[np.int64],
    total: NDArray[np.float64],
    apart: NDArray[np.bool_],
    size: NDArray[np.float64],
    room: Room,
) -> float:
    """Return the weight of a group of units; minus infinity if two of them are barred.

    Args:
        members: `(k,) int64`, the units.
        total: `(u, u) float64`, symmetric, the sum of the log odds of all pairs of records between two units.
        apart: `(u, u) bool`, symmetric, which of them never are one person.
        size: `(u,) float64`, records of each unit.
        room: See `join_units`.
    """
    if len(members) < 2:
        return 0.0
    if is_barred(members, apart):
        return -np.inf
    return join_units(members, total, size, -np.inf, room)[0]


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
    room = room_for(largest)
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
        join_units(np.arange(k), total, np.ones(k), least, room)
        part[first : first + k] = room.part[:k] + first
