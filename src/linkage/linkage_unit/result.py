"""What a run computes, and the tables in which it is stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from linkage.keys import RegistryKey
from linkage.linkage_unit.changed import Changes
from linkage.linkage_unit.grouping import Resolution
from linkage.linkage_unit.pairs import LeftOut, Pairs, RecordIndex
from linkage.linkage_unit.remembered import OldPairs, OldRecords, about_run, forget, remember
from linkage.linkage_unit.run_digests import sums_of_records
from linkage.linkage_unit.stored_model import NumberedModel
from linkage.linking.decide import DECISIONS, LINK, NO_LINK, REVIEW
from linkage.linking.never_met import HAS
from linkage.linking.reasons import REASONS
from linkage.linking.score import Scores
from linkage.messages.labels import packed
from linkage.persons import Assignment
from linkage.store import Session

__all__ = ["STORAGE_THRESHOLD", "Result", "remember_run", "stored_draws", "stored_links", "stored_persons"]

STORAGE_THRESHOLD: Final = 0.01
"""Lowest probability of a stored pair. It is a tenth of the limit for review, so that pairs near the limit can be
inspected."""


@dataclass(frozen=True, slots=True)
class Result:
    """Everything that a run computes.

    `changes` are those since the last run, or why all records were compared and weighed.
    """

    records: RecordIndex
    pairs: Pairs
    scores: Scores
    resolution: Resolution
    assignment: Assignment
    model: NumberedModel
    changes: Changes | str
    left_out: LeftOut

    @property
    def n_links(self) -> int:
        """Number of pairs that are linked."""
        return int((self.resolution.decisions == LINK).sum())

    @property
    def n_review(self) -> int:
        """Number of pairs of records for review."""
        return int((self.resolution.decisions == REVIEW).sum())

    @property
    def n_review_persons(self) -> int:
        """Number of pairs of persons for review."""
        persons = np.sort(self.resolution.labels[self.pairs.ends[self.resolution.decisions == REVIEW]], axis=1)
        return len(np.unique(persons, axis=0))

    @property
    def n_persons(self) -> int:
        """Number of unique persons."""
        return len(np.unique(self.assignment.persons["person_id"].to_numpy().astype(str)))


def stored_links(result: Result) -> pa.Table:
    """Return the pairs to be stored: links and pairs for review, and all others that are probable enough."""
    stored = (result.resolution.decisions != NO_LINK) | (result.scores.probability >= STORAGE_THRESHOLD)
    return pa.table(
        {
            "rid_a": result.pairs.a[stored],
            "rid_b": result.pairs.b[stored],
            "match_weight": result.scores.match_weight[stored],
            "log_odds": result.scores.log_odds[stored],
            "probability": result.scores.probability[stored],
            "decision": pa.array([DECISIONS[code] for code in result.resolution.decisions[stored]], pa.string()),
            "reason": pa.array([REASONS[code] for code in result.resolution.reasons[stored]], pa.string()),
        }
    )


def stored_draws(session: Session, result: Result) -> pa.Table:
    """Return the draws of this run, and those of components that have not changed, which were drawn before.

    Args:
        session: The store of the linkage unit, with the draws of the run before.
        result: What the run has computed.

    Returns:
        The table `draws`.
    """
    drawn = result.resolution.draws
    table = pa.table(
        {"rid": result.records.rid[drawn.record], "component": drawn.component, "labels": packed(drawn.labels)}
    )
    if not len(drawn.others):
        return table
    with session.registered(unchanged=pa.table({"rid": result.records.rid[drawn.others]})):
        others = session.table("SELECT rid, component, labels FROM draws SEMI JOIN unchanged USING (rid) ORDER BY rid")
    first = int(drawn.component.max(initial=-1)) + 1
    renumbered = first + np.unique(others["component"].to_numpy(), return_inverse=True)[1].astype(np.int64)
    return pa.concat_tables([table.cast(others.schema), others.set_column(1, "component", pa.array(renumbered))])


def stored_persons(result: Result) -> pa.Table:
    """Return the person of each record, and what the record has."""
    has = pa.array(np.array(HAS, dtype=object)[result.resolution.has], pa.string())
    return result.assignment.persons.append_column("has", has)


def remember_run(session: Session, key: RegistryKey, result: Result, sums: pa.Table) -> None:
    """Store what the next run takes over of all that has not changed by then.

    Args:
        session: The store of the linkage unit, in a transaction.
        key: Its key.
        result: What the run has computed.
        sums: From `sums_of_keys`, of all live records.
    """
    records, pairs, grouped = result.records, result.pairs, result.resolution.grouped
    if result.model.number is None:
        forget(session)
        return
    remember(
        session,
        key,
        OldPairs(pairs.a, pairs.b, pairs.levels, pairs.captures, pairs.sound_alike, grouped.log_odds),
        OldRecords(
            records.rid,
            grouped.label,
            result.resolution.labels,
            grouped.meeting,
            grouped.without,
            result.resolution.barred,
            sums_of_records(sums, records.rid),
        ),
        apart=grouped.apart,
        about=about_run(result.model.number, records, result.left_out),
    )
