"""Learning and deciding, on patterns whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import isotonic_regression

from linkage.linking.fit import FEW_MATCHES, MIN_MATCHES, NOT_CONVERGED, fit, monotone
from linkage.linking.model import Model
from linkage.linking.patterns import PatternCounts, count_patterns
from linkage.linking.score import log_ratios, score
from linkage.linking.strata import Strata
from tests.unit.linkage.linking.simulation import (
    ABSENT,
    LIMITS,
    LINKING,
    N_MATCHES,
    NO_RIVALS,
    OF_MATCHES,
    OF_OTHERS,
    PATTERNS,
    SHIPPED,
    TABLES,
    THREE,
    TRUE,
    U,
    as_counts,
    pattern_probabilities,
    simulate,
)
from tests.unit.linkage.linking.twins import linking_of


@pytest.fixture(scope="module")
def simulated():
    matches, others = simulate(THREE, N_MATCHES, np.random.default_rng(20260301))
    return matches, others, fit(as_counts(matches + others), LINKING, THREE)


@pytest.mark.whole
class TestSimulation:
    def test_three_strata(self):
        assert [tuple(pair) for pair in THREE.reporter_pairs.tolist()] == [(0, 0), (0, 1), (1, 1)]

    def test_m_is_recovered(self, simulated):
        _, _, model = simulated
        assert model.converged
        assert model.note == ""
        for table in model.fields:
            true = np.array(TRUE[table.field])
            # Three standard errors of a share among the matches that carry the field, and something for the prior.
            error = 3 * np.sqrt(true * (1 - true) / (N_MATCHES.sum() * (1 - ABSENT))) + 0.005
            assert (np.abs(np.array(table.m) - true) < error).all(), table.field
            assert table.u == U[table.field][1]

    def test_m_is_nearer_the_truth_than_what_was_shipped(self, simulated):
        _, _, model = simulated
        distance = [
            sum(np.abs(np.subtract(m, TRUE[field])).sum() for field, m in tables)
            for tables in (SHIPPED.items(), [(table.field, table.m) for table in model.fields])
        ]
        assert distance[1] < distance[0] / 4

    def test_match_priors_are_recovered(self, simulated):
        _, _, model = simulated
        expected = [stratum.expected_matches for stratum in model.strata]
        assert expected == pytest.approx(N_MATCHES, rel=0.1, abs=8)
        assert model.match_priors(THREE) == pytest.approx(N_MATCHES / THREE.n_pairs, rel=0.12)
        assert model.expected_matches == pytest.approx(N_MATCHES.sum(), rel=0.03)

    def test_probabilities_are_calibrated(self, simulated):
        matches, others, model = simulated
        found = score(np.tile(PATTERNS, (3, 1)), np.repeat(np.arange(3), len(PATTERNS)), model, strata=THREE)
        probability = found.probability.reshape(3, -1)
        for low, high in ((0.02, 0.2), (0.2, 0.5), (0.5, 0.8), (0.8, 0.98)):
            inside = (probability >= low) & (probability < high)
            drawn = (matches + others)[inside]
            expected = (probability[inside] * drawn).sum()
            error = 4 * np.sqrt((probability[inside] * (1 - probability[inside]) * drawn).sum())
            assert drawn.sum() > 50
            assert matches[inside].sum() == pytest.approx(expected, abs=error + 0.06 * drawn.sum())

    def test_only_candidates_need_be_counted(self, simulated):
        matches, others, model = simulated
        # A candidate agrees on a name or on two parts of the date, as match keys have it; true pairs hardly ever fail.
        agree = (PATTERNS[:, 0] == 4) | (PATTERNS[:, 1] == 4) | ((PATTERNS[:, 2:5] == [2, 1, 1]).sum(axis=1) >= 2)
        assert ((matches + others) * agree).sum() < 0.2 * (matches + others).sum()
        found = fit(as_counts((matches + others) * agree), LINKING, THREE)
        assert found.match_priors(THREE) == pytest.approx(model.match_priors(THREE), rel=0.05)
        for some, all_ in zip(found.fields, model.fields, strict=True):
            assert some.m == pytest.approx(all_.m, abs=0.01)


class TestOrder:
    @pytest.mark.whole
    def test_equal_pairs_in_another_order_give_an_equal_model(self):
        rng = np.random.default_rng(1)
        levels = PATTERNS[np.append(rng.choice(len(PATTERNS), 400, p=OF_MATCHES), rng.choice(len(PATTERNS), 5_000))]
        strata = Strata.of({"a": 300, "b": 200})
        stratum = rng.integers(0, 3, len(levels))
        order = rng.permutation(len(levels))
        one = fit(count_patterns(levels, stratum, TABLES), LINKING, strata)
        other = fit(count_patterns(levels[order], stratum[order], TABLES), LINKING, strata)
        assert one == other
        assert one.to_json() == other.to_json()

    def test_strata_do_not_depend_on_the_order_of_the_reporters(self):
        assert Strata.of({"b": 2, "a": 3}) == Strata.of({"a": 3, "b": 2})


def few(n_matches, n_records, seed):
    """Draw all pairs of a small registry of two reporters, with `n_matches` true ones between them."""
    strata = Strata.of({"a": n_records // 2, "b": n_records - n_records // 2})
    n = np.array([0, n_matches, 0])
    return strata, *simulate(strata, n, np.random.default_rng(seed))


class TestFewRecords:
    @pytest.mark.parametrize("seed", range(10))
    def test_fifty_records_with_ten_true_pairs(self, seed):
        strata, matches, others = few(10, 50, seed)
        model = fit(as_counts(matches + others), LINKING, strata)
        assert model.note == FEW_MATCHES
        assert model.fields == TABLES
        assert model.converged
        assert 6 < model.expected_matches < 14
        linked = score(PATTERNS, np.ones(len(PATTERNS), int), model, strata=strata).probability >= 0.5
        assert matches[1][linked].sum() >= 7
        assert others[1][linked].sum() <= 1

    def test_nearly_all_of_ten_true_pairs_are_found(self):
        found = 0
        for seed in range(10):
            strata, matches, others = few(10, 50, seed)
            model = fit(as_counts(matches + others), LINKING, strata)
            linked = score(PATTERNS, np.ones(len(PATTERNS), int), model, strata=strata).probability >= 0.5
            found += matches[1][linked].sum()
        # Of the rest, most agree in family name and birth date but not in given names, as twins do.
        assert found >= 93

    @pytest.mark.parametrize("seed", range(10))
    def test_fifty_records_without_a_true_pair(self, seed):
        strata, matches, others = few(0, 50, seed)
        model = fit(as_counts(matches + others), LINKING, strata)
        assert model.note == FEW_MATCHES
        assert model.expected_matches < 1.5
        found = score(np.tile(PATTERNS, (3, 1)), np.repeat(np.arange(3), len(PATTERNS)), model, strata=strata)
        assert others.reshape(-1)[found.probability >= 0.5].sum() <= 1

    def test_no_candidates_at_all(self):
        strata = Strata.of({"a": 40, "b": 0, "c": 1})
        nothing = np.zeros(0, np.int64)
        model = fit(PatternCounts(LIMITS, nothing, nothing, nothing), LINKING, strata)
        assert model.converged
        assert model.strata == ()
        assert model.fields == TABLES
        priors = model.match_priors(strata)
        assert ((priors >= 0) & (priors <= 0.5)).all()
        assert Model.from_json(model.to_json()) == model

    def test_no_reporters_at_all(self):
        nothing = np.zeros(0, np.int64)
        model = fit(PatternCounts(LIMITS, nothing, nothing, nothing), LINKING, Strata.of({}))
        assert model.rate_between == pytest.approx(LINKING.match_prior)
        assert len(model.match_priors(Strata.of({}))) == 0

    def test_m_is_fitted_above_the_minimum_number_of_matches(self):
        strata, matches, others = few(int(2 * MIN_MATCHES), 400, 1)
        model = fit(as_counts(matches + others), LINKING, strata)
        assert model.note == ""
        assert model.fields != TABLES

    @pytest.mark.whole
    def test_a_tiny_stratum_borrows_from_the_others(self):
        # Police and schools share many persons; the shelter's three records match nobody.
        strata = Strata.of({"police": 2_000, "schools": 2_000, "shelter": 3})
        numbers = {tuple(pair): number for number, pair in enumerate(strata.reporter_pairs.tolist())}
        n = np.zeros(6, np.int64)
        n[numbers[0, 1]] = 1_000
        matches, others = simulate(strata, n, np.random.default_rng(2))
        model = fit(as_counts(matches + others), LINKING, strata)
        priors = dict(zip(numbers, model.match_priors(strata).tolist(), strict=True))
        # As it would be without any evidence, at three records: a little less than the rate of all pairs of reporters.
        of_all = model.rate_between * 3 / (3 * 2_000)
        assert 0.7 * of_all < priors[0, 2] < of_all
        assert model.rate_within < 0.02 < model.rate_between


class TestPriorOfM:
    def test_a_field_that_no_pair_carries_keeps_what_was_shipped(self):
        strata, matches, others = few(200, 800, 6)
        drawn = (matches + others) * (PATTERNS[:, 1] == -1)
        scale = drawn * 20
        model = fit(as_counts(scale), LINKING, strata)
        assert model.note == ""
        assert model.fields[1].m == pytest.approx(SHIPPED["family_names"])
        assert model.fields[0].m != pytest.approx(SHIPPED["given_names"], abs=0.01)

    def test_the_strength_is_counted_in_matches(self):
        # All fields but one are sure, so m is the shares of the matches and of `prior_strength` shipped ones together.
        strata = Strata.of({"a": 1_000, "b": 1_000})
        surely = np.array([[level, 4, 2, 1, 1, 0] for level in range(5)], np.int8)
        levels = np.repeat(surely, [0, 0, 0, 10, 90], axis=0)
        counts = count_patterns(levels, np.ones(100, int), TABLES)
        for strength in (0.5, 100.0):
            model = fit(counts, linking_of(TABLES, prior_strength=strength), strata)
            shares = np.array([0, 0, 0, 10, 90]) + strength * np.array(SHIPPED["given_names"])
            assert model.fields[0].m == pytest.approx(shares / shares.sum(), abs=2e-3)


class TestLimits:
    def test_a_fit_that_is_stopped_says_so(self):
        strata, matches, others = few(100, 400, 3)
        model = fit(as_counts(matches + others), LINKING, strata, max_iterations=2)
        assert not model.converged
        assert NOT_CONVERGED in model.note
        assert model.iterations == 2

    @pytest.mark.whole
    def test_a_finer_tolerance_hardly_changes_a_converged_fit(self):
        strata, matches, others = few(100, 400, 4)
        counts = as_counts(matches + others)
        one, other = (fit(counts, LINKING, strata, tolerance=tolerance) for tolerance in (1e-7, 1e-11))
        assert other.iterations > one.iterations
        for table, finer in zip(one.fields, other.fields, strict=True):
            assert table.m == pytest.approx(finer.m, abs=1e-4)

    def test_counts_of_other_tables_are_refused(self):
        counts = count_patterns(np.zeros((1, 1), np.int8), np.zeros(1, int), TABLES[:1])
        with pytest.raises(ValueError, match="do not match"):
            fit(counts, LINKING, THREE)

    @pytest.mark.parametrize("number", [-1, 3])
    def test_a_stratum_that_is_not_there_is_refused(self, number):
        counts = count_patterns(PATTERNS[:1], np.array([number]), TABLES)
        with pytest.raises(ValueError, match="out of range"):
            fit(counts, LINKING, THREE)


class TestMonotone:
    @pytest.mark.parametrize("seed", range(20))
    def test_like_weighted_isotonic_regression(self, seed):
        rng = np.random.default_rng(seed)
        m, u = rng.dirichlet(np.ones(8)), rng.dirichlet(np.ones(8))
        expected = isotonic_regression(m / u, weights=u).x * u
        found = monotone(m, u)
        assert found == pytest.approx(expected)
        assert found.sum() == pytest.approx(1)
        assert (np.diff(found / u) >= -1e-12).all()

    def test_what_is_monotone_already_stays(self):
        m, u = np.array([0.1, 0.2, 0.7]), np.array([0.6, 0.3, 0.1])
        assert monotone(m, u) == pytest.approx(m)

    @pytest.mark.whole
    def test_a_fit_keeps_the_order_and_leaves_the_extra_level_out(self):
        rng = np.random.default_rng(5)
        strata = Strata.of({"a": 2_000, "b": 2_000})
        wild = dict(TRUE, given_names=(0.02, 0.20, 0.01, 0.03, 0.74), birth_month=(0.05, 0.60, 0.35))
        of_matches = pattern_probabilities([wild[field] for field in U])
        drawn = np.zeros((3, len(PATTERNS)), np.int64)
        drawn[1] = rng.multinomial(1_000, of_matches) + rng.multinomial(3_999_000, OF_OTHERS)
        model = fit(as_counts(drawn), LINKING, strata)
        tables = {table.field: table for table in model.fields}
        names = tables["given_names"]
        assert (np.diff(np.divide(names.m, names.u)) >= -1e-9).all()
        month = tables["birth_month"]
        assert month.m == pytest.approx(wild["birth_month"], abs=0.06)
        assert month.m[2] / month.u[2] > month.m[1] / month.u[1]


class TestScore:
    def test_the_weight_is_the_sum_of_the_fields(self):
        levels = np.array([[4, 4, 2, 1, 1, 0]], np.int8)
        expected = sum(np.log2(table.m[level] / table.u[level]) for table, level in zip(TABLES, levels[0], strict=True))
        model = Model(TABLES, (), 0.2, 0.1, 0.2, NO_RIVALS, 1, True)
        found = score(levels, np.array([1]), model, strata=THREE)
        assert found.match_weight[0] == pytest.approx(expected)
        prior = 0.2 * 6_000 / (6_000 * 9_000)
        odds = 2**expected * prior / (1 - prior)
        assert found.probability[0] == pytest.approx(odds / (1 + odds))
        assert found.log_odds[0] == pytest.approx(np.log(odds))

    def test_an_absent_field_is_no_evidence(self):
        assert not log_ratios(np.full((1, len(TABLES)), -1, np.int8), TABLES).any()
        some = log_ratios(np.array([[4, -1, -1, -1, -1, -1]], np.int8), TABLES)
        assert some[0].tolist() == pytest.approx([np.log(0.75 / 0.004), 0, 0, 0, 0, 0])

    @pytest.mark.whole
    def test_reporters_the_model_has_not_seen_take_the_rate_of_all(self, simulated):
        *_, model = simulated
        grown = Strata.of({"police": 6_500, "schools": 9_000, "shelter": 10})
        priors = model.match_priors(grown)
        known = model.match_priors(THREE)
        assert priors[:3].tolist() == known.tolist()
        assert priors[3:] == pytest.approx(
            [model.rate_between * 10 / 65_000, model.rate_between * 10 / 90_000, model.rate_within * 10 / 45]
        )

    def test_a_new_reporter_that_comes_first_by_name_moves_no_prior(self, simulated):
        *_, model = simulated
        grown = Strata.of({"agency": 10, "police": 6_000, "schools": 9_000})
        number = grown.numbers(np.array([1, 2, 2]), np.array([1, 1, 2]))
        assert model.match_priors(grown)[number].tolist() == model.match_priors(THREE).tolist()


class TestModel:
    @pytest.mark.whole
    def test_json_and_back(self, simulated):
        *_, model = simulated
        assert Model.from_json(model.to_json()) == model

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "[]",
            "{}",
            '{"format": "linkage-model/9"}',
            '{"format": "linkage-model/2"}',
            '{"format": "linkage-model/2", "fields": [{"field": "sex"}], "strata": []}',
        ],
    )
    def test_text_that_is_not_a_model_is_refused(self, text):
        with pytest.raises(ValueError, match="not a model"):
            Model.from_json(text)

    @pytest.mark.whole
    def test_a_member_that_is_unknown_or_missing_is_refused(self, simulated):
        text = simulated[2].to_json()
        for spoilt in (text.replace('"converged"', '"convergent"'), text.replace('"match_prior"', '"prior"')):
            with pytest.raises(ValueError, match="not a model"):
                Model.from_json(spoilt)

    def test_strata_number_each_pair_of_reporters_once(self):
        strata = Strata.of({"a": 4, "b": 1, "c": 10})
        left, right = np.array([[i, j] for i in range(3) for j in range(3)]).T
        numbers = strata.numbers(left, right)
        assert (numbers == strata.numbers(right, left)).all()
        assert sorted(set(numbers.tolist())) == list(range(6))
        assert strata.n_pairs[strata.numbers(np.array([0, 0, 1, 2]), np.array([0, 2, 1, 1]))].tolist() == [6, 40, 0, 10]
        assert strata.n_pairs.sum() == 15 * 14 / 2
        assert strata.n_small[strata.numbers(np.array([0, 2]), np.array([2, 2]))].tolist() == [4, 10]
