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

from typing import Final, Literal, NoReturn

import numpy as np
from numpy.typing import NDArray

from linkage.keys import RegistryKey

__all__ = ["NONCE_BYTES", "CodeCipher", "PadCipher"]

NONCE_BYTES: Final = 12

_BLOCK_BYTES: Final = 16
_BLOCKS: Final = 1 << 32
"""Number of blocks that one nonce can serve."""

_CHUNK: Final = 1 << 14
"""Values per call of AES: their blocks fit in the processor's cache."""

_PURPOSES: Final = {"match keys": "match-key-pads", "contents": "contents"}
"""The subkey of each column."""


class PadCipher:
    """Encipher and decipher one column with the registry key."""

    __slots__ = ("_encryptor",)

    def __init__(self, key: RegistryKey, column: Literal["match keys", "contents"]) -> None:
        """Derive the key of the pads."""
        # Imported here, because most commands of a registry need no cipher.
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

        # Counter mode over many nonces at once: the counter blocks are made by numpy, and all are different.
        self._encryptor = Cipher(algorithms.AES(key.subkey(_PURPOSES[column])), modes.ECB()).encryptor()

    def apply(
        self, values: NDArray[np.uint8], nonces: NDArray[np.uint8], numbers: NDArray[np.integer]
    ) -> NDArray[np.uint8]:
        """Encipher values, or decipher them, which is the same.

        Args:
            values: (n, bytes) uint8.
            nonces: (n, 12) uint8, the nonce of the batch of each.
            numbers: (n,), the index of each in its batch.

        Returns:
            (n, bytes) uint8.

        Raises:
            ValueError: The batch has more values than one nonce can serve.
        """
        n_blocks = -(-values.shape[1] // _BLOCK_BYTES)
        if (int(numbers.max(initial=0)) + 1) * n_blocks > _BLOCKS:
            raise ValueError("too many values under one nonce")
        result = np.empty_like(values)
        for start in range(0, len(values), _CHUNK):
            rows = slice(start, start + _CHUNK)
            pads = self._pads(nonces[rows], numbers[rows], n_blocks)
            np.bitwise_xor(values[rows], pads[:, : values.shape[1]], out=result[rows])
        return result

    def _pads(self, nonces: NDArray[np.uint8], numbers: NDArray[np.integer], n_blocks: int) -> NDArray[np.uint8]:
        """Return the pads, whole blocks: (n, 16 * n_blocks) uint8."""
        counters = numbers.astype(np.int64)[:, None] * n_blocks + np.arange(n_blocks)
        blocks = np.empty((len(numbers), n_blocks, 4), np.uint32)
        blocks[:, :, :3] = np.ascontiguousarray(nonces).view(np.uint32)[:, None]
        blocks[:, :, 3] = counters.astype(">u4").view(np.uint32)
        # `update_into` wants room for one block more than it writes.
        pads = np.empty(blocks.nbytes + _BLOCK_BYTES, np.uint8)
        self._encryptor.update_into(blocks.view(np.uint8).data, pads.data)
        return pads[: blocks.nbytes].reshape(len(numbers), n_blocks * _BLOCK_BYTES)

    def __repr__(self) -> str:
        """Show the class only."""
        return "<PadCipher>"

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled or copied."""
        raise TypeError("A cipher cannot be pickled or copied.")


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

    def contents(
        self, contents: NDArray[np.uint8], nonces: NDArray[np.uint8], numbers: NDArray[np.integer]
    ) -> NDArray[np.uint8]:
        """Encipher or decipher contents, (n, content_bytes) uint8, as `PadCipher.apply` does."""
        return self._contents.apply(contents, nonces, numbers)
