"""The built-in engine: DuckDB on one machine, in memory or in the registry's file.

DuckDB reads the codes, one range of match keys at a time, and `linkage.engines.key_join` joins them. DuckDB's own join
would read all codes for each range of records, so its time would grow with the square of the number of records, and it
would carry every content through two sorts.

Codes that lie enciphered are deciphered after DuckDB has read them: for each range, the match keys of all codes of the
kind, and the contents of those codes that share theirs with another. A kind of more than `PART_CODES` codes is read
several times, which is cheaper than its join.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count, pairwise
from typing import Final

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from linkage.engines.base import MAX_GROUP, MAX_ROWS, Candidates, Cipher, Owners, ignore_progress, ignore_work
from linkage.engines.key_join import RecordIndex, contents, fixed, gather, shared_codes
from pseudonym.privacy import MAX_OF_REPORTER

__all__ = ["PART_CODES", "DuckDBEngine"]

PART_CODES: Final = 3_000_000
"""Number of codes read at a time: they take about 500 MB with contents of 40 bytes while they are sorted."""

KEYS: Final = 1 << 64
"""Number of first halves of match keys; keys are pseudorandom, so equal ranges hold about equally many codes."""

_RECORDS: Final = "SELECT DISTINCT rid FROM {codes} ORDER BY rid"

_COUNTS: Final = "SELECT kind, count(*) FROM {codes} GROUP BY kind ORDER BY kind"

_OF_KIND: Final = "SELECT {columns} FROM {codes} WHERE kind = $kind"

_BETWEEN: Final = " AND key_hi BETWEEN $first AND $last"


class DuckDBEngine:
    """Join codes with DuckDB.

    The connection may be used for other statements between calls, but not by two threads at once.

    If there is a cipher, DuckDB never sees a plain code.

    Args:
        connection: The connection that has the named tables; None for a database in memory.
        cipher: Takes stored codes to plain ones; None if they are stored as they are.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection | None = None, *, cipher: Cipher | None = None) -> None:
        self._connection = duckdb.connect() if connection is None else connection
        self._cipher = cipher
        self._numbers = count()

    def candidates(
        self,
        codes: pa.Table | str,
        *,
        kinds: Sequence[int] | None = None,
        owners: Owners | None = None,
        max_group: int = MAX_GROUP,
        max_of_reporter: int = MAX_OF_REPORTER,
        max_rows: int = MAX_ROWS,
        progress: Callable[[int, int], None] = ignore_progress,
    ) -> Candidates:
        """Find the pairs of records that share a match key, in ascending order; see `Engine.candidates`."""
        parts, n_crowded = [], 0
        flooded: Counter[int] = Counter()
        with self._named(codes) as name:
            records = RecordIndex(self._numbers_of(_RECORDS.format(codes=name)))
            ranges = list(self._key_ranges(name, kinds))
            for done, (kind, *limits) in enumerate(ranges):
                progress(done, len(ranges))
                part, crowded, floods = shared_codes(
                    self._part(name, kind, *limits, columns=("rid", "key_hi", "key_lo", "content")),
                    records,
                    kind=kind,
                    max_group=max_group,
                    owners=owners,
                    max_of_reporter=max_of_reporter,
                    cipher=self._cipher,
                )
                parts.append(part)
                n_crowded += crowded
                flooded += floods
        join = gather(parts, records)
        return Candidates(join.batches(max_rows), int(join.n_joined.sum()), n_crowded, dict(sorted(flooded.items())))

    def _numbers_of(self, query: str) -> NDArray[np.int64]:
        return np.asarray(self._connection.sql(query).to_arrow_table()["rid"].to_numpy(), np.int64)

    def _key_ranges(self, name: str, kinds: Sequence[int] | None) -> Iterator[tuple[int, int, int]]:
        """Divide the codes into parts, ascending: kind, and first and last value of the first half of the key."""
        for kind, n_codes in self._connection.execute(_COUNTS.format(codes=name)).fetchall():
            n_parts = -(-n_codes // PART_CODES)
            edges = [KEYS * part // n_parts for part in range(n_parts + 1)]
            if kinds is None or kind in kinds:
                yield from ((kind, first, end - 1) for first, end in pairwise(edges))

    def _part(self, name: str, kind: int, first: int, last: int, *, columns: tuple[str, ...]) -> pa.Table:
        """Return some columns of the codes of a kind with keys in a range, as they are stored but for the match keys.

        If codes are enciphered, `batch` and `number` are among the columns.
        """
        values = {"kind": kind}
        if self._cipher is None:
            query = _OF_KIND.format(columns=", ".join(columns), codes=name) + _BETWEEN
            return self._connection.sql(query, params=values | {"first": first, "last": last}).to_arrow_table()
        query = _OF_KIND.format(columns=", ".join((*columns, "batch", "number")), codes=name)
        reader = pa.RecordBatchReader.from_stream(self._connection.sql(query, params=values))
        return pa.Table.from_batches(
            [_within(_with_plain_keys(batch, self._cipher), first, last) for batch in reader], reader.schema
        )

    def codes_of_kind(self, codes: pa.Table | str, kind: int) -> pa.Table:
        """Return the codes of one kind; see `Engine.codes_of_kind`."""
        with self._named(codes) as name:
            rows = self._part(name, kind, 0, KEYS - 1, columns=("rid", "key_hi", "key_lo", "content"))
        plain = rows.select(["rid", "key_hi", "key_lo"]).append_column("content", fixed(contents(rows, self._cipher)))
        return plain.sort_by([(name, "ascending") for name in ("key_hi", "key_lo", "rid", "content")])

    def match_keys(self, codes: pa.Table | str) -> Iterator[pa.Table]:
        """Return the match keys of all codes; see `Engine.match_keys`."""
        columns = ("rid", "kind", "key_hi", "key_lo")
        with self._named(codes) as name:
            for limits in list(self._key_ranges(name, None)):
                yield self._part(name, *limits, columns=columns).select(columns)

    def by_pair(
        self,
        candidates: Candidates,
        function: Callable[[pa.RecordBatch], pa.RecordBatch],
        *,
        progress: Callable[[str, int, int], None] = ignore_work,
    ) -> Iterator[pa.RecordBatch]:
        """Apply a function to one batch at a time, to save memory, in ascending order; see `Engine.by_pair`."""
        done = 0
        progress("join", done, candidates.n_rows)
        for batch in candidates:
            progress("compare", done, candidates.n_rows)
            found = function(batch)
            done += batch.num_rows
            progress("join", done, candidates.n_rows)
            yield found

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


def _with_plain_keys(codes: pa.RecordBatch, cipher: Cipher) -> pa.RecordBatch:
    """Return codes with plain match keys in place of the stored ones."""
    high, low = cipher.match_keys(*(codes.column(name).to_numpy() for name in ("key_hi", "key_lo", "batch", "number")))
    for name, half in (("key_hi", high), ("key_lo", low)):
        codes = codes.set_column(codes.schema.get_field_index(name), codes.schema.field(name), pa.array(half))
    return codes


def _within(codes: pa.RecordBatch, first: int, last: int) -> pa.RecordBatch:
    """Return the codes with keys in a range."""
    if (first, last) == (0, KEYS - 1):
        return codes
    high = codes.column("key_hi").to_numpy()
    return codes.filter(pa.array((high >= np.uint64(first)) & (high <= np.uint64(last))))
