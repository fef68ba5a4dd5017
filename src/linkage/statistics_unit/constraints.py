"""Cannot-link constraints: pairs of records with different roles in one case.

Siblings and twins share names, addresses and often the birth date; they are the hardest true non-matches in record
linkage. One fact separates them when names and dates cannot: a case states who is the victim and who accompanied them.
Different roles in one case of one reporter are therefore different persons.

Equal roles are not evidence. A follow-up report repeats a person with the same role, and a case with two victims has
two persons with the same role. Nor are cases of different reporters evidence, even with the same case id: each reporter
numbers its own cases.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

__all__ = ["MAX_CASE", "bounded_cannot_links", "cannot_links"]

MAX_CASE: Final = 200
"""Most records of a case of which the linkage unit is told who is who. No real case has as many; a column of case ids
that holds something else would give more pairs than fit in memory."""


def cannot_links(cases: pa.Table, *, among: NDArray[np.int64] | None = None) -> NDArray[np.int64]:
    """Return the pairs of records that have different roles in one case of one reporter.

    The number of pairs grows with the square of the size of a case. A reporter with the same case id on every record
    would produce more pairs than fit in memory. With `among`, only pairs within one group of records (such as a
    connected component of the candidate graph) are returned; a clustering that works by group needs no others.

    Args:
        cases: One row per record, columns `rid` (int64), `reporter`, `case_id` and `role` (strings, null when absent).
            Other columns are ignored.
        among: `(n,) int64`, the group of each row of `cases`; by default all rows are one group.

    Returns:
        `(m, 2) int64`, distinct rows with `a < b` in ascending order. Independent of the order of `cases`.

    Raises:
        ValueError: `among` does not have one label per row.
    """
    labels = np.zeros(cases.num_rows, dtype=np.int64) if among is None else np.asarray(among, dtype=np.int64)
    if labels.shape != (cases.num_rows,):
        raise ValueError("among must have one label for each row of cases")
    usable = _usable(cases)
    rid = _column(cases, "rid", usable).astype(np.int64)
    role = _codes(cases, "role", usable)
    group = _groups(_codes(cases, "reporter", usable), _codes(cases, "case_id", usable), labels[usable])
    return _pairs_within(rid, group, role)


def bounded_cannot_links(cases: pa.Table) -> tuple[NDArray[np.int64], int]:
    """Return the pairs of `cannot_links`, but none of cases with more than `MAX_CASE` records.

    Args:
        cases: As for `cannot_links`.

    Returns:
        The pairs, and the number of cases that were left out although they have several roles.
    """
    usable = _usable(cases)
    group = _groups(_codes(cases, "reporter", usable), _codes(cases, "case_id", usable))
    role = _codes(cases, "role", usable)
    size = np.bincount(group, minlength=1)
    order = np.argsort(group, kind="stable")
    mixed = np.zeros(len(group), bool)
    mixed[order] = _mixed(group[order], role[order])
    crowded = mixed & (size[group] > MAX_CASE)
    fits = pa.array(np.flatnonzero(usable)[~crowded])
    return cannot_links(cases.take(fits)), len(np.unique(group[crowded]))


def _usable(cases: pa.Table) -> NDArray[np.bool_]:
    """Return which rows have both a case and a role."""
    both = pc.and_(pc.is_valid(cases["case_id"]), pc.is_valid(cases["role"]))
    return np.asarray(both.to_numpy(), dtype=bool)


def _column(table: pa.Table, name: str, rows: NDArray[np.bool_]) -> NDArray[Any]:
    values: NDArray[Any] = table[name].to_numpy()[rows]
    return values


def _codes(table: pa.Table, name: str, rows: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Number the distinct strings of a column."""
    column = table[name].combine_chunks().filter(pa.array(rows))
    encoded = column.dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    return np.asarray(encoded.indices.to_numpy(zero_copy_only=False), dtype=np.int64)


def _groups(*keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number the distinct combinations of several columns."""
    group = np.zeros(len(keys[0]), dtype=np.int64)
    for key in keys:
        _, code = np.unique(key, return_inverse=True)
        # Both factors are at most the number of rows, so the product fits in 64 bits for any table that fits in memory.
        _, group = np.unique(group * (code.max(initial=0) + 1) + code, return_inverse=True)
    return group.astype(np.int64)


def _pairs_within(rid: NDArray[np.int64], group: NDArray[np.int64], role: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the pairs of records of one group that have different roles.

    Only groups with several roles are expanded, so the cost is small if most cases have one record.
    """
    order = np.lexsort((rid, group))
    rid, group, role = rid[order], group[order], role[order]
    keep = _mixed(group, role)
    rid, group, role = rid[keep], group[keep], role[keep]
    end = np.searchsorted(group, group, side="right")
    row = np.arange(len(rid))
    n_later = end - row - 1
    first = np.repeat(row, n_later)
    within = np.arange(n_later.sum()) - np.repeat(np.cumsum(n_later) - n_later, n_later)
    second = first + 1 + within
    differ = role[first] != role[second]
    pairs = np.stack([rid[first[differ]], rid[second[differ]]], axis=1)
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]


def _mixed(group: NDArray[np.int64], role: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which rows, sorted by group, are in a group with more than one role."""
    if not group.size:
        return np.zeros(0, dtype=bool)
    starts = np.flatnonzero(np.r_[True, group[1:] != group[:-1]])
    mixed = np.minimum.reduceat(role, starts) != np.maximum.reduceat(role, starts)
    return np.repeat(mixed, np.diff(np.r_[starts, len(group)]))
