"""Explain one pair: compare its two records again, by the model of the last run, and put what that run said beside it.

Only the codes that share a match key with one of the two records are read. What competition did is the difference
between the odds of the pair alone and those that the run has stored; it is not worked out anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from linkage.answers import Candidate, Explanation, FieldWeight, NamedRecord, Persons, RivalWeight
from linkage.engines.duckdb import DuckDBEngine
from linkage.errors import RecordError, SettingsError
from linkage.linking.candidates import candidate_batches
from linkage.linking.compare import EXTRA, compare, levels, number_kinds
from linkage.linking.decide import DECISIONS, LINK, NO_LINK
from linkage.linking.fit import fit
from linkage.linking.model import Model
from linkage.linking.odds import BIT, log_odds_of, probabilities
from linkage.linking.patterns import SWAPPED_FIELD, count_patterns, n_levels
from linkage.linking.reasons import THROUGH_OTHERS
from linkage.linking.rivals import RIVALS, log_alternative, rival_ratios, shared_fields
from linkage.linking.score import log_ratios, score
from linkage.linking.strata import Strata
from linkage.pipeline.queries import check_linked
from linkage.pipeline.run import KEPT_FROM
from linkage.store import Session
from pseudonym.profile import Encoding, FieldTable, Linking, Profile

__all__ = ["NEWER_RECORDS", "NO_KEY", "explain", "split_name"]

NO_KEY: Final = (
    "The two records share no match key. They were never compared, so nothing speaks for one person, and what is left "
    "is what the prior says of any two records of these bodies."
)
NEWER_RECORDS: Final = "Records have arrived since the last run of link; this explains what that run said."

_PLACES: Final = ("The first record", "The second record")
_LINK_AGAIN: Final = "Run: linkage link REGISTRY"

# Codes that share a match key with one of the two, as the last run has seen them.
_CODES: Final = """
SELECT code.rid, kind, key_hi, key_lo, content
FROM codes AS code
SEMI JOIN (SELECT kind, key_hi, key_lo FROM codes WHERE rid IN ({one}, {other})) AS own USING (kind, key_hi, key_lo)
SEMI JOIN persons ON persons.rid = code.rid
SEMI JOIN (SELECT rid FROM records WHERE submission <= {last}) AS seen ON seen.rid = code.rid
"""

_BETWEEN: Final = """
SELECT count(*) FILTER (log_odds >= 0)
FROM links JOIN persons AS a ON a.rid = rid_a JOIN persons AS b ON b.rid = rid_b
WHERE (a.person_id, b.person_id) IN ((?, ?), (?, ?))
"""


class _Run(NamedTuple):
    """The last run: its number, the number of its model, the last submission that it saw, and the model."""

    number: int
    model_number: int | None
    last: int
    strata: Strata
    model: Model


@dataclass(frozen=True, slots=True)
class _Found:
    """The pairs of the two records with others and with each other, and the shared keys of the two by kind."""

    a: NDArray[np.int64]
    b: NDArray[np.int64]
    distances: NDArray[np.float32]
    levels: NDArray[np.int8]
    keys: dict[str, int]


class _Stored(NamedTuple):
    """What the run has stored of a pair."""

    log_odds: float
    probability: float
    decision: str
    reason: str


def split_name(name: str | tuple[str, str]) -> tuple[str, str]:
    """Divide the name of a record, `BODY/RECORD_ID`, at its first slash: a body's code has none, an id may have.

    Args:
        name: As a person types it; or body and id, which are given back. Another kind of value never reaches the
            database, whose errors show what it was compared with.

    Returns:
        Body and record id.

    Raises:
        RecordError: `explain.name` when there is no slash, or nothing before or after it; when it is no text, or one
            that cannot be written as UTF-8.
    """
    parts: object = name.split("/", 1) if isinstance(name, str) else name
    if not (isinstance(parts, list | tuple) and len(parts) == 2 and all(map(_is_text, parts))):
        raise RecordError(
            "explain.name",
            "A record is named by its body and its id, with a slash between them.",
            hint="For example police/pol-17; what follows the first slash is the id, further slashes included.",
        )
    return parts[0], parts[1]


def _is_text(part: object) -> bool:
    """Return whether `text` is non-empty and can be stored: an argument that is not UTF-8 holds lone surrogates."""
    return isinstance(part, str) and part != "" and not any("\ud800" <= sign <= "\udfff" for sign in part)


def explain(session: Session, profile: Profile, one: tuple[str, str], other: tuple[str, str]) -> Explanation:
    """Say why two records are, or are not, taken for one person.

    Args:
        session: The open registry; nothing in it is changed.
        profile: Its profile.
        one: Body and id of a record.
        other: Those of another.

    Returns:
        The explanation, of the last run.

    Raises:
        NotLinkedError: `link` has never been run.
        RecordError: `explain.unknown` when there is no such record, `explain.same` when both are one, `explain.newer`
            when the last run has not seen a record, or an older version of it.
    """
    linking = profile.linking
    if linking is None:
        raise SettingsError("profile.linking", "The profile of this registry has no tables for linking.")
    run = _last_run(session, linking)
    rids = [_find(session, name, place, run) for place, name in enumerate((one, other))]
    if rids[0] == rids[1]:
        raise RecordError("explain.same", "The same record was named twice; a pair has two.")
    found = _compare(session, rids, run, (profile.encoding, linking))
    names = _names(session, np.unique(np.concatenate([rids, found.a, found.b])))
    stratum = _strata_of(run.strata, names, found.a, found.b)
    alone = score(found.levels, stratum, run.model, strata=run.strata).log_odds
    stored = _stored(session, rids)
    ends = names[rids[0]], names[rids[1]]
    pair = (min(rids), max(rids))
    row = np.flatnonzero((found.a == pair[0]) & (found.b == pair[1]))
    base = _explained(found, row, run, ends, profile.encoding)
    return replace(
        _decided(base, stored.get(pair)),
        persons=_persons(session, ends),
        candidates=tuple(_candidates(found, alone, stored, names, rids)),
        notes=_notes(session, run, compared=len(row) > 0),
    )


def _last_run(session: Session, linking: Linking) -> _Run:
    check_linked(session)
    query = "SELECT run, model, last_submission FROM runs ORDER BY run DESC LIMIT 1"
    number, model_number, last = session.rows(query)[0]
    counts = session.rows("SELECT reporter, count(*) FROM records SEMI JOIN persons USING (rid) GROUP BY reporter")
    strata = Strata.of(dict(counts))
    if model_number is None:
        # No two records shared a match key, and what is left of a model is the prior of the profile.
        nothing = np.zeros((0, len(linking.fields)), np.int8)
        model = fit(count_patterns(nothing, np.zeros(0, np.int64), linking.fields), linking, strata)
    else:
        text = session.rows("SELECT parameters FROM models WHERE model = ?", model_number)[0][0]
        model = Model.from_json(text)
    return _Run(number, model_number, last, strata, model)


def _find(session: Session, name: tuple[str, str], place: int, run: _Run) -> int:
    """Find the number of a record, and refuse one that the run has not seen as it is."""
    query = """
        SELECT rid, submission, rid IN (SELECT rid FROM persons) FROM records WHERE reporter = ? AND record_id = ?
    """
    rows = session.rows(query, *name)
    if not rows:
        raise RecordError(
            "explain.unknown",
            f"{_PLACES[place]} is not in the registry.",
            hint="Ids are those of the body, as export persons lists them; rows in quarantine are not linked.",
        )
    rid, submission, linked = rows[0]
    if not linked:
        raise RecordError("explain.newer", f"{_PLACES[place]} arrived after the last run of link.", hint=_LINK_AGAIN)
    if submission > run.last:
        raise RecordError(
            "explain.newer",
            f"{_PLACES[place]} was superseded after the last run of link; the codes that it saw are erased.",
            hint=_LINK_AGAIN,
        )
    return int(rid)


def _compare(session: Session, rids: list[int], run: _Run, how: tuple[Encoding, Linking]) -> _Found:
    """Compare the two records with all that they share a match key with."""
    encoding, linking = how
    codes = session.table(_CODES.format(one=rids[0], other=rids[1], last=run.last))
    tables = run.model.fields
    parts = []
    keys: dict[str, int] = {}
    for rows in candidate_batches(DuckDBEngine(session.connection), codes, encoding) if codes.num_rows else ():
        wanted = pa.array(rids)
        batch = rows.filter(pc.or_(pc.is_in(rows.column("a"), wanted), pc.is_in(rows.column("b"), wanted)))
        if not batch.num_rows:
            continue
        keys |= _shared_keys(batch, rids, encoding)
        numbers = number_kinds(encoding)
        comparison = compare(batch, encoding.layout, swap_margin=linking.swap_margin, numbers=numbers)
        columns = [comparison.fields.index(table.field) for table in tables]
        parts.append((comparison.a, comparison.b, comparison.distances[:, columns], levels(comparison, tables)))
    empty = np.zeros(0, np.int64)
    parts.append((empty, empty, np.zeros((0, len(tables)), np.float32), np.zeros((0, len(tables)), np.int8)))
    a, b, distances, found = (np.concatenate(column) for column in zip(*parts, strict=True))
    return _Found(a, b, distances, found, keys)


def _shared_keys(batch: pa.RecordBatch, rids: list[int], encoding: Encoding) -> dict[str, int]:
    """Count the match keys of each kind that the two records share; all rows of a pair are in one batch."""
    both = pc.and_(pc.equal(batch.column("a"), min(rids)), pc.equal(batch.column("b"), max(rids)))
    rows = batch.filter(both)
    shared = set(zip(rows.column("kind").to_pylist(), rows.column("key").to_pylist(), strict=True))
    kinds = [kind for kind, _ in shared]
    return {key.kind: kinds.count(place) for place, key in enumerate(encoding.match_keys) if place in kinds}


def _names(session: Session, rids: NDArray[np.int64]) -> dict[int, NamedRecord]:
    query = """
        SELECT rid, reporter, record_id, person_id FROM records JOIN persons USING (rid)
        WHERE rid IN (SELECT unnest(?))
    """
    return {rid: NamedRecord(*name) for rid, *name in session.rows(query, rids.tolist())}


def _strata_of(
    strata: Strata, names: dict[int, NamedRecord], a: NDArray[np.int64], b: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the stratum number of each pair."""
    place = {reporter: number for number, reporter in enumerate(strata.reporters)}
    left, right = (np.array([place[names[rid].reporter] for rid in side.tolist()], np.int64) for side in (a, b))
    return strata.numbers(left, right)


