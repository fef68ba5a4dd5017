"""Copies: records of one reporter that agree in everything, and the one of them that is counted."""

from __future__ import annotations

import numpy as np

from linkage.linking.copies import first_of_each, representatives
from tests.unit.linkage.linking.twins import field_table

TABLES = (
    field_table("given_names", (8, 0.5), (0.97, 0.02, 0.01), (0.08, 0.12, 0.80)),
    field_table("birth_month", (0.5,), (0.85, 0.10, 0.05), (0.03, 0.96, 0.01)),
    field_table("swapped", (), (0.99, 0.01), (0.95, 0.05)),
)
EQUAL = (2, 1, 0)


def of(pairs, reporter, rank=None):
    """Return the representatives, given the levels of each pair."""
    return representatives(
        np.array(list(pairs), np.int64).reshape(-1, 2),
        np.array(list(pairs.values()), np.int8).reshape(-1, 3),
        TABLES,
        reporter=np.array(reporter),
        rank=np.arange(len(reporter)) if rank is None else np.array(rank),
    ).tolist()


def test_records_of_one_reporter_that_agree_in_every_field_are_copies():
    pairs = {(0, 1): EQUAL, (0, 2): EQUAL, (1, 2): EQUAL, (2, 3): EQUAL}
    assert of(pairs, [0, 0, 0, 1]) == [0, 0, 0, 3]
    assert of(pairs, [0, 0, 0, 1], rank=[3, 1, 2, 0]) == [1, 1, 1, 3]


def test_a_difference_in_any_field_is_none():
    for levels in ((1, 1, 0), (2, 0, 0), (2, 2, 0), (2, 1, 1)):
        assert of({(0, 1): levels}, [0, 0]) == [0, 1]


def test_a_field_that_only_one_of_them_has_is_a_difference():
    # The second record was compared in its month with the third.
    assert of({(0, 1): (2, -1, 0), (1, 2): EQUAL}, [0, 0, 1]) == [0, 1, 2]
    assert of({(0, 1): (2, -1, 0)}, [0, 0]) == [0, 0]


def test_records_without_pairs_stand_for_themselves():
    assert of({}, [0, 0]) == [0, 1]
    assert of({}, []) == []


def test_the_first_of_each_group():
    assert first_of_each(np.array([1, 0, 1, 0]), np.array([3, 2, 1, 0])).tolist() == [2, 3, 2, 3]
