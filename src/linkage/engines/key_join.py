"""Join codes on their match keys.

Codes are read by kind, in ascending ranges of keys, and sorted; codes with a unique key are dropped. The rest are held
in arrays: record, group and content, about 50 bytes per code. A group is all codes with the same match key. The join is
then generated for one range of records at a time: each row of a record is paired with every later row of its group.
Apart from sorting, the time grows linearly with the number of codes and pairs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkage.engines.base import Cipher, Owners, candidate_schema
from linkage.engines.contents import fixed, plain_contents, stored_contents

__all__ = [
    "Groups",
    "KeyJoin",
    "KeyRange",
    "Meeting",
    "RecordIndex",
    "by_record",
    "each_once",
    "gather",
    "groups_by_key",
    "in_one",
    "shared_codes",
]

HALF: Final = np.uint64(32)
"""Limit below which two numbers can be sorted as one of 64 bits, ten times faster than by two columns."""

SPARSE: Final = 8
"""Maximum number of entries per record for which record numbers are looked up in a table."""

BLOCK: Final = 1 << 22
"""Number of rows counted at a time, so that counting needs little memory."""

PARTS: Final = 16
"""Most parts in which rows are sorted, for the same reason; each looks at all rows."""


class RecordIndex:
    """The records that have codes, in ascending order, and the index of each."""

    def __init__(self, rid: NDArray[np.int64]) -> None:
        """Build the index from distinct record numbers in ascending order."""
        self.rid = rid
        self._table: NDArray[np.int64] | None = None
        span = int(rid[-1]) - int(rid[0]) + 1 if len(rid) else 0
        if span <= SPARSE * len(rid):
            self._table = np.zeros(span, np.int64)
            self._table[rid - rid[:1]] = np.arange(len(rid))

    def positions(self, rid: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the positions of records, all of which must be in the index."""
        return np.searchsorted(self.rid, rid) if self._table is None else self._table[rid - self.rid[:1]]


class KeyRange(NamedTuple):
    """The groups of one kind and one range of keys, in ascending order of their keys.

    `record` `(r,)` and `content` `(r, bytes)` are those of the rows, group by group, sorted by record and content
    within groups. `key` and `size` `(g,)` are the first half of the key and the number of rows of each group.
    """

    kind: int
    record: NDArray[np.int32]
    content: NDArray[np.uint8]
    key: NDArray[np.uint64]
    size: NDArray[np.int64]


def shared_codes(
    codes: pa.Table,
    records: RecordIndex,
    *,
    kind: int,
    max_group: int,
    owners: Owners | None,
    max_of_reporter: int,
    cipher: Cipher | None = None,
) -> tuple[KeyRange, int, Counter[int]]:
    """Select the codes that share their match key with another code, each code once.

    Args:
        codes: `rid`, `key_hi`, `key_lo`, `content` of all codes of one kind with keys in some range, in any order.
        records: All records.
        kind: The kind.
        max_group: Match keys with more codes than this are dropped.
        owners: The reporter of each record, or None.
        max_of_reporter: If a reporter has more codes than this with one match key, these are dropped first.
        cipher: See `contents`.

    Returns:
        The groups; the number of keys dropped; and for each reporter the number of keys of which its codes were
        dropped. The order of the codes does not matter.

    Raises:
        ValueError: Contents differ in length.
    """
    stored = stored_contents(codes["content"])
    found = groups_by_key(codes, max_group=max_group, owners=owners, max_of_reporter=max_of_reporter)
    meeting = by_record(found, records.positions(codes["rid"].to_numpy()[found.rows]).astype(np.int32))
    rows = meeting.rows
    key = codes["key_hi"].to_numpy()[rows[np.cumsum(meeting.size) - meeting.size]]
    # Only these are deciphered: most codes of a large registry share their match key with no other.
    content = plain_contents(np.take(stored, rows, axis=0), codes, rows, cipher)
    record, content, size = each_once(meeting.record, content, meeting.size)
    return KeyRange(kind, record, content, key, size), found.n_crowded, found.flooded


class Meeting(NamedTuple):
    """Codes that share their match key, as `Groups`, but sorted by record within groups.

    `rows` `(r,)` are their rows, `record` `(r,) int32` the indexes of their records, `size` `(g,)` as for `Groups`.
    """

    rows: NDArray[np.intp]
    record: NDArray[np.int32]
    size: NDArray[np.int64]


def by_record(groups: Groups, record: NDArray[np.int32]) -> Meeting:
    """Sort the rows of groups by record.

    Args:
        groups: The groups.
        record: `(r,) int32`, the record of each of their rows.
    """
    # Rows are sorted within groups, so the sizes stay valid.
    order = np.argsort(_combined(np.repeat(np.arange(len(groups.size)), groups.size), record))
    return Meeting(groups.rows[order], record[order], groups.size)


