"""Digests of many records, made column by column, are those of one record at a time (docs/spec.md, section 8)."""

from __future__ import annotations

import hashlib
from itertools import product

import numpy as np
import pyarrow as pa
import pytest

from pseudonym.canonical import length_prefixed
from pseudonym.labels import LABELS
from pseudonym.wire.digests import (
    case_digests,
    cases_in_bytes,
    code_digests,
    record_and_code_digests,
    record_digests,
)
from pseudonym.wire.rows import RESERVED

VALUES = (None, "a", "\u00e5", "", "3")


def _cases(n_items: int) -> list[tuple[str | None, ...]]:
    """Return cases with all pairs of values in the last reserved column and the first item."""
    pairs = list(product(VALUES, repeat=2))
    return [
        (f"r-{place}", *[one] * len(RESERVED), *[other, "z", None][:n_items])
        for place, (one, other) in enumerate([*pairs, *pairs])
    ]


def _one_by_one(case: tuple[str | None, ...], names: tuple[str, ...]) -> list[str | None]:
    fixed = 1 + len(RESERVED)
    items = [item for pair in zip(names, case[fixed:], strict=True) for item in pair]
    return [*case[:fixed], str(len(names)), *items]


@pytest.mark.parametrize("names", [(), ("one",), ("one", "three", "two")])
def test_digests_are_those_of_single_records(names: tuple[str, ...]) -> None:
    cases = _cases(len(names))
    codes = [bytes([place]) * place for place in range(len(cases))]
    handles = np.arange(16 * len(cases)).astype(np.uint8).reshape(-1, 16)
    columns = [pa.array(column, pa.string()) for column in zip(*cases, strict=True)]
    written = cases_in_bytes(columns, names)
    assert record_digests(written, codes) == [
        hashlib.sha256(length_prefixed(LABELS["record"], *_one_by_one(case, names), blob)).digest()
        for case, blob in zip(cases, codes, strict=True)
    ]
    assert code_digests(handles, map(memoryview, codes)) == [
        hashlib.sha256(length_prefixed(LABELS["codes_record"], handle.tobytes(), blob)).digest()
        for handle, blob in zip(handles, codes, strict=True)
    ]
    assert case_digests(handles, written) == [
        hashlib.sha256(length_prefixed(LABELS["cases_record"], handle.tobytes(), *_one_by_one(case, names))).digest()
        for case, handle in zip(cases, handles, strict=True)
    ]
    both = record_and_code_digests(written, handles, iter(codes))
    assert both == (record_digests(written, codes), code_digests(handles, codes))
    none = cases_in_bytes([column[:0] for column in columns], names)
    assert none == record_digests(none, []) == case_digests(handles[:0], none) == code_digests(handles[:0], []) == []
