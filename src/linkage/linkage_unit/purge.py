"""Take from the codes at rest what tells different persons apart by what they have in common.

Two persons who share match keys show how many, of which kinds, and how far their contents differ. Many children of one
year can be named by that alone, without any key of a reporter (docs/threat-model.md, the edge fingerprint). Linking
needs it during a run, and reviewers need it of pairs that may be one person.

So each match key that different persons share stays with one of them, the one with the most records, and its codes of
the others become random bytes. Only persons of whom a pair is for review keep it together until the review window of
both records is over. What is stored of other pairs of different persons goes too. Random bytes look like any code
that nobody shares, and all codes are enciphered anew, so nothing shows which were replaced, or how many. Pairs of one
person, and those for review, keep how they compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkage.engines.base import KeyCounts, Owners
from linkage.engines.code_reader import CodeReader
from linkage.engines.spark.session import Cluster
from linkage.errors import NotLinkedError, SettingsError
from linkage.integers import combined
from linkage.keys import RegistryKey
from linkage.linkage_unit.changed import find_changes
from linkage.linkage_unit.deciphering import StoredCodes, deciphering_engine, linking_engine
from linkage.linkage_unit.forecast import Forecast, check_memory, check_purge, purge_forecast
from linkage.linkage_unit.handing import HANDED_OVER
from linkage.linkage_unit.kept import PURGED, store_kept, with_kept
from linkage.linkage_unit.new_codes import NewCodes
from linkage.linkage_unit.pairs import LeftOut, Pairs, RecordIndex, compare_pairs, live_codes, read_records
from linkage.linkage_unit.purge_report import PurgeReport
from linkage.linkage_unit.remembered import OldPairs, OldRecords, about_run, forget, remember
from linkage.linkage_unit.shared_keys import Beside, SharedKeys, find_shared
from linkage.linkage_unit.status import is_linked
from linkage.linkage_unit.stored_model import NumberedModel, read_model
from linkage.linking.candidates import has_empty_key
from linkage.linking.compared import ComparedPairs
from linkage.progress import Progress, quiet
from linkage.store import Session
from pseudonym.profile import FieldTable, Profile

__all__ = ["purge"]

_COVERED: Final = """
CREATE OR REPLACE TEMP TABLE covered AS
SELECT rid, dense_rank() OVER (ORDER BY person_id) AS person, purged, settled AS was_settled,
    settled OR s.received_at[:10] <= $before AS settled
FROM records JOIN persons USING (rid) JOIN submissions AS s USING (submission)
WHERE live
"""

_COUNT_RECORDS: Final = """
SELECT count(*) FILTER (settled), count(*) FILTER (settled AND NOT was_settled), count(*) FILTER (NOT settled)
FROM covered
"""

_COUNT_PAIRS: Final = """
SELECT count(*) FILTER (NOT over), count(*) FILTER (over), count(*) FILTER (over AND decision = 'review') FROM apart_now
"""

# Stored pairs of different persons, and whether nobody reviews them, or not any more.
_APART: Final = """
CREATE OR REPLACE TEMP TABLE apart_now AS
SELECT rid_a, rid_b, a.person AS one, b.person AS other, decision,
    a.settled AND b.settled OR decision <> 'review' AS over
