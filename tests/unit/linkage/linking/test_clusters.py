"""Clusters: no chaining, hard constraints, and nothing that hangs on order."""

from __future__ import annotations

from math import inf, nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.linking import clusters
from linkage.linking.clusters import MEETING, cluster
from linkage.linking.odds import MAX_LOG_ODDS
from tests.unit.linkage.linking.twins import slow_clusters


def digests_of(n, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (n, 32), dtype=np.uint8)


def run(pairs, n, *, must_link=(), cannot_link=(), digests=None, **options):
    """Cluster records 0 to n - 1; `pairs` is {(a, b): log odds}."""
    ends = np.array(list(pairs), np.int64).reshape(-1, 2)
    return cluster(
        ends[:, 0],
        ends[:, 1],
        np.array(list(pairs.values()), np.float64),
        digests=digests_of(n) if digests is None else digests,
        must_link=np.array(must_link, np.int64).reshape(-1, 2),
        cannot_link=np.array(cannot_link, np.int64).reshape(-1, 2),
        **options,
    )


def partition(labels, names=None):
    names = range(len(labels)) if names is None else names
    groups = {}
    for name, label in zip(names, labels.tolist(), strict=True):
        groups.setdefault(label, set()).add(name)
    return {frozenset(group) for group in groups.values()}


def sets(*groups):
    return {frozenset(group) for group in groups}


class TestAverageLink:
    def test_a_pair_in_favour_is_one_person(self):
        assert run({(0, 1): 0.1, (1, 2): -0.1}, 4).tolist() == [0, 0, 2, 3]

    def test_even_odds_are_a_link(self):
        # As the decision on pairs has it: a probability of one half is a link.
        assert run({(0, 1): 0.0}, 2).tolist() == [0, 0]

    def test_one_weak_link_does_not_chain_two_persons(self):
        two = {(0, 1): 9.0, (0, 2): 9.0, (1, 2): 9.0, (3, 4): 9.0, (3, 5): 9.0, (4, 5): 9.0}
        # All six are one connected component over links.
        assert partition(run(two | {(2, 3): 1.0}, 6)) == sets({0, 1, 2}, {3, 4, 5})

    def test_one_strong_link_between_two_that_differ_otherwise_does_not_chain(self):
        two = {(0, 1): 9.0, (2, 3): 9.0}
        against = {(0, 2): -9.0, (0, 3): -9.0, (1, 3): -9.0}
        assert partition(run(two | against | {(1, 2): 8.0}, 4)) == sets({0, 1}, {2, 3})

    @pytest.mark.parametrize("seed", range(5))
    def test_a_long_chain_of_good_links_is_not_one_person(self, seed):
        chain = {(number, number + 1): 5.0 for number in range(59)}
        assert max(map(len, partition(run(chain, 60, digests=digests_of(60, seed))))) in range(4, 16)

    def test_a_record_that_missed_one_key_still_joins(self):
        # 0 and 2 share no match key, as some pairs of one person do.
        assert partition(run({(0, 1): 9.0, (1, 2): 9.0}, 3)) == sets({0, 1, 2})

    def test_what_a_pair_that_is_no_candidate_counts(self):
        # Record 2 joins 0 and 1 exactly where the mean of its link and the missing pair is not below 0.
        for log_odds, joined in ((MEETING**2, True), (MEETING**2 - 0.001, False)):
            found = partition(run({(0, 1): 9.0, (1, 2): log_odds}, 3))
            assert found == (sets({0, 1, 2}) if joined else sets({0, 1}, {2}))

    def test_what_it_counts_is_the_product_of_what_both_records_reach(self):
        for log_odds, joined in ((2.0 * 0.75, True), (2.0 * 0.75 - 0.001, False)):
            found = partition(run({(0, 1): 9.0, (1, 2): log_odds}, 3, meeting=np.array([2.0, 7.0, 0.75])))
            assert found == (sets({0, 1, 2}) if joined else sets({0, 1}, {2}))

    def test_one_link_does_not_outvote_many_pairs_that_are_none(self):
        for n, joined in ((13, True), (14, False)):
            group = {(a, b): 20.0 for a in range(n) for b in range(a + 1, n)}
            # All are as sure as can be, so digests see to it that the group is there first.
            ascending = np.arange(n + 1, dtype=np.uint8)[:, None]
            found = partition(run(group | {(0, n): 1e9}, n + 1, digests=ascending))
            assert found == (sets(range(n + 1)) if joined else sets(range(n), {n}))

    def test_log_odds_are_cut_on_both_sides(self):
        # Cut alike, the two cancel, and even odds are a link.
        assert partition(run({(0, 1): inf, (1, 2): -inf, (0, 2): MAX_LOG_ODDS}, 3)) == sets({0, 1, 2})
        assert partition(run({(0, 1): inf, (2, 3): -inf}, 4)) == sets({0, 1}, {2}, {3})

    def test_no_pairs(self):
        assert run({}, 3).tolist() == [0, 1, 2]
        assert run({}, 0).tolist() == []


