"""Joining units by average linkage against a plain twin, in which every step looks at all pairs."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from linkage.linking.compiled.groups import group_weight, join_units, room_for


def slow_join(
    members: NDArray[np.int64], total: NDArray[np.float64], size: NDArray[np.float64], least: float
) -> tuple[float, float, list[int], list[int]]:
    """Join the first of the best pairs of parts again and again."""
    parts = {place: [place] for place in range(len(members))}
    sums = {(a, b): total[members[a], members[b]] for a in range(len(members)) for b in range(len(members)) if a != b}
    count = {place: size[unit] for place, unit in enumerate(members)}
    weight, last = 0.0, np.inf
    before = list(range(len(members)))
    while len(parts) > 1:
        pairs = [(a, b) for a in parts for b in parts if a < b]
        means = [sums[pair] / (count[pair[0]] * count[pair[1]]) for pair in pairs]
        best = max(means)
        if best < least:
            break
        into, away = pairs[means.index(best)]
        before = [min(name for name in parts if place in parts[name]) for place in range(len(members))]
        weight, last = weight + best, best
        for other in parts:
            if other not in (into, away):
                sums[into, other] += sums[away, other]
                sums[other, into] = sums[into, other]
        count[into] += count[away]
        parts[into] += parts.pop(away)
    after = [min(name for name in parts if place in parts[name]) for place in range(len(members))]
    return weight, last, after, before


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("least", [-np.inf, 0.5])
def test_units_are_joined_as_if_all_pairs_were_looked_at(seed: int, least: float) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 14))
    # Whole numbers of few values, so that many steps are as good as others.
    values = rng.integers(-3, 4, (n, n)).astype(float) if seed % 2 else rng.normal(0, 2, (n, n))
    total = values + values.T
    size = rng.integers(1, 4, n).astype(float)
    members = np.sort(rng.permutation(n)[: int(rng.integers(1, n + 1))])
    room = room_for(n)
    # What an earlier call has left there must make no difference.
    join_units(np.arange(n), total, size, -np.inf, room)
    weight, last = join_units(members, total, size, least, room)
    k = len(members)
    assert (weight, last, room.part[:k].tolist(), room.before[:k].tolist()) == slow_join(members, total, size, least)


def test_a_group_with_two_who_are_barred_has_no_weight() -> None:
    total, apart = np.full((3, 3), 2.0), np.zeros((3, 3), np.bool_)
    members, room = np.arange(3), room_for(3)
    assert group_weight(members, total, apart, np.ones(3), room) == 4.0
    apart[0, 2] = apart[2, 0] = True
    assert group_weight(members, total, apart, np.ones(3), room) == -np.inf
    assert group_weight(members[:2], total, apart, np.ones(3), room) == 2.0
