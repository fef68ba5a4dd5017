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
TOP = {"given_names": 7, "family_names": 7, "birth_year": 5, "birth_month": 2, "birth_day": 2, "sex": 1, "swapped": 0}
SWEDEN, MUNICIPALITY = 10_600_000, 20_000

pytestmark = pytest.mark.quick


def namesakes(*fields, population=SWEDEN, **levels):
    row = [(levels | {name: TOP[name] for name in fields}).get(name, -1) for name in NAMES]
    return float(expected_namesakes(np.array([row], np.int8), TABLES, population=population)[0])


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


def test_the_fields_that_were_compared_count_and_not_how_well_they_agree():
    assert namesakes(*DATE, given_names=3, family_names=7) == namesakes(*DATE, *BOTH)


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


def registry(n_known, weak=1.0):
    """Give `n_known` persons known to two reporters by a full date, and one pair with as many namesakes as `weak`."""
    n = 2 * (n_known + 1)
    ends = np.arange(n).reshape(-1, 2)
    found = np.append(np.zeros(n_known), weak)
    return dict(group=np.repeat(ends[:, 0], 2), ends=ends, log_odds=np.full(n_known + 1, 5.0)), found, np.arange(n) % 2


def test_a_registry_that_knows_few_persons_in_common_links_none_on_little():
    for n_known in (0, KNOWN_PERSONS - 1):
        pairs, found, reporter = registry(n_known)
        assert weak_pairs(found, *pairs.values(), reporter=reporter).tolist() == [False] * n_known + [True]


def test_one_that_knows_many_believes_its_model():
    pairs, found, reporter = registry(KNOWN_PERSONS)
    assert not weak_pairs(found, *pairs.values(), reporter=reporter).any()


def test_what_hundreds_share_is_too_little_in_any_registry():
    pairs, found, reporter = registry(KNOWN_PERSONS, weak=MOST_EVER + 1)
    assert weak_pairs(found, *pairs.values(), reporter=reporter).sum() == 1


def taken_apart(group, ends, weak, reporter, log_odds=None):
    names = 10 * np.arange(len(group)) + 7
    odds = np.full(len(ends), 3.0) if log_odds is None else np.array(log_odds)
    ends = np.array(ends, np.int64).reshape(-1, 2)
    found = without_weak_groups(
        names[np.array(group)], ends, odds, np.array(weak, bool), reporter=np.array(reporter), names=names
    )
    return ((found - 7) // 10).tolist()


def test_a_group_of_weak_pairs_falls_apart_by_reporter():
    assert taken_apart([0, 0], [(0, 1)], [True], [0, 1]) == [0, 1]
    assert taken_apart([0, 0, 0, 0], [(0, 1), (0, 2), (1, 3)], [True] * 3, [0, 1, 0, 1]) == [0, 1, 0, 1]


def test_a_telling_pair_holds_the_weak_ones_of_its_group():
    assert taken_apart([0, 0, 0], [(0, 1), (1, 2)], [False, True], [0, 1, 1]) == [0, 0, 0]


def test_it_must_itself_favour_a_match():
    assert taken_apart([0, 0, 0], [(0, 1), (1, 2)], [False, True], [0, 1, 1], [-1.0, 3.0]) == [0, 1, 1]


def test_other_groups_stay():
    assert taken_apart([0, 0, 2, 2], [(0, 1), (2, 3)], [True, False], [0, 1, 0, 1]) == [0, 1, 2, 2]
    assert taken_apart([0], [], [], [0]) == [0]