class TestCannotLink:
    def test_the_surest_pair_is_kept_apart(self):
        assert partition(run({(0, 1): 11.0}, 2, cannot_link=[(1, 0)])) == sets({0}, {1})

    def test_clusters_that_hold_such_a_pair_are_kept_apart(self):
        # 0 and 3 are siblings; 1 is surely 0, 2 is surely 3, and 1 and 2 look alike.
        pairs = {(0, 1): 11.0, (2, 3): 10.0, (1, 2): 9.0, (0, 2): 9.0, (1, 3): 9.0, (0, 3): 9.0}
        assert partition(run(pairs, 4)) == sets({0, 1, 2, 3})
        assert partition(run(pairs, 4, cannot_link=[(0, 3)])) == sets({0, 1}, {2, 3})

    def test_a_constraint_between_records_that_are_not_candidates_holds(self):
        pairs = {(0, 1): 11.0, (1, 2): 10.0}
        assert partition(run(pairs, 3)) == sets({0, 1, 2})
        assert partition(run(pairs, 3, cannot_link=[(0, 2)])) == sets({0, 1}, {2})

    def test_a_constraint_with_a_record_that_is_not_given_does_not_matter(self):
        assert partition(run({(0, 1): 1.0}, 2, cannot_link=[(0, 7), (1, -3)])) == sets({0, 1})

    def test_a_constraint_on_one_record_does_not_matter(self):
        assert partition(run({(0, 1): 1.0}, 2, cannot_link=[(0, 0)])) == sets({0, 1})


class TestMustLink:
    def test_records_that_nothing_else_joins_are_one_person(self):
        assert partition(run({}, 4, must_link=[(2, 0), (3, 2)])) == sets({0, 2, 3}, {1})
        assert partition(run({(0, 1): -11.0}, 2, must_link=[(1, 0)])) == sets({0, 1})

    def test_evidence_against_one_counts_against_the_other(self):
        # 0 joins 1 by itself; held to be 2, it carries what speaks against 2.
        pairs = {(0, 1): 5.0, (1, 2): -9.0}
        assert partition(run(pairs, 3)) == sets({0, 1}, {2})
        assert partition(run(pairs, 3, must_link=[(0, 2)])) == sets({0, 2}, {1})

    def test_two_of_them_bring_their_links_together(self):
        pairs = {(0, 1): 9.0, (2, 3): 9.0}
        assert partition(run(pairs, 4)) == sets({0, 1}, {2, 3})
        assert partition(run(pairs, 4, must_link=[(1, 2)])) == sets({0, 1, 2, 3})

    def test_records_that_must_link_count_one_by_one(self):
        # Record 3 is like one of three that are one person, and the two others miss it.
        for log_odds, joined in ((2 * MEETING**2, True), (2 * MEETING**2 - 0.001, False)):
            found = partition(run({(0, 3): log_odds}, 4, must_link=[(0, 1), (1, 2)]))
            assert found == (sets({0, 1, 2, 3}) if joined else sets({0, 1, 2}, {3}))

    def test_it_takes_precedence_over_cannot_link(self):
        assert partition(run({}, 3, must_link=[(0, 1), (1, 2)], cannot_link=[(0, 2)])) == sets({0, 1, 2})

    def test_a_cannot_link_of_one_holds_for_the_other(self):
        assert partition(run({(1, 2): 9.0}, 3, must_link=[(0, 1)])) == sets({0, 1, 2})
        assert partition(run({(1, 2): 9.0}, 3, must_link=[(0, 1)], cannot_link=[(0, 2)])) == sets({0, 1}, {2})

    def test_a_record_that_is_not_given_does_not_matter(self):
        assert partition(run({}, 3, must_link=[(0, 7), (1, -3), (2, 2)])) == sets({0}, {1}, {2})


