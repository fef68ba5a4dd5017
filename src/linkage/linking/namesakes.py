"""Namesakes: how many others would agree in everything that a pair was compared in, and pairs that say too little.

A family name and a year of birth that two records share prove nothing: in a country hundreds of persons share them.
Priors do not see that. They follow from the records of a registry, which are few beside the population that they come
from, so a small registry would link two such records at once. The fields that both records have therefore set a floor,
by the number of others in the population that the registry serves who are expected to agree in all of them:

- A pair with more than `MOST_NAMESAKES` who would agree as well as the two do is *weak* as long as the registry does
  not know how many persons its reporters have in common. The less a pair says, the more depends on that.
  `KNOWN_PERSONS` whom other pairs show to be known to several reporters make it known.
- A pair with more than `MOST_EVER` who would agree in full is weak in any registry.

Weak pairs join a record to a person whom other pairs show to be one, as a report without a date among others of that
person. Between reporters they join nobody alone, and at most go to review. Nor do those of one reporter, if they have
more than `MOST_EVER`: two reports of an Åkerlund born in 1983 may well be about two persons.

In a registry that knows little, what differs narrows nothing down. Father and son of one name and one birthday agree
in all but the year, and two women named Anna who were born on one day in all but the family name: so many share the
rest that a slip or a marriage is only one way to explain it. Given names that are alike may be a sibling's, and count
as many as are as much alike. A family name that is alike counts as equal, since relatives have the same; so do names
that sound alike.

The registry does not see how common a name is. Expected namesakes are those of the average bearer: u of the highest
level is the probability that two persons share a name, in which common names count as often as they are borne.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from linkage.integers import distinct
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

LEAST_SPELLING: Final = 2
"""Least level of names that sound alike to be spellings of one: in two records of one date that share two given names,
family names that have nothing in common are not."""

_NUMBERS: Final = ("serial", "foreign_number")
_GIVEN: Final = "given_names"
_FAMILY: Final = "family_names"
_DAY: Final = "birth_day"


def expected_namesakes(
    levels: NDArray[np.int8],
    tables: Sequence[FieldTable],
    *,
    population: int,
    sound_alike: NDArray[np.bool_] | None = None,
) -> NDArray[np.float64]:
    """Return how many others of the population would agree in all fields in which each pair was compared.

    Args:
        levels: `(p, f) int8`, -1 where absent.
        tables: One table per field.
        population: Number of persons whom the registry serves.
        sound_alike: `(p,) bool`, whether the two share a match key of sounds, to count those who would agree as well as
            the two do; None to count those who would agree in full.

    Returns:
        `(p,) float64`; 0 for a pair that agrees in a number, and at least 1 for one whose numbers have nothing in
        common, if it counts how well they agree.
    """
    namesakes = np.full(len(levels), float(population))
    column = {table.field: index for index, table in enumerate(tables)}
    for field, index in column.items():
        if field == SWAPPED_FIELD:
            continue
        level, of_levels = levels[:, index], _shares(tables[index])
        if sound_alike is None:
            of_levels = np.full_like(of_levels, of_levels[-1])
        shares = np.append(of_levels, 1.0)[level]
        if field in (_GIVEN, _FAMILY) and sound_alike is not None:
            shares[sound_alike & (level >= LEAST_SPELLING)] = of_levels[-1]
        namesakes *= shares
        if field == EXCHANGED_FIELD and _DAY in column:
            # The day of an exchanged date counts as absent, but was compared.
            exchanged = level >= ordered_levels(tables[index])
            namesakes[exchanged] *= _shares(tables[column[_DAY]])[-1]
    if _NUMBERS[0] in column and sound_alike is not None:
        others = levels[:, column[_NUMBERS[0]]] == 0
        namesakes[others] = np.maximum(namesakes[others], 1.0)
    for field in _NUMBERS:
        if field in column:
            table = tables[column[field]]
            namesakes[levels[:, column[field]] == ordered_levels(table) - 1] = 0.0
    return namesakes


def _shares(table: FieldTable) -> NDArray[np.float64]:
    """Return, for each level, the probability that two persons agree in a field as well as that."""
    n, u = ordered_levels(table), np.array(table.u)
    shares = np.full(len(u), u[n - 1])
    if table.field != _FAMILY:
        shares[:n] = np.cumsum(u[:n][::-1])[::-1]
    if table.field in (_GIVEN, _FAMILY):
        shares[np.array(table.m) < u] = 1.0
    return shares


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
    as_alike: NDArray[np.float64],
    group: NDArray[np.int64],
    ends: NDArray[np.int64],
    log_odds: NDArray[np.float64],
    *,
    reporter: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Find the pairs that say too little to join two persons.

    Args:
        namesakes: `(p,) float64`, the number of those who would agree in full, from `expected_namesakes`.
        as_alike: `(p,) float64`, the number of those who would agree as well as the two do.
        group: `(n,) int64`, the group of each record.
        ends: `(p, 2) int64`, the indices of the records of each pair.
        log_odds: `(p,) float64`.
        reporter: `(n,) int64`, the reporter of each record.

    Returns:
        `(p,) float64`, the number of namesakes that makes a pair weak; 0 for those that say enough.
    """
    between = reporter[ends[:, 0]] != reporter[ends[:, 1]]
    links = between & (group[ends[:, 0]] == group[ends[:, 1]]) & (log_odds >= 0) & (namesakes <= MOST_NAMESAKES)
    known = len(distinct(group[ends[links, 0]]))
    # One reporter alone has nobody in common with another; what it has twice is not at stake here.
    if known >= KNOWN_PERSONS or not between.any():
        return np.where(namesakes > MOST_EVER, namesakes, 0.0)
    return np.where(as_alike > MOST_NAMESAKES, as_alike, 0.0)


def without_weak_groups(
    group: NDArray[np.int64],
    ends: NDArray[np.int64],
    log_odds: NDArray[np.float64],
    weak: NDArray[np.bool_],
    *,
    too_many: NDArray[np.bool_],
    reporter: NDArray[np.int64],
    names: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Take apart the groups in which no pair between reporters says enough.

    Args:
        group: `(n,) int64`, the group of each record.
        ends: `(p, 2) int64`, the indices of the records of each pair.
        log_odds: `(p,) float64`.
        weak: `(p,) bool`, whether each says too little, see `weak_pairs`.
        too_many: `(p,) bool`, whether a weak pair has more than `MOST_EVER` namesakes, which says too little of two
            records of one reporter too.
        reporter: `(n,) int64`, the reporter of each record.
        names: `(n,) int64`, the name of each record, ascending.

    Returns:
        `(n,) int64`, a new array: `group`, but in groups without a favourable pair between reporters that is not weak,
        the lowest name among the records that favourable pairs of one reporter connect.
    """
    _, number = np.unique(group, return_inverse=True)
    between = reporter[ends[:, 0]] != reporter[ends[:, 1]]
    left, right = number[ends].T
    favourable = (left == right) & (log_odds >= 0)
    held = np.zeros(int(number.max(initial=-1)) + 1, np.bool_)
    held[left[favourable & between & ~weak]] = True
    one, other = ends[favourable & ~between & ~too_many].T
    graph = coo_array((np.ones(len(one), np.int8), (one, other)), shape=(len(group), len(group)))
    part = connected_components(graph, directed=False)[1]
    lowest = np.full(len(group), np.iinfo(np.int64).max)
    np.minimum.at(lowest, part, names)
    return np.where(held[number], group, lowest[part])
