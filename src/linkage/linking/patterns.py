"""Levels and patterns, the form in which compared pairs are counted and scored.

A pair has one level in every comparison field, or -1 where the field is absent on either side. A level is the number of
edges of the field's `FieldTable` that the distance does not exceed, so 0 is least similar. A table may have one extra
level at the end, which no distance reaches: the names are swapped, or month and day are exchanged. A pattern
(comparison vector) is the levels of all fields. A fit learns only from counts of patterns; these can be computed in
parts, and stay small whatever the number of pairs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pseudonym.profile import FieldTable

__all__ = [
    "EXCHANGED_FIELD",
    "NAME_PAIR_FIELD",
    "SWAPPED_FIELD",
    "PatternCounts",
    "compared_fields",
    "count_patterns",
    "has_extra_level",
    "level_count",
    "n_levels",
    "ordered_levels",
    "pattern_codes",
    "pattern_levels",
    "patterns_of",
]

SWAPPED_FIELD: Final = "swapped"
"""The field that says whether given and family names are swapped; level 1 means yes."""

NAME_PAIR_FIELD: Final = "name_pair"
"""The field that shows whether names that are alike crosswise have a word in common; it has no table of its own."""

EXCHANGED_FIELD: Final = "birth_month"
"""The field whose extra level means that month and day are exchanged."""


def has_extra_level(field: str) -> bool:
    """Return whether a comparison field may have a level beyond those of its edges."""
    return field in (SWAPPED_FIELD, EXCHANGED_FIELD)


def level_count(field: str, edges: Sequence[float]) -> int:
    """Return the number of levels of a comparison field with the given edges.

    Args:
        field: Name of the field.
        edges: Distances in descending order; empty for `swapped`.

    Returns:
        One more than the number of edges, plus one for `swapped` and `birth_month`.
    """
    return len(edges) + (2 if has_extra_level(field) else 1)


def n_levels(table: FieldTable) -> int:
    """Return the number of levels of a table.

    Args:
        table: A table of a profile or a model.

    Returns:
        The number of its levels.

    Raises:
        ValueError: The number of probabilities does not match the edges.
    """
    found = len(table.u)
    plain = len(table.edges) + 1
    # A layout with a month but no day has no exchanges, so its table may lack the extra level.
    if found != level_count(table.field, table.edges) and not (found == plain and table.field == EXCHANGED_FIELD):
        raise ValueError("the number of levels of a field table does not match its edges")
    return found


def ordered_levels(table: FieldTable) -> int:
    """Return the number of levels, from 0, that are ordered by similarity.

    Args:
        table: A table of a profile or a model.

    Returns:
        The number of levels without an extra level.
    """
    return len(table.edges) + 1


def pattern_codes(levels: NDArray[np.int8], n_levels: Sequence[int]) -> NDArray[np.int64]:
    """Encode each pattern as one number.

    Args:
        levels: `(p, f) int8`, -1 where absent.
        n_levels: Levels of each field.

    Returns:
        `(p,) int64`: digits `level + 1` in the mixed radix `n_levels + 1`, the first field most significant.

    Raises:
        ValueError: More patterns are possible than 64 bits can number, or a level is out of range.
    """
    limits = np.asarray(n_levels, np.int64)
    if prod(count + 1 for count in n_levels) > np.iinfo(np.int64).max:
        raise ValueError("too many fields and levels for one pattern code")
    if levels.shape[1] != len(limits) or (levels < -1).any() or (levels >= limits).any():
        raise ValueError("levels are out of range")
    codes = np.zeros(len(levels), np.int64)
    for field, limit in enumerate(limits):
        codes = codes * (limit + 1) + (levels[:, field].astype(np.int64) + 1)
    return codes


def pattern_levels(codes: NDArray[np.int64], n_levels: Sequence[int]) -> NDArray[np.int8]:
    """Decode patterns that `pattern_codes` encoded.

    Args:
        codes: `(p,) int64`.
        n_levels: Levels of each field.

    Returns:
        `(p, f) int8`, -1 where absent.
    """
    levels = np.empty((len(codes), len(n_levels)), np.int8)
    rest = codes
    for field in range(len(n_levels) - 1, -1, -1):
        rest, digit = np.divmod(rest, n_levels[field] + 1)
        levels[:, field] = digit - 1
    return levels


def compared_fields(
    a: NDArray[np.int64], b: NDArray[np.int64], levels: NDArray[np.int8], n_records: int
) -> NDArray[np.int64]:
    """Return the set of fields in which each record was compared with any other.

    Args:
        a: `(p,) int64`, the index of one record of each candidate pair.
        b: `(p,) int64`, that of the other.
        levels: `(p, f) int8`, -1 where absent.
        n_records: Number of records.

    Returns:
        `(n,) int64`, one bit per field, the first field lowest; 0 for a record without pairs.
    """
    bits = ((levels >= 0) << np.arange(levels.shape[1], dtype=np.int64)).sum(axis=1)
    fields = np.zeros(n_records, np.int64)
    np.bitwise_or.at(fields, a, bits)
    np.bitwise_or.at(fields, b, bits)
    return fields


@dataclass(frozen=True, eq=False)
class PatternCounts:
    """Number of pairs with each pattern in each stratum.

    Attributes:
        n_levels: Levels of each field.
        strata: `(k,) int64`, stratum numbers.
        codes: `(k,) int64`, pattern codes.
        counts: `(k,) int64`, at least 1. Rows are distinct and sorted by stratum and code.
    """

    n_levels: tuple[int, ...]
    strata: NDArray[np.int64]
    codes: NDArray[np.int64]
    counts: NDArray[np.int64]


def count_patterns(
    levels: NDArray[np.int8], strata: NDArray[np.integer], tables: Sequence[FieldTable]
) -> PatternCounts:
    """Count the patterns of each stratum.

    Args:
        levels: `(p, f) int8`, -1 where absent.
        strata: `(p,)` integers, the stratum number of each pair.
        tables: The tables that the levels were made with.

    Returns:
        Counts that do not depend on the order of the pairs.

    Raises:
        ValueError: The levels do not match the tables.
    """
    return patterns_of(levels, strata, tables)[0]


def patterns_of(
    levels: NDArray[np.int8], strata: NDArray[np.integer], tables: Sequence[FieldTable]
) -> tuple[PatternCounts, NDArray[np.int32]]:
    """Count the patterns of each stratum, and return to which of them each pair belongs.

    Args:
        levels: As for `count_patterns`.
        strata: As for `count_patterns`.
        tables: As for `count_patterns`.

    Returns:
        The counts; `(p,) int32`, their row for each pair.

    Raises:
        ValueError: As for `count_patterns`.
    """
    limits = tuple(n_levels(table) for table in tables)
    codes, numbers = pattern_codes(levels, limits), np.asarray(strata, np.int64)
    order = np.lexsort((codes, numbers))
    numbers, codes = numbers[order], codes[order]
    starts = np.flatnonzero(np.diff(numbers, prepend=-1) | np.diff(codes, prepend=-1))
    found = PatternCounts(limits, numbers[starts], codes[starts], np.diff(starts, append=len(codes)))
    rows = np.empty(len(order), np.int32)
    rows[order] = np.repeat(np.arange(len(starts), dtype=np.int32), found.counts)
    return found, rows
