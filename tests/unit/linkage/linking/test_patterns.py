"""Pattern codes and counts."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from linkage.linking.patterns import (
    count_patterns,
    has_extra_level,
    level_count,
    n_levels,
    ordered_levels,
    pattern_codes,
    pattern_levels,
)
from tests.unit.linkage.linking.twins import field_table

NAMES = field_table("given_names", (20, 4), [0.9, 0.05, 0.05], [0.1, 0.2, 0.7])
MONTH = field_table("birth_month", (0.5,), [0.9, 0.09, 0.01], [0.05, 0.9, 0.05])
SWAPPED = field_table("swapped", (), [0.99, 0.01], [0.97, 0.03])
TABLES = (NAMES, MONTH, SWAPPED)


def draw(n, seed):
    rng = np.random.default_rng(seed)
    levels = np.column_stack([rng.integers(-1, n_levels(table), n) for table in TABLES]).astype(np.int8)
    return levels, rng.integers(0, 5, n)


def as_counter(counts):
    return {
        (stratum, code): count
        for stratum, code, count in zip(
            counts.strata.tolist(), counts.codes.tolist(), counts.counts.tolist(), strict=True
        )
    }


def test_levels_of_a_field():
    assert [n_levels(table) for table in TABLES] == [3, 3, 2]
    assert [level_count(table.field, table.edges) for table in TABLES] == [3, 3, 2]
    assert [ordered_levels(table) for table in TABLES] == [3, 2, 1]
    assert [has_extra_level(table.field) for table in TABLES] == [False, True, True]


def test_a_month_without_its_extra_level_is_whole():
    assert n_levels(field_table("birth_month", (0.5,), [0.9, 0.1], [0.1, 0.9])) == 2


@pytest.mark.parametrize(
    "table",
    [
        field_table("sex", (0.5,), [0.9, 0.05, 0.05], [0.1, 0.2, 0.7]),
        field_table("sex", (1.5, 0.5), [0.9, 0.1], [0.1, 0.9]),
        field_table("swapped", (0.5,), [0.9, 0.1], [0.1, 0.9]),
    ],
)
def test_a_table_whose_levels_do_not_fit_its_edges_is_refused(table):
    with pytest.raises(ValueError, match="number of levels"):
        n_levels(table)


def test_codes_and_back():
    levels, _ = draw(500, 0)
    codes = pattern_codes(levels, (3, 3, 2))
    assert codes.min() >= 0
    assert codes.max() < 4 * 4 * 3
    assert len(np.unique(codes)) == len(np.unique(levels, axis=0))
    assert (pattern_levels(codes, (3, 3, 2)) == levels).all()


def test_the_first_field_is_most_significant():
    assert pattern_codes(np.array([[0, -1, -1], [-1, 2, 1]], np.int8), (3, 3, 2)).tolist() == [12, 11]


def test_as_many_patterns_as_64_bits_tell_apart():
    limits = (126,) * 9
    top = np.full((1, 9), 125, np.int8)
    assert (pattern_levels(pattern_codes(top, limits), limits) == top).all()
    with pytest.raises(ValueError, match="too many"):
        pattern_codes(np.full((1, 10), 125, np.int8), (126,) * 10)


@pytest.mark.parametrize("levels", [[[3, 0, 0]], [[-2, 0, 0]], [[0, 0]]])
def test_levels_out_of_range_are_refused(levels):
    with pytest.raises(ValueError, match="out of range"):
        pattern_codes(np.array(levels, np.int8), (3, 3, 2))


def test_counts_are_those_of_a_counter():
    levels, strata = draw(1000, 1)
    counts = count_patterns(levels, strata, TABLES)
    expected = Counter(zip(strata.tolist(), pattern_codes(levels, (3, 3, 2)).tolist(), strict=True))
    assert as_counter(counts) == expected
    assert list(as_counter(counts)) == sorted(expected)
