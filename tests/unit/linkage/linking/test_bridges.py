"""Bridges: what one reporter alone would join, found as in a slow twin, and left alone where others agree."""

from __future__ import annotations

from collections import Counter
from itertools import combinations, pairwise, product

import numpy as np

from linkage.linking.bridges import FREE, LIMIT, ONE_IN, TOO_GOOD, find_bridges

A, B, C, EVIL = range(4)


def bridges(pairs, reporter, *, group=None, meeting=1.0, copies=None, doubted=None):
    """Find the bridges of pairs `{(a, b): log odds}`; return the pairs kept apart and the reporters."""
    ends = np.array(list(pairs), np.int64).reshape(-1, 2)
    n = len(reporter)
    found = find_bridges(
        ends,
        np.array(list(pairs.values()), float),
        group=np.zeros(n, np.int64) if group is None else np.array(group, np.int64),
        reporter=np.array(reporter, np.int64),
        meeting=np.full(n, meeting),
        representative=np.arange(n) if copies is None else np.array(copies),
        rank=np.arange(n),
        doubted=doubted,
    )
    return {frozenset(pair) for pair in found.apart.tolist()}, found.reporter.tolist()


def parts_of(members, pairs):
    """Return the members in parts that the pairs join."""
    parts = [{member} for member in members]
    for pair in pairs:
        touched = [part for part in parts if part & set(pair)]
        parts = [part for part in parts if part not in touched] + [set().union(*touched)]
    return parts


def slow_twin(pairs, reporter, group, meeting):
    """Drop each reporter from each group, follow the favourable pairs, and sum all pairs between the parts."""
    found = []
    for own, number in sorted(set(zip(reporter, group, strict=True))):
        members = {i for i in range(len(reporter)) if group[i] == number}
        rest = {i for i in members if reporter[i] != own}
        inside = {pair: odds for pair, odds in pairs.items() if set(pair) <= members}
        sides = parts_of(rest, [pair for pair, odds in inside.items() if odds >= 0 and set(pair) <= rest])
        strong = parts_of(members, [*within(sides), *(pair for pair, odds in inside.items() if odds >= TOO_GOOD)])
        for one, other in combinations(sides, 2):
            cross = [tuple(sorted(pair)) for pair in product(one, other)]
            if sum(np.clip(pairs.get(pair, -(meeting**2)), -12, 12) for pair in cross) < -LIMIT:
                found.append((own, cross, any(one | other <= part for part in strong)))
    count = Counter(own for own, *_ in found)
    fallen = [(own, cross) for own, cross, too_good in found if too_good or count[own] > FREE]
    return {frozenset(pair) for _, cross in fallen for pair in cross}, sorted(own for own, _ in fallen)


def within(sides):
    """Return pairs that join each side in itself."""
    return [pair for side in sides for pair in pairwise(sorted(side))]


def test_the_same_bridges_as_the_slow_twin():
    n_found = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        reporter, group = rng.integers(0, 4, 30).tolist(), rng.integers(0, 5, 30).tolist()
        pairs = {pair: float(rng.normal(4, 8)) for pair in combinations(range(30), 2) if rng.random() < 0.3}
        apart, blamed = bridges(pairs, reporter, group=group, meeting=1.2)
        assert (apart, sorted(blamed)) == slow_twin(pairs, reporter, group, 1.2)
        n_found += len(blamed)
    assert n_found > 50


def test_groups_that_were_looked_at_need_not_be_looked_at_again():
    n_kept = 0
    for seed in range(10):
        rng = np.random.default_rng(seed)
        reporter, group = rng.integers(0, 4, 40), rng.integers(0, 8, 40)
        left, right = np.triu_indices(40, 1)
        log_odds = rng.normal(4, 8, len(left))
        given = {"reporter": reporter, "meeting": np.full(40, 1.2), "representative": np.arange(40)}
        ends, given["rank"] = np.column_stack([left, right]), np.arange(40)
        first = find_bridges(ends, log_odds, group=group, **given)
        # Records of two groups come into others.
        again = group < 2
        moved = np.where(again, rng.integers(0, 2, 40), group)
        known = [bridge for bridge in first.found if not again[bridge.left[0]]]
        fast = find_bridges(ends, log_odds, group=moved, without=~again, known=known, **given)
        slow = find_bridges(ends, log_odds, group=moved, **given)
        assert {frozenset(pair) for pair in fast.apart.tolist()} == {frozenset(pair) for pair in slow.apart.tolist()}
        assert sorted(fast.reporter.tolist()) == sorted(slow.reporter.tolist())
        assert (fast.without == slow.without).all()
        n_kept += len(known)
    assert n_kept > 10


