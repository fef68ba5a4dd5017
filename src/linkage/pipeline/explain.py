"""Explain one pair: compare its records again with the model of the last run, and add what that run stored.

Only codes that share a match key with one of the two records are read. The effect of competition is not computed again:
it is the difference between the log odds of the pair on its own and those that the run stored.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from linkage.answers import Candidate, Explanation, FieldWeight, NamedRecord, Persons, RivalWeight
from linkage.engines.base import Owners
from linkage.errors import RecordError, SettingsError
from linkage.keys import RegistryKey
from linkage.linkage_unit.deciphering import codes_sharing_keys, deciphering_engine
from linkage.linkage_unit.result import STORAGE_THRESHOLD
from linkage.linking.candidates import candidate_batches
from linkage.linking.compare import EXTRA, compare, levels, number_kinds
from linkage.linking.decide import DECISIONS, LINK, NO_LINK
from linkage.linking.odds import BIT, log_odds_of, probabilities
from linkage.linking.patterns import SWAPPED_FIELD, n_levels
from linkage.linking.reasons import THROUGH_OTHERS
from linkage.linking.rivals import RIVALS, log_alternative, rival_ratios, shared_fields
from linkage.linking.score import log_chance, log_ratios, score
from linkage.linking.strata import Strata
from linkage.pipeline.last_run import (
    LastRun,
    StoredPair,
    count_persons,
    find_record,
    read_last_run,
    read_names,
    read_stored_pairs,
)
from linkage.statistics_unit.queries import has_changed
from linkage.store import Session
from pseudonym.profile import Encoding, FieldTable, Linking, Profile

__all__ = ["CHANGED", "NO_KEY", "PURGED", "explain"]

NO_KEY: Final = (
    "The two records share no match key, so they were never compared. All that is known is the prior of any two "
    "records of these reporters."
)
PURGED: Final = (
    "A purge may have taken match keys that these records shared with others. So the two may have had more in common, "
    "and the run may have seen more, than is shown here."
)
CHANGED: Final = (
    "The registry has changed since the last run of link. This explains that run, without what has been erased since."
)

# The codes of the last run that are left.
_CODES: Final = """
SELECT code.rid, kind, key_hi, key_lo, content, batch, number
FROM codes AS code
SEMI JOIN persons ON persons.rid = code.rid
SEMI JOIN (SELECT rid FROM records WHERE submission <= {last}) AS seen ON seen.rid = code.rid
"""

_OWNERS: Final = """
SELECT rid, dense_rank() OVER (ORDER BY reporter) FROM records WHERE rid IN (SELECT unnest(?)) ORDER BY rid
"""


@dataclass(frozen=True, slots=True, eq=False)
class _Compared:
    """All candidate pairs with either record, and the number of match keys that the two share, by kind."""

    a: NDArray[np.int64]
    b: NDArray[np.int64]
    distances: NDArray[np.float32]
    levels: NDArray[np.int8]
    keys: dict[str, int]


def explain(
    codes: Session,
    cases: Session,
    profile: Profile,
    one: tuple[str, str],
    other: tuple[str, str],
    *,
    key: RegistryKey,
) -> Explanation:
    """Explain why the last run did, or did not, take two records for one person.

    Args:
        codes: The store of the linkage unit, which is only read.
        cases: The store of the statistics unit, which is only read.
        profile: Its profile.
        one: Reporter and id of a record.
        other: Reporter and id of another record.
        key: The registry's own key.

    Returns:
        The explanation.

    Raises:
        NotLinkedError: `link` has never been run.
        RecordError: `explain.unknown` if there is no such record, `explain.same` if both are the same, `explain.newer`
            if a record, or its current version, arrived after the last run.
    """
    linking = profile.linking
    if linking is None:
        raise SettingsError("profile.linking", "The profile of this registry has no tables for linking.")
    run = read_last_run(codes, cases, linking)
    rids = [find_record(codes, cases, name, run, position=position) for position, name in enumerate((one, other))]
    if rids[0] == rids[1]:
        raise RecordError("explain.same", "Both names are of the same record.")
    found = codes_sharing_keys(codes, key, rids, codes=f"({_CODES.format(last=run.last_submission)})")
    engine, owners = deciphering_engine(codes, key), _owners(codes, found)
    batches = candidate_batches(engine, found, profile.encoding, owners=owners) if found.num_rows else ()
    compared = _compare(batches, rids, run.model.fields, encoding=profile.encoding, linking=linking)
    names = read_names(codes, cases, np.unique(np.concatenate([rids, compared.a, compared.b])))
    stratum = _strata_of(run.strata, names, compared.a, compared.b)
    alone = score(compared.levels, stratum, run.model, strata=run.strata).log_odds
    stored = read_stored_pairs(codes, rids)
    a, b = names[rids[0]], names[rids[1]]
    pair = (min(rids), max(rids))
    row = np.flatnonzero((compared.a == pair[0]) & (compared.b == pair[1]))
    evidence = _evidence(compared, row, run, (a, b), profile.encoding)
    return replace(
        _with_decision(evidence, stored.get(pair)),
        persons=count_persons(codes, a, b),
        candidates=tuple(_candidates(compared, alone, stored, names, rids)),
        notes=_notes(cases, run, has_keys=len(row) > 0, purged=_are_purged(codes, rids)),
    )


def _compare(
    batches: Iterable[pa.RecordBatch],
    rids: list[int],
    tables: tuple[FieldTable, ...],
    *,
    encoding: Encoding,
    linking: Linking,
) -> _Compared:
    """Compare the two records with all records that share a match key with either."""
    parts = []
    keys: dict[str, int] = {}
    for rows in batches:
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
    a, b, distances, found_levels = (np.concatenate(column) for column in zip(*parts, strict=True))
    return _Compared(a, b, distances, found_levels, keys)


def _owners(session: Session, codes: pa.Table) -> Owners:
    """Return the reporters of the records that have these codes."""
    rids = pc.unique(codes["rid"]).to_pylist()
    query = (
        "SELECT rid, dense_rank() OVER (ORDER BY reporter) FROM records WHERE rid IN (SELECT unnest(?)) ORDER BY rid"
    )
    return Owners(*np.array(session.rows(query, rids), np.int64).reshape(-1, 2).T)


def _shared_keys(batch: pa.RecordBatch, rids: list[int], encoding: Encoding) -> dict[str, int]:
    """Count the match keys that the two records share, by kind; all rows of a pair are in one batch."""
    both = pc.and_(pc.equal(batch.column("a"), min(rids)), pc.equal(batch.column("b"), max(rids)))
    rows = batch.filter(both)
    shared = set(zip(rows.column("kind").to_pylist(), rows.column("key").to_pylist(), strict=True))
    kinds = [kind for kind, _ in shared]
    return {key.kind: kinds.count(number) for number, key in enumerate(encoding.match_keys) if number in kinds}


def _strata_of(
    strata: Strata, names: dict[int, NamedRecord], a: NDArray[np.int64], b: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the stratum number of each pair."""
    index = {reporter: number for number, reporter in enumerate(strata.reporters)}
    left, right = (np.array([index[names[rid].reporter] for rid in side.tolist()], np.int64) for side in (a, b))
    return strata.numbers(left, right)


