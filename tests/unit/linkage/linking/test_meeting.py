"""Reach: what records show of how surely they meet, and nothing that hangs on order."""

from __future__ import annotations

import numpy as np
import pytest

from linkage.linking.meeting import DEPENDENCE, MAX_SHARE, PRIOR_SHARE, meeting_strengths

FULL, POOR = (3, 3, 3), (3, -1, -1)
"""Levels of pairs whose records have all three fields, and of those in which one has a single field."""


def persons(n, size, *, missed):
    """Make `n` persons of `size` records each; the last record of each meets the first and none of the `missed` next.

    Gives a, b, levels and labels. The last record has one field.
    """
    a, b, levels = [], [], []
    for first in range(0, n * size, size):
        for one in range(first, first + size):
            for other in range(one + 1, first + size):
                last = other == first + size - 1
                if not (last and first < one <= first + missed):
                    a.append(one)
                    b.append(other)
                    levels.append(POOR if last else FULL)
    labels = np.repeat(np.arange(0, n * size, size), size)
    return np.array(a), np.array(b), np.array(levels, np.int8), labels


def test_records_that_miss_others_have_less_reach_than_those_that_meet_all():
    found = meeting_strengths(*persons(200, 6, missed=2)).reshape(-1, 6)
    assert (found[:, :5] == found[0, 0]).all()
    assert (found[:, 5] == found[0, 5]).all()
    assert found[0, 5] < 0.6 * found[0, 0]


def test_the_product_of_two_is_the_share_that_is_missed():
    # Of the four others besides the one that brought it here, the last meets two.
    found = meeting_strengths(*persons(5_000, 6, missed=2)).reshape(-1, 6)
    # A mean over the records stands for whom a record may meet.
    assert found[0, 5] * found.mean() == pytest.approx(-DEPENDENCE * np.log1p(-0.5), rel=0.01)


def test_the_link_that_made_a_record_one_of_the_person_is_not_counted():
    # It meets one of its five others, without which it would not be here: of the others it meets none.
    found = meeting_strengths(*persons(2_000, 6, missed=4)).reshape(-1, 6)
    assert found[0, 5] * found.mean() < 0.02


def test_meeting_strength_stays_bounded_where_records_always_meet():
    found = meeting_strengths(*persons(3_000, 5, missed=0))
    assert found.max() ** 2 <= -DEPENDENCE * np.log1p(-MAX_SHARE) * 1.3
    assert (found > 0).all()


@pytest.mark.parametrize("n", [0, 1, 3])
def test_without_persons_of_three_records_it_is_what_is_assumed(n):
    a, b = np.arange(0, 2 * n, 2), np.arange(1, 2 * n, 2)
    labels = np.repeat(a, 2)
    found = meeting_strengths(a, b, np.full((n, 3), 3, np.int8), labels)
    assert found == pytest.approx(np.full(2 * n, np.sqrt(-DEPENDENCE * np.log1p(-PRIOR_SHARE))))


def test_no_records():
    nothing = np.zeros(0, np.int64)
    assert len(meeting_strengths(nothing, nothing, np.zeros((0, 3), np.int8), nothing)) == 0


@pytest.mark.parametrize("seed", range(5))
def test_another_order_says_the_same_to_the_last_bit(seed):
    rng = np.random.default_rng(seed)
    a, b, levels, labels = persons(40, 7, missed=3)
    levels = rng.integers(-1, 3, levels.shape).astype(np.int8)
    kept = rng.random(len(a)) < 0.8
    a, b, levels = a[kept], b[kept], levels[kept]
    alone = meeting_strengths(a, b, levels, labels)
    # The record that was `number` arrives as `renamed[number]`.
    renamed, order = rng.permutation(len(labels)), rng.permutation(len(a))
    moved = np.empty_like(labels)
    moved[renamed] = renamed[labels]
    other = meeting_strengths(renamed[b[order]], renamed[a[order]], levels[order], moved)
    assert (other[renamed] == alone).all()
