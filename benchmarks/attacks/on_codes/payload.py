"""Payload: the plain items beside the codes identify persons without any code.

The built-in codebook has municipality, age at the event and sex, which an attacker knows about the persons it looks
for. Reported are the share of records that these items make unique among all candidates, and the expected gain of a
guess, that is, the mean of one over the number of fitting candidates. `known` combines the payload with codes.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.attacks.metrics import Claims

__all__ = ["CODEBOOK", "attack", "figures", "fitting"]

CODEBOOK: Final = "case-registry"
"""The codebook whose items are measured."""

BLOCK: Final = 256

Ints = NDArray[np.int64]


def fitting(seen: Ints, known: Ints) -> NDArray[np.bool_]:
    """Mark the candidates that a payload does not contradict.

    Args:
        seen: (n, items) codes in the registry, -1 for unknown.
        known: (N, items) codes that the attacker knows.

    Returns:
        (n, N) bool.
    """
    fits = np.ones((len(seen), len(known)), dtype=bool)
    for item in range(seen.shape[1]):
        mine, theirs = seen[:, item][:, None], known[:, item][None]
        fits &= (mine == theirs) | (mine < 0) | (theirs < 0)
    return fits


def attack(seen: Ints, known: Ints, *, rng: np.random.Generator) -> Claims:
    """Claim for each record one of the candidates that fit.

    Args:
        seen: (n, items) codes in the registry.
        known: (N, items) codes that the attacker knows.
        rng: Draws among the fitting candidates.

    Returns:
        The claims; their confidence is minus the number of fitting candidates.
    """
    claims = Claims.none(len(seen))
    for first in range(0, len(seen), BLOCK):
        fits = fitting(seen[first : first + BLOCK], known)
        size = fits.sum(axis=1)
        drawn = np.where(fits, rng.random(fits.shape, np.float32), -1).argmax(axis=1)
        part = slice(first, first + BLOCK)
        claims.candidate[part] = np.where(size > 0, drawn, -1)
        claims.confidence[part] = np.where(size > 0, -size, -np.inf)
    return claims


def figures(seen: Ints, known: Ints) -> dict[str, Any]:
    """Measure uniqueness and the expected gain of a guess.

    Args:
        seen: (n, items) codes in the registry.
        known: (N, items) codes that the attacker knows.

    Returns:
        Figures of JSON types.
    """
    sizes = [fitting(seen[first : first + BLOCK], known).sum(axis=1) for first in range(0, len(seen), BLOCK)]
    size = np.concatenate(sizes)
    return {
        "codebook": CODEBOOK,
        "unique": round(float((size == 1).mean()), 4),
        "at_most_four": round(float((size <= 4).mean()), 4),
        "expected_gain_of_a_guess": round(float((1 / np.maximum(size, 1)).mean()), 4),
        "median_fitting": float(np.median(size)),
    }
