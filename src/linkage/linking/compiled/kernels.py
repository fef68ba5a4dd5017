"""Compiled loops over 64-bit words.

Each has a slow twin in `tests/unit/linking`, which says the same in plain Python and must give equal results at the
edges of a word. Bit `i` of a content is bit `i mod 64` of its word `i div 64`, least significant first, which is the
bit order of docs/spec.md read as little-endian words.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from linkage.linking.compiled.jit import compiled
from linkage.linking.compiled.words import bits, n_differing_slots, n_ones, n_ones_of_xor, same_and_not_zero

__all__ = [
    "SLOT_ONES",
    "SLOT_SPREAD",
    "Plan",
    "Rows",
    "aggregate",
    "closest",
    "of_one_pair",
]

SLOT_ONES: Final = 8
"""Ones of a filter that a differing slot weighs when combinations of two records are ordered by their distance: two
unrelated names of 64 bits differ in some 24, and tell two persons apart about as well as three digits."""

SLOT_SPREAD: Final = 2
"""By how many differing slots two rows of one pair of identities may lie apart: different characters look equal in one
of 16 rows, so three at once do in one of 4,096."""


class Rows(NamedTuple):
    """Rows of candidate pairs, as words.

    `left` and `right` are `(rows, w) uint64`; row `starts[p]` is the first of pair `p`, and `starts` has one entry more
    than there are pairs.
    """

    left: NDArray[np.uint64]
    right: NDArray[np.uint64]
    starts: NDArray[np.int64]


class Plan(NamedTuple):
    """Where the segments of a content stand, for compiled code.

    `places` is `(f, 6) int64`: first bit, bits, bits of a slot, slots (0 for a filter), first presence bit, presence
    bits. `names` holds the columns of given and family names, `dates` those of month and day; -1 where there is none.
    `swap_margin` says by how many ones more than twice those in the XOR of the two names' XORs the names must differ to
    be swapped.
    """

    places: NDArray[np.int64]
    names: tuple[int, int]
    dates: tuple[int, int]
    swap_margin: float


@compiled
def _sum_filters(words: NDArray[np.uint64], places: NDArray[np.int64], sums: NDArray[np.int64]) -> None:
    """Add the ones of each filter of one row to the sums of its pair."""
    for field in range(places.shape[0]):
        if places[field, 3] == 0:
            sums[field] += n_ones(words, places[field, 0], places[field, 1])


@compiled
def _add_slots(any_words: NDArray[np.uint64], places: NDArray[np.int64], sums: NDArray[np.int64]) -> None:
    """Write how many slots differ in any row, and -1 where a presence slot does; of the rows' XORs the OR is given."""
    for field in range(places.shape[0]):
        if bits(any_words, places[field, 4], places[field, 5]) != 0:
            sums[field] = -1
        elif places[field, 3] > 0:
            sums[field] = n_differing_slots(any_words, places[field, 0], places[field, 2], places[field, 3])


@compiled
def aggregate(
    rows: Rows, plan: Plan, totals: NDArray[np.int64], crossed: NDArray[np.int64], exchanged: NDArray[np.bool_]
) -> None:
    """Sum the differences of all rows of each pair.

    Args:
        rows: The rows.
        plan: Where the segments stand.
        totals: `(p, f) int64`, written: for a filter the ones in the XOR, summed over the rows; for slots how many
            slots differ in any row; -1 where a presence slot differs in any row.
        crossed: `(p,) int64`, written: the ones in the XOR of the two name segments' XORs, summed over the rows; 0
            without such segments.
        exchanged: `(p,) bool`, written: month and day have the same XOR, not zero, in every row.
    """
    places, (given, family), (month, day) = plan.places, plan.names, plan.dates
    words = np.empty(rows.left.shape[1], np.uint64)
    any_words = np.empty_like(words)
    for pair in range(len(rows.starts) - 1):
        any_words[:] = 0
        sums = totals[pair]
        sums[:] = 0
        crossing = 0
        same = month >= 0
        for row in range(rows.starts[pair], rows.starts[pair + 1]):
            for word in range(words.shape[0]):
                words[word] = rows.left[row, word] ^ rows.right[row, word]
                any_words[word] |= words[word]
            _sum_filters(words, places, sums)
            if given >= 0:
                crossing += n_ones_of_xor(words, places[given, 0], places[family, 0], places[given, 1])
            if same:
                same = same_and_not_zero(words, places[month, 0], places[day, 0], places[month, 1])
        crossed[pair] = crossing
        exchanged[pair] = same
        _add_slots(any_words, places, sums)


