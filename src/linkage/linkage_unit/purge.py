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

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from linkage.engines.spark.session import Cluster
from linkage.errors import NotLinkedError, SettingsError
from linkage.keys import RegistryKey
from linkage.linkage_unit.at_rest import CodeStore
from linkage.linkage_unit.deciphering import StoredCodes, deciphering_engine, linking_engine
from linkage.linkage_unit.handing import HANDED_OVER
from linkage.linkage_unit.kept import PURGED, numbered, store_kept, with_kept
from linkage.linkage_unit.pairs import Pairs, compare_pairs, live_codes, read_records
from linkage.linkage_unit.purge_report import PurgeReport
from linkage.linkage_unit.rekey import Rekeyed
from linkage.linkage_unit.remembered import OldPairs, OldRecords, about_run, forget, remember
from linkage.linkage_unit.run_digests import sums_of_keys, sums_of_records
from linkage.linkage_unit.status import is_linked
from linkage.linkage_unit.stored_model import read_model
from linkage.linking.candidates import has_empty_key
from linkage.progress import Progress
from linkage.store import Session
from pseudonym.profile import Profile

__all__ = ["purge"]

_RECORDS_AT_ONCE: Final = 20_000
"""Records whose codes are enciphered anew at a time: some 100 MB."""

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

_CODES: Final = "CREATE OR REPLACE TEMP VIEW covered_codes AS SELECT codes.* FROM codes SEMI JOIN covered USING (rid)"

# Stored pairs of different persons, and whether nobody reviews them, or not any more.
_APART: Final = """
CREATE OR REPLACE TEMP TABLE apart_now AS
SELECT rid_a, rid_b, a.person AS one, b.person AS other, decision,
    a.settled AND b.settled OR decision <> 'review' AS over
FROM links JOIN covered AS a ON a.rid = rid_a JOIN covered AS b ON b.rid = rid_b
WHERE a.person <> b.person
"""


