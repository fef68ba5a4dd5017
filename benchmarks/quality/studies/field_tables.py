"""Levels of agreement of any two records, and the constants by which tables of u and m are made.

The registry compares records that share a match key only. Under a copy of a profile whose only match key is empty, any
two records can be compared.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkage.linking.compare import compare, levels
from linkage.linking.patterns import NAME_PAIR_FIELD, level_count
from pseudonym.profile import FieldTable, Profile, parse_profile
from pseudonym.wire import fixed_column

if TYPE_CHECKING:
    from benchmarks.population import ErrorLevel

__all__ = [
    "ERROR_LEVEL", "MATCH_PRIOR", "PRIOR_STRENGTH", "SMOOTHING", "even_tables", "levels_of", "open_profile",
    "swap_margin",
]  # fmt: skip

SMOOTHING: Final = 0.5
"""Pseudo-count per level, so that nothing is impossible (Jeffreys)."""

ERROR_LEVEL: Final[ErrorLevel] = "middle"
"""Error level of the synthetic population from which tables are made."""

PRIOR_STRENGTH: Final = 20.0
"""Number of matches that the shipped m tables count for when the registry fits its own."""

MATCH_PRIOR: Final = 0.1
"""Matches per record of the smaller of two reporters, before any data: they link because they share persons."""

SWAP_MARGIN_SHARE: Final = 0.25
"""Share of a name segment's bits by which swapped names must agree better than names in order."""


def open_profile(profile: Profile) -> Profile:
    """Return a copy of a profile with one match key that all records share."""
    document = json.loads(profile.to_json())
    document["name"] = "tables"
    document["encoding"]["match_keys"] = [{"kind": "everybody", "parts": [], "codes": 1}]
    document.pop("linking", None)
    return parse_profile(json.dumps(document))


def even_tables(edges: Iterable[tuple[str, tuple[float, ...]]]) -> tuple[FieldTable, ...]:
    """Return tables in which all levels of a field are equally probable.

    Args:
        edges: The fields and the edges of their levels.
    """
    tables = []
    for field, steps in edges:
        even = (1 / level_count(field, steps),) * level_count(field, steps)
        tables.append(FieldTable(field=field, edges=steps, u=even, m=even))
    return tuple(tables)


def swap_margin(profile: Profile) -> float:
    """Return the margin by which swapped names must agree better, in bits of a name segment."""
    widths = [place.n_bits for place in profile.encoding.layout if place.field == "given_names"]
    return SWAP_MARGIN_SHARE * widths[0] if widths else 0.0


def levels_of(
    content: NDArray[np.uint8], pairs: NDArray[np.int64], *, profile: Profile, tables: tuple[FieldTable, ...]
) -> NDArray[np.int8]:
    """Compare pairs of contents under one shared match key.

    Args:
        content: (n, content_bytes) uint8.
        pairs: (p, 2) rows of `content`.
        profile: The profile of the contents.
        tables: One table per field.

    Returns:
        (p, f) int8, as `linkage.linking.compare.levels` returns them.
    """
    ordered, index = np.unique(np.sort(pairs, axis=1).reshape(-1, 2), axis=0, return_inverse=True)
    first, second = ordered.T
    columns = {
        "a": pa.array(first),
        "b": pa.array(second),
        "kind": pa.array(np.zeros(len(first), np.uint8)),
        "key": pa.array(np.zeros(len(first), np.uint64)),
        "xor": fixed_column(content[first] ^ content[second]),
    }
    batch = pa.RecordBatch.from_pydict(columns)
    # Without the field that shows whether exchanged names are the same words: pairs of different persons that pass that
    # test are too few to be counted, and both names have their own u, so likeness both ways stands for it.
    layout = [place for place in profile.encoding.layout if place.field != NAME_PAIR_FIELD]
    return levels(compare(batch, layout, swap_margin=swap_margin(profile)), tables)[index.ravel()]
