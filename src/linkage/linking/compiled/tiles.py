"""All pairs of records with similar filters, compiled.

The slow twin is in `tests/unit/linkage/linking`; results are equal at the edges of words.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from linkage.linking.compiled.jit import compiled
from linkage.linking.compiled.words import popcount

__all__ = ["TILE", "similar_pairs", "tiled"]

TILE: Final = 128
"""Records per tile: 128 accumulators of 8 bytes and the tile's words stay in the first-level cache."""

UNROLLED: Final = 8
"""Words per pass over a tile; the counts of its records are read and written once per pass."""


def tiled(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Arrange records in tiles, words first, so that one instruction handles one word of several records.

    Args:
        words: `(n, w) uint64`.

    Returns:
        `(ceil(n / TILE), w, TILE) uint64`, a copy, with zeros in the unused part of the last tile.
    """
    n_tiles = -(-len(words) // TILE)
    padded = np.zeros((n_tiles * TILE, words.shape[1]), np.uint64)
    padded[: len(words)] = words
    return np.ascontiguousarray(padded.reshape(n_tiles, TILE, words.shape[1]).transpose(0, 2, 1))


@compiled
def _shared_ones(record: NDArray[np.uint64], tile: NDArray[np.uint64], shared: NDArray[np.uint64]) -> None:
    """Count the ones that a record shares with each record of a tile."""
    shared[:] = 0
    whole = tile.shape[0] // UNROLLED * UNROLLED
    for word in range(0, whole, UNROLLED):
        a, b, c, d = record[word], record[word + 1], record[word + 2], record[word + 3]
        e, f, g, h = record[word + 4], record[word + 5], record[word + 6], record[word + 7]
        for column in range(TILE):
            first = popcount(a & tile[word, column]) + popcount(b & tile[word + 1, column])
            first += popcount(c & tile[word + 2, column]) + popcount(d & tile[word + 3, column])
            second = popcount(e & tile[word + 4, column]) + popcount(f & tile[word + 5, column])
            second += popcount(g & tile[word + 6, column]) + popcount(h & tile[word + 7, column])
            shared[column] += first + second
    for word in range(whole, tile.shape[0]):
        value = record[word]
        for column in range(TILE):
            shared[column] += popcount(value & tile[word, column])


@compiled
def _any_similar(shared: NDArray[np.uint64], least: NDArray[np.int64], twice: int, need: int) -> np.bool_:
    """Return whether any record of a tile may be similar enough; without branches, so that it can be vectorised."""
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
    """Find the pairs between a span of records and all later ones whose Dice coefficient is at least a ratio.

    Args:
        tiles: Filters as `tiled` arranges them.
        ones: `(n,) int64`, number of bits set in each filter.
        span: First and end of the records that come first in a pair.
        ratio: Numerator and denominator; the comparison is exact.
        found: `(capacity, 2) int64`, written: indices of the two records, in no particular order.

    Returns:
        The number of pairs; those beyond the capacity are not written. The Dice coefficient of two empty filters is 0.
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
                # Two empty filters would pass the first test, since 0 >= 0.
                similar = twice * np.int64(shared[column]) >= need + least[column]
                if similar and (shared[column] > 0 or ratio[0] == 0):
                    if total < found.shape[0]:
                        found[total, 0] = i
                        found[total, 1] = begin + column
                    total += 1
    return total
