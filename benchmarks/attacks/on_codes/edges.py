"""The edge fingerprint: records are named by what they share with each other, and connected ones jointly.

Two records that share match keys show how many, of which kinds, and how far each field of theirs is apart. For every
pair of candidates the attacker computes how likely it would look so (`candidate_pairs`), which takes no key. Few pairs
fit the closest records of a registry; and where three or more records are connected, only a group of candidates fits
that is alike in the same places. Groups are placed record by record, and the best placements are kept (beam search).

This is the graph matching of [Vidanage2020] and [Schaefer2024] on what a registry with match keys shows of the graph:
few edges, whose similarities are known field by field. No pair needs to be known; known ones are where placing begins.
Two records that share match keys with each other alone cannot be told apart: half of such claims are right at best.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from benchmarks.attacks.evidence.candidate_pairs import CandidatePairs, Look, grouped
from benchmarks.attacks.evidence.differences import Feature
from benchmarks.attacks.evidence.placing import Beliefs, Placing, Prior
from benchmarks.attacks.evidence.scoring import Landmarks
from benchmarks.attacks.evidence.signals import Predicted
from benchmarks.attacks.metrics import Claims
from benchmarks.attacks.on_codes.payload import fitting
from benchmarks.attacks.world.view import View

__all__ = ["Edges", "attack", "clusters"]

ROUNDS: Final = 4
"""Maximum number of rounds; the sure claims of each are known pairs in the next."""

SURE: Final = 0.99
"""Probability from which a claim is sure."""

MOST: Final = 12
"""Records placed together; a larger component is cut where records share the fewest match keys. The claims about one
cluster settle the next, so large ones name hardly more, and where everybody is connected they name fewer."""

CONTRADICTION: Final = -40.0
"""Log-likelihood of a payload that contradicts the candidate."""

FAINT: Final = 1e-300
"""Probability below which all claims are equally faint; that of some is 0 in floating point."""

KNOWN: Final = 1e6
"""Confidence of a known pair."""

Ints = NDArray[np.int64]
Payload = tuple[Ints, Ints]
"""The registry's items, (n, items), and those that the attacker knows, (N, items); -1 for unknown."""


