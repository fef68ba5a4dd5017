"""Which codes a purge takes: those whose match key other persons have too, but for the persons that keep it.

All match keys are read once (`linkage.engines.code_reader`). What a run would find among the codes that are left
follows from the same reading. Who still shares a match key afterwards is one person, or persons of whom a pair is for
review. So pairs of one person, whose comparison is kept, need no second look, and the codes by which any others still
meet are few: those are named, to be compared again.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from linkage.engines.base import MAX_GROUP, Owners
from linkage.engines.code_reader import CodeReader, KeysInRange
from linkage.engines.duckdb import PART_CODES
from linkage.engines.key_groups import groups_by_key
from linkage.progress import Progress
from pseudonym.privacy import MAX_OF_REPORTER

__all__ = ["AGAIN", "GOES", "Beside", "SharedKeys", "find_shared", "losers"]

GOES: Final = 1
"""Fate of a code that is to go."""

AGAIN: Final = 2
"""Fate of a code that is to be compared again."""


class Beside(NamedTuple):
    """The persons who may still be found to be one with others, and with whom.

    `persons` `(m,) int64` are these persons, ascending; `others` those beside each of them, person after person, of
    which the first `ends[i]` belong to the first `i` persons.
    """

    persons: NDArray[np.int64]
    others: NDArray[np.int64]
    ends: NDArray[np.int64]

    @classmethod
    def of(cls, one: NDArray[np.int64], other: NDArray[np.int64]) -> Beside:
        """Return those of pairs of persons, in any order; a pair may be there several times."""
        both = np.unique(np.stack([np.concatenate([one, other]), np.concatenate([other, one])]), axis=1)
        persons, first = np.unique(both[0], return_index=True)
        return cls(persons, both[1], np.append(first, both.shape[1]))


@dataclass(frozen=True, slots=True, eq=False)
class SharedKeys:
    """What became of the codes of a registry.

    Attributes:
        fate: (n_places,) uint8, for each place of the reader `GOES`, `AGAIN` or 0. Those to be compared again are all
            codes that are left of some match keys, without those that a run leaves out; pairs of different persons
            share none but these keys, and pairs of one person that met only where too many others did share no other.
        sharing: Rids, ascending, of the records that have a match key which another person keeps or loses.
        n_codes: Number of codes that are to go.
        n_crowded: Number of match keys that a run leaves out afterwards; see `linkage.engines.base.Candidates`.
        flooded: Likewise.
    """

    fate: NDArray[np.uint8]
    sharing: NDArray[np.int64]
    n_codes: int
    n_crowded: int
    flooded: dict[int, int]


class _Runs(NamedTuple):
    """The codes of some match keys, of which a run has those of one person with one key, and a group those of one key.

    `rows` `(c,)` are the codes, `size` `(r,)`, `owner` `(r,)` and `group` `(r,)` the number of codes, the person and
    the group of each run, ascending by (group, owner).
    """

    rows: NDArray[np.intp]
    size: NDArray[np.int64]
    owner: NDArray[np.int64]
    group: NDArray[np.int64]


def find_shared(
    reader: CodeReader, owners: Owners, person: NDArray[np.int64], beside: Beside, progress: Progress
) -> SharedKeys:
    """Find the codes that are to go, a range of match keys at a time.

    Args:
        reader: Reads the codes.
        owners: The reporter of each record.
        person: (n,) int64, the person of each record.
        beside: Persons of whom a pair may be reviewed.
        progress: See `Progress`.

    Returns:
        What becomes of the codes.
    """
    place = np.searchsorted(owners.rid, reader.records.rid)
    some, of_records = Owners(reader.records.rid, owners.reporter[place]), person[place]
    fate, shares = np.zeros(reader.n_places, np.uint8), np.zeros(len(place), np.bool_)
    n_codes, n_crowded, flooded = 0, 0, Counter[int]()
    for step, kind in enumerate(reader.sizes):
        progress("shared keys", step, len(reader.sizes))
        for keys in reader.keys(kind, PART_CODES):
            runs = _shared_runs(keys.high, of_records[keys.record])
            loses = losers(runs.group, runs.owner, runs.size, beside)
            goes = np.repeat(loses, runs.size)
            fate[keys.place[runs.rows[goes]]] = GOES
            n_codes += int(goes.sum())
            concerned = np.isin(runs.group, runs.group[loses])
            shares[keys.record[runs.rows[np.repeat(concerned, runs.size)]]] = True
            again, crowded, floods = _again(keys, runs, loses, some)
            fate[keys.place[again]] = AGAIN
            n_crowded += crowded
            flooded += floods
    return SharedKeys(fate, reader.records.rid[shares], n_codes, n_crowded, dict(sorted(flooded.items())))


def _shared_runs(high: NDArray[np.uint64], owner: NDArray[np.int64]) -> _Runs:
    """Return the codes whose match key several persons have, or so many records that a run may leave it out.

    The kind is part of what was hashed, so the first half of a key is enough to tell keys apart.
    """
    order = np.argsort(high)
    ordered, person = high[order], owner[order]
    same = ordered[1:] == ordered[:-1]
    starts = np.flatnonzero(np.append(True, ~same)[: len(high)])
    size = np.diff(starts, append=len(high))
    wanted = _may_be_left_out(size)
    several = np.flatnonzero(same & (person[1:] != person[:-1]))
    wanted[np.searchsorted(starts, several, side="right") - 1] = True
    starts, size = starts[wanted], size[wanted]
    rows = order[np.arange(size.sum()) + np.repeat(starts - np.cumsum(size) + size, size)]
    group, person = np.repeat(np.arange(len(size)), size), owner[rows]
    within = np.lexsort((person, group))
    rows, group, person = rows[within], group[within], person[within]
    first = np.flatnonzero(np.append(True, (group[1:] != group[:-1]) | (person[1:] != person[:-1]))[: len(rows)])
    return _Runs(rows, np.diff(first, append=len(rows)), person[first], group[first])


def _may_be_left_out(size: NDArray[np.integer] | NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which match keys with so many codes a run may leave out, in whole or of one reporter."""
    return np.asarray(size > min(MAX_GROUP, MAX_OF_REPORTER))


