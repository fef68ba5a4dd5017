"""Rivals of a match: different persons who agree for a reason must neither be linked nor spoil the fit."""

from __future__ import annotations

import numpy as np
import pytest

from linkage.linking.fit import IMPLAUSIBLE, MAX_RISE, fit
from linkage.linking.patterns import count_patterns
from linkage.linking.rivals import RIVALS, log_alternative, rival_ratios, shared_fields
from linkage.linking.score import score
from linkage.linking.strata import Strata
from tests.unit.linkage.linking.simulation import (
    LINKING,
    N_MATCHES,
    PATTERNS,
    TABLES,
    THREE,
    TRUE,
    U,
    as_counts,
    pattern_probabilities,
    simulate,
)
from tests.unit.linkage.linking.twins import field_table, linking_of

RATES = {"namesake": 0.05, "twin": 0.01}
"""Rivals for each record of the smaller reporter, as the simulation draws them."""


def draw_rivals(rates, rng):
    """Draw patterns of rivals in all strata, `(s, patterns)`."""
    drawn = np.zeros((len(THREE.n_pairs), len(PATTERNS)), np.int64)
    for name, rate in rates.items():
        shared = RIVALS[name].fields
        probability = pattern_probabilities([TRUE[field] if field in shared else u for field, (_, u) in U.items()])
        for stratum, size in enumerate(THREE.n_small):
            drawn[stratum] += rng.multinomial(int(rate * size), probability)
    return drawn


def judge(drawn):
    """Fit to drawn patterns and give the model and each pattern's probability of a match, `(s, patterns)`."""
    model = fit(as_counts(drawn), LINKING, THREE)
    stratum = np.repeat(np.arange(3), len(PATTERNS))
    found = score(np.tile(PATTERNS, (3, 1)), stratum, model, strata=THREE)
    return model, found.probability.reshape(3, -1)


@pytest.mark.slow
def test_expected_precision_is_the_true_one_though_there_are_rivals():
    differences = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        matches, others = simulate(THREE, N_MATCHES, rng)
        drawn = matches + others + draw_rivals(RATES, rng)
        _, probability = judge(drawn)
        links = probability >= 0.5
        expected = (probability * drawn)[links].sum() / drawn[links].sum()
        true = matches[links].sum() / drawn[links].sum()
        assert 0.88 < true < 0.99
        assert matches[links].sum() / N_MATCHES.sum() > 0.8
        differences.append(expected - true)
    # The rate of twins is learned from few of them, so one draw differs by .01; the mean of twelve by .003.
    assert np.mean(differences) == pytest.approx(0, abs=0.006)


@pytest.mark.slow
def test_rates_of_rivals_are_recovered():
    found = []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        matches, others = simulate(THREE, N_MATCHES, rng)
        model, _ = judge(matches + others + draw_rivals(RATES, rng))
        assert model.converged
        found.append({rival.name: rival.between for rival in model.rivals})
    mean = {name: np.mean([rates[name] for rates in found]) for name in RIVALS}
    assert mean["namesake"] == pytest.approx(0.05, abs=0.02)
    assert mean["twin"] == pytest.approx(0.01, abs=0.005)
    # No number is scored, so nothing is learned of these, and the assumed rate fades.
    assert all(rate < 0.001 for name, rate in mean.items() if "number" in name)


@pytest.mark.whole
def test_many_namesakes_do_not_weaken_the_birth_date():
    # With chance as the only alternative this fit took the namesakes for its matches: there are five times as many.
    rng = np.random.default_rng(2)
    matches, others = simulate(THREE, N_MATCHES, rng)
    drawn = matches + others + draw_rivals({"namesake": 2.0}, rng)
    model, probability = judge(drawn)
    tables = {table.field: table for table in model.fields}
    assert tables["birth_year"].m == pytest.approx(TRUE["birth_year"], abs=0.05)
    assert tables["birth_day"].m == pytest.approx(TRUE["birth_day"], abs=0.05)
    links = probability >= 0.5
    assert matches[links].sum() / drawn[links].sum() > 0.9


