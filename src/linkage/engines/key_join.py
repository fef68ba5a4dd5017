"""Join codes on their match keys.

The codes that share their match key (`linkage.engines.key_groups`) are held in arrays: record, group and content, about
50 bytes per code. The join is then generated for one range of records at a time: each row of a record is paired with
every later row of its group. Apart from sorting, the time grows linearly with the number of codes and pairs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkage.engines.base import candidate_schema
from linkage.engines.contents import fixed
from linkage.engines.key_groups import KeyRange, RecordIndex
from linkage.integers import combined

__all__ = ["KeyJoin", "gather", "in_one"]

BLOCK: Final = 1 << 22
"""Number of rows counted at a time, so that counting needs little memory."""

PARTS: Final = 16
"""Most parts in which rows are sorted, for the same reason; each looks at all rows."""


@dataclass(frozen=True, eq=False, repr=False)
class KeyJoin:
    """Groups of codes that share their match key, in ascending order of kind and key, sorted by record within groups.

    Attributes:
        records: The records.
        record: `(r,) int32`, the position in `records` of each row's record.
        group: `(r,) int32`, the group of each row.
        content: `(r, bytes) uint8`.
        kind: `(g,) uint8`, the kind of each group.
        key: `(g,) uint64`, the first half of the key of each group.
        ends: `(g,) int64`, the row after the last row of each group.
    """

    records: RecordIndex
    record: NDArray[np.int32]
    group: NDArray[np.int32]
    content: NDArray[np.uint8]
    kind: NDArray[np.uint8]
    key: NDArray[np.uint64]
    ends: NDArray[np.int64]

    @cached_property
    def by_record(self) -> NDArray[np.uint32]:
        """`(r,) uint32`, the rows sorted by record, and by kind and key within a record."""
        order, done = np.empty(len(self.record), np.uint32), 0
        n_parts = min(max(-(-len(self.record) // BLOCK), 1), PARTS)
        part = max(-(-len(self.records.rid) // n_parts), 1)
        for first in range(0, len(self.records.rid), part):
            rows = np.flatnonzero((self.record >= first) & (self.record < first + part))
            some = combined(self.record[rows], rows)
            some.sort()
            order[done : done + len(some)] = some.astype(np.uint32)
            done += len(some)
        return order

    @cached_property
    def _is_repeated(self) -> NDArray[np.bool_]:
        """`(r,) bool`, whether the next row has the same record and group."""
        same = np.zeros(len(self.record), np.bool_)
        np.equal(self.record[1:], self.record[:-1], out=same[:-1])
        same[:-1] &= self.group[1:] == self.group[:-1]
        return same

    @cached_property
    def n_joined(self) -> NDArray[np.int64]:
        """`(n,) int64`, the rows of the join in which each record is the smaller one."""
        total = np.zeros(len(self.records.rid), np.int64)
        for begin in range(0, len(self.record), BLOCK):
            rows = np.arange(begin, min(begin + BLOCK, len(self.record)))
            counts = np.bincount(self.record[rows], self.ends[self.group[rows]] - self._next_rows(rows), len(total))
            total += counts.astype(np.int64)
        return total

    def batches(self, max_rows: int) -> Iterator[pa.RecordBatch]:
        """Yield the batches of `Engine.candidates`."""
        first_row = np.append(0, np.cumsum(np.bincount(self.record, minlength=len(self.records.rid))))
        for begin, end in _ranges(self.n_joined, max_rows):
            yield self._join(self.by_record[first_row[begin] : first_row[end]].astype(np.int64))

    def _next_rows(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return, for each row, the next row that has another record or another group."""
        after = rows + 1
        again = np.flatnonzero(self._is_repeated[rows])
        while len(again):
            after[again] += 1
            again = again[self._is_repeated[after[again] - 1]]
        return after

    def _join(self, rows: NDArray[np.int64]) -> pa.RecordBatch:
        """Pair rows, which are sorted by record, with all later rows of their groups."""
        after = self._next_rows(rows)
        n_each = self.ends[self.group[rows]] - after
        left = np.repeat(rows, n_each)
        before = np.cumsum(n_each) - n_each
        right = np.arange(len(left)) + np.repeat(after - before, n_each)
        # The sort is stable, so the rows of a pair stay in the order of kind and key.
        order = np.argsort(combined(self.record[left], self.record[right]), kind="stable")
        left, right = left[order], right[order]
        group = self.group[left]
        columns = [
            *(pa.array(self.records.rid[self.record[side]]) for side in (left, right)),
            *(pa.array(column[group]) for column in (self.kind, self.key)),
            fixed(self._xor(left, right)),
        ]
        return pa.record_batch(columns, schema=candidate_schema(self.content.shape[1]))

    def _xor(self, left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.uint8]:
        xor = np.take(self.content, left, axis=0)
        xor ^= np.take(self.content, right, axis=0)
        return xor


def gather(parts: list[KeyRange], records: RecordIndex) -> KeyJoin:
    """Concatenate parts in the given order, emptying the list one by one to save memory.

    Raises:
        ValueError: Contents differ in length.
    """
    n_rows = sum(len(part.record) for part in parts)
    widths = {part.content.shape[1] for part in parts if len(part.content)}
    if len(widths) > 1:
        raise ValueError("contents differ in length")
    content, row = np.empty((n_rows, max(widths, default=0)), np.uint8), 0
    for number, part in enumerate(parts):
        some = content[row : row + len(part.record)]
        if len(some):
            some[:] = part.content
        parts[number] = part._replace(content=some)
        row += len(some)
    return in_one(parts, content, records)


def in_one(parts: list[KeyRange], content: NDArray[np.uint8], records: RecordIndex) -> KeyJoin:
    """Concatenate parts in the given order, whose contents are together already, and empty the list.

    Args:
        parts: The parts.
        content: `(r, bytes) uint8`, their contents.
        records: The records.
    """
    n_groups = sum(len(part.key) for part in parts)
    record = np.empty(len(content), np.int32)
    kind, key, size = np.empty(n_groups, np.uint8), np.empty(n_groups, np.uint64), np.empty(n_groups, np.int64)
    row = group = 0
    while parts:
        part = parts.pop(0)
        some, these = slice(row, row + len(part.record)), slice(group, group + len(part.key))
        record[some] = part.record
        kind[these], key[these], size[these] = part.kind, part.key, part.size
        row, group = some.stop, these.stop
    of_rows = np.repeat(np.arange(n_groups, dtype=np.int32), size)
    return KeyJoin(records, record, of_rows, content, kind, key, np.cumsum(size))


def _ranges(n_joined: NDArray[np.int64], max_rows: int) -> Iterator[tuple[int, int]]:
    """Divide the records into ranges whose joins have at most `max_rows` rows, or that hold one record with more."""
    some = np.flatnonzero(n_joined)
    total = np.cumsum(n_joined[some])
    begin = 0
    while begin < len(some):
        done = int(total[begin - 1]) if begin else 0
        end = max(begin + 1, int(np.searchsorted(total, done + max_rows, side="right")))
        yield int(some[begin]), int(some[end - 1]) + 1
        begin = end
