"""Contents: Bloom-filter and slot segments bound to a match key (docs/spec.md, section 7). Sees keys, no identity.

Bits depend on the secret half of the match key, so under two match keys one name gives unrelated bits; and a pad that
the match key determines covers the whole, so that a code nobody shares looks random, its fill included. The fill of
unpadded filters gives away the number of tokens, which is what frequency attacks start from [Christen2017].
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from pseudonym.canonical import length_prefixed
from pseudonym.keys import Secret, Subkeys
from pseudonym.prf import BLOCK_BYTES, BlockPRF
from pseudonym.profile import PRESENCE_BITS, Encoding, Place, Segment

__all__ = ["ContentEncoder", "Ragged", "SegmentTokens", "TokenTable"]

HASHES_PER_BLOCK = 8
MAX_TOKENS = 50_000
"""Token hashes that are kept; names in rare scripts would let the table grow with the number of records."""


class TokenTable:
    """Keyed hashes of tokens, each computed once.

    A token is `(tag, text, copy, block)`. Places in `hashes` hold until `reset`.
    """

    __slots__ = ("_key", "_places", "_rows", "hashes")

    def __init__(self, key: Secret) -> None:
        """Take the subkey for tokens."""
        self._key = key
        self.reset()

    def reset(self) -> None:
        """Forget all tokens."""
        self._places: dict[tuple[str, str, int, int], int] = {}
        self._rows: list[bytes] = []
        self.hashes: NDArray[np.uint64] = np.zeros((0, 2), np.uint64)

    def place(self, tag: str, text: str, *, copy: int = 0, block: int = 0) -> int:
        """Give the place of a token's hash in `hashes`, once `commit` has run.

        Sees: key
        """
        token = (tag, text, copy, block)
        found = self._places.get(token)
        if found is None:
            message = length_prefixed(tag, text, str(copy), str(block))
            self._rows.append(hashlib.blake2b(message, key=self._key.reveal(), digest_size=BLOCK_BYTES).digest())
            found = self._places[token] = len(self._places)
        return found

    def commit(self) -> None:
        """Bring `hashes`, `(tokens, 2) uint64`, up to date."""
        if self._rows:
            new = np.frombuffer(b"".join(self._rows), "<u8").reshape(-1, 2)
            self.hashes = np.concatenate([self.hashes, new])
            self._rows = []

    def __len__(self) -> int:
        """Count the tokens."""
        return len(self._places)

    def __repr__(self) -> str:
        """Show the class only."""
        return "<TokenTable>"

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled or copied: the tokens are plaintext."""
        raise TypeError("A token table cannot be pickled or copied.")


