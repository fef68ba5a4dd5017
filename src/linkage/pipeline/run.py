"""One run of linking: from the codes of all current records to persons, stored in one transaction.

The stages know nothing of each other nor of the registry file; here they are wired. Everything is computed before
anything is written, so a run that is killed leaves the results of the run before.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkage.engines.base import Engine
from linkage.engines.duckdb import DuckDBEngine
from linkage.errors import SettingsError
from linkage.linking.candidates import candidate_batches
from linkage.linking.clusters import MAX_LOG_ODDS, cluster
from linkage.linking.compare import compare, levels, number_kinds
from linkage.linking.decide import DECISIONS, LINK, NO_LINK, REVIEW, Scores, classify
from linkage.linking.expect import Expectation, expect, grouped, repeated_kinds, times_met
from linkage.linking.model import Model
from linkage.linking.reach import reaches
from linkage.linking.reasons import OTHER_PERSON, REASONS, Standing, number_conflicts, reasons_of
from linkage.linking.strata import Strata
from linkage.persons import Assignment, assign, cannot_links
from linkage.persons.identity import EVENT_KINDS
from linkage.pipeline.report import LinkReport
from linkage.pipeline.weigh import Pairs, Records, Weighing
from linkage.store import Session
from pseudonym.profile import FieldTable, Linking, Profile

__all__ = ["KEPT_FROM", "link"]

KEPT_FROM: Final = 0.01
"""Least probability of a pair that is stored: ten times below the pairs for review, so that limits can be looked
into."""

GROWN: Final = 2
"""A model that was fitted to fewer records than this part of today's may be worth fitting again."""

FIT_AGAIN: Final = "The registry has more than doubled since the model was fitted; consider link --refit."

ROUNDING: Final = 1e-5
"""Clusters round log odds to steps below this; a component that is a little too large does no harm."""

CROWDED: Final = (
    "Match keys that more than 1,000 records share were left out: {n}. A placeholder, such as one date for all who are "
    "not known, is the usual cause; the bodies should leave such fields empty."
)

UNSETTLED: Final = (
    "Competition between the candidates of a record was stopped before it came to rest, in {n} groups of records; "
    "their probabilities are less sure."
)

_Show = Callable[[str, int, int], None]
_Part = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int8], NDArray[np.int32]]
"""Records a and b of pairs, levels, and mets."""


@dataclass(frozen=True, slots=True)
class _Model:
    """A model, its number (None if there was nothing to learn from), and whether it was fitted in this run."""

    number: int | None
    model: Model
    fitted: bool
    notes: tuple[str, ...]


def link(session: Session, profile: Profile, *, refit: bool, progress: _Show, now: Callable[[], str]) -> LinkReport:
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

    Sees: neither
    """
    began, started_at = time.monotonic(), now()
    if profile.linking is None:
        raise SettingsError("profile.linking", "The profile of this registry has no tables for linking.")
    records = _read_records(session)
    stored = None if refit else _read_model(session, len(records.rid))
    engine = DuckDBEngine(session.connection)
    tables = profile.linking.fields if stored is None else stored.model.fields
    pairs, crowded = _compare(engine, records, profile, tables=tables, progress=progress)
    progress("fit", 0, 0)
    weighing = Weighing(records, pairs, tables)
    model = stored or _fit_model(session, weighing, profile.linking)
    progress("compete", 0, 0)
    scores, stopped = weighing.weigh(model.model)
    progress("cluster", 0, 0)
    found = _decide(session, engine, records, pairs, profile=profile, scores=scores, model=model)
    progress("store", 0, 0)
    run = _store(session, found, started_at=started_at, finished_at=now())
    notes = tuple(note.format(n=n) for note, n in ((CROWDED, crowded), (UNSETTLED, stopped)) if n)
    return _report(found, run=run, seconds=time.monotonic() - began, notes=notes)


def _decide(
    session: Session,
    engine: Engine,
    records: Records,
    pairs: Pairs,
    *,
    profile: Profile,
    scores: Scores,
    model: _Model,
) -> _Found:
    """Group the records, name the groups, and decide on each pair."""
    number = number_conflicts(pairs.levels, model.model.fields)
    # As strong as evidence against can be, and yet other records may outweigh it: a wrong sex is a wrong sex.
    against = np.where(number == OTHER_PERSON, -MAX_LOG_ODDS, scores.log_odds)
    groups = _cluster(session, engine, records, pairs, scores._replace(log_odds=against))
    labels = groups.labels
    decisions = classify(scores.probability)
    ends = np.column_stack([records.index(pairs.a), records.index(pairs.b)])
    apart = labels[ends[:, 0]] != labels[ends[:, 1]]
    decisions[(decisions == NO_LINK) & (number > 0)] = REVIEW
    # What other evidence holds apart is not one person, however alike, but somebody should look at it; and what other
    # evidence brings together is one person. So a decision says the same as the persons do.
    decisions[(decisions == LINK) & apart] = REVIEW
    decisions[~apart] = LINK
    places = records.index(groups.roles)
    standing = Standing(apart, _among(ends, places), _among(labels[ends], labels[places]), number)
    reasons = reasons_of(decisions, scores.probability, standing)
    expected = _expect(records, pairs, scores, groups=groups, profile=profile)
    return _Found(records, pairs, scores, decisions, reasons, _assign(session, records, labels), model, expected)


def _among(pairs: NDArray[np.int64], known: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Say which pairs of numbers are among the known ones, whichever of the two stands first."""
    span = 1 + max(int(pairs.max(initial=0)), int(known.max(initial=0)))
    codes = [np.sort(rows, axis=1) @ np.array([span, 1]) for rows in (pairs, known)]
    return np.isin(*codes)


