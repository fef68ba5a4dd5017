"""Known pairs: an attacker who already knows some of the registry's persons and combines all signals.

Where a known person shares a match key with an unknown record, the attacker learns which fields they have in common
and how similar the others are. Every candidate is scored by how well it explains the shared match keys (which, and how
many of each kind), the number of shared MinHash bands and the distances of contents by segment. An attacker who knows
exactly who is in the registry adds colour refinement of the whole graph (`refinement`), and one with the payload rules
out candidates that it contradicts. The most confident claims then serve as known pairs. The setting is that of
[Vidanage2020] and [Schaefer2024] with seeds added, which their attacks do not need.

If contents are not padded, their numbers of ones are scored too (`shape`). The number of codes is the same for all
records and reveals nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numba
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from benchmarks.attacks.evidence.scoring import (
    FLOOR,
    Landmarks,
    Pairs,
    content_scores,
    exact_kinds,
    gather,
    key_features,
    whole_contents,
)
from benchmarks.attacks.evidence.signals import Meetings, Predicted, meet
from benchmarks.attacks.metrics import Claims
from benchmarks.attacks.on_codes import shape
from benchmarks.attacks.on_codes.payload import fitting
from benchmarks.attacks.on_codes.refinement import Graph, refine
from benchmarks.attacks.world.view import View

__all__ = ["ROUNDS", "Payload", "attack"]

ROUNDS: Final = 3
"""Rounds in which confident claims become landmarks; later rounds change little."""

MISMATCH: Final = 4.0
"""Penalty for a match key that is shared in the registry but not by the plaintexts, or the reverse, in nats."""

COLOUR: Final = 12.0
"""Reward for equal colours after refinement, in nats."""

CONTRADICTION: Final = 40.0
"""Penalty for a payload that contradicts the candidate, in nats."""

CONFIDENT: Final = 6.0
"""Margin over the next best candidate, in nats, at which a claim becomes a landmark."""

LANDMARKS: Final = 1000
"""Maximum number of landmarks, known pairs first and then the most confident claims; more only cost time."""

ENOUGH: Final = 0.9
"""Share of records with confident claims beyond which another round gains nothing."""

TOP: Final = 128
"""Candidates per record whose contents are compared."""

KNOWN: Final = 1e6
"""More than any evidence: the confidence of a known pair, and the penalty for claiming a known person again."""

BLOCK_CELLS: Final = 40_000_000
"""Scores held in memory at a time."""

Ints = NDArray[np.int64]
Payload = tuple[Ints, Ints]
"""The registry's items, (n, items), and those that the attacker knows, (N, items); -1 for unknown."""


@dataclass(frozen=True, eq=False)
class _Setting:
    """The attacker's fixed inputs."""

    view: View
    predicted: Predicted
    known: Landmarks
    closed: bool
    payload: Payload | None
    rng: np.random.Generator

    @property
    def covers_all(self) -> bool:
        """Whether there is evidence even about records that share nothing with a landmark."""
        return self.closed or self.payload is not None


@dataclass(frozen=True, eq=False)
class _Evidence:
    """The evidence from one set of landmarks.

    Attributes:
        seen: (n, features) match keys shared with each landmark, by kind and count.
        expected: (N, features) the same for candidates.
        bands: (n, k) shared MinHash bands.
        rates: (N, k) expected shared MinHash bands.
        colours: Colours after refinement, if the attacker knows who is in the registry.
        whole: (n, N) scores of contents, if all contents can be compared with each other.
        pairs: Distances to landmarks otherwise.
    """

    seen: sparse.csr_matrix
    expected: sparse.csr_matrix
    bands: sparse.csr_matrix
    rates: NDArray[np.float32]
    colours: tuple[NDArray[np.uint64], NDArray[np.uint64]] | None
    whole: NDArray[np.float32] | None
    pairs: Pairs | None

    @cached_property
    def holders(self) -> sparse.csr_matrix:
        """The candidates that have each feature: (features, N)."""
        return self.expected.T.tocsr()

    @cached_property
    def log_rates(self) -> NDArray[np.float32]:
        """The logarithms of the expected bands by landmark, (k, N); nothing if no band is expected."""
        if not self.rates.any():
            return np.zeros((0, len(self.rates)), np.float32)
        return np.ascontiguousarray(np.log(self.rates + np.float32(FLOOR)).T)

    @cached_property
    def rate_sums(self) -> NDArray[np.float32]:
        """The bands that each candidate is expected to share with all landmarks, (N,)."""
        return np.asarray(self.rates.sum(axis=1), np.float32)


