"""Draws of partitions against brute force over all partitions, and a chain against exact draws."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from linkage.linking import draws as module
from linkage.linking.compiled.groups import group_weight, room_for
from linkage.linking.draws import LINKED, Draws, draw_partitions

N_DRAWS = 20_000


@pytest.fixture(autouse=True)
def _no_shift(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SHIFT", (0.0, 0.0))


Partition = frozenset[frozenset[int]]


def _partitions(units: Sequence[int]) -> Iterator[list[list[int]]]:
    if not units:
        yield []
        return
    first, *rest = units
    for found in _partitions(rest):
        yield [[first], *found]
        for place in range(len(found)):
            yield [*found[:place], [first, *found[place]], *found[place + 1 :]]


def _slow_weight(group: Sequence[int], total: NDArray[np.float64]) -> float:
    """Add up the mean log odds of the steps of average linkage, the best first."""
    parts, weight = [[unit] for unit in group], 0.0
    while len(parts) > 1:
        means = {
            (i, j): np.mean([total[a, b] for a in parts[i] for b in parts[j]])
            for i, j in combinations(range(len(parts)), 2)
        }
        (i, j), best = max(means.items(), key=lambda one: one[1])
        weight += float(best)
        parts[i] += parts.pop(j)
    return weight


def _shares(total: NDArray[np.float64], barred: Sequence[tuple[int, int]] = ()) -> dict[Partition, float]:
    weights: dict[Partition, float] = {}
    for found in _partitions(range(len(total))):
        if any(a in group and b in group for group in found for a, b in barred):
            continue
        key = frozenset(frozenset(group) for group in found)
        weights[key] = float(np.exp(sum(_slow_weight(sorted(group), total) for group in found)))
    return {key: weight / sum(weights.values()) for key, weight in weights.items()}


def _world(n: int, seed: int) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    rng = np.random.default_rng(seed)
    ends = np.array(list(combinations(range(n), 2)), np.int64)
    log_odds = rng.normal(0, 2, len(ends))
    total = np.zeros((n, n))
    total[ends[:, 0], ends[:, 1]] = total[ends[:, 1], ends[:, 0]] = log_odds
    return ends, log_odds, total


def _drawn(
    ends: NDArray[np.int64], log_odds: NDArray[np.float64], n: int, *, bars: Sequence[tuple[int, int]] = ()
) -> Draws:
    """Draw with a run that has linked nobody, so that no pair is raised."""
    return draw_partitions(
        ends,
        log_odds,
        group=np.arange(n),
        meeting=np.ones(n),
        rank=np.arange(n),
        bars=np.array(bars, np.int64).reshape(-1, 2),
        draws=N_DRAWS,
    )


def _found(drawn: Draws) -> dict[Partition, float]:
    counts = Counter(
        frozenset(frozenset(np.flatnonzero(column == label).tolist()) for label in set(column.tolist()))
        for column in drawn.labels.T
    )
    return {key: count / N_DRAWS for key, count in counts.items()}


def _distance(one: dict[Partition, float], other: dict[Partition, float]) -> float:
    return sum(abs(one.get(key, 0.0) - other.get(key, 0.0)) for key in one.keys() | other.keys()) / 2


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_weight_of_a_group_is_that_of_its_steps(seed: int) -> None:
    _, _, total = _world(6, seed)
    members = np.arange(6)
    apart = np.zeros((6, 6), np.bool_)
    assert group_weight(members, total, apart, np.ones(6), room_for(6)) == pytest.approx(_slow_weight(range(6), total))


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_exact_draws_are_as_frequent_as_brute_force_says(seed: int) -> None:
    ends, log_odds, total = _world(4, seed)
    assert _distance(_found(_drawn(ends, log_odds, 4)), _shares(total)) < 0.02


def test_barred_records_are_together_in_no_draw() -> None:
    ends, log_odds, total = _world(4, 5)
    found = _found(_drawn(ends, log_odds + 1.5, 4, bars=[(0, 2)]))
    raised = total + 1.5 * (1 - np.eye(4))
    assert not any({0, 2} <= group for partition in found for group in partition)
    assert _distance(found, _shares(raised, [(0, 2)])) < 0.02


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_chain_draws_what_exact_draws_do(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    ends, log_odds, total = _world(5, seed)
    monkeypatch.setattr(module, "EXACT", 1)
    monkeypatch.setattr(module, "SWEEPS", (50, 3))
    assert _distance(_found(_drawn(ends, log_odds, 5)), _shares(total)) < 0.04


def test_a_chain_keeps_barred_records_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    ends, log_odds, _ = _world(5, 6)
    monkeypatch.setattr(module, "EXACT", 1)
    found = _found(_drawn(ends, log_odds + 2, 5, bars=[(1, 3)]))
    assert not any({1, 3} <= group for partition in found for group in partition)


def test_a_pair_that_is_no_candidate_counts_against_one_person() -> None:
    ends, log_odds = np.array([[0, 1], [1, 2]]), np.array([1.0, 1.0])
    total = np.array([[0.0, 1.0, -1.0], [1.0, 0.0, 1.0], [-1.0, 1.0, 0.0]])
    assert _distance(_found(_drawn(ends, log_odds, 3)), _shares(total)) < 0.02


def test_sure_links_and_hopeless_pairs_do_not_vary() -> None:
    ends, log_odds = np.array([[0, 1], [1, 2], [3, 4]]), np.array([9.0, -12.0, 0.0])
    drawn = draw_partitions(
        ends,
        log_odds,
        group=np.array([0, 0, 2, 3, 4]),
        meeting=np.ones(5),
        rank=np.arange(5),
        bars=np.zeros((0, 2), np.int64),
    )
    assert drawn.record.tolist() == [3, 4]
    assert drawn.component.tolist() == [0, 0]
    assert 0.3 < (drawn.labels[0] == drawn.labels[1]).mean() < 0.7


def test_a_link_is_taken_back_as_often_as_its_log_odds_say() -> None:
    drawn = draw_partitions(
        np.array([[0, 1]]),
        np.array([1.0]),
        group=np.array([0, 0]),
        meeting=np.ones(2),
        rank=np.arange(2),
        bars=np.zeros((0, 2), np.int64),
        draws=N_DRAWS,
    )
    linked = 1 / (1 + np.exp(-1.0 - LINKED))
    assert (drawn.labels[0] == drawn.labels[1]).mean() == pytest.approx(linked, abs=0.02)


def test_a_shift_is_added_to_every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    ends, log_odds, total = _world(4, 8)
    monkeypatch.setattr(module, "SHIFT", (1.5, 0.0))
    raised = total + 1.5 * (1 - np.eye(4))
    assert _distance(_found(_drawn(ends, log_odds, 4)), _shares(raised)) < 0.02
    monkeypatch.setattr(module, "EXACT", 1)
    assert _distance(_found(_drawn(ends, log_odds, 4)), _shares(raised)) < 0.04


def test_shifts_make_links_fall_together(monkeypatch: pytest.MonkeyPatch) -> None:
    ends = np.arange(400).reshape(-1, 2)

    def spread(sd: float) -> float:
        monkeypatch.setattr(module, "SHIFT", (0.0, sd))
        found = _drawn(ends, np.zeros(200), 400)
        return float((found.labels[::2] == found.labels[1::2]).sum(axis=0).std())

    assert spread(1.0) > 3 * spread(0.0)


def test_the_order_of_records_and_pairs_makes_no_difference() -> None:
    rng = np.random.default_rng(7)
    n = 40
    ends = np.unique(np.sort(rng.integers(0, n, (60, 2)), axis=1), axis=0)
    ends = ends[ends[:, 0] != ends[:, 1]]
    log_odds, meeting, group = rng.normal(0, 3, len(ends)), rng.uniform(0.5, 2, n), np.arange(n)
    bars = ends[:3]

    def drawn(order: NDArray[np.int64], pairs: NDArray[np.int64]) -> NDArray[np.bool_]:
        place = np.argsort(order)
        found = draw_partitions(
            place[ends[pairs]],
            log_odds[pairs],
            group=group[order],
            meeting=meeting[order],
            rank=order,
            bars=place[bars],
        )
        labels = np.full((n, found.labels.shape[1]), -1)
        labels[order[found.record]] = found.labels + 1000 * found.component[:, None]
        return np.asarray(labels[:, None] == labels[None, :])

    straight = drawn(np.arange(n), np.arange(len(ends)))
    assert straight.any()
    assert (straight == drawn(rng.permutation(n), rng.permutation(len(ends)))).all()


def test_without_pairs_nothing_varies() -> None:
    drawn = draw_partitions(
        np.zeros((0, 2), np.int64),
        np.zeros(0),
        group=np.arange(3),
        meeting=np.ones(3),
        rank=np.arange(3),
        bars=np.zeros((0, 2), np.int64),
    )
    assert drawn.labels.shape == (0, module.DRAWS)


def test_the_number_of_threads_makes_no_difference() -> None:
    rng = np.random.default_rng(8)
    n = 300
    # Some components are large enough for a chain.
    ends = np.unique(np.sort(rng.integers(0, n, (330, 2)), axis=1), axis=0)
    ends = ends[ends[:, 0] != ends[:, 1]]
    log_odds = rng.normal(-1, 3, len(ends))

    def drawn(threads: int) -> Draws:
        return draw_partitions(
            ends,
            log_odds,
            group=np.arange(n),
            meeting=np.ones(n),
            rank=np.arange(n),
            bars=ends[:3],
            threads=threads,
        )

    one = drawn(1)
    assert np.bincount(one.component).max() > module.EXACT
    for threads in (2, 5):
        other = drawn(threads)
        assert (other.labels == one.labels).all()
        assert (other.record == one.record).all()
