"""What a run keeps of a candidate pair: its records, the levels of its fields, its captures, and how it sounds.

`compare_rows` is handed to the engine, which may run it in other processes and on other machines. So it is a function
of this module, takes and returns Arrow, and is given all else as plain values.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkage.linking.compare import compare, levels, number_kinds, sound_alike, sound_kinds
from linkage.linking.recapture import count_captures, repeated_kinds
from pseudonym.profile import Encoding, FieldTable
from pseudonym.wire import fixed_bytes, fixed_column

__all__ = ["ComparedPairs", "compare_rows", "gather_pairs"]


class ComparedPairs(NamedTuple):
    """Compared pairs, ascending by (a, b).

    Attributes:
        a: `(p,) int64`, the smaller record of each pair.
        b: `(p,) int64`, the greater record.
        levels: `(p, f) int8`, see `linkage.linking.compare.levels`.
        captures: `(p,) int32`, see `linkage.linking.recapture`.
        sound_alike: `(p,) bool`, see `linkage.linking.compare.sound_alike`.
    """

    a: NDArray[np.int64]
    b: NDArray[np.int64]
    levels: NDArray[np.int8]
    captures: NDArray[np.int32]
    sound_alike: NDArray[np.bool_]

    def of(self, chosen: NDArray[np.bool_]) -> ComparedPairs:
        """Return some of the pairs."""
        return ComparedPairs(
            self.a[chosen], self.b[chosen], self.levels[chosen], self.captures[chosen], self.sound_alike[chosen]
        )


def compare_rows(
    batch: pa.RecordBatch, *, encoding: Encoding, tables: Sequence[FieldTable], swap_margin: float
) -> pa.RecordBatch:
    """Compare the pairs of a batch.

    Args:
        batch: Rows as `Engine.candidates` yields them.
        encoding: The profile's encoding.
        tables: The tables from which the levels are computed.
        swap_margin: See `compare`.

    Returns:
        A row per pair: `a`, `b` int64, `levels` fixed-size binary with an int8 per field, `captures` int32,
        `sound_alike` bool.
    """
    found = compare(batch, encoding.layout, swap_margin=swap_margin, numbers=number_kinds(encoding))
    columns = {
        "a": found.a,
        "b": found.b,
        "levels": fixed_column(np.ascontiguousarray(levels(found, tables)).view(np.uint8)),
        "captures": count_captures(batch, repeated_kinds(encoding)),
        "sound_alike": sound_alike(batch, sound_kinds(encoding)),
    }
    return pa.RecordBatch.from_pydict(columns)


def gather_pairs(batches: Iterable[pa.RecordBatch], n_fields: int) -> ComparedPairs:
    """Put the results of `compare_rows` together.

    Args:
        batches: The results, in any order; all rows of a pair were in one batch.
        n_fields: Number of tables.

    Returns:
        All pairs.
    """
    columns = [("a", pa.int64()), ("b", pa.int64()), ("levels", pa.binary(n_fields)), ("captures", pa.int32())]
    columns.append(("sound_alike", pa.bool_()))
    found = pa.Table.from_batches(batches, schema=pa.schema(columns))
    a, b, captures = (found[name].to_numpy() for name in ("a", "b", "captures"))
    alike = found["sound_alike"].to_numpy()
    pairs = ComparedPairs(a, b, fixed_bytes(found["levels"]).view(np.int8), captures, alike)
    if ((a[1:] < a[:-1]) | ((a[1:] == a[:-1]) & (b[1:] < b[:-1]))).any():
        order = np.lexsort((b, a))
        return ComparedPairs(a[order], b[order], pairs.levels[order], captures[order], alike[order])
    return pairs
