"""Score the candidate pairs, first each on its own and then in competition, and fit the model for both."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from linkage.linkage_unit.pairs import Pairs, RecordIndex
from linkage.linking.compete import Arena, compete, fit_competition
from linkage.linking.fit import FEW_MATCHES, fit, refine
from linkage.linking.model import Model
from linkage.linking.odds import probabilities
from linkage.linking.partners import PairEvidence, held_apart, knows_few, other_words
from linkage.linking.patterns import PatternCounts, count_patterns, pattern_levels, patterns_of
from linkage.linking.proven import chance_agreement, has_numbers
from linkage.linking.score import Scores, score
from linkage.linking.sums import stable_sums
from pseudonym.profile import FieldTable, Linking

__all__ = ["KnownAgainst", "PairScorer", "evidence_against"]

REFINEMENTS: Final = 2
"""Number of times that m is refitted to the matches after competition; more make hardly any difference."""


SOME_PAIRS: Final = 20_000
"""Pairs that are looked at first to see that a registry knows many persons."""

APART: Final = 2.0
"""Evidence against one person, in natural log odds, above which a pair is held apart."""


class KnownAgainst(NamedTuple):
    """What the run before says of partners.

    Attributes:
        against: (p,) float64, the evidence against each pair that its partners show; NaN if it is new.
        changed: (n,) bool, the records that are new, or were compared with one that is gone.
    """

    against: NDArray[np.float64]
    changed: NDArray[np.bool_]


class PairScorer:
    """The pairs of a registry, to be scored with one model or another.

    There are many pairs but few patterns, so each pattern of a stratum is scored once.

    Args:
        records: The records.
        pairs: The pairs.
        tables: The tables from which the levels were computed.
        weights: What pairs of other words weigh by the model; None to measure it on these pairs.
        known: What the run before has found with the same weights, to be taken over where it cannot have changed; None
            to weigh all pairs.
    """

    def __init__(
        self,
        records: RecordIndex,
        pairs: Pairs,
        tables: tuple[FieldTable, ...],
        *,
        weights: tuple[float, ...] | None = None,
        known: KnownAgainst | None = None,
    ) -> None:
        a, b = pairs.ends.T
        reporter = records.reporter
        if known is None or weights is None:
            apart, words, self._weights = _weighed_against(pairs, reporter, tables, weights)
            self._against = apart + words
            self._held: NDArray[np.bool_] | None = apart > 0
        else:
            self._against = _where_changed(pairs, reporter, tables, weights=weights, known=known)
            # A run that takes something over has a model, so that it never asks for what is held apart.
            self._held, self._weights = None, weights
        self._arena = Arena(a, b, reporter, records.rank, records.strata, pairs.levels, self._against)
        self._counts, self._rows = patterns_of(pairs.levels, pairs.stratum, tables)

    @property
    def counts(self) -> PatternCounts:
        """Counts of the patterns."""
        return self._counts

    @property
    def weights(self) -> tuple[float, ...]:
        """What pairs of other words weigh, see `linkage.linking.partners.other_words`."""
        return self._weights

    @property
    def against(self) -> NDArray[np.float64]:
        """The evidence against one person that partners show, (p,) float64 in natural log odds."""
        return self._against

    @property
    def apart(self) -> NDArray[np.bool_]:
        """Which pairs are held apart, (p,) bool."""
        return self._against > APART

    def score(self, model: Model) -> tuple[Scores, int]:
        """Score the pairs, with competition.

        Args:
            model: A model with the tables from which the levels were computed.

        Returns:
            The scores in the order of the pairs, whose match weights are those without competition; and the number of
            components of the graph of pairs in which competition did not converge.
        """
        of_patterns = self._of_patterns(model)
        log_odds, n_unsettled = compete(self._arena, self._alone(of_patterns), model)
        return Scores(of_patterns.match_weight[self._rows], probabilities(log_odds), log_odds), n_unsettled

    def fit(self, linking: Linking) -> Model:
        """Fit the model to the pairs on their own, then alternately fit competition and refit m to the matches.

        What numbers prove of chance agreement is fitted before each competition.

        Args:
            linking: The profile's tables.

        Returns:
            The model.
        """
        strata = self._arena.strata
        model = fit(self._counts, linking, strata)
        if FEW_MATCHES in model.note:
            # Of three of one birth at one reporter, all pairs look like one that is reported often.
            model = fit(count_patterns(*self._without_twins(), linking.fields), linking, strata)
        for _ in range(REFINEMENTS):
            model = self._with_chance(model)
            model = fit_competition(self._arena, self._alone(self._of_patterns(model)), model)
            matches = stable_sums(self._rows, self.score(model)[0].probability, len(self._counts.codes))
            model = refine(model, self._counts, linking, strata, matches=matches)
        model = self._with_chance(model)
        return fit_competition(self._arena, self._alone(self._of_patterns(model)), model)

    def _without_twins(self) -> tuple[NDArray[np.int8], NDArray[np.int64]]:
        """Return levels and strata of the pairs but those of one reporter that are held apart."""
        strata = self._arena.strata
        assert self._held is not None  # Only a run without a model fits one.
        kept = ~(strata.is_within[self._arena.stratum] & self._held)
        return self._arena.levels[kept], self._arena.stratum[kept]

    def _with_chance(self, model: Model) -> Model:
        """Return the model with what numbers prove of it; pairs with equal levels and evidence are taken together."""
        levels = pattern_levels(self._counts.codes, self._counts.n_levels)
        chosen = has_numbers(levels, model)[self._rows]
        values, value = np.unique(self._against[chosen], return_inverse=True)
        counts = np.bincount(self._rows[chosen].astype(np.int64) * max(len(values), 1) + value)
        alike = np.flatnonzero(counts)
        rows, of_value = np.divmod(alike, max(len(values), 1))
        return chance_agreement(
            levels[rows],
            self._counts.strata[rows],
            counts[alike],
            against=values[of_value],
            model=model,
            strata=self._arena.strata,
        )

    def _of_patterns(self, model: Model) -> Scores:
        levels = pattern_levels(self._counts.codes, self._counts.n_levels)
        return score(levels, self._counts.strata, model, strata=self._arena.strata)

    def _alone(self, of_patterns: Scores) -> NDArray[np.float64]:
        """Return the log odds of each pair on its own."""
        log_odds = of_patterns.log_odds[self._rows]
        log_odds -= self._against
        return log_odds


def evidence_against(
    records: RecordIndex, pairs: Pairs, tables: tuple[FieldTable, ...], *, weights: tuple[float, ...]
) -> NDArray[np.float64]:
    """Return what partners show against each pair by the tables and weights of a model, as `PairScorer.against`.

    Args:
        records: The records.
        pairs: Their pairs.
        tables: The tables of the model.
        weights: What pairs of other words weigh by it.

    Returns:
        (p,) float64, in natural log odds.
    """
    apart, words, _ = _weighed_against(pairs, records.reporter, tables, weights)
    return apart + words


def _weighed_against(
    pairs: Pairs,
    reporter: NDArray[np.int64],
    tables: tuple[FieldTable, ...],
    weights: tuple[float, ...] | None,
    *,
    few: bool | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64], tuple[float, ...]]:
    """Return the evidence against each pair by what holds it apart and by other words, and what these weigh."""
    ends, levels, alike = pairs.ends, pairs.levels, pairs.sound_alike
    seen = PairEvidence.of(levels, tables)
    apart = held_apart(ends, levels, tables, reporter=reporter, sound_alike=alike, few=few, seen=seen)
    words, found = other_words(ends, levels, tables, reporter=reporter, sound_alike=alike, weights=weights, seen=seen)
    return apart, words, found


def _where_changed(
    pairs: Pairs,
    reporter: NDArray[np.int64],
    tables: tuple[FieldTable, ...],
    *,
    weights: tuple[float, ...],
    known: KnownAgainst,
) -> NDArray[np.float64]:
    """Return the evidence as `_weighed_against` does, weighed where it may differ from that of the run before.

    In a registry that knows many persons, what partners show against a pair depends on the pairs of its two records and
    on nothing else, so it can differ only if one of the two has a pair that is new, or has lost one. One that knows few
    persons, or may have known few, has few pairs, and weighs all of them.
    """
    old = np.flatnonzero(~np.isnan(known.against))
    # Pairs that both runs have show that both know many; some of them do, as a rule.
    parts = (pairs.of(some) for some in (old[:SOME_PAIRS], old))
    if all(knows_few(one.ends, one.levels, tables, reporter=reporter) for one in parts):
        apart, words, _ = _weighed_against(pairs, reporter, tables, weights)
        return apart + words
    stale = known.changed.copy()
    stale[pairs.ends[np.isnan(known.against)].ravel()] = True
    again = stale[pairs.ends[:, 0]] | stale[pairs.ends[:, 1]]
    near = np.zeros(len(reporter), np.bool_)
    near[pairs.ends[again].ravel()] = True
    some = np.flatnonzero(near[pairs.ends[:, 0]] | near[pairs.ends[:, 1]])
    chosen = pairs.of(some)
    members, ends = np.unique(chosen.ends, return_inverse=True)
    chosen = replace(chosen, ends=ends.reshape(-1, 2))
    apart, words, _ = _weighed_against(chosen, reporter[members], tables, weights, few=False)
    against = known.against.copy()
    against[again] = (apart + words)[again[some]]
    return against