def _evidence(
    compared: _Compared,
    row: NDArray[np.int64],
    run: LastRun,
    ends: tuple[NamedRecord, NamedRecord],
    encoding: Encoding,
) -> Explanation:
    """Return the evidence of the pair on its own, without competition or decision."""
    tables = run.model.fields
    reporters = np.array([run.strata.reporters.index(end.reporter) for end in ends])
    stratum = run.strata.numbers(reporters[:1], reporters[1:])
    prior = run.model.match_priors(run.strata)[stratum]
    share = run.model.rival_shares(run.strata)[stratum]
    seen = compared.levels[row] if len(row) else np.full((1, len(tables)), -1, np.int8)
    evidence = log_ratios(seen, tables)
    # Without a comparison there is no evidence for a rival either.
    ratios = rival_ratios(evidence, shared_fields(tables)) if len(row) else np.full((1, len(RIVALS)), -np.inf)
    against = float(log_alternative(ratios, share)[0])
    chance = float(log_chance(evidence, stratum, run.model, strata=run.strata)[0]) if len(row) else 0.0
    odds = float(log_odds_of(prior)[0]) + float(evidence.sum()) - against - chance
    slots = {place.field for place in encoding.layout if place.form == "slots"}
    return Explanation(
        a=ends[0],
        b=ends[1],
        run=run.number,
        model=run.model_number,
        keys=compared.keys,
        fields=tuple(_fields(compared, int(row[0]), tables, slots)) if len(row) else (),
        match_weight=float(evidence.sum()) / BIT,
        prior=float(prior[0]),
        prior_bits=float(log_odds_of(prior)[0]) / BIT,
        rivals=tuple(
            RivalWeight(name=name, share=name_share, odds=odds_of_rival)
            for name, name_share, odds_of_rival in zip(
                RIVALS, share[0].tolist(), (share * np.exp(ratios))[0].tolist(), strict=True
            )
        ),
        rivals_bits=-against / BIT,
        chance_bits=-chance / BIT,
        before=float(probabilities(np.array([odds]))[0]),
        competition_bits=None,
        log_odds_bits=odds / BIT,
        probability=None,
        storage_threshold=STORAGE_THRESHOLD,
        decision=DECISIONS[NO_LINK],
        reason="",
        persons=Persons(same=ends[0].person_id == ends[1].person_id, records=(1, 1), pairs=0, in_favour=0),
        candidates=(),
        notes=(),
    )


