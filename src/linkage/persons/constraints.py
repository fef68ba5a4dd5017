"""Pairs of records that cannot be one person, read from the roles of a case.

Siblings and twins share names, addresses and often the birth date; they are the hardest true non-matches of this
field. One fact separates them that no name or date can: a body that writes down a case says who in it is the victim and
who came along. Two different roles in one case of one body are therefore two persons.

Equal roles say nothing. A follow-up report repeats a person under the same role, and a case with two victims has two
persons under the same role, so equal roles are left to the evidence. A case of another body says nothing either, even
under the same case id: bodies number their cases on their own.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

__all__ = ["cannot_links"]


def cannot_links(cases: pa.Table, *, among: NDArray[np.int64] | None = None) -> NDArray[np.int64]:
    """List the pairs of records that hold different roles in one case of one body.

    The number of pairs grows with the square of a case. A body that writes the same case id on everything would ask for
    more pairs than fit in memory; with `among`, only pairs inside one group of records (say, one connected component of
    the candidate graph) are listed, and no other pair matters to a clustering that works group by group.

    Args:
        cases: One row a record, columns `rid` (int64), `reporter`, `case_id` and `role` (strings, null when absent).
            Other columns are not looked at.
        among: (n,) int64, the group of each row of `cases`; by default all rows are one group.

    Returns:
        (m, 2) int64, each row `a < b`, every pair once, rows in ascending order. Independent of the order of `cases`.

    Raises:
        ValueError: `among` does not have one label a row.
    """
    labels = np.zeros(cases.num_rows, dtype=np.int64) if among is None else np.asarray(among, dtype=np.int64)
    if labels.shape != (cases.num_rows,):
        raise ValueError("among must have one label for each row of cases")
    usable = _usable(cases)
    rid = _column(cases, "rid", usable).astype(np.int64)
    role = _codes(cases, "role", usable)
    group = _groups(_codes(cases, "reporter", usable), _codes(cases, "case_id", usable), labels[usable])
    return _pairs_within(rid, group, role)


def _usable(cases: pa.Table) -> NDArray[np.bool_]:
    """Mark the rows that name both a case and a role."""
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
        _, place = np.unique(key, return_inverse=True)
        # Both factors are at most the number of rows, so the product fits in 64 bits for any table that fits in memory.
        _, group = np.unique(group * (place.max(initial=0) + 1) + place, return_inverse=True)
    return group.astype(np.int64)


def _pairs_within(rid: NDArray[np.int64], group: NDArray[np.int64], role: NDArray[np.int64]) -> NDArray[np.int64]:
    """Pair each record with every later one of its group, and keep the pairs of different roles.

    Only groups that hold two roles are opened, so a registry in which most cases have one record costs little.
    """
    order = np.lexsort((rid, group))
    rid, group, role = rid[order], group[order], role[order]
    keep = _mixed(group, role)
    rid, group, role = rid[keep], group[keep], role[keep]
    end = np.searchsorted(group, group, side="right")
    place = np.arange(len(rid))
    n_later = end - place - 1
    first = np.repeat(place, n_later)
    within = np.arange(n_later.sum()) - np.repeat(np.cumsum(n_later) - n_later, n_later)
    second = first + 1 + within
    differ = role[first] != role[second]
    pairs = np.stack([rid[first[differ]], rid[second[differ]]], axis=1)
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]


def _mixed(group: NDArray[np.int64], role: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Mark the rows (sorted by group) whose group holds more than one role."""
    if not group.size:
        return np.zeros(0, dtype=bool)
    starts = np.flatnonzero(np.r_[True, group[1:] != group[:-1]])
    mixed = np.minimum.reduceat(role, starts) != np.maximum.reduceat(role, starts)
    return np.repeat(mixed, np.diff(np.r_[starts, len(group)]))
