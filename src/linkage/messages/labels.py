"""Groups of records in draws of partitions, as the linkage unit stores and hands them over: a few bytes a record."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

__all__ = ["packed", "unpacked"]

_NARROW = 1 << 8


def packed(labels: NDArray[np.int16]) -> pa.Array:
    """Pack the labels of each record: a byte a draw, or two if any of its labels needs them.

    Args:
        labels: `(v, d) int16`, not negative.

    Returns:
        `(v,)` of binary, little-endian.
    """
    wide = labels.max(axis=1, initial=0) >= _NARROW
    narrow = labels.astype(np.uint8)
    rows = [labels[row].astype("<u2").tobytes() if wide[row] else narrow[row].tobytes() for row in range(len(labels))]
    return pa.array(rows, pa.binary())


def unpacked(column: pa.ChunkedArray, draws: int) -> NDArray[np.int64]:
    """Unpack what `packed` has packed.

    Args:
        column: `(v,)` of binary.
        draws: Number of draws `d`.

    Returns:
        `(v, d) int64`.

    Raises:
        ValueError: A value has another length.
    """
    found = np.empty((len(column), draws), np.int64)
    for row, value in enumerate(column.to_pylist()):
        if len(value) not in {draws, 2 * draws}:
            raise ValueError("labels of another number of draws")
        found[row] = np.frombuffer(value, np.uint8 if len(value) == draws else "<u2")
    return found
