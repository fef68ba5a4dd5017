"""One run of linking: from the codes of all current records to persons, stored in one transaction.

Everything is computed before anything is written, so a run that is killed leaves the results of the previous run.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkage.engines.base import Engine, KeyCounts, Owners
from linkage.engines.key_counts import count_keys
from linkage.engines.spark.session import Cluster
from linkage.errors import SettingsError
from linkage.growth import coarse_profile
from linkage.keys import RegistryKey
from linkage.linkage_unit.admit import RESTORED
from linkage.linkage_unit.changed import ASKED, CLUSTER, MODEL, Changes, find_changes, new_pairs
from linkage.linkage_unit.deciphering import linking_engine
from linkage.linkage_unit.differences import store_difference
from linkage.linkage_unit.fitting import KnownAgainst, PairScorer, evidence_against
from linkage.linkage_unit.forecast import Forecast, check_memory
from linkage.linkage_unit.grouping import Resolution, resolve
from linkage.linkage_unit.handing import HANDED_OVER, Since
from linkage.linkage_unit.kept import PURGED, with_kept
from linkage.linkage_unit.notices import ERASED, LAST_NOTICE
from linkage.linkage_unit.pairs import LeftOut, Pairs, RecordIndex, compare_pairs, live_codes, read_records
from linkage.linkage_unit.person_ids import new_person_id
from linkage.linkage_unit.report import LinkReport
from linkage.linkage_unit.result import Result, changed_tables, remember_run
from linkage.linkage_unit.run_digests import describe_run, sums_of_keys
from linkage.linkage_unit.sample import sample_for_fit, without_copies
from linkage.linkage_unit.stored_model import NumberedModel, fit_model, read_model
from linkage.linking.candidates import has_empty_key
from linkage.linking.decide import LINK
from linkage.linking.model import Model
from linkage.linking.proven import precision_is_known
from linkage.persons import Assignment, assign
from linkage.persons.identity import EVENT_KINDS
from linkage.progress import Progress
from linkage.store import Session
from pseudonym.profile import Encoding, FieldTable, Linking, Profile

__all__ = ["compute", "link"]


RUN_COLUMNS: Final = 15

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
    full: bool,
    progress: Progress,
    now: Callable[[], str],
    cluster: Cluster | None = None,
    memory: int | None = None,
) -> tuple[LinkReport, Since]:
    """Find the persons among all live records and store the result.

    Args:
        session: The store of the linkage unit, open for writing.
        profile: Its profile.
        key: Its key.
        refit: Whether to fit a new model.
        full: Whether to compare and weigh all records, as after a refit.
        progress: See `Progress`.
        now: Returns the current time.
        cluster: Where to join and compare; None for this process.
        memory: Bytes of memory that the run may take; None for any.

    Returns:
        The report of the run, and what has changed since the run before.

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
    result, notes = compute(
        session,
        profile,
        key=key,
        stored=stored,
        progress=progress,
        cluster=cluster,
        whole=ASKED if full else None,
        memory=memory,
    )
    progress("store", 0, 0)
    run, erased, since = _store(session, profile, result, key=key, times=(started_at, now()))
    seconds = time.monotonic() - began
    report = _report(result, run=run, since=(erased, _changes(session, run)), seconds=seconds, notes=notes)
    notes = (*report.notes, *coarse_profile(report.strangers_a_record, profile=profile.name))
    return replace(report, notes=notes), since


