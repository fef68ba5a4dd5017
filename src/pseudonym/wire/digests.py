"""Digests of records, of whole submissions and of their parts (docs/spec.md, sections 8 and 13)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pseudonym.canonical import length_prefixed
from pseudonym.labels import LABELS
from pseudonym.wire.rows import RESERVED

__all__ = ["DIGEST_BYTES", "case_digests", "code_digests", "content_digest", "record_digests"]

DIGEST_BYTES: Final = 32
"""Length of a SHA-256."""


def record_digests(
    cases: Sequence[Sequence[str | None]], payload_names: Sequence[str], codes: Iterable[bytes | memoryview]
) -> list[bytes]:
    """Return the digests of many records.

    Args:
        cases: For each record its id, the reserved columns, then the values of `payload_names`.
        payload_names: The codebook items, in byte order.
        codes: For each record `kind`, `match_key`, `content` of every code, concatenated in byte order.

    Returns:
        32 bytes per record.
    """
    label, digests = length_prefixed(LABELS["record"]), []
    for case, blob in zip(_in_bytes(cases, payload_names), codes, strict=True):
        # The codes are kilobytes, so they are not copied behind the case.
        state = hashlib.sha256(label + case + len(blob).to_bytes(4, "little"))
        state.update(blob)
        digests.append(state.digest())
    return digests


def code_digests(handles: NDArray[np.uint8], codes: Iterable[bytes]) -> list[bytes]:
    """Return the digests of records of which only the codes are known.

    Args:
        handles: `(n, 16) uint8`.
        codes: For each record its codes, as in `record_digests`.

    Returns:
        32 bytes per record.
    """
    label = LABELS["codes_record"]
    return [
        hashlib.sha256(length_prefixed(label, handle.tobytes(), blob)).digest()
        for handle, blob in zip(handles, codes, strict=True)
    ]


def case_digests(
    handles: NDArray[np.uint8], cases: Sequence[Sequence[str | None]], payload_names: Sequence[str]
) -> list[bytes]:
    """Return the digests of records of which all but the codes is known.

    Args:
        handles: `(n, 16) uint8`.
        cases: As for `record_digests`.
        payload_names: The codebook items, in byte order.

    Returns:
        32 bytes per record.
    """
    label = LABELS["cases_record"]
    return [
        hashlib.sha256(length_prefixed(label, handle.tobytes()) + case).digest()
        for handle, case in zip(handles, _in_bytes(cases, payload_names), strict=True)
    ]


def _in_bytes(cases: Sequence[Sequence[str | None]], payload_names: Sequence[str]) -> list[bytes]:
    """Return `lp(record_id, ..., n_items, item, value, ...)` of each case.

    The values of a column are few, so each is written as bytes once; those of a record are then joined.
    """
    n_fixed, n_items = 1 + len(RESERVED), length_prefixed(str(len(payload_names)))
    names = [(), *((name,) for name in payload_names)]
    parts: list[Iterable[bytes]] = []
    for place, column in enumerate(zip(*cases, strict=True)):
        parts += [repeat(n_items)] if place == n_fixed else []
        name = names[max(0, place - n_fixed + 1)]
        written = {value: length_prefixed(*name, value) for value in dict.fromkeys(column)}
        parts.append(map(written.__getitem__, column))
    # Whether or not there is an item after it, the number of items comes after the reserved columns.
    parts += [] if payload_names else [repeat(n_items)]
    return list(map(b"".join, zip(*parts, strict=False))) if cases else []


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
