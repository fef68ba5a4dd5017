"""Put the records of one person together, and say what that makes of each pair."""

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
from linkage.pipeline.pairs import Pairs, Records
from linkage.store import Session
from pseudonym.profile import Encoding, FieldTable

__all__ = ["Decided", "decide"]

ROUNDING: Final = 1e-5
"""Clusters round log odds to steps below this; a component that is a little too large does no harm."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided on records and pairs.

    Attributes:
        labels: (n,) int64, the smallest record of each record's person.
        decisions: (p,) int8, of one mind with the labels.
        reasons: (p,) int8, places in `linkage.linking.reasons.REASONS`.
        expected: How right and how complete the links are expected to be.
        persons: How many persons there are expected to be, None where that cannot be said.
    """

    labels: NDArray[np.int64]
    decisions: NDArray[np.int8]
    reasons: NDArray[np.int8]
    expected: ExpectedAccuracy
    persons: PersonCount | None


@dataclass(frozen=True, slots=True)
class _Groups:
    """Records put together.

    Attributes:
        labels: (n,) int64, the smallest record of each record's group.
        roles: (r, 2) int64, records that have two roles in one case.
        meeting: (n,) float64, how surely each record meets others of its person.
    """

    labels: NDArray[np.int64]
    roles: NDArray[np.int64]
    meeting: NDArray[np.float64]


def decide(
    session: Session,
    engine: Engine,
    *,
    records: Records,
    pairs: Pairs,
    scores: Scores,
    tables: tuple[FieldTable, ...],
    encoding: Encoding,
) -> Decided:
    """Group the records and decide on each pair.

    Args:
        session: The open registry, whose cases say who cannot be one person.
        engine: Finds components.
        records: The records.
        pairs: Their candidate pairs.
        scores: Their scores, with competition.
        tables: The tables of the model.
        encoding: The profile's encoding.

    Returns:
        The persons, as far as this run alone can tell, and the decisions.
    """
    number = number_conflicts(pairs.levels, tables)
    # As strong as evidence against can be, and yet other records may outweigh it: a wrong sex is a wrong sex.
    against = np.where(number == OTHER_PERSON, -MAX_LOG_ODDS, scores.log_odds)
    groups = _group(session, engine, records, pairs, against)
    labels = groups.labels
    ends = np.column_stack([records.index(pairs.a), records.index(pairs.b)])
    apart = labels[ends[:, 0]] != labels[ends[:, 1]]
    decisions = decide_pairs(scores.probability, apart=apart, conflict=number > 0)
    places = records.index(groups.roles)
    grounds = Grounds(apart, _among(ends, places), _among(labels[ends], labels[places]), number)
    reasons = reasons_of(decisions, scores.probability, grounds)
    evidence = group_evidence(
        ends[~apart], scores.log_odds[~apart], group=labels, rank=records.rank, meeting=groups.meeting
    )
    expected = expected_accuracy(
        scores.probability, ~apart, evidence=evidence, captures=pairs.captures, encoding=encoding
    )
    persons = expected_persons(
        scores.probability, ends, group=labels, evidence=evidence, captures=pairs.captures, encoding=encoding
    )
    return Decided(labels, decisions, reasons, expected, persons)


def _group(session: Session, engine: Engine, records: Records, pairs: Pairs, log_odds: NDArray[np.float64]) -> _Groups:
    """Group the records."""
    # Only pairs that speak for a match hold a group together, so roles need to be compared within their components
    # only.
    favour = log_odds > -ROUNDING
    members, component = engine.connected_components(pairs.a[favour], pairs.b[favour])
    among = records.rid.copy()
    among[records.index(members)] = component
    # In the order of the records, which is the order of `among`.
    cases = session.table("SELECT rid, reporter, case_id, role FROM records LEFT JOIN cases USING (rid) ORDER BY rid")
    roles = cannot_links(cases, among=among)
    known = partial(
        cluster,
        pairs.a,
        pairs.b,
        log_odds,
        digests=records.digests,
        records=records.rid,
        component=among,
        cannot_link=roles,
    )
    # Groups made without knowing how surely records meet say how surely they do.
    left, right = records.index(pairs.a), records.index(pairs.b)
    meeting = meeting_strengths(left, right, pairs.levels, known())
    return _Groups(known(meeting=meeting), roles, meeting)


def _among(pairs: NDArray[np.int64], known: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Say which pairs of numbers are among the known ones, whichever of the two stands first."""
    span = 1 + max(int(pairs.max(initial=0)), int(known.max(initial=0)))
    codes = [np.sort(rows, axis=1) @ np.array([span, 1]) for rows in (pairs, known)]
    return np.isin(*codes)
