"""A Markov chain over the partitions of a component, compiled.

It moves single units (Gibbs), and takes back or makes the last step of whole groups (Metropolis). Most of its work is
to weigh groups, which come back again and again; so what they weigh is remembered under a mark of the group.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from linkage.linking.compiled.groups import Room, is_barred, join_units, room_for
from linkage.linking.compiled.jit import compiled

__all__ = ["Units", "draw_by_chain", "unit_marks"]

_SLOTS: Final = 1 << 12
"""Groups whose weights a chain remembers, a power of two; it looks at the same ones again and again."""

_LAST: Final = np.uint64(_SLOTS - 1)


@compiled
def unit_marks(n: int) -> NDArray[np.uint64]:
    """Return a mark for each unit; that of a set is the XOR of its units' [Zobrist1970], and no two are alike."""
    marks = np.empty(n, np.uint64)
    state = np.uint64(0)
    for unit in range(n):
        state += np.uint64(0x9E3779B97F4A7C15)
        mixed = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        marks[unit] = mixed ^ (mixed >> np.uint64(31))
    return marks


class _Groups(NamedTuple):
    """What groups weigh that a chain has looked at; a later group may take the slot of an earlier one.

    Attributes:
        mark: `(s,) uint64`, the mark of the group in each slot; 0 if there is none.
        weight: `(s,) float64`, see `linkage.linking.compiled.groups.group_weight`.
        step: `(s,) float64`, the mean log odds of its last step, also if it is barred.
        side: `(s, u) bool`, the side of each of its units before that step; the first unit's is False.
        members: `(u,) int64`, overwritten by what weighs a group.
        room: Likewise.
    """

    mark: NDArray[np.uint64]
    weight: NDArray[np.float64]
    step: NDArray[np.float64]
    side: NDArray[np.bool_]
    members: NDArray[np.int64]
    room: Room


class _State(NamedTuple):
    """A partition: the `label` of each unit, and by label the `mark` of its group and the number `n` of its units."""

    label: NDArray[np.int64]
    mark: NDArray[np.uint64]
    n: NDArray[np.int64]


class Units(NamedTuple):
    """What is known of the units of a component.

    `mark` `(u,)` is from `unit_marks`, `near` `(u, u) bool` are the pairs that a draw may join, without those that are
    barred; `total`, `apart` and `size` are as for `linkage.linking.compiled.groups.group_weight`.
    """

    mark: NDArray[np.uint64]
    near: NDArray[np.bool_]
    total: NDArray[np.float64]
    apart: NDArray[np.bool_]
    size: NDArray[np.float64]


@compiled
def _weigh(
    slot: int, mark: np.uint64, label: int, other: int, unit: int, state: _State, units: Units, groups: _Groups
) -> None:
    """Weigh the group that two labels and a unit have together, and put it into a slot.

    Args:
        slot: The slot.
        mark: The mark of the group.
        label: A label.
        other: Another; the same if there is none.
        unit: A unit; -1 if there is none.
        state: The partition.
        units: The units.
        groups: What is known of groups, written.
    """
    members, room, k = groups.members, groups.room, 0
    for one in range(len(state.label)):
        if state.label[one] == label or state.label[one] == other or one == unit:
            members[k] = one
            k += 1
    weight, step = join_units(members[:k], units.total, units.size, -np.inf, room)
    groups.mark[slot] = mark
    groups.weight[slot] = -np.inf if is_barred(members[:k], units.apart) else weight
    groups.step[slot] = step
    for place in range(k):
        groups.side[slot, members[place]] = room.before[place] != room.before[0]


@compiled
def _free_label(state: _State) -> int:
    for label in range(len(state.n)):
        if state.n[label] == 0:
            return label
    return -1


@compiled
def _put(unit: int, label: int, state: _State, units: Units) -> None:
    """Take a unit from its group into another one, which may be empty."""
    before = state.label[unit]
    state.mark[before] ^= units.mark[unit]
    state.n[before] -= 1
    state.mark[label] ^= units.mark[unit]
    state.n[label] += 1
    state.label[unit] = label


@compiled
def _with_choice(label: int, k: int, choices: NDArray[np.int64]) -> int:
    """Write a label after the `k` first choices if it is not among them, and return how many there are."""
    for place in range(k):
        if choices[place] == label:
            return k
    choices[k] = label
    return k + 1


