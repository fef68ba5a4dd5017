"""Exact partners hold: who differs in the same way at two reporters is two persons."""

import numpy as np
import pytest

from linkage.linking.partners import (
    HELD_APART,
    NEAR_PAIRS,
    OF_SIBLINGS,
    OTHER_PAIRS,
    OTHER_WORDS,
    held_apart,
    other_words,
)
from pseudonym.profile import load_profile

TABLES = load_profile("case-registry").linking.fields
NAMES = [table.field for table in TABLES]
GIVEN = TABLES[NAMES.index("given_names")]
SAME = {"given_names": 7, "family_names": 7, "birth_year": 5, "birth_month": 2, "birth_day": 2, "sex": 1, "swapped": 0}
LOVISA, VERA, BOTH = "Lovisa", "Vera", "Lovisa Vera"

pytestmark = pytest.mark.quick


def pattern(**fields):
    return [(SAME | fields).get(name, -1) for name in NAMES]


def compared(one, other, unlike):
    """Compare two records, which are (given names, sex, number)."""
    part = 7 if one[0] == other[0] else 5 if BOTH in (one[0], other[0]) else unlike
    numbers = {} if None in (one[2], other[2]) else {"serial": 3 if one[2] == other[2] else 0}
    return pattern(given_names=part, sex=int(one[1] == other[1]), **numbers)


def apart(*records, unlike=0, order=None, sound_alike=False):
    """Give the pairs that are held apart, of records `(reporter, given names, sex, number)` of one family and date."""
    reporter = np.array([record[0] for record in records], np.int64)
    ends = np.column_stack(np.triu_indices(len(records), 1)).astype(np.int64)
    ends = ends if order is None else ends[order]
    levels = np.array([compared(records[a][1:], records[b][1:], unlike) for a, b in ends.tolist()], np.int8)
    alike = np.full(len(ends), sound_alike)
    found = held_apart(ends, levels, TABLES, reporter=reporter, sound_alike=alike)
    return {tuple(pair) for pair in ends[found > 0].tolist()}


def record(reporter, given, sex="woman", number=None):
    return reporter, given, sex, number


TWINS = (record(0, LOVISA), record(0, VERA), record(1, LOVISA), record(1, VERA))
OTHERS = {(0, 1), (0, 3), (1, 2), (2, 3)}
"""All pairs of the twins but those of equal names."""


@pytest.mark.parametrize("unlike", range(7))
def test_twins_at_two_reporters_are_held_apart(unlike):
    assert apart(*TWINS, unlike=unlike) == OTHERS


@pytest.mark.parametrize(("unlike", "held"), [(4, OTHERS), (5, OTHERS), (6, set())])
def test_names_that_sound_alike_are_spellings_only_if_they_differ_in_one_slip(unlike, held):
    """Julia and Julie are two, Mohamed and Mohammed one."""
    assert apart(*TWINS, unlike=unlike, sound_alike=True) == held


@pytest.mark.parametrize("likeness", [(5, 4, 5), (5, 5, 5), (6, 5, 6), (6, 6, 6)])
def test_whom_both_others_are_like_is_held_apart_from_them_first(likeness):
    """Three of one birth, Anna, Hanna and Johanna, whom both reporters know."""
    of_names = dict(zip(((0, 1), (0, 2), (1, 2)), likeness, strict=True))
    ends = np.column_stack(np.triu_indices(6, 1)).astype(np.int64)
    levels = [pattern(given_names=of_names.get(tuple(sorted((a % 3, b % 3))), 7)) for a, b in ends.tolist()]
    alike = np.zeros(len(ends), np.bool_)
    found = held_apart(
        ends, np.array(levels, np.int8), TABLES, reporter=np.array([0, 0, 0, 1, 1, 1]), sound_alike=alike
    )
    assert {(a, b) for a, b in ends[found == 0].tolist()} == {(0, 3), (1, 4), (2, 5)}


def test_the_likeness_of_names_that_are_held_apart_counts_for_nothing():
    ends = np.column_stack(np.triu_indices(4, 1)).astype(np.int64)
    levels = np.array([compared(TWINS[a][1:], TWINS[b][1:], 5) for a, b in ends.tolist()], np.int8)
    reporter, alike = np.array([0, 0, 1, 1]), np.zeros(6, np.bool_)
    found = held_apart(ends, levels, TABLES, reporter=reporter, sound_alike=alike)
    likeness = np.log(GIVEN.m[5] / GIVEN.u[5])
    assert found.tolist() == pytest.approx([HELD_APART + likeness, 0, *[HELD_APART + likeness] * 2, 0, found[0]])


def test_so_are_two_sexes_and_two_numbers():
    assert apart(*(record(r, LOVISA, sex) for r in (0, 1) for sex in ("woman", "man"))) == OTHERS
    assert apart(*(record(r, LOVISA, number=number) for r in (0, 1) for number in ("1", "2"))) == OTHERS