@compiled
def _total(words: NDArray[np.uint64], plan: Plan) -> tuple[int, int]:
    """Return the distance of one row over the fields that are present, and how many fields are absent."""
    places, (given, family) = plan.places, plan.names
    total = absent = 0
    names = np.full(2, -1, np.int64)
    for field in range(places.shape[0]):
        if bits(words, places[field, 4], places[field, 5]) != 0:
            absent += 1
            continue
        first, n_slots = places[field, 0], places[field, 3]
        if n_slots == 0:
            ones = n_ones(words, first, places[field, 1])
        else:
            ones = SLOT_ONES * n_differing_slots(words, first, places[field, 2], n_slots)
        total += ones
        if field == given:
            names[0] = ones
        elif field == family:
            names[1] = ones
    if names[0] >= 0 and names[1] >= 0:
        straight = names[0] + names[1]
        crossed = n_ones_of_xor(words, places[given, 0], places[family, 0], places[given, 1])
        if straight - 2 * crossed > plan.swap_margin:
            total += crossed - straight
    return total, absent


@compiled
def _less(words: NDArray[np.uint64], others: NDArray[np.uint64]) -> bool:
    """Return whether words come before others in order; of equal ones neither does."""
    for word in range(words.shape[0]):
        if words[word] != others[word]:
            return bool(words[word] < others[word])
    return False


@compiled
def _closest_row(rows: Rows, plan: Plan, first: int, end: int) -> int:
    """Find the row of least distance; of equals that with fewest absent fields, then that with the smallest XOR."""
    best = rows.left[first] ^ rows.right[first]
    least = _total(best, plan)
    found = first
    for row in range(first + 1, end):
        words = rows.left[row] ^ rows.right[row]
        total = _total(words, plan)
        if total < least or (total == least and _less(words, best)):
            best, least, found = words, total, row
    return found


@compiled
def closest(rows: Rows, groups: NDArray[np.int64], plan: Plan, kept: NDArray[np.bool_]) -> None:
    """Choose the rows that count where records repeat a match key with several contents.

    Of all rows of a pair and match key the closest counts. A pair that shares a repeated key is compared in such keys
    only: they show all identities of the record, the other keys one of them.

    Args:
        rows: The rows.
        groups: First row of each pair and match key, and the end.
        plan: Where the segments stand.
        kept: `(rows,) bool`, written. Which of the records is left and which right, and the order of the rows of one
            match key, do not matter: of two rows with one XOR it is the same which is kept.
    """
    kept[:] = False
    group = 0
    for pair in range(len(rows.starts) - 1):
        begin, end = group, group
        repeated = False
        while groups[end] < rows.starts[pair + 1]:
            repeated |= groups[end + 1] - groups[end] > 1
            end += 1
        for place in range(begin, end):
            if groups[place + 1] - groups[place] > 1:
                kept[_closest_row(rows, plan, groups[place], groups[place + 1])] = True
            elif not repeated:
                kept[groups[place]] = True
        group = end


@compiled
def of_one_pair(rows: Rows, plan: Plan, kept: NDArray[np.bool_]) -> None:
    """Choose the rows of each pair that may show the same two identities as the row with the fewest differing slots.

    Two records of several identities may share match keys that each of them shows with another identity: one name of
    two dates. Such a row says nothing about the identities that are alike, and would hide them, as a slot that differs
    in any row counts.

    Args:
        rows: The rows.
        plan: Where the segments stand.
        kept: `(rows,) bool`, written.
    """
    apart = np.empty(rows.left.shape[0], np.int64)
    words = np.empty(rows.left.shape[1], np.uint64)
    for pair in range(len(rows.starts) - 1):
        first, end = rows.starts[pair], rows.starts[pair + 1]
        words[:] = 0
        for row in range(first, end):
            for word in range(words.shape[0]):
                words[word] |= rows.left[row, word] ^ rows.right[row, word]
        # No row has more differing slots than all rows together, and those of most pairs have few.
        if end - first == 1 or _slots_apart(words, plan.places, False) <= SLOT_SPREAD:
            kept[first:end] = True
            continue
        least = np.int64(64 * words.shape[0])
        for row in range(first, end):
            for word in range(words.shape[0]):
                words[word] = rows.left[row, word] ^ rows.right[row, word]
            apart[row] = _slots_apart(words, plan.places, True)
            least = min(least, apart[row])
        for row in range(first, end):
            kept[row] = apart[row] <= least + SLOT_SPREAD


@compiled
def _slots_apart(words: NDArray[np.uint64], places: NDArray[np.int64], present: bool) -> int:
    """Count the differing slots, of all fields or of those that are present."""
    total = 0
    for field in range(places.shape[0]):
        n_slots = places[field, 3]
        if n_slots > 0 and not (present and bits(words, places[field, 4], places[field, 5]) != 0):
            total += n_differing_slots(words, places[field, 0], places[field, 2], n_slots)
    return total
