"""Capture-recapture: matches that share no match key, estimated from those that share a few."""

from __future__ import annotations

import numpy as np
import pytest

from linkage.linking.recapture import MIN_CAPTURED, SIMILARITY_POWER, count_captures, never_captured
from tests.unit.linkage.linking.twins import batch_of, draw_captures


def test_captures_are_distinct_match_keys_of_pairs_that_share_no_other_kind():
    content = bytes(8)
    keys = [(1, 2, 0, 5), (1, 2, 3, 5), (1, 2, 3, 5), (1, 2, 3, 6), (1, 3, 0, 6), (2, 3, 3, 6)]
    batch = batch_of([(*key, content, content) for key in keys], 8)
    assert count_captures(batch, (3,)).tolist() == [0, 0, 1]
    assert count_captures(batch, (0,)).tolist() == [0, 1, 0]
    assert count_captures(batch, (0, 3)).tolist() == [3, 1, 1]
    assert count_captures(batch, ()).tolist() == [0, 0, 0]


@pytest.mark.parametrize("rows", [5, 6, 8])
def test_the_estimate_recovers_the_number_never_captured(rows):
    captured = draw_captures(rows, power=SIMILARITY_POWER)
    assert never_captured(captured, rows) == pytest.approx(captured[0], rel=0.1)
    chao = captured[1] ** 2 / (2 * captured[2])
    assert chao < captured[0] * 0.75, "equal capture probabilities would estimate too few"


def test_another_density_of_similarities_gives_another_number():
    captured = draw_captures(6, power=SIMILARITY_POWER + 3)
    assert never_captured(captured, 6) > captured[0] * 1.2


def test_too_few_captures_give_no_estimate():
    enough = np.array([0, 0.5, 0.3, 0.15, 0.05, 0]) * MIN_CAPTURED
    assert never_captured(enough, 6) is not None
    assert never_captured(enough * 0.99, 6) is None
    assert never_captured(np.array([0, 1, 0, 0, 0, 0]) * MIN_CAPTURED, 6) is None, "one number alone has no shape"
