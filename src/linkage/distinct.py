"""The distinct values of an array, by sorting."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["distinct"]

T = TypeVar("T", bound=np.integer)


def distinct(values: NDArray[T]) -> NDArray[T]:
    """Return the distinct values of an array of integers, ascending, as `numpy.unique` does.

    `numpy.unique` puts integers into a hash table since numpy 2.3, which takes ten times as long for millions of them
    as sorting does.

    Args:
        values: Of any shape.

    Returns:
        `(d,)`, of the same type.
    """
    ordered = np.sort(values, axis=None)
    return np.asarray(ordered[np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]])
