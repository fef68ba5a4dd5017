"""Learn a dictionary of bits and tokens inside a group from its known members.

An attacker who knows some members of a group knows their tokens and learns which bits each token sets, and so reads
the contents of the other members. Bit positions and pad are the same for all under one match key, so the dictionary
holds inside the group and only there. The attack published as NEPAL extends the matches of a graph attack
([Vidanage2020], [Schaefer2024]) in this way, by training on them. Differs from it: each pair of bit and token has its
own smoothed estimate, and candidates are scored by naive Bayes.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from benchmarks.attacks.evidence.scoring import Landmarks
from benchmarks.attacks.evidence.signals import Predicted, segment_tokens
from benchmarks.attacks.metrics import Claims
from benchmarks.attacks.world.view import View

__all__ = ["attack", "learn", "read"]

LEAST_KNOWN: Final = 10
"""Known members of a group below which nothing is learned."""

WEIGHT: Final = 1.0
"""Weight, in observations, of a bit's overall frequency in the estimate for a token."""

STEADY: Final = 0.02
"""Estimates stay this far from 0 and 1, since another token may set the bit too."""

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


def attack(view: View, predicted: Predicted, known: Landmarks, *, rng: np.random.Generator) -> Claims:
    """Claim candidates for unknown members of groups that have known ones.

    Args:
        view: The registry.
        predicted: What the attacker computes.
        known: The known pairs.
        rng: Breaks ties.

    Returns:
        The claims; nothing is claimed outside these groups.
    """
    claims = Claims.none(len(view))
    candidate_of = np.full(len(view), -1)
    candidate_of[known.row] = known.candidate
    groups = _groups(view, candidate_of)
    if not groups:
        return claims
    segments = view.encoding.layout
    tokens = [segment_tokens(predicted, segment.field) for segment in segments]
    for row, place in groups:
        seen = candidate_of[row] >= 0
        free = _members(view, predicted, known, row[seen])
        score = np.zeros((int((~seen).sum()), len(free)), np.float32)
        every = np.unpackbits(np.ascontiguousarray(view.words[row, place]).view(np.uint8), axis=1, bitorder="little")
        for segment, has in zip(segments, tokens, strict=True):
            bits = every[:, segment.first_bit : segment.first_bit + segment.n_bits].astype(np.float32)
            score += read(bits[~seen], has[free], learn(bits[seen], has[candidate_of[row[seen]]]))
        _take(claims, row[~seen], free, score + rng.random(score.shape, np.float32) * 1e-3)
    claims.candidate[known.row], claims.confidence[known.row] = known.candidate, 1e9
    return claims


def _groups(view: View, candidate_of: Ints) -> list[tuple[Ints, Ints]]:
    """List the groups with enough known members and some unknown ones, as rows and positions of their codes."""
    order = np.argsort(view.key.ravel(), kind="stable")
    flat = view.key.ravel()[order]
    starts = np.flatnonzero(np.r_[True, flat[1:] != flat[:-1], True])
    found = []
    for begin, end in pairwise(starts.tolist()):
        if end - begin > LEAST_KNOWN:
            row, place = np.divmod(order[begin:end], view.key.shape[1])
            if LEAST_KNOWN <= (candidate_of[row] >= 0).sum() < len(row):
                found.append((row, place))
    return found


def _members(view: View, predicted: Predicted, known: Landmarks, rows: Ints) -> Ints:
    """List the unknown candidates in the group of the known members, or all if the group cannot be predicted."""
    candidates = known.candidate[np.isin(known.row, rows)]
    free = np.setdiff1d(np.arange(len(predicted)), known.candidate)
    keys = predicted.exact_keys
    if not keys.shape[1]:
        return free
    values, count = np.unique(keys[candidates], return_counts=True)
    shared = values[count >= len(candidates)]
    if not len(shared):
        return free
    inside = free[np.isin(keys[free], shared).any(axis=1)]
    return inside if len(inside) else free


def learn(bits: Floats, tokens: sparse.csr_matrix) -> tuple[Floats, Floats]:
    """Learn how each token changes the odds of each bit.

    Args:
        bits: (k, m) contents of known members.
        tokens: (k, t) their tokens.

    Returns:
        Log-odds of each bit, (m,), and what each token adds to them, (t, m).
    """
    base = np.clip((bits.sum(axis=0) + WEIGHT) / (len(bits) + 2 * WEIGHT), STEADY, 1 - STEADY)
    count = np.asarray(tokens.sum(axis=0)).ravel()[:, None]
    share = np.clip((tokens.T @ bits + WEIGHT * base) / (count + WEIGHT), STEADY, 1 - STEADY)
    odds = np.log(base / (1 - base))
    return odds.astype(np.float32), (np.log(share / (1 - share)) - odds).astype(np.float32)


def read(bits: Floats, tokens: sparse.csr_matrix, dictionary: tuple[Floats, Floats]) -> Floats:
    """Score candidates by how likely a dictionary makes the bits.

    Args:
        bits: (n, m) contents to be read.
        tokens: (N, t) tokens of the candidates.
        dictionary: The result of `learn`.

    Returns:
        (n, N) float32, log-likelihoods.
    """
    odds, adds = dictionary
    logits = np.clip(odds + tokens @ adds, -4, 4)
    one = -np.log1p(np.exp(-logits))
    return np.asarray(bits @ one.T + (1 - bits) @ (one - logits).T, np.float32)


def _take(claims: Claims, rows: Ints, candidates: Ints, score: Floats) -> None:
    """Record the best candidates where they are more confident than the claims so far."""
    if score.shape[1] < 2:
        return
    top = np.partition(score, -2, axis=1)[:, -2:]
    margin = top[:, 1] - top[:, 0]
    better = margin > claims.confidence[rows]
    claims.candidate[rows[better]] = candidates[score.argmax(axis=1)[better]]
    claims.confidence[rows[better]] = margin[better]
