"""Probabilities and log odds.

Log odds are natural logarithms unless a name says bits; match weights are in bits (log2).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["BIT", "MAX_LOG_ODDS", "log_odds_of", "probabilities"]

BIT: Final = float(np.log(2))
"""Natural log odds of one bit."""

MAX_LOG_ODDS: Final = 12.0
"""Clustering clips log odds to this on both sides: fields are not independent, so larger values exaggerate."""


def probabilities(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Convert log odds to probabilities.

    Args:
        log_odds: `float64` of any shape; infinities are allowed.

    Returns:
        The same shape.
    """
    # On each side of 0, use the form of the logistic function that cannot overflow.
    small = np.exp(-np.abs(log_odds))
    return np.where(log_odds >= 0, 1 / (1 + small), small / (1 + small))


def log_odds_of(probability: NDArray[np.float64]) -> NDArray[np.float64]:
    """Convert probabilities to log odds.

    Args:
        probability: `float64` of any shape. A stratum without pairs has probability 0, and its log odds are never used.

    Returns:
        The same shape, infinite where the probability is 0 or 1.
    """
    with np.errstate(divide="ignore"):
        return np.log(probability) - np.log1p(-probability)
