"""The current records and their candidate pairs, compared field by field."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkage.engines.base import Engine
from linkage.linking.candidates import candidate_batches
from linkage.linking.compare import compare, levels, number_kinds
from linkage.linking.recapture import count_captures, repeated_kinds
from linkage.linking.strata import Strata
from linkage.pipeline.report import Progress
from linkage.store import Session
from pseudonym.profile import FieldTable, Profile

__all__ = ["Pairs", "RecordIndex", "compare_pairs", "read_records"]

_Part = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int8], NDArray[np.int32]]
"""First and second records of pairs, their levels, and their captures."""


@dataclass(frozen=True, eq=False, repr=False)
class RecordIndex:
    """The current records in ascending order of `rid`, and the strata of their reporters.

    Attributes:
        rid: (n,) int64.
        reporter: (n,) int64, the index of each record's reporter in `strata.reporters`.
        digests: (n, 32) uint8, used to break ties.
        strata: Pairs of reporters.
    """

    rid: NDArray[np.int64]
    reporter: NDArray[np.int64]
    digests: NDArray[np.uint8]
    strata: Strata

    @cached_property
    def rank(self) -> NDArray[np.int64]:
        """(n,) int64, the rank of each record by digest, which does not depend on its time of arrival."""
        rank = np.empty(len(self.digests), np.int64)
        rank[np.lexsort(self.digests.T[::-1])] = np.arange(len(rank))
        return rank

    def index(self, rid: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the indexes of records, given their rids."""
        return np.searchsorted(self.rid, rid).astype(np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Candidate pairs, ascending by (a, b).

    Attributes:
        a: (p,) int64, the smaller rid.
        b: (p,) int64, the larger rid.
        levels: (p, f) int8, levels of the fields.
        stratum: (p,) int64, stratum numbers.
        captures: (p,) int32, see `linkage.linking.recapture`.
    """

    a: NDArray[np.int64]
    b: NDArray[np.int64]
    levels: NDArray[np.int8]
    stratum: NDArray[np.int64]
    captures: NDArray[np.int32]


def read_records(session: Session) -> RecordIndex:
    """Read the current records of a registry.

    Args:
        session: The open registry.
    """
    table = session.table("SELECT rid, reporter, digest FROM records ORDER BY rid")
    reporters = table["reporter"].to_numpy().astype(object)
    names, reporter, counts = np.unique(reporters, return_inverse=True, return_counts=True)
    strata = Strata.of(dict(zip(names.tolist(), counts.tolist(), strict=True)))
    digests = np.frombuffer(b"".join(table["digest"].to_pylist()), np.uint8).reshape(-1, 32)
    return RecordIndex(table["rid"].to_numpy().astype(np.int64), reporter.astype(np.int64), digests, strata)


def compare_pairs(
    engine: Engine, records: RecordIndex, profile: Profile, *, tables: tuple[FieldTable, ...], progress: Progress
) -> tuple[Pairs, int]:
    """Find the candidate pairs and compare them field by field.

    Args:
        engine: Joins the table `codes`.
        records: The records.
        profile: Their profile, with tables for linking.
        tables: The tables from which levels are computed.
        progress: See `Progress`.

    Returns:
        The pairs, and the number of match keys that were left out because too many records share them.
    """
    linking, encoding = profile.linking, profile.encoding
    assert linking is not None  # The caller has refused a profile without tables.
    numbers, kinds, done = number_kinds(encoding), repeated_kinds(encoding), 0

    def compare_batch(batch: pa.RecordBatch) -> _Part:
        nonlocal done
        progress("compare", done, batches.n_rows)
        comparison = compare(batch, encoding.layout, swap_margin=linking.swap_margin, numbers=numbers)
        part = comparison.a, comparison.b, levels(comparison, tables), count_captures(batch, kinds)
        done += batch.num_rows
        progress("join", done, batches.n_rows)
        return part

    empty = np.zeros(0, np.int64)
    parts: list[_Part] = [(empty, empty, np.zeros((0, len(tables)), np.int8), np.zeros(0, np.int32))]
    progress("candidates", 0, 0)
    batches = candidate_batches(engine, "codes", encoding, progress=partial(progress, "candidates"))
    progress("join", 0, batches.n_rows)
    parts += engine.map_batches(compare_batch, batches)
    a, b, found_levels, captures = (np.concatenate(column) for column in zip(*parts, strict=True))
    stratum = records.strata.numbers(records.reporter[records.index(a)], records.reporter[records.index(b)])
    return Pairs(a, b, found_levels, stratum, captures), batches.n_crowded
