"""From identities to codes: docs/spec.md, sections 5 to 7, for a batch of records at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pseudonym.canonical import length_prefixed
from pseudonym.encode.values import Values
from pseudonym.identity.identities import Identity
from pseudonym.identity.tokens import (
    MIN_TOKENS,
    CombinationCodes,
    Combinations,
    Source,
    content_classes,
    minhash_sources,
    rich_enough,
)
from pseudonym.keyed.bloom import ContentEncoder
from pseudonym.keyed.keys import Subkeys
from pseudonym.keyed.minhash import MinHasher
from pseudonym.keyed.prf import BLOCK_BYTES, BlockPRF, KeyedHash, counters
from pseudonym.keyed.token_lists import TokenLists
from pseudonym.profile import Combination, Encoding, MinHash
from pseudonym.wire.order import code_order, take_rows

__all__ = ["CodeMaker", "Codes", "keyed_digests"]

CODE_STRIDE: Final = 65536
"""Noise blocks reserved per code of a record; the last one is the match key of a missing code."""

DIGEST_BYTES: Final = 32
"""Length of a digest whose first half is the match key and whose second half is the seed."""

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Codes:
    """The codes of `n` records, `c` codes per record.

    Attributes:
        kind: `(n, c) uint8`, index of the match key in the profile.
        match_key: `(n, c, 16) uint8`.
        content: `(n, c, content_bytes) uint8`.
    """

    kind: NDArray[np.uint8]
    match_key: NDArray[np.uint8]
    content: NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Filled:
    """The filled codes of a batch, whose match keys come from an identity.

    Attributes:
        record: `(c,) int64`, index of the record of each code.
        identity: `(c,) int64`, index of the identity whose content the code carries, among all identities of the batch.
        slot: `(c,) int64`, index of the code among the codes of its record.
        digests: `(c, 32) uint8`, the match key and the seed.
    """

    record: Ints
    identity: Ints
    slot: Ints
    digests: NDArray[np.uint8]


class CodeMaker:
    """Make the codes of one reporter under one profile. Equal identities and ids give equal codes.

    A record has one identity or several; a batch holds them end to end. Contents come from identities, noise from the
    record id and the seed of its code, missing codes from the record id and all other codes.
    """

    def __init__(self, encoding: Encoding, subkeys: Subkeys, *, reporter: str) -> None:
        """Prepare for a reporter; its code enters the padding, so missing codes of two reporters never match."""
        self._encoding = encoding
        self._head = length_prefixed(reporter)
        self._values = Values(encoding, subkeys)
        self._contents = ContentEncoder(encoding, subkeys, self._values.lists)
        self._match_key_hash = KeyedHash(subkeys.match_key, digest_bytes=DIGEST_BYTES)
        self._band_hash = KeyedHash(subkeys.band, digest_bytes=DIGEST_BYTES)
        self._record_hash = KeyedHash(subkeys.noise_seed, digest_bytes=BLOCK_BYTES)
        self._unfilled_hash = KeyedHash(subkeys.unfilled, digest_bytes=BLOCK_BYTES)
        self._noise_blocks = BlockPRF(subkeys.noise_block)
        keys = list(zip(encoding.match_keys, np.cumsum([0, *encoding.codes_per_kind]).tolist(), strict=False))
        combinations = [(key, first) for key, first in keys if isinstance(key, Combination)]
        self._combinations = Combinations([key for key, _ in combinations])
        self._first_slots = np.array([first for _, first in combinations], np.int64)
        self._bands = [
            _Bands(key, first, subkeys, self._values.lists) for key, first in keys if isinstance(key, MinHash)
        ]

    def __call__(self, of_records: Sequence[Sequence[Identity]], record_ids: Sequence[str]) -> Codes:
        """Encode a batch.

        Args:
            of_records: The identities of each of `n` records.
            record_ids: Their ids, from which the padding is derived.

        Returns:
            The codes.

        Sees: plaintext and key
        """
        n, encoding = len(of_records), self._encoding
        if n == 0:
            return self._none()
        self._forget()
        heads = [self._head + length_prefixed(record_id) for record_id in record_ids]
        records = self._record_hash(heads).view("<u8")
        identities = [identity for own in of_records for identity in own]
        lists = self._values(identities)
        filled = self._filled_codes(of_records, identities, lists)
        seeds = np.ascontiguousarray(filled.digests[:, BLOCK_BYTES:]).view("<u8")
        # Seed and record alone: a code has the same noise in every version of the record that has the code.
        noise = self._noise(records[filled.record] ^ seeds, np.zeros_like(filled.slot))
        match_key = np.empty((n, encoding.codes_per_record, BLOCK_BYTES), np.uint8)
        content = np.empty((n, encoding.codes_per_record, encoding.content_bytes), np.uint8)
        match_key[filled.record, filled.slot] = filled.digests[:, :BLOCK_BYTES]
        contents = self._contents(filled.identity, seeds, self._values.of_segments(lists), noise)
        content[filled.record, filled.slot] = contents
        kind = np.repeat(np.arange(len(encoding.match_keys), dtype=np.uint8), encoding.codes_per_kind)
        if len(filled.record) < n * encoding.codes_per_record:
            rows = np.concatenate([kind[filled.slot, None], filled.digests[:, :BLOCK_BYTES], contents], axis=1)
            self._set_missing(match_key, content, self._unfilled_seeds(heads, filled.record, rows), filled)
        return Codes(np.tile(kind, (n, 1)), match_key, content)

    def _none(self) -> Codes:
        shape = (0, self._encoding.codes_per_record)
        empty = (
            np.zeros((*shape, *width), np.uint8) for width in ((), (BLOCK_BYTES,), (self._encoding.content_bytes,))
        )
        return Codes(*empty)

    def _forget(self) -> None:
        """Clear the caches once they are full, so that memory does not grow with the input."""
        if self._values.lists.full:
            self._values.lists.forget()
            self._contents.forget()
            for bands in self._bands:
                bands.forget()

    def _unfilled_seeds(self, heads: Sequence[bytes], record: Ints, rows: NDArray[np.uint8]) -> NDArray[np.uint64]:
        """Return the seed of the slots without a code, `(n, 2)`, from the set of filled codes of each record.

        Every change of a filled code changes it, so two versions of a record do not show which slots are empty.

        Args:
            heads: The reporter and the id of each record, as hashed.
            record: `(c,)`, index of the record of each filled code.
            rows: `(c, bytes)`, kind, match key and content of each.
        """
        owner = record.astype(">u4").view(np.uint8).reshape(len(record), 4)
        ordered = take_rows(rows, code_order(owner, rows)).tobytes()
        ends = (np.cumsum(np.bincount(record, minlength=len(heads))) * rows.shape[1]).tolist()
        return self._unfilled_hash(
            head + length_prefixed(ordered[start:end])
            for head, start, end in zip(heads, [0, *ends[:-1]], ends, strict=True)
        ).view("<u8")

    def _set_missing(
        self, match_key: NDArray[np.uint8], content: NDArray[np.uint8], records: NDArray[np.uint64], filled: _Filled
    ) -> None:
        """Fill the slots without a code with blocks of each record's seed."""
        missing = np.ones(match_key.shape[:2], bool)
        missing[filled.record, filled.slot] = False
        record, slot = np.nonzero(missing)
        last = slot.astype(np.uint64) * np.uint64(CODE_STRIDE) + np.uint64(CODE_STRIDE - 1)
        keys = self._noise_blocks(records[record] ^ counters(last))
        match_key[record, slot] = keys.view(np.uint8)
        content[record, slot] = self._noise(records[record], slot)

    def _noise(self, seeds: NDArray[np.uint64], slot: Ints) -> NDArray[np.uint8]:
        """Return the noise of codes, `(k, content_bytes)`, from their seeds `(k, 2)` and slots `(k,)`."""
        n_blocks = -(-self._encoding.content_bytes // BLOCK_BYTES)
        first = slot.astype(np.uint64) * np.uint64(CODE_STRIDE)
        blocks = np.repeat(seeds, n_blocks, axis=0).reshape(len(seeds), n_blocks, 2)
        blocks[:, :, 0] ^= first[:, None] + np.arange(n_blocks, dtype=np.uint64)[None]
        noise = self._noise_blocks(blocks).view(np.uint8).reshape(len(seeds), n_blocks * BLOCK_BYTES)
        return np.ascontiguousarray(noise[:, : self._encoding.content_bytes])

    def _filled_codes(
        self, of_records: Sequence[Sequence[Identity]], identities: Sequence[Identity], lists: dict[Source, Ints]
    ) -> _Filled:
        """Compute the match keys of the records; `identities` holds their identities end to end."""
        counts = np.array([len(own) for own in of_records], np.int64)
        starts = np.cumsum(counts) - counts
        owners, messages = self._combination_keys(of_records, starts)
        parts, digests = [owners], [_digests_of(messages, self._match_key_hash)]
        for bands in self._bands:
            owners, (numbers, minima) = bands(identities, lists, starts, counts)
            parts.append(owners)
            digests.append(self._band_hash.after(bands.heads, numbers, minima))
        record, identity, slot = np.concatenate(parts, axis=1)
        return _Filled(record, identity, slot, np.concatenate(digests))

    def _combination_keys(self, of_records: Sequence[Sequence[Identity]], starts: Ints) -> tuple[Ints, list[bytes]]:
        """Return record, identity and slot of the codes of combinations, `(3, c)`, and the messages to hash."""
        found = CombinationCodes()
        for own in of_records:
            if len(own) == 1:
                self._combinations.add_one(own[0], found)
            else:
                self._combinations.add_several(own, content_classes(own, self._encoding.segments), found)
        n_kinds = len(self._first_slots)
        number = np.array(found.counts, np.int64)
        record = np.repeat(np.arange(len(of_records)), number.reshape(len(of_records), n_kinds).sum(axis=1))
        within = np.arange(len(found.messages)) - np.repeat(np.cumsum(number) - number, number)
        slot = np.repeat(np.tile(self._first_slots, len(of_records)), number) + within
        return np.array([record, starts[record] + np.array(found.identity, np.int64), slot]), found.messages


class _Bands:
    """The MinHash bands of one match key.

    Attributes:
        heads: What the message to hash begins with, for each band; the minima of the band follow.
    """

    def __init__(self, key: MinHash, first_slot: int, subkeys: Subkeys, lists: TokenLists) -> None:
        self._key = key
        self._first_slot = first_slot
        self._sources = minhash_sources(key.weights)
        self._lists = lists
        self._hasher = MinHasher(
            subkeys.minhash_rows, lists, n_rows=key.bands * key.rows, copies=[weight for _, weight in self._sources]
        )
        self.forget = self._hasher.forget
        length = (key.rows * 8).to_bytes(4, "little")
        self.heads = [length_prefixed(key.kind, str(band)) + length for band in range(key.bands)]

    def __call__(
        self, identities: Sequence[Identity], found: dict[Source, Ints], starts: Ints, counts: Ints
    ) -> tuple[Ints, tuple[list[int], list[bytes]]]:
        """Compute the bands of records.

        Args:
            identities: Their identities, end to end.
            found: The lists of the identities' values.
            starts: `(n,)`, index of the first identity of each record.
            counts: `(n,)`, number of identities of each record.

        Returns:
            `(3, c) int64` with the record, identity and slot of each code; its band and the minima, as bytes.
        """
        key = self._key
        lists = np.stack([found[source] for source, _ in self._sources], axis=1)
        rich = self._rich(identities, lists)
        # The identities of a record take turns, band by band.
        owner = starts[:, None] + np.arange(key.bands) % counts[:, None]
        record, band = np.nonzero(rich[owner])
        identity = owner[record, band]
        minima = self._hasher.minima(lists).view(np.uint8).reshape(len(identities), key.bands, -1)
        rows = minima[identity, band]
        texts = np.ascontiguousarray(rows).view(f"V{rows.shape[1]}").ravel().tolist()
        return np.array([record, identity, self._first_slot + band]), (band.tolist(), texts)

    def _rich(self, identities: Sequence[Identity], lists: Ints) -> NDArray[np.bool_]:
        """Return which identities have enough tokens; only given and family names can have tokens in common."""
        n_tokens = np.sort(self._lists.counts(lists), axis=1)
        total = n_tokens.sum(axis=1)
        common = n_tokens[:, -2] if n_tokens.shape[1] > 1 else 0
        rich = total >= MIN_TOKENS
        for index in np.flatnonzero(rich & (total - common < MIN_TOKENS)).tolist():
            rich[index] = rich_enough(identities[index], self._sources)
        return np.asarray(rich)


def _digests_of(messages: Sequence[bytes], hash_: KeyedHash) -> NDArray[np.uint8]:
    """Return the digest of each message, hashing each distinct one once."""
    places = {message: place for place, message in enumerate(dict.fromkeys(messages))}
    digests = hash_(places)
    if len(places) == len(messages):
        return digests
    return digests[np.fromiter(map(places.__getitem__, messages), np.int64, len(messages))]


def keyed_digests(hash_: KeyedHash, messages: Iterable[tuple[str, ...]]) -> NDArray[np.uint8]:
    """Return the digests of length-prefixed messages under a subkey.

    Args:
        hash_: The hash function with its subkey.
        messages: Tuples of texts.

    Returns:
        `(n, digest_bytes) uint8`.

    Sees: plaintext and key
    """
    return hash_(length_prefixed(*message) for message in messages)
