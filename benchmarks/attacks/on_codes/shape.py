"""Shape: what the numbers of codes and of ones reveal about a record without any comparison.

The fill of a filter reveals the number of tokens, as [Niedermeyer2014] and others note, and a missing field shows as an
empty segment. Padded contents should reveal neither; an unpadded profile is the positive control.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.attacks.evidence.signals import Predicted, masks
from benchmarks.attacks.metrics import Claims
from benchmarks.attacks.world.view import View
from pseudonym.profile import Encoding

__all__ = ["attack", "figures", "popcounts", "scores"]

EFFECTIVE: Final = 8.0
"""Independent observations that the median over a record's codes is worth."""

Floats = NDArray[np.float32]


def popcounts(words: NDArray[np.uint64], encoding: Encoding) -> Floats:
    """Count ones by segment.

    Args:
        words: (…, w) uint64, contents.
        encoding: Says where segments stand.

    Returns:
        (…, segments) float32.
    """
    result = np.zeros((*words.shape[:-1], len(encoding.layout)), np.float32)
    for feature, word, mask in masks(encoding):
        if feature < result.shape[-1]:
            result[..., feature] += np.bitwise_count(words[..., word] & np.uint64(mask))
    return result


def scores(view: View, predicted: Predicted) -> Floats:
    """Score every candidate for every record by how well its fill fits.

    Args:
        view: The registry.
        predicted: What the attacker computes.

    Returns:
        (n, N) float32, log-likelihoods up to a constant for each record.
    """
    # Missing codes are noise, but most codes of a record are present.
    seen = np.median(popcounts(view.words, view.encoding), axis=1)
    simulated = popcounts(predicted.contents(np.arange(len(predicted))), view.encoding)
    expected = simulated.mean(axis=1)
    noise = simulated.var(axis=1, ddof=1).mean(axis=0) if simulated.shape[1] > 1 else np.ones(expected.shape[1])
    scale = 1 / np.sqrt(noise * (1 / EFFECTIVE + 1 / simulated.shape[1]) + 0.05)
    one, other = (seen * scale).astype(np.float32), (expected * scale).astype(np.float32)
    return np.asarray(one @ other.T - 0.5 * (other**2).sum(axis=1), np.float32)


def attack(view: View, predicted: Predicted, *, rng: np.random.Generator) -> Claims:
    """Claim for each record the candidate whose fill fits best.

    Args:
        view: The registry.
        predicted: What the attacker computes.
        rng: Breaks ties.

    Returns:
        The claims.
    """
    score = scores(view, predicted)
    score += rng.random(score.shape, np.float32) * 1e-3
    top = np.partition(score, -2, axis=1)[:, -2:]
    return Claims(score.argmax(axis=1), (top[:, 1] - top[:, 0]).astype(float))


def figures(view: View) -> dict[str, Any]:
    """Return the number of codes per record, which is the same for all."""
    return {"codes_a_record": view.key.shape[1], "equal_for_all": True}