@dataclass(frozen=True, eq=False, repr=False)
class Edges:
    """The pairs of records that share match keys, and what each shows.

    Attributes:
        one: (e,) records.
        other: (e,) records, each after `one`.
        looks: What each edge shows.
        total: (e,) match keys shared.
    """

    one: Ints
    other: Ints
    looks: tuple[Look, ...]
    total: Ints

    def __len__(self) -> int:
        """Count the edges."""
        return len(self.one)

    @classmethod
    def of(cls, view: View, features: Sequence[Feature]) -> Edges:
        """Compare the codes of all records that share match keys.

        Args:
            view: The registry.
            features: The features of its contents.
        """
        a, position, b, other = grouped(view.key)
        pairs, edge = np.unique(a * len(view) + b, return_inverse=True)
        visible = view.carries[position] & view.carries[other]
        differing = view.words[a, position] ^ view.words[b, other]
        bits = np.zeros((len(a), len(features)))
        for column, feature in enumerate(features):
            for word, mask in feature.masks:
                bits[:, column] += np.bitwise_count(differing[:, word] & np.uint64(mask))
        adds = sparse.csr_matrix((np.ones(len(edge)), (edge, np.arange(len(edge)))), (len(pairs), len(edge)))
        kinds = np.eye(len(view.encoding.match_keys))[view.kind[position]]
        shared, compared, distance = (
            np.asarray(adds @ values, np.int64) for values in (kinds, visible.astype(float), bits * visible[:, None])
        )
        looks = tuple(map(Look, shared, compared.tolist(), distance))
        return cls(pairs // len(view), pairs % len(view), looks, shared.sum(axis=1))


def attack(
    view: View,
    predicted: Predicted,
    known: Landmarks,
    *,
    rng: np.random.Generator,
    payload: Payload | None = None,
    pairs: CandidatePairs | None = None,
    seen: Callable[[Edges], Edges] = lambda edges: edges,
) -> Claims:
    """Claim a candidate for every record, by the edges of the registry.

    Args:
        view: The registry, `n` records.
        predicted: What the attacker computes of its `N` candidates.
        known: The pairs that are known, if any.
        rng: Breaks ties.
        payload: The payload, if it is used.
        pairs: `CandidatePairs(predicted, share=n / N)`, if it was made before.
        seen: What the attacker sees of the edges, if not all.

    Returns:
        The claims; those about known records are the known pairs. Records without edges, whose payload is not used,
        get a candidate at random.
    """
    pairs = pairs or CandidatePairs(predicted, share=min(1.0, len(view) / len(predicted)))
    edges = seen(Edges.of(view, pairs.features))
    settled, claims = known, Claims.none(len(view))
    found: Beliefs = {}
    for _ in range(ROUNDS):
        found = _round(edges, pairs, settled, _prior(payload), found, len(view))
        claims = _assign(found, settled, claims, pairs.n, rng)
        sure = np.flatnonzero(claims.confidence > np.log(SURE / (1 - SURE)))
        if len(sure) == len(settled):
            break
        settled = Landmarks(sure, claims.candidate[sure])
    free = np.setdiff1d(np.arange(pairs.n), claims.candidate)
    rest = np.flatnonzero(claims.candidate < 0)
    claims.candidate[rest] = np.resize(rng.permutation(free if len(free) else pairs.n), len(rest))
    claims.confidence[rest] = -np.log(pairs.n)
    return claims


def _prior(payload: Payload | None) -> Prior | None:
    """Return the log-probability of the payload of a record for each candidate, (N,)."""
    if payload is None:
        return None
    seen, theirs = payload
    return lambda record: np.where(fitting(seen[record][None], theirs)[0], 0.0, CONTRADICTION)


def _round(
    edges: Edges, pairs: CandidatePairs, settled: Landmarks, prior: Prior | None, before: Beliefs, n: int
) -> Beliefs:
    """Place all records whose persons are not settled; beliefs stay where nothing near has been settled since."""
    person = np.full(n, -1)
    person[settled.row] = settled.candidate
    placing = Placing(edges, pairs, person, prior)
    found: Beliefs = {}
    together = clusters(edges, person < 0, n)
    for members in together:
        held = {record: before[record] for record in members.tolist() if record in before}
        keep = len(held) == len(members) and placing.unchanged(held)
        found |= held if keep else placing.place(members)
    if prior is not None:
        alone = np.setdiff1d(np.flatnonzero(person < 0), np.concatenate([np.zeros(0, np.int64), *together]))
        for record in alone.tolist():
            found[record] = placing.alone(record)
    return found


def clusters(edges: Edges, free: NDArray[np.bool_], n: int) -> list[Ints]:
    """Part the records that are to be placed into clusters of at most `MOST`, joining those that share most first.

    Args:
        edges: The edges.
        free: (n,) the records to place; the others are settled.
        n: Records.

    Returns:
        The clusters, each sorted: all records that have an edge and are free.
    """
    leader = np.arange(n)
    size = np.ones(n, np.int64)

    def find(record: int) -> int:
        while leader[record] != record:
            leader[record] = leader[leader[record]]
            record = int(leader[record])
        return record

    for edge in np.argsort(-edges.total, kind="stable").tolist():
        a, b = int(edges.one[edge]), int(edges.other[edge])
        if not (free[a] and free[b]):
            continue
        a, b = find(a), find(b)
        if a != b and size[a] + size[b] <= MOST:
            leader[b] = a
            size[a] += size[b]
    met = np.unique(np.r_[edges.one, edges.other]).astype(np.int64)
    met = met[free[met]]
    roots = np.array([find(record) for record in met.tolist()], np.int64)
    order = np.argsort(roots, kind="stable")
    return [part for part in np.split(met[order], np.flatnonzero(np.diff(roots[order])) + 1) if len(part)]


def _assign(found: Beliefs, settled: Landmarks, before: Claims, n_candidates: int, rng: np.random.Generator) -> Claims:
    """Claim candidates by falling probability, each for one record; what is settled stays."""
    claims = Claims.none(len(before.candidate))
    claims.candidate[settled.row] = settled.candidate
    claims.confidence[settled.row] = np.where(before.candidate[settled.row] >= 0, before.confidence[settled.row], KNOWN)
    taken = np.zeros(n_candidates, dtype=bool)
    taken[settled.candidate] = True
    record = np.repeat(list(found), [len(names) for names, _ in found.values()])
    candidate = np.concatenate([np.zeros(0, np.int64), *(names for names, _ in found.values())])
    chance = np.concatenate([np.zeros(0), *(chances for _, chances in found.values())])
    for place in np.lexsort((rng.random(len(chance)), -chance)).tolist():
        row, name = int(record[place]), int(candidate[place])
        if claims.candidate[row] < 0 and not taken[name]:
            taken[name] = True
            claims.candidate[row] = name
            claims.confidence[row] = np.log(max(chance[place], FAINT)) - np.log(max(1 - chance[place], 1e-9))
    return claims
