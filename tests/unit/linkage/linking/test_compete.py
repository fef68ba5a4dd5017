"""Competition between candidates: exact where it can be, calibrated where it is fitted, and the same in any order."""

from __future__ import annotations

from itertools import product
from math import exp, expm1, log, log1p

import numpy as np
import pytest

from linkage.linking import compete as competing
from linkage.linking.compete import Arena, fit_competition
from linkage.linking.compiled.messages import DAMPING, MAX_SWEEPS, TOLERANCE, settle
from linkage.linking.fit import FEW_MATCHES, fit, refine
from linkage.linking.model import Model
from linkage.linking.odds import probabilities
from linkage.linking.patterns import count_patterns, patterns_of
from linkage.linking.score import score
from linkage.linking.strata import Strata, partner_odds
from linkage.linking.sums import stable_sums
from tests.unit.linkage.linking import simulation
from tests.unit.linkage.linking.simulation import NO_RIVALS
from tests.unit.linkage.linking.twins import field_table, linking_of

U = {"given_names": (0.90, 0.07, 0.02, 0.01), "family_names": (0.91, 0.07, 0.01, 0.01), "birth_year": (0.8, 0.16, 0.04)}
M = {"given_names": (0.10, 0.10, 0.20, 0.60), "family_names": (0.05, 0.05, 0.10, 0.80), "birth_year": (0.02, 0.08, 0.9)}
TABLES = tuple(field_table(field, range(len(u) - 1, 0, -1), u, M[field]) for field, u in U.items())
LINKING = linking_of(TABLES, match_prior=0.1)
FIELDS = {field: (U[field], M[field]) for field in U}


def compete(*arguments):
    return competing.compete(*arguments).log_odds


def slow_settle(edges, sweeps):
    """Twin of `settle` for one component: edges (weight, (seat, seat), (second, second)); messages after the sweeps."""
    message = [[0.0, 0.0] for _ in edges]
    for _ in range(sweeps):
        new = []
        for number, (_, seats, seconds) in enumerate(edges):
            answers = []
            for side, (seat, second) in enumerate(zip(seats, seconds, strict=True)):
                others = 0.0
                for other, (weight, ends, _) in enumerate(edges):
                    if other != number and seat in ends:
                        heard = weight + message[other][1 - ends.index(seat)]
                        others += log1p(exp(heard + second))
                answer = -log(exp(-others) - expm1(-others) * exp(-second))
                answers.append(DAMPING * message[number][side] + (1 - DAMPING) * answer)
            new.append(answers)
        moved = max(
            abs(x - y) for one, other in zip(new, message, strict=True) for x, y in zip(one, other, strict=True)
        )
        message = new
        if moved <= TOLERANCE:
            break
    return message


def exact(edges):
    """Log odds of each edge by looking at all subsets."""
    on, off = np.zeros(len(edges)), np.zeros(len(edges))
    for chosen in product([0, 1], repeat=len(edges)):
        weight = sum(edge[0] for edge, taken in zip(edges, chosen, strict=True) if taken)
        seats = {}
        for (_, ends, seconds), taken in zip(edges, chosen, strict=True):
            for seat, second in zip(ends, seconds, strict=True):
                weight += second * bool(taken and seats.get(seat))
                seats[seat] = seats.get(seat, 0) + taken
        taken = np.array(chosen, bool)
        on[taken] += exp(weight)
        off[~taken] += exp(weight)
    return np.log(on / off)


def fast_settle(edges):
    seat = np.array([ends for _, ends, _ in edges], np.int64)
    message = np.zeros((len(edges), 2))
    starts = np.array([0, len(edges)], np.int64)
    second = np.array([seconds for *_, seconds in edges])
    weight = np.array([weight for weight, *_ in edges])
    stopped = settle(starts, weight, seat, second, message, np.zeros(seat.max() + 1))
    return message, stopped


