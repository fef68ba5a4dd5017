"""Read a submission turn by turn, and count what its reader would see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pseudonym.audit.crowds import CrowdTally
from pseudonym.audit.fill import Fill, FillTally
from pseudonym.audit.judge import Warned, expected_share_rate, judge
from pseudonym.audit.keys import KeySpool, folder_for
from pseudonym.audit.payload import CaseTally
from pseudonym.audit.repeats import Pairs, find_pairs, owners
from pseudonym.audit.sharing import SubmissionSharing, count_sharing
from pseudonym.codebook import Codebook
from pseudonym.privacy import PayloadPrivacy
from pseudonym.profile import PRESENCE_BITS, Profile
from pseudonym.wire import Header, Submission, fixed_bytes, id_rule, open_submission, row_faults

__all__ = ["Audit", "audit"]

LISTED: Final = 1000
"""Maximum number of pairs whose record ids are listed; all are counted."""

Progress = Callable[[int, int], None]
Named = tuple[str | None, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What the reader of a submission can see.

    Attributes:
        header: Its header; digests and counts match.
        profile: The profile that it follows.
        faults: Number of records that break each rule for single rows; the registry would quarantine them.
        fill: How full contents are.
        sharing: How many records share match keys.
        crowded_codes: Number of codes whose match key more than twenty records of the file share.
        largest_crowd: Largest number of records that share a match key.
        repeated_pairs: Number of pairs of records that probably belong to one person.
        entered_twice: Number of these pairs that agree in everything sent besides their codes.
        listed: Record ids of the first thousand pairs, those entered twice first; None for an id that breaks the rule
            for ids.
        payload: How far each item of the codebook, and all items together, tell records apart.
        filled: For each entry of `payload`, the number of records with a code of any of its items.
        warnings: What the reporter should know before sending.
    """

    header: Header
    profile: Profile
    faults: dict[str, int]
    fill: Fill
    sharing: SubmissionSharing
    crowded_codes: int
    largest_crowd: int
    repeated_pairs: int
    entered_twice: int
    listed: tuple[Named, ...]
    payload: tuple[PayloadPrivacy, ...]
    filled: tuple[int, ...]
    warnings: tuple[Warned, ...]

    @property
    def expected_share_rate(self) -> float | None:
        """The share rate to expect for this number of persons; None if the profile does not state it."""
        measured = self.profile.privacy
        return None if measured is None else expected_share_rate(measured, self.sharing.persons)

    def as_json(self) -> dict[str, Any]:
        """Return the result as a document for JSON."""
        measured = self.profile.privacy
        match_keys = self.profile.encoding.match_keys
        kinds = [
            {"kind": key.kind, "codes": key.n_codes} | asdict(kind)
            for key, kind in zip(match_keys, self.sharing.kinds, strict=True)
        ]
        sharing = asdict(self.sharing) | {"share_rate": self.sharing.share_rate, "kinds": kinds}
        return {
            "header": self.header.members(),
            "digest": self.header.digest,
            "quarantined": self.faults,
            "contents": asdict(self.fill) | {"look_random": self.fill.looks_random} if self.fill.contents else None,
            "sharing": sharing
            | {"crowded_codes": self.crowded_codes, "largest_crowd": self.largest_crowd}
            | {"expected_share_rate": self.expected_share_rate},
            "measured": None if measured is None else measured.model_dump(),
            "repeats": {
                "pairs": self.repeated_pairs,
                "entered_twice": self.entered_twice,
                "record_ids": [list(pair) for pair in self.listed],
            },
            "payload": [
                {"items": item.items, "filled": filled, "unique": item.unique, "rare": item.rare}
                for item, filled in zip(self.payload, self.filled, strict=True)
            ],
            "warnings": [asdict(warned) for warned in self.warnings],
        }


def audit(
    path: Path, *, profile: Profile, codebook: Codebook | None, progress: Progress = lambda done, total: None
) -> Audit:
    """Verify a submission as the registry does, and count what its reader can see.

    Memory holds one turn of 8,192 records, one part of the sorted match keys, and about a hundred bytes per record.
    Match keys are kept in an unnamed temporary file beside the submission.

    Args:
        path: The submission.
        profile: The profile that it follows.
        codebook: The codebook that it follows, or None.
        progress: Called with the number of records read and the total.

    Returns:
        The counts and warnings.

    Raises:
        SubmissionError: As `pseudonym.wire.read_submission`.
        OutputError: `output.unwritable` if there is no room for the temporary file.
    """
    items = codebook.item_names if codebook is not None else ()
    folder, encoding = folder_for(path), profile.encoding
    fill, cases = FillTally(encoding.layout[-1].presence_bit + PRESENCE_BITS, padded=encoding.padded), CaseTally(items)
    faults: Counter[str] = Counter()
    crowds = CrowdTally()
    with KeySpool(folder) as keys:
        with open_submission(path, profile=profile, codebook=codebook) as (header, turns):
            record_ids: list[pa.Array] = []
            n_records = 0
            for turn in turns:
                faults.update(fault.rule for fault in row_faults(turn, profile=profile, codebook=codebook))
                _take_codes(turn, n_records, len(encoding.match_keys), fill, keys)
                cases.add(turn.cases)
                record_ids += turn.cases["record_id"].chunks
                n_records += turn.cases.num_rows
                progress(n_records, header.records)
        pairs = find_pairs(keys.groups(), encoding, folder)
        kinds = [key.kind for key in encoding.match_keys]
        sharing = count_sharing(crowds.watch(keys.groups()), owners(pairs, n_records), kinds)
    twice = cases.agree(pairs.first, pairs.second)
    entered_twice = int(twice.sum())
    found = fill.result()
    return Audit(
        header=header,
        profile=profile,
        faults=dict(sorted(faults.items())),
        fill=found,
        sharing=sharing,
        crowded_codes=crowds.n_codes,
        largest_crowd=crowds.largest,
        repeated_pairs=len(pairs.first),
        entered_twice=entered_twice,
        listed=tuple(_named(pairs, twice, pa.chunked_array(record_ids, pa.string()))),
        payload=cases.payload(),
        filled=cases.filled,
        warnings=tuple(
            judge(
                header,
                profile,
                faults=faults,
                fill=found,
                sharing=sharing,
                crowds=crowds,
                entered_twice=entered_twice,
            )
        ),
    )


def _take_codes(turn: Submission, n_before: int, n_kinds: int, fill: FillTally, keys: KeySpool) -> None:
    match_key = fixed_bytes(turn.codes["match_key"])
    fill.add(match_key, fixed_bytes(turn.codes["content"]))
    kind = turn.codes["kind"].to_numpy().astype(np.uint8)
    ids, owner = (
        np.ascontiguousarray(fixed_bytes(table["record"])).view("V16").ravel() for table in (turn.cases, turn.codes)
    )
    record = (np.searchsorted(ids, owner) + n_before).astype(np.uint32)
    known = kind < n_kinds
    keys.add(kind[known], match_key[known], record[known])


def _named(pairs: Pairs, twice: NDArray[np.bool_], record_ids: pa.ChunkedArray) -> Iterator[Named]:
    """Yield the record ids of pairs, those entered twice first; None for an id that breaks the rule for ids."""
    chosen = np.argsort(~twice, kind="stable")[:LISTED]
    columns = [record_ids.take(pa.array(records[chosen])).to_pylist() for records in (pairs.first, pairs.second)]
    for pair in zip(*columns, strict=True):
        first, second = (one if id_rule(one) is None and one.isprintable() else None for one in pair)
        yield first, second
