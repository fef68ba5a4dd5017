"""Expected accuracy of the links of a run."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest

from linkage.linking.accuracy import GroupEvidence, expected_accuracy, group_evidence
from linkage.linking.compiled.steps import MAX_MEMBERS
from linkage.linking.odds import probabilities
from linkage.linking.recapture import SIMILARITY_POWER
from pseudonym.profile import MinHash
from tests.unit.linkage.linking.twins import BAND_ROWS, ENCODING, draw_captures


def strengths_of(n):
    """Return a different meeting strength for each of n records."""
    return np.linspace(0.8, 1.6, n)


def of(edges, group, rank=None, meeting=None):
    """Weigh links (left, right, log odds) within their groups."""
    ends, log_odds = np.array([edge[:2] for edge in edges]), np.array([edge[2] for edge in edges])
    rank = np.arange(len(group)) if rank is None else np.asarray(rank)
    meeting = strengths_of(len(group)) if meeting is None else meeting
    return group_evidence(ends, log_odds, group=np.asarray(group), rank=rank, meeting=meeting)


def slow_evidence(edges, group):
    """Twin of `group_evidence`: average linkage over lists of records, recomputing each mean."""
    odds = {frozenset(edge[:2]): edge[2] for edge in edges}
    meeting = strengths_of(len(group))
    step = {}
    for name in set(group):
        parts = [[record] for record in range(len(group)) if group[record] == name]
        while len(parts) > 1:

            def mean(pair):
                return np.mean([odds.get(frozenset(ends), -meeting[list(ends)].prod()) for ends in product(*pair)])

            pair = max(combinations(parts, 2), key=mean)
            step |= {frozenset(ends): mean(pair) for ends in product(*pair)}
            parts = [part for part in parts if part not in pair] + [[*pair[0], *pair[1]]]
    links = [max(edge[2], step[frozenset(edge[:2])]) for edge in edges]
    return probabilities(np.array(links)), sum(probabilities(np.array([step[key] for key in step.keys() - odds])))


def some_edges(seed):
    rng = np.random.default_rng(seed)
    group = [7, 3, 3, 7, 3, 5, 3, 7, 3]
    pairs = [pair for pair in combinations(range(len(group)), 2) if group[pair[0]] == group[pair[1]]]
    chosen = [pairs[index] for index in sorted(rng.choice(len(pairs), 8, replace=False))]
    return [(*pair, float(rng.normal(1, 3))) for pair in chosen], group


@pytest.mark.parametrize("seed", range(20))
def test_group_evidence_equals_its_slow_twin(seed):
    edges, group = some_edges(seed)
    found = of(edges, group)
    probability, others = slow_evidence(edges, group)
    assert found.probability == pytest.approx(probability)
    assert found.others.sum() == pytest.approx(others)


def test_a_weak_pair_is_as_probable_as_the_step_that_joins_it():
    found = of([(0, 1, 9.0), (1, 2, 5.0), (0, 2, -1.0)], [0, 0, 0])
    assert found.probability == pytest.approx(probabilities(np.array([9.0, 5.0, 2.0])))
    assert found.others == pytest.approx(0)


def test_a_doubtful_step_makes_all_its_pairs_doubtful():
    sure = [(0, 1, 12.0), (2, 3, 12.0)]
    found = of([*sure, *((one, other, 0.5) for one in (0, 1) for other in (2, 3))], [0] * 4)
    assert found.probability[2:] == pytest.approx(probabilities(np.full(4, 0.5)))


def test_two_records_without_a_shared_key_are_one_person_through_a_third():
    found = of([(0, 1, 9.0), (1, 2, 8.0)], [0, 0, 0])
    meeting = strengths_of(3)
    assert found.others.tolist() == pytest.approx(probabilities(np.array([(8.0 - meeting[0] * meeting[2]) / 2])))


def test_group_evidence_does_not_depend_on_any_order():
    edges, group = some_edges(3)
    first = of(edges, group)
    order = np.random.default_rng(5).permutation(len(group))
    position = np.argsort(order)
    moved = [(position[b], position[a], odds) for a, b, odds in reversed(edges)]
    again = of(moved, np.asarray(group)[order], order, strengths_of(len(group))[order])
    assert again.probability[::-1].tolist() == first.probability.tolist()
    assert again.others.tolist() == first.others.tolist()


def test_in_too_large_a_group_each_pair_keeps_its_own_probability():
    def star(n):
        return of([(0, record, 9.0) for record in range(1, n)] + [(1, 2, -2.0)], [0] * n)

    crowd, fewer = star(MAX_MEMBERS + 1), star(MAX_MEMBERS)
    assert (crowd.probability[-1], crowd.others.tolist()) == (pytest.approx(probabilities(np.array([-2.0]))[0]), [0.0])
    assert fewer.others.tolist() > [0.0]


def test_no_records_have_no_groups():
    nothing = np.zeros(0, np.int64)
    found = group_evidence(np.zeros((0, 2), np.int64), np.zeros(0), group=nothing, rank=nothing, meeting=np.zeros(0))
    assert (len(found.probability), len(found.others)) == (0, 0)


def accuracy(probability, links, captures, *, evidence=None, encoding=ENCODING):
    probability, links = np.array(probability, float), np.array(links, bool)
    evidence = GroupEvidence(probability[links], np.zeros(2)) if evidence is None else evidence
    captures = np.array(captures, np.int32)
    return expected_accuracy(probability, links, evidence=evidence, captures=captures, encoding=encoding)


def test_the_other_pairs_lose_what_links_gain():
    probability, links = [0.9, 0.6, 0.4, 0.1], [True, True, False, False]
    alone = accuracy(probability, links, [9] * 4)
    assert alone.precision == pytest.approx(0.75)
    assert alone.recall == pytest.approx(1.5 / 2)
    higher = accuracy(probability, links, [9] * 4, evidence=GroupEvidence(np.array([0.9, 0.9]), np.zeros(2)))
    assert higher.precision == pytest.approx(0.9)
    assert higher.recall == pytest.approx(1.8 / 2), "of 2 expected matches, not of 2.3"
    more = accuracy(probability, links, [9] * 4, evidence=GroupEvidence(np.array([1.0, 1.0]), np.array([0.2, 0.3])))
    assert more.recall == pytest.approx(2 / 2.5)
    assert all(each.recall_is_bound for each in (alone, higher, more))


def test_matches_never_captured_lower_the_recall():
    captured = draw_captures(BAND_ROWS, power=SIMILARITY_POWER, n=2_000)
    times = np.repeat(np.arange(len(captured)), captured.astype(int))
    seen = times[times > 0]
    found = accuracy(np.ones(len(seen)), np.ones(len(seen), bool), seen)
    assert not found.recall_is_bound
    assert found.recall == pytest.approx(len(seen) / 2_000, abs=0.02)
    # Pairs that share another key too would not be missed without the bands, and tell nothing about missed pairs.
    more = accuracy(np.ones(9_000), np.ones(9_000, bool), [*seen, *np.zeros(9_000 - len(seen))])
    missing = 2_000 - len(seen)
    assert more.recall == pytest.approx(9_000 / (9_000 + missing), abs=0.005)


def test_without_bands_the_recall_is_an_upper_bound():
    bare = ENCODING.model_copy(update={"match_keys": ENCODING.match_keys[:1]})
    assert not isinstance(bare.match_keys[0], MinHash)
    found = accuracy([1.0] * 1_000, [True] * 1_000, [1, 2] * 500, encoding=bare)
    assert (found.recall, found.recall_is_bound) == (1.0, True)


def test_without_links_there_is_no_accuracy():
    found = accuracy([0.1], [False], [1])
    assert (found.precision, found.recall) == (None, None)
