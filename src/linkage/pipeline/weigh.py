"""Weigh the candidate pairs: each by itself, then those of a record against each other; and fit the model for both."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from linkage.linking.compete import Arena, compete, fit_competition
from linkage.linking.decide import Scores, probabilities, score
from linkage.linking.fit import fit, refine
from linkage.linking.model import Model
from linkage.linking.patterns import PatternCounts, count_patterns, pattern_levels, pattern_rows, sums_of
from linkage.linking.strata import Strata
from pseudonym.profile import FieldTable, Linking

__all__ = ["Pairs", "Records", "Weighing"]

REFINEMENTS: Final = 2
"""How often a fit goes from matches that have competed back to m; more change next to nothing."""


@dataclass(frozen=True)
class Records:
    """The current records in ascending order of `rid`, and the strata of their bodies.

    Attributes:
        rid: (n,) int64.
        place: (n,) int64, the place of each record's body in `strata.reporters`.
        digests: (n, 32) uint8, by which ties are broken.
        strata: Pairs of bodies.
    """

    rid: NDArray[np.int64]
    place: NDArray[np.int64]
    digests: NDArray[np.uint8]
    strata: Strata

    @cached_property
    def rank(self) -> NDArray[np.int64]:
        """(n,) int64, the place of each record in the order of digests, which do not depend on when it arrived."""
        rank = np.empty(len(self.digests), np.int64)
        rank[np.lexsort(self.digests.T[::-1])] = np.arange(len(rank))
        return rank

    def index(self, rid: NDArray[np.int64]) -> NDArray[np.int64]:
        """Find records by their number.

        Sees: neither
        """
        return np.searchsorted(self.rid, rid).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Candidate pairs, ascending by (a, b).

    Records, levels of the fields, stratum numbers, and how often they met, see `linkage.linking.expect`.
    """

    a: NDArray[np.int64]
    b: NDArray[np.int64]
    levels: NDArray[np.int8]
    stratum: NDArray[np.int64]
    mets: NDArray[np.int32]


class Weighing:
    """The pairs of a registry, ready to be weighed with one model after the other.

    Pairs are many and patterns are few, so each pattern of a stratum is scored once.

    Args:
        records: The records.
        pairs: The pairs.
        tables: The tables that the levels were made with.
    """

    def __init__(self, records: Records, pairs: Pairs, tables: tuple[FieldTable, ...]) -> None:
        places = records.index(pairs.a), records.index(pairs.b)
        self._arena = Arena(*places, records.place, records.rank, records.strata)
        self._counts = count_patterns(pairs.levels, pairs.stratum, tables)
        self._rows = pattern_rows(self._counts, pairs.levels, pairs.stratum)

    @property
    def counts(self) -> PatternCounts:
        """Counts of the patterns."""
        return self._counts

    def scores(self, model: Model) -> Scores:
        """Give the scores of `weigh` alone.

        Sees: neither
        """
        return self.weigh(model)[0]

    def weigh(self, model: Model) -> tuple[Scores, int]:
        """Weigh the pairs, with competition.

        Args:
            model: A model with the tables that the levels were made with.

        Returns:
            The scores, in the order of the pairs, the match weight being that of each pair by itself; and how many
            components of the graph of pairs had not come to rest when competition was stopped.

        Sees: neither
        """
        alone = self._alone(model)
        log_odds, stopped = compete(self._arena, alone.log_odds, model)
        return Scores(alone.match_weight, probabilities(log_odds), log_odds), stopped

    def fit(self, linking: Linking) -> Model:
        """Fit pairs by themselves first, then in turn how they compete and what the matches that remain look like.

        Args:
            linking: The profile's tables.

        Returns:
            The model.

        Sees: neither
        """
        strata = self._arena.strata
        model = fit(self._counts, linking, strata)
        for _ in range(REFINEMENTS):
            model = fit_competition(self._arena, self._alone(model).log_odds, model)
            matches = sums_of(self._rows, self.scores(model).probability, len(self._counts.codes))
            model = refine(model, self._counts, linking, strata, matches=matches)
        return fit_competition(self._arena, self._alone(model).log_odds, model)

    def _alone(self, model: Model) -> Scores:
        levels = pattern_levels(self._counts.codes, self._counts.n_levels)
        scores = score(levels, self._counts.strata, model, strata=self._arena.strata)
        return Scores(*(column[self._rows] for column in scores))
