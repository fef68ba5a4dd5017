"""Groups: codes that share their match key, and the pairs that follow from them.

Codes are taken kind by kind and in ascending ranges of keys, sorted, and those whose key no other code has are left
out. What stays is held as arrays: a record number, a group number and a content each, some 50 bytes a code. The join is
then read off, one range of records after the other: a row of a record makes a pair with each row behind it in its
group. Each code and each pair is touched a fixed number of times, whatever their number.
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

__all__ = ["Groups", "Part", "Records", "gathered", "shared_codes"]

HALF: Final = np.uint64(32)
"""Two numbers below 2^32 are sorted as one of 64 bits, in a tenth of the time of a sort by two columns."""

SPARSE: Final = 8
"""Record numbers are looked up in a table if it needs at most so many places a record."""

BLOCK: Final = 1 << 22
"""Rows counted at a time, so that counting takes little memory beside the rows."""


class Records:
    """The records that have codes, and the place of each among them in ascending order."""

    def __init__(self, rid: NDArray[np.int64]) -> None:
        """Take the distinct numbers of the records, ascending."""
        self.rid = rid
        self._table: NDArray[np.int64] | None = None
        span = int(rid[-1]) - int(rid[0]) + 1 if len(rid) else 0
        if span <= SPARSE * len(rid):
            self._table = np.zeros(span, np.int64)
            self._table[rid - rid[:1]] = np.arange(len(rid))

    def places(self, rid: NDArray[np.int64]) -> NDArray[np.int64]:
        """Find records, all of which must be there."""
        return np.searchsorted(self.rid, rid) if self._table is None else self._table[rid - self.rid[:1]]


@dataclass(frozen=True, slots=True, repr=False)
class Part:
    """Groups of one kind and one range of keys, in ascending order of their keys.

    `place` `(r,)` and `content` `(r, bytes)` of the rows, group by group, in each by record and content; `key` and
    `size` `(g,)` of the groups, the key's first half.
    """

    kind: int
    place: NDArray[np.int32]
    content: NDArray[np.uint8]
    key: NDArray[np.uint64]
    size: NDArray[np.int64]


def shared_codes(codes: pa.Table, records: Records, *, kind: int, max_group: int) -> tuple[Part, int]:
    """Keep the codes whose match key some other code has, each once.

    Args:
        codes: `rid`, `key_hi`, `key_lo`, `content` of one kind, all those that have a key of some range, in any order.
        records: All records.
        kind: The kind.
        max_group: A match key that more codes have is left out.

    Returns:
        The groups, and how many keys were left out. The order of the codes does not matter.

    Raises:
        ValueError: Contents are not of one length.
    """
    content = _contents(codes["content"])
    high, low = (codes[name].to_numpy() for name in ("key_hi", "key_lo"))
    rows = _by_key(high, low)
    size = _sizes(high[rows], low[rows])
    wanted = (size > 1) & (size <= max_group)
    n_crowded = int((size > max_group).sum())
    rows, size = rows[np.repeat(wanted, size)], size[wanted]
    group = np.repeat(np.arange(len(size)), size)
    place = records.places(codes["rid"].to_numpy()[rows])
    # Sorting leaves the groups where they are, and so each row its group.
    order = np.argsort(_joined(group, place))
    rows, place = rows[order], place[order]
    kept = _each_once(rows, _joined(group, place), content)
    rows, place, group = rows[kept], place[kept], group[kept]
    size = np.bincount(group, minlength=len(size))
    key = high[rows[np.cumsum(size) - size]]
    return Part(kind, place.astype(np.int32), np.take(content, rows, axis=0), key, size), n_crowded


def _contents(column: pa.ChunkedArray) -> NDArray[np.uint8]:
    """Return contents as rows of bytes."""
    parts, widths = [], set()
    for chunk in filter(len, column.chunks):
        ends = np.frombuffer(chunk.buffers()[1], np.int32)[chunk.offset : chunk.offset + len(chunk) + 1]
        widths |= set(np.unique(np.diff(ends)).tolist())
        parts.append(np.frombuffer(chunk.buffers()[2] or b"", np.uint8)[ends[0] : ends[-1]])
    if len(widths) > 1:
        raise ValueError("contents are not of one length")
    return np.concatenate([np.zeros(0, np.uint8), *parts]).reshape(len(column), max(widths, default=0))


def _by_key(high: NDArray[np.uint64], low: NDArray[np.uint64]) -> NDArray[np.intp]:
    """Return the rows whose first half of the key some other row has, in ascending order of their keys."""
    order = np.argsort(high)
    same = high[order[1:]] == high[order[:-1]]
    rows = order[np.append(False, same) | np.append(same, False)] if len(order) else order
    again = high[rows[1:]] == high[rows[:-1]]
    # Two keys of one first half are next to impossible, and sorting by both halves is slow.
    if (again & (low[rows[1:]] != low[rows[:-1]])).any():
        rows = rows[np.lexsort((low[rows], high[rows]))]
    return rows


def _sizes(*columns: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return the lengths of the runs of rows that are equal in all columns."""
    n_rows = len(columns[0])
    change = np.zeros(max(n_rows - 1, 0), bool)
    for column in columns:
        change |= column[1:] != column[:-1]
    return np.diff(np.flatnonzero(change) + 1, prepend=0, append=n_rows) if n_rows else np.zeros(0, np.int64)


