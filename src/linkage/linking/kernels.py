"""Compiled loops over 64-bit words.

Each has a slow twin in `tests/unit/linking`, which says the same in plain Python and must give equal results at the
edges of a word. Bit `i` of a content is bit `i mod 64` of its word `i div 64`, least significant first, which is the
bit order of docs/spec.md read as little-endian words.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = [
    "SLOT_ONES",
    "SLOT_SPREAD",
    "TILE",
    "Plan",
    "Rows",
    "aggregate",
    "closest",
    "compiled",
    "of_one_pair",
    "similar_pairs",
    "tiled",
]

TILE: Final = 128
"""Records a tile: 128 accumulators of 8 bytes and the tile's words stay in the first-level cache."""

SLOT_ONES: Final = 8
"""Ones of a filter that a differing slot weighs when combinations of two records are ordered by their distance: two
unrelated names of 64 bits differ in some 24, and tell two persons apart about as well as three digits."""

SLOT_SPREAD: Final = 2
"""By how many differing slots two rows of one pair of identities may lie apart: different characters look equal in one
of 16 rows, so three at once do in one of 4,096."""

F = TypeVar("F", bound=Callable[..., Any])

U64 = np.uint64


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


def compiled(function: F) -> F:
    """Compile a function, keeping the machine code beside it where that place, or the user's cache, can be written.

    numba refuses at this point when it finds no place at all, as in a read-only installation without a home folder;
    then each process compiles for itself.

    Sees: neither
    """
    try:
        return cast(F, numba.njit(cache=True, nogil=True, error_model="numpy")(function))
    except RuntimeError:
        return cast(F, numba.njit(nogil=True, error_model="numpy")(function))


@compiled
def _popcount(word: np.uint64) -> np.uint64:
    """Count the ones of a word by halves [Warren2012]; LLVM knows this form and puts one instruction for it."""
    word = word - ((word >> U64(1)) & U64(0x5555555555555555))
    word = (word & U64(0x3333333333333333)) + ((word >> U64(2)) & U64(0x3333333333333333))
    word = (word + (word >> U64(4))) & U64(0x0F0F0F0F0F0F0F0F)
    return (word * U64(0x0101010101010101)) >> U64(56)


@compiled
def _bits(words: NDArray[np.uint64], first: int, n_bits: int) -> np.uint64:
    """Read up to 64 bits that begin anywhere."""
    word = first >> 6
    shift = first & 63
    value: np.uint64 = words[word] >> U64(shift)
    if shift + n_bits > 64:
        value |= words[word + 1] << U64(64 - shift)
    if n_bits < 64:
        value &= (U64(1) << U64(n_bits)) - U64(1)
    return value


@compiled
def _weight(words: NDArray[np.uint64], first: int, n_bits: int) -> int:
    """Count the ones in a range of bits."""
    total = 0
    for done in range(0, n_bits, 64):
        total += int(_popcount(_bits(words, first + done, min(64, n_bits - done))))
    return total


@compiled
def _weight_of_crossing(words: NDArray[np.uint64], one: int, other: int, n_bits: int) -> int:
    """Count the ones in the XOR of two segments of one length that begin at `one` and `other`."""
    total = 0
    for done in range(0, n_bits, 64):
        part = min(64, n_bits - done)
        total += int(_popcount(_bits(words, one + done, part) ^ _bits(words, other + done, part)))
    return total


@compiled
def _equal_and_not_zero(words: NDArray[np.uint64], one: int, other: int, n_bits: int) -> bool:
    """Say whether two segments of up to 64 bits hold the same bits, not all of them zero."""
    value = _bits(words, one, n_bits)
    return bool(value != 0 and value == _bits(words, other, n_bits))


@compiled
def _differing_slots(words: NDArray[np.uint64], first: int, slot_bits: int, n_slots: int) -> np.uint64:
    """Give a word with one bit a slot: whether the slot is not zero."""
    found = U64(0)
    for slot in range(n_slots):
        if _bits(words, first + slot * slot_bits, slot_bits) != 0:
            found |= U64(1) << U64(slot)
    return found


