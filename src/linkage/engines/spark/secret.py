"""The key of one run, under which codes and rows lie on the disks of a cluster.

Workers have it for as long as the run lasts. It is drawn anew for each run, written nowhere by this library, and tells
nothing about the registry key, which workers never have. So what a killed run leaves behind can be read by nobody.

Match keys are permuted, which keeps equal ones equal, so that a cluster can bring them together. Contents, and the XORs
of pairs, are enciphered in counter mode. The nonce of a batch is its number, or for rows that workers make, where a
task may be run twice, 64 random bits.
"""

from __future__ import annotations

import secrets
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from linkage.counter_mode import NONCE_BYTES, CounterMode

__all__ = ["RunSecret"]

KEY_BYTES: Final = 32

_BATCH_BYTES: Final = 8


class RunSecret:
    """Three AES keys: for match keys, for contents, and for rows of pairs. It is pickled on its way to workers."""

    def __init__(self, secret: bytes) -> None:
        """Take 96 random bytes."""
        self._keys = tuple(secret[start : start + KEY_BYTES] for start in range(0, 3 * KEY_BYTES, KEY_BYTES))

    @classmethod
    def draw(cls) -> RunSecret:
        """Draw a secret from the operating system's random source."""
        return cls(secrets.token_bytes(3 * KEY_BYTES))

    def match_keys(
        self, high: NDArray[np.uint64], low: NDArray[np.uint64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Permute match keys; equal ones stay equal, and all others different.

        Args:
            high: `(n,) uint64`, the first half of each.
            low: `(n,) uint64`, the second half.

        Returns:
            Both halves, as `int64`, since Spark has no unsigned numbers.
        """
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

        # One block per match key: AES itself is the permutation.
        encryptor = Cipher(algorithms.AES(self._keys[0]), modes.ECB()).encryptor()
        blocks = encryptor.update(np.column_stack([high, low]).astype("<u8", copy=False).tobytes())
        halves = np.frombuffer(blocks, "<i8").reshape(-1, 2)
        return halves[:, 0].astype(np.int64), halves[:, 1].astype(np.int64)

    def contents(
        self, contents: NDArray[np.uint8], batch: NDArray[np.integer], number: NDArray[np.integer]
    ) -> NDArray[np.uint8]:
        """Encipher or decipher contents, `(n, bytes) uint8`, by the number of their batch and their place in it."""
        return self._contents.apply(contents, _nonces(batch), number)

    def rows(
        self, rows: NDArray[np.uint8], batch: NDArray[np.integer], number: NDArray[np.integer]
    ) -> NDArray[np.uint8]:
        """Encipher or decipher the XORs of pairs, `(n, bytes) uint8`, as `contents` does."""
        return self._rows.apply(rows, _nonces(batch), number)

    @cached_property
    def _contents(self) -> CounterMode:
        return CounterMode(self._keys[1])

    @cached_property
    def _rows(self) -> CounterMode:
        return CounterMode(self._keys[2])

    def __repr__(self) -> str:
        """Show the class only."""
        return "<RunSecret>"

    def __reduce__(self) -> tuple[type[RunSecret], tuple[bytes]]:
        """Pickle the keys alone: ciphers cannot be."""
        return RunSecret, (b"".join(self._keys),)


def _nonces(batch: NDArray[np.integer]) -> NDArray[np.uint8]:
    """Return the nonces of batches, `(n, 12) uint8`."""
    nonces = np.zeros((len(batch), NONCE_BYTES), np.uint8)
    nonces[:, -_BATCH_BYTES:] = batch.astype("<i8").view(np.uint8).reshape(-1, _BATCH_BYTES)
    return nonces
