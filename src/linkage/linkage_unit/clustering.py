"""Group the records by average linkage, all or where something has changed, and take down the bridges."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from linkage.engines.base import Engine
from linkage.linkage_unit.changed import Before
from linkage.linkage_unit.pairs import Pairs, RecordIndex
from linkage.linking.bridges import Bridge, find_bridges
from linkage.linking.clusters import MEETING, cluster
from linkage.linking.meeting import MeetingStrengths, measure_strengths
from linkage.linking.patterns import compared_fields
from linkage.store import Session

__all__ = ["Clustering", "Grouped", "cluster_records"]

ROUNDING: Final = 1e-5
"""Clustering rounds log odds to steps below this; a component that is slightly too large does no harm."""


MAX_ROUNDS: Final = 5
"""Maximum number of times that bridges are looked for; records that are kept apart may be joined by another bridge."""


@dataclass(frozen=True, slots=True, eq=False)
class Grouped:
    """What the records were grouped by.

    Attributes:
        label: (n,) int64, the smallest rid of each record's group before bridges were looked for.
        meeting: (n,) float64, the meeting strengths.
        without: (n,) bool, whether the group of the label has no bridge.
        log_odds: (p,) float64, those of each pair.
        apart: (m, 2) int64, pairs of live records that are different persons.
        touched: (n,) bool, the records that were grouped in this run; others are as the last run has left them.
    """

    label: NDArray[np.int64]
    meeting: NDArray[np.float64]
    without: NDArray[np.bool_]
    log_odds: NDArray[np.float64]
    apart: NDArray[np.int64]
    touched: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Clustering:
    """The groups of records, with what they were made from.

    Attributes:
        labels: (n,) int64, the smallest rid of each record's group.
        roles: (r, 2) int64, pairs of records that are different persons, because they have different roles in one case.
        meeting: (n,) float64, how reliably each record shares match keys with others of its person.
        joined: (n,) int64, the labels as they would be with the bridges (`linkage.linking.bridges`); None at first.
        bridges: (b,) int64, the reporter of each bridge, by its index.
        apart: (m, 2) int64, the rids of records that are kept apart: those of `roles`, and both sides of each bridge.
        without: (n,) bool, records of groups that were known to be without bridges, or were found to be at first.
    """

    labels: NDArray[np.int64]
    roles: NDArray[np.int64]
    meeting: NDArray[np.float64]
    joined: NDArray[np.int64] | None = None
    bridges: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    apart: NDArray[np.int64] = field(default_factory=lambda: np.zeros((0, 2), np.int64))
    without: NDArray[np.bool_] | None = None


def cluster_records(
    session: Session,
    engine: Engine,
    records: RecordIndex,
    pairs: Pairs,
    *,
    log_odds: NDArray[np.float64],
    representative: NDArray[np.int64],
    kept: MeetingStrengths | None,
    before: Before | None,
) -> tuple[Clustering, Grouped, MeetingStrengths]:
    """Group the records.

    Args:
        session: The store of the linkage unit, which knows pairs of records that are different persons.
        engine: Finds connected components.
        records: The records.
        pairs: Their candidate pairs.
        log_odds: (p,) float64.
        representative: (n,) int64, the copy that stands for each record.
        kept: The meeting strengths of the model; None to measure them.
        before: The run before; None to group all records.

    Returns:
        The groups; what they were made from, for the next run; and the meeting strengths.
    """
    # Only pairs with evidence for a match hold a group together, so roles are compared only within the components of
    # these pairs.
    favour = log_odds > -ROUNDING
    members, labels = engine.connected_components(pairs.a[favour], pairs.b[favour])
    components = records.rid.copy()
    components[records.index(members)] = labels
    apart = _known_apart(session, records)
    one, other = components[records.index(apart)].T
    roles = apart[one == other]
    inside = components[pairs.ends[:, 0]] == components[pairs.ends[:, 1]]
    grouped_by = partial(
        cluster,
        pairs.a[inside],
        pairs.b[inside],
        log_odds[inside],
        digests=records.ties,
        records=records.rid,
        component=components,
        cannot_link=roles,
    )
    stand = _Standing(records, pairs, log_odds, components, representative)
    if kept is None:
        # Meeting strengths are estimated from a first clustering without them, and used in the second. A bridge would
        # make it look as if records of one person often do not meet, so it must be taken down in both.
        first = _without_bridges(Clustering(grouped_by(), roles, np.full(len(components), MEETING)), stand)
        kept = _measure(pairs, first.labels, representative)
    meeting = _meeting(pairs, representative, kept)
    if before is None:
        touched, without = np.ones(len(components), np.bool_), None
        labels = grouped_by(meeting=meeting)
    else:
        found = before.touched(records, pairs, log_odds=log_odds, meeting=meeting, apart=apart)
        touched = np.isin(components, components[found])
        labels = _grouped_again(Clustering(before.label, roles, meeting), stand, touched, roles)
        without = before.without & ~touched
    final = _without_bridges(Clustering(labels, roles, meeting, without=without), stand)
    assert final.without is not None
    return final, Grouped(labels, meeting, final.without, log_odds, apart, touched), kept


def _measure(pairs: Pairs, labels: NDArray[np.int64], representative: NDArray[np.int64]) -> MeetingStrengths:
    """Estimate meeting strengths from representatives alone."""
    counted, left, right, kept = _among_representatives(pairs, representative)
    return measure_strengths(left, right, pairs.levels[kept], labels[counted])


def _meeting(pairs: Pairs, representative: NDArray[np.int64], strengths: MeetingStrengths) -> NDArray[np.float64]:
    """Return the meeting strength of each record; a copy has that of its representative."""
    counted, left, right, kept = _among_representatives(pairs, representative)
    found = strengths.of(compared_fields(left, right, pairs.levels[kept], int(counted.sum())))
    return np.asarray(found[(np.cumsum(counted) - 1)[representative]])


def _among_representatives(
    pairs: Pairs, representative: NDArray[np.int64]
) -> tuple[NDArray[np.bool_], NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Return which records are representatives, and which pairs are of two of them, with the indices of both."""
    counted = representative == np.arange(len(representative))
    kept = counted[pairs.ends].all(axis=1)
    left, right = (np.cumsum(counted) - 1)[pairs.ends[kept]].T
    return counted, left, right, kept


