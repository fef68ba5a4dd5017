"""Read stored codes with DuckDB: match keys, in ranges; then the contents of those codes that meet another.

Codes lie enciphered and in the order of their arrival, so equal match keys lie anywhere, and no query finds them. All
match keys of a kind are therefore read at once and divided into ranges in memory, about 25 bytes per code. A code is
found again by its *place*, a number that tells it apart from all others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkage.engines.base import Cipher
from linkage.engines.contents import stored_contents
from linkage.engines.key_groups import RecordIndex

__all__ = ["CodeReader", "KeysInRange"]

KEYS: Final = 1 << 64
"""Number of first halves of match keys; keys are pseudorandom, so equal ranges hold about equally many codes."""

RANGES: Final = 12
"""Number of ranges into which keys are divided at a time. With ranges of 3,000,000 codes these take 900 MB, and a kind
is read again for each 36,000,000 of its codes."""

PLACES: Final = 1 << 32
"""Number of places that 32 bits can tell apart."""

_RECORDS: Final = "SELECT DISTINCT rid FROM {codes} ORDER BY rid"

_COUNTS: Final = "SELECT kind, count(*) FROM {codes} GROUP BY kind ORDER BY kind"

_BATCHES: Final = "SELECT batch, max(number) + 1 FROM {codes} GROUP BY batch ORDER BY batch"

_OF_KIND: Final = "SELECT {columns} FROM {codes} WHERE kind = $kind"


class KeysInRange(NamedTuple):
    """The codes of one kind with match keys in a range, in no particular order.

    `place` `(c,)` and `record` `(c,) int32` are their places and the indexes of their records, `high` and `low` `(c,)
    uint64` the halves of their keys.
    """

    place: NDArray[np.unsignedinteger]
    record: NDArray[np.int32]
    high: NDArray[np.uint64]
    low: NDArray[np.uint64]

    def of(self, rows: NDArray[np.intp] | slice) -> KeysInRange:
        """Return some of the codes."""
        return KeysInRange(self.place[rows], self.record[rows], self.high[rows], self.low[rows])


class CodeReader:
    """Reads the codes of one table.

    Args:
        connection: The connection that has the table.
        name: Its quoted name.
        cipher: Takes stored codes to plain ones; None if they are stored as they are.
        kinds: Kind numbers that are read; None for all.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        name: str,
        *,
        cipher: Cipher | None,
        kinds: Sequence[int] | None = None,
    ) -> None:
        self._connection, self._name, self._cipher = connection, name, cipher
        counts = connection.execute(_COUNTS.format(codes=name)).fetchall()
        self.sizes: dict[int, int] = {kind: n for kind, n in counts if kinds is None or kind in kinds}
        rid = connection.sql(_RECORDS.format(codes=name)).to_arrow_table()["rid"].to_numpy()
        self.records = RecordIndex(np.asarray(rid, np.int64))
        self._batches, self._first = RecordIndex(np.zeros(0, np.int64)), np.zeros(1, np.int64)
        if cipher is not None:
            batches = connection.sql(_BATCHES.format(codes=name)).to_arrow_table()
            self._batches = RecordIndex(np.asarray(batches[0].to_numpy(), np.int64))
            self._first = np.append(0, np.cumsum(np.asarray(batches[1].to_numpy(), np.int64)))

    @property
    def n_places(self) -> int:
        """Number of places, not all of which are taken."""
        return sum(self.sizes.values()) if self._cipher is None else int(self._first[-1])

    def places(self, batch: NDArray[Any], number: NDArray[Any]) -> NDArray[np.int64]:
        """Return the places of enciphered codes, given their batches and numbers."""
        return np.asarray(self._first[self._batches.positions(batch)] + number)

    def keys(self, kind: int, part_codes: int) -> Iterator[KeysInRange]:
        """Yield the codes of a kind in ascending ranges of their keys; equal keys are in the same range.

        Args:
            kind: A kind number.
            part_codes: About how many codes a range has.
        """
        n_parts = -(-self.sizes[kind] // part_codes)
        for first in range(0, n_parts, RANGES):
            number, codes = self._in_ranges(kind, n_parts, first)
            for part in range(min(RANGES, n_parts - first)):
                yield codes.of(np.flatnonzero(number == part))

    def _in_ranges(self, kind: int, n_parts: int, first: int) -> tuple[NDArray[np.uint8], KeysInRange]:
        """Read the codes of `RANGES` ranges of keys, and return the number of the range of each, and the codes."""
        # Memory that is not written to is not taken; one piece of it is freed at once.
        n = self.sizes[kind]
        number = np.empty(n, np.uint8)
        halves = np.empty(n, np.uint64), np.empty(n, np.uint64)
        held = KeysInRange(np.empty(n, self._place_type), np.empty(n, np.int32), *halves)
        end = 0
        for batch, place in self._rows(kind, ("rid", "key_hi", "key_lo")):
            codes = self._plain(batch, place)
            of_range = _range_numbers(codes.high, n_parts) - first
            wanted = np.flatnonzero((of_range >= 0) & (of_range < RANGES))
            begin, end = end, end + len(wanted)
            number[begin:end] = of_range[wanted]
            some = codes.of(wanted)
            held.place[begin:end], held.record[begin:end] = some.place, some.record
            held.high[begin:end], held.low[begin:end] = some.high, some.low
        return number[:end], held.of(slice(end))

    @property
    def _place_type(self) -> type[np.uint32] | type[np.uint64]:
        return np.uint32 if self.n_places <= PLACES else np.uint64

    def contents(self, kind: int, row: NDArray[np.int32]) -> Iterator[tuple[NDArray[np.int32], NDArray[np.uint8]]]:
        """Yield the plain contents of some codes of a kind, in no particular order.

        Args:
            kind: A kind number.
            row: `(n_places,) int32`, the row to which the content of each place belongs; -1 where it is not wanted.

        Yields:
            `(k,) int32`, rows; `(k, content_bytes) uint8`, their contents.

        Raises:
            ValueError: Contents differ in length.
        """
        widths: set[int] = set()
        for batch, place in self._rows(kind, ("content",)):
            stored = stored_contents(pa.chunked_array([batch.column("content")]))
            widths.add(stored.shape[1])
            if len(widths) > 1:
                raise ValueError("contents differ in length")
            rows = row[place]
            some = np.flatnonzero(rows >= 0)
            if not len(some):
                continue
            plain = np.take(stored, some, axis=0)
            if self._cipher is not None:
                plain = self._cipher.contents(plain, *(_column(batch, name)[some] for name in ("batch", "number")))
            yield rows[some], plain

    def _rows(
        self, kind: int, columns: tuple[str, ...]
    ) -> Iterator[tuple[pa.RecordBatch, NDArray[np.unsignedinteger]]]:
        """Yield the codes of a kind as they are stored, and their places; enciphered ones with batch and number."""
        hidden = () if self._cipher is None else ("batch", "number")
        query = _OF_KIND.format(columns=", ".join((*columns, *hidden)), codes=self._name)
        found = self._connection.sql(query, params={"kind": kind})
        first = sum(n for other, n in self.sizes.items() if other < kind)
        with pa.RecordBatchReader.from_stream(found) as batches:
            for batch in batches:
                if self._cipher is None:
                    # Nothing joins or sorts these, so that they come in one order each time.
                    place = np.arange(first, first + batch.num_rows)
                    first += batch.num_rows
                else:
                    place = self.places(_column(batch, "batch"), _column(batch, "number"))
                yield batch, place.astype(self._place_type)

    def _plain(self, batch: pa.RecordBatch, place: NDArray[np.unsignedinteger]) -> KeysInRange:
        high, low = _column(batch, "key_hi"), _column(batch, "key_lo")
        if self._cipher is not None:
            high, low = self._cipher.match_keys(high, low, _column(batch, "batch"), _column(batch, "number"))
        record = self.records.positions(_column(batch, "rid")).astype(np.int32)
        return KeysInRange(place, record, high, low)


def _column(batch: pa.RecordBatch, name: str) -> NDArray[Any]:
    return np.asarray(batch.column(name).to_numpy())


def _range_numbers(high: NDArray[np.uint64], n_parts: int) -> NDArray[np.int32]:
    """Return the number of the range of each key."""
    if n_parts == 1:
        return np.zeros(len(high), np.int32)
    return (high // np.uint64(-(-KEYS // n_parts))).astype(np.int32)