@pytest.mark.slow
def test_a_registry_of_twins_does_not_learn_that_given_names_hardly_matter():
    """Nothing but a bound tells twins from persons with two names; without it, m of unlike names rises to half."""
    rng = np.random.default_rng(20260305)
    matches, others = simulate(THREE, N_MATCHES, rng)
    model, probability = judge(matches + others + draw_rivals({"twin": 0.5}, rng))
    given, shipped = model.fields[0], LINKING.fields[0]
    assert given.field == shipped.field == "given_names"
    limited = [m < u for m, u in zip(shipped.m, shipped.u, strict=True)]
    assert any(limited)
    assert all(m <= MAX_RISE * old * 1.001 for m, old, low in zip(given.m, shipped.m, limited, strict=True) if low)
    assert sum(given.m) == pytest.approx(1)
    twin = int(np.flatnonzero((PATTERNS == [0, 4, 2, 1, 1, 0]).all(axis=1))[0])
    assert probability[1, twin] < 0.5


@pytest.mark.whole
def test_twins_are_not_linked_where_there_are_twins():
    rng = np.random.default_rng(3)
    matches, others = simulate(THREE, N_MATCHES, rng)
    # Family name and birth date agree in full, the given names not at all.
    twin = int(np.flatnonzero((PATTERNS == [0, 4, 2, 1, 1, 0]).all(axis=1))[0])
    between = 1
    _, without = judge(matches + others)
    _, with_twins = judge(matches + others + draw_rivals({"twin": 0.1}, rng))
    assert with_twins[between, twin] < 0.5
    assert with_twins[between, twin] < without[between, twin]


def test_a_rival_that_would_share_every_scored_field_is_left_out():
    tables = [field_table("family_names", (8,), (0.9, 0.1), (0.1, 0.9))]
    shared = shared_fields(tables)
    assert not shared.any()
    ratios = rival_ratios(np.zeros((3, 1)), shared)
    assert np.isneginf(ratios).all()
    assert log_alternative(ratios, np.full((3, len(RIVALS)), 0.1)).tolist() == [0, 0, 0]


def test_the_alternative_sums_chance_and_rivals():
    names = [table.field for table in TABLES]
    evidence = np.zeros((1, len(TABLES)))
    evidence[0, names.index("family_names")] = np.log(50)
    evidence[0, names.index("birth_day")] = np.log(20)
    share = np.full((1, len(RIVALS)), 4e-3)
    share[0, list(RIVALS).index("namesake")] = 1e-3
    share[0, list(RIVALS).index("twin")] = 2e-3
    ratios = rival_ratios(evidence, shared_fields(TABLES))
    expected = 1 + 1e-3 * 50 + 2e-3 * 50 * 20
    assert np.exp(log_alternative(ratios, share))[0] == pytest.approx(expected)


def test_an_absent_field_speaks_neither_for_a_rival_nor_against_it():
    evidence = np.zeros((1, len(TABLES)))
    ratios = rival_ratios(evidence, shared_fields(TABLES))[0]
    assert [ratio for ratio in ratios if np.isfinite(ratio)] == [0, 0]


@pytest.mark.whole
def test_old_answers_do_not_move_when_reporters_grow():
    rng = np.random.default_rng(5)
    matches, others = simulate(THREE, N_MATCHES, rng)
    model = fit(as_counts(matches + others), LINKING, THREE)
    grown = Strata.of({"police": 60_000, "schools": 90_000})
    stratum = np.ones(len(PATTERNS), np.int64)
    before = score(PATTERNS, stratum, model, strata=THREE)
    after = score(PATTERNS, stratum, model, strata=grown)
    assert np.array_equal(before.log_odds, after.log_odds)


def test_a_score_does_not_depend_on_the_other_rows():
    rng = np.random.default_rng(6)
    evidence = rng.normal(size=(500, len(TABLES)))
    shared = shared_fields(TABLES)
    together = rival_ratios(evidence, shared)
    alone = np.concatenate([rival_ratios(row[None], shared) for row in evidence])
    assert np.array_equal(together, alone)


def test_a_placeholder_that_many_share_does_not_make_them_one_person():
    # 300 records of one reporter have one birth date and nothing else in common; the reporter has no duplicates.
    strata = Strata.of({"police": 300})
    rng = np.random.default_rng(7)
    chance = [rng.choice(len(u), 44_850, p=u) for _, u in U.values()]
    levels = np.stack(chance, axis=1).astype(np.int8)
    levels[:, 2:5] = [2, 1, 1]
    stratum = np.zeros(len(levels), np.int64)
    model = fit(count_patterns(levels, stratum, TABLES), LINKING, strata)
    assert IMPLAUSIBLE in model.note
    assert model.fields == TABLES
    probability = score(levels, stratum, model, strata=strata).probability
    assert (probability >= 0.5).mean() < 0.01


