"""Take from the codes at rest what tells different persons apart by what they have in common.

Two persons who share match keys show how many, of which kinds, and how far their contents differ. Many children of one
year can be named by that alone, without any key of a reporter (docs/threat-model.md, the edge fingerprint). Linking
needs it while pairs may still be reviewed, and no longer.

So once the review window of records is over, each match key that different persons share stays with one of them, the
one with the most records, and its codes of the others become random bytes. What was stored of pairs of different
persons goes too. Random bytes look like any code that nobody shares, and all codes of these records are enciphered
anew, so nothing shows which were replaced, or how many. Pairs of one person keep how they compared.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkage.errors import NotLinkedError, SettingsError
from linkage.keys import RegistryKey
from linkage.linkage_unit.at_rest import CodeStore
from linkage.linkage_unit.deciphering import StoredCodes, deciphering_engine
from linkage.linkage_unit.pairs import Pairs, compare_pairs, live_codes, read_records
from linkage.linkage_unit.purge_report import PurgeReport
from linkage.linkage_unit.rekey import Rekeyed
from linkage.linkage_unit.settled import PURGED, store_settled, with_settled
from linkage.linkage_unit.status import is_linked
from linkage.linkage_unit.stored_model import read_model
from linkage.progress import Progress
from linkage.store import Session
from pseudonym.profile import Profile

__all__ = ["purge"]

_RECORDS_AT_ONCE: Final = 20_000
"""Records whose codes are enciphered anew at a time: some 100 MB."""

_COVERED: Final = """
CREATE OR REPLACE TEMP TABLE covered AS
SELECT rid, person_id, settled
FROM records JOIN persons USING (rid) JOIN submissions AS s USING (submission)
WHERE live AND (settled OR s.received_at[:10] <= $before)
"""

_CODES: Final = "CREATE OR REPLACE TEMP VIEW covered_codes AS SELECT codes.* FROM codes SEMI JOIN covered USING (rid)"

_APART: Final = """
rid_a IN (SELECT rid FROM covered) AND rid_b IN (SELECT rid FROM covered) AND (
    SELECT person_id FROM covered WHERE rid = rid_a) <> (SELECT person_id FROM covered WHERE rid = rid_b)
"""


@dataclass(frozen=True, slots=True, eq=False)
class _Shared:
    """The match keys that different persons share.

    Attributes:
        key: (k,) uint64, their first halves, ascending.
        keeper: (k,) int64, the person that keeps each.
        sharing: Rids of the records that have one.
        n_codes: Number of codes of all others that have one.
    """

    key: NDArray[np.uint64]
    keeper: NDArray[np.int64]
    sharing: NDArray[np.int64]
    n_codes: int


def purge(
    session: Session, profile: Profile, *, key: RegistryKey, before: str, dry_run: bool, progress: Progress, at: str
) -> PurgeReport:
    """Settle the records whose review window is over, in one transaction.

    Args:
        session: The store of the linkage unit, open for writing unless nothing is to be written.
        profile: Its profile.
        key: Its key.
        before: The last day on which what is to be settled was received, `YYYY-MM-DD`.
        dry_run: Whether to count only.
        progress: See `Progress`.
        at: The current time.

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
    rid, person, settled = _covered(session)
    progress("shared keys", 0, 0)
    shared = _find_shared(session, key, rid, person)
    (n_pairs, n_review) = session.rows(
        f"SELECT count(*), count(*) FILTER (decision = 'review') FROM links WHERE {_APART}"
    )[0]
    found = PurgeReport(
        before=before,
        records=len(rid),
        newly=int((~settled).sum()),
        waiting=session.rows("SELECT count(*) FROM persons")[0][0] - len(rid),
        sharing=len(shared.sharing),
        codes=shared.n_codes,
        pairs=n_pairs,
        review=n_review,
        dry_run=dry_run,
    )
    if dry_run or not (found.newly or found.codes or found.pairs):
        return found
    pairs = _all_pairs(session, profile, key, progress)
    one_person = _of_one_person(pairs, rid, person)
    progress("store", 0, 0)
    with session.transaction():
        store_settled(session, pairs, one_person)
        for done in _encipher_anew(session, key, rid, person, shared):
            progress("store", done, len(rid))
        session.run(f"DELETE FROM links WHERE {_APART}")
        session.run("UPDATE records SET settled = true WHERE rid IN (SELECT rid FROM covered)")
        session.set(PURGED, str(int(session.get(PURGED, "0")) + found.newly))
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


