"""Simulated pairs whose truth is known: patterns of matches and of other pairs in three strata."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

from linkage.linking.model import RivalRate
from linkage.linking.patterns import PatternCounts, n_levels, pattern_codes
from linkage.linking.rivals import RIVALS
from linkage.linking.strata import Strata
from tests.unit.linkage.linking.twins import field_table, linking_of

U = {
    "given_names": ((36, 20, 8, 0.5), (0.90, 0.07, 0.02, 0.006, 0.004)),
    "family_names": ((36, 20, 8, 0.5), (0.91, 0.07, 0.01, 0.006, 0.004)),
    "birth_year": ((1.5, 0.5), (0.80, 0.18, 0.02)),
    "birth_month": ((0.5,), (0.90, 0.08, 0.02)),
    "birth_day": ((0.5,), (0.967, 0.033)),
    "swapped": ((), (0.995, 0.005)),
}
SHIPPED = {
    "given_names": (0.06, 0.04, 0.05, 0.10, 0.75),
    "family_names": (0.06, 0.04, 0.05, 0.10, 0.75),
    "birth_year": (0.05, 0.10, 0.85),
    "birth_month": (0.07, 0.90, 0.03),
    "birth_day": (0.10, 0.90),
    "swapped": (0.97, 0.03),
}
TRUE = {
    "given_names": (0.10, 0.06, 0.08, 0.16, 0.60),
    "family_names": (0.03, 0.02, 0.03, 0.07, 0.85),
    "birth_year": (0.02, 0.06, 0.92),
    "birth_month": (0.05, 0.93, 0.02),
    "birth_day": (0.06, 0.94),
    "swapped": (0.95, 0.05),
}
TABLES = tuple(field_table(field, edges, u, SHIPPED[field]) for field, (edges, u) in U.items())
LINKING = linking_of(TABLES)
LIMITS = tuple(n_levels(table) for table in TABLES)
ABSENT = 0.08
"""Probability that a field is absent, the same for matches and other pairs."""

NO_RIVALS = tuple(RivalRate(name, 0.0, 0.0) for name in RIVALS)

PATTERNS = np.array(list(product(*[range(-1, limit) for limit in LIMITS])), np.int8)


def pattern_probabilities(tables: Iterable[Sequence[float]]) -> NDArray[np.float64]:
    """Probability of each of `PATTERNS` when fields are independent."""
    total = np.ones(len(PATTERNS))
    for field, probability in enumerate(tables):
        with_absent = np.append(np.asarray(probability) * (1 - ABSENT), ABSENT)
        total *= with_absent[PATTERNS[:, field]]
    return np.asarray(total / total.sum())


OF_MATCHES = pattern_probabilities([TRUE[field] for field in U])
OF_OTHERS = pattern_probabilities([u for _, u in U.values()])


def simulate(
    strata: Strata, n_matches: NDArray[np.int64], rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Draw the patterns of all pairs: counts of matches and of others, `(s, patterns)` each."""
    matches = np.stack([rng.multinomial(int(n), OF_MATCHES) for n in n_matches])
    rest = strata.n_pairs.astype(np.int64) - n_matches
    others = np.stack([rng.multinomial(int(n), OF_OTHERS) for n in rest])
    return matches, others


def as_counts(drawn: NDArray[np.int64]) -> PatternCounts:
    """Convert counts `(s, patterns)` to the form that fitting takes."""
    codes = pattern_codes(PATTERNS, LIMITS)
    stratum, pattern = np.nonzero(drawn)
    order = np.lexsort((codes[pattern], stratum))
    stratum, pattern = stratum[order], pattern[order]
    return PatternCounts(LIMITS, stratum.astype(np.int64), codes[pattern], drawn[stratum, pattern].astype(np.int64))


THREE = Strata.of({"police": 6_000, "schools": 9_000})
N_MATCHES = np.array([60, 1_500, 900])
"""Matches within the police, between police and schools, within the schools."""