@dataclass(frozen=True, slots=True)
class _Found:
    """Everything that a run has found."""

    records: Records
    pairs: Pairs
    scores: Scores
    decisions: NDArray[np.int8]
    reasons: NDArray[np.int8]
    assignment: Assignment
    model: _Model
    expected: Expectation

    @property
    def n_links(self) -> int:
        """Number of pairs decided as one person."""
        return int((self.decisions == LINK).sum())

    @property
    def n_review(self) -> int:
        """Number of pairs left for review."""
        return int((self.decisions == REVIEW).sum())

    @property
    def n_persons(self) -> int:
        """Number of unique persons."""
        return len(np.unique(self.assignment.persons["person_id"].to_numpy().astype(str)))


def _read_records(session: Session) -> Records:
    table = session.table("SELECT rid, reporter, digest FROM records ORDER BY rid")
    reporters = table["reporter"].to_numpy().astype(object)
    names, place, counts = np.unique(reporters, return_inverse=True, return_counts=True)
    strata = Strata.of(dict(zip(names.tolist(), counts.tolist(), strict=True)))
    digests = np.frombuffer(b"".join(table["digest"].to_pylist()), np.uint8).reshape(-1, 32)
    return Records(table["rid"].to_numpy().astype(np.int64), place.astype(np.int64), digests, strata)


def _compare(
    engine: Engine, records: Records, profile: Profile, *, tables: tuple[FieldTable, ...], progress: _Show
) -> tuple[Pairs, int]:
    """Find the candidate pairs and compare them field by field; count the match keys that too many records share."""
    linking, encoding = profile.linking, profile.encoding
    assert linking is not None  # Checked by the caller.
    numbers = number_kinds(encoding)

    kinds, done = repeated_kinds(encoding), 0

    def judge(batch: pa.RecordBatch) -> _Part:
        nonlocal done
        progress("compare", done, found.n_rows)
        comparison = compare(batch, encoding.layout, swap_margin=linking.swap_margin, numbers=numbers)
        judged = comparison.a, comparison.b, levels(comparison, tables), times_met(batch, kinds)
        done += batch.num_rows
        progress("join", done, found.n_rows)
        return judged

    nothing = np.zeros(0, np.int64)
    parts: list[_Part] = [(nothing, nothing, np.zeros((0, len(tables)), np.int8), np.zeros(0, np.int32))]
    progress("candidates", 0, 0)
    found = candidate_batches(engine, "codes", encoding, progress=partial(progress, "candidates"))
    progress("join", 0, found.n_rows)
    parts += engine.map_batches(judge, found)
    a, b, judged, mets = (np.concatenate(column) for column in zip(*parts, strict=True))
    stratum = records.strata.numbers(records.place[records.index(a)], records.place[records.index(b)])
    return Pairs(a, b, judged, stratum, mets), found.n_crowded