def draw_edges(rng, n_left, n_right, share, *, tree=False):
    """Draw edges between two rows of seats; each seat has one factor for further partners."""
    seconds = -rng.exponential(3, n_left + n_right) * (rng.random(n_left + n_right) < 0.8)
    chosen, group = [], list(range(n_left + n_right))
    for left, right in rng.permutation([*np.ndindex(n_left, n_right)]).tolist():
        right += n_left
        if tree:
            if group[left] == group[right]:
                continue
            group = [group[left] if name == group[right] else name for name in group]
        elif rng.random() > share:
            continue
        chosen.append((rng.normal(0, 4), (left, right), (seconds[left], seconds[right])))
    return chosen


@pytest.mark.parametrize("seed", range(8))
def test_messages_are_those_of_the_slow_twin(seed):
    edges = draw_edges(np.random.default_rng(seed), 6, 7, 0.4)
    message, stopped = fast_settle(edges)
    assert stopped == 0
    assert message == pytest.approx(np.array(slow_settle(edges, MAX_SWEEPS)), abs=2e-5)


@pytest.mark.parametrize("seed", range(8))
def test_odds_are_exact_where_there_is_no_cycle(seed):
    edges = draw_edges(np.random.default_rng(seed), 4, 5, 1.0, tree=True)
    message, _ = fast_settle(edges)
    found = np.array([weight for weight, *_ in edges]) + message.sum(axis=1)
    assert found == pytest.approx(exact(edges), abs=1e-4)


def test_odds_are_near_the_exact_ones_where_there_are_cycles():
    errors = []
    for seed in range(40):
        edges = draw_edges(np.random.default_rng(seed), 3, 3, 0.9)
        message, stopped = fast_settle(edges)
        assert stopped == 0
        log_odds = np.array([weight for weight, *_ in edges]) + message.sum(axis=1)
        errors += np.abs(probabilities(log_odds) - probabilities(exact(edges))).tolist()
    assert np.mean(errors) < 0.01
    assert np.quantile(errors, 0.95) < 0.06


def test_overwhelming_evidence_does_not_overflow():
    edges = [(900.0, (0, 2), (-14.0, -14.0)), (-900.0, (0, 3), (-14.0, 0.0)), (900.0, (1, 2), (-14.0, -14.0))]
    message, _ = fast_settle(edges)
    assert np.isfinite(message).all()
    assert message.max() <= 0


def model_of(strata, *, rate_between=0.1, rate_within=0.001, share=0.1):
    return Model(TABLES, (), rate_between, rate_within, share, NO_RIVALS, 1, True)


def arena_of(place, strata, a, b, rank=None, levels=None):
    place = np.asarray(place, np.int64)
    rank = np.arange(len(place)) if rank is None else rank
    levels = np.full((len(a), len(TABLES)), -1, np.int8) if levels is None else levels
    against = np.zeros(len(a))
    return Arena(np.asarray(a, np.int64), np.asarray(b, np.int64), place, rank, strata, levels, against)


TWO = Strata.of({"a": 1_000, "b": 1_000})


@pytest.mark.parametrize("stopped", [0, 3])
def test_components_that_did_not_come_to_rest_are_counted(monkeypatch, stopped):
    monkeypatch.setattr(competing, "settle", lambda *arguments: stopped)
    arena = arena_of([0, 1, 1], TWO, [0, 0], [1, 2])
    assert competing.compete(arena, np.array([6.0, 2.0]), model_of(TWO)).n_unsettled == stopped


def test_the_better_candidate_wins_and_the_other_loses():
    arena = arena_of([0, 1, 1], TWO, [0, 0], [1, 2])
    found = compete(arena, np.array([6.0, 2.0]), model_of(TWO))
    assert found[0] > 4
    assert found[1] < -1


def test_two_equal_candidates_share_the_chance():
    arena = arena_of([0, 1, 1], TWO, [0, 0], [1, 2])
    found = probabilities(compete(arena, np.array([8.0, 8.0]), model_of(TWO, rate_within=1e-9)))
    assert found == pytest.approx([0.5, 0.5], abs=0.01)


