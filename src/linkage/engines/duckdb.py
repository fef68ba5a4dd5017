"""The built-in engine: DuckDB on one machine, in memory or in the registry's file.

DuckDB reads the codes, one range of match keys at a time, and `linkage.engines.key_join` joins them. DuckDB's own join
would read all codes for each range of records, so its time would grow with the square of the number of records, and it
would carry every content through two sorts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count, pairwise
from typing import Final, TypeVar

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from linkage.engines.base import MAX_GROUP, MAX_ROWS, Candidates, ignore_progress
from linkage.engines.key_join import RecordIndex, gather, shared_codes

__all__ = ["PART_CODES", "DuckDBEngine"]

T = TypeVar("T")

PART_CODES: Final = 3_000_000
"""Number of codes read at a time: they take about 500 MB with contents of 40 bytes while they are sorted."""

KEYS: Final = 1 << 64
"""Number of first halves of match keys; keys are pseudorandom, so equal ranges hold about equally many codes."""

_RECORDS: Final = "SELECT DISTINCT rid FROM {codes} ORDER BY rid"

_COUNTS: Final = "SELECT kind, count(*) FROM {codes} GROUP BY kind ORDER BY kind"

_PART: Final = """
SELECT rid, key_hi, key_lo, content FROM {codes} WHERE kind = $kind AND key_hi BETWEEN $first AND $last
"""

_OF_KIND: Final = """
SELECT rid, key_hi, key_lo, content FROM {codes} WHERE kind = $kind ORDER BY key_hi, key_lo, rid, content
"""


class DuckDBEngine:
    """Join codes with DuckDB.

    The connection may be used for other statements between calls, but not by two threads at once.

    Args:
        connection: The connection that has the named tables; None for a database in memory.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection | None = None) -> None:
        self._connection = duckdb.connect() if connection is None else connection
        self._numbers = count()

    def candidates(
        self,
        codes: pa.Table | str,
        *,
        kinds: Sequence[int] | None = None,
        max_group: int = MAX_GROUP,
        max_rows: int = MAX_ROWS,
        progress: Callable[[int, int], None] = ignore_progress,
    ) -> Candidates:
        """Find the pairs of records that share a match key; see `Engine.candidates`."""
        parts, n_crowded = [], 0
        with self._named(codes) as name:
            records = RecordIndex(self._numbers_of(_RECORDS.format(codes=name)))
            ranges = list(self._key_ranges(name, kinds))
            for done, (kind, first, last) in enumerate(ranges):
                progress(done, len(ranges))
                values = {"kind": kind, "first": first, "last": last}
                table = self._connection.sql(_PART.format(codes=name), params=values).to_arrow_table()
                part, crowded = shared_codes(table, records, kind=kind, max_group=max_group)
                parts.append(part)
                n_crowded += crowded
        join = gather(parts, records)
        return Candidates(join.batches(max_rows), int(join.n_joined.sum()), n_crowded)

    def _numbers_of(self, query: str) -> NDArray[np.int64]:
        return np.asarray(self._connection.sql(query).to_arrow_table()["rid"].to_numpy(), np.int64)

    def _key_ranges(self, name: str, kinds: Sequence[int] | None) -> Iterator[tuple[int, int, int]]:
        """Divide the codes into parts, ascending: kind, and first and last value of the first half of the key."""
        for kind, n_codes in self._connection.execute(_COUNTS.format(codes=name)).fetchall():
            n_parts = -(-n_codes // PART_CODES)
            edges = [KEYS * part // n_parts for part in range(n_parts + 1)]
            if kinds is None or kind in kinds:
                yield from ((kind, first, end - 1) for first, end in pairwise(edges))

    def codes_of_kind(self, codes: pa.Table | str, kind: int) -> pa.Table:
        """Return the codes of one kind; see `Engine.codes_of_kind`."""
        with self._named(codes) as name:
            rows = self._connection.sql(_OF_KIND.format(codes=name), params={"kind": kind}).to_arrow_table()
        lengths = {len(content) for content in rows["content"][:1].to_pylist()}
        index = rows.schema.get_field_index("content")
        try:
            return rows.set_column(index, "content", rows["content"].cast(pa.binary(max(lengths, default=0))))
        except pa.ArrowInvalid:
            raise ValueError("contents differ in length") from None

    def map_batches(self, function: Callable[[pa.RecordBatch], T], batches: Iterable[pa.RecordBatch]) -> Iterator[T]:
        """Apply a function to one batch at a time, to save memory; see `Engine.map_batches`."""
        return map(function, batches)

    def connected_components(
        self, left: NDArray[np.int64], right: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Find connected components; see `Engine.connected_components`."""
        records, ends = np.unique(np.concatenate([left, right]), return_inverse=True)
        half = len(left)
        graph = coo_array((np.ones(half, np.int8), (ends[:half], ends[half:])), shape=(len(records), len(records)))
        n_components, component = connected_components(graph, directed=False)
        # Records are sorted, so assigning in reverse order leaves the smallest of each component.
        smallest = np.zeros(n_components, np.int64)
        smallest[component[::-1]] = records[::-1]
        return records.astype(np.int64), smallest[component]

    @contextmanager
    def _named(self, codes: pa.Table | str) -> Iterator[str]:
        """Yield the quoted table name of the codes, registering them if needed."""
        if isinstance(codes, str):
            yield '"' + codes.replace('"', '""') + '"'
            return
        name = self._new_name("codes")
        self._connection.register(name, codes)
        try:
            yield name
        finally:
            self._connection.unregister(name)

    def _new_name(self, purpose: str) -> str:
        """Return a name that no other iterator of this engine uses."""
        return f"engine_{id(self):x}_{purpose}_{next(self._numbers)}"
