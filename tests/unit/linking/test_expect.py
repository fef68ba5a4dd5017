"""What a run expects of its own links."""

from __future__ import annotations

from itertools import combinations, pairwise, permutations

import numpy as np
import pytest

from linkage.linking.expect import (
    LIKENESS_POWER,
    MAX_MEMBERS,
    MIN_METS,
    Chains,
    chains,
    expect,
    never_met,
    repeated_kind,
    times_met,
)
from pseudonym.profile import MinHash, load_profile
from tests.unit.linking.twins import batch_of

ENCODING = load_profile("case-registry").encoding
BANDS = ENCODING.match_keys[repeated_kind(ENCODING)]


def of(edges, group, rank=None):
    """Find the chains of edges (left, right, probability)."""
    left, right, probability = (np.array(column) for column in zip(*edges, strict=True))
    rank = np.arange(len(group)) if rank is None else np.asarray(rank)
    return chains(left, right, probability, group=np.asarray(group), rank=rank)


def slow_chains(edges, group):
    """Twin of `chains`: try every way through every subset of the group."""
    weight = {frozenset(edge[:2]): edge[2] for edge in edges}

    def best(one, other):
        between = [record for record in range(len(group)) if group[record] == group[one]]
        between = [record for record in between if record not in (one, other)]
        ways = [(one, *middle, other) for n in range(len(between) + 1) for middle in permutations(between, n)]
        steps = [[weight.get(frozenset(step), 0.0) for step in pairwise(way)] for way in ways]
        return max(np.prod(way) for way in steps)

    together = [pair for pair in combinations(range(len(group)), 2) if group[pair[0]] == group[pair[1]]]
    others = sum(best(*pair) for pair in together if frozenset(pair) not in weight)
    return [best(*edge[:2]) for edge in edges], others


def some_edges(seed):
    rng = np.random.default_rng(seed)
    group = [7, 3, 3, 7, 3, 5, 3, 7, 3]
    pairs = [pair for pair in combinations(range(len(group)), 2) if group[pair[0]] == group[pair[1]]]
    kept = [pairs[place] for place in sorted(rng.choice(len(pairs), 8, replace=False))]
    return [(*pair, float(rng.random())) for pair in kept], group


@pytest.mark.parametrize("seed", range(20))
def test_chains_are_those_of_the_slow_twin(seed):
    edges, group = some_edges(seed)
    found = of(edges, group)
    probability, others = slow_chains(edges, group)
    assert found.probability == pytest.approx(probability)
    assert found.others == pytest.approx(others)


def test_a_weak_pair_is_as_sure_as_what_a_third_record_says_of_it():
    found = of([(0, 1, 0.99), (1, 2, 0.9), (0, 2, 0.02)], [0, 0, 0])
    assert found.probability == pytest.approx([0.99, 0.9, 0.891])
    assert found.others == pytest.approx(0)


def test_two_records_that_never_met_are_one_person_through_a_third():
    found = of([(0, 1, 0.99), (1, 2, 0.9)], [0, 0, 0])
    assert found.others == pytest.approx(0.891)


def test_chains_do_not_depend_on_any_order():
    edges, group = some_edges(3)
    first = of(edges, group)
    order = np.random.default_rng(5).permutation(len(group))
    place = np.argsort(order)
    moved = [(place[b], place[a], p) for a, b, p in reversed(edges)]
    again = of(moved, np.asarray(group)[order], order)
    assert again.probability[::-1].tolist() == first.probability.tolist()
    assert again.others == first.others


def test_in_a_crowd_each_pair_stands_for_itself():
    n = MAX_MEMBERS + 1
    edges = [(0, record, 0.9) for record in range(1, n)] + [(1, 2, 0.1)]
    crowd = of(edges, [0] * n)
    assert (crowd.probability[-1], crowd.others) == (0.1, 0.0)
    fewer = of([edge for edge in edges if edge[1] < n - 1], [0] * (n - 1))
    assert fewer.probability[-1] == pytest.approx(0.81)


def test_no_records_have_no_chains():
    nothing = np.zeros(0, np.int64)
    found = chains(nothing, nothing, np.zeros(0), group=nothing, rank=nothing)
    assert (len(found.probability), found.others) == (0, 0.0)


