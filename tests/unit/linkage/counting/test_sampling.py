"""Samples of records: who is drawn, what answers say, and what they leave open."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from linkage.counting import (
    Known,
    NeverMet,
    SampleStrata,
    add_joins,
    agreed,
    draw_sample,
    learned,
    missing_joins,
    needed,
    recentred,
)
from linkage.counting.never_met import expected_joins
from linkage.counting.sampling import LEAST, STRATUM_NAMES, allocate
from tests.unit.linkage.counting.worlds import estimate_of

NO_PAIRS = np.zeros((0, 2), np.int64)


def world(n: int, seed: int = 1) -> tuple[np.ndarray, pa.Table]:
    """Return persons of one to six records, whose single records have little as a rule."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 7, n)
    labels = np.repeat(np.arange(n), sizes)
    alone = sizes[labels] == 1
    has = np.where(alone, rng.choice(["nothing", "names", "year", "number"], len(labels)), "number")
    reporter = rng.choice(["police", "shelter"], len(labels))
    return labels, pa.table({"reporter": reporter, "has": has})


ESTIMATE = estimate_of(
    ("", "", "", 30.0),
    ("nothing", "shelter", "", 20.0),
    ("names", "shelter", "", 6.0),
    ("number", "police", "", 4.0),
    variance=30.0 + 8.0**2,
)


def test_expected_joins_add_up_and_lie_where_the_estimate_says() -> None:
    labels, records = world(500)
    joins = expected_joins(labels, records, ESTIMATE)
    has, reporter = (np.array(records[name].to_pylist()) for name in ("has", "reporter"))
    assert joins.sum() == pytest.approx(30.0)
    assert joins[(has == "nothing") & (reporter == "shelter")].sum() == pytest.approx(20.0)
    assert joins[(has == "nothing") & (reporter == "police")].sum() == 0
    # A person of six records is hardly ever the smaller half of another.
    sizes = np.bincount(labels)[labels]
    assert joins[sizes == 1].sum() > 5 * joins[sizes > 2].sum()


def test_records_that_may_well_be_missed_are_drawn_most_often() -> None:
    sizes, expected = np.array([100, 30, 20, 80, 2000]), np.array([15.0, 5.0, 1.0, 4.0, 3.0])
    drawn = allocate(sizes, expected, 200)
    assert drawn.sum() == 200
    shares = drawn / sizes
    assert shares[0] > shares[3] > shares[4]
    assert (drawn >= LEAST).all()
    assert (allocate(sizes, expected, 10**6) == sizes).all()
    assert allocate(np.array([5, 0, 0, 0, 0]), np.zeros(5), 3).tolist() == [3, 0, 0, 0, 0]


def test_inclusion_probabilities_are_those_with_which_records_are_drawn() -> None:
    labels, records = world(200)
    strata = SampleStrata.of(labels, records, ESTIMATE)
    rng, times = np.random.default_rng(3), np.zeros(len(labels))
    stated = np.zeros(len(labels))
    for _ in range(400):
        places, probability = draw_sample(strata, 60, rng)
        assert len(set(places.tolist())) == len(places) == 60
        times[places] += 1
        stated[places] = probability
    for number in range(len(STRATUM_NAMES)):
        of = strata.stratum == number
        if of.any():
            assert times[of].mean() / 400 == pytest.approx(stated[of].max(), abs=0.03)


def ask(strata: SampleStrata, missing: np.ndarray, n: int, rng: np.random.Generator):
    """Ask about a sample and learn from the answers."""
    places, _ = draw_sample(strata, n, rng)
    return learned(
        strata.sizes,
        strata.expected,
        strata.spread,
        stratum=strata.stratum[places],
        joins=strata.joins[places],
        missing=missing[places],
        reporter=["shelter"] * len(places),
    )


