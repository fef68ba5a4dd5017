"""Digests of records and of whole submissions (docs/spec.md, section 8)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pseudonym.canonical import length_prefixed
from pseudonym.labels import LABELS
from pseudonym.wire.rows import RESERVED

__all__ = ["DIGEST_BYTES", "code_order", "content_digest", "record_digest", "record_digests"]

DIGEST_BYTES: Final = 32
"""Length of a SHA-256."""


def code_order(*columns: NDArray[np.uint8]) -> NDArray[np.intp]:
    """Sort code rows by columns of bytes, the first column first.

    Args:
        *columns: Arrays `(n, bytes) uint8`.

    Returns:
        `(n,) intp`, the indices of a stable sort.
    """
    joined = np.ascontiguousarray(np.concatenate(columns, axis=1))
    return np.argsort(joined.view(f"V{joined.shape[1]}").ravel(), kind="stable")


def record_digest(case: Sequence[str | None], payload: Sequence[tuple[str, str | None]], codes: bytes) -> bytes:
    """Return the digest of one record.

    Args:
        case: The record id and the values of the reserved columns, in order.
        payload: Codebook items with their codes, in byte order of the names.
        codes: `kind`, `match_key`, `content` of every code, concatenated in byte order.

    Returns:
        32 bytes.
    """
    items = [item for pair in payload for item in pair]
    return hashlib.sha256(length_prefixed(LABELS["record"], *case, str(len(payload)), *items, codes)).digest()


def record_digests(
    cases: Sequence[Sequence[str | None]], payload_names: Sequence[str], codes: Iterable[bytes]
) -> list[bytes]:
    """Return the digests of many records.

    Args:
        cases: For each record its id, the reserved columns, then the values of `payload_names`.
        payload_names: The codebook items, in byte order.
        codes: For each record its codes, as in `record_digest`.

    Returns:
        32 bytes per record.
    """
    # The id and the reserved columns come before the payload.
    fixed = 1 + len(RESERVED)
    return [
        record_digest(case[:fixed], list(zip(payload_names, case[fixed:], strict=True)), blob)
        for case, blob in zip(cases, codes, strict=True)
    ]


def content_digest(digests: Iterable[NDArray[np.uint8]], *, n_records: int) -> str:
    """Return the digest of the content of a submission, independent of the order of its records.

    Args:
        digests: The record digests in ascending order, in parts `(n, 32) uint8` of any length.
        n_records: The number of records.

    Returns:
        64 hexadecimal digits.
    """
    state = hashlib.sha256(length_prefixed(LABELS["content"]) + (n_records * DIGEST_BYTES).to_bytes(4, "little"))
    for part in digests:
        state.update(np.ascontiguousarray(part).data)
    return state.hexdigest()
