"""What numbers prove of chance agreement: the ratio, its bounds, and when a precision is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from linkage.linking.model import ChanceAgreement, Model, RivalRate, StratumPrior
from linkage.linking.odds import probabilities
from linkage.linking.proven import MAX_RATIO, MIN_PROVEN, PRIOR_PAIRS, chance_agreement, precision_is_known
from linkage.linking.rivals import RIVALS
from linkage.linking.score import log_chance, log_ratios, score
from linkage.linking.strata import Strata
from pseudonym.profile import FieldTable

TABLES = (
    FieldTable(field="given_names", edges=(0.5,), u=(0.9999, 0.0001), m=(0.1, 0.9)),
    FieldTable(field="serial", edges=(0.0,), u=(0.9999, 0.0001), m=(0.0001, 0.9999)),
)
STRATA = Strata.of({"a": 100, "b": 100})
BETWEEN, WITHIN = 1, 0
MODEL = Model(
    fields=TABLES,
    strata=(),
    rate_between=0.01,
    rate_within=0.01,
    partner_share=0.01,
    rivals=tuple(RivalRate(name, 0.0, 0.0) for name in RIVALS),
    iterations=1,
    converged=True,
)
EQUAL_NAMES = {"equal": (1, 1), "differs": (1, 0), "absent": (1, -1)}


def fitted(different: int, equal: int, *, absent: int = 0, stratum: int = BETWEEN, against: float = 0.0) -> Model:
    levels = np.array([EQUAL_NAMES["differs"], EQUAL_NAMES["equal"], EQUAL_NAMES["absent"]], np.int8)
    counts = np.array([different, equal, absent])
    return chance_agreement(
        levels,
        np.full(3, stratum),
        counts,
        against=np.full(3, against),
        model=MODEL,
        strata=STRATA,
    )


def of_two_persons(model: Model, stratum: int = BETWEEN) -> float:
    """The probability that a pair with equal names and no number is two persons."""
    levels = np.array([EQUAL_NAMES["absent"]], np.int8)
    return float(1 - score(levels, np.array([stratum]), model, strata=STRATA).probability[0])


def test_the_strata_are_what_they_are_called():
    assert STRATA.is_within[[BETWEEN, WITHIN]].tolist() == [False, True]


def test_without_numbers_as_many_pairs_are_two_persons_as_numbers_prove():
    assert of_two_persons(MODEL) == pytest.approx(0.527, abs=0.01)
    for different in (400_000, 600_000, 800_000):
        model = fitted(different, 1_000_000 - different)
        assert of_two_persons(model) == pytest.approx(different / 1_000_000, abs=0.001)


def test_what_was_expected_changes_nothing():
    different = round(1_000_000 * of_two_persons(MODEL))
    assert fitted(different, 1_000_000 - different).chance_between.ratio == pytest.approx(1.0, abs=0.001)


def test_few_pairs_change_little_and_fewer_nothing():
    # As decided beforehand: twenty pairs of two persons weigh as much as the tables.
    assert PRIOR_PAIRS == 20.0
    few, many = fitted(30, 10), fitted(3_000, 1_000)
    assert 1 < few.chance_between.ratio < many.chance_between.ratio
    fewer = fitted(9, 1)
    assert fewer.chance_between.ratio == 1.0
    assert 0 < fewer.chance_between.proven < MIN_PROVEN


@pytest.mark.parametrize(("different", "equal", "ratio"), [(100_000, 0, MAX_RATIO), (0, 100_000, 1 / MAX_RATIO)])
def test_the_ratio_is_bounded(different, equal, ratio):
    assert fitted(different, equal).chance_between.ratio == pytest.approx(ratio)


def test_pairs_without_a_number_prove_nothing():
    assert fitted(300, 100, absent=10_000) == fitted(300, 100)
    assert fitted(0, 0, absent=10_000).chance_between == ChanceAgreement()


def test_pairs_that_only_a_number_brings_together_do_not_count():
    # With as much against them, they would not be candidates without it.
    assert fitted(3_000, 1_000, against=5.0).chance_between == ChanceAgreement()


def test_between_reporters_and_within_them_are_fitted_apart():
    model = fitted(3_000, 1_000, stratum=WITHIN)
    assert model.chance_between == ChanceAgreement()
    assert model.chance_within.ratio > 1
    assert of_two_persons(model, BETWEEN) == of_two_persons(MODEL, BETWEEN)
    assert of_two_persons(model, WITHIN) > of_two_persons(MODEL, WITHIN)


def test_a_second_fit_does_not_count_the_first_again():
    model = fitted(3_000, 1_000)
    levels = np.array([EQUAL_NAMES["differs"], EQUAL_NAMES["equal"]], np.int8)
    again = chance_agreement(
        levels, np.full(2, BETWEEN), np.array([3_000, 1_000]), against=np.zeros(2), model=model, strata=STRATA
    )
    assert again == model


def test_the_order_of_pairs_does_not_matter():
    rng = np.random.default_rng(7)
    levels = rng.integers(-1, 2, (60, 2)).astype(np.int8)
    stratum, counts, against = rng.integers(0, 3, 60), rng.integers(1, 90, 60), rng.random(60)
    found = set()
    for order in (np.arange(60), rng.permutation(60), rng.permutation(60)):
        model = chance_agreement(
            levels[order], stratum[order], counts[order], against=against[order], model=MODEL, strata=STRATA
        )
        found.add((model.chance_between, model.chance_within))
    assert len(found) == 1


def test_a_pair_with_numbers_is_not_corrected():
    model = replace(MODEL, chance_between=ChanceAgreement(2.0, 100.0), chance_within=ChanceAgreement(3.0, 100.0))
    levels = np.array(list(EQUAL_NAMES.values()) * 2, np.int8)
    stratum = np.repeat([BETWEEN, WITHIN], 3)
    found = log_chance(log_ratios(levels, TABLES), stratum, model, strata=STRATA)
    assert found.tolist() == pytest.approx([0, 0, np.log(2), 0, 0, np.log(3)])
    shift = (
        score(levels, stratum, MODEL, strata=STRATA).log_odds - score(levels, stratum, model, strata=STRATA).log_odds
    )
    assert shift.tolist() == pytest.approx(found.tolist())


def test_a_model_keeps_it_and_an_older_one_has_none():
    model = fitted(3_000, 1_000)
    assert Model.from_json(model.to_json()) == model
    text = MODEL.to_json()
    older = text.replace('"chance_between": {"proven": 0.0, "ratio": 1.0}, ', "")
    older = older.replace('"chance_within": {"proven": 0.0, "ratio": 1.0}, ', "")
    assert older != text
    assert Model.from_json(older) == MODEL


def _known(*, between: float = 0.0, within: float = 0.0, rate: float = 0.01, shared: float = 1_000.0) -> Model:
    stratum = StratumPrior(("a", "b"), 10_000, shared, 0.01, 1.0, tuple(0.0 for _ in RIVALS))
    return replace(
        MODEL,
        strata=(stratum,),
        rate_between=rate,
        chance_between=ChanceAgreement(1.0, between),
        chance_within=ChanceAgreement(1.0, within),
    )


@pytest.mark.parametrize(
    ("model", "n_between", "n_within", "known"),
    [
        (_known(), 100, 0, False),
        (_known(between=MIN_PROVEN), 100, 0, True),
        (_known(rate=0.5), 100, 0, True),
        (_known(rate=0.5, shared=29.0), 100, 0, False),
        (_known(rate=0.5), 40, 60, False),
        (_known(rate=0.5), 60, 40, True),
        (_known(within=MIN_PROVEN), 40, 60, True),
        (_known(within=MIN_PROVEN), 60, 40, False),
    ],
)
def test_a_precision_is_known_if_most_links_are_of_a_kind_that_was_checked(model, n_between, n_within, known):
    assert precision_is_known(model, n_between=n_between, n_within=n_within) is known


def test_probabilities_are_those_of_the_ratio():
    # One pair by hand: odds of a match 0.9 / 0.0001 times 0.01 / 100, and half as much with a ratio of 2.
    model = replace(MODEL, chance_between=ChanceAgreement(2.0, 100.0))
    levels = np.array([EQUAL_NAMES["absent"]], np.int8)
    log_odds = score(levels, np.array([BETWEEN]), model, strata=STRATA).log_odds
    prior = MODEL.match_priors(STRATA)[BETWEEN]
    assert probabilities(log_odds)[0] == pytest.approx(1 / (1 + 2 * (1 - prior) / prior / 9_000))
