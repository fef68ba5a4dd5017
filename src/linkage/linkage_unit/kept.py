"""Pairs whose comparison is kept, since a purge takes match keys away: those of one person, and those for review."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkage.engines.contents import stored_contents
from linkage.linkage_unit.pairs import Pairs, RecordIndex
from linkage.linking.compared import ComparedPairs
from linkage.store import Session
from pseudonym.wire import fixed_column

__all__ = ["PURGED", "numbered", "store_kept", "with_kept"]

PURGED: Final = "purged_since_run"
"""The entry of `meta` with the number of records that were purged for the first time since the last run."""

_READ: Final = """
SELECT rid_a, rid_b, levels, captures, sound_alike FROM kept_pairs
    SEMI JOIN (SELECT rid FROM records WHERE live) AS a ON a.rid = rid_a
    SEMI JOIN (SELECT rid FROM records WHERE live) AS b ON b.rid = rid_b
ORDER BY rid_a, rid_b
"""


def with_kept(session: Session, records: RecordIndex, pairs: Pairs) -> Pairs:
    """Put what was kept of pairs in place of what their codes still show.

    Args:
        session: The store of the linkage unit.
        records: The live records.
        pairs: The pairs that their codes give.

    Returns:
        These and the kept ones, ascending by (a, b).
    """
    table = session.table(_READ).combine_chunks()
    if not table.num_rows:
        return pairs
    a, b = (table[name].to_numpy().astype(np.int64) for name in ("rid_a", "rid_b"))
    levels = stored_contents(pa.chunked_array(table["levels"])).view(np.int8)
    fresh = ~np.isin(numbered(pairs.a, pairs.b), numbered(a, b))
    order = np.lexsort((np.concatenate([pairs.b[fresh], b]), np.concatenate([pairs.a[fresh], a])))
    ends = np.column_stack([records.index(a), records.index(b)])
    stratum = records.strata.numbers(*records.reporter[ends].T)
    captures = table["captures"].to_numpy().astype(np.int32)
    sound_alike = table["sound_alike"].to_numpy(zero_copy_only=False).astype(np.bool_)
    kept = Pairs(a, b, ends, levels, stratum, captures, sound_alike)
    columns = ("a", "b", "ends", "levels", "stratum", "captures", "sound_alike")
    joined = (np.concatenate([getattr(pairs, name)[fresh], getattr(kept, name)])[order] for name in columns)
    return Pairs(*joined)


def numbered(a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.void]:
    """Return pairs as values that can be compared with each other.

    Args:
        a: (p,), the smaller record of each pair.
        b: (p,), the greater.
    """
    return np.ascontiguousarray(np.column_stack([a, b])).view([("a", np.int64), ("b", np.int64)])[:, 0]


def store_kept(session: Session, pairs: ComparedPairs) -> None:
    """Replace all kept pairs.

    Args:
        session: The store of the linkage unit, in a transaction.
        pairs: Those that are kept now, with those that are kept already.
    """
    source = pa.table(
        {
            "rid_a": pairs.a,
            "rid_b": pairs.b,
            "levels": fixed_column(np.ascontiguousarray(pairs.levels).view(np.uint8)),
            "captures": pairs.captures,
            "sound_alike": pairs.sound_alike,
        }
    )
    session.load("DELETE FROM kept_pairs; INSERT INTO kept_pairs SELECT * FROM source", source=source)