def _stored(session: Session, rids: list[int]) -> dict[tuple[int, int], _Stored]:
    query = """
        SELECT rid_a, rid_b, log_odds, probability, decision, reason FROM links
        WHERE rid_a IN (SELECT unnest($1)) OR rid_b IN (SELECT unnest($1))
    """
    return {(a, b): _Stored(*rest) for a, b, *rest in session.rows(query, rids)}


def _explained(
    found: _Found, row: NDArray[np.int64], run: _Run, ends: tuple[NamedRecord, NamedRecord], encoding: Encoding
) -> Explanation:
    """Lay out the evidence of the pair by itself."""
    tables = run.model.fields
    places = np.array([run.strata.reporters.index(end.reporter) for end in ends])
    stratum = run.strata.numbers(places[:1], places[1:])
    prior = run.model.match_priors(run.strata)[stratum]
    share = run.model.rival_shares(run.strata)[stratum]
    seen = found.levels[row] if len(row) else np.full((1, len(tables)), -1, np.int8)
    evidence = log_ratios(seen, tables)
    # Where nothing was compared, no alternative has anything to say either.
    ratios = rival_ratios(evidence, shared_fields(tables)) if len(row) else np.full((1, len(RIVALS)), -np.inf)
    against = float(log_alternative(ratios, share)[0])
    odds = float(log_odds_of(prior)[0]) + float(evidence.sum()) - against
    slots = {place.field for place in encoding.layout if place.form == "slots"}
    return Explanation(
        a=ends[0],
        b=ends[1],
        run=run.number,
        model=run.model_number,
        keys=found.keys,
        fields=tuple(_fields(found, int(row[0]), tables, slots)) if len(row) else (),
        match_weight=float(evidence.sum()) / BIT,
        prior=float(prior[0]),
        prior_bits=float(log_odds_of(prior)[0]) / BIT,
        rivals=tuple(map(_rival, RIVALS, share[0].tolist(), (share * np.exp(ratios))[0].tolist())),
        rivals_bits=-against / BIT,
        before=float(probabilities(np.array([odds]))[0]),
        competition_bits=None,
        log_odds_bits=odds / BIT,
        probability=None,
        kept_from=KEPT_FROM,
        decision=DECISIONS[NO_LINK],
        reason="",
        persons=Persons(same=ends[0].person_id == ends[1].person_id, records=(1, 1), pairs=0, in_favour=0),
        candidates=(),
        notes=(),
    )


