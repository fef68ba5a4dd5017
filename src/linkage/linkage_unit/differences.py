"""Write of a table only what differs from what is stored, and know what that was.

Links and persons of a run are nearly those of the run before. To replace all of them takes longer than to find the few
rows that differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from linkage.store import Session

__all__ = ["Difference", "difference_of", "store_difference"]


class Difference(NamedTuple):
    """How a table differs from what is stored.

    Attributes:
        gone: The keys of stored rows that are no longer so.
        fresh: The rows that are not stored so.
    """

    gone: pa.Table
    fresh: pa.Table


def difference_of(stored: pa.Table, wanted: pa.Table, keys: Sequence[str]) -> Difference:
    """Compare two tables; a row that has other values under its key is both gone and fresh.

    Args:
        stored: The rows that there are, in any order.
        wanted: The rows that there should be, in any order; same columns, without nulls.
        keys: The columns that name a row, int64 and not negative; no name twice.

    Returns:
        The difference.
    """
    span = 1 + max((int(pc.max(table[name]).as_py() or 0) for table in (stored, wanted) for name in keys), default=0)
    before, after = _numbers(stored, keys, span), _numbers(wanted, keys, span)
    order = np.argsort(before)
    place = np.minimum(np.searchsorted(before, after, sorter=order), max(len(before) - 1, 0))
    at = order[place] if len(before) else place[:0]
    known = np.flatnonzero(before[at] == after) if len(before) else np.zeros(0, np.int64)
    old, new = stored.take(pa.array(at[known])), wanted.take(pa.array(known))
    same = np.ones(len(known), np.bool_)
    for name in wanted.column_names:
        same &= pc.equal(old[name], new[name].cast(old[name].type)).to_numpy(zero_copy_only=False)
    stays, is_stored = np.zeros(len(before), np.bool_), np.zeros(len(after), np.bool_)
    stays[at[known[same]]], is_stored[known[same]] = True, True
    return Difference(stored.select(list(keys)).filter(pa.array(~stays)), wanted.filter(pa.array(~is_stored)))


def store_difference(session: Session, table: str, difference: Difference) -> None:
    """Delete what is gone, and insert what is fresh.

    Args:
        session: The store, in a transaction.
        table: The name of the table, whose columns are those of the fresh rows, in order.
        difference: How it is to change.
    """
    if difference.gone.num_rows:
        same = " AND ".join(f"{table}.{name} = gone.{name}" for name in difference.gone.column_names)
        session.load(f"DELETE FROM {table} USING gone WHERE {same}", gone=difference.gone)
    if difference.fresh.num_rows:
        session.load(f"INSERT INTO {table} SELECT * FROM fresh", fresh=difference.fresh)


def _numbers(table: pa.Table, keys: Sequence[str], span: int) -> NDArray[np.int64]:
    """Return the keys of each row as one number."""
    found = np.zeros(table.num_rows, np.int64)
    for name in keys:
        found = found * span + table[name].to_numpy()
    return found