def compute(
    session: Session,
    profile: Profile,
    *,
    key: RegistryKey,
    stored: NumberedModel | None,
    progress: Progress,
    cluster: Cluster | None = None,
    whole: str | None = None,
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
        whole: Why all records are compared and weighed; None to take over what has not changed since the last run.
        memory: See `link`.

    Returns:
        The result, and notes for users.

    Raises:
        TooLargeError: As for `link`.
    """
    assert profile.linking is not None  # The caller has refused a profile without tables.
    records = read_records(session)
    tables = profile.linking.fields if stored is None else stored.model.fields
    changes = whole or _changes_since(session, key, records, stored, cluster, profile.encoding)
    with linking_engine(session, key, cluster, encoding=profile.encoding) as engine:
        compare = partial(
            _compared,
            session,
            key,
            engine,
            records,
            profile,
            tables=tables,
            memory=memory,
            on_cluster=cluster is not None,
            progress=progress,
        )
        with session.reading_once():
            found = compare(changes)
            if isinstance(found, str):
                changes = found
                found = compare(changes)
        assert not isinstance(found, str)  # A full run compares whatever there is.
        pairs, left_out = found
    pairs = with_kept(session, records, pairs)
    progress("fit", 0, 0)
    before = None if isinstance(changes, str) else changes.before(pairs)
    weights = None if stored is None else stored.model.other_words
    known = None if before is None else KnownAgainst(before.against, before.changed)
    representative = without_copies(records, pairs, tables)
    model, scorer = (stored, None) if stored else _fitted(session, profile.linking, records, pairs, representative)
    scorer = scorer or PairScorer(records, pairs, tables, weights=weights, known=known)
    progress("compete", 0, 0)
    scores, n_unsettled = scorer.score(model.model)
    against, held, weights = scorer.against if stored else None, scorer.apart, scorer.weights
    del scorer
    progress("cluster", 0, 0)
    resolution = resolve(
        session,
        engine,
        records=records,
        pairs=pairs,
        scores=scores,
        against=held,
        representative=representative,
        tables=model.model.fields,
        encoding=profile.encoding,
        population=profile.linking.population,
        kept=model.model.meeting,
        before=before,
        # Components that are drawn in different runs must not have the same numbers.
        seed=0 if isinstance(changes, str) else session.rows("SELECT coalesce(max(run), 0) + 1 FROM runs")[0][0],
    )
    counted = (representative[pairs.ends] == pairs.ends).all(axis=1) & (resolution.decisions == LINK)
    resolution = _with_known_precision(resolution, records.strata.is_within[pairs.stratum[counted]], model.model)
    kept = replace(model.model, other_words=weights, meeting=resolution.meeting)
    model = replace(model, model=kept)
    assignment = _assign(session, records, resolution.labels, key)
    # The next run weighs pairs with the tables of the model, and takes over what these give.
    against = evidence_against(records, pairs, kept.fields, weights=weights) if against is None else against
    result = Result(records, pairs, against, resolution.scores, resolution, assignment, model, changes, left_out)
    return result, _notes(left_out, n_unsettled, resolution)


def _fitted(
    session: Session, linking: Linking, records: RecordIndex, pairs: Pairs, representative: NDArray[np.int64]
) -> tuple[NumberedModel, PairScorer | None]:
    """Fit a model to one copy of each record; return it, and the scorer if it is that of all pairs."""
    some = sample_for_fit(records, pairs, representative)
    scorer = PairScorer(*some, linking.fields)
    # That of some pairs goes before that of all pairs is made.
    return fit_model(session, scorer, linking), scorer if some[1] is pairs else None


def _changes_since(
    session: Session,
    key: RegistryKey,
    records: RecordIndex,
    stored: NumberedModel | None,
    cluster: Cluster | None,
    encoding: Encoding,
) -> Changes | str:
    if cluster is not None:
        return CLUSTER
    return MODEL if stored is None else find_changes(session, key, records, stored, encoding=encoding)


def _compared(
    session: Session,
    key: RegistryKey,
    engine: Engine,
    records: RecordIndex,
    profile: Profile,
    changes: Changes | str,
    *,
    tables: tuple[FieldTable, ...],
    memory: int | None,
    on_cluster: bool,
    progress: Progress,
) -> tuple[Pairs, LeftOut] | str:
    """Compare all pairs, or those of changed records; or return why all must be compared."""
    codes = live_codes(session)
    if isinstance(changes, str):

        def counted(counts: KeyCounts) -> None:
            # Of an empty match key all pairs are compared, and how many are kept is known afterwards.
            if memory is not None and not has_empty_key(profile.encoding):
                expected = Forecast(len(records.rid), counts, profile.encoding.content_bytes)
                check_memory(expected, profile=profile.name, on_cluster=on_cluster, memory=memory)

        if memory is not None and not on_cluster and _most_to_count(session, codes) > memory:
            # What is read for the join might not fit either, so it is counted by itself.
            counted(count_keys(engine.match_keys(codes), Owners(records.rid, records.reporter)))
        return compare_pairs(engine, records, profile, tables=tables, progress=progress, codes=codes, counted=counted)
    return new_pairs(session, key, engine, changes, profile, tables=tables, codes=codes, progress=progress)


def _most_to_count(session: Session, codes: str) -> int:
    """Return the most memory that it can take to count the match keys of some codes and keep them for the join."""
    n_codes = session.rows(f"SELECT count(*) FROM {codes}")[0][0]
    return Forecast(0, KeyCounts(n_codes, n_codes, 0, 0), 0).counting_bytes


def _with_known_precision(resolution: Resolution, within: NDArray[np.bool_], model: Model) -> Resolution:
    """Leave out the expected precision where nothing but tables speaks for it; `within` is of links without copies."""
    if precision_is_known(model, n_between=int((~within).sum()), n_within=int(within.sum())):
        return resolution
    return replace(resolution, expected=replace(resolution.expected, precision=None))


def _notes(left_out: LeftOut, n_unsettled: int, resolution: Resolution) -> tuple[str, ...]:
    """Return constant sentences for users, with numbers and codes of reporters."""
    notes = [note.format(n=n) for note, n in ((CROWDED, left_out.n_crowded), (UNSETTLED, n_unsettled)) if n]
    for note, counts in ((FLOODED, left_out.flooded), (BRIDGED, resolution.bridges)):
        notes += [note.format(reporter=reporter, n=n) for reporter, n in counts.items()]
    return tuple(notes)


def _assign(session: Session, records: RecordIndex, labels: NDArray[np.int64], key: RegistryKey) -> Assignment:
    def new_id(number: int, rid: int) -> str:
        return new_person_id(key, number, records.ties[np.searchsorted(records.rid, rid)].tobytes())

    clusters = pa.table({"rid": records.rid, "label": labels, "rank": records.rank})
    previous = session.table("SELECT rid, person_id FROM persons")
    return assign(clusters, previous, next_number=int(session.get("next_person", "1")), new_id=new_id)


def _store(
    session: Session, profile: Profile, result: Result, *, key: RegistryKey, times: tuple[str, str]
) -> tuple[int, int, Since]:
    """Store links and persons as they are now, the run, its model and its events.

    Returns:
        The number of the run, the number of records erased since the run before it, and what has changed since then.
    """
    number, model = result.model.number, result.model.model
    started_at, finished_at = times
    since = Since(session.get(HANDED_OVER), changed_tables(session, result))
    changes = result.changes
    sums = sums_of_keys(session, key) if isinstance(changes, str) else changes.sums(session, key)
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
            int(session.get(LAST_NOTICE, "0")),
            result.resolution.draws.labels.shape[1],
        )
        for table, difference in since.tables.items():
            store_difference(session, table, difference)
        session.load(
            "DELETE FROM never_met; INSERT INTO never_met SELECT * FROM source", source=result.resolution.never_met
        )
        session.load(_events_statement(run, finished_at), source=_numbered(result.assignment.events))
        session.set("next_person", str(result.assignment.next_number))
        described = describe_run(session, profile, None if number is None else model, sums=sums)
        remember_run(session, key, result, sums)
        session.log("link", at=finished_at, run=run, model=number, fitted=result.model.fitted or None, **described)
        erased = int(session.get(ERASED, "0"))
        session.set_all({ERASED: "0", PURGED: "0", RESTORED: "", HANDED_OVER: ""})
    return run, erased, since


def _changes(session: Session, run: int) -> dict[str, int]:
    """Count the person events since the run before this one."""
    # Persons that an erasure has retired have the number of this run too.
    counts = dict(session.rows("SELECT kind, count(*) FROM person_events WHERE run = ? GROUP BY kind", run))
    return {kind: counts.get(kind, 0) for kind in EVENT_KINDS}


def _report(
    result: Result, *, run: int, since: tuple[int, dict[str, int]], seconds: float, notes: tuple[str, ...]
) -> LinkReport:
    changes = result.changes
    return LinkReport(
        run=run,
        model=result.model.number,
        fitted=result.model.fitted,
        records=len(result.records.rid),
        pairs=len(result.pairs.a),
        links=result.n_links,
        review=result.n_review,
        review_persons=result.n_review_persons,
        persons=result.n_persons,
        expected_precision=result.resolution.expected.precision,
        expected_recall=result.resolution.expected.recall,
        recall_is_bound=result.resolution.expected.recall_is_bound,
        full_run=changes if isinstance(changes, str) else None,
        new_records=None if isinstance(changes, str) else int(changes.new.sum()),
        weighed_again=int(result.resolution.grouped.touched.sum()),
        erased=since[0],
        changes=since[1],
        refit_due=bool(result.model.refit_reasons),
        notes=(*result.model.notes, *result.model.refit_reasons, *notes),
        seconds=seconds,
    )


def _numbered(events: pa.Table) -> pa.Table:
    return events.append_column("index", pa.array(np.arange(events.num_rows)))


def _events_statement(run: int, at: str) -> str:
    return f"""
        INSERT INTO person_events
        SELECT (SELECT coalesce(max(event), 0) FROM person_events) + 1 + index, '{at}', {run}, kind,
            person_id, other_person_id
        FROM source
    """
