"""Draws of partitions of few units, compiled: exact where every subset can be listed, else by a Markov chain.

A partition weighs the sum of its groups (`linkage.linking.compiled.groups`), and is drawn with a probability
proportional to the exponential of that.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from linkage.linking.compiled.groups import group_weight, is_barred, join_units
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
def _log_add(one: float, other: float) -> float:
    high, low = max(one, other), min(one, other)
    return high if low == -np.inf else high + np.log1p(np.exp(low - high))


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
    members = np.empty(n, np.int64)
    for group in range(1, n_sets):
        k = 0
        for unit in range(n):
            if group >> unit & 1:
                members[k] = unit
                k += 1
        weight[group] = group_weight(members[:k], total, apart, size)
        steps[group] = k - 1
    shifted, sums = weight, np.zeros(n_sets)
    for draw in range(labels.shape[1]):
        if draw == 0 or shifts[draw] != shifts[draw - 1]:
            shifted = weight + shifts[draw] * steps
            _sum_partitions(shifted, sums)
        left, step = n_sets - 1, 0
        while left:
            group = _first_group(left, shifted, sums, uniform[draw, step])
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
def _sum_partitions(weight: NDArray[np.float64], sums: NDArray[np.float64]) -> None:
    """Write for each set of units the log of the sum over all its partitions, given the weight of each group."""
    for group in range(1, len(weight)):
        # The first unit with any others, and the rest in any way.
        first = group & -group
        rest = group ^ first
        found, chosen = -np.inf, rest
        while True:
            found = _log_add(found, weight[chosen | first] + sums[rest ^ chosen])
            if chosen == 0:
                break
            chosen = (chosen - 1) & rest
        sums[group] = found


@compiled
def _first_group(left: int, weight: NDArray[np.float64], sums: NDArray[np.float64], aim: float) -> int:
    """Return the group of the first unit of a set; a uniform number decides."""
    first = left & -left
    rest = left ^ first
    chosen = rest
    while True:
        aim -= np.exp(weight[chosen | first] + sums[rest ^ chosen] - sums[left])
        # Rounding may leave a remainder; the first unit alone is always allowed.
        if aim < 0 or chosen == 0:
            return chosen | first
        chosen = (chosen - 1) & rest


@compiled
def _members(state: NDArray[np.int64], label: int, without: int) -> NDArray[np.int64]:
    found = np.empty(len(state), np.int64)
    k = 0
    for unit in range(len(state)):
        if state[unit] == label and unit != without:
            found[k] = unit
            k += 1
    return found[:k]


@compiled
def _free_label(state: NDArray[np.int64]) -> int:
    for label in range(len(state)):
        if not (state == label).any():
            return label
    return -1


@compiled
def _move(
    unit: int,
    state: NDArray[np.int64],
    near: NDArray[np.bool_],
    total: NDArray[np.float64],
    apart: NDArray[np.bool_],
    size: NDArray[np.float64],
    shift: float,
) -> None:
    """Draw the group of one unit given those of all others: a neighbour's, or one of its own."""
    n = len(state)
    choices, weights, seen = np.empty(n + 1, np.int64), np.empty(n + 1), np.zeros(n, np.bool_)
    k = 0
    for other in range(n):
        if other != unit and near[unit, other] and not seen[state[other]]:
            seen[state[other]] = True
            without = _members(state, state[other], unit)
            base = group_weight(without, total, apart, size)
            choices[k] = state[other]
            weights[k] = group_weight(np.append(without, unit), total, apart, size) - base + shift
            k += 1
    own = state[unit]
    if len(_members(state, own, unit)):
        own = _free_label(state)
        if not seen[state[unit]]:
            # Its present group has no neighbour of it, but it must be able to stay.
            without = _members(state, state[unit], unit)
            base = group_weight(without, total, apart, size)
            choices[k] = state[unit]
            weights[k] = group_weight(np.append(without, unit), total, apart, size) - base + shift
            k += 1
    choices[k], weights[k] = own, 0.0
    k += 1
    top = weights[:k].max()
    shares = np.exp(weights[:k] - top)
    aim = np.random.random() * shares.sum()
    for place in range(k):
        aim -= shares[place]
        if aim < 0 or place == k - 1:
            state[unit] = choices[place]
            return