def attack(
    view: View,
    predicted: Predicted,
    known: Landmarks,
    *,
    closed: bool,
    rng: np.random.Generator,
    payload: Payload | None = None,
    rounds: int = ROUNDS,
) -> Claims:
    """Claim a candidate for every record.

    Args:
        view: The registry, `n` records.
        predicted: What the attacker computes of its `N` candidates.
        known: The pairs that are known.
        closed: Whether the candidates are exactly the persons of the registry.
        rng: Breaks ties.
        payload: The payload, if it is used.
        rounds: Rounds of self-training.

    Returns:
        The claims; those about known records are the known pairs.
    """
    setting = _Setting(view, predicted, known, closed, payload, rng)
    landmarks = known
    claims = Claims.none(len(view))
    for turn in range(rounds + 1):
        claims = _score(setting, landmarks)
        rows = np.flatnonzero(_mutual(claims) & (claims.confidence > CONFIDENT))
        if turn == rounds or len(rows) == len(landmarks) or len(rows) > ENOUGH * len(view):
            break
        rows = rows[np.argsort(-claims.confidence[rows], kind="stable")][: max(LANDMARKS, len(known))]
        landmarks = Landmarks(rows, claims.candidate[rows])
    return _settle(claims, len(predicted), rng) if closed else claims


def _mutual(claims: Claims) -> NDArray[np.bool_]:
    """Mark the most confident claim to each candidate."""
    best = np.zeros(len(claims.candidate), dtype=bool)
    order = np.argsort(-claims.confidence, kind="stable")
    _, first = np.unique(claims.candidate[order], return_index=True)
    best[order[first]] = True
    return best & (claims.candidate >= 0)


def _settle(claims: Claims, n_candidates: int, rng: np.random.Generator) -> Claims:
    """Assign unclaimed candidates to records without confident claims, since each candidate has one record."""
    kept = _mutual(claims) & (claims.confidence > 0)
    free = np.setdiff1d(np.arange(n_candidates), claims.candidate[kept])
    loose = np.flatnonzero((claims.confidence <= 0) & ~kept)
    candidate = claims.candidate.copy()
    drawn = rng.permutation(free)[: len(loose)]
    unclaimed = np.isin(candidate[loose], free, invert=True) | (candidate[loose] < 0)
    candidate[loose[: len(drawn)]] = np.where(unclaimed[: len(drawn)], drawn, candidate[loose[: len(drawn)]])
    return Claims(candidate, claims.confidence)


