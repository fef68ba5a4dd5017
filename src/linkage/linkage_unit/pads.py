"""Codes at rest: enciphered with the registry key, so that without it they are random bytes.

A reporter's codes depend on the linkage key alone, and linking needs to know which match keys are equal and how far
contents differ. Whatever shows that also serves whoever has a stolen registry file and a leaked linkage key: equal
match keys and distances name many persons (docs/decisions/0024-codes-are-enciphered.md). So each match key and each
content is XORed with a pad of its own, which is AES-256 in counter mode [SP80038A] under a subkey of the registry key,
and `link` takes it off again.

The XOR of two values under one pad shows where they differ, so no pad may be used twice. Match keys and contents have
a subkey each. The counter block is

- a *nonce* of 96 random bits, drawn whenever codes are stored, once for each batch of them, and
- a number of 32 bits, big-endian, that counts the blocks of the batch: the first `b` belong to its first value.

Nothing of this depends on what the file remembers. So it also holds after a record is superseded, withdrawn or sent
again, if the file is rewritten or restored from a backup, and for two registries with one key. Among 2^32 batches two
have one nonce with a probability of 2^-33.
"""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from linkage.counter_mode import NONCE_BYTES, CounterMode
from linkage.keys import RegistryKey

__all__ = ["NONCE_BYTES", "CodeCipher", "PadCipher"]

_PURPOSES: Final = {"match keys": "match-key-pads", "contents": "contents"}
"""The subkey of each column."""


class PadCipher(CounterMode):
    """Encipher and decipher one column with the registry key."""

    __slots__ = ()

    def __init__(self, key: RegistryKey, column: Literal["match keys", "contents"]) -> None:
        """Derive the key of the pads."""
        super().__init__(key.subkey(_PURPOSES[column]))


class CodeCipher:
    """Encipher and decipher match keys and contents; both are the same operation twice."""

    def __init__(self, key: RegistryKey) -> None:
        """Derive the keys of the pads."""
        self._match_keys = PadCipher(key, "match keys")
        self._contents = PadCipher(key, "contents")

    def match_keys(
        self,
        high: NDArray[np.uint64],
        low: NDArray[np.uint64],
        nonces: NDArray[np.uint8],
        numbers: NDArray[np.integer],
    ) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
        """Encipher or decipher match keys.

        Args:
            high: (n,) uint64, the first half of each.
            low: (n,) uint64, the second half.
            nonces: As for `PadCipher.apply`.
            numbers: As for `PadCipher.apply`.

        Returns:
            Both halves.
        """
        halves = np.column_stack([high, low]).astype("<u8", copy=False)
        found = self._match_keys.apply(halves.view(np.uint8), nonces, numbers).view("<u8")
        return found[:, 0], found[:, 1]

    def batch(
        self,
        high: NDArray[np.uint64],
        low: NDArray[np.uint64],
        contents: NDArray[np.uint8],
        nonce: bytes,
        order: NDArray[np.intp],
    ) -> tuple[NDArray[np.uint64], NDArray[np.uint64], NDArray[np.uint8]]:
        """Encipher a whole batch, whose codes are numbered from 0.

        Args:
            high: (n,) uint64, the first half of each match key.
            low: (n,) uint64, the second half.
            contents: (n, content_bytes) uint8.
            nonce: That of the batch, 12 bytes.
            order: (n,) intp, the index of each code of the batch in the arrays.

        Returns:
            Both halves and the contents, in the order of the batch.
        """
        halves = np.column_stack([high, low]).astype("<u8", copy=False)
        found = self._match_keys.apply_batch(halves.view(np.uint8), nonce, order).view("<u8")
        return found[:, 0], found[:, 1], self._contents.apply_batch(contents, nonce, order)

    def contents(
        self, contents: NDArray[np.uint8], nonces: NDArray[np.uint8], numbers: NDArray[np.integer]
    ) -> NDArray[np.uint8]:
        """Encipher or decipher contents, (n, content_bytes) uint8, as `PadCipher.apply` does."""
        return self._contents.apply(contents, nonces, numbers)