FROM links JOIN covered AS a ON a.rid = rid_a JOIN covered AS b ON b.rid = rid_b
WHERE a.person <> b.person
"""


def purge(
    session: Session,
    profile: Profile,
    *,
    key: RegistryKey,
    before: str,
    dry_run: bool,
    progress: Progress,
    at: str,
    cluster: Cluster | None = None,
    memory: int | None = None,
) -> PurgeReport:
    """Purge what different persons share, and settle the records whose review window is over, in one transaction.

    Args:
        session: The store of the linkage unit, open for writing unless nothing is to be written.
        profile: Its profile.
        key: Its key.
        before: The last day on which what is to be settled was received, `YYYY-MM-DD`.
        dry_run: Whether to count only.
        progress: See `Progress`.
        at: The current time.
        cluster: Where to compare pairs, if all must be compared again; None for this process.
        memory: Bytes of memory that the purge may take; None for any.

    Returns:
        What was taken away.

    Raises:
        TooLargeError: The purge is expected to take more than `memory`; nothing was changed.
        NotLinkedError: `registry.not_linked` if `link` has never been run, `purge.unlinked` if anything has changed
            since.
        SettingsError: `profile.linking` if the profile has no tables for linking.
    """
    if profile.linking is None:
        raise SettingsError("profile.linking", "The profile of this registry has no tables for linking.")
    _check_linked(session)
    if memory is not None:
        check_purge(purge_forecast(session), memory=memory)
    session.run(_COVERED, before=before)
    session.run(_APART)
    scan = _Scan.of(session, key, progress)
    found = PurgeReport(
        before=before,
        **dict(zip(("records", "newly", "waiting"), session.rows(_COUNT_RECORDS)[0], strict=True)),
        **dict(zip(("open", "pairs", "review"), session.rows(_COUNT_PAIRS)[0], strict=True)),
        sharing=len(scan.shared.sharing),
        codes=scan.shared.n_codes,
        dry_run=dry_run,
    )
    if dry_run:
        return found
    if not (found.newly or found.codes or found.pairs):
        # Nothing goes, but these codes have been looked at and wait for no purge any more.
        with session.transaction():
            session.run("UPDATE records SET purged = true FROM covered WHERE records.rid = covered.rid")
        return found
    kept = _pairs_to_keep(session, profile, key, scan, progress=progress, cluster=cluster, memory=memory)
    progress("store", 0, 0)
    with session.transaction():
        store_kept(session, kept)
        _store(session, profile, key, scan, kept, progress)
        first = session.rows("SELECT count(*) FROM covered WHERE NOT purged OR settled AND NOT was_settled")[0][0]
        session.run(
            "UPDATE records SET purged = true, settled = covered.settled FROM covered WHERE records.rid = covered.rid"
        )
        session.set_all({PURGED: str(int(session.get(PURGED, "0")) + first), HANDED_OVER: ""})
        session.mark_deleted()
        session.log("purge", at=at, before=before, records=found.records, codes=found.codes, pairs=found.pairs)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class _Scan:
    """What a purge looks at.

    Attributes:
        records: The live records.
        person: (n,) int64, the number of the person of each.
        codes: The name of the table of their codes.
        reader: Reads these.
        open_pairs: (q, 2) int64, the rids of the pairs of different persons that may be reviewed.
        shared: What becomes of the codes.
    """

    records: RecordIndex
    person: NDArray[np.int64]
    codes: str
    reader: CodeReader
    open_pairs: NDArray[np.int64]
    shared: SharedKeys

    @classmethod
    def of(cls, session: Session, key: RegistryKey, progress: Progress) -> _Scan:
        """Read all match keys, and find what different persons share."""
        records, codes = read_records(session), live_codes(session)
        person = _persons(session, records)
        table = session.table("SELECT rid_a, rid_b, one, other FROM apart_now WHERE NOT over")
        rid_a, rid_b, one, other = (column.to_numpy().astype(np.int64) for column in table.columns)
        with session.reading_once():
            reader = CodeReader(session.connection, codes, cipher=StoredCodes(session, key))
            owners = Owners(records.rid, records.reporter)
            shared = find_shared(reader, owners, person, Beside.of(one, other), progress)
        return cls(records, person, codes, reader, np.column_stack([rid_a, rid_b]), shared)


def _check_linked(session: Session) -> None:
    if not session.rows("SELECT 1 FROM runs LIMIT 1"):
        raise NotLinkedError(
            "registry.not_linked", "The records have not been linked yet.", hint="Run: linkage link REGISTRY"
        )
    if not is_linked(session):
        raise _unlinked()


def _unlinked() -> NotLinkedError:
    return NotLinkedError(
        "purge.unlinked",
        "Records have come or gone since the last run of link, so which are one person is not known; nothing was "
        "purged.",
        hint="Run: linkage link REGISTRY, then purge again.",
    )


def _persons(session: Session, records: RecordIndex) -> NDArray[np.int64]:
    """Return the number of the person of each record."""
    table = session.table("SELECT rid, person FROM covered ORDER BY rid")
    if not np.array_equal(table["rid"].to_numpy(), records.rid):
        raise _unlinked()
    return np.asarray(table["person"].to_numpy().astype(np.int64))


def _pairs_to_keep(
    session: Session,
    profile: Profile,
    key: RegistryKey,
    scan: _Scan,
    *,
    progress: Progress,
    cluster: Cluster | None,
    memory: int | None,
) -> ComparedPairs:
    """Return how the pairs of one person compare, and those that may be reviewed."""
    assert profile.linking is not None  # The caller has refused a profile without tables.
    model = read_model(session)
    pairs = None if model is None else _known_pairs(session, profile, key, scan.records, model)
    if pairs is None:
        tables = profile.linking.fields if model is None else model.model.fields
        pairs = _compared_pairs(
            session, profile, key, scan, tables=tables, progress=progress, cluster=cluster, memory=memory
        )
    return pairs.of(_are_kept(pairs, scan))


def _known_pairs(
    session: Session, profile: Profile, key: RegistryKey, records: RecordIndex, model: NumberedModel
) -> ComparedPairs | None:
    """Return all pairs as the last run compared them, if it is known; nothing has changed since then."""
    changes = find_changes(session, key, records, model, encoding=profile.encoding)
    if isinstance(changes, str) or changes.new.any() or changes.old.n_gone:
        return None
    old = changes.old.pairs
    return ComparedPairs(old.a, old.b, old.levels, old.captures, old.sound_alike)


def _compared_pairs(
    session: Session,
    profile: Profile,
    key: RegistryKey,
    scan: _Scan,
    *,
    tables: tuple[FieldTable, ...],
    progress: Progress,
    cluster: Cluster | None,
    memory: int | None,
) -> ComparedPairs:
    """Compare all candidate pairs as the last run did."""

    def counted(counts: KeyCounts) -> None:
        if memory is not None and not has_empty_key(profile.encoding):
            expected = Forecast(len(scan.records.rid), counts, profile.encoding.content_bytes)
            check_memory(expected, profile=profile.name, on_cluster=cluster is not None, memory=memory, act="purge")

    with linking_engine(session, key, cluster, encoding=profile.encoding) as engine, session.reading_once():
        pairs, _ = compare_pairs(
            engine, scan.records, profile, tables=tables, progress=progress, codes=scan.codes, counted=counted
        )
    pairs = with_kept(session, scan.records, pairs)
    return ComparedPairs(pairs.a, pairs.b, pairs.levels, pairs.captures, pairs.sound_alike)


def _are_kept(pairs: ComparedPairs, scan: _Scan) -> NDArray[np.bool_]:
    """Mark the pairs of one person, and those that may be reviewed: (p,) bool."""
    records, person = scan.records, scan.person
    a, b = records.index(pairs.a), records.index(pairs.b)
    reviewed = combined(*records.index(scan.open_pairs).T)
    return np.asarray((person[a] == person[b]) | np.isin(combined(a, b), reviewed))


def _store(
    session: Session, profile: Profile, key: RegistryKey, scan: _Scan, kept: ComparedPairs, progress: Progress
) -> None:
    """Replace the codes, erase what is stored of pairs of different persons, and remember the pairs that are left."""
    # With the nonces that the codes have until they are enciphered anew.
    engine, new = deciphering_engine(session, key), NewCodes(scan.records.rid)
    for done in new.store(session, key, scan.codes, scan.reader, scan.shared.fate):
        progress("store", done, len(scan.records.rid))
    session.run(
        "DELETE FROM links USING apart_now AS apart WHERE over AND links.rid_a = apart.rid_a "
        "AND links.rid_b = apart.rid_b"
    )
    # Draws say which records of different persons are alike. The statistics unit keeps those that it was handed:
    # ranges come from them, and it has no codes that they would say anything about.
    session.run("DELETE FROM draws")
    session.run("UPDATE runs SET draws = 0 WHERE run = (SELECT max(run) FROM runs)")
    model = read_model(session)
    if model is None or has_empty_key(profile.encoding):
        forget(session)
        return
    left, _ = compare_pairs(
        engine, scan.records, profile, tables=model.model.fields, progress=quiet, codes=pa.concat_tables(new.again)
    )
    _remember(session, key, scan, _with(kept, left, scan.records), new.sums, model)


def _remember(
    session: Session,
    key: RegistryKey,
    scan: _Scan,
    pairs: ComparedPairs,
    sums: NDArray[np.uint64],
    model: NumberedModel,
) -> None:
    """Remember how the codes that are left compare, so that the next run compares new records only.

    All records are weighed again then, since pairs have gone.
    """
    records, shared, n = scan.records, scan.shared, len(scan.records.rid)
    unknown, no = np.full(n, np.nan), np.zeros(n, np.bool_)
    unweighed = np.full(len(pairs.a), np.nan)
    flooded = {records.strata.reporters[reporter]: n for reporter, n in shared.flooded.items()}
    remember(
        session,
        key,
        OldPairs(*pairs, unweighed, unweighed),
        OldRecords(records.rid, records.rid, records.rid, unknown, no, no, sums),
        apart=np.zeros((0, 2), np.int64),
        about=about_run(model.number, records, LeftOut(shared.n_crowded, flooded)),
    )


def _with(kept: ComparedPairs, left: Pairs, records: RecordIndex) -> ComparedPairs:
    """Return the pairs that are kept, and those others by which codes that are left still meet, ascending."""
    known = combined(records.index(kept.a), records.index(kept.b))
    fresh = left.of(~np.isin(combined(*left.ends.T), known))
    order = np.lexsort((np.concatenate([kept.b, fresh.b]), np.concatenate([kept.a, fresh.a])))
    both = [(getattr(kept, name), getattr(fresh, name)) for name in ComparedPairs._fields]
    return ComparedPairs(*(np.concatenate(columns)[order] for columns in both))
