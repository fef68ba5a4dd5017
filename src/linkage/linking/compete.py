"""Competition: a person of one reporter is at most one person of each other, so the candidates there compete.

`score` weighs each pair on its own. Here the pairs between two reporters are weighed together, by sum-product message
passing (belief propagation) on the candidate graph [Kschischang2001]. What competes are persons, not records: the
records of one reporter that are one person are one seat, and their evidence is joined (`linkage.linking.seats`). The
prior gives the probability that a seat has no partner; the evidence for a first partner counts in full, and that for
each further one is multiplied by a factor. The factor is the ratio of two priors: that two seats of the other reporter
are one person after all, and that of a first partner. It is near 0 for a reporter whose records of one person all
resemble each other; for one with many more seats than persons it is 1, and nothing competes.

The prior of `score` is the share of matches among all pairs. Competition uses the odds that two seats *without other
partners* are partners, which rise as more seats find theirs: if `g` of `m` and `n` persons have been matched, they are
`g / ((m - g)(n - g))`. They are fitted with the model and stored in it.

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
from linkage.linking.seats import SeatPairs, find_seats, join_pairs
from linkage.linking.strata import MAX_PRIOR, PRIOR_RECORDS, Strata, partner_odds
from linkage.linking.sums import stable_sums

__all__ = ["Arena", "Competition", "compete", "fit_competition"]

FLOOR: Final = -12.0
"""Log odds below which a pair does not compete: even thousands of these pairs would not visibly affect others."""

MIN_LOG_FACTOR: Final = -14.0
"""Minimum log of the factor of a further partner, too low for any evidence to overcome."""

JOINED: Final = 0.5
"""Weight of the joined evidence of two seats in the log odds of each pair of their records; the rest is the pair's own.
Chosen on synthetic reporters (0, .5 and 1): with half, the most pairs are found at the same precision, and the fewest
are left for review."""

SPLIT_RATE: Final = 0.3
"""Prior number of further seats per seat of a reporter, if nearly all its records have others of their person beside
them: not all of these need resemble each other. A reporter without duplicates has no further seats either."""

UNSEEN_SPLITS: Final = 5.0
"""Seats that are one person, per pair of seats that looks like it. Most share no match key, or were kept apart because
they do not look like it. Chosen on synthetic reporters (1, 3, 5 and 10)."""

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
        levels: `(p, f) int8`, the levels of each pair, -1 where absent.
        against: `(p,) float64`, evidence against each pair besides its levels, which its log odds include.
    """

    a: NDArray[np.int64]
    b: NDArray[np.int64]
    reporter: NDArray[np.int64]
    rank: NDArray[np.int64]
    strata: Strata
    levels: NDArray[np.int8]
    against: NDArray[np.float64]

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


class _Persons(NamedTuple):
    """The records of each reporter as persons.

    `reporter` `(seats,)` is that of each seat, `pairs` are the pairs of seats, and `n` `(reporters,)` is the number of
    seats of each reporter.
    """

    reporter: NDArray[np.int64]
    pairs: SeatPairs
    n: NDArray[np.float64]


class _Edges(NamedTuple):
    """The pairs of seats that compete, sorted by component and by the numbers of their seats.

    A place is a seat together with another reporter, where it has at most one partner.

    Attributes:
        pair: `(e,)`, indices of the pairs of seats.
        place: `(e, 2)`, the places of both.
        starts: First edge of each component, and the end.
        stratum: `(places,)`, the stratum of each place.
        side: `(places,)`, 0 where the seat is from the stratum's first reporter, 1 where it is from the second.
    """

    pair: NDArray[np.int64]
    place: NDArray[np.int64]
    starts: NDArray[np.int64]
    stratum: NDArray[np.int64]
    side: NDArray[np.int64]


class Competition(NamedTuple):
    """The log odds after competition, `(p,) float64`, and the number of components that did not converge."""

    log_odds: NDArray[np.float64]
    n_unsettled: int


class _Settled(NamedTuple):
    """Log odds of pairs of seats, the probability that each place is `taken`, and components that did not converge."""

    log_odds: NDArray[np.float64]
    taken: NDArray[np.float64]
    n_unsettled: int


