"""Person ids that keep their meaning from one run to the next.

A run forms clusters of records. Ids must not change from run to run: a person followed over years keeps one id, and
every change is recorded as an event in the registry. The rules:

1. Each person id of the previous run goes to its *heir*, the cluster with the most of its records that still exist;
   ties go to the cluster with the oldest of them.
2. A cluster that is the heir of several ids keeps the id that brings the oldest record. The other ids are *merged* into
   it and never used again.
3. Records of a person outside its heir have *split* off, to a person named in the event.
4. A cluster that is not an heir gets a new id, *created* from a counter that only increases and from its founder, the
   record of the lowest rank. What the id looks like is the caller's choice.
5. An id with no record left is *retired*. Erasures retire ids themselves, so the pipeline never comes to this rule.

The oldest record is the one with the smallest record number: numbers are assigned at intake and never reused, and a
record keeps its number when it is superseded. It is not an event if a new record joins a person, or if a record leaves
the registry while others of its person stay, because no record's person changes.

So ids depend on history. In the first run of a registry, the order in which the records arrived plays no part, since
only rule 4 applies. Ids that exist are kept, so if `link` also ran in between, ids depend on what had arrived by then
and, where several meet in one person, on which record arrived first.

The counts balance: persons after = persons before + created - merged - retired.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

__all__ = ["EVENTS", "EVENT_KINDS", "PERSONS", "Assignment", "NewId", "assign"]

EVENT_KINDS: Final = ("created", "merged", "split", "retired")

NewId = Callable[[int, int], str]
"""Makes a person id of a number, of which no other id is made, and of the rid of the founder."""

PERSONS: Final = pa.schema([pa.field("rid", pa.int64()), pa.field("person_id", pa.string())])
EVENTS: Final = pa.schema(
    [pa.field("kind", pa.string()), pa.field("person_id", pa.string()), pa.field("other_person_id", pa.string())]
)


@dataclass(frozen=True, slots=True)
class Assignment:
    """The person of each record, and the changes since the previous run.

    Attributes:
        persons: Columns `rid`, `person_id`; one row per record, in ascending order of `rid`.
        events: Columns `kind`, `person_id`, `other_person_id`. `created` and `retired` have no other person; `merged`
            names the person that `person_id` went into; `split` names the person that took records from `person_id`.
            Sorted by kind (in the order created, merged, split, retired), person and other person.
        next_number: The first number of which no person id was made yet; pass it to the next run.
    """

    persons: pa.Table
    events: pa.Table
    next_number: int


@dataclass(frozen=True, slots=True, eq=False)
class _Overlap:
    """The records shared by old persons and new clusters, one entry per person and cluster that share any."""

    person: NDArray[np.int64]
    cluster: NDArray[np.int64]
    count: NDArray[np.int64]
    oldest: NDArray[np.int64]


def assign(clusters: pa.Table, previous: pa.Table, *, next_number: int, new_id: NewId) -> Assignment:
    """Assign each cluster of records an existing person id, or a new one.

    The result does not depend on the order of the rows or on the values of the labels. In the first run of a registry,
    numbers and founders do not depend on the values of `rid` either.

    Args:
        clusters: Columns `rid` (int64), `label` (int64) and `rank` (int64, all different), the place of the record in
            an order that does not depend on its arrival; one row per current record.
        previous: Columns `rid` and `person_id` of the previous run; empty for the first run.
        next_number: The first number of which no person id was made yet, including retired ones.
        new_id: Makes the ids of new persons.

    Returns:
        Persons, events and the next unused number.

    Raises:
        ValueError: A record occurs twice in a table, or `new_id` made an id that exists.
    """
    rid, label, rank = _sorted_by_rid(clusters, "label", "rank")
    names, number = _numbered(previous["person_id"])
    before, old = _sorted_by_rid(pa.table({"rid": previous["rid"], "number": number}), "number")
    labels, cluster = np.unique(label, return_inverse=True)
    overlap = _overlap(rid, cluster.astype(np.int64), before, old=old.astype(np.int64))
    heir = _heirs(overlap, len(names))
    owner = _owners(overlap, heir, len(labels))
    by_rank = np.argsort(rank)
    # Clusters without an owner, by the ranks of their founders.
    founded, first = np.unique(cluster[by_rank], return_index=True)
    founders = by_rank[np.sort(first[owner[founded] < 0])]
    new_names = np.empty(len(labels), dtype=object)
    new_names[owner >= 0] = names[owner[owner >= 0]]
    new_names[cluster[founders]] = _new_names(names, rid[founders], first_number=next_number, new_id=new_id)
    next_number += len(founders)
    person_ids = pa.array(new_names, pa.string()).take(pa.array(cluster))
    persons = pa.table({"rid": rid, "person_id": person_ids}, schema=PERSONS)
    events = _events(overlap, names, new_names, heir=heir, owner=owner)
    return Assignment(persons, events, next_number)


def _sorted_by_rid(table: pa.Table, *columns: str) -> list[NDArray[Any]]:
    """Read `rid` and other columns in the order of `rid`, and refuse duplicate records."""
    rid = table["rid"].to_numpy().astype(np.int64)
    order = np.argsort(rid, kind="stable")
    rid = rid[order]
    if np.any(rid[1:] == rid[:-1]):
        raise ValueError("a record occurs twice in a table of persons")
    return [rid, *(table[column].to_numpy()[order] for column in columns)]


def _numbered(person_ids: pa.ChunkedArray) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Return the different person ids, and the index of each among them."""
    encoded = pc.dictionary_encode(person_ids.cast(pa.string()).combine_chunks())
    names = np.array(encoded.dictionary.to_pylist(), dtype=object)
    return names, encoded.indices.to_numpy().astype(np.int64)