def test_where_a_reporter_has_many_duplicates_both_candidates_stand():
    arena = arena_of([0, 1, 1], TWO, [0, 0], [1, 2])
    found = compete(arena, np.array([8.0, 8.0]), model_of(TWO, rate_within=1.0))
    assert found == pytest.approx([8.0, 8.0], abs=0.3)


def test_candidates_in_two_reporters_do_not_compete():
    three = Strata.of({"a": 1_000, "b": 1_000, "c": 1_000})
    arena = arena_of([0, 1, 2], three, [0, 0], [1, 2])
    alone = compete(arena_of([0, 1, 2], three, [0], [1]), np.array([1.0]), model_of(three))
    assert compete(arena, np.array([1.0, 9.0]), model_of(three))[0] == alone[0]


def test_pairs_inside_a_reporter_stay_as_they_are():
    arena = arena_of([0, 0, 1], TWO, [0, 0, 1], [1, 2, 2])
    log_odds = np.array([1.5, 6.0, 6.0])
    assert compete(arena, log_odds, model_of(TWO))[0] == 1.5


def test_a_candidate_without_rivals_gains_where_few_others_are_left():
    arena = arena_of([0, 1], TWO, [0], [1])
    gains = [compete(arena, np.array([1.0]), model_of(TWO, share=share))[0] - 1 for share in (0.1, 0.5, 0.9)]
    # Both reporters have a tenth of their persons left, so the odds are a hundred times as high.
    assert gains[2] == pytest.approx(log(0.9 / 0.1 / 0.1 / 0.1), abs=0.01)
    assert gains == sorted(gains)


def test_no_pairs():
    arena = arena_of([0, 1], TWO, [], [])
    assert len(compete(arena, np.zeros(0), model_of(TWO))) == 0
    assert fit_competition(arena, np.zeros(0), model_of(TWO)).strata == ()


def test_no_reporters():
    nobody = Strata.of({})
    assert len(compete(arena_of([], nobody, [], []), np.zeros(0), model_of(nobody))) == 0


INSIDE = [(first, second) for second in range(6) for first in range(second)]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("sizes", "pairs", "log_odds"),
    [
        ({"a": 1, "b": 1}, [(0, 1)], [5.0]),
        ({"a": 1, "b": 50}, [(0, 1), (0, 2)], [5.0, 4.9]),
        ({"a": 3, "b": 5}, [], []),
        ({"a": 0, "b": 5, "c": 2}, [(0, 5)], [3.0]),
        ({"a": 6}, INSIDE, [9.0] * len(INSIDE)),
        ({"a": 6, "b": 4}, [*INSIDE, *((record, 6) for record in range(6))], [9.0] * len(INSIDE) + [6.0] * 6),
        ({"a": 30, "b": 30}, [(record, 30 + record) for record in range(30)], [20.0] * 30),
    ],
    ids=[
        "one each",
        "one and many",
        "no pairs",
        "an empty reporter",
        "one person",
        "one person and others",
        "all found",
    ],
)
def test_odds_of_unusual_reporters_are_finite(sizes, pairs, log_odds):
    strata = Strata.of(sizes)
    place = np.repeat(np.arange(len(sizes)), list(sizes.values()))
    ends = np.array(pairs, np.int64).reshape(-1, 2)
    arena = arena_of(place, strata, ends[:, 0], ends[:, 1])
    start = model_of(strata)
    fitted = fit_competition(arena, np.array(log_odds), start)
    assert 0 <= fitted.partner_share < 1
    odds = fitted.partner_odds(strata)
    assert np.isfinite(odds).all()
    assert (odds[strata.n_pairs * ~strata.is_within > 0] > 0).all()
    found = compete(arena, np.array(log_odds), fitted)
    assert np.isfinite(found).all()