@pytest.mark.parametrize("ratio", [0.3, 1.0, 2.0])
def test_answers_move_the_estimate_to_the_truth_and_hold_it(ratio: float) -> None:
    labels, records = world(500)
    strata = SampleStrata.of(labels, records, ESTIMATE)
    rng, inside, found, truth = np.random.default_rng(5), 0, [], []
    for _ in range(100):
        missing = (rng.random(len(labels)) < np.minimum(strata.joins * ratio, 1)).astype(np.float64)
        posterior = ask(strata, missing, 200, rng)
        found.append(posterior.joins)
        truth.append(missing.sum())
        inside += abs(posterior.joins - missing.sum()) <= 1.96 * posterior.variance**0.5 + 0.5
    assert np.mean(found) == pytest.approx(np.mean(truth), rel=0.15)
    # Twice the joins expected are nearly four standard deviations away from the prior.
    assert inside >= (88 if ratio < 2 else 80)


def test_more_answers_leave_less_open_and_all_of_them_nothing() -> None:
    labels, records = world(300)
    strata = SampleStrata.of(labels, records, ESTIMATE)
    missing = (np.random.default_rng(0).random(len(labels)) < strata.joins).astype(np.float64)
    variances = [ask(strata, missing, n, np.random.default_rng(1)).variance for n in (20, 100, 300, len(labels))]
    assert variances == sorted(variances, reverse=True)
    assert variances[-1] == 0
    all_of_them = ask(strata, missing, len(labels), np.random.default_rng(1))
    assert all_of_them.joins == all_of_them.shown == pytest.approx(missing.sum())


def test_how_many_answers_a_precision_takes() -> None:
    labels, records = world(500)
    strata = SampleStrata.of(labels, records, ESTIMATE)
    few, many = needed(strata, ESTIMATE.variance, 0.03), needed(strata, ESTIMATE.variance, 0.015)
    assert few is not None
    assert many is not None
    assert 0 < few < many < len(labels)
    assert needed(strata, ESTIMATE.variance, 0.5) == 0
    rng = np.random.default_rng(2)
    posterior = ask(strata, strata.joins, many, rng)
    assert 1.96 * posterior.variance**0.5 / 470 == pytest.approx(0.015, rel=0.1)


def test_without_an_estimate_a_sample_can_still_be_drawn() -> None:
    labels, records = world(200)
    strata = SampleStrata.of(labels, records, NeverMet(ESTIMATE.strata[:0]))
    assert strata.spread == 1.0
    assert strata.joins.sum() == pytest.approx(0.05 * 200)
    assert len(draw_sample(strata, 50, np.random.default_rng(0))[0]) == 50


def test_an_estimate_that_was_recentred_says_so_and_adds_up() -> None:
    estimate = estimate_of(
        ("", "", "", 30.0),
        ("", "shelter", "", 20.0),
        ("", "police", "", 10.0),
        ("nothing", "shelter", "", 20.0),
        ("nothing", "police", "", 10.0),
        ("", "", "police", 30.0),
        variance=100.0,
    )
    labels, records = world(300)
    strata = SampleStrata.of(labels, records, estimate)
    places = np.arange(len(labels))
    has, reporter = (np.array(records[name].to_pylist()) for name in ("has", "reporter"))
    missing = ((has == "nothing") & (reporter == "shelter")).astype(np.float64)
    posterior = learned(
        strata.sizes,
        strata.expected,
        strata.spread,
        stratum=strata.stratum[places],
        joins=strata.joins[places],
        missing=missing[places],
        reporter=reporter[places].tolist(),
    )
    found = recentred(estimate, posterior)
    rows = {(row["has"], row["reporter"], row["other_reporter"]): row["joins"] for row in found.strata.to_pylist()}
    assert estimate.basis == "by assumption"
    assert found.basis == f"by sample of {len(labels)}"
    assert found.joins == pytest.approx(missing.sum())
    assert rows["", "shelter", ""] + rows["", "police", ""] == pytest.approx(found.joins)
    # All that were found are of the shelter.
    assert rows["", "police", ""] < 0.2 * rows["", "shelter", ""]
    assert rows["nothing", "shelter", ""] == pytest.approx(rows["", "shelter", ""])
    # Where nothing could be estimated, answers are all that is known.
    alone = recentred(NeverMet(estimate.strata[:0]), posterior)
    assert (alone.joins, alone.variance, alone.basis) == (posterior.joins, posterior.variance, found.basis)
    assert alone.is_estimated
    # Everybody was asked about, so that no join is left to be drawn; if a few were not, it is.
    assert alone.shown == pytest.approx(alone.joins)
    assert len(np.unique(add_joins(labels, records, alone, np.random.default_rng(1)))) == len(np.unique(labels))
    some = replace(alone, shown=alone.joins - 3)
    assert len(np.unique(add_joins(labels, records, some, np.random.default_rng(1)))) == len(np.unique(labels)) - 3


