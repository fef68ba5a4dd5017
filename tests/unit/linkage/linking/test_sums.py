"""Sums that no order of their terms changes."""

from __future__ import annotations

import numpy as np
import pytest

from linkage.linking.sums import joined, limb_sums, stable_sum, stable_sums


def test_sums_are_the_same_to_the_last_bit_in_any_order():
    rng = np.random.default_rng(3)
    values, index = 10.0 ** rng.uniform(-9, 9, 2_000), rng.integers(0, 5, 2_000)
    order = rng.permutation(2_000)
    assert stable_sum(values) == stable_sum(values[order])
    first, second = stable_sums(index, values, 6), stable_sums(index[order], values[order], 6)
    assert first.tolist() == second.tolist()
    assert first == pytest.approx(np.bincount(index, values, 6))
    assert first[5] == 0
    naive = [np.bincount(index[some], values[some]).tolist() for some in (slice(None), order)]
    assert naive[0] != naive[1], "order matters to a naive sum"


def test_sums_of_parts_add_up_to_the_sums_of_all():
    rng = np.random.default_rng(4)
    values, index = rng.normal(0, 10, 3_000), rng.integers(0, 7, 3_000)
    parts = [limb_sums(index[part], values[part], 7) for part in (slice(0, 5), slice(5, 1_800), slice(1_800, None))]
    assert joined(np.sum(parts, axis=0)).tolist() == stable_sums(index, values, 7).tolist()


def test_a_sum_is_as_exact_as_its_terms_are_rounded():
    values = [0.1] * 1_000_000
    assert abs(stable_sum(np.array(values)) - 100_000) <= 1e6 * 2**-53 + 100_000 * 2**-52
    assert stable_sum(np.array([1e9, 2**-52, -1e9])) == 2**-52
    assert stable_sum(np.zeros(0)) == 0


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 2.0**43])
def test_what_fixed_point_cannot_hold_is_refused(value):
    with pytest.raises(ValueError, match="too large"):
        stable_sum(np.array([1.0, value]))
