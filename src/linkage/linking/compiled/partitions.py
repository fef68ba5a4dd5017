"""Draws of partitions of few units, compiled: exact where every subset can be listed, else by a Markov chain.

A partition weighs the sum of its groups (`linkage.linking.compiled.groups`), and is drawn with a probability
proportional to the exponential of that.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from linkage.linking.compiled.chains import Units, draw_by_chain, unit_marks
from linkage.linking.compiled.groups import group_weight, room_for
from linkage.linking.compiled.jit import compiled

__all__ = ["Components", "draw_each"]


class Components(NamedTuple):
    """Many components of units in sequence.

    Attributes:
        units: `(c + 1,) int64`, the first unit of each component, and the end.
        edges: `(c + 1,) int64`, its first edge, and the end.
        ends: `(e, 2) int64`, the positions of an edge's units within the component.
        excess: `(e,) float64`, what an edge adds to the log odds between its units.
        barred: `(e,) bool`, whether its units never are one person.
        meeting: `(u,) float64`, sum of the meeting strengths of a unit's records: without an edge the log odds between
            two units are minus the product of theirs.
        size: `(u,) float64`, number of records of each unit.
        start: `(u,) int64`, the group of each unit in the partition of the run, as a position within the component.
    """

    units: NDArray[np.int64]
    edges: NDArray[np.int64]
    ends: NDArray[np.int64]
    excess: NDArray[np.float64]
    barred: NDArray[np.bool_]
    meeting: NDArray[np.float64]
    size: NDArray[np.float64]
    start: NDArray[np.int64]


@compiled
def _draw_exactly(
    total: NDArray[np.float64],
    apart: NDArray[np.bool_],
    size: NDArray[np.float64],
    shifts: NDArray[np.float64],
    uniform: NDArray[np.float64],
    labels: NDArray[np.int16],
) -> None:
    """Draw partitions by sums over all subsets [Sadinle2014]; `labels` is `(u, d) int16`, written."""
    n = len(size)
    n_sets = 1 << n
    weight, steps = np.zeros(n_sets), np.zeros(n_sets)
    members, room = np.empty(n, np.int64), room_for(n)
    for group in range(1, n_sets):
        k = 0
        for unit in range(n):
            if group >> unit & 1:
                members[k] = unit
                k += 1
        weight[group] = group_weight(members[:k], total, apart, size, room)
        steps[group] = k - 1
    odds, sums = np.ones(n_sets), np.ones(n_sets)
    for draw in range(labels.shape[1]):
        if draw == 0 or shifts[draw] != shifts[draw - 1]:
            # Log odds are clipped to 12, and units are few, so that no product is too large for a number.
            odds = np.exp(weight + shifts[draw] * steps)
            _sum_partitions(odds, sums)
        left, step = n_sets - 1, 0
        while left:
            group = _first_group(left, odds, sums, uniform[draw, step])
            lowest = n
            for unit in range(n - 1, -1, -1):
                if group >> unit & 1:
                    lowest = unit
            for unit in range(n):
                if group >> unit & 1:
                    labels[unit, draw] = lowest
            left ^= group
            step += 1


@compiled
def _sum_partitions(odds: NDArray[np.float64], sums: NDArray[np.float64]) -> None:
    """Write for each set of units the sum over all its partitions, given the odds of each group."""
    for group in range(1, len(odds)):
        # The first unit with any others, and the rest in any way.
        first = group & -group
        rest = group ^ first
        found, chosen = 0.0, rest
        while True:
            found += odds[chosen | first] * sums[rest ^ chosen]
            if chosen == 0:
                break
            chosen = (chosen - 1) & rest
        sums[group] = found


@compiled
def _first_group(left: int, odds: NDArray[np.float64], sums: NDArray[np.float64], uniform: float) -> int:
    """Return the group of the first unit of a set; a uniform number decides."""
    first = left & -left
    rest = left ^ first
    chosen = rest
    aim = uniform * sums[left]
    while True:
        aim -= odds[chosen | first] * sums[rest ^ chosen]
        # Rounding may leave a remainder; the first unit alone is always allowed.
        if aim < 0 or chosen == 0:
            return chosen | first
        chosen = (chosen - 1) & rest


@compiled
def draw_each(
    parts: Components,
    some: NDArray[np.int64],
    shifts: NDArray[np.float64],
    uniform: NDArray[np.float64],
    seeds: NDArray[np.int64],
    floor: float,
    exact: int,
    sweeps: tuple[int, int],
    labels: NDArray[np.int16],
) -> None:
    """Draw partitions of some components.

    Args:
        parts: The components.
        some: `(s,) int64`, the numbers of those that are drawn.
        shifts: `(d,) float64`, what is added to the mean log odds of every step in each draw.
        uniform: `(u, d) float64`, uniform in [0, 1): for each unit and draw one number.
        seeds: `(c,) int64`, for chains.
        floor: Units with mean log odds of at least this are near each other.
        exact: Most units of a component that is drawn exactly.
        sweeps: Those of a chain before the first draw, and between two.
        labels: `(u, d) int16`, written: for each draw the first unit of each one's group, by its position within the
            component.
    """
    for part in some:
        first, end = parts.units[part], parts.units[part + 1]
        own, size = parts.meeting[first:end], parts.size[first:end]
        total = -np.outer(own, own)
        apart = np.zeros((end - first, end - first), np.bool_)
        for edge in range(parts.edges[part], parts.edges[part + 1]):
            one, other = parts.ends[edge]
            total[one, other] += parts.excess[edge]
            total[other, one] = total[one, other]
            apart[one, other] |= parts.barred[edge]
            apart[other, one] = apart[one, other]
        drawn = labels[first:end]
        if end - first <= exact:
            _draw_exactly(total, apart, size, shifts, uniform[first:end].T, drawn)
        else:
            near = (total >= floor * np.outer(size, size)) & ~apart
            for unit in range(end - first):
                near[unit, unit] = False
            units = Units(unit_marks(end - first), near, total, apart, size)
            draw_by_chain(parts.start[first:end], units, shifts, sweeps, seeds[part], drawn)
