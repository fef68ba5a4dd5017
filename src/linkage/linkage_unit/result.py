"""What a run computes, and the tables in which it is stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from linkage.keys import RegistryKey
from linkage.linkage_unit.changed import Changes
from linkage.linkage_unit.differences import Difference, difference_of
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

__all__ = ["STORAGE_THRESHOLD", "Result", "changed_tables", "remember_run", "stored_links", "stored_persons"]

STORAGE_THRESHOLD: Final = 0.01
"""Lowest probability of a stored pair. It is a tenth of the limit for review, so that pairs near the limit can be
inspected."""


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """Everything that a run computes.

    `against` is the evidence against each pair that its partners show by the model; `changes` are those since the last
    run, or why all records were compared and weighed.
    """

    records: RecordIndex
    pairs: Pairs
    against: NDArray[np.float64]
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
        return int(pc.count_distinct(self.assignment.persons["person_id"]).as_py())


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


def changed_tables(session: Session, result: Result) -> dict[str, Difference]:
    """Compare what a run has computed with what the run before has stored.

    Args:
        session: The store of the linkage unit.
        result: What the run has computed.

    Returns:
        For each of the tables `links`, `persons` and `draws` how it differs.
    """
    stored = {name: session.table(f"SELECT * FROM {name}") for name in ("links", "persons")}
    return {
        "links": difference_of(stored["links"], stored_links(result), ("rid_a", "rid_b")),
        "persons": difference_of(stored["persons"], stored_persons(result), ("rid",)),
        "draws": _changed_draws(session, result),
    }


def _changed_draws(session: Session, result: Result) -> Difference:
    """Return the draws of this run, and the records whose earlier draws go; those of other components stay."""
    drawn, rid = result.resolution.draws, result.records.rid
    stored = session.table("SELECT rid, component FROM draws")
    stays = np.isin(stored["rid"].to_numpy(), rid[drawn.others])
    # Components keep their numbers, and those that are new have the lowest that are free.
    taken = np.unique(stored["component"].to_numpy()[stays])
    n_new = int(drawn.component.max(initial=-1)) + 1
    free = np.setdiff1d(np.arange(len(taken) + n_new), taken)[:n_new]
    return Difference(
        stored.select(["rid"]).filter(pa.array(~stays)),
        pa.table({"rid": rid[drawn.record], "component": free[drawn.component], "labels": packed(drawn.labels)}),
    )


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
        OldPairs(pairs.a, pairs.b, pairs.levels, pairs.captures, pairs.sound_alike, result.against, grouped.log_odds),
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
