"""The embedded engine: DuckDB on one machine, in memory or in the registry's own file.

The join of all codes with each other may be far larger than memory, so it is never made at once. The codes that share
their match key with another record are put in a temporary table; from the sizes of the groups follows how many rows
each record contributes as the smaller end of a pair; and the join is asked for one range of records after the other,
each range as large as a batch may be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from typing import Final, TypeVar

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from linkage.engines.base import MAX_GROUP, MAX_ROWS, candidate_schema

__all__ = ["DuckDBEngine"]

T = TypeVar("T")

_ALL_KINDS: Final = tuple(range(256))
"""Every kind number that fits its column."""

# A code counts once, so that a body that sends it twice does not seem to show two identities.
_SHARED: Final = """
CREATE TEMP TABLE {shared} AS
SELECT DISTINCT rid, kind, key_hi, key_lo, content
FROM {codes} AS code SEMI JOIN (
    SELECT kind, key_hi, key_lo FROM {codes} WHERE kind IN (SELECT unnest($kinds))
    GROUP BY kind, key_hi, key_lo HAVING count(*) > 1 AND count(*) <= {limit}
) AS crowd USING (kind, key_hi, key_lo)
"""

_CROWDED: Final = """
SELECT count(*) FROM (
    SELECT 1 FROM {codes} WHERE kind IN (SELECT unnest($kinds))
    GROUP BY kind, key_hi, key_lo HAVING count(*) > {limit}
)
"""

# In a group, a code is the smaller end of as many rows as there are codes of greater records.
_JOIN_ROWS: Final = """
SELECT rid, sum(greater)::BIGINT AS n_rows
FROM (
    SELECT rid, rank() OVER (PARTITION BY kind, key_hi, key_lo ORDER BY rid DESC) - 1 AS greater
    FROM {shared}
)
GROUP BY rid HAVING sum(greater) > 0 ORDER BY rid
"""

_JOIN: Final = """
SELECT l.rid AS a, r.rid AS b, l.kind, key_hi AS key, l.content AS content_a, r.content AS content_b
FROM {shared} AS l JOIN {shared} AS r USING (kind, key_hi, key_lo)
WHERE l.rid BETWEEN $first AND $last AND r.rid > $first AND l.rid < r.rid
ORDER BY a, b, l.kind, key_hi, key_lo
"""

_OF_KIND: Final = """
SELECT rid, key_hi, key_lo, content FROM {codes} WHERE kind = $kind ORDER BY key_hi, key_lo, rid, content
"""


class DuckDBEngine:
    """Join codes with DuckDB.

    Between two batches the connection is free for other statements. It must not be used by two threads at once, and a
    temporary table lives in it as long as an iterator of `candidates` is open.

    Args:
        connection: Where named tables lie; a database in memory when None.
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
    ) -> Iterator[pa.RecordBatch]:
        """Yield the pairs of records that share a match key; see `Engine.candidates`.

        Sees: neither
        """
        shared = self._new_name("shared")
        with self._named(codes) as name:
            statement = _SHARED.format(shared=shared, codes=name, limit=max_group)
            self._connection.execute(statement, {"kinds": list(_ALL_KINDS if kinds is None else kinds)})
        try:
            width = self._content_bytes(shared)
            for first, last in self._ranges(shared, max_rows):
                query = _JOIN.format(shared=shared)
                rows = self._connection.sql(query, params={"first": first, "last": last}).to_arrow_table()
                yield from rows.cast(candidate_schema(width)).combine_chunks().to_batches()
        finally:
            # The connection may have been closed, or its transaction may have failed, before the iterator was.
            with suppress(duckdb.Error):
                self._connection.execute(f"DROP TABLE IF EXISTS {shared}")

    def crowded_groups(self, codes: pa.Table | str, *, kinds: Sequence[int], max_group: int = MAX_GROUP) -> int:
        """Count the match keys that too many records share; see `Engine.crowded_groups`.

        Sees: neither
        """
        with self._named(codes) as name:
            query = _CROWDED.format(codes=name, limit=max_group)
            return int(self._connection.execute(query, {"kinds": list(kinds)}).fetchall()[0][0])

    def codes_of_kind(self, codes: pa.Table | str, kind: int) -> pa.Table:
        """Give the codes of one kind; see `Engine.codes_of_kind`.

        Sees: neither
        """
        with self._named(codes) as name:
            rows = self._connection.sql(_OF_KIND.format(codes=name), params={"kind": kind}).to_arrow_table()
        lengths = {len(content) for content in rows["content"][:1].to_pylist()}
        place = rows.schema.get_field_index("content")
        try:
            return rows.set_column(place, "content", rows["content"].cast(pa.binary(max(lengths, default=0))))
        except pa.ArrowInvalid:
            raise ValueError("contents are not of one length") from None

    def map_batches(self, function: Callable[[pa.RecordBatch], T], batches: Iterable[pa.RecordBatch]) -> Iterator[T]:
        """Apply a function to each batch, one after the other, as memory holds one batch; see `Engine.map_batches`.

        Sees: neither
        """
        return map(function, batches)

    def connected_components(
        self, left: NDArray[np.int64], right: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Find connected components; see `Engine.connected_components`.

        Sees: neither
        """
        records, ends = np.unique(np.concatenate([left, right]), return_inverse=True)
        half = len(left)
        graph = coo_array((np.ones(half, np.int8), (ends[:half], ends[half:])), shape=(len(records), len(records)))
        n_components, component = connected_components(graph, directed=False)
        # Records are sorted, so writing them backwards leaves the smallest of each component.
        smallest = np.zeros(n_components, np.int64)
        smallest[component[::-1]] = records[::-1]
        return records.astype(np.int64), smallest[component]

    def _ranges(self, shared: str, max_rows: int) -> list[tuple[int, int]]:
        """Cut the records into ranges whose joins have at most `max_rows` rows, or are of one record."""
        found = self._connection.sql(_JOIN_ROWS.format(shared=shared)).fetchnumpy()
        records = np.asarray(found["rid"])
        total = np.cumsum(np.asarray(found["n_rows"], dtype=np.int64))
        ranges = []
        begin = 0
        while begin < len(records):
            done = int(total[begin - 1]) if begin else 0
            end = max(begin + 1, int(np.searchsorted(total, done + max_rows, side="right")))
            ranges.append((int(records[begin]), int(records[end - 1])))
            begin = end
        return ranges

    def _content_bytes(self, shared: str) -> int:
        """Give the one length that contents have."""
        query = f"SELECT min(octet_length(content)), max(octet_length(content)) FROM {shared}"
        shortest, longest = self._connection.execute(query).fetchall()[0]
        if shortest != longest:
            raise ValueError("contents are not of one length")
        return int(longest or 0)

    @contextmanager
    def _named(self, codes: pa.Table | str) -> Iterator[str]:
        """Give the quoted name under which the connection knows the codes."""
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
        """Give a name that no other iterator of this engine uses."""
        return f"engine_{id(self):x}_{purpose}_{next(self._numbers)}"
