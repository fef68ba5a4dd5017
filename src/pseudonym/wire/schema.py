"""The schema of a submission file, and conversion between its rows and plain arrays (docs/spec.md, section 8)."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pseudonym.wire.rows import RESERVED

__all__ = [
    "CASE",
    "CODE",
    "GROUP_RECORDS",
    "PAYLOAD_PREFIX",
    "RECORD_BYTES",
    "REPEATED",
    "case_columns",
    "case_schema",
    "code_columns",
    "code_schema",
    "fixed_bytes",
    "fixed_column",
    "in_one_piece",
    "submission_schema",
]

CASE: Final = 0
CODE: Final = 1
RECORD_BYTES: Final = 16
MATCH_KEY_BYTES: Final = 16
GROUP_RECORDS: Final = 8192
"""Records per row group at most, so that a reader can hold one group instead of the whole file."""

PAYLOAD_PREFIX: Final = "payload."

REPEATED: Final = ("record", "role", "status", "case_state")
"""The columns that are written as dictionaries, since their values are in many rows."""


def case_columns(items: tuple[str, ...]) -> tuple[str, ...]:
    """Return the columns of a case row, without `table`.

    Args:
        items: The item names of the codebook, in byte order.

    Returns:
        The names, in the order of the file.
    """
    return ("record", "record_id", *RESERVED, *(PAYLOAD_PREFIX + item for item in items))


def code_columns() -> tuple[str, ...]:
    """Return the columns of a code row, without `table`."""
    return ("record", "kind", "match_key", "content")


def submission_schema(content_bytes: int, items: tuple[str, ...]) -> pa.Schema:
    """Return the schema of a submission file.

    Args:
        content_bytes: Length of a content under the profile.
        items: The item names of the codebook, in byte order.

    Returns:
        The schema, without metadata.
    """
    return pa.schema(
        [
            pa.field("table", pa.uint8(), nullable=False),
            pa.field("record", pa.binary(RECORD_BYTES), nullable=False),
            pa.field("kind", pa.uint8()),
            pa.field("match_key", pa.binary(MATCH_KEY_BYTES)),
            pa.field("content", pa.binary(content_bytes)),
            *(pa.field(name, pa.string()) for name in case_columns(items)[1:]),
        ]
    )


def case_schema(items: tuple[str, ...]) -> pa.Schema:
    """Return the schema of case rows, without `table`.

    Args:
        items: The item names of the codebook, in byte order.
    """
    # It has no contents, so their length does not matter.
    whole = submission_schema(1, items)
    return pa.schema([whole.field(name) for name in case_columns(items)])


def code_schema(content_bytes: int) -> pa.Schema:
    """Return the schema of code rows, without `table`; every value is required.

    Args:
        content_bytes: Length of a content under the profile.
    """
    whole = submission_schema(content_bytes, ())
    return pa.schema([whole.field(name).with_nullable(False) for name in code_columns()])


def fixed_column(values: NDArray[np.uint8]) -> pa.FixedSizeBinaryArray:
    """Turn rows of bytes into an Arrow column.

    Args:
        values: `(n, bytes) uint8`.

    Returns:
        A column of fixed-size binary values; the bytes are copied.
    """
    # A view has to be made contiguous in any case; an array of its own may be written to later.
    data = pa.py_buffer(np.array(values, order="C", copy=True))
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(values.shape[1]), values.shape[0], [None, data])


def fixed_bytes(column: Any) -> NDArray[np.uint8]:
    """Turn an Arrow column of fixed-size binary values without nulls into rows of bytes.

    Args:
        column: An Arrow array or chunked array.

    Returns:
        `(n, bytes) uint8`, a view where Arrow allows it.
    """
    width, array = column.type.byte_width, in_one_piece(column)
    if len(array) == 0:
        return np.zeros((0, width), np.uint8)
    raw = np.frombuffer(array.buffers()[1], np.uint8)
    return raw[array.offset * width : (array.offset + len(array)) * width].reshape(len(array), width)


def in_one_piece(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return a column as one array, which is not copied if it is one already.

    Args:
        column: An Arrow array or chunked array.
    """
    if not isinstance(column, pa.ChunkedArray):
        return column
    return column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays([*column.chunks, pa.array([], column.type)])
