"""Group the records of one person, and decide on each pair accordingly."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from linkage.engines.base import Engine
from linkage.linking.accuracy import ExpectedAccuracy, expected_accuracy, group_evidence
from linkage.linking.clusters import cluster
from linkage.linking.decide import decide_pairs
from linkage.linking.meeting import meeting_strengths
from linkage.linking.odds import MAX_LOG_ODDS
from linkage.linking.person_count import PersonCount, expected_persons
from linkage.linking.reasons import OTHER_PERSON, Grounds, number_conflicts, reasons_of
from linkage.linking.score import Scores
from linkage.persons import cannot_links
from linkage.pipeline.pairs import Pairs, RecordIndex
from linkage.store import Session
from pseudonym.profile import Encoding, FieldTable

__all__ = ["Resolution", "resolve"]

ROUNDING: Final = 1e-5
"""Clustering rounds log odds to steps below this; a component that is slightly too large does no harm."""


@dataclass(frozen=True, slots=True, eq=False)
class Resolution:
    """The persons and the decisions of a run.

    Attributes:
        labels: (n,) int64, the smallest rid of each record's person.
        decisions: (p,) int8, consistent with the labels.
        reasons: (p,) int8, indexes into `linkage.linking.reasons.REASONS`.
        expected: The expected precision and recall of the links.
        persons: The expected number of persons; None if it cannot be estimated.
    """

    labels: NDArray[np.int64]
    decisions: NDArray[np.int8]
    reasons: NDArray[np.int8]
    expected: ExpectedAccuracy
    persons: PersonCount | None


@dataclass(frozen=True, slots=True, eq=False)
class _Clustering:
    """The groups of records, with what they were made from.

    Attributes:
        labels: (n,) int64, the smallest rid of each record's group.
        roles: (r, 2) int64, pairs of records with different roles in one case.
        meeting: (n,) float64, how reliably each record shares match keys with others of its person.
    """

    labels: NDArray[np.int64]
    roles: NDArray[np.int64]
    meeting: NDArray[np.float64]


def resolve(
    session: Session,
    engine: Engine,
    *,
    records: RecordIndex,
    pairs: Pairs,
    scores: Scores,
    tables: tuple[FieldTable, ...],
    encoding: Encoding,
) -> Resolution:
    """Group the records and decide on each pair.

    Args:
        session: The open registry, whose cases show which records cannot be one person.
        engine: Finds connected components.
        records: The records.
        pairs: Their candidate pairs.
        scores: Their scores, with competition.
        tables: The tables of the model.
        encoding: The profile's encoding.

    Returns:
        The persons and the decisions; person ids come later.
    """
    number = number_conflicts(pairs.levels, tables)
    # The strongest possible evidence against a match, which other records may still outweigh: the sex may be wrong.
    log_odds = np.where(number == OTHER_PERSON, -MAX_LOG_ODDS, scores.log_odds)
    clustering = _cluster(session, engine, records, pairs, log_odds)
    labels = clustering.labels
    ends = np.column_stack([records.index(pairs.a), records.index(pairs.b)])
    apart = labels[ends[:, 0]] != labels[ends[:, 1]]
    decisions = decide_pairs(scores.probability, apart=apart, conflict=number > 0)
    roles = records.index(clustering.roles)
    grounds = Grounds(apart, _are_among(ends, roles), _are_among(labels[ends], labels[roles]), number)
    reasons = reasons_of(decisions, scores.probability, grounds)
    evidence = group_evidence(
        ends[~apart], scores.log_odds[~apart], group=labels, rank=records.rank, meeting=clustering.meeting
    )
    expected = expected_accuracy(
        scores.probability, ~apart, evidence=evidence, captures=pairs.captures, encoding=encoding
    )
    persons = expected_persons(
        scores.probability, ends, group=labels, evidence=evidence, captures=pairs.captures, encoding=encoding
    )
    return Resolution(labels, decisions, reasons, expected, persons)


def _cluster(
    session: Session, engine: Engine, records: RecordIndex, pairs: Pairs, log_odds: NDArray[np.float64]
) -> _Clustering:
    # Only pairs with evidence for a match hold a group together, so roles are compared only within the components of
    # these pairs.
    favour = log_odds > -ROUNDING
    members, labels = engine.connected_components(pairs.a[favour], pairs.b[favour])
    components = records.rid.copy()
    components[records.index(members)] = labels
    # In the order of `records`, as are the components.
    cases = session.table("SELECT rid, reporter, case_id, role FROM records LEFT JOIN cases USING (rid) ORDER BY rid")
    roles = cannot_links(cases, among=components)
    cluster_records = partial(
        cluster,
        pairs.a,
        pairs.b,
        log_odds,
        digests=records.digests,
        records=records.rid,
        component=components,
        cannot_link=roles,
    )
    # Meeting strengths are estimated from a first clustering without them, and used in the second.
    left, right = records.index(pairs.a), records.index(pairs.b)
    meeting = meeting_strengths(left, right, pairs.levels, cluster_records())
    return _Clustering(cluster_records(meeting=meeting), roles, meeting)


def _are_among(pairs: NDArray[np.int64], known: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return for each pair whether it is among the known pairs, in either orientation."""
    span = 1 + max(int(pairs.max(initial=0)), int(known.max(initial=0)))
    codes = [np.sort(rows, axis=1) @ np.array([span, 1]) for rows in (pairs, known)]
    return np.isin(*codes)