@dataclass(frozen=True, slots=True, repr=False)
class Ragged:
    """Lists of places of differing length, end to end.

    Attributes:
        values: `(total,) int64`.
        counts: `(n,) int64`, the length of each list.
    """

    values: NDArray[np.int64]
    counts: NDArray[np.int64]

    @classmethod
    def of(cls, lists: Sequence[Sequence[int]]) -> Ragged:
        """Join lists."""
        counts = np.fromiter(map(len, lists), np.int64, len(lists))
        values = np.fromiter((value for one in lists for value in one), np.int64, int(counts.sum()))
        return cls(values, counts)

    def take(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Give the lists of `rows` end to end, and beside each value the place in `rows` that it belongs to."""
        counts = self.counts[rows]
        starts = np.concatenate([[0], np.cumsum(self.counts)])[rows]
        owner = np.repeat(np.arange(len(rows)), counts)
        within = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
        return self.values[np.repeat(starts, counts) + within], owner


@dataclass(frozen=True, slots=True, repr=False)
class SegmentTokens:
    """The tokens of one segment for a batch of `n` records, as places in a `TokenTable`.

    Attributes:
        blocks: Lists of places of the tokens' hashes, one `Ragged` for each eight hash functions; slots have one.
        presence: `(n,) int64`, the place of the presence token, or -1 where the field is absent.
    """

    blocks: tuple[Ragged, ...]
    presence: NDArray[np.int64]


class ContentEncoder:
    """Make contents of one profile."""

    def __init__(self, encoding: Encoding, subkeys: Subkeys) -> None:
        """Prepare for `encoding`."""
        self.tokens = TokenTable(subkeys.token)
        self._filter = BlockPRF(subkeys.filter)
        self._encoding = encoding

    def __call__(
        self,
        owner: NDArray[np.int64],
        seeds: NDArray[np.uint64],
        segments: Sequence[SegmentTokens],
        noise: NDArray[np.uint8],
    ) -> NDArray[np.uint8]:
        """Encode the contents of the filled codes of a batch.

        Args:
            owner: `(c,) int64`, the record of each code.
            seeds: `(c, 2) uint64`, the secret halves of the match keys.
            segments: The tokens of each segment, in the order of the profile.
            noise: `(c, content_bytes) uint8`, what stands in for absent fields.

        Returns:
            `(c, content_bytes) uint8`. Equal input gives equal output.

        Sees: key
        """
        encoding = self._encoding
        bits = np.zeros((len(owner), encoding.content_bytes * 8), bool)
        absent = np.zeros_like(bits)
        self.tokens.commit()
        for segment, place, tokens in zip(encoding.segments, encoding.layout, segments, strict=True):
            window = bits[:, place.first_bit : place.first_bit + place.n_bits]
            if segment.form == "filter":
                self._set_filter(window, segment, tokens, owner, seeds)
            else:
                self._set_slots(window, segment, tokens, owner, seeds)
            self._set_presence(bits, absent, place, tokens.presence[owner], seeds)
        content = np.packbits(bits, axis=1, bitorder="little")
        if encoding.padded:
            content ^= self._pad(seeds)
        mask = np.packbits(absent, axis=1, bitorder="little")
        return np.asarray((content & ~mask) | (noise & mask))

    def _numbers(self, seeds: NDArray[np.uint64], places: NDArray[np.int64]) -> NDArray[np.uint16]:
        """Give the eight 16-bit numbers of each (seed, token), `(…, 8) uint16`."""
        return self._filter(seeds ^ self.tokens.hashes[places]).view("<u2")

    def _set_filter(
        self,
        window: NDArray[np.bool_],
        segment: Segment,
        tokens: SegmentTokens,
        owner: NDArray[np.int64],
        seeds: NDArray[np.uint64],
    ) -> None:
        hashes = segment.hashes or 0
        for index, block in enumerate(tokens.blocks):
            places, code = block.take(owner)
            numbers = self._numbers(seeds[code], places)
            for column in range(min(HASHES_PER_BLOCK, hashes - index * HASHES_PER_BLOCK)):
                window[code, numbers[:, column] & (segment.bits - 1)] = True

    def _set_slots(
        self,
        window: NDArray[np.bool_],
        segment: Segment,
        tokens: SegmentTokens,
        owner: NDArray[np.int64],
        seeds: NDArray[np.uint64],
    ) -> None:
        places, code = tokens.blocks[0].take(owner)
        values = self._numbers(seeds[code], places)[:, 0] & ((1 << segment.bits) - 1)
        present = tokens.presence[owner] >= 0
        slots = ((values[:, None] >> np.arange(segment.bits, dtype=np.uint16)) & 1).astype(bool)
        window[present] = slots.reshape(int(present.sum()), segment.n_bits)

    def _set_presence(
        self,
        bits: NDArray[np.bool_],
        absent: NDArray[np.bool_],
        place: Place,
        presence: NDArray[np.int64],
        seeds: NDArray[np.uint64],
    ) -> None:
        there = presence >= 0
        values = self._numbers(seeds[there], presence[there])[:, 0]
        shown = ((values[:, None] >> np.arange(PRESENCE_BITS, dtype=np.uint16)) & 1).astype(bool)
        bits[there, place.presence_bit : place.presence_bit + PRESENCE_BITS] = shown
        absent[~there, place.presence_bit : place.presence_bit + PRESENCE_BITS] = True
        if self._encoding.padded:
            absent[~there, place.first_bit : place.first_bit + place.n_bits] = True

    def _pad(self, seeds: NDArray[np.uint64]) -> NDArray[np.uint8]:
        n_blocks = -(-self._encoding.content_bytes // BLOCK_BYTES)
        places = np.array([self.tokens.place("pad", str(index)) for index in range(n_blocks)])
        self.tokens.commit()
        blocks = self._filter(seeds[:, None, :] ^ self.tokens.hashes[places][None])
        return blocks.view(np.uint8).reshape(len(seeds), n_blocks * BLOCK_BYTES)[:, : self._encoding.content_bytes]
