"""What a chain remembers of groups changes no draw, however little room there is for it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from linkage.linking.compiled import chains
from linkage.linking.compiled.chains import Units, draw_by_chain, unit_marks


def plain(function: Any) -> Any:
    """Return a compiled function as Python."""
    return function.py_func


def drawn(seed: int) -> NDArray[np.int16]:
    rng = np.random.default_rng(seed)
    n = 12
    values = rng.normal(0, 2, (n, n))
    total = values + values.T
    apart = rng.random((n, n)) < 0.05
    apart |= apart.T
    np.fill_diagonal(apart, False)
    near = (total >= -1) & ~apart
    np.fill_diagonal(near, False)
    labels = np.empty((n, 100), np.int16)
    units = Units(unit_marks(n), near, total, apart, np.ones(n))
    plain(draw_by_chain)(np.arange(n), units, np.zeros(100), (5, 1), seed, labels)
    return labels


@pytest.mark.parametrize("seed", [1, 2])
def test_a_group_that_has_lost_its_slot_is_weighed_again(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    # As Python, the functions read the limits anew.
    for name in ("_move", "_join_or_part", "_weigh", "_put", "_free_label", "_with_choice"):
        monkeypatch.setattr(chains, name, plain(getattr(chains, name)))
    straight = drawn(seed)
    assert len(np.unique(straight, axis=1).T) > 20
    monkeypatch.setattr(chains, "_SLOTS", 2)
    monkeypatch.setattr(chains, "_LAST", np.uint64(1))
    assert (drawn(seed) == straight).all()


def test_marks_of_sets_differ() -> None:
    marks = unit_marks(12)
    sums = {0: np.uint64(0)}
    for group in range(1, 1 << 12):
        first = group & -group
        sums[group] = sums[group ^ first] ^ marks[first.bit_length() - 1]
    assert len(set(sums.values())) == 1 << 12
