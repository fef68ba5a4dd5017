"""How many candidate pairs there will be, from match keys alone, before any pair is made.

The number of rows of the join is a sum over groups. Pairs that share several match keys have several rows; how many
pairs there are is estimated from all partners of some records, drawn at random.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkage.engines.base import MAX_GROUP, Owners
from linkage.engines.key_join import RecordIndex, groups_by_key
from pseudonym.privacy import MAX_OF_REPORTER

__all__ = ["KeyCounts", "count_keys"]

DRAWN: Final = 2_000
"""Number of records whose partners are counted."""

SEED: Final = 1
"""Equal codes have equal estimates."""

HALF: Final = 32
"""Bits below the number of a drawn record, for that of its partner."""


@dataclass(frozen=True, slots=True)
class KeyCounts:
    """What match keys say about a join.

    Attributes:
        codes: Number of codes.
        meeting: Number of codes that share their match key with another code, without keys that are left out.
        rows: Number of rows of the join, an upper bound of its pairs: a code that a record has twice is counted twice.
        pairs: Estimated number of pairs of records.
    """

    codes: int
    meeting: int
    rows: int
    pairs: int


def count_keys(
    parts: Iterable[pa.Table],
    owners: Owners,
    *,
    max_group: int = MAX_GROUP,
    max_of_reporter: int = MAX_OF_REPORTER,
    drawn: int = DRAWN,
) -> KeyCounts:
    """Count the rows of a join, and estimate its pairs.

    Args:
        parts: As `Engine.match_keys` yields them.
        owners: The reporter of every record.
        max_group: As for `Engine.candidates`.
        max_of_reporter: As for `Engine.candidates`.
        drawn: Number of records whose partners are counted; if there are no more records, the estimate is exact.

    Returns:
        The counts.
    """
    n_records = len(owners.rid)
    records = RecordIndex(owners.rid)
    chosen = np.full(n_records, -1)
    some = np.random.default_rng(SEED).permutation(n_records)[:drawn]
    chosen[some] = np.arange(len(some))
    codes = meeting = n_rows = 0
    partners = np.zeros(0, np.int64)
    for part in parts:
        groups = groups_by_key(part, max_group=max_group, owners=owners, max_of_reporter=max_of_reporter)
        codes += part.num_rows
        meeting += len(groups.rows)
        n_rows += int((groups.size * (groups.size - 1) // 2).sum())
        record = records.positions(part["rid"].to_numpy()[groups.rows])
        partners = np.unique(np.concatenate([partners, _partners(record, groups.size, chosen)]))
    # Each pair is one of either record.
    estimate = round(len(partners) / 2 * n_records / len(some)) if len(some) else 0
    return KeyCounts(codes, meeting, n_rows, min(estimate, n_rows))


def _partners(record: NDArray[np.int64], size: NDArray[np.int64], chosen: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the pairs of a chosen record and another of the same group, each as one number.

    Args:
        record: `(r,) int64`, the record of each row, group by group.
        size: `(g,) int64`, the number of rows of each group.
        chosen: `(n,) int64`, the number of each record among the chosen ones, or -1.
    """
    rows = np.flatnonzero(chosen[record] >= 0)
    group = np.repeat(np.arange(len(size)), size)[rows]
    n_each = size[group]
    left = np.repeat(rows, n_each)
    place = np.arange(len(left)) - np.repeat(np.cumsum(n_each) - n_each, n_each)
    right = np.repeat((np.cumsum(size) - size)[group], n_each) + place
    one, other = record[left], record[right]
    return np.unique((chosen[one] << HALF | other)[one != other])