def _again(
    keys: KeysInRange, runs: _Runs, loses: NDArray[np.bool_], owners: Owners
) -> tuple[NDArray[np.intp], int, Counter[int]]:
    """Return which codes are to be compared again, and what a run leaves out among those that are left."""
    n_groups = int(runs.group.max(initial=-1)) + 1
    large = _may_be_left_out(np.bincount(runs.group, runs.size, n_groups))
    several = np.bincount(runs.group[~loses], minlength=n_groups) > 1
    stays = np.repeat((several & ~large)[runs.group] & ~loses, runs.size)
    left = runs.rows[np.repeat(large[runs.group] & ~loses, runs.size)]
    some = keys.of(left)
    table = pa.table({"rid": owners.rid[some.record], "key_hi": some.high, "key_lo": some.low})
    groups = groups_by_key(table, max_group=MAX_GROUP, owners=owners, max_of_reporter=MAX_OF_REPORTER)
    return np.concatenate([runs.rows[stays], left[groups.rows]]), groups.n_crowded, groups.flooded


def losers(
    group: NDArray[np.int64], owner: NDArray[np.int64], size: NDArray[np.int64], beside: Beside
) -> NDArray[np.bool_]:
    """Mark the runs whose person loses its match key: all of a group but those of its largest cluster.

    Args:
        group: (r,), the group of each run, from 0, ascending.
        owner: (r,), its person, ascending within groups.
        size: (r,), its codes.
        beside: Persons of a group who may be one are a cluster; others are clusters of their own.

    Returns:
        (r,) bool; of clusters of one size the first stays.
    """
    cluster = _clusters(group, owner, beside)
    total = np.bincount(cluster, size, len(group))[cluster]
    order = np.lexsort((cluster, -total, group))
    first = order[np.append(True, group[1:] != group[:-1])[: len(group)]]
    return np.asarray(cluster != cluster[first][group])


def _clusters(group: NDArray[np.int64], owner: NDArray[np.int64], beside: Beside) -> NDArray[np.int64]:
    """Return the first run of the cluster of each run, (r,) int64."""
    cluster = np.arange(len(group))
    unsure = np.flatnonzero(np.isin(owner, beside.persons))
    if not len(unsure):
        return cluster
    place = np.searchsorted(beside.persons, owner[unsure])
    n_each = np.diff(beside.ends)[place]
    left = np.repeat(unsure, n_each)
    other = beside.others[np.arange(len(left)) + np.repeat(beside.ends[place] - np.cumsum(n_each) + n_each, n_each)]
    span = 1 + max(int(owner.max()), int(beside.persons[-1]))
    known, wanted = group * span + owner, group[left] * span + other
    right = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    met = known[right] == wanted
    graph = coo_array((np.ones(int(met.sum()), np.int8), (left[met], right[met])), (len(group), len(group)))
    n_components, component = connected_components(graph, directed=False)
    # Assigned in reverse order, the first run of each component stays.
    first = np.zeros(n_components, np.int64)
    first[component[::-1]] = cluster[::-1]
    return np.asarray(first[component])
