"""Rekey match keys with the registry's own key before they are stored.

A reporter's codes depend on the linkage key alone. With a leaked linkage key, a stolen registry file would be a
dictionary: encode every possible number and look it up. So the registry generates a key of its own, which no reporter
knows and which is stored outside the registry file, and stores `AES(K, m) xor m` in place of each match key `m`, with
AES-256 and a subkey `K` for each kind. Two codes of a kind share a match key afterwards if and only if they did before.
With the match key added, the cipher is a hash [MMO1985] that cannot be undone by whoever has the registry key: who
links the codes does not learn the match keys that reporters sent.

Contents are enciphered with the same key (`linkage.linkage_unit.pads`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from linkage.keys import RegistryKey

__all__ = ["Rekeyed", "rekey"]

MATCH_KEY_BYTES: Final = 16


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Rekeyed:
    """Rekeyed match keys, in the order of the input.

    Attributes:
        key_hi: (n,) uint64, the first half of the new match key, big-endian.
        key_lo: (n,) uint64, the second half.
    """

    key_hi: NDArray[np.uint64]
    key_lo: NDArray[np.uint64]


def rekey(key: RegistryKey, kind: NDArray[np.uint8], match_key: NDArray[np.uint8]) -> Rekeyed:
    """Rekey match keys with the registry's own key.

    Equal input gives equal output.

    Args:
        key: The registry key.
        kind: (n,) uint8.
        match_key: (n, 16) uint8.

    Returns:
        The new keys, row by row.
    """
    # Imported here, because most commands of a registry need no cipher.
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    halves = np.empty((len(kind), 2), np.uint64)
    for number in np.unique(kind).tolist():
        rows = np.flatnonzero(kind == number)
        plain = np.ascontiguousarray(match_key[rows])
        # Blocks on their own, as for a hash of one block.
        encryptor = Cipher(algorithms.AES(key.subkey(f"match-key/{number}")), modes.ECB()).encryptor()
        enciphered = np.frombuffer(encryptor.update(plain.data), np.uint8).reshape(plain.shape)
        halves[rows] = (enciphered ^ plain).view(">u8")
    return Rekeyed(halves[:, 0], halves[:, 1])