def _overlap(
    rid: NDArray[np.int64], cluster: NDArray[np.int64], before: NDArray[np.int64], *, old: NDArray[np.int64]
) -> _Overlap:
    """Count the records that each old person and each new cluster share, and find the oldest one."""
    shared, now_at, before_at = np.intersect1d(rid, before, assume_unique=True, return_indices=True)
    n_clusters = cluster.max(initial=0) + 1
    pairs = old[before_at] * n_clusters + cluster[now_at]
    # Shared records are ascending, so the first occurrence of a pair has its oldest record.
    distinct, first, count = np.unique(pairs, return_index=True, return_counts=True)
    return _Overlap(distinct // n_clusters, distinct % n_clusters, count.astype(np.int64), shared[first])


def _heirs(overlap: _Overlap, n_persons: int) -> NDArray[np.int64]:
    """Return the heir of each old person: largest overlap, then oldest record; -1 if no record is left."""
    heir = np.full(n_persons, -1, dtype=np.int64)
    order = np.lexsort((overlap.oldest, -overlap.count, overlap.person))
    person, first = np.unique(overlap.person[order], return_index=True)
    heir[person] = overlap.cluster[order][first]
    return heir


def _owners(overlap: _Overlap, heir: NDArray[np.int64], n_clusters: int) -> NDArray[np.int64]:
    """Return the old person whose id each cluster keeps, the one with the oldest record; -1 if it is not an heir."""
    owner = np.full(n_clusters, -1, dtype=np.int64)
    claims = heir[overlap.person] == overlap.cluster
    person, cluster, oldest = overlap.person[claims], overlap.cluster[claims], overlap.oldest[claims]
    order = np.lexsort((oldest, cluster))
    taken, first = np.unique(cluster[order], return_index=True)
    owner[taken] = person[order][first]
    return owner


def _new_names(
    names: NDArray[np.object_], founders: NDArray[np.int64], *, first_number: int, new_id: NewId
) -> list[str]:
    """Name new persons, and check that nobody has or gets the same name."""
    found = [new_id(number, rid) for number, rid in enumerate(founders.tolist(), start=first_number)]
    if len({*found, *names.tolist()}) < len(found) + len(names):
        raise ValueError("a new person id exists already")
    return found


def _events(
    overlap: _Overlap,
    names: NDArray[np.object_],
    new_names: NDArray[np.object_],
    *,
    heir: NDArray[np.int64],
    owner: NDArray[np.int64],
) -> pa.Table:
    """Return the table of events."""
    rows: list[tuple[int, str, str | None]] = [(0, new_names[c], None) for c in np.flatnonzero(owner < 0)]
    rows += [(1, names[p], new_names[heir[p]]) for p in np.flatnonzero(heir >= 0) if owner[heir[p]] != p]
    strayed = np.flatnonzero(heir[overlap.person] != overlap.cluster)
    rows += [(2, names[overlap.person[i]], new_names[overlap.cluster[i]]) for i in strayed]
    rows += [(3, names[p], None) for p in np.flatnonzero(heir < 0)]
    rows.sort(key=lambda row: (row[0], row[1], row[2] or ""))
    columns = {
        "kind": [EVENT_KINDS[kind] for kind, _, _ in rows],
        "person_id": [person for _, person, _ in rows],
        "other_person_id": [other for _, _, other in rows],
    }
    return pa.table(columns, schema=EVENTS)
