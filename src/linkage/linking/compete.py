"""Competition: a record usually has at most one partner at each other reporter, so its candidates there compete.

`score` weighs each pair on its own. Here the pairs between two reporters are weighed together, by sum-product message
passing (belief propagation) on the candidate graph [Kschischang2001]. The prior gives the probability that a record has
no partner; the evidence for a first partner counts in full, and that for each further one is multiplied by a factor.
The factor is the ratio of two priors: that of a further record of the same person at the other reporter, and that of a
first partner. It is near 0 for a reporter without duplicates; for one with many duplicates it is 1, and nothing
competes.

The prior of `score` is the share of matches among all pairs. Competition uses the odds that two records *without other
partners* are partners, which rise as more records find theirs: if `g` of `m` and `n` persons have been matched, they
are `g / ((m - g)(n - g))`. They are fitted with the model and stored in it.

Each component of the graph is solved separately, in an order of records that does not depend on their arrival, with a
limited number of sweeps over its edges.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from linkage.linking.compiled.messages import settle
from linkage.linking.model import Model
from linkage.linking.odds import log_odds_of, probabilities
from linkage.linking.strata import PRIOR_RECORDS, Strata, partner_odds
from linkage.linking.sums import stable_sums

__all__ = ["Arena", "Competition", "compete", "fit_competition"]

FLOOR: Final = -12.0
"""Log odds below which a pair does not compete: even thousands of these pairs would not visibly affect others."""

MIN_LOG_FACTOR: Final = -14.0
"""Minimum log of the factor of a further partner, too low for any evidence to overcome."""

MAX_ROUNDS: Final = 20
ROUND_TOLERANCE: Final = 5e-3
"""The partner odds have converged when their logs all change by at most this."""


@dataclass(frozen=True, eq=False)
class Arena:
    """The candidate pairs with the reporters of their records.

    Attributes:
        a: `(p,) int64`, the index of one record of each pair among all `n`.
        b: `(p,) int64`, that of the other.
        reporter: `(n,) int64`, the index of each record's reporter in `strata.reporters`.
        rank: `(n,) int64`, the rank of each record in an order that does not depend on its arrival.
        strata: The current strata.
    """

    a: NDArray[np.int64]
    b: NDArray[np.int64]
    reporter: NDArray[np.int64]
    rank: NDArray[np.int64]
    strata: Strata

    @cached_property
    def stratum(self) -> NDArray[np.int64]:
        """`(p,) int64`, the stratum number of each pair."""
        return self.strata.numbers(self.reporter[self.a], self.reporter[self.b])


class _Terms(NamedTuple):
    """Parameters of each stratum.

    `shift` `(s,)` is added to log odds. `log_factor` `(s, 2)` is the log of the factor of a further partner, for
    records of the stratum's first reporter and for records of its second.
    """

    shift: NDArray[np.float64]
    log_factor: NDArray[np.float64]


class _Edges(NamedTuple):
    """The pairs that compete, sorted by component and by the ranks of their records.

    A seat is a record together with another reporter, where it has at most one partner.

    Attributes:
        pair: `(e,)`, indices of the pairs.
        seat: `(e, 2)`, the seats of `a` and `b`.
        starts: First edge of each component, and the end.
        stratum: `(seats,)`, the stratum of each seat.
        side: `(seats,)`, 0 where the record is from the stratum's first reporter, 1 where it is from the second.
    """

    pair: NDArray[np.int64]
    seat: NDArray[np.int64]
    starts: NDArray[np.int64]
    stratum: NDArray[np.int64]
    side: NDArray[np.int64]


class Competition(NamedTuple):
    """The log odds after competition, `(p,) float64`, and the number of components that did not converge."""

    log_odds: NDArray[np.float64]
    n_unsettled: int


class _Settled(NamedTuple):
    """Log odds `(p,)`, the probability that each seat is `taken` `(seats,)`, and components that did not converge."""

    log_odds: NDArray[np.float64]
    taken: NDArray[np.float64]
    n_unsettled: int


def compete(arena: Arena, log_odds: NDArray[np.float64], model: Model) -> Competition:
    """Weigh the candidates of each record against each other.

    Args:
        arena: The pairs.
        log_odds: `(p,) float64`, log odds of each pair on its own, from `score`.
        model: The model used for `score`.

    Returns:
        The new log odds; those of pairs within a reporter are unchanged. The same to the last bit whatever the order
        of pairs and the numbering of records.
    """
    priors, odds = model.match_priors(arena.strata), model.partner_odds(arena.strata)
    terms = _terms(odds, priors, arena.strata)
    edges = _edges(arena, log_odds + terms.shift[arena.stratum])
    settled = _settled(arena, edges, log_odds, terms, message=np.zeros(edges.seat.shape))
    return Competition(settled.log_odds, settled.n_unsettled)


def fit_competition(arena: Arena, log_odds: NDArray[np.float64], model: Model) -> Model:
    """Fit the odds that two records without other partners are partners.

    Args:
        arena: The pairs to which the model was fitted.
        log_odds: As for `compete`.
        model: The model.

    Returns:
        The model with these partner odds and the resulting expected numbers of matches. Equal pairs give an equal
        model.
    """
    strata = arena.strata
    priors = model.match_priors(strata)
    n_persons = _count_persons(arena, log_odds)
    # Choose the competing pairs once, leaving room for the odds to rise.
    edges = _edges(arena, log_odds - FLOOR / 3)
    message = np.zeros(edges.seat.shape)
    taken = np.zeros(len(edges.stratum))
    np.maximum.at(taken, edges.seat, probabilities(log_odds)[edges.pair, None])
    odds = priors / (1 - priors)
    expected, share = np.zeros(len(priors)), 0.0
    for _ in range(MAX_ROUNDS):
        before = odds
        learned, share = _partner_odds(edges, taken, n_persons, strata, prior=model.rate_between)
        odds = np.where(strata.is_within, before, learned)
        settled = _settled(arena, edges, log_odds, _terms(odds, priors, strata), message=message)
        expected = stable_sums(arena.stratum, probabilities(settled.log_odds), len(priors))
        taken = settled.taken
        # A reporter without records has odds 0, which cannot change.
        some = (odds > 0) & (before > 0)
        moved = np.abs(np.log(odds[some] / before[some]))
        if moved.max(initial=0) <= ROUND_TOLERANCE:
            break
    return model.with_partners(strata, odds, expected=expected, share=share)


def _terms(odds: NDArray[np.float64], priors: NDArray[np.float64], strata: Strata) -> _Terms:
    """Return what competition adds to the log odds of each stratum, and the factor of a further partner."""
    within = np.flatnonzero(strata.is_within)
    # In the order of the reporters.
    further = (priors / (1 - priors))[within]
    ratio = further[strata.reporter_pairs[:, ::-1]] / np.maximum(odds, np.finfo(float).tiny)[:, None]
    log_factor = np.log(np.clip(ratio, np.exp(MIN_LOG_FACTOR), 1.0))
    shift = np.zeros(len(odds))
    between = ~strata.is_within & (odds > 0) & (priors > 0)
    shift[between] = np.log(odds[between]) - log_odds_of(priors[between])
    return _Terms(shift, log_factor)


def _edges(arena: Arena, log_odds: NDArray[np.float64]) -> _Edges:
    """Choose the pairs that compete, and sort them."""
    pair = np.flatnonzero((arena.reporter[arena.a] != arena.reporter[arena.b]) & (log_odds > FLOOR))
    ends = np.column_stack([arena.a[pair], arena.b[pair]])
    n_reporters = len(arena.strata.reporters)
    names, seat = np.unique(ends * n_reporters + arena.reporter[ends[:, ::-1]], return_inverse=True)
    seat = seat.reshape(-1, 2)
    graph = coo_array((np.ones(len(pair), np.int8), (seat[:, 0], seat[:, 1])), shape=(len(names), len(names)))
    component = connected_components(graph, directed=False)[1][seat[:, 0]] if len(pair) else pair
    rank = np.sort(arena.rank[ends], axis=1)
    order = np.lexsort((rank[:, 1], rank[:, 0], component))
    starts = np.flatnonzero(np.diff(component[order], prepend=-1, append=-1)) if len(pair) else np.zeros(1, np.int64)
    own, other = arena.reporter[names // max(n_reporters, 1)], names % max(n_reporters, 1)
    stratum = arena.strata.numbers(own, other)
    return _Edges(pair[order], seat[order], starts.astype(np.int64), stratum, (own > other).astype(np.int64))


def _settled(
    arena: Arena, edges: _Edges, log_odds: NDArray[np.float64], terms: _Terms, *, message: NDArray[np.float64]
) -> _Settled:
    """Pass messages until they converge, starting from `message` `(e, 2)`, which is overwritten."""
    shifted = log_odds + terms.shift[arena.stratum]
    log_factor = terms.log_factor[edges.stratum, edges.side]
    total = np.zeros(len(edges.stratum))
    weight = shifted[edges.pair]
    n_unsettled = settle(edges.starts, weight, edges.seat, log_factor[edges.seat], message, total)
    shifted[edges.pair] = weight + message.sum(axis=1)
    # With P over all edges, the odds of having a partner are (P - 1) / c.
    free = np.exp(-total)
    return _Settled(shifted, (1 - free) / (1 - free + free * np.exp(log_factor)), int(n_unsettled))


def _count_persons(arena: Arena, log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Count the persons of each reporter: its records, with likely duplicates counted once."""
    same = (arena.reporter[arena.a] == arena.reporter[arena.b]) & (log_odds >= 0)
    n = len(arena.reporter)
    graph = coo_array((np.ones(same.sum(), np.int8), (arena.a[same], arena.b[same])), shape=(n, n))
    _, component = connected_components(graph, directed=False)
    _, first = np.unique(component, return_index=True)
    return np.bincount(arena.reporter[first], minlength=len(arena.strata.reporters)).astype(np.float64)


def _partner_odds(
    edges: _Edges, taken: NDArray[np.float64], n_persons: NDArray[np.float64], strata: Strata, *, prior: float
) -> tuple[NDArray[np.float64], float]:
    """Return the partner odds, and the share of the smaller reporter's persons who are known to the other."""
    n_strata = len(strata.n_pairs)
    found = stable_sums(2 * edges.stratum + edges.side, taken, 2 * n_strata).reshape(n_strata, 2)
    # Each record counts as the average number of persons per record.
    per_record = n_persons / np.maximum(np.asarray(strata.n_records), 1)
    number = (found * per_record[strata.reporter_pairs]).mean(axis=1)
    both = n_persons[strata.reporter_pairs]
    smaller, between = both.min(axis=1), ~strata.is_within
    share = (number[between].sum() + PRIOR_RECORDS * prior) / (smaller[between].sum() + PRIOR_RECORDS)
    shares = (number + PRIOR_RECORDS * share) / (smaller + PRIOR_RECORDS)
    # Records of one person in one reporter are similar, so the odds for two persons hold for each pair of their
    # records.
    return partner_odds(shares, both), float(share)