def test_two_differences_need_no_partners():
    one = record(0, LOVISA, "woman", "1")
    assert apart(one, record(1, VERA, "man", "1")) == {(0, 1)}
    assert apart(one, record(1, VERA, "woman", "2")) == {(0, 1)}
    assert apart(one, record(1, LOVISA, "woman", "2")) == set()
    assert apart(one, record(1, VERA, "woman", "2"), record(1, BOTH)) == set()


@pytest.mark.parametrize("alike", range(8))
def test_a_girl_and_a_boy_of_like_names_are_two_and_of_equal_ones_a_slip(alike):
    one, other = record(0, LOVISA), record(1, VERA, "man")
    assert apart(one, other, unlike=alike) == ({(0, 1)} if alike < 7 else set())


@pytest.mark.parametrize("unlike", range(7))
def test_two_names_do_not_hold_apart_whom_one_number_joins(unlike):
    records = [record(r, given, number="1") for r in (0, 1) for given in (LOVISA, VERA)]
    assert apart(*records, unlike=unlike) == set()
    assert (
        words([pattern(given_names=unlike, serial=3)]) == words([pattern(given_names=unlike, foreign_number=7)]) == [0]
    )


def siblings(*, unlike=0, year=4, month=2, number=-1, alone=False):
    """Give the evidence against pairs of two siblings at two reporters, of whom one reporter may know one only."""
    other = pattern(given_names=unlike, birth_year=year, birth_month=month, serial=number)
    ends = [(0, 1), (0, 3), (1, 2), (2, 3), (0, 2), (1, 3)]
    levels, kept = [other] * 4 + [pattern()] * 2, [n for n, pair in enumerate(ends) if not (alone and 3 in pair)]
    found = held_apart(
        np.array(ends)[kept],
        np.array(levels, np.int8)[kept],
        TABLES,
        reporter=np.array([0, 0, 1, 1]),
        sound_alike=np.zeros(len(kept), np.bool_),
    )
    return found.tolist()


@pytest.mark.parametrize("unlike", range(6))
@pytest.mark.parametrize("year", [2, 3, 4])
def test_siblings_of_two_years_are_held_apart_twice_as_much(unlike, year):
    weight = pytest.approx(OF_SIBLINGS + max(np.log(GIVEN.m[unlike] / GIVEN.u[unlike]), 0))
    assert siblings(unlike=unlike, year=year) == [weight] * 4 + [0, 0]
    assert siblings(unlike=unlike, year=5) != siblings(unlike=unlike, year=year)


@pytest.mark.parametrize("same", [{"unlike": 6}, {"unlike": 7}, {"unlike": -1}, {"number": 3}, {"month": -1}])
def test_siblings_need_two_names_two_whole_dates_and_no_common_number(same):
    assert not any(siblings(**same))


def test_siblings_of_whom_one_reporter_knows_one_show_nothing():
    assert not any(siblings(alone=True))


def test_triplets_are_three():
    records = [record(r, given) for r in (0, 1) for given in (LOVISA, VERA, "Signe")]
    assert len(apart(*records)) == 12


@pytest.mark.parametrize("missing", range(4))
def test_three_records_do_not_show_it(missing):
    """One twin alone may be a person whom one reporter calls otherwise."""
    assert apart(*(one for index, one in enumerate(TWINS) if index != missing)) == set()


def test_nor_does_one_reporter_alone():
    assert apart(*(record(0, given) for given in (LOVISA, VERA, LOVISA, VERA))) == set()


@pytest.mark.parametrize("reporter", [0, 1, 2])
def test_a_record_with_both_names_says_otherwise(reporter):
    assert apart(*TWINS, record(reporter, BOTH)) == set()


def test_partners_at_a_third_reporter_do_not_part_records_of_two_others():
    one_each = (record(0, LOVISA), record(1, VERA), record(2, LOVISA), record(2, VERA))
    assert (0, 1) not in apart(*one_each)
    assert (2, 3) not in apart(*one_each)


def test_nothing_depends_on_the_order_of_pairs():
    order = np.random.default_rng(1).permutation(6)
    assert apart(*TWINS, order=order) == OTHERS


def test_other_families_and_dates_need_no_help():
    ends = np.column_stack(np.triu_indices(4, 1)).astype(np.int64)
    for other in ({"family_names": 0}, {"birth_year": 0}):
        same = [pattern() if (a, b) in {(0, 2), (1, 3)} else pattern(given_names=0, **other) for a, b in ends.tolist()]
        reporter, alike = np.array([0, 0, 1, 1]), np.zeros(6, np.bool_)
        assert not held_apart(ends, np.array(same, np.int8), TABLES, reporter=reporter, sound_alike=alike).any()


def test_no_pairs():
    none = np.zeros((0, 2), np.int64), np.zeros((0, len(NAMES)), np.int8), TABLES
    assert held_apart(*none, reporter=np.zeros(3, int), sound_alike=np.zeros(0, bool)).tolist() == []


def words(levels, ends=None, *, reporter=(0, 1), sound_alike=None):
    """Give the evidence that given names are other words."""
    ends = np.array([(0, 1)] if ends is None else ends, np.int64)
    alike = np.zeros(len(ends), np.bool_) if sound_alike is None else np.array(sound_alike)
    found, _ = other_words(ends, np.array(levels, np.int8), TABLES, reporter=np.array(reporter), sound_alike=alike)
    return found.tolist()