def _expect(records: Records, pairs: Pairs, scores: Scores, *, groups: _Groups, profile: Profile) -> Expectation:
    """Say how right and how complete the links are expected to be."""
    left, right = records.index(pairs.a), records.index(pairs.b)
    links = groups.labels[left] == groups.labels[right]
    ends = np.column_stack([left[links], right[links]])
    found = grouped(ends, scores.log_odds[links], group=groups.labels, rank=records.rank, reach=groups.reach)
    return expect(scores.probability, links, found=found, mets=pairs.mets, encoding=profile.encoding)


def _read_model(session: Session, n_records: int) -> _Model | None:
    """Read the latest model; with a note when the registry has outgrown it."""
    rows = session.rows("SELECT model, parameters FROM models ORDER BY model DESC LIMIT 1")
    if not rows:
        return None
    number, text = rows[0]
    fitted_to = session.rows("SELECT n_records FROM runs WHERE model = ? ORDER BY run LIMIT 1", number)[0][0]
    model = Model.from_json(text)
    notes = [model.note] if model.note else []
    return _Model(number, model, False, (*notes, *([FIT_AGAIN] if n_records > GROWN * fitted_to else [])))


def _fit_model(session: Session, weighing: Weighing, linking: Linking) -> _Model:
    model = weighing.fit(linking)
    # A model that has seen no pair is not kept: it would stand in the way of the first that has learned something.
    seen = len(weighing.counts.codes) > 0
    number = session.rows("SELECT coalesce(max(model), 0) + 1 FROM models")[0][0] if seen else None
    return _Model(number, model, number is not None, (model.note,) if model.note else ())


@dataclass(frozen=True, slots=True)
class _Groups:
    """Records put together.

    Attributes:
        labels: (n,) int64, the smallest record of each record's group.
        roles: (r, 2) int64, records that have two roles in one case.
        reach: (n,) float64, how surely each record meets others of its person.
    """

    labels: NDArray[np.int64]
    roles: NDArray[np.int64]
    reach: NDArray[np.float64]


def _cluster(session: Session, engine: Engine, records: Records, pairs: Pairs, scores: Scores) -> _Groups:
    """Group the records."""
    # Only pairs that speak for a match hold a group together, so roles need to be compared within their components
    # only.
    favour = scores.log_odds > -ROUNDING
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
        scores.log_odds,
        digests=records.digests,
        records=records.rid,
        component=among,
        cannot_link=roles,
    )
    # Groups made without knowing how surely records meet say how surely they do.
    left, right = records.index(pairs.a), records.index(pairs.b)
    reach = reaches(left, right, pairs.levels, known())
    return _Groups(known(reach=reach), roles, reach)


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
        expected = found.expected
        session.rows(
            "INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            *(run, started_at, finished_at, number, last, *figures),
            *(expected.precision, expected.recall, expected.recall_is_bound),
        )
        session.load("DELETE FROM links; INSERT INTO links SELECT * FROM source", source=_links(found))
        session.load("DELETE FROM persons; INSERT INTO persons SELECT * FROM source", source=found.assignment.persons)
        session.load(_events_statement(run, finished_at), source=_numbered(found.assignment.events))
        session.set("next_person", str(found.assignment.next_number))
    return run


def _report(found: _Found, *, run: int, seconds: float, notes: tuple[str, ...]) -> LinkReport:
    kinds = found.assignment.events["kind"].to_pylist()
    return LinkReport(
        run=run,
        model=found.model.number,
        fitted=found.model.fitted,
        records=len(found.records.rid),
        pairs=len(found.pairs.a),
        links=found.n_links,
        review=found.n_review,
        persons=found.n_persons,
        expected_precision=found.expected.precision,
        expected_recall=found.expected.recall,
        recall_is_bound=found.expected.recall_is_bound,
        changes={kind: kinds.count(kind) for kind in EVENT_KINDS},
        notes=(*found.model.notes, *notes),
        seconds=seconds,
    )


def _links(found: _Found) -> pa.Table:
    """Select the pairs worth keeping: all that are decided on, however improbable alone, and the probable."""
    kept = (found.decisions != NO_LINK) | (found.scores.probability >= KEPT_FROM)
    return pa.table(
        {
            "rid_a": found.pairs.a[kept],
            "rid_b": found.pairs.b[kept],
            "match_weight": found.scores.match_weight[kept],
            "log_odds": found.scores.log_odds[kept],
            "probability": found.scores.probability[kept],
            "decision": pa.array([DECISIONS[code] for code in found.decisions[kept]], pa.string()),
            "reason": pa.array([REASONS[code] for code in found.reasons[kept]], pa.string()),
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
