"""Person ids that keep their meaning from one run to the next.

A linkage run finds clusters of records. Which id a cluster carries must not depend on the run: a person followed over
years keeps one id, and where the answer changes the change is an event that stands in the registry. The rules:

1. Each person id of the run before goes to its *heir*, the cluster that holds most of its records that still exist;
   between equals, the cluster that holds the oldest of them.
2. A cluster that is the heir of several ids keeps the id whose records in it include the oldest one. The other ids are
   *merged* into that one and never return.
3. Records of a person that lie outside its heir have *split* off, to a person that is named in the event.
4. A cluster that is nobody's heir gets a new id, *created* from a counter that only grows.
5. An id none of whose records still exists is *retired*.

The oldest record is the one with the smallest record number: numbers are given at intake, never twice, and a record
that is superseded keeps its number. New records that join a person, and records that leave the registry while others of
the person stay, change no record's person, so they are no events.

The books balance: persons after = persons before + created - merged - retired.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

__all__ = ["EVENTS", "EVENT_KINDS", "PERSONS", "Assignment", "assign", "next_number_after"]

EVENT_KINDS: Final = ("created", "merged", "split", "retired")

# Six digits keep ids of one width up to a million persons; more digits follow by themselves after that.
_PREFIX: Final = "P"
_DIGITS: Final = 6

PERSONS: Final = pa.schema([pa.field("rid", pa.int64()), pa.field("person_id", pa.string())])
EVENTS: Final = pa.schema(
    [pa.field("kind", pa.string()), pa.field("person_id", pa.string()), pa.field("other_person_id", pa.string())]
)


@dataclass(frozen=True, slots=True)
class Assignment:
    """The person of each record, and what changed since the run before.

    Attributes:
        persons: Columns `rid`, `person_id`; one row a record, in ascending order of `rid`.
        events: Columns `kind`, `person_id`, `other_person_id`. `created` and `retired` have no other person; `merged`
            names the person that `person_id` went into; `split` names the person that took records from `person_id`.
            Sorted by kind (in the order created, merged, split, retired), person and other person.
        next_number: The first number that no person id has ever had; to be kept for the next run.
    """

    persons: pa.Table
    events: pa.Table
    next_number: int


@dataclass(frozen=True, slots=True)
class _Overlap:
    """The records that old persons and new clusters have in common, one entry a (person, cluster) that share any."""

    person: NDArray[np.int64]
    cluster: NDArray[np.int64]
    count: NDArray[np.int64]
    oldest: NDArray[np.int64]


def assign(clusters: pa.Table, previous: pa.Table, *, next_number: int) -> Assignment:
    """Return each cluster of records the person id that it carries on, or a new one.

    Equal input gives equal output; the order of rows and the values of the labels play no part.

    Args:
        clusters: Columns `rid` (int64) and `label` (int64); one row for every current record, singletons too.
        previous: Columns `rid` and `person_id` of the run before; empty at the first run.
        next_number: The first number that no person id has ever had, retired ids included.

    Returns:
        Persons, events and the next free number.

    Raises:
        ValueError: A record stands twice in a table, or `next_number` would use an id again.
    """
    rid, label = _sorted_by_rid(clusters, "label")
    before, old_id = _sorted_by_rid(previous, "person_id")
    names, old = np.unique(old_id.astype(str), return_inverse=True)
    if next_number < next_number_after(names.tolist()):
        raise ValueError("next_number must be larger than the number of every person id so far")
    _, first, cluster = np.unique(label, return_index=True, return_inverse=True)
    overlap = _overlap(rid, cluster.astype(np.int64), before, old=old.astype(np.int64))
    heir = _heirs(overlap, len(names))
    owner = _owners(overlap, heir, len(first))
    new_names, next_number = _name(names, owner, first, next_number=next_number)
    persons = pa.table({"rid": rid, "person_id": pa.array(new_names[cluster], pa.string())}, schema=PERSONS)
    events = _events(overlap, names, new_names, fate=(heir, owner))
    return Assignment(persons, events, next_number)


def next_number_after(person_ids: Iterable[str]) -> int:
    """Say the first number above those of the given person ids; 1 when there are none."""
    return 1 + max((int(person_id.removeprefix(_PREFIX)) for person_id in person_ids), default=0)


def _sorted_by_rid(table: pa.Table, column: str) -> tuple[NDArray[np.int64], NDArray[np.generic]]:
    """Read `rid` and one more column in the order of `rid`, and refuse a record that stands twice."""
    rid = table["rid"].to_numpy().astype(np.int64)
    order = np.argsort(rid, kind="stable")
    rid = rid[order]
    if np.any(rid[1:] == rid[:-1]):
        raise ValueError("a record stands twice in a table of persons")
    return rid, table[column].to_numpy()[order]


def _overlap(
    rid: NDArray[np.int64], cluster: NDArray[np.int64], before: NDArray[np.int64], *, old: NDArray[np.int64]
) -> _Overlap:
    """Count the records that each old person and each new cluster share, and find the oldest of them."""
    shared, now_at, before_at = np.intersect1d(rid, before, assume_unique=True, return_indices=True)
    n_clusters = cluster.max(initial=0) + 1
    pairs = old[before_at] * n_clusters + cluster[now_at]
    # Shared records are in ascending order, so the first occurrence of a pair is its oldest record.
    distinct, first, count = np.unique(pairs, return_index=True, return_counts=True)
    return _Overlap(distinct // n_clusters, distinct % n_clusters, count.astype(np.int64), shared[first])


def _heirs(overlap: _Overlap, n_persons: int) -> NDArray[np.int64]:
    """Find the cluster that each old person goes to: largest overlap, then oldest record; -1 without a record left."""
    heir = np.full(n_persons, -1, dtype=np.int64)
    order = np.lexsort((overlap.oldest, -overlap.count, overlap.person))
    person, first = np.unique(overlap.person[order], return_index=True)
    heir[person] = overlap.cluster[order][first]
    return heir


def _owners(overlap: _Overlap, heir: NDArray[np.int64], n_clusters: int) -> NDArray[np.int64]:
    """Find the old person whose id each cluster carries on: the claimant with the oldest record; -1 without one."""
    owner = np.full(n_clusters, -1, dtype=np.int64)
    claims = heir[overlap.person] == overlap.cluster
    person, cluster, oldest = overlap.person[claims], overlap.cluster[claims], overlap.oldest[claims]
    order = np.lexsort((oldest, cluster))
    taken, first = np.unique(cluster[order], return_index=True)
    owner[taken] = person[order][first]
    return owner


def _name(
    names: NDArray[np.str_], owner: NDArray[np.int64], first: NDArray[np.intp], *, next_number: int
) -> tuple[NDArray[np.object_], int]:
    """Name every cluster, by its owner or by the next number; new numbers follow the oldest record."""
    result = np.empty(len(owner), dtype=object)
    result[owner >= 0] = names[owner[owner >= 0]]
    fresh = np.flatnonzero(owner < 0)
    fresh = fresh[np.argsort(first[fresh], kind="stable")]
    for number, cluster in enumerate(fresh, start=next_number):
        result[cluster] = f"{_PREFIX}{number:0{_DIGITS}d}"
    return result, next_number + len(fresh)


def _events(
    overlap: _Overlap,
    names: NDArray[np.str_],
    new_names: NDArray[np.object_],
    *,
    fate: tuple[NDArray[np.int64], NDArray[np.int64]],
) -> pa.Table:
    """Write down every change: new ids, ids gone into others, records gone to others, ids without records."""
    heir, owner = fate
    rows: list[tuple[int, str, str | None]] = [(0, new_names[c], None) for c in np.flatnonzero(owner < 0)]
    rows += [(1, str(names[p]), new_names[heir[p]]) for p in np.flatnonzero(heir >= 0) if owner[heir[p]] != p]
    strayed = np.flatnonzero(heir[overlap.person] != overlap.cluster)
    rows += [(2, str(names[overlap.person[i]]), new_names[overlap.cluster[i]]) for i in strayed]
    rows += [(3, str(names[p]), None) for p in np.flatnonzero(heir < 0)]
    rows.sort(key=lambda row: (row[0], row[1], row[2] or ""))
    columns = {
        "kind": [EVENT_KINDS[kind] for kind, _, _ in rows],
        "person_id": [person for _, person, _ in rows],
        "other_person_id": [other for _, _, other in rows],
    }
    return pa.table(columns, schema=EVENTS)
