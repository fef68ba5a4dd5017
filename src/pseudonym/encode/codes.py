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
from pseudonym.facts import Facts, Identity
from pseudonym.keys import Subkeys
from pseudonym.minhash import MinHasher
from pseudonym.prf import BLOCK_BYTES, BlockPRF, counters
from pseudonym.profile import Combination, Encoding, MinHash, Segment
from pseudonym.tokens import (
    combination_codes,
    content_classes,
    filter_tokens,
    minhash_tokens,
    presence,
    slot_tokens,
)

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


@dataclass(frozen=True, slots=True, repr=False)
class _Filled:
    """The filled codes of a batch: those whose match key comes from an identity.

    Attributes:
        record: `(c,) int64`, the record of each code.
        identity: `(c,) int64`, the place among all identities of the batch of the one whose content it carries.
        slot: `(c,) int64`, its place among the record's codes.
        digests: `(c, 32) uint8`, the match key and the seed.
    """

    record: NDArray[np.int64]
    identity: NDArray[np.int64]
    slot: NDArray[np.int64]
    digests: NDArray[np.uint8]


class CodeMaker:
    """Make the codes of one body under one profile. Equal facts and ids give equal codes.

    A record has one identity or several, which lie end to end in a batch. Contents are those of identities, while noise
    and missing codes are those of the record.
    """

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
        identities = [identity for one in facts for identity in one.identities]
        records = keyed_digests(
            self._subkeys.noise_seed.reveal(), ((self._reporter, record_id) for record_id in record_ids)
        ).view("<u8")
        match_key, content = self._missing_codes(records)
        filled = self._filled_codes(facts, identities)
        match_key[filled.record, filled.slot] = filled.digests[:, :BLOCK_BYTES]
        seeds = np.ascontiguousarray(filled.digests[:, BLOCK_BYTES:]).view("<u8")
        segments = [self._segment_tokens(segment, identities) for segment in encoding.segments]
        # With the seed in it, the noise of one version of a record tells nothing about that of another.
        noise = self._noise(records[filled.record] ^ seeds, filled.slot)
        content[filled.record, filled.slot] = self._contents(filled.identity, seeds, segments, noise)
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

    def _filled_codes(self, facts: Sequence[Facts], identities: Sequence[Identity]) -> _Filled:
        """Make the match keys of the records; `identities` are theirs, end to end."""
        counts = np.array([len(one.identities) for one in facts], np.int64)
        starts = np.cumsum(counts) - counts
        parts = [self._combination_keys(facts, starts)]
        parts += [
            self._minhash_keys(key, identities, (starts, counts))
            for key in self._encoding.match_keys
            if isinstance(key, MinHash)
        ]
        return _Filled(
            record=np.concatenate([part.record for part in parts]),
            identity=np.concatenate([part.identity for part in parts]),
            slot=np.concatenate([part.slot for part in parts]),
            digests=np.concatenate([part.digests for part in parts]),
        )

    def _combination_keys(self, facts: Sequence[Facts], starts: NDArray[np.int64]) -> _Filled:
        places: list[tuple[int, int, int]] = []
        digests: list[bytes] = []
        secret = self._subkeys.match_key.reveal()
        combinations = [key for key in self._encoding.match_keys if isinstance(key, Combination)]
        for record, (one, start) in enumerate(zip(facts, starts.tolist(), strict=True)):
            classes = content_classes(one, self._encoding.segments)
            for key in combinations:
                first = self._first_code[key.kind]
                for place, (identity, items) in enumerate(combination_codes(one, key, classes)):
                    places.append((record, start + identity, first + place))
                    digests.append(_digest(secret, length_prefixed(key.kind, *items)))
        columns = np.array(places, np.int64).reshape(-1, 3)
        return _Filled(columns[:, 0], columns[:, 1], columns[:, 2], _joined(digests))

    def _minhash_keys(
        self, key: MinHash, identities: Sequence[Identity], place: tuple[NDArray[np.int64], NDArray[np.int64]]
    ) -> _Filled:
        """Make the bands of the records; `place` is the first identity of each and how many it has."""
        table = self._contents.tokens
        lists = [
            [table.place(tag, text, copy=copy) for (tag, text), copy in minhash_tokens(identity, key.weights)]
            for identity in identities
        ]
        starts, counts = place
        bands = np.arange(key.bands)
        # Identities take turns in giving a band.
        owner = starts[:, None] + bands[None] % counts[:, None]
        rich = np.array([bool(one) for one in lists], bool)
        record, band = np.nonzero(rich[owner])
        identity = owner[record, band]
        minima = np.zeros((len(lists), key.bands, key.rows), "<u8")
        if rich.any():
            found = self._hashers[key.kind].minima(Ragged.of([one for one in lists if one]), table)
            minima[rich] = found.reshape(-1, key.bands, key.rows)
        secret = self._subkeys.match_key.reveal()
        heads = [length_prefixed(key.kind, str(index)) + (key.rows * 8).to_bytes(4, "little") for index in bands]
        rows = minima[identity, band]
        digests = [
            _digest(secret, heads[index] + row.tobytes()) for index, row in zip(band.tolist(), rows, strict=True)
        ]
        return _Filled(record, identity, self._first_code[key.kind] + band, _joined(digests))

    def _segment_tokens(self, segment: Segment, identities: Sequence[Identity]) -> SegmentTokens:
        table = self._contents.tokens
        read = filter_tokens if segment.form == "filter" else slot_tokens
        tokens = [read(identity, segment.field) for identity in identities]
        n_blocks = -(-(segment.hashes or 1) // 8)
        blocks = tuple(
            Ragged.of([[table.place(tag, text, block=block) for tag, text in one] for one in tokens])
            for block in range(n_blocks)
        )
        shown = [
            table.place(*presence(identity, segment.field)) if one else -1
            for identity, one in zip(identities, tokens, strict=True)
        ]
        return SegmentTokens(blocks=blocks, presence=np.array(shown, np.int64))


def _digest(key: bytes, message: bytes) -> bytes:
    return hashlib.blake2b(message, key=key, digest_size=32).digest()


def _joined(digests: Sequence[bytes]) -> NDArray[np.uint8]:
    return np.frombuffer(b"".join(digests), np.uint8).reshape(-1, 32)


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