def _fields(compared: _Compared, row: int, tables: tuple[FieldTable, ...], slots: set[str]) -> Iterable[FieldWeight]:
    evidence = log_ratios(compared.levels[row : row + 1], tables)[0]
    for index, table in enumerate(tables):
        distance, level = float(compared.distances[row, index]), int(compared.levels[row, index])
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
            weight=float(evidence[index]) / BIT,
        )


def _with_decision(base: Explanation, stored: StoredPair | None) -> Explanation:
    """Add what the run stored to the evidence of the pair on its own."""
    if stored is None:
        # A pair that was not stored may still be one person, linked through other records.
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


def _candidates(
    compared: _Compared,
    alone: NDArray[np.float64],
    stored: dict[tuple[int, int], StoredPair],
    names: dict[int, NamedRecord],
    rids: list[int],
) -> list[Candidate]:
    """List the other candidates of both records that are probable enough before or after competition."""
    before = probabilities(alone).tolist()
    listed = []
    for pair, probability in zip(zip(compared.a.tolist(), compared.b.tolist(), strict=True), before, strict=True):
        result = stored.get(pair)
        if set(pair) == set(rids) or (result is None and probability < STORAGE_THRESHOLD):
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
                probability=None if result is None else result.probability,
                decision=DECISIONS[NO_LINK] if result is None else result.decision,
            )
        )
    return sorted(listed, key=lambda one: (one.of, not one.competes, -one.before, one.reporter, one.record_id))


def _are_purged(session: Session, rids: list[int]) -> bool:
    """Return whether match keys of both records may have been purged."""
    query = "SELECT count(*) FROM records WHERE purged AND rid IN (SELECT unnest(?))"
    return int(session.rows(query, rids)[0][0]) == len(rids)


def _notes(session: Session, run: LastRun, *, has_keys: bool, purged: bool) -> tuple[str, ...]:
    notes = (
        PURGED if purged else "" if has_keys else NO_KEY,
        CHANGED if has_changed(session, run.last_submission, run.number) else "",
        run.model.note,
    )
    return tuple(note for note in notes if note)
