"""Contents of codes as rows of bytes: as they are stored, plain, and as an Arrow column."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkage.engines.base import Cipher

__all__ = ["contents", "fixed", "plain_contents", "stored_contents"]


def contents(codes: pa.Table, cipher: Cipher | None) -> NDArray[np.uint8]:
    """Return the plain contents of codes.

    Args:
        codes: Columns `content` and, if contents are enciphered, `batch` and `number`.
        cipher: Takes stored codes to plain ones; None if they are stored as they are.

    Returns:
        (n, content_bytes) uint8.

    Raises:
        ValueError: Contents differ in length.
    """
    return plain_contents(stored_contents(codes["content"]), codes, slice(None), cipher)


def plain_contents(
    stored: NDArray[np.uint8], codes: pa.Table, rows: NDArray[np.intp] | slice, cipher: Cipher | None
) -> NDArray[np.uint8]:
    """Decipher the contents of some rows of a table."""
    if cipher is None:
        return stored
    batch, number = (codes[name].to_numpy()[rows] for name in ("batch", "number"))
    return cipher.contents(stored, batch, number)


def stored_contents(column: pa.ChunkedArray) -> NDArray[np.uint8]:
    """Return contents as rows of bytes, as they are stored.

    Raises:
        ValueError: Contents differ in length.
    """
    parts, widths = [], set()
    for chunk in filter(len, column.chunks):
        ends = np.frombuffer(chunk.buffers()[1], np.int32)[chunk.offset : chunk.offset + len(chunk) + 1]
        widths |= set(np.unique(np.diff(ends)).tolist())
        parts.append(np.frombuffer(chunk.buffers()[2] or b"", np.uint8)[ends[0] : ends[-1]])
    if len(widths) > 1:
        raise ValueError("contents differ in length")
    return np.concatenate([np.zeros(0, np.uint8), *parts]).reshape(len(column), max(widths, default=0))


def fixed(rows: NDArray[np.uint8]) -> pa.FixedSizeBinaryArray:
    """View rows of bytes as an Arrow column, without copying them."""
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(rows.shape[1]), len(rows), [None, pa.py_buffer(rows)])
