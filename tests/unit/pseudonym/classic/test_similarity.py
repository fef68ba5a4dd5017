"""Similarities of two filters, and of many with many, which are the same."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from bitarray import bitarray

from pseudonym.classic import (
    ClassicError,
    bit_matrix,
    bit_weights,
    dice,
    dice_matrix,
    filters_of,
    jaccard,
    jaccard_matrix,
)
from pseudonym.classic import similarity as module


def some(n: int, n_bits: int, seed: int = 1) -> list[bitarray]:
    """Return random filters, the first of them empty."""
    draw = random.Random(seed)
    return [bitarray([draw.random() < 0.4 and row > 0 for _ in range(n_bits)], endian="big") for row in range(n)]


def test_by_hand() -> None:
    a, b = bitarray("11100"), bitarray("01110")
    assert dice(a, b) == pytest.approx(2 * 2 / 6)
    assert jaccard(a, b) == pytest.approx(2 / 4)


def test_empty_filters_are_not_similar() -> None:
    empty = bitarray("0000")
    assert dice(empty, empty) == jaccard(empty, empty) == 0
    assert dice_matrix([empty, bitarray("0001")]).tolist() == [[0, 0], [0, 1]]


@pytest.mark.parametrize("n_bits", [8, 63, 64, 65, 1000])
def test_a_matrix_holds_what_pairs_have(n_bits: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TILE", 3)
    left, right = some(7, n_bits), some(5, n_bits, seed=2)
    for one, many in ((dice, dice_matrix), (jaccard, jaccard_matrix)):
        found = many(left, right)
        assert found.shape == (7, 5)
        assert found.dtype == np.float64
        assert found.tolist() == [[one(a, b) for b in right] for a in left]
        assert many(left).tolist() == many(left, left).tolist()


def test_jaccard_orders_pairs_as_dice_does() -> None:
    d, j = dice_matrix(some(9, 100)), jaccard_matrix(some(9, 100))
    assert np.allclose(j, d / (2 - d))


def test_weights_replace_the_numbers_of_bits() -> None:
    a, b = bitarray("1100"), bitarray("0110")
    weights = [1.0, 2.0, 4.0, 8.0]
    assert dice_matrix([a], [b], weights=weights)[0, 0] == pytest.approx(2 * 2 / (3 + 6))
    assert jaccard_matrix([a], [b], weights=weights)[0, 0] == pytest.approx(2 / 7)
    filters = some(6, 64)
    assert np.allclose(dice_matrix(filters, weights=np.full(64, 3.0)), dice_matrix(filters))


def test_a_bit_weighs_by_how_few_filters_have_it() -> None:
    filters = [bitarray("1110"), bitarray("1100"), bitarray("1000"), bitarray("1000")]
    assert bit_weights(filters).tolist() == [0, 1, 2, 0]
    assert bit_weights([]).tolist() == []


def test_an_array_of_bits_is_as_good_as_bitarrays() -> None:
    filters = some(4, 30)
    bits = bit_matrix(filters)
    assert (bits.shape, bits.dtype) == ((4, 30), np.uint8)
    assert filters_of(bits) == filters_of(bits.astype(bool)) == filters
    assert dice_matrix(bits.astype(bool), filters).tolist() == dice_matrix(filters).tolist()


def test_the_order_of_bits_in_memory_does_not_matter() -> None:
    big, little = bitarray("1100000001", endian="big"), bitarray("1100000001", endian="little")
    assert dice_matrix([big], [little]).tolist() == [[1.0]]


@pytest.mark.parametrize(
    ("a", "b", "weights", "rule"),
    [
        ([bitarray("1")], [bitarray("11")], None, "classic.lengths"),
        ([bitarray("1"), bitarray("11")], None, None, "classic.lengths"),
        (["1"], None, None, "classic.bits"),
        (np.array([[0, 2]]), None, None, "classic.bits"),
        (np.array([[0, -1]]), None, None, "classic.bits"),
        (np.array([0, 1]), None, None, "classic.bits"),
        (np.array([[0.0, 1.0]]), None, None, "classic.bits"),
        ([bitarray("11")], None, [1.0], "classic.weights"),
        ([bitarray("11")], None, [1.0, -1.0], "classic.weights"),
        ([bitarray("11")], None, [1.0, float("nan")], "classic.weights"),
        ([bitarray("11")], None, ["a", "b"], "classic.weights"),
    ],
)
def test_what_cannot_be_compared_is_refused(a: Any, b: Any, weights: Any, rule: str) -> None:
    for many in (dice_matrix, jaccard_matrix):
        with pytest.raises(ClassicError) as caught:
            many(a, b, weights=weights)
        assert caught.value.rule == rule


def test_two_filters_of_different_lengths_are_refused() -> None:
    for one in (dice, jaccard):
        with pytest.raises(ClassicError) as caught:
            one(bitarray("1"), bitarray("11"))
        assert caught.value.rule == "classic.lengths"


def test_nothing_compared_with_nothing() -> None:
    assert dice_matrix([]).shape == (0, 0)
    assert dice_matrix(some(2, 8), []).shape == (2, 0)
