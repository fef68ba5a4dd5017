"""Evidence has a floor: what many people share joins nobody, unless the registry knows how many it has in common."""

import numpy as np
import pytest

from linkage.linking.namesakes import (
    KNOWN_PERSONS,
    MOST_EVER,
    MOST_NAMESAKES,
    expected_namesakes,
    highest_log_odds,
    weak_pairs,
    without_weak_groups,
)
from linkage.linking.odds import probabilities
from pseudonym.profile import load_profile

TABLES = load_profile("case-registry").linking.fields
NAMES = [table.field for table in TABLES]
SERIAL = TABLES[NAMES.index("serial")]
TOP = {"given_names": 7, "family_names": 7, "birth_year": 5, "birth_month": 2, "birth_day": 2, "sex": 1, "swapped": 0}
SWEDEN, MUNICIPALITY = 10_600_000, 20_000

pytestmark = pytest.mark.quick


def namesakes(*fields, population=SWEDEN, sound_alike=False, **levels):
    row = np.array([[({name: TOP[name] for name in fields} | levels).get(name, -1) for name in NAMES]], np.int8)
    alike = None if sound_alike is None else np.array([sound_alike])
    return float(expected_namesakes(row, TABLES, population=population, sound_alike=alike)[0])


DATE = ("birth_year", "birth_month", "birth_day")
BOTH = ("given_names", "family_names")


@pytest.mark.parametrize(
    ("fields", "least", "most"),
    [
        (("family_names", "birth_year"), MOST_EVER, np.inf),
        (("given_names", "birth_year", "sex"), MOST_EVER, np.inf),
        (BOTH, MOST_NAMESAKES, MOST_EVER),
        ((*BOTH, "birth_year", "sex"), MOST_NAMESAKES, MOST_EVER),
        (("family_names", *DATE, "sex"), MOST_NAMESAKES, MOST_EVER),
        (("given_names", *DATE, "sex"), MOST_NAMESAKES, MOST_EVER),
        ((*BOTH, *DATE), 0, MOST_NAMESAKES),
        ((*BOTH, "birth_year", "birth_month", "sex"), 0, MOST_NAMESAKES),
    ],
)
def test_what_two_records_have_decides_how_many_others_would_agree(fields, least, most):
    assert least <= namesakes(*fields) <= most


def test_a_small_population_has_fewer():
    assert namesakes(*BOTH, "birth_year", "sex", population=MUNICIPALITY) < MOST_NAMESAKES
    assert namesakes("family_names", "birth_year", population=MUNICIPALITY) > MOST_NAMESAKES


ALL = (*BOTH, *DATE, "sex")


@pytest.mark.parametrize("family", [4, 5, 6])
def test_family_names_that_are_alike_are_as_rare_as_equal_ones(family):
    assert namesakes(*ALL, family_names=family) == namesakes(*ALL) < MOST_NAMESAKES


@pytest.mark.parametrize("family", range(4))
def test_others_leave_those_who_share_the_rest(family):
    """Two women named Anna of one birth date: one who married, or two."""
    without = namesakes("given_names", *DATE, "sex")
    assert namesakes(*ALL, family_names=family) == pytest.approx(without)
    assert without > MOST_NAMESAKES


def test_the_less_given_names_are_alike_the_more_have_such_names():
    found = [namesakes(*ALL, given_names=given) for given in range(8)]
    assert found == sorted(found, reverse=True)
    assert found[0] == found[2] == pytest.approx(namesakes("family_names", *DATE, "sex"))
    assert found[3] > MOST_NAMESAKES > found[4]


def test_names_that_sound_alike_are_spellings_of_one():
    assert namesakes(*ALL, given_names=3, family_names=3, sound_alike=True) == namesakes(*ALL)
    assert namesakes(*ALL, family_names=0, sound_alike=True) > MOST_NAMESAKES


def test_father_and_son_of_one_birthday_share_all_but_the_year():
    assert namesakes(*ALL, birth_year=0) > MOST_NAMESAKES > namesakes(*ALL, birth_year=4)


def test_sisters_with_a_year_between_share_little():
    assert namesakes(*ALL, birth_year=4, given_names=4) > MOST_NAMESAKES


@pytest.mark.parametrize("date", [{"birth_month": 0}, {"birth_day": 0}, {"birth_month": 1}, {"birth_day": 1}])
def test_one_slip_in_a_date_leaves_enough(date):
    assert namesakes(*ALL, **date) < MOST_NAMESAKES


def test_two_numbers_that_have_nothing_in_common_are_those_of_two():
    assert namesakes(*ALL, serial=0) == 1 > MOST_NAMESAKES > namesakes(*ALL, serial=1)


def test_an_exchanged_date_has_a_day():
    exchanged = namesakes("birth_year", birth_month=3)
    assert exchanged == pytest.approx(namesakes(*DATE))


def test_equal_numbers_have_no_namesakes_and_others_do():
    assert namesakes(*DATE, serial=3) == 0
    assert namesakes(foreign_number=7) == 0
    assert namesakes("birth_year", serial=2) > 0