ALONE = pytest.approx(OTHER_WORDS - np.log(1 + 1 / OTHER_PAIRS))
"""The evidence if a registry has one such pair."""


def of_words(given, n=1):
    """Give the evidence against one person of other words of a level, if `n` pairs of a registry have them."""
    likeness, pairs = max(np.log(GIVEN.m[given] / GIVEN.u[given]), 0), OTHER_PAIRS if given < 4 else NEAR_PAIRS
    return pytest.approx((OTHER_WORDS - np.log(1 + n / pairs)) * (1 + likeness / OTHER_WORDS))


@pytest.mark.parametrize("given", range(6))
def test_twins_of_whom_each_reporter_knows_one_have_other_words(given):
    assert words([pattern(given_names=given)]) == [of_words(given)]


def test_a_registry_with_many_near_names_takes_them_for_slips_before_it_takes_other_words_for_two_names():
    ends = np.arange(40).reshape(-1, 2)
    near, unlike = (words([pattern(given_names=given)] * 20, ends, reporter=np.tile([0, 1], 20))[0] for given in (5, 0))
    assert [near, unlike] == [of_words(5, 20), of_words(0, 20)]


@pytest.mark.parametrize("given", [6, 7, -1])
def test_spellings_equal_names_and_no_names_are_not_other_words(given):
    assert words([pattern(given_names=given)]) == [0]


def test_names_that_sound_alike_are_not():
    assert words([pattern(given_names=1)], sound_alike=[True]) == [0]


@pytest.mark.parametrize("without", [{"family_names": 4}, {"family_names": -1}, {"birth_day": -1}, {"birth_year": 2}])
def test_the_family_and_the_whole_date_must_be_the_same(without):
    assert words([pattern(given_names=3, **without)]) == [0]


def test_a_family_name_in_two_spellings_may_be_why_they_do_not_sound_alike():
    assert words([pattern(given_names=3, family_names=6)]) == words([pattern(given_names=5, family_names=6)]) == [0]
    assert words([pattern(given_names=1, family_names=6)]) == [ALONE]


def test_within_a_reporter_such_pairs_count_twice_for_one_person():
    assert words([pattern(given_names=0)], reporter=(0, 0)) == pytest.approx([OTHER_WORDS - 2 * np.log(1.1)])
    ends = np.arange(200).reshape(-1, 2)
    found = words([pattern(given_names=0)] * 100, ends, reporter=np.repeat(np.arange(100), 2))
    assert set(found) == {0}


def test_a_record_with_both_names_says_otherwise_there_too():
    levels = [pattern(given_names=0), pattern(given_names=5), pattern(given_names=5)]
    ends, alike = [(0, 1), (0, 2), (1, 2)], [False, True, True]
    assert words(levels, ends, reporter=(0, 1, 1), sound_alike=alike)[0] == 0


def registry(n_alone, n_twins):
    """Give the evidence of pairs of other words: persons with two names, and twins whom both reporters know."""
    levels, ends, reporter, wanted = [], [], [], []
    for n in range(n_alone):
        ends.append((2 * n, 2 * n + 1))
        levels.append(pattern(given_names=0))
        reporter += [0, 1]
        wanted.append(True)
    for _ in range(n_twins):
        one, other, one_again, other_again = range(len(reporter), len(reporter) + 4)
        ends += [(one, one_again), (other, other_again), (one, other_again), (other, one_again)]
        levels += [pattern(), pattern(), pattern(given_names=0), pattern(given_names=0)]
        reporter += [0, 0, 1, 1]
        wanted += [False] * 4
    return np.array(words(levels, ends, reporter=reporter))[np.array(wanted)]


@pytest.mark.parametrize("told", [{"serial": 3}, {"foreign_number": 7}, {"serial": 0}, {"sex": 0}])
def test_pairs_that_are_told_by_number_or_sex_show_nothing_of_the_others(told):
    ends = np.arange(82).reshape(-1, 2)
    levels = [pattern(given_names=0)] + [pattern(given_names=0, **told)] * 40
    assert words(levels, ends, reporter=np.tile([0, 1], 41))[0] == ALONE


def test_persons_with_two_names_show_in_the_registry():
    few, many = registry(20, 0)[0], registry(400, 0)[0]
    assert few == pytest.approx(OTHER_WORDS - np.log(30 / 10))
    assert 0 == registry(int(np.exp(OTHER_WORDS) * OTHER_PAIRS), 0)[0] <= many < few < OTHER_WORDS


def test_and_so_do_twins():
    assert registry(20, 10)[0] == pytest.approx(OTHER_WORDS)
    assert registry(1, 40)[0] == OTHER_WORDS


def test_other_words_of_no_pairs():
    none = np.zeros((0, 2), np.int64), np.zeros((0, len(NAMES)), np.int8), TABLES
    assert other_words(*none, reporter=np.zeros(3, int), sound_alike=np.zeros(0, bool))[0].tolist() == []