@compiled
def _move(
    unit: int,
    state: _State,
    units: Units,
    groups: _Groups,
    choices: NDArray[np.int64],
    weights: NDArray[np.float64],
    shift: float,
) -> None:
    """Draw the group of one unit given those of all others: a neighbour's, or one of its own.

    `choices` and `weights` are `(u + 1,)`, and overwritten.
    """
    own, home = state.label[unit], state.label[unit]
    if state.n[home] > 1:
        own = _free_label(state)
        _put(unit, own, state, units)
    k = 0
    for other in range(len(state.label)):
        if other != unit and units.near[unit, other]:
            k = _with_choice(state.label[other], k, choices)
    if own != home:
        # It must be able to stay where no neighbour of it is.
        k = _with_choice(home, k, choices)
    known, own_mark = groups.mark, units.mark[unit]
    for place in range(k):
        label = choices[place]
        mark = state.mark[label]
        slot = int(mark & _LAST)
        if known[slot] != mark:
            _weigh(slot, mark, label, label, -1, state, units, groups)
        base = groups.weight[slot]
        mark ^= own_mark
        slot = int(mark & _LAST)
        if known[slot] != mark:
            _weigh(slot, mark, label, label, unit, state, units, groups)
        weights[place] = groups.weight[slot] - base + shift
    choices[k], weights[k] = own, 0.0
    k += 1
    top = weights[:k].max()
    total = 0.0
    for place in range(k):
        weights[place] = np.exp(weights[place] - top)
        total += weights[place]
    aim = np.random.random() * total
    for place in range(k):
        aim -= weights[place]
        if aim < 0 or place == k - 1:
            _put(unit, choices[place], state, units)
            return


@compiled
def _join_or_part(one: int, other: int, state: _State, units: Units, groups: _Groups, shift: float) -> None:
    """Propose to take back the last step of the group of two units, or to make it: the two proposals are as likely."""
    left, right = state.label[one], state.label[other]
    mark = state.mark[left] if left == right else state.mark[left] ^ state.mark[right]
    slot = int(mark & _LAST)
    if groups.mark[slot] != mark:
        _weigh(slot, mark, left, right, -1, state, units, groups)
    side, step = groups.side[slot], groups.step[slot] + shift
    if left == right:
        if side[one] == side[other] or np.log(np.random.random()) >= -step:
            return
        label, goes = _free_label(state), side[other]
        for unit in range(len(state.label)):
            if state.label[unit] == left and side[unit] == goes:
                _put(unit, label, state, units)
        return
    if groups.weight[slot] == -np.inf:
        return
    for unit in range(len(state.label)):
        # The step must be the one that joins just these two groups.
        if state.label[unit] == left and side[unit] != side[one]:
            return
        if state.label[unit] == right and side[unit] == side[one]:
            return
    if np.log(np.random.random()) < step:
        for unit in range(len(state.label)):
            if state.label[unit] == right:
                _put(unit, left, state, units)


@compiled
def draw_by_chain(
    start: NDArray[np.int64],
    units: Units,
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
    state = _State(np.arange(n), units.mark.copy(), np.ones(n, np.int64))
    for unit in range(n):
        if start[unit] != unit:
            _put(unit, start[unit], state, units)
    groups = _Groups(
        np.zeros(_SLOTS, np.uint64),
        np.empty(_SLOTS),
        np.empty(_SLOTS),
        np.empty((_SLOTS, n), np.bool_),
        np.empty(n, np.int64),
        room_for(n),
    )
    choices, weights = np.empty(n + 1, np.int64), np.empty(n + 1)
    pairs = np.argwhere(units.near)
    for sweep in range(sweeps[0] + labels.shape[1] * sweeps[1]):
        shift = shifts[max(sweep - sweeps[0], 0) // sweeps[1]]
        for unit in range(n):
            _move(unit, state, units, groups, choices, weights, shift)
        for _ in range(n):
            one, other = pairs[np.random.randint(0, len(pairs))]
            _join_or_part(one, other, state, units, groups, shift)
        draw, over = divmod(sweep - sweeps[0] + 1 - sweeps[1], sweeps[1])
        if draw >= 0 and over == 0:
            for unit in range(n):
                for first in range(n):
                    if state.label[first] == state.label[unit]:
                        labels[unit, draw] = first
                        break
