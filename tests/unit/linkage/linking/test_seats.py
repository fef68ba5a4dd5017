"""Seats: the records of one reporter that are one person compete as one."""

import numpy as np
import pytest

from linkage.linking import compete as competing
from linkage.linking.compete import Arena, compete
from linkage.linking.model import Model
from linkage.linking.odds import probabilities
from linkage.linking.score import score
from linkage.linking.seats import find_seats, join_pairs
from linkage.linking.strata import Strata
from pseudonym.profile import load_profile
from tests.unit.linkage.linking.simulation import NO_RIVALS

TABLES = load_profile("case-registry").linking.fields
NAMES = [table.field for table in TABLES]
FULL = {"given_names": 7, "family_names": 7, "birth_year": 5, "birth_month": 2, "birth_day": 2, "sex": 1, "swapped": 0}
NO_DATE = {field: level for field, level in FULL.items() if not field.startswith("birth")}
OTHER_DATE = FULL | {"birth_month": 0, "birth_day": 0, "birth_year": 0}

pytestmark = pytest.mark.quick


def pattern(fields):
    return [fields.get(name, -1) for name in NAMES]


def model_of():
    return Model(TABLES, (), 0.5, 1.0, 0.9, NO_RIVALS, 1, True)


class World:
    """Records of two reporters, all pairs of which are compared."""

    def __init__(self, persons, dated, n_of_reporter=(1000, 1000)):
        self.person = np.array([person for person, _ in persons])
        self.reporter = np.array([reporter for _, reporter in persons], np.int64)
        dated = np.array(dated)
        a, b = np.triu_indices(len(persons), 1)
        self.ends = np.column_stack([a, b]).astype(np.int64)
        self.same = self.person[a] == self.person[b]
        both = dated[a] & dated[b]
        kinds = [pattern(FULL if same else OTHER_DATE) if dates else pattern(NO_DATE) for same, dates in
                 zip(self.same, both, strict=True)]  # fmt: skip
        self.levels = np.array(kinds, np.int8).reshape(-1, len(TABLES))
        self.strata = Strata.of(dict(zip(("a", "b"), n_of_reporter, strict=True)))
        rank = np.arange(len(persons), dtype=np.int64)
        a, b = self.ends.T.copy()
        self.arena = Arena(a, b, self.reporter, rank, self.strata, self.levels, np.zeros(len(a)))
        self.model = model_of()
        self.alone = score(self.levels, self.arena.stratum, self.model, strata=self.strata).log_odds

    def seats(self):
        return find_seats(self.ends, self.alone, reporter=self.reporter, rank=self.arena.rank)

    def joined(self, seat):
        arena = self.arena
        return join_pairs(
            self.ends, self.alone, self.levels,
            against=arena.against, seat=seat, rank=arena.rank, stratum=arena.stratum, model=self.model,
            strata=self.strata,
        )  # fmt: skip


def five_each(dated=True):
    """One person whom both reporters have met five times."""
    return World([("p", reporter) for reporter in (0, 1) for _ in range(5)], [dated, True, True, dated, True] * 2)


def test_records_of_one_reporter_that_are_one_person_have_one_seat():
    world = World([("p", 0), ("p", 0), ("q", 0), ("p", 1)], [True] * 4)
    assert world.seats().tolist() == [0, 0, 1, 2]


@pytest.mark.parametrize("dated", [True, False])
def test_copies_of_one_person_do_not_take_each_others_partner(dated):
    world = five_each(dated)
    between = world.reporter[world.arena.a] != world.reporter[world.arena.b]
    found = compete(world.arena, world.alone, world.model)
    assert found.n_unsettled == 0
    assert probabilities(found.log_odds[between]).min() > 0.95


def test_without_seats_they_would(monkeypatch):
    """The seats are what makes the difference: each record for itself is what competed before."""
    world = five_each(dated=False)
    between = world.reporter[world.arena.a] != world.reporter[world.arena.b]
    seats = compete(world.arena, world.alone, world.model).log_odds[between].min()
    monkeypatch.setattr(competing, "find_seats", lambda ends, odds, reporter, rank: rank)
    records = compete(world.arena, world.alone, world.model).log_odds[between].min()
    assert records < world.alone.min() < seats


def test_a_date_that_some_records_lack_counts_in_full():
    world = five_each(dated=False)
    pairs = world.joined(world.seats())
    full = score(np.array([pattern(FULL)], np.int8), np.array([1]), world.model, strata=world.strata).log_odds
    assert pairs.ends.tolist() == [[0, 1]]
    assert pairs.log_odds == pytest.approx(full)


def test_a_pair_without_dates_takes_on_that_the_dates_of_namesakes_differ():
    world = World([("p", 0), ("p", 0), ("q", 1), ("q", 1)], [True, False, True, False])
    pairs = world.joined(world.seats())
    assert pairs.log_odds[~pairs.within].max() < -10
    between = world.reporter[world.arena.a] != world.reporter[world.arena.b]
    alone = np.maximum(world.alone, 0)[between].sum()
    assert np.maximum(compete(world.arena, world.alone, world.model).log_odds, 0)[between].sum() < alone / 2


def test_one_pair_keeps_its_own_evidence():
    world = World([("p", 0), ("p", 1)], [True, True])
    assert world.joined(world.seats()).log_odds.tolist() == world.alone.tolist()


def test_pairs_within_a_seat_have_none():
    world = five_each()
    pairs = world.joined(world.seats())
    within = world.reporter[world.arena.a] == world.reporter[world.arena.b]
    assert ((pairs.of_pair == -1) == within).all()


def test_neither_order_nor_numbers_of_records_matter():
    world = five_each(dated=False)
    n, rng = len(world.person), np.random.default_rng(2)
    new, order = rng.permutation(n), rng.permutation(len(world.ends))
    reporter, rank = np.empty(n, np.int64), np.empty(n, np.int64)
    reporter[new], rank[new] = world.reporter, world.arena.rank
    ends = new[world.ends][order].astype(np.int64)
    a, b = ends.T.copy()
    arena = Arena(a, b, reporter, rank, world.strata, world.levels[order], np.zeros(len(a)))
    found = compete(arena, world.alone[order], world.model).log_odds
    assert (found == compete(world.arena, world.alone, world.model).log_odds[order]).all()


def test_no_pairs():
    arena = World([("p", 0)], [True]).arena
    assert len(compete(arena, np.zeros(0), model_of()).log_odds) == 0
