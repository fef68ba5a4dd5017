"""What an answer says: of how much of a missing join the record of a question is the smaller half."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

__all__ = ["missing_joins"]

Ints = NDArray[np.int64]


def missing_joins(asked: int, same: Sequence[int], person: Ints, reached: Ints) -> float:
    """Return what part of a missing join a record is, given all records of its person.

    Records of one person found are together, and so are those between which a pair was stored, since draws of the
    undecided pairs can join them. The largest part (of equal ones that with the smallest record) is the person; every
    other part is one join that is missing, which its records share evenly.

    Args:
        asked: The record.
        same: All records of its person, the record among them.
        person: `(m,) int64`, the person found of each of these.
        reached: `(e, 2) int64`, pairs of records that were stored, in any order and also of other records.

    Returns:
        0 if the record is in the largest part, else 1 divided by the number of records of its part.
    """
    records = np.array(same, np.int64)
    order = np.argsort(records)
    records, person = records[order], person[order]
    inside = np.isin(reached, records).all(axis=1)
    pairs = np.searchsorted(records, reached[inside])
    names, found = np.unique(person, return_inverse=True)
    ends = found[pairs].reshape(-1, 2)
    graph = coo_array((np.ones(len(ends), np.int8), (ends[:, 0], ends[:, 1])), shape=(len(names),) * 2)
    part = connected_components(graph, directed=False)[1][found]
    sizes = np.bincount(part)
    # Records are in order, so that of equal parts the first is that with the smallest record.
    main = part[np.argmax(sizes[part])]
    own = part[np.searchsorted(records, asked)]
    return 0.0 if own == main else 1 / float(sizes[own])