class TestTies:
    def test_the_smaller_digests_go_first(self):
        # 1 is as near to 0 as to 2, which are two persons.
        pairs = {(0, 1): 5.0, (1, 2): 5.0, (0, 2): -9.0}
        for first, expected in ((0, sets({0, 1}, {2})), (2, sets({1, 2}, {0}))):
            digests = np.full((3, 32), 9, np.uint8)
            digests[:, 31] = [3, 2, 3]
            digests[first, 31] = 1
            assert partition(run(pairs, 3, digests=digests)) == expected

    def test_the_first_byte_of_a_digest_counts_most(self):
        pairs = {(0, 1): 5.0, (1, 2): 5.0, (0, 2): -9.0}
        digests = np.array([[1, 255], [200, 0], [2, 0]], np.uint8)
        assert partition(run(pairs, 3, digests=digests)) == sets({0, 1}, {2})

    def test_sums_do_not_depend_on_the_order_of_summing(self):
        # In floating point .1 + .2 + .3 and .3 + .2 + .1 differ, and so would what the tie decides.
        rng = np.random.default_rng(7)
        tenths = dict.fromkeys([(a, b) for a in range(9) for b in range(a + 1, 9)], 0.0)
        tenths = {pair: rng.choice([-0.3, -0.1, 0.1, 0.2, 0.3]) for pair in tenths}
        one = partition(run(tenths, 9))
        for seed in range(20):
            order = np.random.default_rng(seed).permutation(len(tenths))
            items = list(tenths.items())
            assert partition(run(dict(items[place] for place in order), 9)) == one


class TestInput:
    @pytest.mark.parametrize("pairs", [[(0, 1), (0, 1)], [(0, 1), (1, 0)], [(1, 1)]])
    def test_a_pair_twice_or_of_one_record_is_refused(self, pairs):
        ends = np.array(pairs)
        with pytest.raises(ValueError, match="twice"):
            cluster(ends[:, 0], ends[:, 1], np.ones(len(ends)), digests=digests_of(2))

    @pytest.mark.parametrize("pair", [(0, 2), (-1, 0)])
    def test_a_record_that_is_not_given_is_refused(self, pair):
        with pytest.raises(ValueError, match="unknown record"):
            run({pair: 1.0}, 2)

    def test_nan_is_refused(self):
        with pytest.raises(ValueError, match="NaN"):
            run({(0, 1): nan}, 2)

    @pytest.mark.parametrize("meeting", [0.0, -1.0, nan])
    def test_missing_pairs_in_favour_are_refused(self, meeting):
        with pytest.raises(ValueError, match="positive"):
            run({(0, 1): 1.0}, 2, meeting=np.array([1.0, meeting]))

    def test_records_have_any_numbers(self):
        records = np.array([-(2**60), 5, 17, 2**60])
        found = cluster(records[[3, 2]], records[[0, 1]], np.ones(2), digests=digests_of(4), records=records)
        assert found.tolist() == [records[0], records[1], records[1], records[0]]


