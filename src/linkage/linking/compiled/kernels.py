"""Loops that compare candidate rows, compiled.

Each has a slow twin in plain Python in `tests/unit/linkage/linking`, and must give equal results at the edges of words.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from linkage.linking.compiled.jit import compiled
from linkage.linking.compiled.words import bits, n_differing_slots, n_ones, n_ones_of_xor

__all__ = [
    "SLOT_ONES",
    "SLOT_SPREAD",
    "Plan",
    "Rows",
    "aggregate",
    "closest",
    "of_closest_identities",
]

SLOT_ONES: Final = 8
"""Weight of a differing slot, in ones of a filter, when combinations of two records are ordered by distance. Two
unrelated names of 64 bits differ in about 24 bits, and distinguish two persons about as well as three digits."""

SLOT_SPREAD: Final = 2
"""Maximum difference in differing slots between two rows of the same two identities. Different characters look equal in
one of 16 rows, so three at once do in one of 4,096."""


class Rows(NamedTuple):
    """Rows of candidate pairs, as words.

    `xor` is `(rows, w) uint64`, the XOR of the two contents; row `starts[p]` is the first of pair `p`, and `starts` has
    one entry more than there are pairs.
    """

    xor: NDArray[np.uint64]
    starts: NDArray[np.int64]


class Plan(NamedTuple):
    """The positions of the segments of a content, for compiled code.

    `segments` is `(f, 6) int64`: first bit, bits, bits of a slot, slots (0 for a filter), first presence bit, presence
    bits. `names` are the columns of given and family names, `dates` those of month and day; -1 if there are none.
    `swap_margin` is the number of ones by which the two names' XORs must exceed twice their cross to be swapped.
    """

    segments: NDArray[np.int64]
    names: tuple[int, int]
    dates: tuple[int, int]
    swap_margin: float


@compiled
def _sum_filters(words: NDArray[np.uint64], segments: NDArray[np.int64], sums: NDArray[np.int64]) -> None:
    """Add the ones of each filter of one row to the sums of its pair."""
    for field in range(segments.shape[0]):
        if segments[field, 3] == 0:
            sums[field] += n_ones(words, segments[field, 0], segments[field, 1])


@compiled
def _add_slots(any_words: NDArray[np.uint64], segments: NDArray[np.int64], sums: NDArray[np.int64]) -> None:
    """Set the number of slots that differ in any row, or -1 where a presence slot does (`any_words`: OR of XORs)."""
    for field in range(segments.shape[0]):
        if bits(any_words, segments[field, 4], segments[field, 5]) != 0:
            sums[field] = -1
        elif segments[field, 3] > 0:
            sums[field] = n_differing_slots(any_words, segments[field, 0], segments[field, 2], segments[field, 3])


@compiled
def aggregate(
    rows: Rows, plan: Plan, totals: NDArray[np.int64], crosses: NDArray[np.int64], exchanged: NDArray[np.bool_]
) -> None:
    """Sum the differences of all rows of each pair.

    Args:
        rows: The rows.
        plan: The positions of the segments.
        totals: `(p, f) int64`, written: for a filter the ones in the XOR, summed over the rows; for slots the number of
            slots that differ in any row; -1 where a presence slot differs in any row.
        crosses: `(p,) int64`, written: the ones in the XOR of the two name segments' XORs, summed over the rows; 0
            without these segments.
        exchanged: `(p,) bool`, written: month and day have the same XOR in every row, which is not zero in all of them.
    """
    segments, (given, family), (month, day) = plan.segments, plan.names, plan.dates
    any_words = np.empty(rows.xor.shape[1], np.uint64)
    for pair in range(len(rows.starts) - 1):
        any_words[:] = 0
        sums = totals[pair]
        sums[:] = 0
        cross = 0
        same, some = month >= 0, False
        for row in range(rows.starts[pair], rows.starts[pair + 1]):
            words = rows.xor[row]
            for word in range(words.shape[0]):
                any_words[word] |= words[word]
            _sum_filters(words, segments, sums)
            if given >= 0:
                cross += n_ones_of_xor(words, segments[given, 0], segments[family, 0], segments[given, 1])
            if same:
                of_month = bits(words, segments[month, 0], segments[month, 1])
                same = of_month == bits(words, segments[day, 0], segments[day, 1])
                some |= of_month != 0
        crosses[pair] = cross
        exchanged[pair] = same and some
        _add_slots(any_words, segments, sums)


@compiled
def _total(words: NDArray[np.uint64], plan: Plan) -> tuple[int, int]:
    """Return the distance of one row over the fields that are present, and the number of absent fields."""
    segments, (given, family) = plan.segments, plan.names
    total = absent = 0
    names = np.full(2, -1, np.int64)
    for field in range(segments.shape[0]):
        if bits(words, segments[field, 4], segments[field, 5]) != 0:
            absent += 1
            continue
        first, n_slots = segments[field, 0], segments[field, 3]
        if n_slots == 0:
            ones = n_ones(words, first, segments[field, 1])
        else:
            ones = SLOT_ONES * n_differing_slots(words, first, segments[field, 2], n_slots)
        total += ones
        if field == given:
            names[0] = ones
        elif field == family:
            names[1] = ones
    if names[0] >= 0 and names[1] >= 0:
        straight = names[0] + names[1]
        cross = n_ones_of_xor(words, segments[given, 0], segments[family, 0], segments[given, 1])
        if straight - 2 * cross > plan.swap_margin:
            total += cross - straight
    return total, absent


@compiled
def _less(words: NDArray[np.uint64], others: NDArray[np.uint64]) -> bool:
    """Return whether `words` are less than `others` in lexicographic order."""
    for word in range(words.shape[0]):
        if words[word] != others[word]:
            return bool(words[word] < others[word])
    return False


@compiled
def _closest_row(rows: Rows, plan: Plan, first: int, end: int) -> int:
    """Return the row with the smallest distance; ties go to the fewest absent fields, then to the smallest XOR."""
    best = rows.xor[first]
    least = _total(best, plan)
    found = first
    for row in range(first + 1, end):
        words = rows.xor[row]
        total = _total(words, plan)
        if total < least or (total == least and _less(words, best)):
            best, least, found = words, total, row
    return found


@compiled
def closest(rows: Rows, groups: NDArray[np.int64], plan: Plan, counted: NDArray[np.bool_]) -> None:
    """Select the rows that count where records repeat a match key with several contents.

    Of all rows of a pair and match key, only the closest counts. A pair that shares repeated keys is compared on those
    alone: they show all identities of the record, other keys only one.

    Args:
        rows: The rows.
        groups: First row of each pair and match key, and the end.
        plan: The positions of the segments.
        counted: `(rows,) bool`, written. It does not depend on which record is left and which right, nor on the order
            of the rows of one match key, except between rows with the same XOR.
    """
    counted[:] = False
    group = 0
    for pair in range(len(rows.starts) - 1):
        begin, end = group, group
        repeated = False
        while groups[end] < rows.starts[pair + 1]:
            repeated |= groups[end + 1] - groups[end] > 1
            end += 1
        for position in range(begin, end):
            if groups[position + 1] - groups[position] > 1:
                counted[_closest_row(rows, plan, groups[position], groups[position + 1])] = True
            elif not repeated:
                counted[groups[position]] = True
        group = end


@compiled
def of_closest_identities(rows: Rows, plan: Plan, counted: NDArray[np.bool_]) -> None:
    """Select the rows of each pair that may show the same two identities as the row with the fewest differing slots.

    Two records with several identities may share match keys that come from different identities, such as the same name
    with two dates. Such a row is no evidence about the most similar identities and would hide them, because a slot
    counts as different if it differs in any row.

    Args:
        rows: The rows.
        plan: The positions of the segments.
        counted: `(rows,) bool`, written.
    """
    apart = np.empty(rows.xor.shape[0], np.int64)
    words = np.empty(rows.xor.shape[1], np.uint64)
    for pair in range(len(rows.starts) - 1):
        first, end = rows.starts[pair], rows.starts[pair + 1]
        words[:] = 0
        for row in range(first, end):
            for word in range(words.shape[0]):
                words[word] |= rows.xor[row, word]
        # No row has more differing slots than the OR of all rows, and in most pairs that has few.
        if end - first == 1 or _slots_apart(words, plan.segments, False) <= SLOT_SPREAD:
            counted[first:end] = True
            continue
        least = np.int64(64 * words.shape[0])
        for row in range(first, end):
            apart[row] = _slots_apart(rows.xor[row], plan.segments, True)
            least = min(least, apart[row])
        for row in range(first, end):
            counted[row] = apart[row] <= least + SLOT_SPREAD


@compiled
def _slots_apart(words: NDArray[np.uint64], segments: NDArray[np.int64], present: bool) -> int:
    """Count the differing slots of all fields, or only of those that are present."""
    total = 0
    for field in range(segments.shape[0]):
        n_slots = segments[field, 3]
        if n_slots > 0 and not (present and bits(words, segments[field, 4], segments[field, 5]) != 0):
            total += n_differing_slots(words, segments[field, 0], segments[field, 2], n_slots)
    return total
