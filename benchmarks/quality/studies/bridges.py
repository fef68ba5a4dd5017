"""Records that copy codes of two persons each: how many persons they join (docs/decisions/0026).

A reporter that exists nowhere else sends them. To make one takes no key: half of the codes of a record of one person
are copied, and half of those of a record of another. The same registry is linked twice, as it is and as it would be if
every bridge were believed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple
from unittest.mock import patch

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.quality.data.datasets import Dataset
from benchmarks.quality.run import run
from linkage.linkage_unit import grouping
from linkage.pipeline import Registry
from pseudonym.profile import Profile, load_profile
from pseudonym.wire import (
    IDENTITY_FIELDS,
    QUALITY_RECORDS,
    RESERVED,
    Header,
    Quality,
    SubmissionWriter,
    fixed_bytes,
    read_header,
    read_submission,
)

__all__ = ["Bridged", "Codes", "bridge", "join_persons", "mixed"]

INVENTED: Final = "invented"
"""The reporter of the bridging records."""

Name = tuple[str, str]


class Codes(NamedTuple):
    """The codes of one record, by kind: `kind` `(c,)`, `match_key` `(c, 16)`, `content` `(c, bytes)`, all uint8."""

    kind: NDArray[np.uint8]
    match_key: NDArray[np.uint8]
    content: NDArray[np.uint8]


@dataclass(frozen=True)
class Bridged:
    """What bridging records did.

    Attributes:
        rows: Their number.
        joined: Number of pairs of persons that they joined.
        believed: The number if every bridge were believed.
        notes: What `linkage link` says.
    """

    rows: int
    joined: int
    believed: int
    notes: tuple[str, ...]


def join_persons(dataset: Dataset, *, rows: int, seed: int) -> Bridged:
    """Encode a data set, add bridging records, and link.

    Args:
        dataset: The data set.
        rows: Number of bridging records.
        seed: Selects key and pairs of persons.
    """
    profile = load_profile("case-registry")
    with TemporaryDirectory() as name:
        folder = Path(name)
        run(dataset, profile=profile.name, seed=seed, keep=folder)
        files = sorted(folder.glob("*.parquet"))
        pairs = list(_pairs(dataset.truth, rows, np.random.default_rng(seed)))
        bridge(files, folder / "bridges", pairs, profile, np.random.default_rng(seed))
        notes, joined = _link(folder / "as-it-is", files, pairs, profile)
        with patch.object(grouping, "MAX_ROUNDS", 0):
            _, believed = _link(folder / "believed", files, pairs, profile)
    return Bridged(rows, joined, believed, notes)


def _pairs(truth: pd.DataFrame, n: int, rng: np.random.Generator) -> Iterator[tuple[Name, Name]]:
    """Draw pairs of records of two persons each."""
    rows = truth[["reporter", "record_id", "person"]].to_numpy().tolist()
    while n:
        (*one, person), (*other, another) = (rows[index] for index in rng.integers(0, len(rows), 2))
        if person != another:
            yield (one[0], one[1]), (other[0], other[1])
            n -= 1


def _link(
    path: Path, files: list[Path], pairs: list[tuple[Name, Name]], profile: Profile
) -> tuple[tuple[str, ...], int]:
    """Link in a new registry; return the notes, and how many pairs became one person."""
    registry = Registry.create(path, profile=profile)
    registry.receive_all([*files, path.parent / "bridges"])
    report = registry.link()
    person = {(row["reporter"], row["record_id"]): row["person_id"] for row in registry.persons().to_pylist()}
    return report.notes, sum(person[one] == person[other] for one, other in pairs)


def bridge(
    files: list[Path], path: Path, pairs: list[tuple[Name, Name]], profile: Profile, rng: np.random.Generator
) -> None:
    """Write a submission with a record for each pair that copies codes of both.

    Args:
        files: The submissions of others.
        path: The new submission.
        pairs: Reporter and id of two records each.
        profile: The profile.
        rng: Chooses which codes are copied from which record.
    """
    known = {name: codes for file in files for name, codes in _codes_of(file, profile)}
    records = [mixed(known[one], known[other], rng) for one, other in pairs]
    ids = b"".join(hashlib.sha256(f"{INVENTED}/{number}".encode()).digest()[:16] for number in range(len(records)))
    quality = {name: Quality(missing=0, unreadable=0, marked=0) for name in IDENTITY_FIELDS}
    header = Header.model_validate(
        read_header(files[0]).members()
        | {"reporter": INVENTED, "records": 0, "codes": 0, "quality": None, "codebook": None, "previous": None}
    ).model_copy(update={"quality": quality if len(records) >= QUALITY_RECORDS else None})
    with SubmissionWriter(path, content_bytes=profile.encoding.content_bytes, items=()) as writer:
        writer.add(
            np.frombuffer(ids, np.uint8).reshape(-1, 16),
            [[f"x-{number}", *[None] * len(RESERVED)] for number in range(len(records))],
            (
                np.stack([record.kind for record in records]),
                np.stack([record.match_key for record in records]),
                np.stack([record.content for record in records]),
            ),
        )
        writer.finish(header)


def mixed(one: Codes, other: Codes, rng: np.random.Generator) -> Codes:
    """Return a record with half of the codes of one record and half of another's, by the choice of `rng`."""
    first = rng.random((len(one.kind), 1)) < 0.5
    return Codes(one.kind, np.where(first, one.match_key, other.match_key), np.where(first, one.content, other.content))


def _codes_of(file: Path, profile: Profile) -> Iterator[tuple[Name, Codes]]:
    """Yield the codes of each record of a submission without a codebook."""
    submission, reporter = read_submission(file, profile=profile, codebook=None), read_header(file).reporter
    record, own = (fixed_bytes(table["record"]) for table in (submission.cases, submission.codes))
    place = {bytes(one): index for index, one in enumerate(record)}
    owner = np.array([place[bytes(one)] for one in own])
    kind = submission.codes["kind"].to_numpy().astype(np.uint8)
    order = np.lexsort((kind, owner))
    columns = kind, fixed_bytes(submission.codes["match_key"]), fixed_bytes(submission.codes["content"])
    ends = np.searchsorted(owner[order], np.arange(len(record) + 1))
    for index, record_id in enumerate(submission.cases["record_id"].to_pylist()):
        rows = order[ends[index] : ends[index + 1]]
        yield (reporter, record_id), Codes(*(column[rows] for column in columns))
