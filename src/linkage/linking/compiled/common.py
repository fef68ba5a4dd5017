"""Whom two records have in common, compiled."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from linkage.linking.compiled.jit import compiled

__all__ = ["n_in_common"]


@compiled
def n_in_common(
    starts: NDArray[np.int64],
    values: NDArray[np.int32],
    ends: NDArray[np.int64],
    chosen: NDArray[np.int64],
    most: int,
    found: NDArray[np.int8],
) -> None:
    """Count the values that both records of a pair have.

    Args:
        starts: `(n + 1,) int64`, the first value of each record, and the end.
        values: `(v,) int32`, those of each record ascending, none twice.
        ends: `(p, 2) int64`, the indices of the records of each pair.
        chosen: `(c,) int64`, the indices of the pairs to be looked at.
        most: Where counting stops.
        found: `(c,) int8`, written: the numbers, at most `most`.
    """
    for row in range(len(chosen)):
        one, other = ends[chosen[row], 0], ends[chosen[row], 1]
        left, right, n = starts[one], starts[other], 0
        while left < starts[one + 1] and right < starts[other + 1] and n < most:
            if values[left] < values[right]:
                left += 1
            elif values[left] > values[right]:
                right += 1
            else:
                n, left, right = n + 1, left + 1, right + 1
        found[row] = n
