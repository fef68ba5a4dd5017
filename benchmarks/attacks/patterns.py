"""Pattern mining: bits that one frequent token sets stand together in many filters, and give the token away.

After [Christen2018]: bits that occur together more often than chance explains are grown into patterns, patterns are
assigned to tokens by how often both occur, and each filter is read as the tokens whose patterns it holds. Differs from
the paper: patterns are grown on correlations in place of a maximal frequent item set, since our filters are half full;
and identities are claimed from the tokens that were read, by their likelihood.

Mining needs many filters that were made alike, that is, with one match key. Groups below `LEAST_GROUP` are left alone.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from benchmarks.attacks.metrics import Claims
from benchmarks.attacks.signals import Foreseen, segment_tokens
from benchmarks.attacks.view import View
from pseudonym.profile import Place

__all__ = ["attack", "mine"]

LEAST_GROUP: Final = 200
PATTERNS: Final = 40
"""Patterns that are mined of a segment; rarer tokens drown in the noise."""

HIT: Final = 0.9
MISS: Final = 0.1
"""How often a token that is assigned rightly is read where it is, and where it is not."""

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


def attack(view: View, foreseen: Foreseen, *, rng: np.random.Generator) -> Claims:
    """Claim candidates for the records of the largest groups.

    Args:
        view: The registry.
        foreseen: What the attacker computes.
        rng: Draws among candidates of one score.

    Returns:
        The claims; nothing is claimed where no group is large enough.
    """
    claims = Claims.none(len(view))
    key, size = np.unique(view.key, return_counts=True)
    for group in key[size >= LEAST_GROUP].tolist():
        row, place = np.nonzero(view.key == group)
        score = np.zeros((len(row), len(foreseen)), np.float32)
        for segment in view.encoding.layout:
            if segment.form == "filter":
                bits = _bits(view.words[row, place], segment, padded=view.encoding.padded)
                score += _read(bits, segment_tokens(foreseen, segment.field))
        score += rng.random(score.shape, np.float32) * 1e-3
        top = np.partition(score, -2, axis=1)[:, -2:]
        surer = (top[:, 1] - top[:, 0]) > claims.confidence[row]
        claims.candidate[row[surer]] = score.argmax(axis=1)[surer]
        claims.confidence[row[surer]] = (top[:, 1] - top[:, 0])[surer]
    return claims


def _bits(words: NDArray[np.uint64], segment: Place, *, padded: bool) -> Floats:
    """Give the bits of a segment, (n, bits); under a pad the rarer value of each bit is taken for a one."""
    every = np.unpackbits(np.ascontiguousarray(words).view(np.uint8), axis=1, bitorder="little")
    bits = every[:, segment.first_bit : segment.first_bit + segment.n_bits].astype(np.float32)
    return np.where(bits.mean(axis=0) > 0.5, 1 - bits, bits) if padded else bits


def _read(bits: Floats, tokens: sparse.csr_matrix) -> Floats:
    """Score candidates `(N)` for filters `(n)` by the tokens that patterns are taken for: (n, N)."""
    patterns = mine(bits)
    frequency = np.asarray(tokens.mean(axis=0)).ravel()
    frequent = np.argsort(-frequency)[: len(patterns)]
    if not patterns:
        return np.zeros((len(bits), tokens.shape[0]), np.float32)
    held = np.stack([bits[:, pattern].mean(axis=1) > HIT for pattern in patterns], axis=1).astype(np.float32)
    # By rank of how often each is there: the most frequent pattern is taken for the most frequent token.
    held = held[:, np.argsort(-held.mean(axis=0), kind="stable")][:, : len(frequent)]
    has = tokens[:, frequent].toarray()
    gain = np.float32(np.log(HIT / MISS))
    return np.asarray(gain * (held @ has.T + (1 - held) @ (1 - has).T), np.float32)


def mine(bits: Floats, *, most: int = PATTERNS) -> list[Ints]:
    """Grow patterns of bits that occur together more often than chance explains.

    Args:
        bits: (n, m) zeros and ones.
        most: Patterns to look for.

    Returns:
        Disjoint patterns of at least two bits, the most strongly bound first.
    """
    centred = bits - bits.mean(axis=0)
    spread = np.linalg.norm(centred, axis=0)
    bound = (centred.T @ centred) / np.maximum(np.outer(spread, spread), 1e-9)
    np.fill_diagonal(bound, 0)
    least = 4 / np.sqrt(len(bits))
    patterns = []
    for _ in range(most):
        seed, other = np.unravel_index(int(bound.argmax()), bound.shape)
        strength = bound[seed, other]
        if strength < least:
            break
        pattern = [int(seed), int(other)]
        order = np.argsort(-(bound[seed] + bound[other]))
        for bit in order.tolist():
            if bit not in pattern and bound[bit, pattern].min() > max(strength / 2, least):
                pattern.append(bit)
        patterns.append(np.array(pattern))
        bound[pattern] = bound[:, pattern] = 0
    return patterns