@dataclass(frozen=True, slots=True, eq=False)
class _Standing:
    """What decides which bridges hold, besides the groups.

    Attributes:
        records: The records.
        pairs: Their candidate pairs.
        log_odds: (p,) float64.
        components: (n,) int64, a label for all records that favourable pairs connect.
        representative: (n,) int64, the copy that stands for each record.
    """

    records: RecordIndex
    pairs: Pairs
    log_odds: NDArray[np.float64]
    components: NDArray[np.int64]
    representative: NDArray[np.int64]


def _without_bridges(first: Clustering, stand: _Standing) -> Clustering:
    """Group the records of those components again in which a bridge does not hold, with its sides kept apart."""
    records, pairs, components = stand.records, stand.pairs, stand.components
    labels, apart, reporters = first.labels.copy(), first.roles, first.bridges
    doubted, at_first, without = None, None, first.without
    known: list[Bridge] = []
    for _ in range(MAX_ROUNDS):
        found = find_bridges(
            pairs.ends,
            stand.log_odds,
            group=labels,
            reporter=records.reporter,
            meeting=first.meeting,
            representative=stand.representative,
            rank=records.rank,
            doubted=doubted,
            without=without,
            known=known,
        )
        at_first = found.without if at_first is None else at_first
        if not len(found.apart):
            break
        doubted, reporters = found.doubted, np.append(reporters, found.reporter)
        apart = np.concatenate([apart, records.rid[found.apart]])
        again = np.isin(components, components[found.apart[:, 0]])
        labels = _grouped_again(replace(first, labels=labels), stand, again, apart)
        # A bridge depends on nothing outside its group.
        without, known = ~again, [bridge for bridge in found.found if not again[bridge.left[0]]]
    return replace(first, labels=labels, joined=first.labels, bridges=reporters, apart=apart, without=at_first)


def _grouped_again(
    first: Clustering, stand: _Standing, again: NDArray[np.bool_], apart: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the labels with those of whole components, marked in `again`, found anew."""
    records, pairs, labels = stand.records, stand.pairs, first.labels.copy()
    inside = again[pairs.ends[:, 0]] & again[pairs.ends[:, 1]]
    labels[again] = cluster(
        pairs.a[inside],
        pairs.b[inside],
        stand.log_odds[inside],
        digests=records.ties[again],
        records=records.rid[again],
        component=stand.components[again],
        cannot_link=apart,
        meeting=first.meeting[again],
    )
    return labels


def _known_apart(session: Session, records: RecordIndex) -> NDArray[np.int64]:
    """Return the pairs of live records that are different persons."""
    table = session.table("SELECT rid_a, rid_b FROM apart ORDER BY rid_a, rid_b")
    pairs = np.column_stack([table[name].to_numpy().astype(np.int64) for name in ("rid_a", "rid_b")])
    found: NDArray[np.int64] = pairs[np.isin(pairs, records.rid).all(axis=1)]
    return found
