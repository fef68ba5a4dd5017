"""Random codes for the tests of engines, and the candidate join as a slow twin in plain Python."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable
from itertools import combinations
from typing import Any

import pyarrow as pa

Row = dict[str, Any]
Answer = list[tuple[Any, ...]]

WIDTH = 16
"""Bytes of a content."""


def some_codes(seed: int, *, n_records: int = 60, n_keys: int = 25, n_kinds: int = 3) -> list[Row]:
    """Draw codes as dictionaries: groups of several sizes, keys that differ in one half only, repeated codes."""
    rng = random.Random(seed)
    rows = []
    for rid in rng.sample(range(-(2**40), 2**40), n_records):
        for kind in range(n_kinds):
            for key in rng.sample(range(n_keys), 2):
                key_hi, key_lo = 2**63 + key // 5, 2**64 - 1 - key % 5
                rows.append(dict(rid=rid, kind=kind, key_hi=key_hi, key_lo=key_lo, content=rng.randbytes(WIDTH)))
    # The same record under the same key twice, with another content; and repeated codes.
    rows += [dict(row, content=rng.randbytes(WIDTH)) for row in rng.sample(rows, 10)]
    rows += [dict(row) for row in rng.sample(rows, 10)]
    rng.shuffle(rows)
    return rows


def as_table(rows: list[Row], *, width: int = WIDTH) -> pa.Table:
    schema = pa.schema(
        [
            ("rid", pa.int64()),
            ("kind", pa.uint8()),
            ("key_hi", pa.uint64()),
            ("key_lo", pa.uint64()),
            ("content", pa.binary(width)),
        ]
    )
    return pa.Table.from_pylist(rows, schema=schema)


def slow_candidates(rows: list[Row]) -> Answer:
    """Twin of `candidates` in plain Python: sorted rows (a, b, kind, key_hi, key_lo, content_a, content_b)."""
    groups: defaultdict[tuple[int, int, int], set[tuple[int, bytes]]] = defaultdict(set)
    for row in rows:
        groups[row["kind"], row["key_hi"], row["key_lo"]].add((row["rid"], row["content"]))
    found = []
    for key, group in groups.items():
        for (a, left), (b, right) in combinations(sorted(group), 2):
            if a != b:
                found.append((a, b, *key, left, right))
    return sorted(found)


def without_low_half(rows: Answer) -> Answer:
    return sorted((a, b, kind, key_hi, left, right) for a, b, kind, key_hi, _, left, right in rows)


def as_rows(batches: Iterable[pa.RecordBatch]) -> Answer:
    table = pa.Table.from_batches(batches)
    return list(zip(*(table[name].to_pylist() for name in table.schema.names), strict=True))
