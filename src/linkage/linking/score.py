"""Decide: which pairs are matches [Fellegi1969].

The evidence of a pair is the sum over its fields of log2(m/u), m and u being the probabilities of the field's level
among matches and among all other pairs. What it takes to be a match depends on how common matches are in the pair's
stratum, and on the alternatives: chance, and the rivals of `linkage.linking.rivals` that agree for a reason. Where m
and the rates come from, `linkage.linking.fit` says.

What is decided here of each pair by itself, `linkage.linking.compete` weighs against the other candidates of its
records.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from linkage.linking.model import Model
from linkage.linking.rivals import log_alternative, rival_ratios, shared_fields
from linkage.linking.strata import Strata
from pseudonym.profile import FieldTable

__all__ = [
    "DECISIONS",
    "LINK",
    "NO_LINK",
    "REVIEW",
    "Scores",
    "classify",
    "log_odds_of",
    "log_ratios",
    "probabilities",
    "score",
]

NO_LINK: Final = 0
REVIEW: Final = 1
LINK: Final = 2
DECISIONS: Final = ("no link", "review", "link")
"""Names of the decision codes that `classify` gives."""

LINK_FROM: Final = 0.5
"""Least probability of a link: the decision that errs least often when both errors weigh the same."""

REVIEW_FROM: Final = 0.1
"""Least probability of a pair that a person should look at."""


class Scores(NamedTuple):
    """The evidence for each pair.

    `match_weight` is `(p,) float64` in bits, the sum of log2(m/u) without the match prior; `probability` the
    probability of a match; `log_odds` its natural log odds, which stay apart where the probability is 1 to the last
    digit.
    """

    match_weight: NDArray[np.float64]
    probability: NDArray[np.float64]
    log_odds: NDArray[np.float64]


def score(levels: NDArray[np.int8], stratum: NDArray[np.integer], model: Model, *, strata: Strata) -> Scores:
    """Weigh the evidence of pairs.

    Args:
        levels: `(p, f) int8` over `model.fields`, -1 where absent: an absent field is no evidence.
        stratum: `(p,)` integers, stratum numbers of `strata`.
        model: The model.
        strata: The strata of today.

    Returns:
        The scores, in the order of the pairs.
    """
    evidence = log_ratios(levels, model.fields)
    ratio = evidence.sum(axis=1)
    share = model.rival_shares(strata)[stratum]
    alternative = log_alternative(rival_ratios(evidence, shared_fields(model.fields)), share)
    log_odds = ratio + log_odds_of(model.match_priors(strata))[stratum] - alternative
    return Scores(ratio / np.log(2), probabilities(log_odds), log_odds)


def probabilities(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn natural log odds into probabilities.

    Args:
        log_odds: `(p,) float64`, infinite ones too.

    Returns:
        `(p,) float64`.
    """
    # Of the two forms of the logistic function the one that cannot overflow is taken on each side of 0.
    small = np.exp(-np.abs(log_odds))
    return np.where(log_odds >= 0, 1 / (1 + small), small / (1 + small))


def classify(probability: NDArray[np.float64]) -> NDArray[np.int8]:
    """Decide on each pair; both limits are inclusive.

    Args:
        probability: `(p,) float64`.

    Returns:
        `(p,) int8`: `LINK`, `REVIEW` or `NO_LINK`; `DECISIONS` has their names.
    """
    return np.digitize(probability, [REVIEW_FROM, LINK_FROM]).astype(np.int8)


def log_ratios(levels: NDArray[np.int8], tables: Sequence[FieldTable]) -> NDArray[np.float64]:
    """Return ln(m/u) of each field of each pair.

    Args:
        levels: `(p, f) int8`, -1 where absent.
        tables: A table a field.

    Returns:
        `(p, f) float64`; 0 where absent.
    """
    evidence = np.zeros(levels.shape)
    for field, table in enumerate(tables):
        # The entry for absence stands last, where the level -1 finds it.
        ratios = np.append(np.log(table.m) - np.log(table.u), 0.0)
        evidence[:, field] = ratios[levels[:, field]]
    return evidence


def log_odds_of(probability: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return natural log odds; a stratum without a pair has the probability 0 and is never asked for.

    Args:
        probability: `float64` of any shape.

    Returns:
        The same shape, infinite where the probability is 0 or 1.
    """
    with np.errstate(divide="ignore"):
        return np.log(probability) - np.log1p(-probability)
