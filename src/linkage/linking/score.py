"""Score pairs: the probability that each is a match [Fellegi1969].

The match weight of a pair is the sum over its fields of log2(m/u), where m and u are the probabilities of the field's
level among matches and among all other pairs. How much weight a match needs depends on how common matches are in the
pair's stratum and on the alternatives to a match: chance, and the rivals of `linkage.linking.rivals`, which agree for a
reason. `linkage.linking.fit` learns m and the rates.

Here each pair is scored on its own. `linkage.linking.compete` then weighs it against the other candidates of its
records.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from linkage.linking.model import Model
from linkage.linking.odds import BIT, log_odds_of, probabilities
from linkage.linking.rivals import log_alternative, rival_ratios, shared_fields
from linkage.linking.strata import Strata
from pseudonym.profile import FieldTable

__all__ = ["NUMBERS", "Scores", "log_chance", "log_odds_of_evidence", "log_ratios", "score"]

NUMBERS: Final = frozenset({"serial", "foreign_number"})
"""Fields of numbers, which tell two persons apart whatever else they agree in."""


class Scores(NamedTuple):
    """The scores of pairs.

    `match_weight` is `(p,) float64` in bits: the sum of log2(m/u), without the match prior. `probability` is the
    probability of a match. `log_odds` are its natural log odds, which distinguish pairs even where the probability
    rounds to 1.
    """

    match_weight: NDArray[np.float64]
    probability: NDArray[np.float64]
    log_odds: NDArray[np.float64]


def score(levels: NDArray[np.int8], stratum: NDArray[np.integer], model: Model, *, strata: Strata) -> Scores:
    """Score pairs, each on its own.

    Args:
        levels: `(p, f) int8` over `model.fields`, -1 where absent: an absent field is no evidence.
        stratum: `(p,)` integers, the stratum number of each pair.
        model: The model.
        strata: The current strata.

    Returns:
        The scores, in the order of the pairs.
    """
    evidence = log_ratios(levels, model.fields)
    log_odds = log_odds_of_evidence(evidence, stratum, model, strata=strata)
    return Scores(evidence.sum(axis=1) / BIT, probabilities(log_odds), log_odds)


def log_odds_of_evidence(
    evidence: NDArray[np.float64], stratum: NDArray[np.integer], model: Model, *, strata: Strata
) -> NDArray[np.float64]:
    """Weigh evidence against the alternatives to a match.

    Args:
        evidence: `(p, f) float64`, ln(m/u) of each field, 0 where absent.
        stratum: `(p,)` integers, the stratum number of each pair.
        model: The model.
        strata: The current strata.

    Returns:
        `(p,) float64`, natural log odds of a match.
    """
    share = model.rival_shares(strata)[stratum]
    alternative = log_alternative(rival_ratios(evidence, shared_fields(model.fields)), share)
    alternative = alternative + log_chance(evidence, stratum, model, strata=strata)
    return np.asarray(evidence.sum(axis=1) + log_odds_of(model.match_priors(strata))[stratum] - alternative)


def log_chance(
    evidence: NDArray[np.float64], stratum: NDArray[np.integer], model: Model, *, strata: Strata
) -> NDArray[np.float64]:
    """Return by how much more often than the tables say two persons agree as each pair does, as numbers show it.

    Args:
        evidence: `(p, f) float64`, ln(m/u) of each field, 0 where absent.
        stratum: `(p,)` integers, the stratum number of each pair.
        model: The model.
        strata: The current strata.

    Returns:
        `(p,) float64`, natural logarithms; 0 where numbers were compared, which say enough by themselves.
    """
    numbers = np.array([table.field in NUMBERS for table in model.fields])
    of_stratum = np.log(np.where(strata.is_within, model.chance_within.ratio, model.chance_between.ratio))
    return np.where((evidence[:, numbers] != 0).any(axis=1), 0.0, of_stratum[stratum])


def log_ratios(levels: NDArray[np.int8], tables: Sequence[FieldTable]) -> NDArray[np.float64]:
    """Return ln(m/u) of each field of each pair.

    Args:
        levels: `(p, f) int8`, -1 where absent.
        tables: One table per field.

    Returns:
        `(p, f) float64`; 0 where absent.
    """
    evidence = np.zeros(levels.shape)
    for field, table in enumerate(tables):
        # The ratio of an absent field comes last, where the index -1 finds it.
        ratios = np.append(np.log(table.m) - np.log(table.u), 0.0)
        evidence[:, field] = ratios[levels[:, field]]
    return evidence