def compete(arena: Arena, log_odds: NDArray[np.float64], model: Model) -> Competition:
    """Weigh the candidates of each seat against each other.

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
    persons = _persons(arena, log_odds, model)
    edges = _edges(persons, persons.pairs.log_odds + terms.shift[persons.pairs.stratum], arena.strata)
    settled = _settled(persons, edges, terms, message=np.zeros(edges.place.shape))
    return Competition(_of_records(persons.pairs, log_odds, settled), settled.n_unsettled)


def fit_competition(arena: Arena, log_odds: NDArray[np.float64], model: Model) -> Model:
    """Fit the odds that two seats without other partners are partners, and those that two seats of a reporter are one.

    Args:
        arena: The pairs to which the model was fitted.
        log_odds: As for `compete`.
        model: The model.

    Returns:
        The model with these odds and the resulting expected numbers of matches. Equal pairs give an equal model.
    """
    strata = arena.strata
    priors = model.match_priors(strata)
    persons = _persons(arena, log_odds, model)
    alone = persons.pairs.log_odds
    # Choose the competing pairs once, leaving room for the odds to rise.
    edges = _edges(persons, alone - FLOOR / 3, strata)
    message = np.zeros(edges.place.shape)
    taken = np.zeros(len(edges.stratum))
    np.maximum.at(taken, edges.place, probabilities(alone)[edges.pair, None])
    odds = np.where(strata.is_within, _split_odds(persons, strata), priors / (1 - priors))
    expected, share = np.zeros(len(priors)), 0.0
    for _ in range(MAX_ROUNDS):
        before = odds
        learned, share = _partner_odds(edges, taken, persons.n, strata, prior=model.rate_between)
        odds = np.where(strata.is_within, before, learned)
        settled = _settled(persons, edges, _terms(odds, priors, strata), message=message)
        taken = settled.taken
        # A reporter without records has odds 0, which cannot change.
        some = (odds > 0) & (before > 0)
        moved = np.abs(np.log(odds[some] / before[some]))
        if moved.max(initial=0) <= ROUND_TOLERANCE:
            break
    expected = stable_sums(arena.stratum, probabilities(_of_records(persons.pairs, log_odds, settled)), len(priors))
    return model.with_partners(strata, odds, expected=expected, share=share)


def _persons(arena: Arena, log_odds: NDArray[np.float64], model: Model) -> _Persons:
    """Find the seats and join the evidence between them."""
    ends = np.column_stack([arena.a, arena.b])
    seat = find_seats(ends, log_odds, reporter=arena.reporter, rank=arena.rank)
    reporter = np.zeros(int(seat.max(initial=-1)) + 1, np.int64)
    reporter[seat] = arena.reporter
    pairs = join_pairs(
        ends,
        log_odds,
        arena.levels,
        against=arena.against,
        seat=seat,
        rank=arena.rank,
        stratum=arena.stratum,
        model=model,
        strata=arena.strata,
    )
    n = np.bincount(reporter, minlength=len(arena.strata.reporters)).astype(np.float64)
    return _Persons(reporter, pairs, n)


def _terms(odds: NDArray[np.float64], priors: NDArray[np.float64], strata: Strata) -> _Terms:
    """Return what competition adds to the log odds of each stratum, and the factor of a further partner."""
    within = np.flatnonzero(strata.is_within)
    # In the order of the reporters.
    ratio = odds[within][strata.reporter_pairs[:, ::-1]] / np.maximum(odds, np.finfo(float).tiny)[:, None]
    log_factor = np.log(np.clip(ratio, np.exp(MIN_LOG_FACTOR), 1.0))
    shift = np.zeros(len(odds))
    between = ~strata.is_within & (odds > 0) & (priors > 0)
    shift[between] = np.log(odds[between]) - log_odds_of(priors[between])
    return _Terms(shift, log_factor)


def _edges(persons: _Persons, log_odds: NDArray[np.float64], strata: Strata) -> _Edges:
    """Choose the pairs that compete, and sort them."""
    pairs = persons.pairs
    pair = np.flatnonzero(~pairs.within & (log_odds > FLOOR))
    ends = pairs.ends[pair]
    n_reporters = len(strata.reporters)
    names, place = np.unique(ends * n_reporters + persons.reporter[ends[:, ::-1]], return_inverse=True)
    place = place.reshape(-1, 2)
    graph = coo_array((np.ones(len(pair), np.int8), (place[:, 0], place[:, 1])), shape=(len(names), len(names)))
    component = connected_components(graph, directed=False)[1][place[:, 0]] if len(pair) else pair
    order = np.lexsort((ends[:, 1], ends[:, 0], component))
    starts = np.flatnonzero(np.diff(component[order], prepend=-1, append=-1)) if len(pair) else np.zeros(1, np.int64)
    own, other = persons.reporter[names // max(n_reporters, 1)], names % max(n_reporters, 1)
    stratum = strata.numbers(own, other)
    return _Edges(pair[order], place[order], starts.astype(np.int64), stratum, (own > other).astype(np.int64))


def _settled(persons: _Persons, edges: _Edges, terms: _Terms, *, message: NDArray[np.float64]) -> _Settled:
    """Pass messages until they converge, starting from `message` `(e, 2)`, which is overwritten."""
    shifted = persons.pairs.log_odds + terms.shift[persons.pairs.stratum]
    log_factor = terms.log_factor[edges.stratum, edges.side]
    total = np.zeros(len(edges.stratum))
    weight = shifted[edges.pair]
    n_unsettled = settle(edges.starts, weight, edges.place, log_factor[edges.place], message, total)
    shifted[edges.pair] = weight + message.sum(axis=1)
    # With P over all edges, the odds of having a partner are (P - 1) / c.
    free = np.exp(-total)
    return _Settled(shifted, (1 - free) / (1 - free + free * np.exp(log_factor)), int(n_unsettled))


def _of_records(pairs: SeatPairs, log_odds: NDArray[np.float64], settled: _Settled) -> NDArray[np.float64]:
    """Return the log odds of pairs of records; those of one reporter stay as they are."""
    # Pairs within a seat have the index -1, and find the last row.
    between = np.append(~pairs.within, False)[pairs.of_pair]
    joined = np.append(pairs.log_odds, 0.0)[pairs.of_pair]
    change = np.append(settled.log_odds - pairs.log_odds, 0.0)[pairs.of_pair]
    return np.where(between, JOINED * joined + (1 - JOINED) * log_odds + change, log_odds)


def _split_odds(persons: _Persons, strata: Strata) -> NDArray[np.float64]:
    """Return the odds that two seats of a reporter are one person, `(s,)`; 0 between reporters."""
    n_strata = len(strata.n_pairs)
    within = persons.pairs.within
    expected = stable_sums(persons.pairs.stratum[within], probabilities(persons.pairs.log_odds[within]), n_strata)
    reporter = strata.reporter_pairs[:, 0]
    n, n_records = persons.n[reporter], np.asarray(strata.n_records, np.float64)[reporter]
    prior = SPLIT_RATE * (n_records - n) / np.maximum(n_records, 1)
    rates = UNSEEN_SPLITS * (expected + PRIOR_RECORDS * prior) / (n + PRIOR_RECORDS)
    odds = np.minimum(2 * rates / np.maximum(n - 1, 1), MAX_PRIOR)
    return np.where(strata.is_within, odds / (1 - odds), 0.0)


def _partner_odds(
    edges: _Edges, taken: NDArray[np.float64], n_persons: NDArray[np.float64], strata: Strata, *, prior: float
) -> tuple[NDArray[np.float64], float]:
    """Return the partner odds, and the share of the smaller reporter's persons who are known to the other."""
    n_strata = len(strata.n_pairs)
    found = stable_sums(2 * edges.stratum + edges.side, taken, 2 * n_strata).reshape(n_strata, 2)
    number = found.mean(axis=1)
    both = n_persons[strata.reporter_pairs]
    smaller, between = both.min(axis=1), ~strata.is_within
    share = (number[between].sum() + PRIOR_RECORDS * prior) / (smaller[between].sum() + PRIOR_RECORDS)
    shares = (number + PRIOR_RECORDS * share) / (smaller + PRIOR_RECORDS)
    return partner_odds(shares, both), float(share)
