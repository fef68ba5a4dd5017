"""Distinct numbers are those of numpy."""

from __future__ import annotations

import numpy as np
import pytest

from linkage.distinct import distinct


@pytest.mark.parametrize("type_of", [np.int64, np.uint64, np.int32, np.uint8])
@pytest.mark.parametrize("shape", [(0,), (1,), (50,), (30, 2), (0, 2)])
def test_they_are_those_that_numpy_finds(type_of: type[np.integer], shape: tuple[int, ...]) -> None:
    values = np.random.default_rng(len(shape)).integers(0, 40, shape).astype(type_of)
    before = values.copy()
    found = distinct(values)
    assert found.dtype == values.dtype
    assert found.tolist() == np.unique(values).tolist()
    assert (values == before).all()