@dataclass(frozen=True, slots=True, eq=False)
class _Shared:
    """The codes that are to go: those whose match key another person keeps.

    Attributes:
        key: (k,) uint64, first halves of their match keys, ascending.
        loser: (k,) int64, a person that loses the codes with this key; one row for each such person.
        sharing: Rids of the records that have such a key.
        n_codes: Number of codes that are to go.
    """

    key: NDArray[np.uint64]
    loser: NDArray[np.int64]
    sharing: NDArray[np.int64]
    n_codes: int

    def goes(self, high: NDArray[np.uint64], owner: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return which codes are to go.

        Args:
            high: (c,), first halves of the match keys of some codes.
            owner: (c,), their persons.
        """
        rows = np.flatnonzero(np.isin(high, self.key))
        lost = numbered(self.key.view(np.int64), self.loser)
        return rows[np.isin(numbered(high[rows].view(np.int64), owner[rows]), lost)]


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
        cluster: Where to compare pairs; None for this process.

    Returns:
        What was taken away.

    Raises:
        NotLinkedError: `registry.not_linked` if `link` has never been run, `purge.unlinked` if anything has changed
            since.
        SettingsError: `profile.linking` if the profile has no tables for linking.
    """
    if profile.linking is None:
        raise SettingsError("profile.linking", "The profile of this registry has no tables for linking.")
    _check_linked(session)
    session.run(_COVERED, before=before)
    session.run(_CODES)
    session.run(_APART)
    rid, person = _covered(session)
    progress("shared keys", 0, 0)
    shared = _find_shared(session, key, rid, person)
    found = PurgeReport(
        before=before,
        **dict(zip(("records", "newly", "waiting"), session.rows(_COUNT_RECORDS)[0], strict=True)),
        **dict(zip(("open", "pairs", "review"), session.rows(_COUNT_PAIRS)[0], strict=True)),
        sharing=len(shared.sharing),
        codes=shared.n_codes,
        dry_run=dry_run,
    )
    if dry_run:
        return found
    if not (found.newly or found.codes or found.pairs):
        # Nothing goes, but these codes have been looked at and wait for no purge any more.
        with session.transaction():
            session.run("UPDATE records SET purged = true FROM covered WHERE records.rid = covered.rid")
        return found
    pairs = _all_pairs(session, profile, key, progress, cluster=cluster)
    kept = _are_kept(session, pairs, rid, person)
    progress("store", 0, 0)
    with session.transaction():
        store_kept(session, pairs, kept)
        for done in _encipher_anew(session, key, rid, person, shared):
            progress("store", done, len(rid))
        session.run(
            "DELETE FROM links USING apart_now AS apart WHERE over AND links.rid_a = apart.rid_a "
            "AND links.rid_b = apart.rid_b"
        )
        # Draws say which records of different persons are alike. The statistics unit keeps those that it was handed:
        # ranges come from them, and it has no codes that they would say anything about.
        session.run("DELETE FROM draws")
        session.run("UPDATE runs SET draws = 0 WHERE run = (SELECT max(run) FROM runs)")
        first = session.rows("SELECT count(*) FROM covered WHERE NOT purged OR settled AND NOT was_settled")[0][0]
        session.run(
            "UPDATE records SET purged = true, settled = covered.settled FROM covered WHERE records.rid = covered.rid"
        )
        _remember(session, profile, key, progress, cluster=cluster)
        session.set_all({PURGED: str(int(session.get(PURGED, "0")) + first), HANDED_OVER: ""})
        session.mark_deleted()
        session.log("purge", at=at, before=before, records=found.records, codes=found.codes, pairs=found.pairs)
    return found


def _check_linked(session: Session) -> None:
    if not session.rows("SELECT 1 FROM runs LIMIT 1"):
        raise NotLinkedError(
            "registry.not_linked", "The records have not been linked yet.", hint="Run: linkage link REGISTRY"
        )
    if not is_linked(session):
        raise NotLinkedError(
            "purge.unlinked",
            "Records have come or gone since the last run of link, so which are one person is not known; nothing was "
            "purged.",
            hint="Run: linkage link REGISTRY, then purge again.",
        )


def _covered(session: Session) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the records, ascending, and the number of the person of each."""
    table = session.table("SELECT rid, person FROM covered ORDER BY rid")
    rid, person = (table[name].to_numpy().astype(np.int64) for name in ("rid", "person"))
    return rid, person


def _find_shared(session: Session, key: RegistryKey, rid: NDArray[np.int64], person: NDArray[np.int64]) -> _Shared:
    """Find the codes that are to go, a part of all codes at a time."""
    beside = _Beside.of(session)
    keys, losers, sharing, n_codes = [np.zeros(0, np.uint64)], [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], 0
    for part in deciphering_engine(session, key).match_keys("covered_codes"):
        high, record = part["key_hi"].to_numpy(), part["rid"].to_numpy()
        owner = person[np.searchsorted(rid, record)]
        order = np.lexsort((owner, high))
        high, owner, record = high[order], owner[order], record[order]
        # A run has the codes of one person with one key, a group all runs of a key.
        new_key = np.r_[True, high[1:] != high[:-1]][: len(high)]
        runs = np.flatnonzero(new_key | np.r_[True, owner[1:] != owner[:-1]][: len(high)])
        size = np.diff(np.r_[runs, len(high)])
        group = np.cumsum(new_key[runs]) - 1
        loses = _losers(group, owner[runs], size, beside)
        keys.append(high[runs[loses]])
        losers.append(owner[runs[loses]])
        concerned = np.isin(group, group[loses])
        sharing.append(record[np.repeat(concerned, size)])
        n_codes += int(size[loses].sum())
    key_of, loser = np.concatenate(keys), np.concatenate(losers)
    order = np.argsort(key_of)
    return _Shared(key_of[order], loser[order], np.unique(np.concatenate(sharing)), n_codes)


@dataclass(frozen=True, slots=True, eq=False)
class _Beside:
    """The persons who may still be found to be one with others, and with whom."""

    of_person: dict[int, frozenset[int]]
    persons: NDArray[np.int64]

    @classmethod
    def of(cls, session: Session) -> _Beside:
        """Read them from the stored pairs that may be reviewed."""
        found: dict[int, set[int]] = {}
        for one, other in session.rows("SELECT DISTINCT one, other FROM apart_now WHERE NOT over"):
            found.setdefault(one, set()).add(other)
            found.setdefault(other, set()).add(one)
        return cls({one: frozenset(others) for one, others in found.items()}, np.array(sorted(found), np.int64))


def _losers(
    group: NDArray[np.int64], owner: NDArray[np.int64], size: NDArray[np.int64], beside: _Beside
) -> NDArray[np.bool_]:
    """Mark the runs whose person loses its match key: all of a group but those of its largest cluster.

    Args:
        group: (r,), the group of each run, from 0, ascending.
        owner: (r,), its person.
        size: (r,), its codes.
        beside: Persons of a group who may be one are a cluster; others are clusters of their own.

    Returns:
        (r,) bool; of clusters of one size the first stays.
    """
    cluster = np.arange(len(group))
    unsure = np.isin(owner, beside.persons)
    for number in np.flatnonzero(np.bincount(group, unsure) > 1).tolist():
        begin, end = np.searchsorted(group, [number, number + 1]).tolist()
        place = {person: begin + at for at, person in enumerate(owner[begin:end].tolist())}
        joins = [(one, place[other]) for person, one in place.items()
                 for other in beside.of_person.get(person, ()) if other in place]  # fmt: skip
        one, other = np.array(joins, np.int64).reshape(-1, 2).T - begin
        graph = coo_array((np.ones(len(one)), (one, other)), (end - begin, end - begin))
        found = connected_components(graph, directed=False)[1]
        cluster[begin:end] = begin + np.unique(found, return_index=True)[1][found]
    total = np.bincount(cluster, size, len(group))[cluster]
    order = np.lexsort((cluster, -total, group))
    first = order[np.r_[True, group[1:] != group[:-1]][: len(group)]]
    return np.asarray(cluster != cluster[first][group])


def _all_pairs(
    session: Session, profile: Profile, key: RegistryKey, progress: Progress, *, cluster: Cluster | None
) -> Pairs:
    """Compare all candidate pairs as the last run did."""
    assert profile.linking is not None
    records, model = read_records(session), read_model(session)
    tables = profile.linking.fields if model is None else model.model.fields
    codes = live_codes(session)
    with linking_engine(session, key, cluster, encoding=profile.encoding) as engine:
        pairs, _ = compare_pairs(engine, records, profile, tables=tables, progress=progress, codes=codes)
    return with_kept(session, records, pairs)


def _remember(
    session: Session, profile: Profile, key: RegistryKey, progress: Progress, *, cluster: Cluster | None
) -> None:
    """Remember how the codes that are left compare, so that the next run compares new records only.

    All records are weighed again then, since pairs have gone. A cluster does not need it: it compares all pairs.
    """
    model = read_model(session)
    if cluster is not None or model is None or has_empty_key(profile.encoding):
        forget(session)
        return
    records, engine = read_records(session), deciphering_engine(session, key)
    pairs, left_out = compare_pairs(
        engine, records, profile, tables=model.model.fields, progress=progress, codes=live_codes(session)
    )
    pairs, n = with_kept(session, records, pairs), len(records.rid)
    unknown, no = np.full(n, np.nan), np.zeros(n, np.bool_)
    unweighed = np.full(len(pairs.a), np.nan)
    sums = sums_of_records(sums_of_keys(session, key), records.rid)
    remember(
        session,
        key,
        OldPairs(pairs.a, pairs.b, pairs.levels, pairs.captures, pairs.sound_alike, unweighed, unweighed),
        OldRecords(records.rid, records.rid, records.rid, unknown, no, no, sums),
        apart=np.zeros((0, 2), np.int64),
        about=about_run(model.number, records, left_out),
    )


def _are_kept(session: Session, pairs: Pairs, rid: NDArray[np.int64], person: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Mark the pairs of one person, and those that may be reviewed: (p,) bool."""
    owner = []
    for end in (pairs.a, pairs.b):
        place = np.minimum(np.searchsorted(rid, end), max(len(rid) - 1, 0))
        owner.append(np.where(rid[place] == end, person[place], -1) if len(rid) else np.full(len(end), -1))
    of_one = (owner[0] == owner[1]) & (owner[0] >= 0)
    table = session.table("SELECT rid_a, rid_b FROM apart_now WHERE NOT over")
    reviewed = numbered(*(table[name].to_numpy().astype(np.int64) for name in ("rid_a", "rid_b")))
    return np.asarray(of_one | np.isin(numbered(pairs.a, pairs.b), reviewed))


def _encipher_anew(
    session: Session, key: RegistryKey, rid: NDArray[np.int64], person: NDArray[np.int64], shared: _Shared
) -> Iterator[int]:
    """Store all codes again, and random bytes for those that are to go; yield the records done."""
    cipher, store = StoredCodes(session, key), CodeStore(session, key)
    last = session.rows("SELECT coalesce(max(batch), 0) FROM nonces")[0][0]
    for start in range(0, len(rid), _RECORDS_AT_ONCE):
        some = rid[start : start + _RECORDS_AT_ONCE]
        codes = session.table(
            "SELECT rid, kind, key_hi, key_lo, content, batch, number FROM covered_codes "
            f"WHERE batch <= {last} AND rid BETWEEN {some[0]} AND {some[-1]}"
        )
        if codes.num_rows:
            owner = person[np.searchsorted(rid, codes["rid"].to_numpy())]
            store.add_rekeyed(*_replaced(codes, owner, cipher, shared))
        yield start + len(some)
    session.run("DELETE FROM codes WHERE batch <= $last AND rid IN (SELECT rid FROM covered)", last=last)
    session.run("DELETE FROM nonces WHERE batch NOT IN (SELECT DISTINCT batch FROM codes)")


def _replaced(
    codes: pa.Table, owner: NDArray[np.int64], cipher: StoredCodes, shared: _Shared
) -> tuple[NDArray[np.int64], NDArray[np.uint8], Rekeyed, NDArray[np.uint8]]:
    """Decipher codes, and put random bytes in place of those whose match key another person keeps."""
    high, low, batch, number = (codes[name].to_numpy() for name in ("key_hi", "key_lo", "batch", "number"))
    stored = np.frombuffer(b"".join(codes["content"].to_pylist()), np.uint8).reshape(len(codes), -1)
    high, low = (half.copy() for half in cipher.match_keys(high, low, batch, number))
    content = cipher.contents(stored, batch, number).copy()
    goes = shared.goes(high, owner)
    high[goes], low[goes] = _random(len(goes), 16).view(np.uint64).T
    content[goes] = _random(len(goes), content.shape[1])
    rids, kind = codes["rid"].to_numpy(), codes["kind"].to_numpy().astype(np.uint8)
    return rids, kind, Rekeyed(high, low), content


def _random(n: int, width: int) -> NDArray[np.uint8]:
    return np.frombuffer(secrets.token_bytes(n * width), np.uint8).reshape(n, width)