def _joined(first: NDArray[np.integer], second: NDArray[np.integer]) -> NDArray[np.uint64]:
    """Write two numbers below 2^32 as one."""
    return first.astype(np.uint64) << HALF | second.astype(np.uint64)


def _each_once(rows: NDArray[np.intp], ends: NDArray[np.uint64], content: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Mark the rows to keep, of equal codes of one record the first; rows of one record and key are put in order.

    A code counts once, so that a body that sends it twice does not seem to show two identities. `ends`, group and
    record of each row, ascend; `rows` is changed.
    """
    kept = np.ones(len(rows), bool)
    same = ends[1:] == ends[:-1]
    several = np.flatnonzero(np.append(False, same) | np.append(same, False)) if len(rows) else rows
    if not len(several):
        return kept
    width = content.shape[1]
    codes = np.concatenate([ends[several].astype(">u8").view(np.uint8).reshape(-1, 8), content[rows[several]]], axis=1)
    texts = np.ascontiguousarray(codes).view(f"V{8 + width}").ravel()
    order = np.argsort(texts)
    rows[several] = rows[several[order]]
    kept[several[1:]] = texts[order][1:] != texts[order][:-1]
    return kept


@dataclass(frozen=True, repr=False)
class Groups:
    """Codes that share their match key, in ascending order of kind and key, within a group by record.

    Attributes:
        records: The records, of which `place` gives places.
        place: `(r,) int32`, the record of each row.
        group: `(r,) int32`, its group.
        content: `(r, bytes) uint8`.
        kind: `(g,) uint8`, of each group.
        key: `(g,) uint64`, the first half of its key.
        ends: `(g,) int64`, the row behind its last.
    """

    records: Records
    place: NDArray[np.int32]
    group: NDArray[np.int32]
    content: NDArray[np.uint8]
    kind: NDArray[np.uint8]
    key: NDArray[np.uint64]
    ends: NDArray[np.int64]

    @cached_property
    def by_record(self) -> NDArray[np.uint32]:
        """`(r,) uint32`, the rows by record, those of a record in ascending order of kind and key."""
        order = _joined(self.place, np.arange(len(self.place)))
        order.sort()
        return order.astype(np.uint32)

    @cached_property
    def n_joined(self) -> NDArray[np.int64]:
        """`(n,) int64`, the rows of the join of which each record is the smaller end."""
        total = np.zeros(len(self.records.rid), np.int64)
        for begin in range(0, len(self.place), BLOCK):
            rows = np.arange(begin, min(begin + BLOCK, len(self.place)))
            counts = np.bincount(self.place[rows], self.ends[self.group[rows]] - self._behind(rows), len(total))
            total += counts.astype(np.int64)
        return total

    def batches(self, max_rows: int) -> Iterator[pa.RecordBatch]:
        """Yield the join as `Engine.candidates` does."""
        first_row = np.append(0, np.cumsum(np.bincount(self.place, minlength=len(self.records.rid))))
        for begin, end in _ranges(self.n_joined, max_rows):
            yield self._join(self.by_record[first_row[begin] : first_row[end]].astype(np.int64))

    def _behind(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the first row behind each row that is of another record or another group."""
        behind = rows + 1
        while True:
            inside = np.flatnonzero(behind < len(self.place))
            at, row = behind[inside], rows[inside]
            again = inside[(self.place[at] == self.place[row]) & (self.group[at] == self.group[row])]
            if not len(again):
                return behind
            behind[again] += 1

    def _join(self, rows: NDArray[np.int64]) -> pa.RecordBatch:
        """Pair rows, which stand by record, with all rows behind them in their groups."""
        behind = self._behind(rows)
        n_each = self.ends[self.group[rows]] - behind
        left = np.repeat(rows, n_each)
        before = np.cumsum(n_each) - n_each
        right = np.arange(len(left)) + np.repeat(behind - before, n_each)
        # Stable, so that the rows of a pair stay in the order of kind and key.
        order = np.argsort(_joined(self.place[left], self.place[right]), kind="stable")
        left, right = left[order], right[order]
        group = self.group[left]
        columns = [
            *(pa.array(self.records.rid[self.place[side]]) for side in (left, right)),
            *(pa.array(column[group]) for column in (self.kind, self.key)),
            *(_fixed(np.take(self.content, side, axis=0)) for side in (left, right)),
        ]
        return pa.record_batch(columns, schema=candidate_schema(self.content.shape[1]))


def gathered(parts: list[Part], records: Records) -> Groups:
    """Put parts together, in the order given; they are taken from the list one by one, as memory holds them once.

    Raises:
        ValueError: Contents are not of one length.
    """
    n_rows, n_groups = sum(len(part.place) for part in parts), sum(len(part.key) for part in parts)
    widths = {part.content.shape[1] for part in parts if len(part.content)}
    if len(widths) > 1:
        raise ValueError("contents are not of one length")
    place, content = np.empty(n_rows, np.int32), np.empty((n_rows, max(widths, default=0)), np.uint8)
    kind, key, size = np.empty(n_groups, np.uint8), np.empty(n_groups, np.uint64), np.empty(n_groups, np.int64)
    row = group = 0
    for part in _taken(parts):
        some, these = slice(row, row + len(part.place)), slice(group, group + len(part.key))
        if len(part.place):
            place[some], content[some] = part.place, part.content
        kind[these], key[these], size[these] = part.kind, part.key, part.size
        row, group = some.stop, these.stop
    of_rows = np.repeat(np.arange(n_groups, dtype=np.int32), size)
    return Groups(records, place, of_rows, content, kind, key, np.cumsum(size))


def _taken(parts: list[Part]) -> Iterator[Part]:
    while parts:
        yield parts.pop(0)


def _ranges(n_joined: NDArray[np.int64], max_rows: int) -> Iterator[tuple[int, int]]:
    """Cut the records into ranges whose joins have some rows and at most `max_rows`, or are of one record."""
    some = np.flatnonzero(n_joined)
    total = np.cumsum(n_joined[some])
    begin = 0
    while begin < len(some):
        done = int(total[begin - 1]) if begin else 0
        end = max(begin + 1, int(np.searchsorted(total, done + max_rows, side="right")))
        yield int(some[begin]), int(some[end - 1]) + 1
        begin = end


def _fixed(rows: NDArray[np.uint8]) -> pa.FixedSizeBinaryArray:
    """View rows of bytes as an Arrow column."""
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(rows.shape[1]), len(rows), [None, pa.py_buffer(rows)])
