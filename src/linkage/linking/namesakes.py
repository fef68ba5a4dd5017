"""Namesakes: how many others would agree in everything that a pair was compared in, and pairs that say too little.

A family name and a year of birth that two records share prove nothing: in a country hundreds of persons share them.
Priors do not see that. They follow from the records of a registry, which are few beside the population that they come
from, so a small registry would link two such records at once. The fields that both records have therefore set a floor,
by the number of others in the population that the registry serves who are expected to agree in all of them:

- Above `MOST_NAMESAKES` a pair is *weak* as long as the registry does not know how many persons its reporters have in
  common. The less a pair says, the more depends on that. `KNOWN_PERSONS` whom other pairs show to be known to several
  reporters make it known.
- Above `MOST_EVER` a pair is weak in any registry.

Weak pairs join a record to a person whom other pairs show to be one, as a report without a date among others of that
person. Between reporters they join nobody alone, and at most go to review.

The registry does not see how common a name is. Expected namesakes are those of the average bearer: u of the highest
level is the probability that two persons share a name, in which common names count as often as they are borne.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from linkage.linking.odds import log_odds_of
from linkage.linking.patterns import EXCHANGED_FIELD, SWAPPED_FIELD, ordered_levels
from pseudonym.profile import FieldTable

__all__ = ["MOST_EVER", "MOST_NAMESAKES", "expected_namesakes", "highest_log_odds", "weak_pairs", "without_weak_groups"]

MOST_NAMESAKES: Final = 0.05
"""Expected namesakes above which a pair is weak in a registry that knows few persons in common. Common names are borne
by up to a hundred times as many as the average, so even a bearer of these has few namesakes below the limit."""

MOST_EVER: Final = 50.0
"""Expected namesakes above which a pair is weak in any registry: one name and a year have some hundreds in Sweden, both
names alone about ten."""

KNOWN_PERSONS: Final = 30
"""Number of persons known to several reporters from which the model's own probabilities are believed; with fewer, m is
not fitted either (`linkage.linking.fit.MIN_MATCHES`)."""

_NUMBERS: Final = ("serial", "foreign_number")
_DAY: Final = "birth_day"


def expected_namesakes(
    levels: NDArray[np.int8], tables: Sequence[FieldTable], *, population: int
) -> NDArray[np.float64]:
    """Return how many others of the population would agree in all fields in which each pair was compared.

    Args:
        levels: `(p, f) int8`, -1 where absent.
        tables: One table per field.
        population: Number of persons whom the registry serves.

    Returns:
        `(p,) float64`; 0 for a pair that agrees in a number.
    """
    namesakes = np.full(len(levels), float(population))
    column = {table.field: index for index, table in enumerate(tables)}
    for field, index in column.items():
        if field == SWAPPED_FIELD:
            continue
        of_field = _share(tables[index])
        present = levels[:, index] >= 0
        namesakes[present] *= of_field
        if field == EXCHANGED_FIELD and _DAY in column:
            # The day of an exchanged date counts as absent, but was compared.
            exchanged = levels[:, index] >= ordered_levels(tables[index])
            namesakes[exchanged] *= _share(tables[column[_DAY]])
    for field in _NUMBERS:
        if field in column:
            table = tables[column[field]]
            namesakes[levels[:, column[field]] == ordered_levels(table) - 1] = 0.0
    return namesakes


def _share(table: FieldTable) -> float:
    """Return the probability that two persons agree in a field."""
    return float(table.u[ordered_levels(table) - 1])


def highest_log_odds(namesakes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the log odds of a pair if its two persons were any of those who agree.

    Args:
        namesakes: `(p,) float64`.

    Returns:
        `(p,) float64`: those of one to the number of namesakes; infinite without any.
    """
    chosen = namesakes > 0
    odds = np.full(len(namesakes), np.inf)
    odds[chosen] = log_odds_of(1 / (1 + namesakes[chosen]))
    return odds


def weak_pairs(
    namesakes: NDArray[np.float64],
    group: NDArray[np.int64],
    ends: NDArray[np.int64],
    log_odds: NDArray[np.float64],
    *,
    reporter: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Find the pairs that say too little to join two persons.

    Args:
        namesakes: `(p,) float64`, from `expected_namesakes`.
        group: `(n,) int64`, the group of each record.
        ends: `(p, 2) int64`, the indices of the records of each pair.
        log_odds: `(p,) float64`.
        reporter: `(n,) int64`, the reporter of each record.

    Returns:
        `(p,) bool`.
    """
    between = reporter[ends[:, 0]] != reporter[ends[:, 1]]
    links = between & (group[ends[:, 0]] == group[ends[:, 1]]) & (log_odds >= 0) & (namesakes <= MOST_NAMESAKES)
    known = len(np.unique(group[ends[links, 0]]))
    # One reporter alone has nobody in common with another; what it has twice is not at stake here.
    return namesakes > (MOST_EVER if known >= KNOWN_PERSONS or not between.any() else MOST_NAMESAKES)


def without_weak_groups(
    group: NDArray[np.int64],
    ends: NDArray[np.int64],
    log_odds: NDArray[np.float64],
    weak: NDArray[np.bool_],
    *,
    reporter: NDArray[np.int64],
    names: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Take apart, by reporter, the groups in which no pair says enough.

    Args:
        group: `(n,) int64`, the group of each record.
        ends: `(p, 2) int64`, the indices of the records of each pair.
        log_odds: `(p,) float64`.
        weak: `(p,) bool`, from `weak_pairs`.
        reporter: `(n,) int64`, the reporter of each record.
        names: `(n,) int64`, the name of each record, ascending.

    Returns:
        `(n,) int64`, a new array: `group`, but in groups without a favourable pair that is not weak, the lowest name
        among the records of each reporter.
    """
    _, number = np.unique(group, return_inverse=True)
    left, right = number[ends].T
    telling = np.zeros(int(number.max(initial=-1)) + 1, np.bool_)
    telling[left[(left == right) & (log_odds >= 0) & ~weak]] = True
    kept = telling[number]
    parts = np.column_stack([number, np.where(kept, -1, reporter)])
    _, first, part = np.unique(parts, axis=0, return_index=True, return_inverse=True)
    return np.where(kept, group, names[first][part.ravel()])
