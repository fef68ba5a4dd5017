"""Draws of partitions of few units, compiled: exact where every subset can be listed, else by a Markov chain.

The weight of a group of units is the sum of the mean log odds of the average-linkage steps that join it, so taking back
its last step changes the weight of a partition by just what that step weighed. A partition weighs the sum of its
groups, and is drawn with a probability proportional to the exponential of that.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from linkage.linking.compiled.jit import compiled

__all__ = ["Components", "draw_each", "group_weight", "sure_parts"]


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
def _join(
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
def _barred(members: NDArray[np.int64], apart: NDArray[np.bool_]) -> bool:
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
    if _barred(members, apart):
        return -np.inf
    return _join(members, total, size, -np.inf)[0]


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
        part[first : first + k] = _join(np.arange(k), total, np.ones(k), least)[2] + first


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
        for label in range(n):
            if not (state == label).any():
                own = label
                break
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
        _, step, _, before = _join(group, total, size, -np.inf)
        side = np.empty(len(state), np.int64)
        for place in range(len(group)):
            side[group[place]] = before[place]
        if side[one] == side[other] or np.log(np.random.random()) >= -step - shift:
            return
        for label in range(len(state)):
            if not (state == label).any():
                for unit in group:
                    if side[unit] == side[other]:
                        state[unit] = label
                return
        return
    group = np.append(_members(state, left, -1), _members(state, right, -1))
    group.sort()
    if _barred(group, apart):
        return
    _, step, _, before = _join(group, total, size, -np.inf)
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