class Files:
    """Records of some reporters, all pairs of them compared, and the truth.

    Args:
        n_records: Records of each reporter.
        overlap: Share of each reporter's records whose person is drawn from those that all reporters know; or the
            number of persons whom all reporters know.
        duplicates: Share of records that are of a person whom the reporter has already.
        copied: Probability that a field of such a record compares with others as that of the record before did.
        seed: Of everything.
        fields: By field, u and the true m.
        linking: The tables that are shipped.
    """

    def __init__(self, n_records, *, overlap, duplicates=0.0, copied=0.8, seed=0, fields=FIELDS, linking=LINKING):
        rng = np.random.default_rng(seed)
        self.fields, self.linking = fields, linking
        self.strata = Strata.of({f"reporter {number}": n for number, n in enumerate(n_records)})
        self.place = np.repeat(np.arange(len(n_records)), n_records)
        self.person = np.empty(sum(n_records), np.int64)
        original = np.arange(len(self.place))
        for reporter, n in enumerate(n_records):
            first = int(np.searchsorted(self.place, reporter))
            known, own = rng.permutation(max(n_records))[:n], 10_000 * (reporter + 1) + np.arange(n)
            if isinstance(overlap, int):
                known, chosen = np.arange(n), np.arange(n) < overlap
            else:
                chosen = rng.random(n) < overlap
            self.person[first : first + n] = np.where(chosen, known, own)
            for record in first + 1 + np.flatnonzero(rng.random(n - 1) < duplicates):
                original[record] = original[rng.integers(first, record)]
        self.person = self.person[original]
        self.a, self.b = np.triu_indices(len(self.place), 1)
        self.match = self.person[self.a] == self.person[self.b]
        self.levels = np.stack([self.draw(field, original, copied, rng) for field in fields], axis=1).astype(np.int8)
        self.arena = arena_of(self.place, self.strata, self.a, self.b, levels=self.levels)

    def draw(self, field, original, copied, rng):
        """Draw the levels of a field for all pairs, copying those of originals to their duplicates."""
        n, (u, m) = len(original), self.fields[field]
        of_match, of_other = (rng.choice(len(u), (n, n), p=np.divide(shares, sum(shares))) for shares in (m, u))
        levels = np.where(self.person[:, None] == self.person, of_match, of_other)
        source = np.where(rng.random(n) < copied, original, np.arange(n))
        left, right = source[self.a], source[self.b]
        same = left == right
        left, right = np.where(same, self.a, np.minimum(left, right)), np.where(same, self.b, np.maximum(left, right))
        return levels[left, right]

    def judge(self):
        """Fit, and give log odds by themselves and after competition."""
        stratum = self.arena.stratum
        model = fit(count_patterns(self.levels, stratum, self.linking.fields), self.linking, self.strata)
        alone = score(self.levels, stratum, model, strata=self.strata).log_odds
        model = fit_competition(self.arena, alone, model)
        return alone, compete(self.arena, alone, model), model

    def f1(self, log_odds):
        """F1 of the default decision between reporters."""
        between = self.place[self.a] != self.place[self.b]
        linked, match = (log_odds >= 0) & between, self.match & between
        return 2 * (linked & match).sum() / (linked.sum() + match.sum())


def log_loss(match, log_odds):
    """Return the natural log loss, summed."""
    return np.logaddexp(0, np.where(match, -log_odds, log_odds)).sum()


def gaps(parts):
    """For each bin of probability: expected matches, true ones, and pairs, over all parts (match, log odds)."""
    match, log_odds = (np.concatenate(column) for column in zip(*parts, strict=True))
    probability = probabilities(log_odds)
    for low, high in ((0.02, 0.2), (0.2, 0.5), (0.5, 0.8), (0.8, 0.98), (0.98, 1.1)):
        inside = (probability >= low) & (probability < high)
        yield probability[inside].sum(), match[inside].sum(), inside.sum()


def assert_calibrated(parts, tolerance):
    for expected, true, n in gaps(parts):
        assert true == pytest.approx(expected, abs=tolerance * n + 3 * np.sqrt(n) / 2)


@pytest.fixture(scope="module")
def overlapping():
    return [Files((150, 150), overlap=0.95, seed=seed) for seed in range(2)]


