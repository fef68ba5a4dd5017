"""Pattern mining: the bits set by a frequent token occur together in many filters and give the token away.

After [Christen2018]: bits that occur together more often than by chance are grown into patterns, patterns are assigned
to tokens by frequency and co-occurrence, and each filter is read as the tokens whose patterns it holds. Differs from
the paper: patterns are grown on correlations instead of a maximal frequent item set, since our filters are half full,
and then extended to the number of bits that a token sets; patterns are assigned by `alignment`; and identities are
claimed by the likelihood of the tokens read.

Mining needs many filters with the same bit positions, that is, with one match key. Groups below `LEAST_GROUP` are
skipped.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from benchmarks.attacks.evidence.alignment import Items, align, claim, scores
from benchmarks.attacks.evidence.signals import Predicted, segment_tokens
from benchmarks.attacks.metrics import Claims
from benchmarks.attacks.world.view import View
from pseudonym.profile import Place

__all__ = ["attack", "mine", "read", "settle"]

LEAST_GROUP: Final = 200
PATTERNS: Final = 60
"""Patterns to mine per segment; rarer tokens are lost in the noise."""

LEAST_HELD: Final = 8
"""Minimum number of filters with a pattern for it to be learned."""

TURNS: Final = 6
LIKELY: Final = (0.85, 0.85, 0.95)
"""Share of a pattern's filters that must have a bit for it to belong, by turn; later turns use the last."""

COMPLETE: Final = 0.6
"""Minimum share of a token's bits in a pattern."""

SPARE: Final = 2
"""Hash functions assumed to hit a bit that is already set."""

SAME: Final = 0.85
"""Correlation from which two patterns belong to one token."""

RARER: Final = 6
"""Candidate tokens per pattern, the most frequent ones."""

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


def attack(view: View, predicted: Predicted, *, rng: np.random.Generator) -> Claims:
    """Claim candidates for the records of the largest groups.

    Args:
        view: The registry.
        predicted: What the attacker computes.
        rng: Breaks ties.

    Returns:
        The claims; a record outside large groups gets a random candidate.
    """
    key, size = np.unique(view.key, return_counts=True)
    everybody = np.arange(len(predicted))
    scored = []
    for group in key[size >= LEAST_GROUP].tolist():
        rows, place = np.nonzero(view.key == group)
        for segment, hashes in _filters(view):
            bits = _bits(view.words[rows, place], segment, padded=view.encoding.padded)
            scored.append((rows, everybody, read(bits, segment_tokens(predicted, segment.field), hashes)))
    return claim(scored, (len(view), len(predicted)), rng)


def _filters(view: View) -> list[tuple[Place, int]]:
    """List the segments that are filters, with their numbers of hash functions."""
    encoding = view.encoding
    return [
        (place, segment.hashes)
        for place, segment in zip(encoding.layout, encoding.segments, strict=True)
        if segment.hashes is not None
    ]


def _bits(words: NDArray[np.uint64], segment: Place, *, padded: bool) -> Floats:
    """Return the bits of a segment, (n, bits); under a pad, the rarer value of each bit counts as one."""
    every = np.unpackbits(np.ascontiguousarray(words).view(np.uint8), axis=1, bitorder="little")
    bits = every[:, segment.first_bit : segment.first_bit + segment.n_bits].astype(np.float32)
    return np.where(bits.mean(axis=0) > 0.5, 1 - bits, bits) if padded else bits


def read(bits: Floats, tokens: sparse.csr_matrix, hashes: int) -> Floats:
    """Score candidates for filters by the tokens that the patterns are matched with.

    Args:
        bits: (n, m) filters.
        tokens: (N, t) tokens of the candidates.
        hashes: Bits that a token sets.

    Returns:
        (n, N) float32, log-likelihoods; zeros if no pattern is found.
    """
    seen = settle(bits, mine(bits), hashes)
    frequency = np.asarray(tokens.mean(axis=0)).ravel()
    frequent = np.argsort(-frequency, kind="stable")[: RARER * seen.shape[1]]
    if not len(frequent):
        return np.zeros((len(bits), tokens.shape[0]), np.float32)
    one_kind = np.zeros(seen.shape[1], np.int64), np.zeros(len(frequent), np.int64)
    shown, expected = Items(seen, one_kind[0]), Items(tokens[:, frequent].toarray(), one_kind[1])
    return scores(shown, expected, align(shown, expected))


def mine(bits: Floats, *, most: int = PATTERNS) -> list[Ints]:
    """Grow patterns of bits that occur together more often than by chance.

    Args:
        bits: (n, m) zeros and ones.
        most: Most patterns to find.

    Returns:
        Disjoint patterns of at least two bits, the most strongly correlated first.
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


def settle(bits: Floats, patterns: list[Ints], hashes: int) -> Floats:
    """Extend patterns to all bits of their tokens, and return the filters that hold each token.

    Many filters have all bits of a short pattern by chance, but hardly any those of a whole token.

    Args:
        bits: (n, m) filters.
        patterns: The result of `mine`.
        hashes: Bits that a token sets.

    Returns:
        (n, tokens) float32, for distinct tokens only.
    """
    columns: list[Floats] = []
    for pattern in patterns:
        held = _completed(bits, pattern, max(hashes - SPARE, 2))
        if held is None:
            continue
        if all(abs(np.corrcoef(held, other)[0, 1]) < SAME for other in columns):
            columns.append(held.astype(np.float32))
    return np.stack(columns, axis=1) if columns else np.zeros((len(bits), 0), np.float32)


def _completed(bits: Floats, pattern: Ints, size: int) -> NDArray[np.bool_] | None:
    """Replace the bits of a pattern by those most typical of its filters, until it is stable."""
    base, spread = bits.mean(axis=0), np.maximum(bits.std(axis=0), 1e-9)
    held = bits[:, pattern].min(axis=1) > 0
    for turn in range(TURNS):
        if held.sum() < LEAST_HELD or held.all():
            return None
        inside = bits[held].mean(axis=0)
        fit = np.flatnonzero(inside >= LIKELY[min(turn, len(LIKELY) - 1)])
        if len(fit) < COMPLETE * size:
            return None
        fit = fit[np.argsort(-((inside - base) / spread)[fit], kind="stable")][:size]
        before, held = held, bits[:, fit].min(axis=1) > 0
        if np.array_equal(before, held):
            break
    return held if LEAST_HELD <= held.sum() < len(held) else None
