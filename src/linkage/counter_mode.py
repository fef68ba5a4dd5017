"""AES-256 in counter mode [SP80038A]: many short values at once, each with the nonce of its batch, or one long value.

The XOR of two values under one pad shows where they differ, so no pad may be used twice: under one key, a nonce belongs
to one batch of values, and each value has a number of its own in it.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final, NoReturn

import numpy as np
from numpy.typing import NDArray

__all__ = ["NONCE_BYTES", "CounterMode", "one_value"]

NONCE_BYTES: Final = 12

_BLOCK_BYTES: Final = 16
_BLOCKS: Final = 1 << 32
"""Number of blocks that one nonce can serve."""

_CHUNK: Final = 1 << 14
"""Values per call of AES: their blocks fit in the processor's cache."""


class CounterMode:
    """Encipher and decipher values with one key."""

    __slots__ = ("_algorithm", "_encryptor")

    def __init__(self, key: bytes) -> None:
        """Take the key, 32 bytes."""
        # Imported here, because most commands of a registry need no cipher.
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

        # Counter mode over many nonces at once: the counter blocks are made by numpy, and all are different.
        self._algorithm = algorithms.AES(key)
        self._encryptor = Cipher(self._algorithm, modes.ECB()).encryptor()

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

    def apply_batch(
        self, values: NDArray[np.uint8], nonce: bytes, order: NDArray[np.intp] | None = None
    ) -> NDArray[np.uint8]:
        """Do as `apply` does to a whole batch, whose values are numbered from 0, several times faster.

        Args:
            values: (n, bytes) uint8.
            nonce: 12 bytes.
            order: (n,) intp, the index of each value of the batch in `values`; by default as they are.

        Returns:
            (n, bytes) uint8, in the order of the batch.

        Raises:
            ValueError: As for `apply`.
        """
        from cryptography.hazmat.primitives.ciphers import Cipher, modes

        n, width = values.shape
        n_blocks = -(-width // _BLOCK_BYTES)
        if n * n_blocks > _BLOCKS:
            raise ValueError("too many values under one nonce")
        encryptor = Cipher(self._algorithm, modes.CTR(nonce + bytes(_BLOCK_BYTES - NONCE_BYTES))).encryptor()
        result = np.empty((n, width), np.uint8)
        items, written = _items(values, width), _items(result, width)
        # Each value begins a block, so what is enciphered has gaps; a chunk of it stays in the processor's cache.
        padded = np.zeros((min(n, _CHUNK), n_blocks * _BLOCK_BYTES), np.uint8)
        room = np.empty(padded.nbytes + _BLOCK_BYTES, np.uint8)
        for start in range(0, n, _CHUNK):
            stop = min(start + _CHUNK, n)
            chunk = items[start:stop] if order is None else items.take(order[start:stop])
            plain = padded[: stop - start]
            _items(plain, width)[:] = chunk
            encryptor.update_into(plain.data, room.data)
            written[start:stop] = _items(room[: plain.nbytes].reshape(plain.shape), width)
        return result

    def apply_in_turn(
        self,
        values: NDArray[np.uint8],
        nonces: NDArray[np.uint8],
        firsts: NDArray[np.integer],
        starts: NDArray[np.intp],
    ) -> NDArray[np.uint8]:
        """Do as `apply` does to values that come in runs of consecutive numbers, several times faster.

        Args:
            values: (n, bytes) uint8, whole blocks.
            nonces: (r, 12) uint8, the nonce of each run.
            firsts: (r,), the number of its first value.
            starts: (r,), its first value, from 0, ascending.

        Returns:
            (n, bytes) uint8.

        Raises:
            ValueError: As for `apply`.
        """
        from cryptography.hazmat.primitives.ciphers import Cipher, modes

        n_blocks = values.shape[1] // _BLOCK_BYTES
        values = np.ascontiguousarray(values)
        result = np.empty(values.nbytes + _BLOCK_BYTES, np.uint8)
        for (start, end), nonce, first in zip(
            pairwise([*starts.tolist(), len(values)]), nonces, firsts.tolist(), strict=True
        ):
            if (first + end - start) * n_blocks > _BLOCKS:
                raise ValueError("too many values under one nonce")
            counter = nonce.tobytes() + (first * n_blocks).to_bytes(_BLOCK_BYTES - NONCE_BYTES, "big")
            room = result[start * values.shape[1] :]
            Cipher(self._algorithm, modes.CTR(counter)).encryptor().update_into(values[start:end].data, room.data)
        return result[: values.nbytes].reshape(values.shape)

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
        return f"<{type(self).__name__}>"

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled or copied."""
        raise TypeError("A cipher cannot be pickled or copied.")


def _items(rows: NDArray[np.uint8], width: int) -> NDArray[np.void]:
    """Return the first bytes of each row as one item, which numpy moves faster than single bytes; it is a view."""
    rows = rows if rows.strides[1] == 1 else np.ascontiguousarray(rows)
    return np.ndarray((len(rows),), f"V{width}", rows, strides=(rows.strides[0],))


def one_value(key: bytes, value: bytes, nonce: bytes) -> bytes:
    """Encipher or decipher one long value, which has a nonce of its own.

    Args:
        key: The key, 32 bytes.
        value: The value.
        nonce: Its nonce, 12 bytes.
    """
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    counter = nonce + bytes(_BLOCK_BYTES - NONCE_BYTES)
    return Cipher(algorithms.AES(key), modes.CTR(counter)).encryptor().update(value)