@pytest.mark.parametrize(
    ("asked", "drawn", "pairs", "part"),
    [
        # Found together: nothing is missing.
        (1, [[7], [7], [7]], [], 0.0),
        # The record is alone, the others are together.
        (3, [[7], [7], [8]], [], 1.0),
        (1, [[7], [7], [8]], [], 0.0),
        # A part of two: each is half of the join.
        (2, [[5], [6], [6], [5], [5]], [], 0.5),
        # Of equal parts the one with the smallest record is the person.
        (1, [[7], [8]], [], 0.0),
        (2, [[7], [8]], [], 1.0),
        # What some draw joins, or a pair that was stored, is the matter of the draws.
        (3, [[7, 7], [7, 7], [8, 7]], [], 0.0),
        (3, [[7], [7], [8]], [(2, 3)], 0.0),
        (3, [[7], [7], [8]], [(3, 99)], 1.0),
    ],
)
def test_what_part_of_a_missing_join_a_record_is(
    asked: int, drawn: list[list[int]], pairs: list[tuple[int, int]], part: float
) -> None:
    records = list(range(1, len(drawn) + 1))
    ends = np.array(pairs, np.int64) if pairs else NO_PAIRS
    assert missing_joins(asked, records, np.array(drawn), ends) == part
    # The order in which an answer names the records makes no difference.
    assert missing_joins(asked, records[::-1], np.array(drawn)[::-1], ends) == part


def test_parts_of_all_records_add_up_to_the_joins() -> None:
    drawn = np.array([[1], [1], [1], [2], [2], [3]])
    records = [4, 9, 2, 8, 5, 7]
    assert sum(missing_joins(one, records, drawn, NO_PAIRS) for one in records) == pytest.approx(2)


def test_persons_of_whom_answers_contradict_each_other_are_not_known() -> None:
    said = [{1, 2}, {1, 2}, {3}, {4, 5}, {5, 6}, {7, 8, 9}]
    assert agreed(map(frozenset, said)) == [{1, 2}, {3}, {7, 8, 9}]
    assert agreed([]) == []


@pytest.mark.parametrize(
    ("labels", "person", "later", "found"),
    [
        # A known person gets its records, whatever the draw says, and others lose them.
        ([0, 0, 1, 1], [0, -1, 0, -1], [], [[0, 2], [1], [3]]),
        # Two known persons that a draw has as one.
        ([0, 0, 0, 1], [0, 0, 1, -1], [], [[0, 1], [2], [3]]),
        # A later record may be of a known person, and no other record may.
        ([0, 0, 0, 1], [0, 0, -1, -1], [2], [[0, 1, 2], [3]]),
        ([0, 0, 0, 0], [0, 0, -1, -1], [2], [[0, 1], [2, 3]]),
        # A later record that was drawn with two known persons goes with the first.
        ([0, 0, 0, 1], [0, 1, -1, -1], [2], [[0, 2], [1], [3]]),
        # Records that are not linked stay so.
        ([-1, 0, 0, -1], [-1, 0, -1, -1], [3], [[1], [2]]),
    ],
)
def test_no_draw_contradicts_what_answers_have_named(
    labels: list[int], person: list[int], later: list[int], found: list[list[int]]
) -> None:
    known = Known(np.array(person), np.isin(np.arange(len(labels)), later))
    applied = known.applied(np.array(labels))
    assert ((applied < 0) == (np.array(labels) < 0)).all()
    groups = [np.flatnonzero(applied == one).tolist() for one in np.unique(applied[applied >= 0])]
    assert sorted(groups) == found


def test_no_join_touches_a_person_that_answers_have_named() -> None:
    known = Known(np.array([0, 0, -1, -1, -1, -1]), np.array([False, False, True, True, False, False]))
    assert known.settled(np.array([3, 3, 3, 4, 4, -1])).tolist() == [True, True, True, False, False, False]
