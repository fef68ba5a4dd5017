"""Rekey codes with the registry's own key before they are stored.

A reporter's codes depend on the linkage key alone. With a leaked linkage key, a stolen registry file would be a
dictionary: encode every possible number and look it up. So the registry generates a key of its own, which no reporter
knows and which is stored outside the registry file, and stores only

- `BLAKE2b-128(K, match key)` in place of each match key, and
- each content with its bits permuted, by a permutation that `K` and the match key determine.

Two codes share a match key afterwards if and only if they did before. All segments of one form and width have the same
permutation, and bits only move within their segment (in slots segments and presence slots: within their slot). So every
Hamming distance is preserved, and given names can still be compared bit by bit with family names, and month with day.

All work is done on arrays: BLAKE2b and SHAKE-256 run once per distinct match key, sorting and gathering on blocks of
codes.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from linkage.keys import RegistryKey
from pseudonym.profile import PRESENCE_BITS, Encoding

__all__ = ["Rekeyed", "rekey"]

BLOCK: Final = 4_096
"""Codes per block: enough for numpy to be efficient, few enough for their bits to fit in the processor's cache."""

MATCH_KEY_BYTES: Final = 16

_CODE = struct.Struct("<IBI16s")
"""`lp(kind, match key)`: each item preceded by its length (docs/spec.md, section 1)."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Rekeyed:
    """Rekeyed codes, in the order of the input.

    Attributes:
        key_hi: (n,) uint64, the first half of the new match key, big-endian.
        key_lo: (n,) uint64, the second half.
        content: (n, content_bytes) uint8.
    """

    key_hi: NDArray[np.uint64]
    key_lo: NDArray[np.uint64]
    content: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class _Class:
    """All ranges of bits that share one permutation: the first bit of each, and their width."""

    first_bits: tuple[int, ...]
    width: int


def rekey(
    key: RegistryKey,
    encoding: Encoding,
    kind: NDArray[np.uint8],
    match_key: NDArray[np.uint8],
    content: NDArray[np.uint8],
) -> Rekeyed:
    """Rekey codes with the registry's own key.

    Equal input gives equal output. Codes with equal kind and match key get the same key, permutation and mask.

    Args:
        key: The registry key.
        encoding: The profile's encoding, which has the layout of the contents.
        kind: (n,) uint8.
        match_key: (n, 16) uint8.
        content: (n, content_bytes) uint8.

    Returns:
        New keys and contents, row by row.
    """
    classes = _classes(encoding)
    keys, contents, masks = (key.subkey(purpose) for purpose in ("match-key", "content", "mask"))
    halves = np.empty((len(kind), 2), dtype=np.uint64)
    permuted = np.empty_like(content)
    for start in range(0, len(kind), BLOCK):
        rows = slice(start, start + BLOCK)
        codes, index = _distinct(kind[rows], match_key[rows])
        halves[rows] = _new_keys(keys, codes)[index]
        permuted[rows] = _permute(content[rows], index, _sort_keys(contents, codes, classes), classes)
        if encoding.padded:
            permuted[rows] ^= _mask(masks, codes, encoding.content_bytes)[index]
    return Rekeyed(halves[:, 0], halves[:, 1], permuted)


def _classes(encoding: Encoding) -> tuple[_Class, ...]:
    """Collect the ranges that share a permutation: equal form and width; presence slots are a separate form."""
    ranges: dict[tuple[str, int], list[int]] = {}
    for place in encoding.layout:
        width = place.n_bits if place.form == "filter" else place.slot_bits
        firsts = range(place.first_bit, place.first_bit + place.n_bits, width)
        ranges.setdefault((place.form, width), []).extend(firsts)
        ranges.setdefault(("presence", PRESENCE_BITS), []).append(place.presence_bit)
    return tuple(_Class(tuple(firsts), width) for (_, width), firsts in sorted(ranges.items()))


def _distinct(kind: NDArray[np.uint8], match_key: NDArray[np.uint8]) -> tuple[list[bytes], NDArray[np.intp]]:
    """Return the distinct codes of a block as bytes to be hashed, and for each row its index among them."""
    joined = np.concatenate([kind[:, None], match_key], axis=1)
    rows, index = np.unique(joined.view(f"V{joined.shape[1]}").ravel(), return_inverse=True)
    codes = [_CODE.pack(1, row[0], MATCH_KEY_BYTES, row[1:]) for row in map(bytes, rows.tolist())]
    return codes, index


def _new_keys(subkey: bytes, codes: Sequence[bytes]) -> NDArray[np.uint64]:
    """Hash each code to 128 bits, as two big-endian halves: (n, 2) uint64."""
    digests = b"".join([hashlib.blake2b(code, key=subkey, digest_size=16).digest() for code in codes])
    return np.frombuffer(digests, dtype=">u8").reshape(-1, 2).astype(np.uint64)


def _sort_keys(subkey: bytes, codes: Sequence[bytes], classes: Sequence[_Class]) -> NDArray[np.uint32]:
    """Derive for each code one 32-bit number per bit of each class: (n, total width) uint32."""
    n_bytes = 4 * sum(group.width for group in classes)
    # SHAKE-256 takes no key. A secret prefix is sound, because a sponge allows no length extension.
    start = hashlib.shake_256(subkey)
    streams = []
    for code in codes:
        state = start.copy()
        state.update(code)
        streams.append(state.digest(n_bytes))
    return np.frombuffer(b"".join(streams), dtype="<u4").reshape(len(codes), n_bytes // 4)


def _permute(
    content: NDArray[np.uint8], index: NDArray[np.intp], sort_keys: NDArray[np.uint32], classes: Sequence[_Class]
) -> NDArray[np.uint8]:
    """Permute the bits of each content: row `i` by the permutations of distinct code `index[i]`."""
    bits = np.unpackbits(content, axis=1, bitorder="little")
    result = bits.copy()
    row = np.arange(len(bits), dtype=np.int64)[:, None] * bits.shape[1]
    flat = bits.ravel()
    first = 0
    for group in classes:
        order = _orders(sort_keys[:, first : first + group.width])[index]
        first += group.width
        for first_bit in group.first_bits:
            result[:, first_bit : first_bit + group.width] = flat[row + (order + first_bit)]
    return np.packbits(result, axis=1, bitorder="little")


def _mask(subkey: bytes, codes: Sequence[bytes], n_bytes: int) -> NDArray[np.uint8]:
    """Return a mask for each distinct code, `(n, n_bytes) uint8`.

    A permutation alone preserves the number of ones in each segment, which anybody with the linkage key can compute for
    any person. The mask cancels between two contents under one match key, so distances are preserved. Contents without
    a pad are compared by their ones, so they get no mask.
    """
    streams = b"".join([hashlib.shake_256(subkey + code).digest(n_bytes) for code in codes])
    return np.frombuffer(streams, np.uint8).reshape(len(codes), n_bytes)


def _orders(sort_keys: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Turn each row of random numbers into the permutation that sorts it: (n, width) int64.

    The index of each number is packed below it in the low bits, because a plain sort is several times as fast as
    argsort. Equal numbers, one pair in 2^32, are sorted by index.
    """
    width = sort_keys.shape[1]
    shift = np.uint64((width - 1).bit_length())
    packed = (sort_keys.astype(np.uint64) << shift) | np.arange(width, dtype=np.uint64)
    packed.sort(axis=1)
    packed &= (np.uint64(1) << shift) - np.uint64(1)
    return packed.astype(np.int64)
