"""From facts to codes: docs/spec.md, sections 5 to 7, for a batch of records at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pseudonym.bloom import MAX_TOKENS, ContentEncoder, Ragged, SegmentTokens
from pseudonym.canonical import length_prefixed
from pseudonym.keys import Subkeys
from pseudonym.minhash import MinHasher
from pseudonym.prf import BLOCK_BYTES, BlockPRF, counters
from pseudonym.profile import Combination, Encoding, MinHash
from pseudonym.record import Facts
from pseudonym.tokens import Parts, combination_items, filter_tokens, minhash_tokens, presence, slot_tokens

__all__ = ["CodeMaker", "Codes", "keyed_digests"]

CODE_STRIDE: Final = 65536
"""Noise blocks reserved for each code of a record; the last one is the match key of a missing code."""


@dataclass(frozen=True, slots=True, repr=False)
class Codes:
    """The codes of `n` records, `c` codes each.

    Attributes:
        kind: `(n, c) uint8`, the place of the match key in the profile.
        match_key: `(n, c, 16) uint8`.
        content: `(n, c, content_bytes) uint8`.
    """

    kind: NDArray[np.uint8]
    match_key: NDArray[np.uint8]
    content: NDArray[np.uint8]


class CodeMaker:
    """Make the codes of one body under one profile. Equal facts and ids give equal codes."""

    def __init__(self, encoding: Encoding, subkeys: Subkeys, *, reporter: str) -> None:
        """Prepare for a body; its code enters the padding, so that two bodies' missing codes never meet."""
        self._encoding = encoding
        self._subkeys = subkeys
        self._reporter = reporter
        self._contents = ContentEncoder(encoding, subkeys)
        self._noise_blocks = BlockPRF(subkeys.noise_block)
        self._hashers = {
            key.kind: MinHasher(subkeys.minhash_rows, n_rows=key.bands * key.rows)
            for key in encoding.match_keys
            if isinstance(key, MinHash)
        }
        starts = np.cumsum([0, *encoding.codes_per_kind])
        self._first_code = {key.kind: int(start) for key, start in zip(encoding.match_keys, starts, strict=False)}

    def __call__(self, facts: Sequence[Facts], record_ids: Sequence[str]) -> Codes:
        """Encode a batch.

        Args:
            facts: The facts of `n` records.
            record_ids: Their ids, from which the padding is derived.

        Returns:
            The codes.

        Sees: plaintext and key
        """
        encoding = self._encoding
        self._forget()
        records = keyed_digests(
            self._subkeys.noise_seed.reveal(), ((self._reporter, record_id) for record_id in record_ids)
        ).view("<u8")
        match_key, content = self._missing_codes(records)
        owner, slot, digests = self._match_keys(facts)
        match_key[owner, slot] = digests[:, :BLOCK_BYTES]
        seeds = np.ascontiguousarray(digests[:, BLOCK_BYTES:]).view("<u8")
        segments = [self._segment_tokens(index, facts) for index in range(len(encoding.segments))]
        # With the seed in it, the noise of one version of a record tells nothing about that of another.
        noise = self._noise(records[owner] ^ seeds, slot)
        content[owner, slot] = self._contents(owner, seeds, segments, noise)
        kind = np.repeat(np.arange(len(encoding.match_keys), dtype=np.uint8), encoding.codes_per_kind)
        return Codes(np.tile(kind, (len(facts), 1)), match_key, content)

    def _forget(self) -> None:
        """Drop the token hashes once there are many, so that memory does not grow with the input."""
        if len(self._contents.tokens) > MAX_TOKENS:
            self._contents.tokens.reset()
            for hasher in self._hashers.values():
                hasher.reset()

    def _missing_codes(self, records: NDArray[np.uint64]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Give match keys `(n, c, 16)` and contents `(n, c, content_bytes)` as if every code were missing."""
        n, c = len(records), self._encoding.codes_per_record
        slot = np.tile(np.arange(c), n)
        seeds = np.repeat(records, c, axis=0)
        last = counters(slot.astype(np.uint64) * np.uint64(CODE_STRIDE) + np.uint64(CODE_STRIDE - 1))
        match_key = self._noise_blocks(seeds ^ last).view(np.uint8).reshape(n, c, BLOCK_BYTES)
        return match_key, self._noise(seeds, slot).reshape(n, c, self._encoding.content_bytes)

    def _noise(self, seeds: NDArray[np.uint64], slot: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Give the noise of codes, `(k, content_bytes)`, from their seeds `(k, 2)` and places in the record `(k,)`."""
        n_blocks = -(-self._encoding.content_bytes // BLOCK_BYTES)
        first = slot.astype(np.uint64) * np.uint64(CODE_STRIDE)
        blocks = seeds[:, None, :] ^ counters(first[:, None] + np.arange(n_blocks, dtype=np.uint64)[None])
        noise = self._noise_blocks(blocks).view(np.uint8).reshape(len(seeds), n_blocks * BLOCK_BYTES)
        return np.ascontiguousarray(noise[:, : self._encoding.content_bytes])

    def _match_keys(self, facts: Sequence[Facts]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint8]]:
        """Give for each filled code its record, its place among the record's codes, and its 32-byte digest."""
        owner: list[int] = []
        slot: list[int] = []
        digests: list[bytes] = []
        secret = self._subkeys.match_key.reveal()
        combinations = [key for key in self._encoding.match_keys if isinstance(key, Combination)]
        for index, fact in enumerate(facts):
            parts = Parts(fact)
            for key in combinations:
                first = self._first_code[key.kind]
                for place, items in enumerate(combination_items(parts, key)):
                    message = length_prefixed(key.kind, *items)
                    digests.append(hashlib.blake2b(message, key=secret, digest_size=32).digest())
                    owner.append(index)
                    slot.append(first + place)
        for banded in self._encoding.match_keys:
            if isinstance(banded, MinHash):
                self._minhash_keys(banded, facts, owner, slot, digests)
        joined = np.frombuffer(b"".join(digests), np.uint8).reshape(-1, 32)
        return np.array(owner, np.int64), np.array(slot, np.int64), joined

    def _minhash_keys(
        self, key: MinHash, facts: Sequence[Facts], owner: list[int], slot: list[int], digests: list[bytes]
    ) -> None:
        table = self._contents.tokens
        lists = [
            [table.place(tag, text, copy=copy) for (tag, text), copy in minhash_tokens(fact, key.weights)]
            for fact in facts
        ]
        filled = [index for index, one in enumerate(lists) if one]
        if not filled:
            return
        minima = self._hashers[key.kind].minima(Ragged.of([lists[index] for index in filled]), table)
        band_bytes = key.rows * 8
        secret = self._subkeys.match_key.reveal()
        heads = [length_prefixed(key.kind, str(band)) for band in range(key.bands)]
        first = self._first_code[key.kind]
        length = band_bytes.to_bytes(4, "little")
        for index, row in zip(filled, minima, strict=True):
            data = row.tobytes()
            for band, head in enumerate(heads):
                message = head + length + data[band * band_bytes : (band + 1) * band_bytes]
                digests.append(hashlib.blake2b(message, key=secret, digest_size=32).digest())
            owner += [index] * key.bands
            slot += range(first, first + key.bands)

    def _segment_tokens(self, index: int, facts: Sequence[Facts]) -> SegmentTokens:
        segment = self._encoding.segments[index]
        table = self._contents.tokens
        read = filter_tokens if segment.form == "filter" else slot_tokens
        tokens = [read(fact, segment.field) for fact in facts]
        n_blocks = -(-(segment.hashes or 1) // 8)
        blocks = tuple(
            Ragged.of([[table.place(tag, text, block=block) for tag, text in one] for one in tokens])
            for block in range(n_blocks)
        )
        shown = [
            table.place(*presence(fact, segment.field)) if one else -1 for fact, one in zip(facts, tokens, strict=True)
        ]
        return SegmentTokens(blocks=blocks, presence=np.array(shown, np.int64))


def keyed_digests(key: bytes, messages: Iterable[tuple[str, ...]]) -> NDArray[np.uint8]:
    """Give BLAKE2b-128 digests [RFC7693] of length-prefixed messages under a subkey.

    Args:
        key: The bytes of a subkey.
        messages: Tuples of texts.

    Returns:
        `(n, 16) uint8`.

    Sees: plaintext and key
    """
    digests = [
        hashlib.blake2b(length_prefixed(*message), key=key, digest_size=BLOCK_BYTES).digest() for message in messages
    ]
    return np.frombuffer(b"".join(digests), np.uint8).reshape(-1, BLOCK_BYTES)
