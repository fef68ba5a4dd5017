"""How many candidate pairs there will be, from match keys alone, before any pair is made.

The number of rows of the join is a sum over groups. Pairs that share several match keys have several rows; how many
pairs there are is estimated from all partners of some records, drawn at random.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkage.engines.base import MAX_GROUP, KeyCounts, Owners
from linkage.engines.key_groups import RecordIndex, groups_by_key
from linkage.integers import distinct
from pseudonym.privacy import MAX_OF_REPORTER

__all__ = ["KeyCounter", "count_keys"]

DRAWN: Final = 2_000
"""Number of records whose partners are counted."""

SEED: Final = 1
"""Equal codes have equal estimates."""

HALF: Final = 32
"""Bits below the number of a drawn record, for that of its partner."""


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
    counter = KeyCounter(owners, drawn=drawn)
    for part in parts:
        groups = groups_by_key(part, max_group=max_group, owners=owners, max_of_reporter=max_of_reporter)
        counter.add(part.num_rows, part["rid"].to_numpy()[groups.rows], groups.size)
    return counter.counts


class KeyCounter:
    """Counts the rows of a join, part by part.

    Args:
        owners: As for `count_keys`.
        drawn: As for `count_keys`.
    """

    def __init__(self, owners: Owners, *, drawn: int = DRAWN) -> None:
        self._n_records = len(owners.rid)
        self._records = RecordIndex(owners.rid)
        some = np.random.default_rng(SEED).permutation(self._n_records)[:drawn]
        self._chosen, self._n_chosen = np.full(self._n_records, -1), len(some)
        self._chosen[some] = np.arange(len(some))
        self._codes = self._meeting = self._rows = 0
        self._partners = np.zeros(0, np.int64)

    def add(self, n_codes: int, rid: NDArray[np.int64], size: NDArray[np.int64]) -> None:
        """Count the codes of one kind in one range of match keys.

        Args:
            n_codes: Their number.
            rid: `(r,)`, the records of those that share their match key with another, group by group.
            size: `(g,) int64`, the number of rows of each group.
        """
        self._codes += n_codes
        self._meeting += len(rid)
        self._rows += int((size * (size - 1) // 2).sum())
        partners = _partners(self._records.positions(rid), size, self._chosen)
        self._partners = distinct(np.concatenate([self._partners, partners]))

    @property
    def counts(self) -> KeyCounts:
        """What was counted."""
        # Each pair is one of either record.
        estimate = round(len(self._partners) / 2 * self._n_records / max(self._n_chosen, 1))
        return KeyCounts(self._codes, self._meeting, self._rows, min(estimate, self._rows))


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
    return distinct((chosen[one] << HALF | other)[one != other])