@compiled
def _join_or_part(
    one: int,
    other: int,
    state: NDArray[np.int64],
    total: NDArray[np.float64],
    apart: NDArray[np.bool_],
    size: NDArray[np.float64],
    shift: float,
) -> None:
    """Propose to take back the last step of the group of two units, or to make it: the two proposals are as likely."""
    left, right = state[one], state[other]
    if left == right:
        group = _members(state, left, -1)
        _, step, _, before = join_units(group, total, size, -np.inf)
        side = np.empty(len(state), np.int64)
        for place in range(len(group)):
            side[group[place]] = before[place]
        if side[one] == side[other] or np.log(np.random.random()) >= -step - shift:
            return
        label = _free_label(state)
        for unit in group:
            if side[unit] == side[other]:
                state[unit] = label
        return
    group = np.append(_members(state, left, -1), _members(state, right, -1))
    group.sort()
    if is_barred(group, apart):
        return
    _, step, _, before = join_units(group, total, size, -np.inf)
    for a in range(len(group)):
        for b in range(a):
            if (before[a] == before[b]) != (state[group[a]] == state[group[b]]):
                return
    if np.log(np.random.random()) < step + shift:
        for unit in group:
            state[unit] = left


@compiled
def _draw_by_chain(
    start: NDArray[np.int64],
    near: NDArray[np.bool_],
    total: NDArray[np.float64],
    apart: NDArray[np.bool_],
    size: NDArray[np.float64],
    shifts: NDArray[np.float64],
    sweeps: tuple[int, int],
    seed: int,
    labels: NDArray[np.int16],
) -> None:
    """Draw partitions by Gibbs moves of single units, and moves that part and join groups.

    `sweeps` is the number before the first draw and between two; `labels` is `(u, d) int16`, written.
    """
    np.random.seed(seed)
    n = len(start)
    state = start.copy()
    pairs = np.argwhere(near)
    for sweep in range(sweeps[0] + labels.shape[1] * sweeps[1]):
        shift = shifts[max(sweep - sweeps[0], 0) // sweeps[1]]
        for unit in range(n):
            _move(unit, state, near, total, apart, size, shift)
        for _ in range(n):
            one, other = pairs[np.random.randint(0, len(pairs))]
            _join_or_part(one, other, state, total, apart, size, shift)
        draw, over = divmod(sweep - sweeps[0] + 1 - sweeps[1], sweeps[1])
        if draw >= 0 and over == 0:
            for unit in range(n):
                for first in range(n):
                    if state[first] == state[unit]:
                        labels[unit, draw] = first
                        break


@compiled
def draw_each(
    parts: Components,
    shifts: NDArray[np.float64],
    uniform: NDArray[np.float64],
    seeds: NDArray[np.int64],
    floor: float,
    exact: int,
    sweeps: tuple[int, int],
    labels: NDArray[np.int16],
) -> None:
    """Draw partitions of each component.

    Args:
        parts: The components.
        shifts: `(d,) float64`, what is added to the mean log odds of every step in each draw.
        uniform: `(u, d) float64`, uniform in [0, 1): for each unit and draw one number.
        seeds: `(c,) int64`, for chains.
        floor: Units with mean log odds of at least this are near each other.
        exact: Most units of a component that is drawn exactly.
        sweeps: Those of a chain before the first draw, and between two.
        labels: `(u, d) int16`, written: for each draw the first unit of each one's group, by its position within the
            component.
    """
    for part in range(len(parts.units) - 1):
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
            _draw_by_chain(parts.start[first:end], near, total, apart, size, shifts, sweeps, seeds[part], drawn)
