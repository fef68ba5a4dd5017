"""One run of linking: from the codes of all current records to persons, stored in one transaction.

The stages know nothing of each other nor of the registry file; here they are wired. Everything is computed before
anything is written, so a run that is killed leaves the results of the run before.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkage.engines.duckdb import DuckDBEngine
from linkage.errors import SettingsError
from linkage.linking.decide import DECISIONS, LINK, NO_LINK, REVIEW
from linkage.linking.reasons import REASONS
from linkage.linking.score import Scores
from linkage.persons import Assignment, assign
from linkage.persons.identity import EVENT_KINDS
from linkage.pipeline.fitting import Weighing
from linkage.pipeline.grouping import Decided, decide
from linkage.pipeline.pairs import Pairs, Records, compare_pairs, read_records
from linkage.pipeline.report import LinkReport, Progress
from linkage.pipeline.stored_model import NumberedModel, fit_model, read_model
from linkage.store import Session
from pseudonym.profile import Profile

__all__ = ["KEPT_FROM", "link"]

KEPT_FROM: Final = 0.01
"""Least probability of a pair that is stored: ten times below the pairs for review, so that limits can be looked
into."""

CROWDED: Final = (
    "Match keys that more than 1,000 records share were left out: {n}. A placeholder, such as one date for all who are "
    "not known, is the usual cause; the bodies should leave such fields empty."
)

UNSETTLED: Final = (
    "Competition between the candidates of a record was stopped before it came to rest, in {n} groups of records; "
    "their probabilities are less sure."
)


def link(session: Session, profile: Profile, *, refit: bool, progress: Progress, now: Callable[[], str]) -> LinkReport:
    """Find the persons among all current records and store the answer.

    Args:
        session: The registry, open for writing.
        profile: Its profile.
        refit: Fit the model anew.
        progress: Called with stage, work done, and work there is (0 when unknown).
        now: Gives the time.

    Returns:
        What was found.

    Raises:
        SettingsError: `profile.linking` when the profile has no tables for linking.
    """
    began, started_at = time.monotonic(), now()
    if profile.linking is None:
        raise SettingsError("profile.linking", "The profile of this registry has no tables for linking.")
    records = read_records(session)
    stored = None if refit else read_model(session, len(records.rid))
    engine = DuckDBEngine(session.connection)
    tables = profile.linking.fields if stored is None else stored.model.fields
    pairs, crowded = compare_pairs(engine, records, profile, tables=tables, progress=progress)
    progress("fit", 0, 0)
    weighing = Weighing(records, pairs, tables)
    model = stored or fit_model(session, weighing, profile.linking)
    progress("compete", 0, 0)
    scores, stopped = weighing.weigh(model.model)
    progress("cluster", 0, 0)
    decided = decide(
        session,
        engine,
        records=records,
        pairs=pairs,
        scores=scores,
        tables=model.model.fields,
        encoding=profile.encoding,
    )
    assignment = _assign(session, records, decided.labels)
    found = _Found(records, pairs, scores, decided, assignment, model)
    progress("store", 0, 0)
    run = _store(session, found, started_at=started_at, finished_at=now())
    notes = tuple(note.format(n=n) for note, n in ((CROWDED, crowded), (UNSETTLED, stopped)) if n)
    return _report(found, run=run, seconds=time.monotonic() - began, notes=notes)


@dataclass(frozen=True, slots=True)
class _Found:
    """Everything that a run has found."""

    records: Records
    pairs: Pairs
    scores: Scores
    decided: Decided
    assignment: Assignment
    model: NumberedModel

    @property
    def n_links(self) -> int:
        """Number of pairs decided as one person."""
        return int((self.decided.decisions == LINK).sum())

    @property
    def n_review(self) -> int:
        """Number of pairs left for review."""
        return int((self.decided.decisions == REVIEW).sum())

    @property
    def n_persons(self) -> int:
        """Number of unique persons."""
        return len(np.unique(self.assignment.persons["person_id"].to_numpy().astype(str)))


def _assign(session: Session, records: Records, labels: NDArray[np.int64]) -> Assignment:
    clusters = pa.table({"rid": records.rid, "label": labels})
    previous = session.table("SELECT rid, person_id FROM persons")
    return assign(clusters, previous, next_number=int(session.get("next_person", "1")))


def _store(session: Session, found: _Found, *, started_at: str, finished_at: str) -> int:
    """Replace links and persons, write down the run, its model and its events, and give the number of the run."""
    number, model = found.model.number, found.model.model
    with session.transaction():
        run: int = session.rows("SELECT coalesce(max(run), 0) + 1 FROM runs")[0][0]
        last = session.rows("SELECT coalesce(max(submission), 0) FROM submissions")[0][0]
        if found.model.fitted:
            session.rows("INSERT INTO models VALUES (?, ?, ?)", number, finished_at, model.to_json())
        figures = (len(found.records.rid), len(found.pairs.a), found.n_links, found.n_review, found.n_persons)
        expected = found.decided.expected
        session.rows(
            "INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            *(run, started_at, finished_at, number, last, *figures),
            *(expected.precision, expected.recall, expected.recall_is_bound),
            *(found.decided.persons or (None, None, None)),
        )
        session.load("DELETE FROM links; INSERT INTO links SELECT * FROM source", source=_links(found))
        session.load("DELETE FROM persons; INSERT INTO persons SELECT * FROM source", source=found.assignment.persons)
        session.load(_events_statement(run, finished_at), source=_numbered(found.assignment.events))
        session.set("next_person", str(found.assignment.next_number))
    return run


def _report(found: _Found, *, run: int, seconds: float, notes: tuple[str, ...]) -> LinkReport:
    kinds = found.assignment.events["kind"].to_pylist()
    persons = found.decided.persons
    return LinkReport(
        run=run,
        model=found.model.number,
        fitted=found.model.fitted,
        records=len(found.records.rid),
        pairs=len(found.pairs.a),
        links=found.n_links,
        review=found.n_review,
        persons=found.n_persons,
        expected_precision=found.decided.expected.precision,
        expected_recall=found.decided.expected.recall,
        recall_is_bound=found.decided.expected.recall_is_bound,
        expected_persons=None if persons is None else persons.expected,
        persons_range=None if persons is None else (persons.low, persons.high),
        changes={kind: kinds.count(kind) for kind in EVENT_KINDS},
        notes=(*found.model.notes, *notes),
        seconds=seconds,
    )


def _links(found: _Found) -> pa.Table:
    """Select the pairs worth keeping: all that are decided on, however improbable alone, and the probable."""
    kept = (found.decided.decisions != NO_LINK) | (found.scores.probability >= KEPT_FROM)
    return pa.table(
        {
            "rid_a": found.pairs.a[kept],
            "rid_b": found.pairs.b[kept],
            "match_weight": found.scores.match_weight[kept],
            "log_odds": found.scores.log_odds[kept],
            "probability": found.scores.probability[kept],
            "decision": pa.array([DECISIONS[code] for code in found.decided.decisions[kept]], pa.string()),
            "reason": pa.array([REASONS[code] for code in found.decided.reasons[kept]], pa.string()),
        }
    )


def _numbered(events: pa.Table) -> pa.Table:
    return events.append_column("place", pa.array(np.arange(events.num_rows)))


def _events_statement(run: int, at: str) -> str:
    return f"""
        INSERT INTO person_events
        SELECT (SELECT coalesce(max(event), 0) FROM person_events) + 1 + place, '{at}', {run}, kind,
            person_id, other_person_id
        FROM source
    """
