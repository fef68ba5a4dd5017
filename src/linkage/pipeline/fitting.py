"""Weigh the candidate pairs: each by itself, then those of a record against each other; and fit the model for both."""

from __future__ import annotations

from typing import Final

from linkage.linking.compete import Arena, compete, fit_competition
from linkage.linking.fit import fit, refine
from linkage.linking.model import Model
from linkage.linking.odds import probabilities
from linkage.linking.patterns import PatternCounts, count_patterns, pattern_levels, pattern_rows
from linkage.linking.score import Scores, score
from linkage.linking.sums import stable_sums
from linkage.pipeline.pairs import Pairs, Records
from pseudonym.profile import FieldTable, Linking

__all__ = ["Weighing"]

REFINEMENTS: Final = 2
"""How often a fit goes from matches that have competed back to m; more change next to nothing."""


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
        """Return the scores of `weigh` alone."""
        return self.weigh(model)[0]

    def weigh(self, model: Model) -> tuple[Scores, int]:
        """Weigh the pairs, with competition.

        Args:
            model: A model with the tables that the levels were made with.

        Returns:
            The scores, in the order of the pairs, the match weight being that of each pair by itself; and how many
            components of the graph of pairs had not come to rest when competition was stopped.
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
        """
        strata = self._arena.strata
        model = fit(self._counts, linking, strata)
        for _ in range(REFINEMENTS):
            model = fit_competition(self._arena, self._alone(model).log_odds, model)
            matches = stable_sums(self._rows, self.scores(model).probability, len(self._counts.codes))
            model = refine(model, self._counts, linking, strata, matches=matches)
        return fit_competition(self._arena, self._alone(model).log_odds, model)

    def _alone(self, model: Model) -> Scores:
        levels = pattern_levels(self._counts.codes, self._counts.n_levels)
        scores = score(levels, self._counts.strata, model, strata=self._arena.strata)
        return Scores(*(column[self._rows] for column in scores))
