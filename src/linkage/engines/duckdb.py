"""The built-in engine: DuckDB on one machine, in memory or in the registry's file.

DuckDB reads the codes, one range of match keys at a time, and `linkage.engines.key_join` joins them. DuckDB's own join
would read all codes for each range of records, so its time would grow with the square of the number of records, and it
would carry every content through two sorts.

Codes that lie enciphered are deciphered after DuckDB has read them: the match keys of all codes, and the contents of
those codes that share theirs with another (`linkage.engines.code_reader`).

The calling thread reads, deciphers and joins; the other threads that DuckDB may use sort keys and compare pairs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from typing import Final, NamedTuple

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from linkage.engines.base import (
    MAX_GROUP,
    MAX_ROWS,
    Candidates,
    Cipher,
    KeyCounts,
    Owners,
    ignore_progress,
    ignore_work,
)
from linkage.engines.code_reader import CodeReader, KeysInRange
from linkage.engines.contents import contents, fixed
from linkage.engines.key_counts import KeyCounter
from linkage.engines.key_groups import (
    Groups,
    KeyRange,
    Meeting,
    RecordIndex,
    by_record,
    each_once,
    groups_by_key,
)
from linkage.engines.key_join import KeyJoin, in_one
from linkage.threads import in_order
from pseudonym.privacy import MAX_OF_REPORTER

__all__ = ["PART_CODES", "DuckDBEngine"]

PART_CODES: Final = 3_000_000
"""About how many codes are sorted at a time."""

HELPERS: Final = 2
"""Most threads that compare pairs beside the one that joins codes: it makes no more batches than so many compare, and
each batch takes memory."""


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
        [(threads,)] = self._connection.execute("SELECT current_setting('threads')").fetchall()
        self._helpers = min(int(threads) - 1, HELPERS)

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
        counted: Callable[[KeyCounts], None] | None = None,
    ) -> Candidates:
        """Find the pairs of records that share a match key, in ascending order; see `Engine.candidates`."""
        parts: list[_Part] = []
        n_crowded, flooded = 0, Counter[int]()
        with self._named(codes) as name:
            reader = CodeReader(self._connection, name, cipher=self._cipher, kinds=kinds)
            # Keys are read, and then contents.
            steps, counter = count(), None if counted is None or owners is None else KeyCounter(owners)

            def read() -> Iterator[tuple[int, KeysInRange]]:
                for kind in reader.sizes:
                    progress(next(steps), 2 * len(reader.sizes))
                    for keys in reader.keys(kind, PART_CODES):
                        yield kind, keys

            def grouped(of_kind: tuple[int, KeysInRange]) -> tuple[_Part, Groups, int]:
                kind, keys = of_kind
                groups = groups_by_key(
                    _table(keys, reader.records), max_group=max_group, owners=owners, max_of_reporter=max_of_reporter
                )
                return _part(kind, keys, by_record(groups, keys.record[groups.rows])), groups, len(keys.record)

            for part, groups, n_codes in in_order(grouped, read(), helpers=min(self._helpers, 1)):
                parts.append(part)
                n_crowded += groups.n_crowded
                flooded += groups.flooded
                if counter is not None:
                    counter.add(n_codes, reader.records.rid[part.record], groups.size)
            if counted is not None and counter is not None:
                counted(counter.counts)
            content = np.zeros((sum(len(part.place) for part in parts), 0), np.uint8)
            row = _rows_of_places(parts, reader.n_places)
            for kind in reader.sizes:
                progress(next(steps), 2 * len(reader.sizes))
                for rows, plain in reader.contents(kind, row):
                    content = _with_width(content, plain.shape[1])
                    content[rows] = plain
            del row
        join = _joined(parts, content, reader.records)
        return Candidates(join.batches(max_rows), int(join.n_joined.sum()), n_crowded, dict(sorted(flooded.items())))

    def codes_of_kind(self, codes: pa.Table | str, kind: int) -> pa.Table:
        """Return the codes of one kind; see `Engine.codes_of_kind`."""
        columns = "rid, key_hi, key_lo, content" + ("" if self._cipher is None else ", batch, number")
        with self._named(codes) as name:
            query = f"SELECT {columns} FROM {name} WHERE kind = $kind"
            rows = self._connection.sql(query, params={"kind": kind}).to_arrow_table()
        high, low = (rows[name].to_numpy() for name in ("key_hi", "key_lo"))
        if self._cipher is not None:
            high, low = self._cipher.match_keys(high, low, rows["batch"].to_numpy(), rows["number"].to_numpy())
        plain = pa.table({"rid": rows["rid"], "key_hi": high, "key_lo": low})
        plain = plain.append_column("content", fixed(contents(rows, self._cipher)))
        return plain.sort_by([(name, "ascending") for name in ("key_hi", "key_lo", "rid", "content")])

    def match_keys(self, codes: pa.Table | str) -> Iterator[pa.Table]:
        """Return the match keys of all codes; see `Engine.match_keys`."""
        yield from self._match_keys(codes, None)

    def _match_keys(self, codes: pa.Table | str, kinds: Sequence[int] | None) -> Iterator[pa.Table]:
        with self._named(codes) as name:
            reader = CodeReader(self._connection, name, cipher=self._cipher, kinds=kinds)
            for kind in reader.sizes:
                for keys in reader.keys(kind, PART_CODES):
                    kinds = pa.array(np.full(len(keys.record), kind, np.uint8))
                    yield _table(keys, reader.records).add_column(1, "kind", kinds)

    def by_pair(
        self,
        candidates: Candidates,
        function: Callable[[pa.RecordBatch], pa.RecordBatch],
        *,
        progress: Callable[[str, int, int], None] = ignore_work,
    ) -> Iterator[pa.RecordBatch]:
        """Apply a function to one batch at a time, to save memory, in ascending order; see `Engine.by_pair`."""
        done = 0

        def joined() -> Iterator[pa.RecordBatch]:
            progress("join", done, candidates.n_rows)
            for batch in candidates:
                # Until the next batch is made, this thread compares or waits for those who do.
                progress("compare", done, candidates.n_rows)
                yield batch
                progress("join", done, candidates.n_rows)

        def compared(batch: pa.RecordBatch) -> tuple[pa.RecordBatch, int]:
            return function(batch), batch.num_rows

        for found, n_rows in in_order(compared, joined(), helpers=self._helpers):
            done += n_rows
            progress("compare", done, candidates.n_rows)
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


class _Part(NamedTuple):
    """The codes of one kind and one range of keys that share their key, sorted as those of a `KeyRange`.

    `place` `(r,)` are their places, see `CodeReader`; the others are those of `KeyRange`.
    """

    kind: int
    place: NDArray[np.unsignedinteger]
    record: NDArray[np.int32]
    key: NDArray[np.uint64]
    size: NDArray[np.int64]


def _part(kind: int, keys: KeysInRange, meeting: Meeting) -> _Part:
    first = meeting.rows[np.cumsum(meeting.size) - meeting.size]
    return _Part(kind, keys.place[meeting.rows], meeting.record, keys.high[first], meeting.size)


def _table(keys: KeysInRange, records: RecordIndex) -> pa.Table:
    return pa.table({"rid": records.rid[keys.record], "key_hi": keys.high, "key_lo": keys.low})


def _rows_of_places(parts: list[_Part], n_places: int) -> NDArray[np.int32]:
    """Return the row of each place in the concatenation of the parts; -1 for places that are in none."""
    row, first = np.full(n_places, -1, np.int32), 0
    for part in parts:
        row[part.place] = np.arange(first, first + len(part.place))
        first += len(part.place)
    return row


def _with_width(content: NDArray[np.uint8], width: int) -> NDArray[np.uint8]:
    """Return as many rows of some width, which are made when the width is known."""
    if content.shape[1] not in (0, width):
        raise ValueError("contents differ in length")
    return content if content.shape[1] else np.empty((len(content), width), np.uint8)


def _joined(parts: list[_Part], content: NDArray[np.uint8], records: RecordIndex) -> KeyJoin:
    """Leave out codes that a record has twice, in place, and return the join; the list is emptied to save memory."""
    kept: list[KeyRange] = []
    read = written = 0
    while parts:
        part = parts.pop(0)
        some = content[read : read + len(part.record)]
        record, some, size = each_once(part.record, some, part.size)
        content[written : written + len(some)] = some
        kept.append(KeyRange(part.kind, record, content[written : written + len(some)], part.key, size))
        read += len(part.record)
        written += len(some)
    return in_one(kept, content[:written], records)
