"""Group codes by their match key.

Codes are read by kind, in ascending ranges of keys, and sorted; codes with a unique key are dropped. A group is all
codes with the same match key.
"""

from __future__ import annotations

from collections import Counter
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkage.engines.base import Cipher, Owners
from linkage.engines.contents import plain_contents, stored_contents
from linkage.integers import combined

__all__ = [
    "Groups",
    "KeyRange",
    "Meeting",
    "RecordIndex",
    "by_record",
    "each_once",
    "groups_by_key",
    "shared_codes",
]

SPARSE: Final = 8
"""Maximum number of entries per record for which record numbers are looked up in a table."""


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
    order = np.argsort(combined(np.repeat(np.arange(len(groups.size)), groups.size), record))
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
    kept = _first_of_equals(combined(group, record), content)
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
    names, share, count = np.unique(combined(group, reporter), return_inverse=True, return_counts=True)
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
