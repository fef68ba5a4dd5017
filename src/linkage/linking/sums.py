"""Sums that are the same to the last bit whatever the order of their terms, and whoever adds which of them.

Terms are rounded to fixed point in two limbs of 64 bits: multiples of 2^-20, and what is left in multiples of 2^-52.
Whole numbers can be added in any order, so a sum over parts of the data can be added to that over the others, as an
engine with several workers does. Each term is off by at most 2^-53.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["joined", "limb_sums", "stable_sum", "stable_sums"]

HIGH: Final = float(1 << 20)
"""Steps of one in the high limb; what is left of a term is at most half of one."""

LOW: Final = float(1 << 52)
"""Steps of one in the low limb, in which a term has at most 2^31: 2^32 terms fit."""

LIMIT: Final = float(1 << 42)
"""Limit of the sum of magnitudes, half of what the high limb holds: the library sums probabilities and log odds."""


def stable_sum(values: NDArray[np.float64]) -> float:
    """Sum values.

    Args:
        values: `(k,) float64`.

    Returns:
        The sum, the same to the last bit in any order.

    Raises:
        ValueError: As for `limb_sums`.
    """
    return float(stable_sums(np.zeros(len(values), np.int64), values, 1)[0])


def stable_sums(index: NDArray[np.integer], values: NDArray[np.float64], n_sums: int) -> NDArray[np.float64]:
    """Sum values by index.

    Args:
        index: `(k,)` integers, from 0 to `n_sums - 1`.
        values: `(k,) float64`.
        n_sums: Number of sums.

    Returns:
        `(n_sums,) float64`, the same to the last bit in any order.

    Raises:
        ValueError: As for `limb_sums`.
    """
    return joined(limb_sums(index, values, n_sums))


def limb_sums(index: NDArray[np.integer], values: NDArray[np.float64], n_sums: int) -> NDArray[np.int64]:
    """Sum values by index in fixed point: the sums of two parts of the data, added, are those of both.

    Args:
        index: `(k,)` integers, from 0 to `n_sums - 1`.
        values: `(k,) float64`.
        n_sums: Number of sums.

    Returns:
        `(n_sums, 2) int64`, the high and the low limb of each sum.

    Raises:
        ValueError: A value is not finite, or values are too large to be summed.
    """
    if not float(np.abs(values).max(initial=0)) * len(values) < LIMIT:
        raise ValueError("values are not finite, or too large to be summed")
    high = np.rint(values * HIGH)
    # The difference of two close numbers is exact.
    low = np.rint((values - high / HIGH) * LOW)
    sums = np.zeros((2, n_sums), np.int64)
    for limb, terms in zip(sums, (high, low), strict=True):
        np.add.at(limb, index, terms.astype(np.int64))
    return np.ascontiguousarray(sums.T)


def joined(limbs: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the sums that limbs stand for.

    Args:
        limbs: `(n_sums, 2) int64`, from `limb_sums`, or the sum of several.

    Returns:
        `(n_sums,) float64`.
    """
    return np.asarray(limbs[:, 0] / HIGH + limbs[:, 1] / LOW)
