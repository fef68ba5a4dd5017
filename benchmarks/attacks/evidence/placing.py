"""Placing connected records among the candidates, record by record, with a beam of the best placements.

The score of a placement is its log-probability: what each edge shows for the two candidates (`CandidatePairs`), that
candidates of records without an edge share nothing, and that they share nothing with anybody else either. A record may
also belong to nobody on the list.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Protocol

import numba
import numpy as np
from numpy.typing import NDArray

from benchmarks.attacks.evidence.candidate_pairs import CandidatePairs, Look, Tables
from benchmarks.attacks.evidence.differences import log_sum

__all__ = ["Beliefs", "Placing", "Prior"]

BEAM: Final = 300
"""Placements kept at each step. Between 300 and 1,500 the share named rises by less than a percentage point."""

AHEAD: Final = 8
"""Times as many are kept while only the closest neighbour has been compared."""

NOBODY: Final = 0.02
"""Share of records whose person is not on the list, or whose edges are not foreseen."""

OPTIONS: Final = 16
"""Candidates per record that are reported, the most probable first."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Prior = Callable[[int], Floats]
"""The log-probability of each candidate by what else is known of a record, (N,)."""

Beliefs = dict[int, tuple[Ints, Floats]]
"""For each record the candidates that it may be, and their probabilities, which add up to at most 1."""


class Shown(Protocol):
    """The edges of a registry (`edges.Edges`)."""

    @property
    def one(self) -> Ints:
        """The first record of each edge."""

    @property
    def other(self) -> Ints:
        """The second."""

    @property
    def looks(self) -> tuple[Look, ...]:
        """What each edge shows."""

    @property
    def total(self) -> Ints:
        """The number of match keys that each edge shares."""


class Placing:
    """Places clusters of records, given the records that are settled."""

    def __init__(self, edges: Shown, pairs: CandidatePairs, person: Ints, prior: Prior | None = None) -> None:
        """Prepare.

        Args:
            edges: The edges of the registry.
            pairs: The pairs of candidates.
            person: (n,) the candidate of each settled record, -1 for the others.
            prior: What else is known of the records.
        """
        self._edges = edges
        self._pairs = pairs
        self._person = person
        self._prior = prior
        self._taken = np.zeros(pairs.n + 1, dtype=bool)
        self._taken[person[person >= 0]] = True
        self._nobody = float(np.log(NOBODY) + np.median(pairs.alone))
        self._edges_of: list[dict[int, int]] = [{} for _ in person]
        for edge, (a, b) in enumerate(zip(edges.one.tolist(), edges.other.tolist(), strict=True)):
            self._edges_of[a][b] = self._edges_of[b][a] = edge
        self._seen: dict[int, tuple[Tables, float]] = {}
        self._alone = np.asarray(pairs.alone - np.log(pairs.n), np.float64)
        self._priors: dict[int, Floats] = {}

    def place(self, members: Ints) -> Beliefs:
        """Place the records of one cluster.

        Args:
            members: (r,) records, connected by edges.

        Returns:
            The beliefs; none about a single record without a settled neighbour.
        """
        self._seen, self._priors = {}, {}
        todo = set(members.tolist())
        beside = sorted({near for record in todo for near in self._edges_of[record] if self._person[near] >= 0})
        if not beside and len(todo) == 1:
            return {}
        placed, states, score = beside, self._person[beside][None], np.zeros(1)
        if not beside:
            placed, states, score = self._start(todo)
        todo -= set(placed)
        while todo:
            record = max(todo, key=lambda one: self._reach(one, placed))
            todo.remove(record)
            states, score = self._extend(states, score, placed, record)
            placed = [*placed, record]
        chance = np.exp(score - log_sum(score))
        return {record: _options(states[:, place], chance)
                for place, record in enumerate(placed) if self._person[record] < 0}  # fmt: skip

    def unchanged(self, held: Beliefs) -> bool:
        """Return whether earlier beliefs about the records of a cluster hold: nobody near or believed in is settled."""
        settled = any(self._person[near] >= 0 for record in held for near in self._edges_of[record])
        return not settled and not any(self._taken[names].any() for names, _ in held.values())

    def alone(self, record: int) -> tuple[Ints, Floats]:
        """Return the belief about a record without edges."""
        before = self._alone if self._prior is None else self._alone + self._prior(record)
        fit = np.where(self._taken[:-1], -np.inf, before)
        return _options(np.arange(self._pairs.n), np.exp(fit - log_sum(fit)))

    def _reach(self, record: int, placed: list[int]) -> tuple[int, int, int]:
        """Rank the records that could be placed next: by edges to placed ones, then by match keys shared with them."""
        near = [edge for other, edge in self._edges_of[record].items() if other in placed]
        return len(near), int(self._edges.total[near].sum()), -record

    def _shows(self, edge: int) -> tuple[Tables, float]:
        """Return the likelihood of an edge by class, and for two persons of whom nothing is known."""
        if edge not in self._seen:
            tables = self._pairs.tables(self._edges.looks[edge])
            self._seen[edge] = tables, self._pairs.unlisted(tables)
        return self._seen[edge]

    def _before(self, record: int) -> Floats:
        """Return the log-probability of each candidate for a record but for the edges, (N,)."""
        if self._prior is None:
            return self._alone
        if record not in self._priors:
            self._priors[record] = self._alone + self._prior(record)
        return self._priors[record]

    def _start(self, members: set[int]) -> tuple[list[int], Ints, Floats]:
        """Place the two records that share most match keys, either way round."""
        inside = {edge for record in members for near, edge in self._edges_of[record].items() if near in members}
        edge = max(inside, key=lambda one: (int(self._edges.total[one]), -one))
        one, other = int(self._edges.one[edge]), int(self._edges.other[edge])
        pairs, (tables, unlisted) = self._pairs, self._shows(edge)
        found = _either_way(
            pairs.likelihood(tables), pairs.none, pairs.one, pairs.other, self._taken,
            self._before(one), self._before(other),
        )  # fmt: skip
        best, scores = _top(found, 2 * BEAM)
        pair, turned = best % max(len(pairs), 1), best >= len(pairs)
        a, b = pairs.one[pair], pairs.other[pair]
        states = np.column_stack([np.where(turned, b, a), np.where(turned, a, b)])
        states = np.concatenate([states, [[-1, -1]]])
        return [one, other], states, np.r_[scores, unlisted + 2 * self._nobody]

    def _extend(self, states: Ints, score: Floats, placed: list[int], record: int) -> tuple[Ints, Floats]:
        """Place one more record in all placements, and keep the best."""
        near = {placed.index(other): edge for other, edge in self._edges_of[record].items() if other in placed}
        anchor = max(near, key=lambda column: (int(self._edges.total[near[column]]), -column))
        rows = np.flatnonzero(states[:, anchor] >= 0)
        row, new, pair = self._pairs.around(states[rows, anchor])
        row = rows[row]
        free = _free(states, row, new, self._taken)
        row, new, pair = row[free], new[free], pair[free]
        before = self._before(record)
        sums = score[row] + before[new] + self._edge(near[anchor], pair, settled=self._settled(placed[anchor]))
        best, sums = _top(sums, AHEAD * BEAM)
        row, new = row[best], new[best]
        for column, other in enumerate(placed):
            if column == anchor or (column not in near and self._settled(other)):
                continue
            sums = sums + self._beside(states[row, column], new, near.get(column), settled=self._settled(other))
        # Or the record belongs to nobody on the list.
        lost = score + self._nobody + sum(self._shows(edge)[1] for edge in near.values())
        best, sums = _top(np.r_[sums, lost], BEAM)
        from_row, name = np.r_[row, np.arange(len(states))][best], np.r_[new, np.full(len(states), -1)][best]
        return np.column_stack([states[from_row], name]), sums

    def _settled(self, record: int) -> bool:
        return bool(self._person[record] >= 0)

    def _edge(self, edge: int, pair: Ints, *, settled: bool) -> Floats:
        """Return the log-likelihood of an edge for listed pairs, instead of that of sharing nothing."""
        # Both candidates were charged with sharing nothing; a settled one was not.
        times = 1.0 if settled else 2.0
        return self._pairs.likelihood(self._shows(edge)[0], pair) - times * self._pairs.none[pair]

    def _beside(self, theirs: Ints, new: Ints, edge: int | None, *, settled: bool) -> Floats:
        """Return what the candidates of two records, with an edge or without, add to the score."""
        pair = np.where(theirs >= 0, self._pairs.index(new, np.maximum(theirs, 0)), -1)
        listed = pair >= 0
        if edge is None:
            added = np.zeros(len(new))
            added[listed] = -self._pairs.none[pair[listed]]
            return added
        added = np.full(len(new), self._shows(edge)[1])
        added[(theirs >= 0) & ~listed] += np.log(NOBODY)
        added[listed] = self._edge(edge, pair[listed], settled=settled)
        return added