def _rival(name: str, share: float, odds: float) -> RivalWeight:
    return RivalWeight(name=name, share=share, odds=odds)


def _fields(found: _Found, row: int, tables: tuple[FieldTable, ...], slots: set[str]) -> Iterable[FieldWeight]:
    evidence = log_ratios(found.levels[row : row + 1], tables)[0]
    for place, table in enumerate(tables):
        distance, level = float(found.distances[row, place]), int(found.levels[row, place])
        extra = distance == EXTRA
        outcome = "absent" if level < 0 else "compared"
        if extra:
            outcome = "swapped" if table.field == SWAPPED_FIELD else "exchanged"
        yield FieldWeight(
            field=table.field,
            outcome=outcome,
            distance=None if level < 0 or extra or table.field == SWAPPED_FIELD else distance,
            unit="slots" if table.field in slots else "bits",
            level=None if level < 0 else level,
            n_levels=n_levels(table),
            m=None if level < 0 else table.m[level],
            u=None if level < 0 else table.u[level],
            weight=float(evidence[place]) / BIT,
        )


def _decided(base: Explanation, stored: _Stored | None) -> Explanation:
    """Put what the run has stored beside the evidence of the pair by itself."""
    if stored is None:
        # A pair that never met is not stored, though it may be one person through others.
        decision, reason = (DECISIONS[LINK], THROUGH_OTHERS) if base.persons.same else (DECISIONS[NO_LINK], "")
        return replace(base, decision=decision, reason=reason)
    after = stored.log_odds / BIT
    return replace(
        base,
        competition_bits=after - base.log_odds_bits,
        log_odds_bits=after,
        probability=stored.probability,
        decision=stored.decision,
        reason=stored.reason,
    )


