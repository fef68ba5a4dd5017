"""Make a group of records ready for a submission: codes in byte order, and a digest of each record."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pseudonym.wire.digests import DIGEST_BYTES, cases_in_bytes, record_digests
from pseudonym.wire.order import code_order, take_rows
from pseudonym.wire.schema import RECORD_BYTES, case_columns, fixed_column

__all__ = ["DIGEST", "group_schema", "make_group"]

DIGEST = "digest"
"""The last column of a group: the digest of each record."""


def group_schema(items: tuple[str, ...]) -> pa.Schema:
    """Return the schema of a group: handle, codes in byte order as one value, case row, digest.

    Args:
        items: The item names of the codebook, in byte order.
    """
    names = case_columns(items)[1:]
    return pa.schema(
        [
            pa.field("record", pa.binary(RECORD_BYTES), nullable=False),
            pa.field("codes", pa.binary()),
            *(pa.field(name, pa.string()) for name in names),
            pa.field(DIGEST, pa.binary(DIGEST_BYTES)),
        ]
    )


def make_group(
    ids: NDArray[np.uint8],
    cases: Sequence[Sequence[str | None]],
    codes: tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]],
    items: tuple[str, ...],
) -> pa.RecordBatch:
    """Make a group of records ready for `SubmissionWriter.add_group`, in this process or another.

    Args:
        ids: `(n, 16) uint8`, the handles of the records.
        cases: For each record its id, the reserved columns, then the payload in the order of the items.
        codes: `kind (n, c)`, `match_key (n, c, 16)` and `content (n, c, bytes)`, all uint8.
        items: The item names of the codebook, in byte order.

    Returns:
        One row per record, in the order given, by `group_schema`.
    """
    n, c = codes[0].shape
    rows = [column.reshape(n * c, -1) for column in codes]
    record = np.repeat(np.arange(n, dtype=">u4"), c).view(np.uint8).reshape(n * c, -1)
    sorted_codes = take_rows(np.concatenate(rows, axis=1), code_order(record, *rows)).reshape(n, -1)
    texts = [pa.array(list(column), pa.string()) for column in zip(*cases, strict=True)]
    digests = record_digests(cases_in_bytes(texts, items), [row.data for row in sorted_codes])
    columns = [fixed_column(ids), _binary_column(sorted_codes), *texts, pa.array(digests, pa.binary(DIGEST_BYTES))]
    return pa.RecordBatch.from_arrays(columns, schema=group_schema(items))


def _binary_column(rows: NDArray[np.uint8]) -> pa.BinaryArray:
    """Turn rows of bytes into a column of variable-length values."""
    n, width = rows.shape
    offsets = pa.py_buffer((np.arange(n + 1, dtype=np.int64) * width).astype(np.int32))
    return pa.BinaryArray.from_buffers(pa.binary(), n, [None, offsets, pa.py_buffer(np.ascontiguousarray(rows))])
