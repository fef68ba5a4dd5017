"""Pseudo-random functions in bulk, over 16-byte blocks and over messages. Sees keys, no identity.

AES-256 under a secret key is a pseudo-random permutation of blocks, and on far fewer than 2^64 blocks nobody can tell
it from a pseudo-random function. It is used as one: every input is itself pseudo-random (a seed xor a token hash, a
record seed xor a counter), no outsider chooses it, and no text is encrypted. Scanners call this ECB mode, which would
be wrong for encryption. As a PRF it is the fastest that a general-purpose library offers: tens of millions of blocks
per second on one core.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, repeat
from typing import Final, NoReturn

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from numpy.typing import NDArray

from pseudonym.keyed.keys import Secret

__all__ = ["BLOCK", "BLOCK_BYTES", "BlockPRF", "KeyedHash", "counters"]

BLOCK_BYTES = 16

BLOCK = np.dtype(f"V{BLOCK_BYTES}")
"""A block as one item: numpy moves it several times faster than a row of two numbers."""

STATES: Final = 256
"""States of a hash function at a time: few enough for the processor's cache."""

_COPY, _UPDATE, _DIGEST = hashlib.blake2b.copy, hashlib.blake2b.update, hashlib.blake2b.digest


class BlockPRF:
    """AES-256 [FIPS197] under one subkey, over arrays of blocks."""

    __slots__ = ("_encryptor",)

    def __init__(self, key: Secret) -> None:
        """Take a subkey of 32 bytes."""
        self._encryptor = Cipher(algorithms.AES(key.reveal()), modes.ECB()).encryptor()

    def __call__(self, blocks: NDArray[np.uint64]) -> NDArray[np.uint64]:
        """Map every block.

        Args:
            blocks: `(…, 2) uint64`, little-endian halves of 16-byte blocks.

        Returns:
            An array of the same shape.
        """
        data = np.ascontiguousarray(blocks, "<u8")
        out = np.empty(data.size * 8 + BLOCK_BYTES, np.uint8)
        self._encryptor.update_into(data.view(np.uint8).data, out.data)
        return out[: data.size * 8].view("<u8").reshape(data.shape)

    def __repr__(self) -> str:
        """Show the class only."""
        return "<BlockPRF>"


class KeyedHash:
    """BLAKE2b [RFC7693] under one subkey, over many messages."""

    __slots__ = ("_keyed",)

    def __init__(self, key: Secret, *, digest_bytes: int) -> None:
        """Take a subkey of 32 bytes and the length of the digests."""
        self._keyed = hashlib.blake2b(key=key.reveal(), digest_size=digest_bytes)

    def __call__(self, messages: Iterable[bytes]) -> NDArray[np.uint8]:
        """Return the digest of every message.

        Args:
            messages: The messages.

        Returns:
            `(n, digest_bytes) uint8`.
        """
        # Copying the keyed state is a third cheaper than creating one.
        return self._digests(map(_COPY, repeat(self._keyed)), messages)

    def after(self, heads: Sequence[bytes], numbers: Iterable[int], tails: Iterable[bytes]) -> NDArray[np.uint8]:
        """Return the digest of messages that begin with one of a few heads, each of which is hashed once.

        Args:
            heads: The heads.
            numbers: For each message, the index of its head.
            tails: For each message, what follows the head.

        Returns:
            `(n, digest_bytes) uint8`.
        """
        begun = list(map(_COPY, repeat(self._keyed, len(heads))))
        for state, head in zip(begun, heads, strict=True):
            state.update(head)
        return self._digests(map(_COPY, map(begun.__getitem__, numbers)), tails)

    def _digests(self, states: Iterator[hashlib.blake2b], messages: Iterable[bytes]) -> NDArray[np.uint8]:
        """Return the digests of messages, each hashed by the next of the states.

        Every step is one call for some hundred states, since a loop in Python costs as much as the hashing.
        """
        waiting = iter(messages)
        parts: list[bytes] = []
        while some := list(islice(waiting, STATES)):
            held = list(islice(states, len(some)))
            deque(map(_UPDATE, held, some), maxlen=0)
            parts += map(_DIGEST, held)
        return np.frombuffer(b"".join(parts), np.uint8).reshape(-1, self._keyed.digest_size)

    def __repr__(self) -> str:
        """Show the class only."""
        return "<KeyedHash>"

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled or copied."""
        raise TypeError("A keyed hash cannot be pickled or copied.")


def counters(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Write numbers as 16-byte little-endian blocks.

    Args:
        values: `(…) uint64`.

    Returns:
        `(…, 2) uint64`.
    """
    return np.stack([values, np.zeros_like(values)], axis=-1)
