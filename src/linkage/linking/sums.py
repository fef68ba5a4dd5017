"""Sums that are the same to the last bit whatever the order of their terms."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["stable_sum", "stable_sums"]


def stable_sum(values: NDArray[np.float64]) -> float:
    """Sum values in ascending order.

    Args:
        values: `(k,) float64`.

    Returns:
        The sum.
    """
    return float(np.sort(values).sum())


def stable_sums(index: NDArray[np.int64], values: NDArray[np.float64], n_sums: int) -> NDArray[np.float64]:
    """Sum values by index, adding those of each index in ascending order.

    Args:
        index: `(k,) int64`, from 0 to `n_sums - 1`.
        values: `(k,) float64`.
        n_sums: Number of sums.

    Returns:
        `(n_sums,) float64`.
    """
    # Two sorts by one column each are faster than one sort by two.
    order = np.argsort(values)
    order = order[np.argsort(index[order], kind="stable")]
    return np.bincount(index[order], values[order], n_sums).astype(np.float64, copy=False)
