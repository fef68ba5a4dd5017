"""One run of linking: from the codes of all current records to persons, stored in one transaction.

Everything is computed before anything is written, so a run that is killed leaves the results of the previous run.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkage.engines.base import Owners
from linkage.engines.spark.session import Cluster
from linkage.errors import SettingsError
from linkage.growth import coarse_profile
from linkage.keys import RegistryKey
from linkage.linkage_unit.admit import RESTORED
from linkage.linkage_unit.deciphering import linking_engine
from linkage.linkage_unit.fitting import PairScorer
from linkage.linkage_unit.forecast import check_memory, forecast
from linkage.linkage_unit.grouping import Resolution, resolve
from linkage.linkage_unit.kept import PURGED, with_kept
from linkage.linkage_unit.notices import ERASED, LAST_NOTICE
from linkage.linkage_unit.pairs import LeftOut, Pairs, RecordIndex, compare_pairs, live_codes, read_records
from linkage.linkage_unit.person_ids import new_person_id
from linkage.linkage_unit.report import LinkReport
from linkage.linkage_unit.run_digests import describe_run
from linkage.linkage_unit.sample import sample_for_fit, without_copies
from linkage.linkage_unit.stored_model import NumberedModel, fit_model, read_model
from linkage.linking.candidates import has_empty_key
from linkage.linking.decide import DECISIONS, LINK, NO_LINK, REVIEW
from linkage.linking.never_met import HAS
from linkage.linking.reasons import REASONS
from linkage.linking.score import Scores
from linkage.messages.labels import packed
from linkage.persons import Assignment, assign
from linkage.persons.identity import EVENT_KINDS
from linkage.progress import Progress
from linkage.store import Session
from pseudonym.profile import Profile

__all__ = ["STORAGE_THRESHOLD", "Result", "compute", "link", "stored_links"]

STORAGE_THRESHOLD: Final = 0.01
"""Lowest probability of a stored pair. It is a tenth of the limit for review, so that pairs near the limit can be
inspected."""

RUN_COLUMNS: Final = 18

CROWDED: Final = (
    "Match keys shared by more than 1,000 records were left out: {n}. The usual cause is a placeholder, such as one "
    "date for all persons whose date is unknown; reporters should leave these fields empty."
)

FLOODED: Final = (
    "Match keys that reporter {reporter} has in more than 500 records were left out for that reporter alone: {n}. The "
    "usual cause is a placeholder, or records that were sent many times."
)

BRIDGED: Final = (
    "Records of reporter {reporter} alone would join persons that all others keep apart: {n}. They were not joined; "
    "the pairs are for review (records of one reporter). Ask that reporter what these records are."
)

UNSETTLED: Final = (
    "Competition between the candidates of a record did not converge in {n} groups of records; their probabilities are "
    "less reliable."
)


def link(
    session: Session,
    profile: Profile,
    *,
    key: RegistryKey,
    refit: bool,
    progress: Progress,
    now: Callable[[], str],
    cluster: Cluster | None = None,
    memory: int | None = None,
) -> LinkReport:
    """Find the persons among all live records and store the result.

    Args:
        session: The store of the linkage unit, open for writing.
        profile: Its profile.
        key: Its key.
        refit: Whether to fit a new model.
        progress: See `Progress`.
        now: Returns the current time.
        cluster: Where to join and compare; None for this process.
        memory: Bytes of memory that the run may take; None for any.

    Returns:
        The report of the run.

    Raises:
        TooLargeError: The run is expected to take more than `memory`.
        SettingsError: `profile.linking` if the profile has no tables for linking, `cluster.profile` if it has an empty
            match key, which a cluster does not join.
        ClusterError: The cluster does not answer or has failed.
    """
    began, started_at = time.monotonic(), now()
    if profile.linking is None:
        raise SettingsError("profile.linking", "The profile of this registry has no tables for linking.")
    stored = None if refit else read_model(session)
    result, notes = compute(session, profile, key=key, stored=stored, progress=progress, cluster=cluster, memory=memory)
    progress("store", 0, 0)
    run, erased = _store(session, profile, result, key=key, times=(started_at, now()))
    seconds = time.monotonic() - began
    report = _report(result, run=run, since=(erased, _changes(session, run)), seconds=seconds, notes=notes)
    return replace(report, notes=(*report.notes, *coarse_profile(report.strangers_a_record, profile=profile.name)))


def compute(
    session: Session,
    profile: Profile,
    *,
    key: RegistryKey,
    stored: NumberedModel | None,
    progress: Progress,
    cluster: Cluster | None = None,
    memory: int | None = None,
) -> tuple[Result, tuple[str, ...]]:
    """Compute a run from what is stored, and store nothing.

    Args:
        session: The registry.
        profile: Its profile, with tables for linking.
        key: Its key.
        stored: The model; None to fit one.
        progress: See `Progress`.
        cluster: See `link`.
        memory: See `link`.

    Returns:
        The result, and notes for users.

    Raises:
        TooLargeError: As for `link`.
    """
    assert profile.linking is not None  # The caller has refused a profile without tables.
    records = read_records(session)
    tables = profile.linking.fields if stored is None else stored.model.fields
    with linking_engine(session, key, cluster, encoding=profile.encoding) as engine:
        # Of an empty match key all pairs are compared, and how many are kept is known afterwards.
        if memory is not None and not has_empty_key(profile.encoding):
            progress("candidates", 0, 0)
            owners = Owners(records.rid, records.reporter)
            found = forecast(engine, live_codes(session), owners, content_bytes=profile.encoding.content_bytes)
            check_memory(found, profile=profile.name, on_cluster=cluster is not None, memory=memory)
        pairs, left_out = compare_pairs(
            engine, records, profile, tables=tables, progress=progress, codes=live_codes(session)
        )
    pairs = with_kept(session, records, pairs)
    progress("fit", 0, 0)
    scorer = PairScorer(records, pairs, tables)
    representative = without_copies(records, pairs, tables)
    model = stored or fit_model(
        session, PairScorer(*sample_for_fit(records, pairs, representative), tables), profile.linking
    )
    progress("compete", 0, 0)
    scores, n_unsettled = scorer.score(model.model)
    progress("cluster", 0, 0)
    resolution = resolve(
        session,
        engine,
        records=records,
        pairs=pairs,
        scores=scores,
        against=scorer.apart,
        representative=representative,
        tables=model.model.fields,
        encoding=profile.encoding,
        population=profile.linking.population,
    )
    assignment = _assign(session, records, resolution.labels, key)
    return Result(records, pairs, resolution.scores, resolution, assignment, model), _notes(
        left_out, n_unsettled, resolution
    )


def _notes(left_out: LeftOut, n_unsettled: int, resolution: Resolution) -> tuple[str, ...]:
    """Return constant sentences for users, with numbers and codes of reporters."""
    notes = [note.format(n=n) for note, n in ((CROWDED, left_out.n_crowded), (UNSETTLED, n_unsettled)) if n]
    for note, counts in ((FLOODED, left_out.flooded), (BRIDGED, resolution.bridges)):
        notes += [note.format(reporter=reporter, n=n) for reporter, n in counts.items()]
    return tuple(notes)


@dataclass(frozen=True, slots=True)
class Result:
    """Everything that a run computes."""

    records: RecordIndex
    pairs: Pairs
    scores: Scores
    resolution: Resolution
    assignment: Assignment
    model: NumberedModel

    @property
    def n_links(self) -> int:
        """Number of pairs that are linked."""
        return int((self.resolution.decisions == LINK).sum())

    @property
    def n_review(self) -> int:
        """Number of pairs for review."""
        return int((self.resolution.decisions == REVIEW).sum())

    @property
    def n_persons(self) -> int:
        """Number of unique persons."""
        return len(np.unique(self.assignment.persons["person_id"].to_numpy().astype(str)))


def _assign(session: Session, records: RecordIndex, labels: NDArray[np.int64], key: RegistryKey) -> Assignment:
    def new_id(number: int, rid: int) -> str:
        return new_person_id(key, number, records.ties[np.searchsorted(records.rid, rid)].tobytes())

    clusters = pa.table({"rid": records.rid, "label": labels, "rank": records.rank})
    previous = session.table("SELECT rid, person_id FROM persons")
    return assign(clusters, previous, next_number=int(session.get("next_person", "1")), new_id=new_id)


def _store(
    session: Session, profile: Profile, result: Result, *, key: RegistryKey, times: tuple[str, str]
) -> tuple[int, int]:
    """Replace links and persons, store the run, its model and its events.

    Returns:
        The number of the run, and the number of records erased since the run before it.
    """
    number, model = result.model.number, result.model.model
    started_at, finished_at = times
    with session.transaction():
        run: int = session.rows("SELECT coalesce(max(run), 0) + 1 FROM runs")[0][0]
        last = session.rows("SELECT coalesce(max(submission), 0) FROM submissions")[0][0]
        if result.model.fitted:
            session.rows("INSERT INTO models VALUES (?, ?, ?)", number, finished_at, model.to_json())
        figures = (len(result.records.rid), len(result.pairs.a), result.n_links, result.n_review, result.n_persons)
        expected = result.resolution.expected
        session.rows(
            f"INSERT INTO runs VALUES ({', '.join('?' * RUN_COLUMNS)})",
            *(run, started_at, finished_at, number, last, *figures),
            *(expected.precision, expected.recall, expected.recall_is_bound),
            *(result.resolution.persons or (None, None, None)),
            int(session.get(LAST_NOTICE, "0")),
            result.resolution.draws.labels.shape[1],
        )
        session.load("DELETE FROM links; INSERT INTO links SELECT * FROM source", source=stored_links(result))
        session.load("DELETE FROM persons; INSERT INTO persons SELECT * FROM source", source=_stored_persons(result))
        session.load(
            "DELETE FROM never_met; INSERT INTO never_met SELECT * FROM source", source=result.resolution.never_met
        )
        session.load("DELETE FROM draws; INSERT INTO draws SELECT * FROM source", source=_stored_draws(result))
        session.load(_events_statement(run, finished_at), source=_numbered(result.assignment.events))
        session.set("next_person", str(result.assignment.next_number))
        described = describe_run(session, profile, None if number is None else model, key=key)
        session.log("link", at=finished_at, run=run, model=number, fitted=result.model.fitted or None, **described)
        erased = int(session.get(ERASED, "0"))
        session.set_all({ERASED: "0", PURGED: "0", RESTORED: ""})
    return run, erased


def _changes(session: Session, run: int) -> dict[str, int]:
    """Count the person events since the run before this one."""
    # Persons that an erasure has retired have the number of this run too.
    counts = dict(session.rows("SELECT kind, count(*) FROM person_events WHERE run = ? GROUP BY kind", run))
    return {kind: counts.get(kind, 0) for kind in EVENT_KINDS}


def _report(
    result: Result, *, run: int, since: tuple[int, dict[str, int]], seconds: float, notes: tuple[str, ...]
) -> LinkReport:
    persons = result.resolution.persons
    return LinkReport(
        run=run,
        model=result.model.number,
        fitted=result.model.fitted,
        records=len(result.records.rid),
        pairs=len(result.pairs.a),
        links=result.n_links,
        review=result.n_review,
        persons=result.n_persons,
        expected_precision=result.resolution.expected.precision,
        expected_recall=result.resolution.expected.recall,
        recall_is_bound=result.resolution.expected.recall_is_bound,
        expected_persons=None if persons is None else persons.expected,
        persons_range=None if persons is None else (persons.low, persons.high),
        erased=since[0],
        changes=since[1],
        refit_due=bool(result.model.refit_reasons),
        notes=(*result.model.notes, *result.model.refit_reasons, *notes),
        seconds=seconds,
    )


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


def _stored_draws(result: Result) -> pa.Table:
    drawn = result.resolution.draws
    rid = result.records.rid[drawn.record]
    return pa.table({"rid": rid, "component": drawn.component, "labels": packed(drawn.labels)})


def _stored_persons(result: Result) -> pa.Table:
    has = pa.array(np.array(HAS, dtype=object)[result.resolution.has], pa.string())
    return result.assignment.persons.append_column("has", has)


def _numbered(events: pa.Table) -> pa.Table:
    return events.append_column("index", pa.array(np.arange(events.num_rows)))


def _events_statement(run: int, at: str) -> str:
    return f"""
        INSERT INTO person_events
        SELECT (SELECT coalesce(max(event), 0) FROM person_events) + 1 + index, '{at}', {run}, kind,
            person_id, other_person_id
        FROM source
    """
