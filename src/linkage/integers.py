"""Arrays of integers: two as one, the distinct ones, and which are among others."""

from __future__ import annotations

from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["among", "combined", "distinct"]

T = TypeVar("T", bound=np.integer)

HALF: Final = np.uint64(32)


def combined(first: NDArray[np.integer], second: NDArray[np.integer]) -> NDArray[np.uint64]:
    """Combine two integers from 0 to below 2^32 into one of 64 bits, which sorts as the two do, and faster.

    Args:
        first: `(n,)`, by which the result sorts first.
        second: `(n,)`.

    Returns:
        `(n,)`.
    """
    return first.astype(np.uint64) << HALF | second.astype(np.uint64)


def distinct(values: NDArray[T]) -> NDArray[T]:
    """Return the distinct values of an array, ascending, as `numpy.unique` does.

    `numpy.unique` puts integers into a hash table since numpy 2.3, which takes ten times as long for millions of them
    as sorting does.

    Args:
        values: Of any shape.

    Returns:
        `(d,)`, of the same type.
    """
    ordered = np.sort(values, axis=None)
    return np.asarray(ordered[np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]])


def among(ascending: NDArray[Any], wanted: NDArray[Any]) -> NDArray[np.bool_]:
    """Return which values are among others, by binary search.

    Args:
        ascending: `(m,)`, the others, in ascending order.
        wanted: `(n,)`.

    Returns:
        `(n,)`.
    """
    if not len(ascending):
        return np.zeros(len(wanted), np.bool_)
    place = np.minimum(np.searchsorted(ascending, wanted), len(ascending) - 1)
    return np.asarray(ascending[place] == wanted)
