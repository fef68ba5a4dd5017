"""The similarity of filters: of two, and of many with many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from pseudonym.classic.bits import Filters, bit_matrix, same_length
from pseudonym.classic.rules import classic_error

if TYPE_CHECKING:
    from bitarray import bitarray

__all__ = ["bit_weights", "dice", "dice_matrix", "jaccard", "jaccard_matrix"]

TILE: Final = 1024
"""Rows that are multiplied at a time, so that memory is that of the result and little more."""

Floats = NDArray[np.float64]


def dice(a: bitarray, b: bitarray) -> float:
    """Return the Dice coefficient [Dice1945]: twice the shared bits, over the bits of both.

    Args:
        a: A filter.
        b: Another one of the same length.

    Returns:
        The coefficient, from 0 to 1; of two empty filters 0, since nothing speaks for them.

    Raises:
        ClassicError: `classic.lengths`.

    Sees: neither
    """
    same_length(a, b)
    both = a.count() + b.count()
    return 2 * (a & b).count() / both if both else 0.0


def jaccard(a: bitarray, b: bitarray) -> float:
    """Return the Jaccard coefficient [Jaccard1912]: the shared bits, over those that either has.

    It orders pairs as the Dice coefficient does: it is `d / (2 - d)`.

    Args:
        a: A filter.
        b: Another one of the same length.

    Returns:
        The coefficient, from 0 to 1; of two empty filters 0.

    Raises:
        ClassicError: `classic.lengths`.

    Sees: neither
    """
    same_length(a, b)
    either = (a | b).count()
    return (a & b).count() / either if either else 0.0


def dice_matrix(a: Filters, b: Filters | None = None, *, weights: Sequence[float] | Floats | None = None) -> Floats:
    """Return the Dice coefficients of many filters with many.

    Args:
        a: `n` filters of `m` bits: bitarrays, or `(n, m)` zeros and ones.
        b: `k` filters of `m` bits; None for those of `a`.
        weights: `(m,)`, the weight of each bit, such as `bit_weights` gives; None for 1. With weights, the sums of the
            weights stand in place of the numbers of bits.

    Returns:
        `(n, k) float64`, row by row the similarities of a filter of `a`; without weights equal to those of `dice`.

    Raises:
        ClassicError: `classic.bits`, `classic.lengths` or `classic.weights`.

    Sees: neither
    """
    return _matrix(a, b, weights, lambda shared, both: (2 * shared, both))


def jaccard_matrix(a: Filters, b: Filters | None = None, *, weights: Sequence[float] | Floats | None = None) -> Floats:
    """Return the Jaccard coefficients of many filters with many.

    Args:
        a: As for `dice_matrix`.
        b: As for `dice_matrix`.
        weights: As for `dice_matrix`.

    Returns:
        `(n, k) float64`; without weights equal to those of `jaccard`.

    Raises:
        ClassicError: As for `dice_matrix`.

    Sees: neither
    """
    return _matrix(a, b, weights, lambda shared, both: (shared, both - shared))


def bit_weights(filters: Filters) -> Floats:
    """Return how much it says that two filters share a bit: the information of the bit, by how many filters have it.

    Args:
        filters: `n` filters of `m` bits.

    Returns:
        `(m,) float64`, `log2(n / count)` of each bit, where `count` is its population count over the filters; 0 for a
        bit that all or none of them have.

    Raises:
        ClassicError: `classic.bits` or `classic.lengths`.

    Sees: neither
    """
    bits = bit_matrix(filters)
    counts = bits.sum(axis=0, dtype=np.int64)
    return np.where(counts > 0, np.log2(max(len(bits), 1) / np.maximum(counts, 1)), 0.0)


def _matrix(
    a: Filters, b: Filters | None, weights: Any, parts: Callable[[Floats, Floats], tuple[Floats, Floats]]
) -> Floats:
    left = bit_matrix(a)
    right = left if b is None else bit_matrix(b)
    found = np.zeros((len(left), len(right)))
    if not found.size:
        return found
    if left.shape[1] != right.shape[1]:
        raise classic_error("classic.lengths")
    factor = _factor(weights, left.shape[1])
    ones_right = right @ factor
    # Sums of ones are exact in 32 bits, in which they are multiplied twice as fast.
    columns: NDArray[Any] = right.T.astype(np.float32 if weights is None else np.float64)
    for start in range(0, len(left), TILE):
        rows = left[start : start + TILE]
        scaled: NDArray[Any] = rows * factor.astype(columns.dtype)
        shared = scaled @ columns
        both = (rows @ factor)[:, None] + ones_right[None, :]
        over, under = parts(shared.astype(np.float64), both)
        np.divide(over, under, out=found[start : start + TILE], where=under > 0)
    return found


def _factor(weights: Any, n_bits: int) -> Floats:
    if weights is None:
        return np.ones(n_bits)
    try:
        factor = np.asarray(weights, np.float64)
    except (TypeError, ValueError):
        raise classic_error("classic.weights", field="weights") from None
    if factor.shape != (n_bits,) or not np.isfinite(factor).all() or factor.min(initial=0.0) < 0:
        raise classic_error("classic.weights", field="weights")
    return factor