@compiled
def _add_row(words: NDArray[np.uint64], places: NDArray[np.int64], sums: NDArray[np.uint64]) -> None:
    """Add the differences of one row to the sums of its pair: `sums` is `(2, f)`, absence and ones or slots."""
    for field in range(places.shape[0]):
        first, n_slots = places[field, 0], places[field, 3]
        sums[0, field] |= _bits(words, places[field, 4], places[field, 5])
        if n_slots == 0:
            sums[1, field] += U64(_weight(words, first, places[field, 1]))
        else:
            sums[1, field] |= _differing_slots(words, first, places[field, 2], n_slots)


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

    Sees: neither
    """
    places, (given, family), (month, day) = plan.places, plan.names, plan.dates
    words = np.empty(rows.left.shape[1], np.uint64)
    sums = np.empty((2, places.shape[0]), np.uint64)
    for pair in range(len(rows.starts) - 1):
        sums[:] = 0
        crossing = 0
        same = month >= 0
        for row in range(rows.starts[pair], rows.starts[pair + 1]):
            for word in range(words.shape[0]):
                words[word] = rows.left[row, word] ^ rows.right[row, word]
            _add_row(words, places, sums)
            if given >= 0:
                crossing += _weight_of_crossing(words, places[given, 0], places[family, 0], places[given, 1])
            if same:
                same = _equal_and_not_zero(words, places[month, 0], places[day, 0], places[month, 1])
        crossed[pair] = crossing
        exchanged[pair] = same
        for field in range(places.shape[0]):
            total = sums[1, field] if places[field, 3] == 0 else _popcount(sums[1, field])
            totals[pair, field] = np.int64(total) if sums[0, field] == 0 else -1


@compiled
def _total(words: NDArray[np.uint64], plan: Plan) -> tuple[int, int]:
    """Give the distance of one row over the fields that are present, and how many fields are absent."""
    places, (given, family) = plan.places, plan.names
    total = absent = 0
    names = np.full(2, -1, np.int64)
    for field in range(places.shape[0]):
        if _bits(words, places[field, 4], places[field, 5]) != 0:
            absent += 1
            continue
        first, n_slots = places[field, 0], places[field, 3]
        if n_slots == 0:
            ones = _weight(words, first, places[field, 1])
        else:
            ones = SLOT_ONES * int(_popcount(_differing_slots(words, first, places[field, 2], n_slots)))
        total += ones
        if field == given:
            names[0] = ones
        elif field == family:
            names[1] = ones
    if names[0] >= 0 and names[1] >= 0:
        straight = names[0] + names[1]
        crossed = _weight_of_crossing(words, places[given, 0], places[family, 0], places[given, 1])
        if straight - 2 * crossed > plan.swap_margin:
            total += crossed - straight
    return total, absent


@compiled
def _less(words: NDArray[np.uint64], others: NDArray[np.uint64]) -> bool:
    """Say whether words come before others in order; of equal ones neither does."""
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

    Sees: neither
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

    Sees: neither
    """
    apart = np.empty(rows.left.shape[0], np.int64)
    for pair in range(len(rows.starts) - 1):
        first, end = rows.starts[pair], rows.starts[pair + 1]
        for row in range(first, end):
            apart[row] = _slots_apart(rows.left[row] ^ rows.right[row], plan.places)
        kept[first:end] = apart[first:end] <= apart[first:end].min() + SLOT_SPREAD


@compiled
def _slots_apart(words: NDArray[np.uint64], places: NDArray[np.int64]) -> int:
    """Count the differing slots of the fields that are present."""
    total = 0
    for field in range(places.shape[0]):
        n_slots = places[field, 3]
        if n_slots > 0 and _bits(words, places[field, 4], places[field, 5]) == 0:
            total += int(_popcount(_differing_slots(words, places[field, 0], places[field, 2], n_slots)))
    return total


def tiled(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Lay records out in tiles, words first, so that one instruction works on one word of several records.

    Args:
        words: `(n, w) uint64`.

    Returns:
        `(ceil(n / TILE), w, TILE) uint64`, a copy; what is missing in the last tile is zero.

    Sees: neither
    """
    n_tiles = -(-len(words) // TILE)
    padded = np.zeros((n_tiles * TILE, words.shape[1]), np.uint64)
    padded[: len(words)] = words
    return np.ascontiguousarray(padded.reshape(n_tiles, TILE, words.shape[1]).transpose(0, 2, 1))


@compiled
def _shared_ones(record: NDArray[np.uint64], tile: NDArray[np.uint64], shared: NDArray[np.uint64]) -> None:
    """Count the ones that a record shares with each record of a tile."""
    shared[:] = 0
    for word in range(tile.shape[0]):
        value = record[word]
        for column in range(TILE):
            shared[column] += _popcount(value & tile[word, column])


@compiled
def _any_similar(shared: NDArray[np.uint64], least: NDArray[np.int64], twice: int, need: int) -> np.bool_:
    """Say whether any record of a tile may be similar enough; without branches, so that it runs on vectors."""
    hit = np.bool_(False)
    for column in range(TILE):
        hit |= twice * np.int64(shared[column]) >= need + least[column]
    return hit


@compiled
def similar_pairs(
    tiles: NDArray[np.uint64],
    ones: NDArray[np.int64],
    span: tuple[int, int],
    ratio: tuple[int, int],
    found: NDArray[np.int64],
) -> int:
    """Find pairs of records whose Dice coefficient is at least a ratio: those of a span with all later records.

    Args:
        tiles: Filters as `tiled` lays them out.
        ones: `(n,) int64`, how many bits are set in each filter.
        span: First record and end of the records that are the earlier end of a pair.
        ratio: Numerator and denominator; the comparison is exact.
        found: `(capacity, 2) int64`, written: positions of the two records, in no particular order.

    Returns:
        How many pairs there are. Those beyond the capacity are not written. Two empty filters have the Dice coefficient
        0.

    Sees: neither
    """
    twice = 2 * ratio[1]
    total = 0
    shared = np.empty(TILE, np.uint64)
    least = np.zeros(TILE, np.int64)
    for tile in range(span[0] // TILE, tiles.shape[0]):
        begin = tile * TILE
        width = min(TILE, len(ones) - begin)
        for column in range(width):
            least[column] = ratio[0] * ones[begin + column]
        for i in range(span[0], min(span[1], begin + width - 1)):
            _shared_ones(tiles[i // TILE, :, i % TILE], tiles[tile], shared)
            need = ratio[0] * ones[i]
            if not _any_similar(shared, least, twice, need):
                continue
            for column in range(max(0, i + 1 - begin), width):
                # Two empty filters would pass the first test: 0 is not less than 0.
                similar = twice * np.int64(shared[column]) >= need + least[column]
                if similar and (shared[column] > 0 or ratio[0] == 0):
                    if total < found.shape[0]:
                        found[total, 0] = i
                        found[total, 1] = begin + column
                    total += 1
    return total
