"""What numbers prove: how often different persons agree in all else, learned from pairs that numbers tell apart.

How often different persons agree by chance comes from the tables of the profile, which were measured on one population,
and from rivals, whose rates are fitted. In another population, names are commoner or rarer. A registry can see by how
much where both records of a pair have a number: without it, the model gives a pair a probability of a match; with it,
the pair is nearly certainly one person or two. If numbers prove more pairs to be two persons than the model expects
without them, different persons agree more often than it says.

The *ratio* of the two corrects the odds of the pairs that have no number to compare. It is fitted between reporters and
within them apart: within, nothing competes, and persons whom one reporter has twice are other persons. Only pairs count
that would be candidates without their number, so that the number is no reason for seeing them; with log odds above
`LEAST` they nearly always are. The prior is a ratio of 1 with the weight of `PRIOR_PAIRS` pairs of two persons, the
ratio is bounded by `MAX_RATIO`, and it stays 1 where fewer than `MIN_PROVEN` pairs of two persons are seen or expected.

Differs from the textbook: u of single fields is not touched. Candidates agree in whatever brought them together, so
fields of proven pairs say nothing of u [Fellegi1969]; the sum of the evidence can be checked all the same.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from linkage.linking.model import ChanceAgreement, Model
from linkage.linking.odds import probabilities
from linkage.linking.score import NUMBERS, log_odds_of_evidence, log_ratios
from linkage.linking.strata import Strata
from linkage.linking.sums import stable_sum

__all__ = ["MAX_RATIO", "MIN_PROVEN", "PRIOR_PAIRS", "chance_agreement", "has_numbers", "precision_is_known"]

PRIOR_PAIRS: Final = 20.0
"""Weight of the prior, in pairs of two persons; that of the shipped m is as large."""

MIN_PROVEN: Final = 10.0
"""Least number of pairs of two persons, seen or expected, from which the ratio is fitted."""

MAX_RATIO: Final = 4.0
"""Bound of the ratio and of its inverse: more would be a fault of the numbers."""

LEAST: Final = -3.0
"""Log odds without the number above which a pair counts."""

MIN_RATE: Final = 0.1
"""Matches per record of the smaller reporter from which the precision of links between reporters is known without
numbers: most of what links then is right, whatever the tables say. With a fiftieth, errors above .02 were seen."""

MIN_SHARED: Final = 30.0
"""Matches between reporters that this takes, as many as m is fitted to (`linkage.linking.fit.MIN_MATCHES`)."""

STEPS: Final = 50
"""Halvings of the interval of the ratio, beyond what a float can tell apart."""


def has_numbers(levels: NDArray[np.int8], model: Model) -> NDArray[np.bool_]:
    """Return which pairs had a number to compare.

    Args:
        levels: `(p, f) int8` over the fields of the model, -1 where absent.
        model: The model.

    Returns:
        `(p,) bool`.
    """
    numbers = np.array([table.field in NUMBERS for table in model.fields])
    return np.asarray((levels[:, numbers] >= 0).any(axis=1))


def chance_agreement(
    levels: NDArray[np.int8],
    stratum: NDArray[np.int64],
    counts: NDArray[np.int64],
    *,
    against: NDArray[np.float64],
    model: Model,
    strata: Strata,
) -> Model:
    """Return the model with the ratio of chance agreement between reporters and within them.

    Args:
        levels: `(k, f) int8`, the levels of distinct pairs, -1 where absent; those without a number are left out.
        stratum: `(k,) int64`, their stratum numbers.
        counts: `(k,) int64`, how many pairs are like each.
        against: `(k,) float64`, evidence against each besides its levels, in natural log odds.
        model: The model.
        strata: The current strata.

    Returns:
        The model, the same to the last bit for equal counts in any order.
    """
    plain = model.with_chance(ChanceAgreement(), ChanceAgreement())
    seen = has_numbers(levels, model)
    levels, stratum, counts, against = levels[seen], stratum[seen], counts[seen], against[seen]
    evidence = log_ratios(levels, model.fields)
    numbers = np.array([table.field in NUMBERS for table in model.fields])
    with_number, without = (
        log_odds_of_evidence(kept, stratum, plain, strata=strata) - against
        for kept in (evidence, np.where(numbers, 0.0, evidence))
    )
    fitted = []
    for within in (False, True):
        chosen = (strata.is_within[stratum] == within) & (without > LEAST)
        fitted.append(_fitted(with_number[chosen], without[chosen], counts[chosen].astype(np.float64)))
    return model.with_chance(*fitted)


def _fitted(
    with_number: NDArray[np.float64], without: NDArray[np.float64], counts: NDArray[np.float64]
) -> ChanceAgreement:
    """Find the ratio at which as many pairs are expected to be two persons as numbers prove."""

    def two_persons(log_odds: NDArray[np.float64], log_ratio: float) -> float:
        return stable_sum(counts * probabilities(log_ratio - log_odds))

    proven = max(two_persons(with_number, 0.0), two_persons(without, 0.0))
    if proven < MIN_PROVEN:
        return ChanceAgreement(1.0, proven)
    low, high = -float(np.log(MAX_RATIO)), float(np.log(MAX_RATIO))
    for _ in range(STEPS):
        middle = (low + high) / 2
        too_few = two_persons(with_number, middle) - two_persons(without, middle)
        if too_few + PRIOR_PAIRS * (1 - float(np.exp(middle))) > 0:
            low = middle
        else:
            high = middle
    return ChanceAgreement(float(np.exp((low + high) / 2)), proven)


def precision_is_known(model: Model, *, n_between: int, n_within: int) -> bool:
    """Return whether the expected precision of links rests on more than tables of another population.

    It does if, for most of the links, numbers have corrected the model, or if the links are between reporters that have
    many persons in common.

    Args:
        model: The model.
        n_between: Number of links between reporters.
        n_within: Number of links within reporters.
    """
    shared = sum(one.expected_matches for one in model.strata if one.reporters[0] != one.reporters[1])
    between = model.chance_between.proven >= MIN_PROVEN
    between |= model.rate_between >= MIN_RATE and shared >= MIN_SHARED
    within = model.chance_within.proven >= MIN_PROVEN
    return 2 * (n_between * between + n_within * within) >= n_between + n_within
