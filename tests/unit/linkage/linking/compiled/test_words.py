"""Bits of words against Python's integers."""

from __future__ import annotations

import numpy as np
import pytest

from linkage.linking.compiled.words import bits, popcount


@pytest.mark.parametrize("word", [0, 1, 2**63, 2**64 - 1, 0x8000_0000_0000_0001, 0x0123_4567_89AB_CDEF])
def test_ones_of_a_word(word):
    assert popcount(np.uint64(word)) == word.bit_count()


def test_bits_are_read_as_little_endian_words():
    words = np.frombuffer(bytes(range(16)), "<u8").astype(np.uint64)
    assert bits(words, 8, 8) == 1
    assert bits(words, 60, 8) == int.from_bytes(bytes(range(16)), "little") >> 60 & 255