@pytest.mark.whole
def test_competition_finds_what_pairs_by_themselves_do_not_show(overlapping):
    for files in overlapping:
        alone, together, _ = files.judge()
        assert files.f1(together) > files.f1(alone) + 0.03
        assert log_loss(files.match, together) < 0.6 * log_loss(files.match, alone)


@pytest.mark.whole
def test_the_share_of_persons_known_to_both_reporters_is_recovered(overlapping):
    for files in (overlapping[0], Files((150, 200), overlap=0.7)):
        *_, model = files.judge()
        known = len(np.intersect1d(*(files.person[files.place == reporter] for reporter in (0, 1)))) / 150
        assert model.partner_share == pytest.approx(known, abs=0.07)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "seeds"),
    [
        (dict(n_records=(250, 300), overlap=0.6), 3),
        (dict(n_records=(250, 300), overlap=0.95), 3),
        (dict(n_records=(250, 300), overlap=0.6, duplicates=0.15), 4),
        (dict(n_records=(150, 100, 120), overlap=0.7, duplicates=0.1), 4),
    ],
    ids=["no duplicates", "nearly all in both", "duplicates", "three reporters"],
)
def test_posteriors_are_calibrated(options, seeds):
    parts = []
    for seed in range(seeds):
        files = Files(**options, seed=seed)
        _, together, _ = files.judge()
        parts.append((files.match, together))
    assert_calibrated(parts, tolerance=0.06)


@pytest.mark.whole
def test_posteriors_of_small_files_are_calibrated():
    for options in (dict(overlap=0.5), dict(overlap=0.5, duplicates=0.2)):
        parts, better = [], []
        for seed in range(60):
            files = Files((25, 25), **options, seed=seed)
            alone, together, _ = files.judge()
            parts.append((files.match, together))
            better.append(log_loss(files.match, alone) - log_loss(files.match, together))
        assert_calibrated(parts, tolerance=0.1)
        assert np.mean(better) > 0


def fifty(seed, *, overlap):
    """Draw fifty records of two reporters, compared in six fields whose m differ from the shipped ones."""
    fields = {field: (u, simulation.TRUE[field]) for field, (_, u) in simulation.U.items()}
    return Files((25, 25), overlap=overlap, seed=seed, fields=fields, linking=simulation.LINKING)


@pytest.mark.parametrize("seed", range(10))
def test_fifty_records_with_ten_true_pairs(seed):
    files = fifty(seed, overlap=10)
    _, together, model = files.judge()
    linked = together >= 0
    assert model.note == FEW_MATCHES
    # Seed 1 draws three pairs that agree in family name and birth date and not in given names, as twins do.
    assert (linked & files.match).sum() >= (7 if seed == 1 else 8)
    assert (linked & ~files.match).sum() <= 1


@pytest.mark.whole
def test_nearly_all_of_ten_true_pairs_are_found():
    found = np.zeros((2, 2), np.int64)
    for seed in range(40):
        files = fifty(seed, overlap=10)
        alone, together, _ = files.judge()
        for row, log_odds in enumerate((alone, together)):
            linked = log_odds >= 0
            found[row] += (linked & files.match).sum(), (linked & ~files.match).sum()
    right, wrong = found[1]
    assert right >= 0.95 * 400 > found[0, 0]
    assert wrong <= 0.015 * 400


@pytest.mark.whole
def test_small_files_without_a_match_gain_no_links():
    links = 0
    for seed in range(60):
        files = Files((25, 25), overlap=0.0, seed=seed)
        _, together, _ = files.judge()
        links += (together >= 0).sum()
    assert links <= 60 * 0.2


@pytest.mark.parametrize("duplicates", [0.0, 0.3])
@pytest.mark.whole
def test_neither_order_nor_numbers_nor_sides_matter(duplicates):
    files = Files((60, 80, 50), overlap=0.8, duplicates=duplicates)
    alone, together, model = files.judge()
    rng = np.random.default_rng(1)
    new = rng.permutation(len(files.place))
    order = rng.permutation(len(alone))
    ends = np.sort(np.stack([new[files.a], new[files.b]]), axis=0)[:, order]
    place, rank = np.empty_like(files.place), np.empty_like(files.place)
    place[new], rank[new] = files.place, np.arange(len(new))
    arena = arena_of(place, files.strata, *ends, rank=rank, levels=files.levels[order])
    first = fit_competition(files.arena, alone, model)
    assert fit_competition(arena, alone[order], model) == first
    assert (compete(arena, alone[order], model) == together[order]).all()