def _persons(session: Session, ends: tuple[NamedRecord, NamedRecord]) -> Persons:
    """Count the records of the two persons, and the pairs between them that speak for one."""
    one, other = (end.person_id for end in ends)
    query = "SELECT count(*) FROM persons WHERE person_id = ?"
    sizes: tuple[int, int] = session.rows(query, one)[0][0], session.rows(query, other)[0][0]
    if one == other:
        return Persons(same=True, records=sizes, pairs=0, in_favour=0)
    in_favour = session.rows(_BETWEEN, one, other, other, one)[0][0]
    return Persons(same=False, records=sizes, pairs=sizes[0] * sizes[1], in_favour=in_favour)


def _candidates(
    found: _Found,
    alone: NDArray[np.float64],
    stored: dict[tuple[int, int], _Stored],
    names: dict[int, NamedRecord],
    rids: list[int],
) -> list[Candidate]:
    """List the other candidates of both records that are probable enough, before competition or after it."""
    before = probabilities(alone).tolist()
    listed = []
    for pair, probability in zip(zip(found.a.tolist(), found.b.tolist(), strict=True), before, strict=True):
        kept = stored.get(pair)
        if set(pair) == set(rids) or (kept is None and probability < KEPT_FROM):
            continue
        of = 0 if rids[0] in pair else 1
        theirs, opponent = names[sum(pair) - rids[of]], names[rids[1 - of]]
        across = opponent.reporter != names[rids[of]].reporter
        listed.append(
            Candidate(
                of=of,
                reporter=theirs.reporter,
                record_id=theirs.record_id,
                competes=across and theirs.reporter == opponent.reporter,
                before=probability,
                probability=None if kept is None else kept.probability,
                decision=DECISIONS[NO_LINK] if kept is None else kept.decision,
            )
        )
    return sorted(listed, key=lambda one: (one.of, not one.competes, -one.before, one.reporter, one.record_id))


def _notes(session: Session, run: _Run, *, compared: bool) -> tuple[str, ...]:
    newer: Any = session.rows("SELECT 1 FROM submissions WHERE outcome = 'stored' AND submission > ? LIMIT 1", run.last)
    found = [] if compared else [NO_KEY]
    return (*found, *([NEWER_RECORDS] if newer else []), *([run.model.note] if run.model.note else []))
