"""Spread over linkage keys, and twins of whom records were joined."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("faker", reason="the extra `benchmarks` is not installed")

from benchmarks.quality.data.datasets import one_twin_each, synthetic
from benchmarks.quality.studies.stability import joined_twins, parts_that_meet, spread, under_keys

TWINS = pd.DataFrame(
    {
        "reporter": ["a", "b", "a", "b", "a", "b", "a"],
        "record_id": list("1234567"),
        "person": ["p", "p", "q", "q", "r", "r", "s"],
        "household": ["h", "h", "h", "h", "g", "g", "g"],
        "twin": True,
    }
)


def test_twins_count_if_both_are_known_to_the_same_reporters() -> None:
    apart = np.array([1, 1, 2, 2, 3, 3, 4])
    assert joined_twins(apart, TWINS) == (0, 1)
    one = apart.copy()
    one[3] = 1
    assert joined_twins(one, TWINS) == (1, 1)
    assert joined_twins(apart, TWINS.drop(columns="twin")) == (0, 0)


def test_twins_of_whom_each_reporter_knows_one_are_counted_for_themselves() -> None:
    truth = TWINS.assign(reporter=["a", "a", "b", "b", "a", "b", "a"])
    assert joined_twins(np.array([1, 1, 2, 2, 3, 3, 4]), truth, one_each=True) == (0, 1)
    assert joined_twins(np.array([1, 1, 2, 1, 3, 3, 4]), truth, one_each=True) == (1, 1)
    assert joined_twins(np.array([1, 1, 2, 1, 3, 3, 4]), truth) == (0, 0)


def test_records_that_meet_no_other_of_their_person_are_persons_of_their_own() -> None:
    rows = [("a", "1", "b", "2", True), ("a", "3", "b", "4", False), ("a", "5", "b", "6", True)]
    pairs = pd.DataFrame(rows, columns=["reporter_a", "record_id_a", "reporter_b", "record_id_b", "met"])
    assert parts_that_meet(pairs, TWINS) == 5
    assert parts_that_meet(pairs[pairs["met"]], TWINS) == 5
    assert parts_that_meet(pairs[:0], TWINS) == 7


@pytest.mark.whole
def test_half_of_the_twins_are_known_to_one_reporter_each() -> None:
    dataset = one_twin_each(synthetic(200, level="middle", seed=2, kind="twins"))
    groups = np.arange(len(dataset.truth))
    both, one_each = joined_twins(groups, dataset.truth)[1], joined_twins(groups, dataset.truth, one_each=True)[1]
    assert min(both, one_each) >= 10
    assert sum(map(len, dataset.reporters.values())) == len(dataset.truth)


def test_the_spread_is_half_the_range() -> None:
    found = spread([{"key": 1, "f1": 0.9, "twins": 3}, {"key": 2, "f1": 0.92, "twins": 3}])
    assert found["f1"] == pytest.approx({"mean": 0.91, "half_range": 0.01})
    assert found["twins"] == {"mean": 3.0, "half_range": 0.0}
    assert "key" not in found


@pytest.mark.whole
def test_twins_known_to_both_reporters_stay_two_under_each_key() -> None:
    rows = under_keys(synthetic(200, level="middle", seed=2, kind="twins"), (1, 2), profile="case-registry")
    assert [row["key"] for row in rows] == [1, 2]
    assert all(row["twins"] > 20 and row["twins_joined"] <= 1 for row in rows)
    assert all(row["f1"] > 0.9 and 0 < row["met"] <= 1 for row in rows)
