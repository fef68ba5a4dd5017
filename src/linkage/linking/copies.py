"""Copies: records of one reporter that agree in every field, counted once wherever records stand for persons.

A reporter that sends each record fifty times under new ids has not met fifty times as many persons. Yet each copy would
count as a match within the reporter, and as one more match of the person at every other reporter: the fit would learn
from one careless reporter, and expected precision, recall and persons would be those of its copies. So what is
estimated is estimated from one record of each set of copies, the *representative*. All records are still linked.

Two records are copies if they are of one reporter, were compared in the same fields, and no field differs. Different
persons can agree so, too: namesakes of whom nothing but names is known. For an estimate they then count once, which
hardly matters; nothing else depends on it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from linkage.linking.patterns import compared_fields, ordered_levels
from pseudonym.profile import FieldTable

__all__ = ["first_of_each", "representatives"]


def representatives(
    ends: NDArray[np.int64],
    levels: NDArray[np.int8],
    tables: Sequence[FieldTable],
    *,
    reporter: NDArray[np.int64],
    rank: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Return the representative of each record.

    Args:
        ends: `(p, 2) int64`, the indices of the records of each candidate pair.
        levels: `(p, f) int8`, -1 where absent.
        tables: One table per field.
        reporter: `(n,) int64`, the reporter of each record.
        rank: `(n,) int64`, the rank of each record in an order that does not depend on its arrival.

    Returns:
        `(n,) int64`, the index of the copy with the lowest rank; of the record itself if it has no copies.
    """
    fields = compared_fields(ends[:, 0], ends[:, 1], levels, len(reporter))
    highest = np.array([ordered_levels(table) - 1 for table in tables], np.int8)
    alike = (reporter[ends[:, 0]] == reporter[ends[:, 1]]) & (fields[ends[:, 0]] == fields[ends[:, 1]])
    alike[alike] = ((levels[alike] == highest) | (levels[alike] < 0)).all(axis=1)
    left, right = ends[alike].T
    graph = coo_array((np.ones(len(left), np.int8), (left, right)), shape=(len(reporter), len(reporter)))
    return first_of_each(connected_components(graph, directed=False)[1].astype(np.int64), rank)


def first_of_each(group: NDArray[np.int64], rank: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the record with the lowest rank in the group of each record.

    Args:
        group: `(n,) int64`, from 0.
        rank: `(n,) int64`, all different.

    Returns:
        `(n,) int64`, indices.
    """
    first = np.full(int(group.max(initial=-1)) + 1, -1, np.int64)
    order = np.argsort(rank)[::-1]
    # Of several assignments to one place the last holds, which is that of the lowest rank.
    first[group[order]] = order
    return np.asarray(first[group])