@numba.njit(cache=True, nogil=True)
def _either_way(likely: Any, none: Any, one: Any, other: Any, taken: Any, before_one: Any, before_other: Any) -> Any:
    """Return the score of each pair of candidates for two records, and after them those of the pairs turned round."""
    n = len(likely)
    found = np.empty(2 * n, np.float64)
    for pair in range(n):
        a, b = one[pair], other[pair]
        if taken[a] or taken[b]:
            found[pair] = found[n + pair] = -np.inf
            continue
        score = np.float64(likely[pair] - np.float32(2) * none[pair])
        found[pair] = score + before_one[a] + before_other[b]
        found[n + pair] = score + before_one[b] + before_other[a]
    return found


@numba.njit(cache=True, nogil=True)
def _free(states: Any, row: Any, new: Any, taken: Any) -> Any:
    """Return which candidates have no record yet, neither a settled one nor one of the placement."""
    free = np.empty(len(row), np.bool_)
    for place in range(len(row)):
        candidate = new[place]
        found = not taken[candidate]
        for column in range(states.shape[1]):
            if states[row[place], column] == candidate:
                found = False
        free[place] = found
    return free


def _top(score: Floats, n: int) -> tuple[Ints, Floats]:
    """Return the places of the `n` highest scores, and these."""
    best = np.argpartition(-score, n - 1)[:n] if len(score) > n else np.arange(len(score))
    return best, score[best]


def _options(candidate: Ints, chance: Floats) -> tuple[Ints, Floats]:
    """Add up the probabilities of each candidate, and return the most probable ones."""
    names, of = np.unique(candidate, return_inverse=True)
    total = np.asarray(np.bincount(of, chance), np.float64)
    best, chances = _top(np.where(names >= 0, total, -1.0), OPTIONS)
    listed = names[best] >= 0
    return names[best][listed], chances[listed]
