"""Leftovers join the group whose nearest record is like them, and only where nothing says otherwise."""

import numpy as np
import pytest

from linkage.linking.leftovers import CONTRADICTED, MARGIN, MOST_RECORDS, join_leftovers

pytestmark = pytest.mark.quick


def joined(group, pairs, *, against=(), apart=(), order=None, names=None):
    """Join leftovers; `pairs` are records with log odds, `against` those of them that are held apart."""
    ends = np.array(list(pairs), np.int64).reshape(-1, 2)
    odds = np.array(list(pairs.values()), np.float64)
    held = np.array([tuple(pair) in set(against) for pair in ends.tolist()], np.bool_)
    order = np.arange(len(ends)) if order is None else order
    n = len(group)
    names = np.arange(n) if names is None else np.asarray(names)
    found = join_leftovers(
        names[np.array(group, np.int64)], ends[order], odds[order],
        against=held[order], apart=np.array(apart, np.int64).reshape(-1, 2), rank=np.arange(n), names=names,
    )  # fmt: skip
    return found.tolist()


PERSON = [0, 0, 0, 0, 0, 0]
"""Six records of one person; records after these are leftovers."""


def test_one_spelling_that_is_near_is_enough():
    """The mean over all pairs is far below 0, as average linkage sees it."""
    pairs = {(0, 6): 2.0} | {(record, 6): -5.0 for record in range(1, 6)}
    assert joined([*PERSON, 6], pairs) == [0] * 7


def test_it_must_itself_be_probable():
    assert joined([*PERSON, 6], {(0, 6): -0.1}) == [*PERSON, 6]


def test_each_record_of_a_leftover_has_a_nearest_and_one_that_meets_none_counts_against():
    assert joined([*PERSON, 6, 6], {(0, 6): 3.0, (1, 7): -2.0}) == [0] * 8
    assert joined([*PERSON, 6, 6], {(0, 6): 1.0, (1, 7): -2.0}) == [*PERSON, 6, 6]
    assert joined([*PERSON, 6, 6], {(0, 6): 1.0}) == [0] * 8
    assert joined([*PERSON, 6, 6], {(0, 6): 0.9}) == [*PERSON, 6, 6]


def test_a_group_of_more_records_is_a_person():
    few, many = [6] * MOST_RECORDS, [6] * (MOST_RECORDS + 1)
    assert set(joined([*PERSON, *few], {(0, 6 + n): 3.0 for n in range(len(few))})) == {0}
    assert set(joined([*PERSON, *many], {(0, 6 + n): 3.0 for n in range(len(many))})) == {0, 6}


def test_what_contradicts_it_keeps_it_apart():
    near = {(0, 6): 5.0}
    assert joined([*PERSON, 6], near | {(1, 6): CONTRADICTED}) == [*PERSON, 6]
    assert joined([*PERSON, 6], near | {(1, 6): CONTRADICTED + 0.1}) == [0] * 7
    assert joined([*PERSON, 6], near | {(1, 6): -1.0}, against=[(1, 6)]) == [*PERSON, 6]
    assert joined([*PERSON, 6], near, apart=[(6, 3)]) == [*PERSON, 6]


def test_a_record_that_two_persons_may_have_left_stays_by_itself():
    group = [0, 0, 0, 0, 4, 4, 4, 4, 8]
    assert joined(group, {(0, 8): 4.0, (4, 8): 4.0 - MARGIN + 0.1}) == group
    assert joined(group, {(0, 8): 4.0, (4, 8): 4.0 - MARGIN}) == [0, 0, 0, 0, 4, 4, 4, 4, 0]


def test_two_leftovers_that_contradict_each_other_do_not_both_join():
    """As two of a family without a date."""
    pairs = {(0, 6): 5.0, (0, 7): 4.0, (6, 7): -8.0}
    assert joined([*PERSON, 6, 7], pairs) == [*PERSON, 0, 7]


def test_leftovers_join_each_other():
    assert joined([0, 1], {(0, 1): 2.0}) == [0, 0]
    assert joined([0, 1, 2], {(0, 1): 2.0, (1, 2): 8.0}) == [0, 0, 0]


def test_names_are_the_lowest_of_each_group():
    assert joined([0, 1, 1], {(0, 1): 2.0, (0, 2): 2.0}, names=[10, 20, 30]) == [10, 10, 10]


def test_nothing_depends_on_the_order_of_pairs():
    rng = np.random.default_rng(1)
    group = np.sort(rng.integers(0, 40, 100))
    group = np.array([np.flatnonzero(group == one)[0] for one in group])
    ends = {tuple(sorted(pair)) for pair in rng.integers(0, 100, (300, 2)).tolist() if pair[0] != pair[1]}
    pairs = dict(zip(sorted(ends), rng.normal(0, 4, len(ends)).tolist(), strict=True))
    expected = joined(group, pairs)
    assert expected != group.tolist()
    for _ in range(5):
        assert joined(group, pairs, order=rng.permutation(len(pairs))) == expected


def test_no_pairs_and_no_records():
    assert joined([0, 1, 1], {}) == [0, 1, 1]
    assert joined([], {}) == []
