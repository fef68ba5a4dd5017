"""Random codes for the tests of engines, and the candidate join as a slow twin in plain Python."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkage.engines.duckdb import DuckDBEngine
from linkage.engines.spark.engine import SparkEngine
from linkage.engines.spark.session import Cluster
from tests.sail import sail

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
    """Twin of `candidates` in plain Python: sorted rows (a, b, kind, key_hi, key_lo, xor)."""
    groups: defaultdict[tuple[int, int, int], set[tuple[int, bytes]]] = defaultdict(set)
    for row in rows:
        groups[row["kind"], row["key_hi"], row["key_lo"]].add((row["rid"], row["content"]))
    found = []
    for key, group in groups.items():
        for (a, left), (b, right) in combinations(sorted(group), 2):
            if a != b:
                found.append((a, b, *key, bytes(x ^ y for x, y in zip(left, right, strict=True))))
    return sorted(found)


def without_low_half(rows: Answer) -> Answer:
    return sorted((a, b, kind, key_hi, xor) for a, b, kind, key_hi, _, xor in rows)


def without_keys(rows: Iterable[tuple[Any, ...]]) -> Answer:
    """Return sorted rows without their match keys, which an engine may give other names."""
    return sorted((*row[:3], row[-1]) for row in rows)


def as_rows(batches: Iterable[pa.RecordBatch]) -> Answer:
    table = pa.Table.from_batches(batches)
    return list(zip(*(table[name].to_pylist() for name in table.schema.names), strict=True))


def rows_of_pairs(batch: pa.RecordBatch, *, times: int = 1) -> pa.RecordBatch:
    """Count the rows of each pair: what `by_pair` is given."""
    ends = np.column_stack([batch.column(name).to_numpy() for name in "ab"])
    pairs, counts = np.unique(ends, axis=0, return_counts=True)
    return pa.RecordBatch.from_pydict({"a": pairs[:, 0], "b": pairs[:, 1], "rows": counts * times})


class Pads:
    """A cipher whose pads are random numbers; `batch` says in which of its rows."""

    def __init__(self) -> None:
        self._pads = np.random.default_rng(1).integers(0, 2**64, (3, 5_000, 2), np.uint64)

    def match_keys(
        self, high: NDArray[np.uint64], low: NDArray[np.uint64], batch: Any, number: Any
    ) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
        pads = self._pads[batch, number]
        return high ^ pads[:, 0], low ^ pads[:, 1]

    def contents(self, contents: NDArray[np.uint8], batch: Any, number: Any) -> NDArray[np.uint8]:
        pads = self._pads[batch, number].view(np.uint8)
        plain: NDArray[np.uint8] = contents ^ pads[:, : contents.shape[1]]
        return plain


class _Enciphering(DuckDBEngine):
    """Enciphers the codes that it is given, and then joins them as they lie in a registry."""

    def candidates(self, codes: pa.Table | str, **options: Any) -> Any:
        return super().candidates(_enciphered(codes), **options)

    def codes_of_kind(self, codes: pa.Table | str, kind: int) -> pa.Table:
        return super().codes_of_kind(_enciphered(codes), kind)

    def match_keys(self, codes: pa.Table | str) -> Any:
        return super().match_keys(_enciphered(codes))


class EncipheredEngine(_Enciphering):
    """The embedded engine, with enciphered codes."""

    def __init__(self) -> None:
        super().__init__(cipher=Pads())


class SailEngine(SparkEngine):
    """The engine on a cluster, which is Sail in this process."""

    def __init__(self, scratch: Path, **options: Any) -> None:
        super().__init__(Cluster(sail(), str(scratch), partitions=3), **options)


class EncipheredSailEngine(_Enciphering, SailEngine):
    """The same, with enciphered codes."""

    def __init__(self, scratch: Path) -> None:
        super().__init__(scratch, cipher=Pads())


def _enciphered(codes: pa.Table | str) -> pa.Table:
    assert isinstance(codes, pa.Table)
    number = np.arange(len(codes), dtype=np.int32)
    batch, number = number % 3, number // 3
    cipher = Pads()
    high, low = cipher.match_keys(codes["key_hi"].to_numpy(), codes["key_lo"].to_numpy(), batch, number)
    contents = [
        cipher.contents(np.frombuffer(content, np.uint8)[None], batch[row : row + 1], number[row : row + 1]).tobytes()
        for row, content in enumerate(codes["content"].to_pylist())
    ]
    return pa.table(
        {
            **{name: codes[name] for name in ("rid", "kind")},
            "key_hi": high,
            "key_lo": low,
            "content": pa.array(contents, codes.schema.field("content").type),
            "batch": batch,
            "number": number,
        }
    )
