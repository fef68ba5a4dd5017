"""The current records and their candidate pairs, compared field by field: what every weighing begins with."""

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

__all__ = ["Pairs", "Records", "compare_pairs", "read_records"]

_Part = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int8], NDArray[np.int32]]
"""Records a and b of pairs, levels, and captures."""


@dataclass(frozen=True, repr=False)
class Records:
    """The current records in ascending order of `rid`, and the strata of their bodies.

    Attributes:
        rid: (n,) int64.
        place: (n,) int64, the place of each record's body in `strata.reporters`.
        digests: (n, 32) uint8, by which ties are broken.
        strata: Pairs of bodies.
    """

    rid: NDArray[np.int64]
    place: NDArray[np.int64]
    digests: NDArray[np.uint8]
    strata: Strata

    @cached_property
    def rank(self) -> NDArray[np.int64]:
        """(n,) int64, the place of each record in the order of digests, which do not depend on when it arrived."""
        rank = np.empty(len(self.digests), np.int64)
        rank[np.lexsort(self.digests.T[::-1])] = np.arange(len(rank))
        return rank

    def index(self, rid: NDArray[np.int64]) -> NDArray[np.int64]:
        """Find records by their number."""
        return np.searchsorted(self.rid, rid).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Candidate pairs, ascending by (a, b).

    Records, levels of the fields, stratum numbers, and captures, see `linkage.linking.recapture`.
    """

    a: NDArray[np.int64]
    b: NDArray[np.int64]
    levels: NDArray[np.int8]
    stratum: NDArray[np.int64]
    captures: NDArray[np.int32]


def read_records(session: Session) -> Records:
    """Read the current records of a registry.

    Args:
        session: The open registry.
    """
    table = session.table("SELECT rid, reporter, digest FROM records ORDER BY rid")
    reporters = table["reporter"].to_numpy().astype(object)
    names, place, counts = np.unique(reporters, return_inverse=True, return_counts=True)
    strata = Strata.of(dict(zip(names.tolist(), counts.tolist(), strict=True)))
    digests = np.frombuffer(b"".join(table["digest"].to_pylist()), np.uint8).reshape(-1, 32)
    return Records(table["rid"].to_numpy().astype(np.int64), place.astype(np.int64), digests, strata)


def compare_pairs(
    engine: Engine, records: Records, profile: Profile, *, tables: tuple[FieldTable, ...], progress: Progress
) -> tuple[Pairs, int]:
    """Find the candidate pairs and compare them field by field.

    Args:
        engine: Joins the table `codes`.
        records: The records.
        profile: Their profile, with tables for linking.
        tables: The tables that levels are made with.
        progress: Called with stage, work done, and work there is (0 when unknown).

    Returns:
        The pairs, and how many match keys were left out because too many records share them.
    """
    linking, encoding = profile.linking, profile.encoding
    assert linking is not None  # Whoever calls this has refused such a profile.
    numbers, kinds, done = number_kinds(encoding), repeated_kinds(encoding), 0

    def judge(batch: pa.RecordBatch) -> _Part:
        nonlocal done
        progress("compare", done, found.n_rows)
        comparison = compare(batch, encoding.layout, swap_margin=linking.swap_margin, numbers=numbers)
        judged = comparison.a, comparison.b, levels(comparison, tables), count_captures(batch, kinds)
        done += batch.num_rows
        progress("join", done, found.n_rows)
        return judged

    nothing = np.zeros(0, np.int64)
    parts: list[_Part] = [(nothing, nothing, np.zeros((0, len(tables)), np.int8), np.zeros(0, np.int32))]
    progress("candidates", 0, 0)
    found = candidate_batches(engine, "codes", encoding, progress=partial(progress, "candidates"))
    progress("join", 0, found.n_rows)
    parts += engine.map_batches(judge, found)
    a, b, judged, captures = (np.concatenate(column) for column in zip(*parts, strict=True))
    stratum = records.strata.numbers(records.place[records.index(a)], records.place[records.index(b)])
    return Pairs(a, b, judged, stratum, captures), found.n_crowded
