"""What the attacks compute in one pass over large matrices is what a few lines of numpy compute step by step."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from benchmarks.attacks.evidence.candidate_pairs import _summed
from benchmarks.attacks.evidence.placing import _either_way, _free
from benchmarks.attacks.evidence.scoring import FLOOR
from benchmarks.attacks.on_codes.graph import _Cost, _distance
from benchmarks.attacks.on_codes.known import COLOUR, MISMATCH, _Evidence, _keys


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(6)


def _ones(rng: np.random.Generator, shape: tuple[int, int], share: float) -> sparse.csr_matrix:
    return sparse.csr_matrix((rng.random(shape) < share).astype(np.float32))


@pytest.mark.parametrize("bands", [True, False])
def test_shared_keys_are_scored_as_by_whole_matrices(rng: np.random.Generator, bands: bool) -> None:
    n, n_candidates, n_landmarks = 30, 67, 9
    seen, expected = _ones(rng, (n, 14), 0.2), _ones(rng, (n_candidates, 14), 0.2)
    rates = rng.random((n_candidates, n_landmarks), np.float32) * bands
    shared = sparse.csr_matrix(rng.integers(0, 4, (n, n_landmarks)).astype(np.float32))
    colours = tuple(rng.integers(0, 5, size).astype(np.uint64) for size in (n, n_candidates))
    evidence = _Evidence(seen, expected, shared, rates, (colours[0], colours[1]), None, None)
    rows = rng.permutation(n)[:20]
    both = (seen[rows] @ expected.T).toarray()
    lacking = np.asarray(seen[rows].sum(axis=1)) + np.asarray(expected.sum(axis=1)).T
    slow = np.asarray(-MISMATCH * (lacking - 2 * both), np.float32)
    if bands:
        slow += shared[rows] @ np.log(rates + np.float32(FLOOR)).T - rates.sum(axis=1)
    slow += COLOUR * (colours[0][rows][:, None] == colours[1][None])
    assert np.array_equal(_keys(evidence, rows), slow)


def test_the_nearest_are_those_of_the_whole_matrix(rng: np.random.Generator) -> None:
    one, other = rng.random((40, 3), np.float32), rng.random((55, 3), np.float32)
    one[7] = one[3]
    other[9] = other[2]
    cost = _distance(one, other)
    squares = (one * one).sum(axis=1)[:, None] + (other * other).sum(axis=1)[None]
    slow = squares - 2 * one @ other.T
    assert np.array_equal(cost.all(), slow)
    to, back = slow.argmin(axis=1), slow.argmin(axis=0)
    row = np.flatnonzero(back[to] == np.arange(len(to)))
    found = cost.mutual()
    assert [part.tolist() for part in found] == [row.tolist(), to[row].tolist(), slow[row, to[row]].tolist()]
    least = np.partition(slow, 1, axis=1)[:, :2]
    claims = cost.claims()
    assert np.array_equal(claims.candidate, to)
    assert np.array_equal(claims.confidence, (least[:, 1] - least[:, 0]).astype(float))
    assert np.array_equal(_Cost.of(slow).all(), slow)


def test_factors_are_added_up_in_their_order(rng: np.random.Generator) -> None:
    table = rng.normal(size=12).astype(np.float32)
    classes = np.stack([rng.integers(0, 5, 50), rng.integers(5, 9, 50), rng.integers(9, 12, 50)], axis=1)
    slow = table[classes[:, 0]]
    slow += table[classes[:, 1]]
    slow += table[classes[:, 2]]
    assert np.array_equal(_summed(table, classes.astype(np.int32)), slow)


def test_pairs_are_scored_either_way_round(rng: np.random.Generator) -> None:
    n_candidates = 8
    one, other = np.triu_indices(n_candidates, 1)
    likely, none = (rng.normal(size=len(one)).astype(np.float32) for _ in range(2))
    taken = np.zeros(n_candidates + 1, bool)
    taken[[2, 5]] = True
    first, second = rng.normal(size=(2, n_candidates))
    score = likely - 2.0 * none
    score[taken[one] | taken[other]] = -np.inf
    slow = np.concatenate([score + first[one] + second[other], score + first[other] + second[one]])
    assert np.array_equal(_either_way(likely, none, one, other, taken, first, second), slow)


def test_a_candidate_is_free_who_has_no_record(rng: np.random.Generator) -> None:
    states = rng.integers(-1, 9, (12, 3))
    row, new = rng.integers(0, 12, 200), rng.integers(0, 9, 200)
    taken = np.zeros(10, bool)
    taken[4] = True
    slow = ~taken[new] & ~(states[row] == new[:, None]).any(axis=1)
    assert np.array_equal(_free(states, row, new, taken), slow)
