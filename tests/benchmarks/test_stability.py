"""Spread over linkage keys, and twins of whom records were joined."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("faker", reason="the extra `benchmarks` is not installed")

from benchmarks.quality.datasets import synthetic
from benchmarks.quality.stability import joined_twins, spread, under_keys

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
