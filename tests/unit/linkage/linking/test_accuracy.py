"""What a run expects of its own links."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest

from linkage.linking.accuracy import (
    LIKENESS_POWER,
    MAX_MEMBERS,
    MIN_METS,
    Grouped,
    expect,
    grouped,
    never_met,
    repeated_kinds,
    times_met,
)
from linkage.linking.score import probabilities
from pseudonym.profile import MinHash, load_profile
from tests.unit.linkage.linking.twins import batch_of

ENCODING = load_profile("case-registry").encoding
KEYS = [ENCODING.match_keys[kind] for kind in repeated_kinds(ENCODING)]
ROWS = sum(key.bands * key.rows for key in KEYS) / sum(key.bands for key in KEYS)


def reaches(n):
    """Return each of n records another reach."""
    return np.linspace(0.8, 1.6, n)


def of(edges, group, rank=None, reach=None):
    """Weigh links (left, right, log odds) within their groups."""
    ends, log_odds = np.array([edge[:2] for edge in edges]), np.array([edge[2] for edge in edges])
    rank = np.arange(len(group)) if rank is None else np.asarray(rank)
    reach = reaches(len(group)) if reach is None else reach
    return grouped(ends, log_odds, group=np.asarray(group), rank=rank, reach=reach)


def slow_grouped(edges, group):
    """Twin of `grouped`: average link over lists of records, the mean taken anew for each two parts."""
    odds = {frozenset(edge[:2]): edge[2] for edge in edges}
    reach = reaches(len(group))
    step = {}
    for name in set(group):
        parts = [[record] for record in range(len(group)) if group[record] == name]
        while len(parts) > 1:

            def mean(pair):
                return np.mean([odds.get(frozenset(ends), -reach[list(ends)].prod()) for ends in product(*pair)])

            pair = max(combinations(parts, 2), key=mean)
            step |= {frozenset(ends): mean(pair) for ends in product(*pair)}
            parts = [part for part in parts if part not in pair] + [[*pair[0], *pair[1]]]
    links = [max(edge[2], step[frozenset(edge[:2])]) for edge in edges]
    return probabilities(np.array(links)), sum(probabilities(np.array([step[key] for key in step.keys() - odds])))


def some_edges(seed):
    rng = np.random.default_rng(seed)
    group = [7, 3, 3, 7, 3, 5, 3, 7, 3]
    pairs = [pair for pair in combinations(range(len(group)), 2) if group[pair[0]] == group[pair[1]]]
    kept = [pairs[place] for place in sorted(rng.choice(len(pairs), 8, replace=False))]
    return [(*pair, float(rng.normal(1, 3))) for pair in kept], group


@pytest.mark.parametrize("seed", range(20))
def test_groups_say_what_the_slow_twin_says(seed):
    edges, group = some_edges(seed)
    found = of(edges, group)
    probability, others = slow_grouped(edges, group)
    assert found.probability == pytest.approx(probability)
    assert found.others.sum() == pytest.approx(others)


def test_a_weak_pair_is_as_sure_as_the_step_that_joins_it():
    found = of([(0, 1, 9.0), (1, 2, 5.0), (0, 2, -1.0)], [0, 0, 0])
    assert found.probability == pytest.approx(probabilities(np.array([9.0, 5.0, 2.0])))
    assert found.others == pytest.approx(0)


def test_a_doubtful_step_leaves_all_its_pairs_in_doubt():
    sure = [(0, 1, 12.0), (2, 3, 12.0)]
    found = of([*sure, *((one, other, 0.5) for one in (0, 1) for other in (2, 3))], [0] * 4)
    assert found.probability[2:] == pytest.approx(probabilities(np.full(4, 0.5)))


def test_two_records_that_never_met_are_one_person_through_a_third():
    found = of([(0, 1, 9.0), (1, 2, 8.0)], [0, 0, 0])
    reach = reaches(3)
    assert found.others.tolist() == pytest.approx(probabilities(np.array([(8.0 - reach[0] * reach[2]) / 2])))


def test_what_groups_say_does_not_depend_on_any_order():
    edges, group = some_edges(3)
    first = of(edges, group)
    order = np.random.default_rng(5).permutation(len(group))
    place = np.argsort(order)
    moved = [(place[b], place[a], odds) for a, b, odds in reversed(edges)]
    again = of(moved, np.asarray(group)[order], order, reaches(len(group))[order])
    assert again.probability[::-1].tolist() == first.probability.tolist()
    assert again.others.tolist() == first.others.tolist()


def test_in_a_crowd_each_pair_stands_for_itself():
    def star(n):
        return of([(0, record, 9.0) for record in range(1, n)] + [(1, 2, -2.0)], [0] * n)

    crowd, fewer = star(MAX_MEMBERS + 1), star(MAX_MEMBERS)
    assert (crowd.probability[-1], crowd.others.tolist()) == (pytest.approx(probabilities(np.array([-2.0]))[0]), [0.0])
    assert fewer.others.tolist() > [0.0]


def test_no_records_are_in_no_groups():
    nothing = np.zeros(0, np.int64)
    found = grouped(np.zeros((0, 2), np.int64), np.zeros(0), group=nothing, rank=nothing, reach=np.zeros(0))
    assert (len(found.probability), len(found.others)) == (0, 0)


def test_mets_are_distinct_match_keys_of_pairs_that_share_no_others():
    content = bytes(8)
    keys = [(1, 2, 0, 5), (1, 2, 3, 5), (1, 2, 3, 5), (1, 2, 3, 6), (1, 3, 0, 6), (2, 3, 3, 6)]
    batch = batch_of([(*key, content, content) for key in keys], 8)
    assert times_met(batch, (3,)).tolist() == [0, 0, 1]
    assert times_met(batch, (0,)).tolist() == [0, 1, 0]
    assert times_met(batch, (0, 3)).tolist() == [3, 1, 1]
    assert times_met(batch, ()).tolist() == [0, 0, 0]


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
    found = Grouped(probability[links], np.zeros(2)) if found is None else found
    return expect(probability, links, found=found, mets=np.array(mets, np.int32), encoding=encoding)


def test_what_links_gain_the_others_lose():
    probability, links = [0.9, 0.6, 0.4, 0.1], [True, True, False, False]
    alone = expectation(probability, links, [9] * 4)
    assert alone.precision == pytest.approx(0.75)
    assert alone.recall == pytest.approx(1.5 / 2)
    surer = expectation(probability, links, [9] * 4, found=Grouped(np.array([0.9, 0.9]), np.zeros(2)))
    assert surer.precision == pytest.approx(0.9)
    assert surer.recall == pytest.approx(1.8 / 2), "of 2 expected matches, not of 2.3"
    more = expectation(probability, links, [9] * 4, found=Grouped(np.array([1.0, 1.0]), np.array([0.2, 0.3])))
    assert more.recall == pytest.approx(2 / 2.5)
    assert all(each.recall_is_bound for each in (alone, surer, more))


def test_matches_that_never_met_lower_the_recall():
    mets = draw_mets(ROWS, power=LIKENESS_POWER, n=2_000)
    times = np.repeat(np.arange(len(mets)), mets.astype(int))
    seen = times[times > 0]
    found = expectation(np.ones(len(seen)), np.ones(len(seen), bool), seen)
    assert not found.recall_is_bound
    assert found.recall == pytest.approx(len(seen) / 2_000, abs=0.02)
    # What another key brings together would not be missing without bands, and says nothing of what is.
    more = expectation(np.ones(9_000), np.ones(9_000, bool), [*seen, *np.zeros(9_000 - len(seen))])
    missing = 2_000 - len(seen)
    assert more.recall == pytest.approx(9_000 / (9_000 + missing), abs=0.005)


def test_without_bands_recall_is_a_bound():
    bare = ENCODING.model_copy(update={"match_keys": ENCODING.match_keys[:1]})
    assert not isinstance(bare.match_keys[0], MinHash)
    found = expectation([1.0] * 1_000, [True] * 1_000, [1, 2] * 500, encoding=bare)
    assert (found.recall, found.recall_is_bound) == (1.0, True)


def test_without_links_nothing_is_expected():
    found = expectation([0.1], [False], [1])
    assert (found.precision, found.recall) == (None, None)
