"""Compete: a record has at most one partner in each other body, so its candidates there compete.

`score` weighs each pair by itself. Here the pairs between two bodies are weighed together, by sum-product message
passing on the candidate graph [Kschischang2001]: a record without any partner is as likely as the prior says, the first
partner counts with its evidence, and each further one `second` times less. That factor is what the prior inside the
other body says of a further record of the same person, over what it says of a first partner: where a body reports
nobody twice it is next to nothing, where a body has many duplicates it is 1, and nothing competes.

The prior of `score` says how common matches are among all pairs. Here the odds are asked that two records *without
other partners* are partners, which rise as more records have found theirs: with `g` of `m` and `n` persons found they
are `g / ((m - g)(n - g))`. They are learned with the model and stand in it.

Each component of the graph is settled on its own, in an order of records that does not depend on their arrival, and in
a bounded number of sweeps over its edges.
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

__all__ = ["Arena", "Competed", "compete", "fit_competition"]

FLOOR: Final = -12.0
"""Natural log odds below which a pair takes no part: thousands of such pairs take nothing from others that shows."""

MIN_SECOND: Final = -14.0
"""Least natural logarithm of the factor of a further partner: far below what any evidence overcomes."""

MAX_ROUNDS: Final = 20
ROUND_TOLERANCE: Final = 5e-3
"""The odds of partners rest when no logarithm of them changes by more than this."""


@dataclass(frozen=True)
class Arena:
    """The candidate pairs and who they are between.

    Attributes:
        a: `(p,) int64`, the place of one record of each pair among all `n`.
        b: `(p,) int64`, that of the other.
        place: `(n,) int64`, the place of each record's body in `strata.reporters`.
        rank: `(n,) int64`, the place of each record in an order that does not depend on its arrival.
        strata: The strata of today.
    """

    a: NDArray[np.int64]
    b: NDArray[np.int64]
    place: NDArray[np.int64]
    rank: NDArray[np.int64]
    strata: Strata

    @cached_property
    def stratum(self) -> NDArray[np.int64]:
        """`(p,) int64`, the stratum number of each pair."""
        return self.strata.numbers(self.place[self.a], self.place[self.b])


class _Terms(NamedTuple):
    """What is said of each stratum.

    `shift` `(s,)` is added to log odds. `second` `(s, 2)` is the natural logarithm of the factor of a further partner:
    for records of the stratum's first body, whose partners are in the other, and for records of the other.
    """

    shift: NDArray[np.float64]
    second: NDArray[np.float64]


class _Edges(NamedTuple):
    """The pairs that compete, sorted by component and by the ranks of their records.

    A seat is a record together with another body, in which it has at most one partner.

    Attributes:
        pair: `(e,)`, places among the pairs.
        seat: `(e, 2)`, the seats of `a` and `b`.
        starts: First edge of each component, and the end.
        stratum: `(seats,)`, the stratum of each seat.
        side: `(seats,)`, 0 where the record is of the stratum's first body, 1 where it is of the other.
    """

    pair: NDArray[np.int64]
    seat: NDArray[np.int64]
    starts: NDArray[np.int64]
    stratum: NDArray[np.int64]
    side: NDArray[np.int64]


class Competed(NamedTuple):
    """What competition leaves: `log_odds` `(p,) float64`, and how many components were stopped before they rested."""

    log_odds: NDArray[np.float64]
    stopped: int


class _Settled(NamedTuple):
    """New log odds `(p,)`, how probable it is that a seat has a partner `(seats,)`, and components not at rest."""

    log_odds: NDArray[np.float64]
    taken: NDArray[np.float64]
    stopped: int


def compete(arena: Arena, log_odds: NDArray[np.float64], model: Model) -> Competed:
    """Weigh the candidates of each record against each other.

    Args:
        arena: The pairs.
        log_odds: `(p,) float64`, natural log odds that `score` gives each pair by itself.
        model: The model that they were made with.

    Returns:
        New log odds; those of pairs inside a body as they were. Equal pairs of equal records give equal log odds to the
        last bit, in whatever order and under whatever numbers they come.
    """
    priors, odds = model.match_priors(arena.strata), model.partner_odds(arena.strata)
    terms = _terms(odds, priors, arena.strata)
    edges = _edges(arena, log_odds + terms.shift[arena.stratum])
    settled = _settled(arena, edges, log_odds, terms, message=np.zeros(edges.seat.shape))
    return Competed(settled.log_odds, settled.stopped)


def fit_competition(arena: Arena, log_odds: NDArray[np.float64], model: Model) -> Model:
    """Learn how probable it is that two records without other partners are partners.

    Args:
        arena: The pairs that the model was fitted to.
        log_odds: As for `compete`.
        model: The model.

    Returns:
        The model with odds of partners and the numbers of matches that they lead to. Equal pairs give an equal model.
    """
    strata = arena.strata
    priors = model.match_priors(strata)
    persons = _persons(arena, log_odds)
    # Which pairs take part is decided once, with room for odds to rise.
    edges = _edges(arena, log_odds - FLOOR / 3)
    message = np.zeros(edges.seat.shape)
    taken = np.zeros(len(edges.stratum))
    np.maximum.at(taken, edges.seat, probabilities(log_odds)[edges.pair, None])
    odds = priors / (1 - priors)
    expected, share = np.zeros(len(priors)), 0.0
    for _ in range(MAX_ROUNDS):
        before = odds
        learned, share = _learned(edges, taken, persons, strata, prior=model.rate_between)
        odds = np.where(strata.is_within, before, learned)
        settled = _settled(arena, edges, log_odds, _terms(odds, priors, strata), message=message)
        expected = stable_sums(arena.stratum, probabilities(settled.log_odds), len(priors))
        taken = settled.taken
        # A body without records has no odds to move.
        some = (odds > 0) & (before > 0)
        moved = np.abs(np.log(odds[some] / before[some]))
        if moved.max(initial=0) <= ROUND_TOLERANCE:
            break
    return model.with_partners(strata, odds, expected=expected, share=share)


def _terms(odds: NDArray[np.float64], priors: NDArray[np.float64], strata: Strata) -> _Terms:
    """Say what competition adds to the log odds of a stratum, and what a further partner takes away."""
    within = np.flatnonzero(strata.is_within)
    # The stratum inside a body has that body at both of its ends, so these stand in the order of the bodies.
    further = (priors / (1 - priors))[within]
    ratio = further[strata.pairs_of_bodies[:, ::-1]] / np.maximum(odds, np.finfo(float).tiny)[:, None]
    second = np.log(np.clip(ratio, np.exp(MIN_SECOND), 1.0))
    shift = np.zeros(len(odds))
    between = ~strata.is_within & (odds > 0) & (priors > 0)
    shift[between] = np.log(odds[between]) - log_odds_of(priors[between])
    return _Terms(shift, second)


def _edges(arena: Arena, log_odds: NDArray[np.float64]) -> _Edges:
    """Choose the pairs that compete and put them in order."""
    pair = np.flatnonzero((arena.place[arena.a] != arena.place[arena.b]) & (log_odds > FLOOR))
    ends = np.column_stack([arena.a[pair], arena.b[pair]])
    n_bodies = len(arena.strata.reporters)
    names, seat = np.unique(ends * n_bodies + arena.place[ends[:, ::-1]], return_inverse=True)
    seat = seat.reshape(-1, 2)
    graph = coo_array((np.ones(len(pair), np.int8), (seat[:, 0], seat[:, 1])), shape=(len(names), len(names)))
    component = connected_components(graph, directed=False)[1][seat[:, 0]] if len(pair) else pair
    rank = np.sort(arena.rank[ends], axis=1)
    order = np.lexsort((rank[:, 1], rank[:, 0], component))
    starts = np.flatnonzero(np.diff(component[order], prepend=-1, append=-1)) if len(pair) else np.zeros(1, np.int64)
    own, other = arena.place[names // max(n_bodies, 1)], names % max(n_bodies, 1)
    stratum = arena.strata.numbers(own, other)
    return _Edges(pair[order], seat[order], starts.astype(np.int64), stratum, (own > other).astype(np.int64))


def _settled(
    arena: Arena, edges: _Edges, log_odds: NDArray[np.float64], terms: _Terms, *, message: NDArray[np.float64]
) -> _Settled:
    """Pass messages until they rest; `message` `(e, 2)` is where they begin and end."""
    shifted = log_odds + terms.shift[arena.stratum]
    second = terms.second[edges.stratum, edges.side]
    total = np.zeros(len(edges.stratum))
    weight = shifted[edges.pair]
    stopped = settle(edges.starts, weight, edges.seat, second[edges.seat], message, total)
    shifted[edges.pair] = weight + message.sum(axis=1)
    # With ln P of all edges the odds of having a partner are (P - 1) / c.
    free = np.exp(-total)
    return _Settled(shifted, (1 - free) / (1 - free + free * np.exp(second)), int(stopped))


def _persons(arena: Arena, log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Count the persons of each body: its records, with those that are likely duplicates taken together."""
    same = (arena.place[arena.a] == arena.place[arena.b]) & (log_odds >= 0)
    n = len(arena.place)
    graph = coo_array((np.ones(same.sum(), np.int8), (arena.a[same], arena.b[same])), shape=(n, n))
    _, component = connected_components(graph, directed=False)
    _, first = np.unique(component, return_index=True)
    return np.bincount(arena.place[first], minlength=len(arena.strata.reporters)).astype(np.float64)


def _learned(
    edges: _Edges, taken: NDArray[np.float64], persons: NDArray[np.float64], strata: Strata, *, prior: float
) -> tuple[NDArray[np.float64], float]:
    """Return the odds of partners, and the share of the smaller body's persons that are known to the other."""
    n_strata = len(strata.n_pairs)
    found = stable_sums(2 * edges.stratum + edges.side, taken, 2 * n_strata).reshape(n_strata, 2)
    # A record that is found stands for as many persons as a record does on average.
    of_body = persons / np.maximum(np.asarray(strata.n_records), 1)
    number = (found * of_body[strata.pairs_of_bodies]).mean(axis=1)
    both = persons[strata.pairs_of_bodies]
    smaller, between = both.min(axis=1), ~strata.is_within
    share = (number[between].sum() + PRIOR_RECORDS * prior) / (smaller[between].sum() + PRIOR_RECORDS)
    shares = (number + PRIOR_RECORDS * share) / (smaller + PRIOR_RECORDS)
    # Records of one person in one body are alike, so the odds of two persons are those of each pair of records too.
    return partner_odds(shares, both), float(share)