@st.composite
def registries(draw):
    """Draw up to nine records, some pairs of them with log odds that often tie, and constraints."""
    n = draw(st.integers(2, 9))
    pairs = [(a, b) for a in range(n) for b in range(a + 1, n)]
    odds = st.sampled_from([-12.0, -3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 12.0, 30.0])
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True))
    log_odds = {pair: draw(odds) for pair in chosen}
    known = st.lists(st.sampled_from(pairs), unique=True, max_size=3)
    meeting = draw(st.lists(st.sampled_from([0.25, 0.5, 1.0, 2.0]), min_size=n, max_size=n))
    return n, log_odds, {"cannot_link": draw(known), "must_link": draw(known), "meeting": np.array(meeting)}


@given(registries(), st.randoms(use_true_random=False))
@settings(max_examples=300)
@pytest.mark.whole
def test_like_average_link_over_the_full_matrix(registry, random):
    n, log_odds, known = registry
    digests = digests_of(n, seed=random.randrange(1000))
    found = partition(run(log_odds, n, digests=digests, **known))
    expected = slow_clusters(
        range(n),
        {frozenset(pair): value for pair, value in log_odds.items()},
        digests=[bytes(row) for row in digests],
        together=known["must_link"],
        apart={frozenset(pair) for pair in known["cannot_link"]},
        meeting=known["meeting"].tolist(),
        most=MAX_LOG_ODDS,
    )
    assert found == expected


@pytest.mark.whole
@given(registries(), st.randoms(use_true_random=False))
@settings(max_examples=300)
def test_other_record_numbers_and_another_order_give_the_same_partition(registry, random):
    n, log_odds, known = registry
    digests = digests_of(n, seed=random.randrange(1000))
    one = partition(run(log_odds, n, digests=digests, **known))
    # The record that was `number` arrives as `renamed[number]`.
    renamed = random.sample(range(n), n)
    items = [((renamed[a], renamed[b])[:: random.choice([1, -1])], value) for (a, b), value in log_odds.items()]
    random.shuffle(items)
    moved, meeting = np.empty_like(digests), np.empty(n)
    moved[renamed], meeting[renamed] = digests, known["meeting"]
    others = {name: [(renamed[b], renamed[a]) for a, b in known[name]][::-1] for name in ("must_link", "cannot_link")}
    other = run(dict(items), n, digests=moved, meeting=meeting, **others)
    back = {new: old for old, new in enumerate(renamed)}
    assert {frozenset(back[number] for number in group) for group in partition(other)} == one


@pytest.mark.whole
@given(registries())
@settings(max_examples=200)
def test_what_is_known_holds(registry):
    n, log_odds, known = registry
    labels = run(log_odds, n, **known)
    assert all(labels[a] == labels[b] for a, b in known["must_link"])
    surely = run({}, n, must_link=known["must_link"])
    assert all(labels[a] != labels[b] or surely[a] == surely[b] for a, b in known["cannot_link"])


