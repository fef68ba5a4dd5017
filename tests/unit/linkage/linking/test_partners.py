"""Exact partners hold: who differs in the same way at two reporters is two persons."""

import numpy as np
import pytest

from linkage.linking.partners import held_apart
from pseudonym.profile import load_profile

TABLES = load_profile("case-registry").linking.fields
NAMES = [table.field for table in TABLES]
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


def apart(*records, unlike=0, order=None):
    """Give the pairs that are held apart, of records `(reporter, given names, sex, number)` of one family and date."""
    reporter = np.array([record[0] for record in records], np.int64)
    ends = np.column_stack(np.triu_indices(len(records), 1)).astype(np.int64)
    ends = ends if order is None else ends[order]
    levels = np.array([compared(records[a][1:], records[b][1:], unlike) for a, b in ends.tolist()], np.int8)
    found = held_apart(ends, levels, TABLES, reporter=reporter)
    return {tuple(pair) for pair in ends[found].tolist()}


def record(reporter, given, sex="woman", number=None):
    return reporter, given, sex, number


TWINS = (record(0, LOVISA), record(0, VERA), record(1, LOVISA), record(1, VERA))
OTHERS = {(0, 1), (0, 3), (1, 2), (2, 3)}
"""All pairs of the twins but those of equal names."""


@pytest.mark.parametrize("unlike", range(5))
def test_twins_at_two_reporters_are_held_apart(unlike):
    assert apart(*TWINS, unlike=unlike) == OTHERS


@pytest.mark.parametrize("unlike", [5, 6])
def test_spellings_of_one_name_are_not(unlike):
    assert apart(*TWINS, unlike=unlike) == set()


def test_so_are_two_sexes_and_two_numbers():
    assert apart(*(record(r, LOVISA, sex) for r in (0, 1) for sex in ("woman", "man"))) == OTHERS
    assert apart(*(record(r, LOVISA, number=number) for r in (0, 1) for number in ("1", "2"))) == OTHERS


def test_two_differences_need_no_partners():
    one = record(0, LOVISA, "woman", "1")
    assert apart(one, record(1, VERA, "man", "1")) == {(0, 1)}
    assert apart(one, record(1, VERA, "woman", "2")) == {(0, 1)}
    assert apart(one, record(1, LOVISA, "woman", "2")) == set()
    assert apart(one, record(1, VERA, "woman", "2"), record(1, BOTH)) == set()


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
        assert not held_apart(ends, np.array(same, np.int8), TABLES, reporter=np.array([0, 0, 1, 1])).any()


def test_no_pairs():
    none = held_apart(np.zeros((0, 2), np.int64), np.zeros((0, len(NAMES)), np.int8), TABLES, reporter=np.zeros(3, int))
    assert none.tolist() == []
