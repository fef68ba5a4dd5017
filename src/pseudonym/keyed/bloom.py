"""Contents: Bloom filters and slots bound to a match key (docs/spec.md, section 7). Sees keys, no identity.

The bits depend on the secret half of the match key, so a name gives unrelated bits under two match keys. A pad derived
from the match key covers the whole content, so a code that nobody shares looks random and hides its fill. The fill of
an unpadded filter shows how many tokens it holds, and frequency attacks start there [Christen2017].

Contents are built from 64-bit words, word by word for a few thousand codes at a time, so the working set stays in the
processor's cache. The slow twin, bit by bit and code by code, is `tests/vectors/reference.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pseudonym.canonical import length_prefixed
from pseudonym.keyed.keys import Subkeys
from pseudonym.keyed.prf import BLOCK, BLOCK_BYTES, BlockPRF, KeyedHash
from pseudonym.keyed.token_lists import CONTENT, RowCache, TokenLists
from pseudonym.profile import PRESENCE_BITS, Combination, Encoding, Place, Segment

__all__ = ["ContentEncoder", "n_blocks"]

HASHES_PER_BLOCK: Final = 8
WORD_BITS: Final = 64

CHUNK_CODES: Final = 2048
"""Codes per chunk: the blocks of their tokens take a few hundred kilobytes."""

CHUNK_BITS: Final = 1 << 22
"""Content bits per chunk, for profiles with long filters: their bits are set as bytes before they are packed."""

Words = NDArray[np.uint64]
Ints = NDArray[np.int64]


def n_blocks(segment: Segment) -> int:
    """Return the number of hash blocks that a segment needs per token."""
    return -(-(segment.hashes or 1) // HASHES_PER_BLOCK)


class ContentEncoder:
    """Encode contents under one profile."""

    def __init__(self, encoding: Encoding, subkeys: Subkeys, lists: TokenLists) -> None:
        """Prepare for `encoding`; `lists` holds the tokens of each value."""
        self._lists = lists
        self._filter = BlockPRF(subkeys.filter)
        self._encoding = encoding
        self._n_words = encoding.content_bytes * 8 // WORD_BITS
        self._chunk = min(CHUNK_CODES, max(1, CHUNK_BITS // (encoding.content_bytes * 8)))
        pads = range(-(-encoding.content_bytes // BLOCK_BYTES) if encoding.padded else 0)
        pad_hash = KeyedHash(subkeys.token, digest_bytes=BLOCK_BYTES)
        hashes = pad_hash(length_prefixed("pad", str(index), "0") for index in pads)
        self._pads = hashes.view("<u8").reshape(len(pads), 1, 2)
        self._masks = [
            (self._mask(place.first_bit, place.n_bits), self._mask(place.presence_bit, PRESENCE_BITS))
            for place in encoding.layout
        ]
        # With a single empty match key all codes share one seed, so each value has one filter.
        keys = encoding.match_keys
        one_seed = len(keys) == 1 and isinstance(keys[0], Combination) and not keys[0].parts
        self._seed: Words = np.zeros((1, 2), np.uint64)
        self._cached_filters = [
            RowCache(partial(self._value_filters, segment), width=-(-segment.bits // WORD_BITS), chunk=self._chunk)
            for segment in encoding.segments
            if one_seed
        ]

    def _mask(self, first_bit: int, n_bits: int) -> Words:
        """Return `(words, 1) uint64` with `n_bits` bits set from `first_bit` on."""
        ones = ((1 << n_bits) - 1) << first_bit
        return np.frombuffer(ones.to_bytes(self._n_words * 8, "little"), "<u8").astype(np.uint64)[:, None]

    def forget(self) -> None:
        """Forget the filters of values, when their lists are forgotten."""
        for cache in self._cached_filters:
            cache.forget()

    def __call__(
        self,
        owner: Ints,
        seeds: Words,
        values: Sequence[tuple[Ints, Ints]],
        noise: NDArray[np.uint8],
    ) -> NDArray[np.uint8]:
        """Encode the contents of the filled codes of a batch.

        Args:
            owner: `(c,) int64`, index of the identity whose content each code carries.
            seeds: `(c, 2) uint64`, the secret halves of the match keys.
            values: For each segment, `(n, s) int64` with the lists of the `s` values whose tokens it takes, and
                `(n,) int64` with the list of its presence token.
            noise: `(c, content_bytes) uint8`, used where a field is absent.

        Returns:
            `(c, content_bytes) uint8`. Equal input gives equal output.
        """
        singles = self._singles(values)
        cleared, noisy = self._absent(values)
        self._seed = seeds[:1]
        out = np.empty((len(owner), self._n_words), "<u8")
        for first in range(0, len(owner), self._chunk):
            part = slice(first, first + self._chunk)
            identity, seed = owner[part], seeds[part]
            words = np.zeros((self._n_words, len(identity)), np.uint64)
            self._set_filters(words, values, identity, seed)
            self._set_singles(words, singles, identity, seed)
            self._pad(words, seed)
            words &= ~cleared.take(identity, axis=1)
            words |= noise[part].view("<u8").T & noisy.take(identity, axis=1)
            out[part] = words.T
        return out.view(np.uint8)

    def _set_filters(self, words: Words, values: Sequence[tuple[Ints, Ints]], owner: Ints, seeds: Words) -> None:
        for index, (segment, place) in enumerate(zip(self._encoding.segments, self._encoding.layout, strict=True)):
            if segment.form == "filter":
                list_ids = values[index][0].take(owner, axis=0)
                if self._cached_filters:
                    cache = self._cached_filters[index]
                    filters = np.bitwise_or.reduce([cache(column) for column in list_ids.T])
                else:
                    filters = self._filters(segment, list_ids, seeds)
                for number, column in enumerate(filters.T):
                    _put(words, place.first_bit + number * WORD_BITS, column)

    def _value_filters(self, segment: Segment, list_ids: Ints) -> Words:
        """Return the filters of single values under the one seed that all codes share."""
        return self._filters(segment, list_ids[:, None], np.repeat(self._seed, len(list_ids), axis=0))

    def _filters(self, segment: Segment, list_ids: Ints, seeds: Words) -> Words:
        """Return the filters of codes, `(c, words) uint64`.

        Args:
            segment: The segment.
            list_ids: `(c, s) int64`, the lists whose tokens each filter holds.
            seeds: `(c, 2) uint64`.
        """
        tokens = self._lists.tokens(list_ids.ravel())
        counts = self._lists.counts(list_ids).sum(axis=1)
        spread = np.repeat(_blocks(seeds), counts).view("<u8")
        positions = []
        for block in range(n_blocks(segment)):
            data = self._lists.hashes(tokens, CONTENT, block).view("<u8")
            data ^= spread
            found = self._filter(data).view("<u2").reshape(-1, HASHES_PER_BLOCK)
            columns = min(HASHES_PER_BLOCK, (segment.hashes or 1) - block * HASHES_PER_BLOCK)
            positions += [found[:, column] & np.uint16(segment.bits - 1) for column in range(columns)]
        return _short(positions, counts) if segment.bits <= WORD_BITS else _long(positions, counts, segment.bits)

    def _singles(self, values: Sequence[tuple[Ints, Ints]]) -> list[tuple[int, int, NDArray[np.void]]]:
        """List the slots and presence slots, each of which takes one number from one token.

        Returns:
            For each slot its first bit, its width in bits, and `(n,)` blocks with the token hash of each identity
            (arbitrary where the identity lacks the field).
        """
        singles = []
        for segment, place, (list_ids, presence) in self._parts(values):
            slots = [
                (place.first_bit + slot * segment.bits, segment.bits, self._lists.token_at(list_ids[:, 0], slot))
                for slot in range(segment.slots or 0)
            ]
            slots.append((place.presence_bit, PRESENCE_BITS, self._lists.token_at(presence, 0)))
            singles += [(first_bit, n_bits, self._lists.hashes(tokens, CONTENT)) for first_bit, n_bits, tokens in slots]
        return singles

    def _set_singles(
        self, words: Words, singles: Sequence[tuple[int, int, NDArray[np.void]]], owner: Ints, seeds: Words
    ) -> None:
        data = np.concatenate([hashes.take(owner) for _, _, hashes in singles]).view("<u8").reshape(len(singles), -1)
        data ^= seeds.ravel()
        found = self._filter(data).view("<u2").reshape(len(singles), len(owner), -1)[:, :, 0]
        for (first_bit, n_bits, _), numbers in zip(singles, found, strict=True):
            _put(words, first_bit, (numbers & ((1 << n_bits) - 1)).astype(np.uint64))

    def _pad(self, words: Words, seeds: Words) -> None:
        pads = self._filter(self._pads ^ seeds[None])
        for index in range(len(words) if len(pads) else 0):
            words[index] ^= pads[index // 2, :, index % 2]

    def _absent(self, values: Sequence[tuple[Ints, Ints]]) -> tuple[Words, Words]:
        """Return the bits to clear for each identity, and those of them that noise fills, `(words, n) uint64` each."""
        n = len(values[0][1])
        cleared, noisy = np.zeros((2, self._n_words, n), np.uint64)
        for (field, presence), (_, _, (list_ids, _)) in zip(self._masks, self._parts(values), strict=True):
            absent = np.where(self._lists.counts(list_ids).any(axis=1), np.uint64(0), ~np.uint64(0))
            cleared |= (field | presence) & absent
            noisy |= (field | presence if self._encoding.padded else presence) & absent
        return cleared, noisy

    def _parts(self, values: Sequence[tuple[Ints, Ints]]) -> zip[tuple[Segment, Place, tuple[Ints, Ints]]]:
        return zip(self._encoding.segments, self._encoding.layout, values, strict=True)


def _blocks(seeds: Words) -> NDArray[np.void]:
    return np.ascontiguousarray(seeds, "<u8").view(BLOCK).ravel()


def _short(positions: Sequence[NDArray[np.uint16]], counts: Ints) -> Words:
    """Return filters of one word each; `counts` says how many tokens each filter has."""
    ones = np.zeros(len(positions[0]), np.uint64)
    for column in positions:
        ones |= np.left_shift(np.uint64(1), column, dtype=np.uint64)
    out = np.zeros((len(counts), 1), np.uint64)
    filled = counts > 0
    starts = (np.cumsum(counts) - counts)[filled]
    if len(starts):
        out[filled, 0] = np.bitwise_or.reduceat(ones, starts)
    return out


def _long(positions: Sequence[NDArray[np.uint16]], counts: Ints, n_bits: int) -> Words:
    """Return filters of several words each, as `_short` does."""
    bits = np.zeros(len(counts) * n_bits, bool)
    first = np.repeat(np.arange(len(counts)) * n_bits, counts)
    for column in positions:
        bits[first + column] = True
    packed = np.packbits(bits, bitorder="little").view("<u8")
    return packed.reshape(len(counts), n_bits // WORD_BITS).astype(np.uint64)


def _put(words: Words, first_bit: int, values: Words) -> None:
    """Write `values` into `words` starting at `first_bit`; the bits there must still be zero."""
    word, shift = divmod(first_bit, WORD_BITS)
    words[word] |= values << np.uint64(shift)
    # Bits that do not fit into this word go into the next one.
    if shift and word + 1 < len(words):
        words[word + 1] |= values >> np.uint64(WORD_BITS - shift)
