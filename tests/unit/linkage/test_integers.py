"""Integers in arrays: what is distinct and what is among others is as numpy says, and two sort as one."""

from __future__ import annotations

import numpy as np
import pytest

from linkage.integers import among, combined, distinct


@pytest.mark.parametrize("type_of", [np.int64, np.uint64, np.int32, np.uint8])
@pytest.mark.parametrize("shape", [(0,), (1,), (50,), (30, 2), (0, 2)])
def test_distinct_values_are_those_that_numpy_finds(type_of: type[np.integer], shape: tuple[int, ...]) -> None:
    values = np.random.default_rng(len(shape)).integers(0, 40, shape).astype(type_of)
    before = values.copy()
    found = distinct(values)
    assert found.dtype == values.dtype
    assert found.tolist() == np.unique(values).tolist()
    assert (values == before).all()


def test_two_sort_as_one_and_no_two_are_alike() -> None:
    rng = np.random.default_rng(1)
    first, second = rng.integers(0, 1 << 32, (2, 500))
    first[:250], second[::2] = 7, (1 << 32) - 1
    assert np.argsort(combined(first, second), kind="stable").tolist() == np.lexsort((second, first)).tolist()
    assert len(np.unique(combined(first, second))) == len(np.unique(np.stack([first, second]), axis=1).T)


@pytest.mark.parametrize("n", [0, 1, 30])
def test_what_is_among_others_is_what_numpy_finds(n: int) -> None:
    rng = np.random.default_rng(n)
    ascending, wanted = np.sort(rng.integers(0, 60, n)), rng.integers(-3, 70, 200)
    assert among(ascending, wanted).tolist() == np.isin(wanted, ascending).tolist()