@pytest.mark.whole
def test_a_component_of_three_thousand_records_is_clustered():
    # One component: persons of three records each, and weak links that connect everybody to somebody else.
    rng = np.random.default_rng(1)
    n = 3_000
    person = rng.permutation(np.arange(n) // 3)
    members = np.argsort(person, kind="stable").reshape(-1, 3)
    inside = np.concatenate([members[:, [0, 1]], members[:, [1, 2]], members[:, [0, 2]]])
    chain = np.column_stack([members[:-1, 2], members[1:, 0]])
    noise = rng.integers(0, n, (20_000, 2))
    ends = np.unique(np.sort(np.concatenate([inside, chain, noise]), axis=1), axis=0)
    ends = ends[ends[:, 0] != ends[:, 1]]
    same = person[ends[:, 0]] == person[ends[:, 1]]
    log_odds = np.where(same, rng.normal(9, 1, len(ends)), rng.normal(-3, 2, len(ends)))
    bridge = (np.isin(ends[:, 0] * n + ends[:, 1], np.sort(chain, axis=1) @ [n, 1])) & ~same
    log_odds[bridge] = 1.0
    labels = cluster(ends[:, 0], ends[:, 1], log_odds, digests=digests_of(n))
    assert partition(labels) == partition(person)


@pytest.mark.whole
def test_a_crowd_that_agrees_in_everything_is_one_cluster_at_once():
    n = 1_500
    a, b = np.triu_indices(n, 1)
    log_odds = np.random.default_rng(2).random(len(a)) * 12
    assert len(set(cluster(a, b, log_odds, digests=digests_of(n)).tolist())) == 1
    apart = cluster(a[:3], b[:3], log_odds[:3], digests=digests_of(4), cannot_link=np.array([[1, 2]]))
    assert apart[1] != apart[2]


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("rounded", [False, True], ids=["all different", "many ties"])
def test_the_matrix_says_the_same_as_the_heap(seed, rounded, monkeypatch):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(32, 60))
    person = rng.integers(0, 6, n)
    a, b = np.triu_indices(n, 1)
    kept = rng.random(len(a)) < 0.6
    a, b = a[kept], b[kept]
    log_odds = np.where(person[a] == person[b], rng.normal(4, 4, len(a)), rng.normal(-3, 4, len(a)))
    log_odds = np.rint(log_odds / 3) * 3 if rounded else log_odds
    apart = rng.integers(0, n, (seed % 3 * 8, 2))
    options = {
        "digests": digests_of(n, seed),
        "cannot_link": apart,
        "must_link": rng.integers(0, n, (seed % 2 * 4, 2)),
        "meeting": rng.choice([0.5, 1.0, 1.5], n),
    }
    small = cluster(a, b, log_odds, **options)
    for name in ("SMALL", "DENSE_TO"):
        monkeypatch.setattr(clusters, name, 0)
        assert (cluster(a, b, log_odds, **options) == small).all()
    assert 1 < len(set(small.tolist())) < n


@pytest.mark.parametrize("seed", range(6))
def test_many_components_are_merged_as_each_alone(seed, monkeypatch):
    rng = np.random.default_rng(seed)
    n = 400
    household = rng.integers(0, 90, n)
    a, b = np.triu_indices(n, 1)
    met = (household[a] == household[b]) & (rng.random(len(a)) < 0.7) | (rng.random(len(a)) < 0.0005)
    a, b = a[met], b[met]
    log_odds = np.rint(rng.normal(0, 3, len(a)))
    options = {
        "digests": digests_of(n, seed),
        "cannot_link": rng.integers(0, n, (300, 2)),
        "must_link": rng.integers(0, n, (10, 2)),
        "meeting": rng.choice([0.5, 1.0, 1.5], n),
    }
    small = cluster(a, b, log_odds, **options)
    monkeypatch.setattr(clusters, "SMALL", 4)
    assert (cluster(a, b, log_odds, **options) == small).all()
    monkeypatch.setattr(clusters, "SMALL", 0)
    monkeypatch.setattr(clusters, "DENSE_TO", 0)
    assert (cluster(a, b, log_odds, **options) == small).all()
    assert 90 < len(set(small.tolist())) < n


@pytest.mark.parametrize("seed", range(5))
def test_components_that_are_given_change_nothing(seed):
    rng = np.random.default_rng(seed)
    ends = np.unique(np.sort(rng.integers(0, 60, (120, 2)), axis=1), axis=0)
    a, b = ends[ends[:, 0] != ends[:, 1]].T
    log_odds = rng.normal(0, 4, len(a))
    alone = cluster(a, b, log_odds, digests=digests_of(60))
    # Coarser labels than need be, as from an engine that has not rounded.
    labels = np.zeros(60, np.int64)
    assert (cluster(a, b, log_odds, digests=digests_of(60), component=labels) == alone).all()


@pytest.mark.parametrize("value", [0.0, -1.0, np.nan, np.inf])
def test_a_reach_that_is_not_a_positive_number_is_refused(value):
    # Rounded to steps, one without end would become the least there is: what never meets would hold together.
    pair, digests = np.array([0]), np.arange(2, dtype=np.uint8)[:, None]
    with pytest.raises(ValueError, match="finite"):
        cluster(pair, pair + 1, np.array([5.0]), digests=digests, meeting=np.full(2, value))
