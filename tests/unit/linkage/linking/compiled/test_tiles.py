"""The all-pairs kernel against its slow twin, at the edges of words and tiles."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from linkage.linking.compiled.tiles import TILE, similar_pairs, tiled
from tests.unit.linkage.linking.twins import slow_dice


def draw_filters(n, n_bits, seed):
    """Draw filters of very different fill, some empty, some full, many alike."""
    rng = np.random.default_rng(seed)
    bits = rng.random((n, n_bits)) < rng.choice([0.0, 0.2, 0.5, 0.8, 1.0], n, p=[0.1, 0.3, 0.3, 0.2, 0.1])[:, None]
    copies = rng.integers(0, n, n // 2)
    bits[: n // 2] = bits[copies] ^ (rng.random((n // 2, n_bits)) < 0.1)
    padded = np.zeros((n, -(-n_bits // 64) * 64), bool)
    padded[:, :n_bits] = bits
    return np.packbits(padded, axis=1, bitorder="little").view("<u8").astype(np.uint64)


def fast_pairs(words, ratio, *, span=None, capacity=200_000):
    found = np.full((capacity, 2), -1, np.int64)
    ones = np.bitwise_count(words).sum(axis=1, dtype=np.int64)
    total = similar_pairs(tiled(words), ones, span or (0, len(words)), ratio, found)
    return total, found


def slow_pairs(words, ratio, *, span=None):
    filters = [int.from_bytes(row.astype("<u8").tobytes(), "little") for row in words]
    begin, end = span or (0, len(words))
    return [
        (i, j)
        for i in range(begin, end)
        for j in range(i + 1, len(words))
        if slow_dice(filters[i], filters[j]) >= Fraction(*ratio)
    ]


def assert_like_twin(words, ratio, **options):
    total, found = fast_pairs(words, ratio, **options)
    expected = slow_pairs(words, ratio, **options)
    assert total == len(expected)
    assert sorted(map(tuple, found[:total].tolist())) == expected
    return total


@pytest.mark.parametrize("n_bits", [1, 8, 63, 64, 65, 127, 128, 129, 511, 512, 513, 640, 1023, 1024, 1025])
@pytest.mark.parametrize("ratio", [(3, 5), (4, 5), (1, 1), (1, 3)])
def test_word_edges(n_bits, ratio):
    assert assert_like_twin(draw_filters(90, n_bits, n_bits), ratio) > 0


@pytest.mark.parametrize("n", [0, 1, 2, TILE - 1, TILE, TILE + 1, 2 * TILE, 2 * TILE + 1])
def test_tile_edges(n):
    assert_like_twin(draw_filters(n, 65, n), (3, 5))


@pytest.mark.parametrize("span", [(0, 1), (0, 128), (1, 130), (127, 129), (128, 256), (200, 300), (299, 300)])
def test_spans(span):
    assert_like_twin(draw_filters(300, 64, 1), (3, 5), span=span)


def test_spans_together_give_all_pairs_once():
    words = draw_filters(300, 64, 2)
    total = sum(fast_pairs(words, (3, 5), span=(begin, min(begin + 37, 300)))[0] for begin in range(0, 300, 37))
    assert total == len(slow_pairs(words, (3, 5)))


def test_a_threshold_is_met_exactly():
    # Dice 2 * 3 / (5 + 5) is .6, which no binary fraction is.
    words = np.array([[0b11111], [0b1111100]], np.uint64)
    assert fast_pairs(words, (3, 5))[0] == 1
    assert fast_pairs(words, (601, 1000))[0] == 0


def test_two_empty_filters_are_not_alike():
    words = np.zeros((3, 2), np.uint64)
    assert fast_pairs(words, (1, 1000))[0] == 0
    assert fast_pairs(words, (0, 1))[0] == 3


def test_pairs_beyond_the_capacity_are_counted():
    words = np.full((50, 1), 7, np.uint64)
    total, found = fast_pairs(words, (1, 1), capacity=10)
    assert total == 50 * 49 // 2
    assert (found >= 0).all()


def test_tiles_hold_words_first():
    words = np.arange(3 * (TILE + 1), dtype=np.uint64).reshape(-1, 3)
    tiles = tiled(words)
    assert tiles.shape == (2, 3, TILE)
    assert (tiles[0, :, 5] == words[5]).all()
    assert (tiles[1, :, 0] == words[TILE]).all()
    assert not tiles[1, :, 1:].any()
