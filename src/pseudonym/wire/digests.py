"""Digests of records, of whole submissions and of their parts (docs/spec.md, sections 8 and 13)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pseudonym.canonical import ABSENT, length_prefixed
from pseudonym.labels import LABELS
from pseudonym.wire.rows import RESERVED
from pseudonym.wire.schema import fixed_column

__all__ = [
    "DIGEST_BYTES",
    "case_digests",
    "cases_in_bytes",
    "code_digests",
    "content_digest",
    "record_and_code_digests",
    "record_digests",
]

DIGEST_BYTES: Final = 32
"""Length of a SHA-256."""

LENGTH_BYTES: Final = 4
"""Length of what `length_prefixed` writes before an item."""


def record_digests(cases: Iterable[bytes], codes: Iterable[bytes | memoryview]) -> list[bytes]:
    """Return the digests of many records.

    Args:
        cases: The case of each record, as `cases_in_bytes` writes it.
        codes: For each record `kind`, `match_key`, `content` of every code, concatenated in byte order.

    Returns:
        32 bytes per record.
    """
    label = length_prefixed(LABELS["record"])
    return [_with_codes(label + case, blob) for case, blob in zip(cases, codes, strict=True)]


def code_digests(handles: NDArray[np.uint8], codes: Iterable[bytes | memoryview]) -> list[bytes]:
    """Return the digests of records of which only the codes are known.

    Args:
        handles: `(n, 16) uint8`.
        codes: For each record its codes, as in `record_digests`.

    Returns:
        32 bytes per record.
    """
    beginnings = _beginnings(LABELS["codes_record"], handles)
    return [_with_codes(beginning, blob) for beginning, blob in zip(beginnings, codes, strict=True)]


def record_and_code_digests(
    cases: Iterable[bytes], handles: NDArray[np.uint8], codes: Iterable[bytes | memoryview]
) -> tuple[list[bytes], list[bytes]]:
    """Return what `record_digests` and `code_digests` return; each value of the codes is needed for a moment only.

    Args:
        cases: As for `record_digests`.
        handles: As for `code_digests`.
        codes: As for both.

    Returns:
        The digests of records, and those of their codes.
    """
    label = length_prefixed(LABELS["record"])
    of_records, of_codes = [], []
    for case, beginning, blob in zip(cases, _beginnings(LABELS["codes_record"], handles), codes, strict=True):
        of_records.append(_with_codes(label + case, blob))
        of_codes.append(_with_codes(beginning, blob))
    return of_records, of_codes


def case_digests(handles: NDArray[np.uint8], cases: Iterable[bytes]) -> list[bytes]:
    """Return the digests of records of which all but the codes is known.

    Args:
        handles: `(n, 16) uint8`.
        cases: As for `record_digests`.

    Returns:
        32 bytes per record.
    """
    beginnings = _beginnings(LABELS["cases_record"], handles)
    return [hashlib.sha256(beginning + case).digest() for beginning, case in zip(beginnings, cases, strict=True)]


def _beginnings(label: str, handles: NDArray[np.uint8]) -> Iterator[bytes]:
    """Yield `lp(label, handle)` of each record."""
    width, data = handles.shape[1], handles.tobytes()
    before = length_prefixed(label) + width.to_bytes(LENGTH_BYTES, "little")
    return (before + data[start : start + width] for start in range(0, len(data), width))


def _with_codes(beginning: bytes, blob: bytes | memoryview) -> bytes:
    # The codes are kilobytes, so they are not copied behind what comes before them.
    state = hashlib.sha256(beginning + len(blob).to_bytes(LENGTH_BYTES, "little"))
    state.update(blob)
    return state.digest()


def cases_in_bytes(columns: Sequence[pa.Array], payload_names: Sequence[str]) -> list[bytes]:
    """Return `lp(record_id, ..., dec(n_items), item, value, ...)` of many records.

    Args:
        columns: Columns of text: the record ids, the reserved columns, then the values of `payload_names`.
        payload_names: The codebook items, in byte order.

    Returns:
        One value per record.
    """
    n_fixed = 1 + len(RESERVED)
    before = [b""] * n_fixed + [length_prefixed(name) for name in payload_names] + [b""]
    before[n_fixed] = length_prefixed(str(len(payload_names))) + before[n_fixed]
    parts: list[pa.Array | pa.Scalar] = []
    # What is the same in all records is written once: a codebook has many items, of which a file has few.
    same = b""
    for text, column in zip(before, columns, strict=False):
        same += text
        if column.null_count == len(column):
            same += ABSENT
            continue
        # The length of a missing value is that of `ABSENT`.
        lengths = pc.fill_null(pc.binary_length(column), -1).to_numpy().astype("<i4")
        prefix = fixed_column(lengths.view(np.uint8).reshape(-1, LENGTH_BYTES))
        parts += [pa.scalar(same, pa.binary()), prefix.cast(pa.binary()), pc.fill_null(column.cast(pa.binary()), b"")]
        same = b""
    if not parts:
        return [same + before[-1]] * len(columns[0])
    joined = pc.binary_join_element_wise(*parts, pa.scalar(same + before[-1], pa.binary()), b"")
    return list(joined.to_pylist())


def content_digest(digests: Iterable[NDArray[np.uint8]], *, n_records: int, label: str = LABELS["content"]) -> str:
    """Return the digest of the content of a submission or one of its parts, independent of the order of its records.

    Args:
        digests: The record digests in ascending order, in parts `(n, 32) uint8` of any length.
        n_records: The number of records.
        label: Keeps the digests of submissions and of their parts apart.

    Returns:
        64 hexadecimal digits.
    """
    state = hashlib.sha256(length_prefixed(label) + (n_records * DIGEST_BYTES).to_bytes(4, "little"))
    for part in digests:
        state.update(np.ascontiguousarray(part).data)
    return state.hexdigest()
