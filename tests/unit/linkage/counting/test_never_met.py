"""Joins of persons whose records never met: how many are drawn, and between whom."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from linkage.counting.never_met import HAS, NeverMet, add_joins
from tests.unit.linkage.counting.worlds import estimate_of


def alone(n: int, **columns: list[str | None]) -> tuple[np.ndarray, pa.Table]:
    """Return `n` persons of one record each."""
    given = {name: pa.array(values, pa.string()) for name, values in columns.items()}
    return np.arange(n), pa.table({"reporter": ["police"] * n, "has": ["names"] * n} | given)


@pytest.mark.whole
def test_as_many_joins_as_estimated_with_their_variance() -> None:
    labels, records = alone(2000)
    estimate = estimate_of(("", "", "", 50.0), ("names", "police", "", 50.0), variance=400.0)
    rng = np.random.default_rng(1)
    drawn = [2000 - len(np.unique(add_joins(labels, records, estimate, rng))) for _ in range(400)]
    assert abs(np.mean(drawn) - 50) < 4
    assert 300 < np.var(drawn) < 500


def test_the_same_state_gives_the_same_joins_and_the_labels_stay_as_they_were() -> None:
    labels, records = alone(100)
    estimate = estimate_of(("", "", "", 20.0), ("names", "police", "", 20.0))
    one = add_joins(labels, records, estimate, np.random.default_rng(7))
    other = add_joins(labels, records, estimate, np.random.default_rng(7))
    assert (one == other).all()
    assert (labels == np.arange(100)).all()
    assert set(one) <= set(labels)


def test_persons_are_joined_and_never_divided() -> None:
    rng = np.random.default_rng(3)
    labels = rng.integers(0, 80, 300)
    records = pa.table({"reporter": ["police"] * 300, "has": rng.choice(HAS, 300).tolist()})
    joined = add_joins(labels, records, estimate_of(("", "", "", 15.0), ("names", "police", "", 15.0)), rng)
    for label in np.unique(labels):
        assert len(np.unique(joined[labels == label])) == 1


def test_without_joins_nothing_changes() -> None:
    labels, records = alone(10)
    for estimate in (estimate_of(("", "", "", 0.0)), NeverMet(estimate_of(("", "", "", 1.0)).strata[:0])):
        assert (add_joins(labels, records, estimate, np.random.default_rng(0)) == labels).all()


def test_the_smaller_half_has_what_the_estimate_says_and_is_where_it_says() -> None:
    n = 400
    labels = np.arange(n)
    has = ["names" if row % 4 == 0 else "number" for row in range(n)]
    reporter = ["shelter" if row % 8 == 0 else "police" for row in range(n)]
    records = pa.table({"reporter": reporter, "has": has})
    estimate = estimate_of(("", "", "", 10.0), ("names", "shelter", "", 10.0), ("", "shelter", "police", 10.0))
    rng = np.random.default_rng(5)
    for _ in range(20):
        joined = add_joins(labels, records, estimate, rng)
        for label in np.unique(joined):
            members = np.flatnonzero(joined == label)
            if len(members) > 1:
                assert any(has[row] == "names" and reporter[row] == "shelter" for row in members)
                assert any(reporter[row] == "police" for row in members)


def test_sex_and_age_agree_as_they_do_in_the_links() -> None:
    rng = np.random.default_rng(9)
    # 400 persons of two linked records that agree on sex and age, and 400 of one record.
    labels = np.concatenate([np.repeat(np.arange(400), 2), np.arange(400, 800)])
    sex = np.array(["woman", "man"])[labels % 2]
    age = np.array(["0-6", "7-12", "13-17", "18-20"])[labels // 2 % 4]
    records = pa.table({"reporter": ["police"] * 1200, "has": ["names"] * 1200, "sex": sex, "age": age})
    estimate = estimate_of(("", "", "", 60.0), ("names", "police", "", 60.0))
    agree, n = 0, 0
    for _ in range(20):
        joined = add_joins(labels, records, estimate, rng)
        for label in np.unique(joined):
            members = np.unique(labels[joined == label])
            agree += sum(one % 2 == members[0] % 2 and one // 2 % 4 == members[0] // 2 % 4 for one in members[1:])
            n += len(members) - 1
    assert n > 900
    # By chance one of eight would agree on both.
    assert agree / n > 0.9


def test_an_unknown_value_is_no_evidence() -> None:
    labels, records = alone(200, sex=[None] * 100 + ["woman"] * 100)
    estimate = estimate_of(("", "", "", 40.0), ("names", "police", "", 40.0))
    mixed = 0
    rng = np.random.default_rng(2)
    for _ in range(20):
        joined = add_joins(labels, records, estimate, rng)
        pairs = [np.flatnonzero(joined == label) for label in np.unique(joined)]
        mixed += sum(rows.min() < 100 <= rows.max() for rows in pairs)
    assert mixed > 200


@pytest.mark.parametrize("labels", [[0, 1], [0, -1, 2]])
def test_labels_that_do_not_fit_are_refused(labels: list[int]) -> None:
    _, records = alone(3)
    with pytest.raises(ValueError, match="label"):
        add_joins(np.array(labels), records, estimate_of(("", "", "", 1.0)), np.random.default_rng(0))