def test_mets_are_distinct_match_keys_of_one_kind():
    content = bytes(8)
    keys = [(1, 2, 0, 5), (1, 2, 3, 5), (1, 2, 3, 5), (1, 2, 3, 6), (1, 3, 0, 6), (2, 3, 3, 6)]
    batch = batch_of([(*key, content, content) for key in keys], 8)
    assert times_met(batch, 3).tolist() == [2, 0, 1]
    assert times_met(batch, None).tolist() == [0, 0, 0]


def draw_mets(rows, *, power, n=40_000, bands=100, seed=1):
    """Count the mets of true pairs whose likeness has a density that goes with a power of it."""
    rng = np.random.default_rng(seed)
    likeness = rng.random(n) ** (1 / (power + 1))
    return np.bincount(rng.binomial(bands, likeness**rows), minlength=bands + 1).astype(float)


@pytest.mark.parametrize("rows", [5, 6, 8])
def test_those_never_met_are_found_again(rows):
    mets = draw_mets(rows, power=LIKENESS_POWER)
    assert never_met(mets, rows) == pytest.approx(mets[0], rel=0.1)
    chao = mets[1] ** 2 / (2 * mets[2])
    assert chao < mets[0] * 0.75, "equal chances for all pairs would find too few"


def test_another_likeness_gives_another_number():
    mets = draw_mets(6, power=LIKENESS_POWER + 3)
    assert never_met(mets, 6) > mets[0] * 1.2


def test_of_few_nothing_is_concluded():
    enough = np.array([0, 0.5, 0.3, 0.15, 0.05, 0]) * MIN_METS
    assert never_met(enough, 6) is not None
    assert never_met(enough * 0.99, 6) is None
    assert never_met(np.array([0, 1, 0, 0, 0, 0]) * MIN_METS, 6) is None, "nothing but one met has no shape"


def expectation(probability, links, mets, *, found=None, encoding=ENCODING):
    probability, links = np.array(probability, float), np.array(links, bool)
    found = Chains(probability[links], 0.0) if found is None else found
    return expect(probability, links, found=found, mets=np.array(mets, np.int32), encoding=encoding)


def test_what_links_gain_the_others_lose():
    probability, links = [0.9, 0.6, 0.4, 0.1], [True, True, False, False]
    alone = expectation(probability, links, [9] * 4)
    assert alone.precision == pytest.approx(0.75)
    assert alone.recall == pytest.approx(1.5 / 2)
    chained = expectation(probability, links, [9] * 4, found=Chains(np.array([0.9, 0.9]), 0.0))
    assert chained.precision == pytest.approx(0.9)
    assert chained.recall == pytest.approx(1.8 / 2), "of 2 expected matches, not of 2.3"
    more = expectation(probability, links, [9] * 4, found=Chains(np.array([1.0, 1.0]), 0.5))
    assert more.recall == pytest.approx(2 / 2.5)
    assert all(each.recall_is_bound for each in (alone, chained, more))


def test_matches_that_never_met_lower_the_recall():
    mets = draw_mets(BANDS.rows, power=LIKENESS_POWER, n=2_000)
    times = np.repeat(np.arange(len(mets)), mets.astype(int))
    seen = times[times > 0]
    found = expectation(np.ones(len(seen)), np.ones(len(seen), bool), seen)
    assert not found.recall_is_bound
    assert found.recall == pytest.approx(len(seen) / 2_000, abs=0.02)
    # Those met by other keys alone are candidates, and known.
    all_seen = expectation(np.ones(2_000), np.ones(2_000, bool), times)
    assert all_seen.recall == pytest.approx(1, abs=0.02)


def test_without_bands_recall_is_a_bound():
    bare = ENCODING.model_copy(update={"match_keys": ENCODING.match_keys[:1]})
    assert not isinstance(bare.match_keys[0], MinHash)
    found = expectation([1.0] * 1_000, [True] * 1_000, [1, 2] * 500, encoding=bare)
    assert (found.recall, found.recall_is_bound) == (1.0, True)


def test_without_links_nothing_is_expected():
    found = expectation([0.1], [False], [1])
    assert (found.precision, found.recall) == (None, None)
