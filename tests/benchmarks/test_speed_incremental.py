"""New records in a linked registry of invented case files: the answer of a full run, for less."""

from __future__ import annotations

import pytest

from benchmarks.speed.incremental import measure_incremental


@pytest.mark.slow
@pytest.mark.parametrize("profile", ["case-registry", "population"])
def test_what_changes_is_weighed_and_the_answer_is_that_of_a_full_run(tmp_path, profile):
    found = measure_incremental(
        profile, 10_000, 200, seed=3, threads=2, rounds=1, cache=tmp_path, progress=lambda *_: None
    )
    assert found["same_answer"]
    assert found["full_run"] is None
    assert found["new_records"] == 200
    assert 200 <= found["weighed_again"] < 2_000
    assert found["times_cheaper"] > 1.5
