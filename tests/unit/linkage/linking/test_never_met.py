"""Joins that are missing because records share no match key, where it is known which records were nearly missed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from linkage.counting import never_met as counted
from linkage.linking.never_met import (
    DECAY,
    HAS,
    PRIOR_SHAPE,
    PRIOR_SHARE,
    RATIO,
    STRATA,
    Candidates,
    never_met,
    what_records_have,
)
from pseudonym.profile import Encoding, load_profile

PROFILE = load_profile("case-registry")
assert PROFILE.linking is not None
TABLES = PROFILE.linking.fields
FIELDS = [table.field for table in TABLES]
REPORTERS = ("police", "school", "shelter")


class Run:
    """Persons of one reporter a record, built pair by pair."""

    def __init__(self) -> None:
        self.group: list[int] = []
        self.reporter: list[int] = []
        self.pairs: list[tuple[int, int, int, float, frozenset[str]]] = []

    def records(self, *reporters: str, group: int | None = None) -> list[int]:
        """Add a person, or records to one, and return their indexes."""
        first = len(self.group)
        number = max(self.group, default=-1) + 1 if group is None else group
        self.group += [number] * len(reporters)
        self.reporter += [REPORTERS.index(one) for one in reporters]
        return list(range(first, len(self.group)))

    def pair(
        self, one: int, other: int, captures: int, *, probability: float = 1.0, fields: str = "given_names"
    ) -> None:
        """Add a candidate pair with the fields that both records have."""
        self.pairs.append((one, other, captures, probability, frozenset(fields.split())))

    def linked(self, captures: int, *, fields: str = "given_names", reporter: str = "shelter") -> None:
        """Add a person of three records, of which the last one was captured so often by each of the others."""
        one, two, three = self.records("police", "police", reporter)
        self.pair(one, two, 0, fields="serial birth_year birth_month birth_day given_names")
        self.pair(one, three, captures, fields=fields)

    def estimate(self, *, encoding: Encoding = PROFILE.encoding, order: Any = None) -> pa.Table:
        """Return the estimate."""
        pairs = self.pairs if order is None else [self.pairs[place] for place in order]
        levels = np.full((len(pairs), len(FIELDS)), -1, np.int8)
        for row, (*_, fields) in enumerate(pairs):
            levels[row, [FIELDS.index(field) for field in fields]] = 0
        candidates = Candidates(
            np.array([pair[:2] for pair in pairs], np.int64).reshape(-1, 2),
            levels,
            np.array([pair[2] for pair in pairs], np.int32),
            np.array([pair[3] for pair in pairs]),
        )
        return never_met(
            candidates,
            group=np.array(self.group),
            reporter=np.array(self.reporter),
            reporters=REPORTERS,
            tables=TABLES,
            encoding=encoding,
        )


SOME = 5
"""Persons that have a nearly missed record."""


def seen(run: Run) -> float:
    """Return the joins that nearly missed records count, without the prior."""
    return joins(run.estimate()) * (1 + PRIOR_SHAPE / (PRIOR_SHARE * len(set(run.group)))) - PRIOR_SHAPE


def joins(estimate: pa.Table, has: str = "", reporter: str = "", other: str = "") -> float:
    rows = [
        row
        for row in estimate.to_pylist()
        if (row["has"], row["reporter"], row["other_reporter"]) == (has, reporter, other)
    ]
    return sum(row["joins"] for row in rows)


def test_each_nearly_missed_record_counts_by_how_often_it_was_captured() -> None:
    run = Run()
    for captures in (1, 1, 4, 4, 9, 12, 13, 40):
        run.linked(captures)
    expected = RATIO * sum(captures**-DECAY for captures in (1, 1, 4, 4, 9, 12))
    assert seen(run) == pytest.approx(expected)


def test_a_key_of_another_kind_is_no_near_miss() -> None:
    run = Run()
    for _ in range(SOME):
        run.linked(1)
    before = seen(run)
    run.linked(0)
    assert seen(run) == pytest.approx(before)


def test_thousands_of_pairs_that_share_a_key_of_another_kind_can_be_summed() -> None:
    run = Run()
    for _ in range(SOME):
        run.linked(1)
    before = seen(run)
    crowd = [run.records("police")[0] for _ in range(70)]
    for place, one in enumerate(crowd):
        for other in crowd[:place]:
            run.pair(other, one, 0, probability=0.0)
    assert seen(run) == pytest.approx(before)


def test_either_record_of_two_could_have_been_the_missed_one() -> None:
    run = Run()
    for _ in range(6):
        run.pair(*run.records("police", "shelter"), 1)
    assert seen(run) == pytest.approx(6 * RATIO)


def test_captures_of_several_pairs_add_up() -> None:
    run = Run()
    for _ in range(6):
        one, two, three = run.records("police", "police", "shelter")
        run.pair(one, two, 0)
        run.pair(one, three, 2)
        run.pair(two, three, 2)
    assert seen(run) == pytest.approx(6 * RATIO * 4**-DECAY)


def test_an_undecided_candidate_counts_with_its_probability() -> None:
    run = Run()
    for _ in range(SOME):
        run.linked(1)
    before = seen(run)
    (one,), two = run.records("shelter"), run.records("police", "police")
    run.pair(*two, 0)
    run.pair(one, two[0], 4, probability=0.25)
    assert seen(run) == pytest.approx(before + RATIO * 0.25 * 4**-DECAY)


def test_levels_add_up_and_are_shrunk_to_the_whole() -> None:
    run = Run()
    for _ in range(20):
        run.linked(1, reporter="shelter")
    run.records("school", "school")
    estimate = run.estimate()
    whole = joins(estimate)
    assert sum(joins(estimate, reporter=one) for one in REPORTERS) == pytest.approx(whole)
    assert sum(joins(estimate, has=what, reporter=one) for what in HAS for one in REPORTERS) == pytest.approx(whole)
    assert sum(joins(estimate, other=one) for one in REPORTERS) == pytest.approx(whole)
    # The school was never nearly missed, and yet some of its records may be; most are of the shelter.
    assert 0 < joins(estimate, reporter="school") < 0.05 * whole
    assert joins(estimate, reporter="shelter") > 0.75 * whole
    # Pairs of reporters take less than the joins of their first, the rest goes by the whole.
    pairs = sum(joins(estimate, reporter="shelter", other=one) for one in REPORTERS)
    assert 0.5 * joins(estimate, reporter="shelter") < pairs < joins(estimate, reporter="shelter")


def test_what_a_missed_record_would_show_is_what_others_have_seen_of_it() -> None:
    run = Run()
    for _ in range(30):
        run.linked(1, fields="given_names birth_year")
    # None of them was compared with anybody else: had it been missed, nothing would be known of it.
    estimate = run.estimate()
    assert joins(estimate, has="nothing", reporter="shelter") > 0.6 * joins(estimate)
    for record in range(2, 90, 3):
        (other,) = run.records("police")
        run.pair(record, other, 1, probability=0.0, fields="given_names birth_year")
    estimate = run.estimate()
    assert joins(estimate, has="year", reporter="shelter") > 0.5 * joins(estimate)


def test_the_variance_holds_chance_and_the_spread_of_the_ratio() -> None:
    few, many = Run(), Run()
    for run, n in ((few, 10), (many, 1000)):
        for _ in range(2_000):
            run.records("police")
        for _ in range(n):
            run.linked(1)
    relative = []
    for run in (few, many):
        row = run.estimate().to_pylist()[0]
        assert row["variance"] > row["joins"]
        relative.append(row["variance"] ** 0.5 / row["joins"])
    assert relative[0] == pytest.approx(0.51, abs=0.05)
    assert relative[1] == pytest.approx(0.25, abs=0.02)


def test_without_near_misses_the_prior_is_left_and_without_bands_nothing() -> None:
    run = Run()
    for _ in range(40):
        run.pair(*run.records("police", "school"), 0)
    (whole, *_), estimate = run.estimate().to_pylist(), run.estimate()
    # Forty persons: two joins are expected, and that none was nearly missed makes it fewer, not none.
    assert whole["joins"] == pytest.approx(1 / (1 + 1 / 2))
    assert whole["variance"] > whole["joins"]
    assert sum(joins(estimate, reporter=one) for one in REPORTERS) == pytest.approx(whole["joins"])
    assert sum(joins(estimate, other=one) for one in REPORTERS) == pytest.approx(whole["joins"])
    assert estimate.schema == STRATA
    assert run.estimate(encoding=load_profile("clk").encoding).num_rows == 0
    assert Run().estimate().num_rows == 0


def test_in_a_large_registry_the_prior_makes_no_difference() -> None:
    run = Run()
    for _ in range(2_000):
        run.records("police")
    for _ in range(100):
        run.linked(1)
    assert joins(run.estimate()) == pytest.approx(100 * RATIO, rel=0.02)


def test_the_order_of_pairs_makes_no_difference() -> None:
    run = Run()
    rng = np.random.default_rng(1)
    for _ in range(60):
        run.linked(int(rng.integers(1, 14)), reporter=str(rng.choice(REPORTERS)))
    assert run.estimate(order=rng.permutation(len(run.pairs))).equals(run.estimate())


def test_what_records_have() -> None:
    fields = ["serial", "birth_year birth_month birth_day", "birth_year birth_month", "birth_year", "given_names"]
    levels = np.full((len(fields), len(FIELDS)), -1, np.int8)
    for row, names in enumerate(fields):
        levels[row, [FIELDS.index(name) for name in names.split()]] = 1
    ends = np.column_stack([np.arange(5), np.full(5, 6)])
    found = [HAS[one] for one in what_records_have(ends, levels, 8, TABLES)]
    assert found == ["number", "date", "year", "year", "names", "nothing", "number", "nothing"]


def test_both_units_have_the_same_words() -> None:
    assert counted.HAS == HAS