def test_another_component_does_not_move_an_answer():
    files = Files((60, 60), overlap=0.8)
    alone, _, model = files.judge()
    some = files.a < 10
    strata = files.strata
    levels = files.levels[some]
    arena = arena_of(files.place, strata, files.a[some], files.b[some], levels=levels)
    apart = arena_of(
        np.append(files.place, [0, 1]),
        strata,
        np.append(files.a[some], 120),
        np.append(files.b[some], 121),
        levels=np.append(levels, levels[:1], axis=0),
    )
    one = compete(arena, alone[some], model)
    assert (compete(apart, np.append(alone[some], 3.0), model)[:-1] == one).all()


def test_reporters_the_model_has_not_seen_take_the_share_of_all():
    files = Files((100, 100), overlap=0.9)
    *_, model = files.judge()
    grown = Strata.of({"reporter 0": 100, "reporter 1": 120, "school": 50})
    odds = model.partner_odds(grown)
    assert odds[1] == model.strata[1].partner_odds
    known = model.partner_share * 50
    assert odds[3] == pytest.approx(known / (100 - known) / (50 - known))
    priors = model.match_priors(grown)
    assert odds[[0, 2]].tolist() == [model.strata[0].partner_odds, model.strata[2].partner_odds]
    assert odds[5] == pytest.approx(priors[5] / (1 - priors[5]))


def test_odds_of_partners_stay_within_bounds():
    odds = partner_odds(np.array([0.0, 0.5, 1.0, 1.0]), np.array([[10, 20], [10, 20], [1, 1], [0, 5]], float))
    assert odds.tolist() == [0, pytest.approx(5 / 5 / 15), 1, 0]


class TestRefining:
    def test_m_follows_the_matches_that_are_given(self):
        files = Files((150, 150), overlap=0.95)
        *_, model = files.judge()
        counts, rows = patterns_of(files.levels, files.arena.stratum, TABLES)
        matches = stable_sums(rows, files.match.astype(float), len(counts.codes))
        refined = refine(model, counts, LINKING, files.strata, matches=matches)
        shares = np.bincount(files.levels[files.match, 0], minlength=4) + LINKING.prior_strength * np.array(TABLES[0].m)
        assert refined.fields[0].m == pytest.approx(shares / shares.sum(), abs=0.01)
        assert [stratum.match_prior for stratum in refined.strata] == [stratum.match_prior for stratum in model.strata]

    def test_a_model_that_has_learned_nothing_learns_nothing(self):
        files = fifty(1, overlap=10)
        *_, model = files.judge()
        tables = simulation.TABLES
        counts = count_patterns(files.levels, files.arena.stratum, tables)
        assert refine(model, counts, simulation.LINKING, files.strata, matches=counts.counts * 0.5) is model


def test_rows_are_those_of_the_pairs():
    files = Files((20, 30), overlap=0.5)
    stratum = files.arena.stratum
    counts, rows = patterns_of(files.levels, stratum, TABLES)
    assert (np.bincount(rows) == counts.counts).all()
    assert (counts.strata[rows] == stratum).all()


def test_sums_do_not_depend_on_the_order_of_what_is_summed():
    rng = np.random.default_rng(3)
    places, weights = rng.integers(0, 7, 5_000), rng.random(5_000) * 10.0 ** rng.integers(-9, 9, 5_000)
    order = rng.permutation(5_000)
    assert (stable_sums(places, weights, 9) == stable_sums(places[order], weights[order], 9)).all()
    assert stable_sums(places, np.ones(5_000), 9).tolist() == np.bincount(places, minlength=9).tolist()
