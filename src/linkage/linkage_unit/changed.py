"""What has changed since the last run, and the pairs of what is new.

A run with the model of the last one gives an unchanged pair the same weight, unless one of its records competes with a
new one. So a run compares what is new, takes what the last one remembers of all else (`linkage_unit.remembered`), and
groups the records again only where something has changed. The result is that of a full run, to the last bit.

Some changes reach pairs of records that are as they were, and need a full run: a new model, a new reporter, and a match
key that so many records share now that it is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkage.engines.base import MAX_GROUP, Engine
from linkage.keys import RegistryKey
from linkage.linkage_unit.deciphering import StoredCodes, codes_sharing_keys
from linkage.linkage_unit.pairs import LeftOut, Pairs, RecordIndex, compare_pairs
from linkage.linkage_unit.remembered import OldPairs, Remembered, read_remembered
from linkage.linkage_unit.run_digests import SUMS, libraries, sums_of_keys
from linkage.linkage_unit.stored_model import NumberedModel
from linkage.linking.candidates import has_empty_key
from linkage.progress import Progress
from linkage.store import Session
from pseudonym.privacy import MAX_OF_REPORTER
from pseudonym.profile import Encoding, FieldTable, Profile

__all__ = [
    "ASKED",
    "CLUSTER",
    "CROWD_GONE",
    "CROWD_NEW",
    "EMPTY_KEY",
    "FORGOTTEN",
    "LIBRARIES",
    "MODEL",
    "REPORTERS",
    "Before",
    "Changes",
    "find_changes",
    "new_pairs",
]

ASKED: Final = "asked for"
CLUSTER: Final = "a cluster compares all pairs"
CROWD_GONE: Final = "a match key may be shared by fewer records than before"
CROWD_NEW: Final = "a match key has become too common"
EMPTY_KEY: Final = "the profile compares all records with each other"
FORGOTTEN: Final = "nothing of an earlier run is kept"
LIBRARIES: Final = "a library has another version"
MODEL: Final = "a new model"
REPORTERS: Final = "a new reporter, or one that has no records any more"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Before:
    """What a run knows of the one before, by record and by pair.

    Attributes:
        changed: (n,) bool, the records that are new, have other codes, or were compared with one that has, or is gone.
        label: (n,) int64, the smallest rid of each record's group before bridges were looked for; its own if it is new.
        person: (n,) int64, that of its person.
        meeting: (n,) float64, the meeting strengths; NaN if it is new.
        without: (n,) bool, whether the group of the label had no bridge.
        barred: (n,) bool, whether a bridge that does not hold kept it apart from another record.
        against: (p,) float64, the evidence against each pair that its partners show; NaN if it is new.
        log_odds: (p,) float64, those of each pair; NaN if it is new.
        apart: (m, 2) int64, the pairs of records that were known to be different persons.
    """

    changed: NDArray[np.bool_]
    label: NDArray[np.int64]
    person: NDArray[np.int64]
    meeting: NDArray[np.float64]
    without: NDArray[np.bool_]
    barred: NDArray[np.bool_]
    against: NDArray[np.float64]
    log_odds: NDArray[np.float64]
    apart: NDArray[np.int64]

    def touched(
        self,
        records: RecordIndex,
        pairs: Pairs,
        *,
        log_odds: NDArray[np.float64],
        meeting: NDArray[np.float64],
        apart: NDArray[np.int64],
    ) -> NDArray[np.bool_]:
        """Return the records of which anything differs that decides on their groups, (n,) bool.

        Args:
            records: The records.
            pairs: Their pairs.
            log_odds: (p,) float64.
            meeting: (n,) float64.
            apart: (m, 2) int64, as for `apart`.
        """
        found: NDArray[np.bool_] = self.changed | (meeting != self.meeting)
        found[pairs.ends[log_odds != self.log_odds].ravel()] = True
        span = 1 + max(int(known.max(initial=0)) for known in (apart, self.apart))
        now, then = (known @ np.array([span, 1]) for known in (apart, self.apart))
        moved = np.concatenate(np.divmod(np.setxor1d(now, then, assume_unique=True), span))
        found[records.index(moved[np.isin(moved, records.rid)])] = True
        return found


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Changes:
    """The live records since the last run.

    Attributes:
        records: The live records.
        old: What the last run remembers of those that are as they were.
        new: (n,) bool, which records are new or have other codes.
    """

    records: RecordIndex
    old: Remembered
    new: NDArray[np.bool_]

    def before(self, pairs: Pairs) -> Before:
        """Return what the last run says of the records and pairs of this one."""
        records, old = self.records, self.old
        changed = self.new.copy()
        changed[records.index(old.touched)] = True
        label, person, meeting = records.rid.copy(), records.rid.copy(), np.full(len(records.rid), np.nan)
        place = records.index(old.records.rid)
        label[place], person[place], meeting[place] = old.records.label, old.records.person, old.records.meeting
        without, barred = np.zeros((2, len(records.rid)), np.bool_)
        without[place], barred[place] = old.records.without, old.records.barred
        known = _numbers(records, old.pairs.a, old.pairs.b)
        wanted = _numbers(records, pairs.a, pairs.b)
        place = np.minimum(np.searchsorted(known, wanted), max(len(known) - 1, 0))
        against, log_odds = np.full((2, len(wanted)), np.nan)
        found = known[place] == wanted if len(known) else np.zeros(len(wanted), np.bool_)
        against[found], log_odds[found] = old.pairs.against[place[found]], old.pairs.log_odds[place[found]]
        return Before(changed, label, person, meeting, without, barred, against, log_odds, old.apart)

    def sums(self, session: Session, key: RegistryKey) -> pa.Table:
        """Return `sums_of_keys` of all live records; those of old ones are remembered."""
        wanted = self.records.rid[self.new]
        with session.registered(new_records=pa.table({"rid": wanted})):
            codes = session.table("SELECT * FROM codes SEMI JOIN new_records USING (rid)")
        fresh = sums_of_keys(session, key, codes)
        old = {"rid": self.old.records.rid} | dict(zip(SUMS, self.old.records.sums.T, strict=True))
        columns = {name: np.concatenate([old[name], fresh[name].to_numpy()]) for name in ("rid", *SUMS)}
        order = np.argsort(columns["rid"])
        return pa.table({name: column[order] for name, column in columns.items()})


def find_changes(
    session: Session,
    key: RegistryKey,
    records: RecordIndex,
    stored: NumberedModel,
    *,
    encoding: Encoding,
) -> Changes | str:
    """Find what has changed since the last run.

    Args:
        session: The store of the linkage unit.
        key: Its key.
        records: The live records.
        stored: The model of this run.
        encoding: The encoding of the profile.

    Returns:
        The changes, or why a full run is needed.
    """
    if has_empty_key(encoding):
        return EMPTY_KEY
    old = read_remembered(session, key)
    if old is None:
        return FORGOTTEN
    if old.about["model"] != stored.number:
        return MODEL
    if old.about["reporters"] != list(records.strata.reporters):
        return REPORTERS
    if old.about["libraries"] != libraries():
        return LIBRARIES
    if old.n_gone and (old.about["n_crowded"] or old.about["flooded"]):
        return CROWD_GONE
    return Changes(records, old, ~np.isin(records.rid, old.records.rid))


def new_pairs(
    session: Session,
    key: RegistryKey,
    engine: Engine,
    changes: Changes,
    profile: Profile,
    *,
    tables: tuple[FieldTable, ...],
    codes: str,
    progress: Progress,
) -> tuple[Pairs, LeftOut] | str:
    """Compare new records with all others, and put their pairs beside those that are remembered.

    Args:
        session: The store of the linkage unit.
        key: Its key.
        engine: Joins codes as they are stored.
        changes: What is new.
        profile: The profile.
        tables: The tables from which levels are computed.
        codes: The table of the live records' codes.
        progress: See `Progress`.

    Returns:
        What `compare_pairs` returns for all codes; or why a full run is needed.
    """
    records, old = changes.records, changes.old
    new = records.rid[changes.new]
    progress("candidates", 0, 0)
    sharing = codes_sharing_keys(session, key, new, codes=codes)
    if _crowds(session, key, sharing, records) != _crowds(session, key, sharing, records, but=changes.new):
        return CROWD_NEW
    fresh, _ = compare_pairs(engine, records, profile, tables=tables, progress=progress, codes=sharing, among=new)
    left_out = LeftOut(old.about["n_crowded"], dict(old.about["flooded"]))
    return _merged(records, old.pairs, fresh), left_out


def _crowds(
    session: Session,
    key: RegistryKey,
    codes: pa.Table,
    records: RecordIndex,
    *,
    but: NDArray[np.bool_] | None = None,
) -> list[list[int]]:
    """Return the match keys that are left out, for one reporter and for all, as an engine does.

    Args:
        session: The store of the linkage unit.
        key: Its key.
        codes: Codes as they are stored, all that have some match keys.
        records: The records.
        but: (n,) bool, records that do not count; None for none.
    """
    place = records.index(codes["rid"].to_numpy())
    counted = np.ones(len(place), np.bool_) if but is None else ~but[place]
    stored = (codes[name].to_numpy()[counted] for name in ("key_hi", "key_lo", "batch", "number"))
    high = StoredCodes(session, key).match_keys(*stored)[0]
    names, number = np.unique(high, return_inverse=True)
    by_reporter = number.astype(np.int64) * len(records.strata.reporters) + records.reporter[place[counted]]
    floods, of_each, size = np.unique(by_reporter, return_inverse=True, return_counts=True)
    flooded = size > MAX_OF_REPORTER
    crowded = np.bincount(number[~flooded[of_each]], minlength=len(names)) > MAX_GROUP
    # Match keys of which too many records are counted are named by themselves, since others may be missing here.
    reporters = len(records.strata.reporters)
    return [
        [*names[floods[flooded] // reporters].tolist(), *(floods[flooded] % reporters).tolist()],
        names[crowded].tolist(),
    ]


def _numbers(records: RecordIndex, a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return pairs as numbers, ascending as the pairs are."""
    return records.index(a) * len(records.rid) + records.index(b)


def _merged(records: RecordIndex, old: OldPairs, fresh: Pairs) -> Pairs:
    """Return old and fresh pairs, ascending."""
    a, b = np.concatenate([old.a, fresh.a]), np.concatenate([old.b, fresh.b])
    order = np.lexsort((b, a))
    ends = np.column_stack([records.index(a), records.index(b)])[order]
    columns = (
        np.concatenate([getattr(old, name), getattr(fresh, name)])[order]
        for name in ("levels", "captures", "sound_alike")
    )
    levels, captures, sound_alike = columns
    return Pairs(
        a[order], b[order], ends, levels, records.strata.numbers(*records.reporter[ends].T), captures, sound_alike
    )