def each_once(
    record: NDArray[np.int32], content: NDArray[np.uint8], size: NDArray[np.int64]
) -> tuple[NDArray[np.int32], NDArray[np.uint8], NDArray[np.int64]]:
    """Leave out equal codes of a record but one, and sort the contents of one record and key.

    Args:
        record: `(r,) int32`, the record of each row, ascending within groups.
        content: `(r, bytes) uint8`, changed.
        size: `(g,) int64`, the number of rows of each group.

    Returns:
        The same, with fewer rows.
    """
    group = np.repeat(np.arange(len(size)), size)
    kept = _first_of_equals(_combined(group, record), content)
    if kept.all():
        return record, content, size
    return record[kept], content[kept], np.bincount(group[kept], minlength=len(size))


class Groups(NamedTuple):
    """The codes of one kind that share their match key with another code.

    `rows` are their rows, group by group, and `size` the number of rows of each group, in ascending order of keys;
    `n_crowded` and `flooded` say what was left out, see `Candidates`.
    """

    rows: NDArray[np.intp]
    size: NDArray[np.int64]
    n_crowded: int
    flooded: Counter[int]


def groups_by_key(codes: pa.Table, *, max_group: int, owners: Owners | None, max_of_reporter: int) -> Groups:
    """Group codes of one kind by their match key; see `shared_codes`.

    Args:
        codes: `rid`, `key_hi`, `key_lo` of all codes of one kind with keys in some range, in any order.
        max_group: Match keys with more codes than this are dropped.
        owners: The reporter of each record, or None.
        max_of_reporter: If a reporter has more codes than this with one match key, these are dropped first.

    Returns:
        The groups of two and more. Equal codes of a record are not yet one.
    """
    high, low = (codes[name].to_numpy() for name in ("key_hi", "key_lo"))
    rows = _by_key(high, low)
    size = _sizes(high[rows], low[rows])
    flooded: Counter[int] = Counter()
    if owners is not None and (size > max_of_reporter).any():
        kept, flooded = _below(codes["rid"].to_numpy(), rows, size, owners, most=max_of_reporter)
        size = np.bincount(np.repeat(np.arange(len(size)), size)[kept], minlength=len(size))
        rows = rows[kept]
    wanted = (size > 1) & (size <= max_group)
    n_crowded = int((size > max_group).sum())
    return Groups(rows[np.repeat(wanted, size)], size[wanted], n_crowded, flooded)


def _below(
    rid: NDArray[np.int64], rows: NDArray[np.intp], size: NDArray[np.int64], owners: Owners, *, most: int
) -> tuple[NDArray[np.bool_], Counter[int]]:
    """Return which rows to keep so that no reporter has more than `most` of a group, and who had more, how often."""
    kept = np.ones(len(rows), bool)
    # Only these can have too many of one reporter, and hardly any group is as large.
    large = np.flatnonzero(np.repeat(size > most, size))
    group = np.repeat(np.arange(len(size)), size)[large]
    reporter = owners.reporter[np.searchsorted(owners.rid, rid[rows[large]])]
    names, share, count = np.unique(_combined(group, reporter), return_inverse=True, return_counts=True)
    kept[large] = (count <= most)[share]
    return kept, Counter((names[count > most] & np.uint64(0xFFFFFFFF)).astype(np.int64).tolist())


def _by_key(high: NDArray[np.uint64], low: NDArray[np.uint64]) -> NDArray[np.intp]:
    """Return the rows that share the first half of their key with another row, in ascending order of their keys."""
    order = np.argsort(high)
    same = high[order[1:]] == high[order[:-1]]
    rows = order[np.append(False, same) | np.append(same, False)] if len(order) else order
    again = high[rows[1:]] == high[rows[:-1]]
    # Different keys hardly ever share their first half, and sorting by both halves is slow.
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


def _combined(first: NDArray[np.integer], second: NDArray[np.integer]) -> NDArray[np.uint64]:
    """Combine two numbers below 2^32 into one."""
    return first.astype(np.uint64) << HALF | second.astype(np.uint64)


def _first_of_equals(ends: NDArray[np.uint64], content: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return which rows to keep: the first of equal codes of a record. Also sort the contents of one record and key.

    Each code counts once, so that a code sent twice does not look like two identities. `ends`, which combines the
    group and record of each row, is ascending; `content` is changed.
    """
    kept = np.ones(len(content), bool)
    same = ends[1:] == ends[:-1]
    several = np.flatnonzero(np.append(False, same) | np.append(same, False)) if len(content) else ends
    if not len(several):
        return kept
    width = content.shape[1]
    codes = np.concatenate([ends[several].astype(">u8").view(np.uint8).reshape(-1, 8), content[several]], axis=1)
    texts = np.ascontiguousarray(codes).view(f"V{8 + width}").ravel()
    order = np.argsort(texts)
    content[several] = content[several[order]]
    kept[several[1:]] = texts[order][1:] != texts[order][:-1]
    return kept


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
            some = _combined(self.record[rows], rows)
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
        order = np.argsort(_combined(self.record[left], self.record[right]), kind="stable")
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
