"""Bits of 64-bit words, compiled.

Bit `i` of a content is bit `i mod 64` of its word `i div 64`, least significant first, which is the bit order of
docs/spec.md read as little-endian words.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from linkage.linking.compiled.jit import compiled

__all__ = ["bits", "n_differing_slots", "n_ones", "n_ones_of_xor", "popcount"]

U64 = np.uint64


@compiled
def popcount(word: np.uint64) -> np.uint64:
    """Count the ones of a word by halves [Warren2012]; LLVM compiles this form to one instruction."""
    word = word - ((word >> U64(1)) & U64(0x5555555555555555))
    word = (word & U64(0x3333333333333333)) + ((word >> U64(2)) & U64(0x3333333333333333))
    word = (word + (word >> U64(4))) & U64(0x0F0F0F0F0F0F0F0F)
    return (word * U64(0x0101010101010101)) >> U64(56)


@compiled
def bits(words: NDArray[np.uint64], first: int, n_bits: int) -> np.uint64:
    """Return up to 64 bits from any position."""
    word = first >> 6
    shift = first & 63
    value: np.uint64 = words[word] >> U64(shift)
    if shift + n_bits > 64:
        value |= words[word + 1] << U64(64 - shift)
    if n_bits < 64:
        value &= (U64(1) << U64(n_bits)) - U64(1)
    return value


@compiled
def n_ones(words: NDArray[np.uint64], first: int, n_bits: int) -> int:
    """Count the ones in a range of bits."""
    total = 0
    for done in range(0, n_bits, 64):
        total += int(popcount(bits(words, first + done, min(64, n_bits - done))))
    return total


@compiled
def n_ones_of_xor(words: NDArray[np.uint64], one: int, other: int, n_bits: int) -> int:
    """Count the ones in the XOR of two segments of the same length that begin at `one` and `other`."""
    total = 0
    for done in range(0, n_bits, 64):
        part = min(64, n_bits - done)
        total += int(popcount(bits(words, one + done, part) ^ bits(words, other + done, part)))
    return total


@compiled
def n_differing_slots(words: NDArray[np.uint64], first: int, slot_bits: int, n_slots: int) -> int:
    """Count the slots that are not zero."""
    total = 0
    if slot_bits * n_slots > 64:
        for slot in range(n_slots):
            total += int(bits(words, first + slot * slot_bits, slot_bits) != 0)
        return total
    value = bits(words, first, slot_bits * n_slots)
    if value != 0:
        # OR each bit with the bits behind it, so that the first bit of a slot becomes the OR of the slot.
        n_ored = 1
        while n_ored < slot_bits:
            step = min(n_ored, slot_bits - n_ored)
            value |= value >> U64(step)
            n_ored += step
        for slot in range(n_slots):
            total += int((value >> U64(slot * slot_bits)) & U64(1))
    return total
