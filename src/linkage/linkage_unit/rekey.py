"""Rekey match keys with the registry's own key before they are stored.

A reporter's codes depend on the linkage key alone. With a leaked linkage key, a stolen registry file would be a
dictionary: encode every possible number and look it up. So the registry generates a key of its own, which no reporter
knows and which is stored outside the registry file, and stores `BLAKE2b-128(K, match key)` in place of each match key.
Two codes share a match key afterwards if and only if they did before. Unlike a cipher, the hash cannot be undone by
whoever has the registry key: who links the codes does not learn the match keys that reporters sent.

Contents are enciphered with the same key (`linkage.linkage_unit.pads`).
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from linkage.keys import RegistryKey

__all__ = ["Rekeyed", "rekey"]

BLOCK: Final = 1 << 16
"""Codes per block, so that the messages of few codes are in memory at a time."""

MATCH_KEY_BYTES: Final = 16

_BEFORE_KIND: Final = struct.pack("<I", 1)
_BEFORE_KEY: Final = struct.pack("<I", MATCH_KEY_BYTES)
"""What precedes each item in `lp(kind, match key)`: its length (docs/spec.md, section 1)."""


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
    keyed = hashlib.blake2b(key=key.subkey("match-key"), digest_size=MATCH_KEY_BYTES)
    halves = np.empty((len(kind), 2), dtype=np.uint64)
    for start in range(0, len(kind), BLOCK):
        rows = slice(start, start + BLOCK)
        digests = []
        for message in _messages(kind[rows], match_key[rows]):
            # Copying the keyed state is cheaper than creating one.
            state = keyed.copy()
            state.update(message)
            digests.append(state.digest())
        halves[rows] = np.frombuffer(b"".join(digests), dtype=">u8").reshape(-1, 2)
    return Rekeyed(halves[:, 0], halves[:, 1])


def _messages(kind: NDArray[np.uint8], match_key: NDArray[np.uint8]) -> list[bytes]:
    """Return `lp(kind, match key)` of each code."""
    n = len(kind)
    before_kind, before_key = (
        np.broadcast_to(np.frombuffer(length, np.uint8), (n, len(length))) for length in (_BEFORE_KIND, _BEFORE_KEY)
    )
    joined = np.concatenate([before_kind, kind[:, None], before_key, match_key], axis=1)
    messages: list[bytes] = joined.view(f"V{joined.shape[1]}").ravel().tolist()
    return messages