# Numbers of other persons.

NUMBERED_U = {
    "given_names": ((8, 0.5), (0.97, 0.02, 0.01)),
    "family_names": ((8, 0.5), (0.96, 0.02, 0.02)),
    "birth_year": ((0.5,), (0.975, 0.025)),
    "birth_day": ((0.5,), (0.967, 0.033)),
    "serial": ((0.5,), (0.998, 0.002)),
    "sex": ((0.5,), (0.5, 0.5)),
}
NUMBERED_M = {
    "given_names": (0.08, 0.12, 0.80),
    "family_names": (0.08, 0.12, 0.80),
    "birth_year": (0.04, 0.96),
    "birth_day": (0.05, 0.95),
    "serial": (0.04, 0.96),
    "sex": (0.01, 0.99),
}
NUMBERED = tuple(field_table(field, edges, u, NUMBERED_M[field]) for field, (edges, u) in NUMBERED_U.items())
NAMES = [table.field for table in NUMBERED]
RELATIVE = [0, 2, 1, 1, 1, 0]
"""Number, date and family name agree, given names and sex do not."""
OF_NOBODY = [0, 0, 1, 1, 1, 0]
"""Number and date agree, and nothing else."""


def draw_numbered(n, shared, rng):
    """Draw the levels of `n` pairs that are alike as matches are in the shared fields, and as chance is in others."""
    tables = [NUMBERED_M[field] if field in shared else NUMBERED_U[field][1] for field in NAMES]
    return np.stack([rng.choice(len(table), n, p=table) for table in tables], axis=1).astype(np.int8)


def fit_numbered(**n_pairs):
    """Fit matches, pairs by chance and rivals of each kind, between two reporters of 2,000 records."""
    rng = np.random.default_rng(11)
    kinds = {"match": set(NAMES), "chance": set(), **{name: rival.fields for name, rival in RIVALS.items()}}
    levels = np.concatenate([draw_numbered(n, kinds[name.replace("_", " ")], rng) for name, n in n_pairs.items()])
    stratum = np.ones(len(levels), np.int64)
    return fit(count_patterns(levels, stratum, NUMBERED), linking_of(NUMBERED), Strata.of({"a": 2_000, "b": 2_000}))


def probability_of(model, levels):
    strata = Strata.of({"a": 2_000, "b": 2_000})
    return float(score(np.array([levels], np.int8), np.ones(1, np.int64), model, strata=strata).probability[0])


def test_the_number_of_a_relative_is_known_for_what_it_is():
    # As often as chance would have it, such a pair would be a match: all of number, date and family name agree.
    without = fit_numbered(match=1_000, chance=100_000)
    assert probability_of(without, RELATIVE) > 0.5
    with_them = fit_numbered(match=1_000, chance=100_000, number_of_a_relative=40)
    rates = {rival.name: rival.between for rival in with_them.rivals}
    assert rates["number of a relative"] == pytest.approx(40 / 2_000, abs=0.01)
    assert probability_of(with_them, RELATIVE) < 0.1


def test_a_borrowed_number_brings_its_date_along():
    model = fit_numbered(match=1_000, chance=100_000, borrowed_number=40)
    rates = {rival.name: rival.between for rival in model.rivals}
    assert rates["borrowed number"] == pytest.approx(40 / 2_000, abs=0.01)
    assert rates["twin"] < 0.005
    assert probability_of(model, OF_NOBODY) < 0.1


def test_a_number_is_required_of_those_who_borrow_it():
    evidence = np.zeros((3, len(NUMBERED)))
    evidence[:, NAMES.index("birth_day")] = 3.0
    evidence[:, NAMES.index("serial")] = [5.0, 0.0, -2.0]
    ratios = rival_ratios(evidence, shared_fields(NUMBERED))[:, list(RIVALS).index("borrowed number")]
    assert ratios.tolist() == [8.0, -np.inf, -np.inf]


def test_a_rival_by_number_is_left_out_where_numbers_are_not_scored():
    shared = dict(zip(RIVALS, shared_fields(TABLES).tolist(), strict=True))
    assert any(shared["twin"])
    assert not any(shared["borrowed number"] + shared["number of a relative"] + shared["borrowed foreign number"])
