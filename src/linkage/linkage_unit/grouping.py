"""Group the records of one person, and decide on each pair accordingly."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkage.engines.base import Engine
from linkage.linkage_unit.changed import Before
from linkage.linkage_unit.clustering import Clustering, Grouped, cluster_records
from linkage.linkage_unit.pairs import Pairs, RecordIndex
from linkage.linkage_unit.sample import estimate, estimate_never_met
from linkage.linking.accuracy import ExpectedAccuracy
from linkage.linking.decide import decide_pairs
from linkage.linking.draws import Draws, draw_partitions
from linkage.linking.leftovers import join_leftovers
from linkage.linking.meeting import MeetingStrengths
from linkage.linking.namesakes import (
    MOST_EVER,
    expected_namesakes,
    highest_log_odds,
    weak_pairs,
    without_weak_groups,
)
from linkage.linking.never_met import what_records_have
from linkage.linking.odds import MAX_LOG_ODDS, probabilities
from linkage.linking.reasons import OTHER_PERSON, Grounds, number_conflicts, reasons_of
from linkage.linking.score import Scores
from linkage.store import Session
from pseudonym.profile import Encoding, FieldTable

__all__ = ["Resolution", "resolve"]


@dataclass(frozen=True, slots=True, eq=False)
class Resolution:
    """The persons and the decisions of a run.

    Attributes:
        labels: (n,) int64, the smallest rid of each record's person.
        decisions: (p,) int8, consistent with the labels.
        reasons: (p,) int8, indexes into `linkage.linking.reasons.REASONS`.
        scores: The scores, lower for weak pairs of different persons (`linkage.linking.namesakes`).
        expected: The expected precision and recall of the links.
        draws: How the pairs that are not certain may fall.
        never_met: The missing joins of records that never met, by stratum (`linkage.linking.never_met`).
        has: (n,) int8, what each record has, as far as its comparisons show.
        bridges: For each reporter whose records alone would join persons, the number of times.
        meeting: The meeting strengths, to be kept with the model.
        grouped: What the records were grouped by, which the next run compares with its own.
        barred: (n,) bool, the records that a bridge which does not hold keeps apart from another.
    """

    labels: NDArray[np.int64]
    decisions: NDArray[np.int8]
    reasons: NDArray[np.int8]
    scores: Scores
    expected: ExpectedAccuracy
    draws: Draws
    never_met: pa.Table
    has: NDArray[np.int8]
    bridges: dict[str, int]
    meeting: MeetingStrengths
    grouped: Grouped
    barred: NDArray[np.bool_]


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
    kept: MeetingStrengths | None = None,
    before: Before | None = None,
    seed: int = 0,
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
        kept: The meeting strengths of the model; None to measure them.
        before: The run before, of which all is taken over that has not changed; None to group all records.
        seed: The seed of the draws.

    Returns:
        The persons and the decisions; person ids come later.
    """
    number = number_conflicts(pairs.levels, tables)
    # The strongest possible evidence against a match, which other records may still outweigh: the sex may be wrong.
    log_odds = np.where(number == OTHER_PERSON, -MAX_LOG_ODDS, scores.log_odds)
    clustering, grouped, strengths = cluster_records(
        session,
        engine,
        records,
        pairs,
        log_odds=log_odds,
        representative=representative,
        kept=kept,
        before=before,
    )
    clustering = _with_leftovers(clustering, records, pairs, log_odds, against)
    ends = pairs.ends
    count = partial(expected_namesakes, pairs.levels, tables, population=population)
    namesakes = weak_pairs(
        count(), count(sound_alike=pairs.sound_alike), clustering.labels, ends, log_odds, reporter=records.reporter
    )
    weak = namesakes > 0
    labels = without_weak_groups(
        clustering.labels,
        ends,
        log_odds,
        weak,
        too_many=namesakes > MOST_EVER,
        reporter=records.reporter,
        names=records.rid,
    )
    apart = labels[ends[:, 0]] != labels[ends[:, 1]]
    weak &= apart
    little = weak & (scores.log_odds >= 0)
    scores = _lowered(scores, weak, namesakes)
    decisions = decide_pairs(scores.probability, apart=apart, conflict=number > 0)
    roles = records.index(clustering.roles)
    joined = clustering.labels if clustering.joined is None else clustering.joined
    sides = clustering.labels[ends]
    bridge = (sides[:, 0] != sides[:, 1]) & (joined[ends[:, 0]] == joined[ends[:, 1]])
    grounds = Grounds(apart, _are_among(ends, roles), _are_among(labels[ends], labels[roles]), number, bridge, little)
    reasons = reasons_of(decisions, scores.probability, grounds)
    # What one reporter alone says against all others is no match that was missed.
    likely = np.where(bridge, 0.0, scores.probability)
    expected = estimate(
        records,
        pairs,
        likely,
        scores.log_odds,
        labels=labels,
        meeting=clustering.meeting,
        representative=representative,
        encoding=encoding,
    )
    barred = np.zeros(len(labels), np.bool_)
    barred[ends[bridge].ravel()] = True
    drawn = draw_partitions(
        ends,
        np.where(number == OTHER_PERSON, -MAX_LOG_ODDS, scores.log_odds),
        group=labels,
        meeting=clustering.meeting,
        rank=records.rank,
        bars=np.concatenate([roles, ends[bridge]]),
        seed=seed,
        touched=None if before is None else _to_draw(session, records, before, grouped.touched, labels, barred),
        threads=session.threads,
    )
    never_met = estimate_never_met(
        records, pairs, likely, labels=labels, representative=representative, tables=tables, encoding=encoding
    )
    has = what_records_have(ends, pairs.levels, len(labels), tables)
    blamed = Counter(records.strata.reporters[reporter] for reporter in clustering.bridges.tolist())
    return Resolution(
        labels,
        decisions,
        reasons,
        scores,
        expected,
        drawn,
        never_met,
        has,
        dict(sorted(blamed.items())),
        strengths,
        grouped,
        barred,
    )


def _lowered(scores: Scores, weak: NDArray[np.bool_], namesakes: NDArray[np.float64]) -> Scores:
    """Return the scores with no more for weak pairs than if the two were any of those who agree."""
    log_odds = np.where(weak, np.minimum(scores.log_odds, highest_log_odds(namesakes)), scores.log_odds)
    return scores._replace(probability=probabilities(log_odds), log_odds=log_odds)


def _with_leftovers(
    clustering: Clustering,
    records: RecordIndex,
    pairs: Pairs,
    log_odds: NDArray[np.float64],
    against: NDArray[np.bool_],
) -> Clustering:
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


def _to_draw(
    session: Session,
    records: RecordIndex,
    before: Before,
    touched: NDArray[np.bool_],
    labels: NDArray[np.int64],
    barred: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """Mark the records to be drawn again: all of a person, or of a component of earlier draws, that has changed."""
    again = touched | (labels != before.person) | (barred != before.barred)
    again = np.isin(labels, labels[again]) | np.isin(before.person, before.person[again])
    drawn = session.table("SELECT rid, component FROM draws SEMI JOIN (SELECT rid FROM records WHERE live) USING (rid)")
    place, component = records.index(drawn["rid"].to_numpy()), drawn["component"].to_numpy()
    again[place] |= np.isin(component, component[again[place]])
    return again


def _are_among(pairs: NDArray[np.int64], known: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return for each pair whether it is among the known pairs, in either orientation."""
    span = 1 + max(int(pairs.max(initial=0)), int(known.max(initial=0)))
    codes = [np.sort(rows, axis=1) @ np.array([span, 1]) for rows in (pairs, known)]
    return np.isin(*codes)
