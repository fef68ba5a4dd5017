"""Probabilities and log odds."""

from __future__ import annotations

import numpy as np
import pytest

from linkage.linking.odds import BIT, log_odds_of, probabilities


def test_overwhelming_evidence_does_not_overflow():
    found = probabilities(np.array([-np.inf, -1e4, -800.0, 0.0, 800.0, np.inf]))
    assert found.tolist() == [0, 0, 0, 0.5, 1, 1]


def test_log_odds_invert_probabilities():
    log_odds = np.array([-20.0, -BIT, 0.0, BIT, 3.0])
    assert log_odds_of(probabilities(log_odds)) == pytest.approx(log_odds)
    assert probabilities(np.array([BIT])).tolist() == pytest.approx([2 / 3])
    assert log_odds_of(np.array([0.0, 1.0])).tolist() == [-np.inf, np.inf]