ESTABLISHED = {(0, 1): 9.0, (2, 3): 9.0}
"""Two persons, each known to two reporters."""

KEPT_APART = {frozenset(pair) for pair in product((0, 1), (2, 3))}


def test_a_record_that_copies_both_persons_joins_none():
    pairs = ESTABLISHED | {(i, 4): 25.0 for i in range(4)}
    assert bridges(pairs, [A, B, A, B, EVIL]) == (KEPT_APART, [EVIL])


def test_several_records_of_one_reporter_are_no_more_than_one():
    pairs = ESTABLISHED | {(0, 4): 25.0, (1, 4): 25.0, (4, 5): 25.0, (2, 5): 25.0, (3, 5): 25.0}
    assert bridges(pairs, [A, B, A, B, EVIL, EVIL]) == (KEPT_APART, [EVIL])


def test_a_record_that_resembles_both_in_part_may_join_them():
    pairs = ESTABLISHED | {(0, 4): 25.0, (1, 4): 25.0, (2, 4): 8.0, (3, 4): 8.0}
    assert bridges(pairs, [A, B, A, B, C]) == (set(), [])


def test_a_reporter_with_many_bridges_is_believed_in_none():
    def many(n):
        pairs = {}
        for first in range(0, 5 * n, 5):
            pairs |= {(first, first + 1): 9.0, (first + 2, first + 3): 9.0}
            pairs |= {(first + i, first + 4): 8.0 for i in range(4)}
        return pairs, [A, B, A, B, EVIL] * n, np.repeat(range(n), 5)

    pairs, reporter, group = many(FREE)
    assert bridges(pairs, reporter, group=group) == (set(), [])
    assert bridges(pairs, reporter, group=group, doubted=np.arange(4) == EVIL)[1] == [EVIL] * FREE
    pairs, reporter, group = many(FREE + 1)
    assert bridges(pairs, reporter, group=group)[1] == [EVIL] * (FREE + 1)
    # Records that are in no group make a reporter larger; copies of one do not.
    more = ONE_IN - FREE - 1
    reporter, group = reporter + [EVIL] * more, np.append(group, 1000 + np.arange(more))
    assert bridges(pairs, reporter, group=group) == (set(), [])
    copies = [*range(len(reporter) - 2), len(reporter) - 3, len(reporter) - 3]
    assert bridges(pairs, reporter, group=group, copies=copies)[1] == [EVIL] * (FREE + 1)


def test_copies_of_a_record_are_no_more_evidence_than_the_record():
    # A record each, joined by a third; one reporter has sent its own three times.
    pairs = {(0, 2): 25.0, (1, 2): 25.0, (2, 3): 25.0, (2, 4): 25.0, (0, 3): 25.0, (0, 4): 25.0, (3, 4): 25.0}
    assert bridges(pairs, [A, B, C, A, A])[1] == [C]
    assert bridges(pairs, [A, B, C, A, A], copies=[0, 1, 2, 0, 0]) == (set(), [])
    assert bridges(pairs, [A, B, C, A, A], copies=[0, 1, 2, 3, 3])[1] == []


def test_two_reporters_that_agree_are_believed():
    pairs = ESTABLISHED | {(i, j): 25.0 for i in range(4) for j in (4, 5)}
    assert bridges(pairs, [A, B, A, B, C, EVIL]) == (set(), [])


def test_direct_evidence_is_believed():
    pairs = ESTABLISHED | {(i, 4): 25.0 for i in range(4)} | {(0, 2): 0.5}
    assert bridges(pairs, [A, B, A, B, EVIL]) == (set(), [])


def test_a_complete_record_joins_two_that_say_little():
    pairs = {(0, 2): 25.0, (1, 2): 25.0}
    assert bridges(pairs, [A, B, C], meeting=1.0) == (set(), [])
    assert bridges(pairs, [A, B, C], meeting=1.5)[1] == [C], "two that would have met if they were one person"


def test_a_reporter_may_join_its_own_records():
    pairs = {(0, 1): 25.0, (1, 2): 25.0}
    assert bridges(pairs, [A, EVIL, EVIL], meeting=3.0) == (set(), [])


def test_nothing_but_groups_matters():
    pairs = ESTABLISHED | {(i, 4): 25.0 for i in range(4)}
    assert bridges(pairs, [A, B, A, B, EVIL], group=[0, 0, 1, 1, 0]) == (set(), [])
    assert bridges({}, [A, B]) == (set(), [])
    assert bridges({}, []) == (set(), [])