def test_the_odds_are_those_of_one_among_all_who_agree():
    odds = highest_log_odds(np.array([0.0, 1.0, 9.0]))
    assert probabilities(odds) == pytest.approx([1.0, 0.5, 0.1])


@pytest.mark.parametrize("levels", [{"family_names": 0}, {"birth_year": 0}, {"serial": 0}, {"given_names": 3}])
def test_how_many_agree_in_full_does_not_depend_on_how_well_the_two_do(levels):
    assert namesakes(*ALL, sound_alike=None, **levels) == pytest.approx(
        namesakes(*ALL, sound_alike=None) * (1 if "serial" not in levels else SERIAL.u[-1])
    )


def registry(n_known, weak=1.0):
    """Give `n_known` persons known to two reporters by a full date, and one pair with as many namesakes as `weak`."""
    n = 2 * (n_known + 1)
    ends = np.arange(n).reshape(-1, 2)
    found = np.append(np.zeros(n_known), weak)
    return dict(group=np.repeat(ends[:, 0], 2), ends=ends, log_odds=np.full(n_known + 1, 5.0)), found, np.arange(n) % 2


def test_a_registry_that_knows_few_persons_in_common_links_none_on_little():
    for n_known in (0, KNOWN_PERSONS - 1):
        pairs, found, reporter = registry(n_known)
        assert weak_pairs(found, found, *pairs.values(), reporter=reporter).tolist() == [0] * n_known + [1]


def test_one_that_knows_many_believes_its_model():
    pairs, found, reporter = registry(KNOWN_PERSONS)
    assert not weak_pairs(found, found + MOST_EVER, *pairs.values(), reporter=reporter).any()


def test_what_hundreds_share_is_too_little_in_any_registry():
    pairs, found, reporter = registry(KNOWN_PERSONS, weak=MOST_EVER + 1)
    assert (weak_pairs(found, found, *pairs.values(), reporter=reporter) > 0).sum() == 1


def taken_apart(group, ends, weak, reporter, log_odds=None, too_many=None):
    names = 10 * np.arange(len(group)) + 7
    odds = np.full(len(ends), 3.0) if log_odds is None else np.array(log_odds)
    ends = np.array(ends, np.int64).reshape(-1, 2)
    found = without_weak_groups(
        names[np.array(group)],
        ends,
        odds,
        np.array(weak, bool),
        too_many=np.zeros(len(ends), bool) if too_many is None else np.array(too_many),
        reporter=np.array(reporter),
        names=names,
    )
    return ((found - 7) // 10).tolist()


def test_a_group_of_weak_pairs_falls_apart_by_reporter():
    assert taken_apart([0, 0], [(0, 1)], [True], [0, 1]) == [0, 1]
    assert taken_apart([0, 0, 0, 0], [(0, 1), (0, 2), (1, 3)], [True] * 3, [0, 1, 0, 1]) == [0, 1, 0, 1]


def test_a_telling_pair_holds_the_weak_ones_of_its_group():
    assert taken_apart([0, 0, 0], [(0, 1), (1, 2)], [False, True], [0, 1, 1]) == [0, 0, 0]


def test_a_pair_within_a_reporter_does_not_hold_those_of_another():
    assert taken_apart([0, 0, 0], [(0, 1), (1, 2)], [False, True], [0, 0, 1]) == [0, 0, 2]


def test_it_must_itself_favour_a_match():
    assert taken_apart([0, 0, 0], [(0, 1), (1, 2)], [False, True], [0, 1, 1], [-1.0, 3.0]) == [0, 1, 1]


def test_records_of_one_reporter_that_only_weak_pairs_of_another_connect_fall_apart():
    ends, group, reporter = [(0, 2), (1, 3), (0, 3), (1, 2), (0, 1)], [0, 0, 0, 0], [0, 0, 1, 1]
    odds = [5.0, 5.0, 0.2, 0.2, -0.2]
    assert taken_apart(group, ends, [True] * 5, reporter, odds) == [0, 1, 2, 3]
    assert taken_apart(group, ends, [True] * 5, reporter, [*odds[:4], 0.2]) == [0, 0, 2, 3]


def test_what_hundreds_share_joins_no_two_records_of_one_reporter():
    assert taken_apart([0, 0], [(0, 1)], [True], [0, 0], too_many=[True]) == [0, 1]
    assert taken_apart([0, 0], [(0, 1)], [True], [0, 0], too_many=[False]) == [0, 0]


def test_but_another_pair_holds_them():
    ends, weak = [(0, 1), (1, 2)], [True, False]
    assert taken_apart([0, 0, 0], ends, weak, [0, 0, 1], too_many=weak) == [0, 0, 0]


def test_other_groups_stay():
    assert taken_apart([0, 0, 2, 2], [(0, 1), (2, 3)], [True, False], [0, 1, 0, 1]) == [0, 1, 2, 2]
    assert taken_apart([0], [], [], [0]) == [0]
