"""Decisions on pairs."""

from __future__ import annotations

import numpy as np

from linkage.linking.decide import DECISIONS, LINK, NO_LINK, REVIEW, classify, decide_pairs


def test_thresholds_are_inclusive():
    below = np.nextafter(0.5, 0), np.nextafter(0.1, 0)
    found = classify(np.array([1.0, 0.5, below[0], 0.1, below[1], 0.0]))
    assert found.dtype == np.int8
    assert found.tolist() == [LINK, LINK, REVIEW, REVIEW, NO_LINK, NO_LINK]
    assert [DECISIONS[code] for code in (LINK, REVIEW, NO_LINK)] == ["link", "review", "no link"]


def test_decisions_agree_with_the_groups():
    probability = np.array([0.9, 0.9, 0.3, 0.3, 0.0, 0.0, 0.0])
    apart = np.array([False, True, False, True, False, True, True])
    conflict = np.array([False, False, False, False, False, False, True])
    found = decide_pairs(probability, apart=apart, conflict=conflict)
    assert found.tolist() == [LINK, REVIEW, LINK, REVIEW, LINK, NO_LINK, REVIEW]
