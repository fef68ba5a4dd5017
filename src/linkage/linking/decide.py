"""Decide whether each candidate pair is a link, a pair for review, or neither.

A pair's own probability decides first [Fellegi1969]. The groups of records then overrule it, so that decisions and
groups always agree: every pair within a group is a link, and no pair between two groups is.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["DECISIONS", "LINK", "LINK_FROM", "NO_LINK", "REVIEW", "REVIEW_FROM", "classify", "decide_pairs"]

NO_LINK: Final = 0
REVIEW: Final = 1
LINK: Final = 2
DECISIONS: Final = ("no link", "review", "link")
"""Names of the decision codes."""

LINK_FROM: Final = 0.5
"""Minimum probability of a link. It minimises the number of errors when both kinds of error count the same."""

REVIEW_FROM: Final = 0.1
"""Minimum probability of a pair for clerical review."""


def classify(probability: NDArray[np.float64]) -> NDArray[np.int8]:
    """Decide on each pair by its own probability; both thresholds are inclusive.

    Args:
        probability: `(p,) float64`.

    Returns:
        `(p,) int8`: `LINK`, `REVIEW` or `NO_LINK`.
    """
    return np.digitize(probability, [REVIEW_FROM, LINK_FROM]).astype(np.int8)


def decide_pairs(
    probability: NDArray[np.float64], *, apart: NDArray[np.bool_], conflict: NDArray[np.bool_]
) -> NDArray[np.int8]:
    """Decide on each pair so that the decisions agree with the groups.

    Args:
        probability: `(p,) float64`.
        apart: `(p,) bool`, whether the two records are in different groups.
        conflict: `(p,) bool`, whether they share a number but disagree otherwise. These pairs are reviewed,
            however improbable a match is.

    Returns:
        `(p,) int8`: `LINK` within groups; elsewhere `REVIEW` or `NO_LINK`.
    """
    decisions = classify(probability)
    decisions[(decisions == NO_LINK) & conflict] = REVIEW
    decisions[(decisions == LINK) & apart] = REVIEW
    decisions[~apart] = LINK
    return decisions
