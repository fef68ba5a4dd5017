"""The current records and their candidate pairs, compared field by field."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from functools import cached_property, partial
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from linkage.engines.base import Engine, KeyCounts, Owners
from linkage.linking.candidates import candidate_batches
from linkage.linking.compared import compare_rows, gather_pairs
from linkage.linking.strata import Strata
from linkage.progress import Progress
from linkage.store import Session
from pseudonym.profile import FieldTable, Profile

__all__ = ["LeftOut", "Pairs", "RecordIndex", "compare_pairs", "live_codes", "read_records"]

HANDLE_BYTES: Final = 16


@dataclass(frozen=True, eq=False, repr=False)
class RecordIndex:
    """The current records in ascending order of `rid`, and the strata of their reporters.

    Attributes:
        rid: (n,) int64.
        reporter: (n,) int64, the index of each record's reporter in `strata.reporters`.
        ties: (n, 16) uint8, the handles, by which ties are broken.
        strata: Pairs of reporters.
    """

    rid: NDArray[np.int64]
    reporter: NDArray[np.int64]
    ties: NDArray[np.uint8]
    strata: Strata

    @cached_property
    def rank(self) -> NDArray[np.int64]:
        """(n,) int64, the rank of each record by its handle, which does not depend on its time of arrival."""
        rank = np.empty(len(self.ties), np.int64)
        # Bytes in order are numbers in order, with the first byte the highest.
        high, low = np.ascontiguousarray(self.ties).view(">u8").T
        rank[np.lexsort((self.reporter, low, high))] = np.arange(len(rank))
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
        ends: (p, 2) int64, the indexes of both records.
        levels: (p, f) int8, levels of the fields.
        stratum: (p,) int64, stratum numbers.
        captures: (p,) int32, see `linkage.linking.recapture`.
        sound_alike: (p,) bool, whether they share a match key of sounds, or none could show it; see
            `linkage.linking.compare.sound_alike`.
    """

    a: NDArray[np.int64]
    b: NDArray[np.int64]
    ends: NDArray[np.int64]
    levels: NDArray[np.int8]
    stratum: NDArray[np.int64]
    captures: NDArray[np.int32]
    sound_alike: NDArray[np.bool_]

    def of(self, chosen: NDArray[np.integer] | NDArray[np.bool_]) -> Pairs:
        """Return some of the pairs."""
        return Pairs(*(getattr(self, field.name)[chosen] for field in fields(self)))


class LeftOut(NamedTuple):
    """The match keys that were left out.

    `n_crowded` is the number of those that too many records share; `flooded` has the number of those that one reporter
    has too often, by its code.
    """

    n_crowded: int
    flooded: dict[str, int]


def read_records(session: Session) -> RecordIndex:
    """Read the records that are live.

    Args:
        session: The store of the linkage unit.
    """
    table = session.table("SELECT rid, reporter, handle FROM records WHERE live ORDER BY rid")
    encoded = pc.dictionary_encode(table["reporter"].combine_chunks())
    names, place = np.unique(np.array(encoded.dictionary.to_pylist(), dtype=object), return_inverse=True)
    reporter = place[encoded.indices.to_numpy()]
    counts = np.bincount(reporter, minlength=len(names))
    strata = Strata.of(dict(zip(names.tolist(), counts.tolist(), strict=True)))
    ties = np.frombuffer(b"".join(table["handle"].to_pylist()), np.uint8).reshape(-1, HANDLE_BYTES)
    return RecordIndex(table["rid"].to_numpy().astype(np.int64), reporter.astype(np.int64), ties, strata)


def live_codes(session: Session) -> str:
    """Return the name of a table with the codes of the records that are live.

    Args:
        session: The store of the linkage unit.
    """
    if not session.rows("SELECT 1 FROM records WHERE NOT live LIMIT 1"):
        return "codes"
    session.run(
        "CREATE OR REPLACE TEMP VIEW live_codes AS SELECT codes.* FROM codes SEMI JOIN "
        "(SELECT rid FROM records WHERE live) AS linked USING (rid)"
    )
    return "live_codes"


def compare_pairs(
    engine: Engine,
    records: RecordIndex,
    profile: Profile,
    *,
    tables: tuple[FieldTable, ...],
    progress: Progress,
    codes: pa.Table | str = "codes",
    among: NDArray[np.int64] | None = None,
    counted: Callable[[KeyCounts], None] | None = None,
) -> tuple[Pairs, LeftOut]:
    """Find the candidate pairs and compare them field by field.

    Args:
        engine: Joins the codes.
        records: The records.
        profile: Their profile, with tables for linking.
        tables: The tables from which levels are computed.
        progress: See `Progress`.
        codes: Their codes as an engine takes them, see `live_codes`.
        among: Rids, ascending: only pairs of at least one of these are compared; None for all pairs.
        counted: See `linkage.engines.base.Engine.candidates`.

    Returns:
        The pairs, and the match keys that were left out.
    """
    linking, encoding = profile.linking, profile.encoding
    assert linking is not None  # The caller has refused a profile without tables.
    progress("candidates", 0, 0)
    owners = Owners(records.rid, records.reporter)
    candidates = candidate_batches(
        engine, codes, encoding, owners=owners, progress=partial(progress, "candidates"), counted=counted
    )
    if among is not None:
        candidates.batches, candidates.n_rows = _with_one_of(candidates.batches, among), 0
    function = partial(compare_rows, encoding=encoding, tables=tables, swap_margin=linking.swap_margin)
    found = gather_pairs(engine.by_pair(candidates, function, progress=progress), len(tables))
    ends = np.column_stack([records.index(found.a), records.index(found.b)])
    left, right = records.reporter[ends].T
    stratum = records.strata.numbers(left, right)
    flooded = {records.strata.reporters[reporter]: n for reporter, n in candidates.flooded.items()}
    pairs = Pairs(found.a, found.b, ends, found.levels, stratum, found.captures, found.sound_alike)
    return pairs, LeftOut(candidates.n_crowded, flooded)


def _with_one_of(batches: Iterator[pa.RecordBatch], rid: NDArray[np.int64]) -> Iterator[pa.RecordBatch]:
    """Yield the rows of pairs of which at least one record is among the given ones."""
    for batch in batches:
        kept = np.isin(batch.column("a").to_numpy(), rid) | np.isin(batch.column("b").to_numpy(), rid)
        if kept.any():
            yield batch.filter(pa.array(kept))