def _score(setting: _Setting, landmarks: Landmarks) -> Claims:
    """Claim for each record the candidate that best explains the evidence from the landmarks."""
    view, predicted, known = setting.view, setting.predicted, setting.known
    evidence = _gather(setting, landmarks)
    rows = np.arange(len(view)) if setting.covers_all or evidence.whole is not None else _with_evidence(evidence)
    claims = Claims(setting.rng.integers(0, len(predicted), len(view)), np.zeros(len(view)))
    rows = np.setdiff1d(rows, known.row)
    step = max(BLOCK_CELLS // max(len(predicted), 1), 1)
    for first in range(0, len(rows), step):
        block = rows[first : first + step]
        choices, values = _best(setting, evidence, block)
        if evidence.pairs is not None:
            values += content_scores(evidence.pairs, block, choices, landmarks=landmarks, predicted=predicted)
        order = np.argsort(-values, axis=1)[:, :2]
        best = np.take_along_axis(values, order, axis=1)
        claims.candidate[block] = choices[np.arange(len(block)), order[:, 0]]
        claims.confidence[block] = best[:, 0] - best[:, -1] if order.shape[1] > 1 else CONFIDENT
    claims.candidate[known.row], claims.confidence[known.row] = known.candidate, KNOWN
    return claims


def _best(setting: _Setting, evidence: _Evidence, rows: Ints) -> tuple[Ints, NDArray[np.float32]]:
    """Return the best candidates of each record by all evidence but the contents of groups, and their scores."""
    score = _keys(evidence, rows)
    # A known person already has a record.
    score[:, setting.known.candidate] -= KNOWN
    # Ties are broken at random, never by the order of candidates.
    score += setting.rng.random(score.shape, np.float32) * 1e-3
    if evidence.whole is not None:
        score += evidence.whole[rows]
    if setting.payload is not None:
        score -= CONTRADICTION * ~fitting(setting.payload[0][rows], setting.payload[1])
    top = min(TOP, score.shape[1])
    choices = np.argpartition(-score, top - 1, axis=1)[:, :top]
    return choices, np.take_along_axis(score, choices, axis=1)


def _one_group(view: View) -> bool:
    """Return whether all records share their first match key."""
    return bool((view.key[:, 0] == view.key[0, 0]).all())


def _gather(setting: _Setting, landmarks: Landmarks) -> _Evidence:
    view, predicted = setting.view, setting.predicted
    seen, expected, meetings = key_features(view, predicted, landmarks)
    positions = np.flatnonzero(~view.exact)
    found = meet(view.key[:, positions], landmarks.row)
    rates = predicted.band_rates(np.arange(len(predicted)), landmarks.candidate)
    # A record is not its own landmark.
    rates[landmarks.candidate, np.arange(len(landmarks))] = 0
    banded = Meetings(found.row, positions[found.position], found.landmark, positions[found.landmark_position])
    one_group = _one_group(view)
    compared = predicted.has_contents and not one_group and bool(view.carries.any())
    return _Evidence(
        seen=seen,
        expected=expected,
        bands=_counts(found, len(view), len(landmarks)),
        rates=rates,
        colours=_colours(setting) if setting.closed else None,
        whole=_whole(setting, landmarks),
        pairs=gather(view, landmarks, [_with_contents(view, one) for one in (meetings, banded)]) if compared else None,
    )


def _with_contents(view: View, found: Meetings) -> Meetings:
    """Keep the meetings in codes whose contents are visible."""
    return found.take(view.carries[found.position])


def _whole(setting: _Setting, landmarks: Landmarks) -> NDArray[np.float32] | None:
    """Score contents that are comparable across match keys: all in one group, or their fill without a pad."""
    view, predicted = setting.view, setting.predicted
    if _one_group(view):
        return whole_contents(view, landmarks, predicted)
    return None if view.encoding.padded or not predicted.has_contents else shape.scores(view, predicted)


def _counts(found: Meetings, n: int, k: int) -> sparse.csr_matrix:
    ones = np.ones(len(found), np.float32)
    return sparse.csr_matrix((ones, (found.row, found.landmark)), (n, k))


def _colours(setting: _Setting) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Refine the two graphs, starting with a distinct colour for each known pair."""
    view, predicted, known = setting.view, setting.predicted, setting.known
    kinds = exact_kinds(view)
    graphs = Graph.of(view.key[:, view.exact], kinds), Graph.of(predicted.exact_keys, kinds)
    first = np.zeros(len(view), np.uint64), np.zeros(len(predicted), np.uint64)
    first[0][known.row] = first[1][known.candidate] = np.arange(1, len(known) + 1, dtype=np.uint64)
    return refine(*graphs, first)


def _with_evidence(evidence: _Evidence) -> Ints:
    """List the records that share anything with a landmark."""
    met = np.asarray(evidence.seen.sum(axis=1)).ravel() + np.asarray(evidence.bands.sum(axis=1)).ravel()
    return np.flatnonzero(met)


def _keys(evidence: _Evidence, rows: Ints) -> NDArray[np.float32]:
    """Score all candidates for some records by shared match keys, bands and colours: (r, N) float32."""
    seen, expected, holders = evidence.seen[rows], evidence.expected, evidence.holders
    bands = evidence.bands[rows]
    own, theirs = (np.asarray(one.sum(axis=1), np.float32).ravel() for one in (seen, expected))
    score = _key_scores(
        seen.indptr, seen.indices, own, holders.indptr, holders.indices, theirs,
        bands.indptr, bands.indices, bands.data, evidence.log_rates, evidence.rate_sums,
    )  # fmt: skip
    if evidence.colours is not None:
        score += COLOUR * (evidence.colours[0][rows][:, None] == evidence.colours[1][None])
    return np.asarray(score, np.float32)


@numba.njit(cache=True, nogil=True)
def _key_scores(
    seen_starts: Any,
    seen_features: Any,
    seen_number: Any,
    holder_starts: Any,
    holders: Any,
    expected_number: Any,
    band_starts: Any,
    band_landmarks: Any,
    band_counts: Any,
    log_rates: Any,
    rate_sums: Any,
) -> Any:
    """Score by match keys that are shared on one side only, and by Poisson likelihoods of shared bands.

    A record at a time, so that what is added up stays in the caches of a processor.
    """
    n, n_candidates = len(seen_starts) - 1, len(expected_number)
    score = np.empty((n, n_candidates), np.float32)
    both = np.zeros(n_candidates, np.float32)
    likely = np.zeros(n_candidates, np.float32)
    for i in range(n):
        both[:] = 0
        for place in range(seen_starts[i], seen_starts[i + 1]):
            feature = seen_features[place]
            for held in range(holder_starts[feature], holder_starts[feature + 1]):
                both[holders[held]] += np.float32(1)
        for j in range(n_candidates):
            lacking = (seen_number[i] + expected_number[j]) - np.float32(2) * both[j]
            score[i, j] = np.float32(-MISMATCH) * lacking
        if not len(log_rates):
            continue
        likely[:] = 0
        for place in range(band_starts[i], band_starts[i + 1]):
            count, rates = band_counts[place], log_rates[band_landmarks[place]]
            for j in range(n_candidates):
                likely[j] += count * rates[j]
        for j in range(n_candidates):
            score[i, j] += likely[j] - rate_sums[j]
    return score
