"""Group the records of one person, and decide on each pair accordingly."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkage.engines.base import Engine
from linkage.linkage_unit.pairs import Pairs, RecordIndex
from linkage.linkage_unit.sample import estimate, estimate_never_met
from linkage.linking.accuracy import ExpectedAccuracy
from linkage.linking.bridges import find_bridges
from linkage.linking.clusters import MEETING, cluster
from linkage.linking.decide import decide_pairs
from linkage.linking.draws import Draws, draw_partitions
from linkage.linking.leftovers import join_leftovers
from linkage.linking.meeting import meeting_strengths
from linkage.linking.namesakes import expected_namesakes, highest_log_odds, weak_pairs, without_weak_groups
from linkage.linking.never_met import what_records_have
from linkage.linking.odds import MAX_LOG_ODDS, probabilities
from linkage.linking.person_count import PersonCount
from linkage.linking.reasons import OTHER_PERSON, Grounds, number_conflicts, reasons_of
from linkage.linking.score import Scores
from linkage.store import Session
from pseudonym.profile import Encoding, FieldTable

__all__ = ["Resolution", "resolve"]

ROUNDING: Final = 1e-5
"""Clustering rounds log odds to steps below this; a component that is slightly too large does no harm."""

MAX_ROUNDS: Final = 5
"""Maximum number of times that bridges are looked for; records that are kept apart may be joined by another bridge."""


@dataclass(frozen=True, slots=True, eq=False)
class Resolution:
    """The persons and the decisions of a run.

    Attributes:
        labels: (n,) int64, the smallest rid of each record's person.
        decisions: (p,) int8, consistent with the labels.
        reasons: (p,) int8, indexes into `linkage.linking.reasons.REASONS`.
        scores: The scores, lower for weak pairs of different persons (`linkage.linking.namesakes`).
        expected: The expected precision and recall of the links.
        persons: The expected number of persons; None if it cannot be estimated.
        draws: How the pairs that are not certain may fall.
        never_met: The missing joins of records that never met, by stratum (`linkage.linking.never_met`).
        has: (n,) int8, what each record has, as far as its comparisons show.
        bridges: For each reporter whose records alone would join persons, the number of times.
    """

    labels: NDArray[np.int64]
    decisions: NDArray[np.int8]
    reasons: NDArray[np.int8]
    scores: Scores
    expected: ExpectedAccuracy
    persons: PersonCount | None
    draws: Draws
    never_met: pa.Table
    has: NDArray[np.int8]
    bridges: dict[str, int]


@dataclass(frozen=True, slots=True, eq=False)
class _Clustering:
    """The groups of records, with what they were made from.

    Attributes:
        labels: (n,) int64, the smallest rid of each record's group.
        roles: (r, 2) int64, pairs of records that are different persons, because they have different roles in one case.
        meeting: (n,) float64, how reliably each record shares match keys with others of its person.
        joined: (n,) int64, the labels as they would be with the bridges (`linkage.linking.bridges`); None at first.
        bridges: (b,) int64, the reporter of each bridge, by its index.
        apart: (m, 2) int64, the rids of records that are kept apart: those of `roles`, and both sides of each bridge.
    """

    labels: NDArray[np.int64]
    roles: NDArray[np.int64]
    meeting: NDArray[np.float64]
    joined: NDArray[np.int64] | None = None
    bridges: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    apart: NDArray[np.int64] = field(default_factory=lambda: np.zeros((0, 2), np.int64))


def resolve(
    session: Session,
    engine: Engine,
    *,
    records: RecordIndex,
    pairs: Pairs,
    scores: Scores,
    against: NDArray[np.bool_],
    representative: NDArray[np.int64],
    tables: tuple[FieldTable, ...],
    encoding: Encoding,
    population: int,
) -> Resolution:
    """Group the records and decide on each pair.

    Args:
        session: The store of the linkage unit, which knows pairs of records that are different persons.
        engine: Finds connected components.
        records: The records.
        pairs: Their candidate pairs.
        scores: Their scores, with competition.
        against: (p,) bool, whether they are held apart (`linkage.linking.partners`).
        representative: (n,) int64, the copy that stands for each record in estimates.
        tables: The tables of the model.
        encoding: The profile's encoding.
        population: Number of persons whom the registry serves.

    Returns:
        The persons and the decisions; person ids come later.
    """
    number = number_conflicts(pairs.levels, tables)
    # The strongest possible evidence against a match, which other records may still outweigh: the sex may be wrong.
    log_odds = np.where(number == OTHER_PERSON, -MAX_LOG_ODDS, scores.log_odds)
    clustering = _cluster(session, engine, records, pairs, log_odds, representative)
    clustering = _with_leftovers(clustering, records, pairs, log_odds, against)
    ends = pairs.ends
    count = partial(expected_namesakes, pairs.levels, tables, population=population)
    namesakes = weak_pairs(
        count(), count(sound_alike=pairs.sound_alike), clustering.labels, ends, log_odds, reporter=records.reporter
    )
    weak = namesakes > 0
    labels = without_weak_groups(clustering.labels, ends, log_odds, weak, reporter=records.reporter, names=records.rid)
    apart = labels[ends[:, 0]] != labels[ends[:, 1]]
    weak &= apart
    little = weak & (scores.log_odds >= 0)
    scores = _lowered(scores, weak, namesakes)
    decisions = decide_pairs(scores.probability, apart=apart, conflict=number > 0)
    roles = records.index(clustering.roles)
    joined = clustering.labels if clustering.joined is None else clustering.joined
    kept = clustering.labels[ends]
    bridge = (kept[:, 0] != kept[:, 1]) & (joined[ends[:, 0]] == joined[ends[:, 1]])
    grounds = Grounds(apart, _are_among(ends, roles), _are_among(labels[ends], labels[roles]), number, bridge, little)
    reasons = reasons_of(decisions, scores.probability, grounds)
    # What one reporter alone says against all others is no match that was missed.
    likely = np.where(bridge, 0.0, scores.probability)
    expected, persons = estimate(
        records,
        pairs,
        likely,
        scores.log_odds,
        labels=labels,
        meeting=clustering.meeting,
        representative=representative,
        encoding=encoding,
    )
    drawn = draw_partitions(
        ends,
        np.where(number == OTHER_PERSON, -MAX_LOG_ODDS, scores.log_odds),
        group=labels,
        meeting=clustering.meeting,
        rank=records.rank,
        bars=np.concatenate([roles, ends[bridge]]),
    )
    never_met = estimate_never_met(
        records, pairs, likely, labels=labels, representative=representative, tables=tables, encoding=encoding
    )
    has = what_records_have(ends, pairs.levels, len(labels), tables)
    blamed = Counter(records.strata.reporters[reporter] for reporter in clustering.bridges.tolist())
    return Resolution(
        labels, decisions, reasons, scores, expected, persons, drawn, never_met, has, dict(sorted(blamed.items()))
    )


def _lowered(scores: Scores, weak: NDArray[np.bool_], namesakes: NDArray[np.float64]) -> Scores:
    """Return the scores with no more for weak pairs than if the two were any of those who agree."""
    log_odds = np.where(weak, np.minimum(scores.log_odds, highest_log_odds(namesakes)), scores.log_odds)
    return scores._replace(probability=probabilities(log_odds), log_odds=log_odds)


def _cluster(
    session: Session,
    engine: Engine,
    records: RecordIndex,
    pairs: Pairs,
    log_odds: NDArray[np.float64],
    representative: NDArray[np.int64],
) -> _Clustering:
    # Only pairs with evidence for a match hold a group together, so roles are compared only within the components of
    # these pairs.
    favour = log_odds > -ROUNDING
    members, labels = engine.connected_components(pairs.a[favour], pairs.b[favour])
    components = records.rid.copy()
    components[records.index(members)] = labels
    roles = _apart(session, records, components)
    cluster_records = partial(
        cluster,
        pairs.a,
        pairs.b,
        log_odds,
        digests=records.ties,
        records=records.rid,
        component=components,
        cannot_link=roles,
    )
    stand = _Standing(records, pairs, log_odds, components, representative)
    # Meeting strengths are estimated from a first clustering without them, and used in the second. A bridge would make
    # it look as if records of one person often do not meet, so it must be taken down in both.
    first = _without_bridges(_Clustering(cluster_records(), roles, np.full(len(components), MEETING)), stand)
    meeting = _meeting(pairs, first.labels, representative)
    return _without_bridges(_Clustering(cluster_records(meeting=meeting), roles, meeting), stand)


def _with_leftovers(
    clustering: _Clustering,
    records: RecordIndex,
    pairs: Pairs,
    log_odds: NDArray[np.float64],
    against: NDArray[np.bool_],
) -> _Clustering:
    """Join what average linkage left over."""
    labels = join_leftovers(
        clustering.labels,
        pairs.ends,
        np.clip(log_odds, -MAX_LOG_ODDS, MAX_LOG_ODDS),
        against=against,
        apart=records.index(clustering.apart.ravel()).reshape(-1, 2),
        rank=records.rank,
        names=records.rid,
    )
    return replace(clustering, labels=labels)


def _meeting(pairs: Pairs, labels: NDArray[np.int64], representative: NDArray[np.int64]) -> NDArray[np.float64]:
    """Estimate the meeting strength of each record from representatives alone; a copy has that of its own."""
    counted = representative == np.arange(len(labels))
    kept = counted[pairs.ends].all(axis=1)
    place = np.cumsum(counted) - 1
    left, right = place[pairs.ends[kept]].T
    strengths = meeting_strengths(left, right, pairs.levels[kept], labels[counted])
    return np.asarray(strengths[place[representative]])


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


def _without_bridges(first: _Clustering, stand: _Standing) -> _Clustering:
    """Group the records of those components again in which a bridge does not hold, with its sides kept apart."""
    records, pairs, components = stand.records, stand.pairs, stand.components
    labels, apart, reporters = first.labels.copy(), first.roles, first.bridges
    doubted = None
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
        )
        if not len(found.apart):
            break
        doubted, reporters = found.doubted, np.append(reporters, found.reporter)
        apart = np.concatenate([apart, records.rid[found.apart]])
        again = np.isin(components, components[found.apart[:, 0]])
        inside = again[pairs.ends].all(axis=1)
        labels[again] = cluster(
            pairs.a[inside],
            pairs.b[inside],
            stand.log_odds[inside],
            digests=records.ties[again],
            records=records.rid[again],
            component=components[again],
            cannot_link=apart,
            meeting=first.meeting[again],
        )
    return replace(first, labels=labels, joined=first.labels, bridges=reporters, apart=apart)


def _apart(session: Session, records: RecordIndex, components: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the pairs of records of one component that are different persons."""
    table = session.table("SELECT rid_a, rid_b FROM apart ORDER BY rid_a, rid_b")
    pairs = np.column_stack([table[name].to_numpy().astype(np.int64) for name in ("rid_a", "rid_b")])
    known = np.isin(pairs, records.rid).all(axis=1)
    pairs = pairs[known]
    one, other = components[records.index(pairs[:, 0])], components[records.index(pairs[:, 1])]
    found: NDArray[np.int64] = pairs[one == other]
    return found


def _are_among(pairs: NDArray[np.int64], known: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return for each pair whether it is among the known pairs, in either orientation."""
    span = 1 + max(int(pairs.max(initial=0)), int(known.max(initial=0)))
    codes = [np.sort(rows, axis=1) @ np.array([span, 1]) for rows in (pairs, known)]
    return np.isin(*codes)
