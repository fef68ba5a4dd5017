"""The benchmark of records that never met: what is true, and that answers are filled in rightly."""

from __future__ import annotations

import pandas as pd
import pytest

pytest.importorskip("faker", reason="the extra `benchmarks` is not installed")

from benchmarks.quality.studies.missed import FIRST_SEED, answered, measure


def test_answers_name_all_records_of_the_person_and_no_other() -> None:
    truth = pd.DataFrame(
        [("a", "a1", 1), ("a", "a2", 2), ("b", "b1", 1), ("b", "b2", 1), ("b", "b3", 2)],
        columns=["reporter", "record_id", "person"],
    )
    rows = ["1,a,a1,yes,,", "1,b,b3,no,,", "1,b,b1,no,,", "2,b,b3,yes,,"]
    questions = "\n".join(["question,reporter,record_id,asked,same_person,wrong_fields", *rows])
    found = [line.split(",") for line in answered(questions, truth).splitlines()[1:]]
    assert sorted((row[0], row[2], row[4]) for row in found) == [
        ("1", "a1", "yes"),
        ("1", "b1", "yes"),
        ("1", "b2", "yes"),
        ("1", "b3", "no"),
        ("2", "a2", "yes"),
        ("2", "b3", "yes"),
    ]


@pytest.mark.slow
def test_the_estimate_holds_the_truth_and_answers_make_it_narrower() -> None:
    (row,) = measure([(1000, "middle")], registries=3)
    assert row["registries"] == row["assumed"]["estimated"] == 3
    assert 0.03 < row["missing"] < 0.09
    assert row["assumed"]["inside"] >= 2
    assert row["assumed"]["median_error"] < 0.03
    assert row["sampled"]["median_error"] < 0.02
    assert row["sampled"]["mean_width"] < row["assumed"]["mean_width"] < 0.13
    assert FIRST_SEED > 50_000