def _covered(session: Session) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Return the records to be settled, ascending, the number of the person of each, and which are settled already."""
    table = session.table(
        "SELECT rid, dense_rank() OVER (ORDER BY person_id) AS person, settled FROM covered ORDER BY rid"
    )
    rid, person = (table[name].to_numpy().astype(np.int64) for name in ("rid", "person"))
    return rid, person, table["settled"].to_numpy().astype(bool)


def _find_shared(session: Session, key: RegistryKey, rid: NDArray[np.int64], person: NDArray[np.int64]) -> _Shared:
    """Find the match keys that different persons share, a part of the codes at a time."""
    keys, keepers, sharing, n_codes = [np.zeros(0, np.uint64)], [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], 0
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
        several = np.bincount(group) > 1
        largest = np.lexsort((-size, group))
        first = largest[np.r_[True, group[1:] != group[:-1]][: len(group)]]
        chosen = first[several]
        keys.append(high[runs[chosen]])
        keepers.append(owner[runs[chosen]])
        sharing.append(record[np.repeat(several[group], size)])
        n_codes += int(size[several[group]].sum() - size[chosen].sum())
    key_of, keeper = np.concatenate(keys), np.concatenate(keepers)
    order = np.argsort(key_of)
    return _Shared(key_of[order], keeper[order], np.unique(np.concatenate(sharing)), n_codes)


def _all_pairs(session: Session, profile: Profile, key: RegistryKey, progress: Progress) -> Pairs:
    """Compare all candidate pairs as the last run did."""
    assert profile.linking is not None
    records, model = read_records(session), read_model(session)
    tables = profile.linking.fields if model is None else model.model.fields
    engine = deciphering_engine(session, key)
    pairs, _ = compare_pairs(engine, records, profile, tables=tables, progress=progress, codes=live_codes(session))
    return with_settled(session, records, pairs)


def _of_one_person(pairs: Pairs, rid: NDArray[np.int64], person: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Mark the pairs of settled records of one person: (p,) bool."""
    owner = []
    for end in (pairs.a, pairs.b):
        place = np.minimum(np.searchsorted(rid, end), max(len(rid) - 1, 0))
        owner.append(np.where(rid[place] == end, person[place], -1) if len(rid) else np.full(len(end), -1))
    return np.asarray((owner[0] == owner[1]) & (owner[0] >= 0))


def _encipher_anew(
    session: Session, key: RegistryKey, rid: NDArray[np.int64], person: NDArray[np.int64], shared: _Shared
) -> Iterator[int]:
    """Store all codes of settled records again, and random bytes for those that are to go; yield the records done."""
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
    if len(shared.key):
        place = np.minimum(np.searchsorted(shared.key, high), len(shared.key) - 1)
        goes = np.flatnonzero((shared.key[place] == high) & (shared.keeper[place] != owner))
        high[goes], low[goes] = _random(len(goes), 16).view(np.uint64).T
        content[goes] = _random(len(goes), content.shape[1])
    rids, kind = codes["rid"].to_numpy(), codes["kind"].to_numpy().astype(np.uint8)
    return rids, kind, Rekeyed(high, low), content


def _random(n: int, width: int) -> NDArray[np.uint8]:
    return np.frombuffer(secrets.token_bytes(n * width), np.uint8).reshape(n, width)
