"""Sums that no order of their terms changes."""

from __future__ import annotations

import numpy as np
import pytest

from linkage.linking.sums import stable_sum, stable_sums


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
