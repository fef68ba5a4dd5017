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
from itertools import groupby
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
NUMBERS_PER_WORD: Final = 4
NUMBER_BITS: Final = 16
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
        slots = [
            (place.first_bit + slot * segment.bits, segment.bits)
            for segment, place in zip(encoding.segments, encoding.layout, strict=True)
            for slot in range(segment.slots or 0)
        ]
        self._layout_of_singles = _Singles(
            [*slots, *((place.presence_bit, PRESENCE_BITS) for place in encoding.layout)]
        )
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
                    filters = cache(list_ids[:, 0])
                    for column in list_ids.T[1:]:
                        filters |= cache(column)
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
        turns = self._lists.in_turns(list_ids.ravel())
        own = _blocks(seeds).take(turns.order // list_ids.shape[1]).view("<u8").reshape(-1, 2)
        filters = np.zeros((len(own), -(-segment.bits // WORD_BITS)), np.uint64)
        for block in range(n_blocks(segment)):
            data = self._lists.hashes(turns.tokens, CONTENT, block).view("<u8").reshape(-1, 2)
            for first, n_lists in turns.spans:
                data[first : first + n_lists] ^= own[:n_lists]
            n_hashes = min(HASHES_PER_BLOCK, (segment.hashes or 1) - block * HASHES_PER_BLOCK)
            merge = _merge_short if segment.bits <= WORD_BITS else _merge_long
            merge(filters, self._filter(data), turns.spans, n_hashes, segment.bits)
        # Back from the order of the turns; a filter of several values has the bits of all.
        found = np.empty_like(filters)
        found[turns.order] = filters
        return found if list_ids.shape[1] == 1 else np.bitwise_or.reduce(found.reshape(*list_ids.shape, -1), axis=1)

    def _singles(self, values: Sequence[tuple[Ints, Ints]]) -> NDArray[np.void]:
        """Return the blocks of the slots and presence slots, each of which takes one number from one token.

        Returns:
            `(k, n)` blocks, the token hash of each of the `k` slots and `n` identities (arbitrary where the identity
            lacks the field).
        """
        of_segments = list(zip(self._encoding.segments, values, strict=True))
        tokens = [
            self._lists.token_at(list_ids[:, 0], slot)
            for segment, (list_ids, _) in of_segments
            for slot in range(segment.slots or 0)
        ]
        tokens += [self._lists.token_at(presence, 0) for _, (_, presence) in of_segments]
        return self._lists.hashes(np.stack(tokens), CONTENT)

    def _set_singles(self, words: Words, singles: NDArray[np.void], owner: Ints, seeds: Words) -> None:
        data = singles.take(owner, axis=1).view("<u8").reshape(len(singles), -1)
        data ^= seeds.ravel()
        self._layout_of_singles.put(words, self._filter(data)[:, ::2])

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


class _Singles:
    """Where the slots and presence slots lie, word by word."""

    def __init__(self, places: Sequence[tuple[int, int]]) -> None:
        """Take the first bit and the width of each, by rising first bits."""
        self._masks = np.array([(1 << n_bits) - 1 for _, n_bits in places], np.uint64)[:, None]
        shifts = [first_bit % WORD_BITS for first_bit, _ in places]
        self._shifts = np.array(shifts, np.uint64)[:, None]
        by_word = groupby(range(len(places)), key=lambda place: places[place][0] // WORD_BITS)
        self._of_words = [(word, slice((held := list(group))[0], held[-1] + 1)) for word, group in by_word]
        self._across = [
            (first_bit // WORD_BITS + 1, place, np.uint64(WORD_BITS - shifts[place]))
            for place, (first_bit, n_bits) in enumerate(places)
            if shifts[place] + n_bits > WORD_BITS
        ]

    def put(self, words: Words, numbers: Words) -> None:
        """Write numbers, `(k, c) uint64`, of which each slot takes its lowest bits; its bits must still be zero."""
        numbers = numbers & self._masks
        for word, place, shift in self._across:
            words[word] |= numbers[place] >> shift
        numbers <<= self._shifts
        for word, held in self._of_words:
            words[word] |= np.bitwise_or.reduce(numbers[held], axis=0)


def _blocks(seeds: Words) -> NDArray[np.void]:
    return np.ascontiguousarray(seeds, "<u8").view(BLOCK).ravel()


def _merge_short(filters: Words, found: Words, spans: Sequence[tuple[int, int]], n_hashes: int, n_bits: int) -> None:
    """Set the bits of tokens in filters of one word each.

    Args:
        filters: `(c, 1) uint64`.
        found: `(t, 2) uint64`, a block of pseudo-random numbers for each token, turn by turn.
        spans: For each turn, where its tokens begin, and how many filters take part.
        n_hashes: How many of the eight 16-bit numbers of a block set a bit.
        n_bits: Bits of a filter.
    """
    mask, one = np.uint64(n_bits - 1), np.uint64(1)
    bits = np.zeros(len(found), np.uint64)
    for number in range(n_hashes):
        half, place = divmod(number, NUMBERS_PER_WORD)
        if place == 0:
            numbers = found[:, half].copy()
        else:
            numbers >>= np.uint64(NUMBER_BITS)
        bits |= np.left_shift(one, numbers & mask)
    for first, n_filters in spans:
        filters[:n_filters, 0] |= bits[first : first + n_filters]


def _merge_long(filters: Words, found: Words, spans: Sequence[tuple[int, int]], n_hashes: int, n_bits: int) -> None:
    """Set the bits of tokens in filters of several words each, as `_merge_short` does."""
    bits = np.zeros(len(filters) * n_bits, bool)
    first_bits = np.concatenate([np.arange(0), *(np.arange(n_filters) for _, n_filters in spans)]) * n_bits
    numbers = found.view("<u2")
    for number in range(n_hashes):
        bits[first_bits + (numbers[:, number] & (n_bits - 1))] = True
    filters |= np.packbits(bits, bitorder="little").view("<u8").reshape(filters.shape)


def _put(words: Words, first_bit: int, values: Words) -> None:
    """Write `values` into `words` starting at `first_bit`; the bits there must still be zero."""
    word, shift = divmod(first_bit, WORD_BITS)
    words[word] |= values << np.uint64(shift)
    # Bits that do not fit into this word go into the next one.
    if shift and word + 1 < len(words):
        words[word + 1] |= values >> np.uint64(WORD_BITS - shift)
