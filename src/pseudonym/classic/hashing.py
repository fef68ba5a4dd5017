"""Where a token sets its bits: keyed hash functions, drawn at random or by double hashing.

Double hashing [Schnell2009] derives all positions from two hashes. It leaves only `m * m` patterns of bits for a filter
of `m` bits, which gives tokens away [Kroll2015] [Niedermeyer2014]; positions that are drawn one by one do not have that
structure. Neither hides how often a token occurs [Christen2017].
"""

from __future__ import annotations

import hmac
import struct
from collections.abc import Callable
from hashlib import blake2b
from typing import Final, Literal

from pseudonym.classic.rules import classic_error

__all__ = ["HASHINGS", "Hashing", "Keys", "check_hashing", "positions"]

Hashing = Literal["double", "double-nonsingular", "blake", "random"]

Keys = tuple[bytes, bytes]
"""Two keys of 64 bytes; `blake` and `random` use the first."""

BLAKE_BITS: Final = range(8, (1 << 16) + 1)
"""Lengths that 16 bits reach."""


def positions(token: bytes, keys: Keys, *, hashing: Hashing, n_hashes: int, n_bits: int) -> list[int]:
    """Return the bits that a token sets.

    Args:
        token: The token in UTF-8.
        keys: The keys of its feature.
        hashing: How they are derived.
        n_hashes: The number of positions; some may be equal.
        n_bits: The length of the filter.

    Returns:
        `n_hashes` positions from 0 to `n_bits - 1`.

    Sees: plaintext and key
    """
    return HASHINGS[hashing](token, keys, n_hashes, n_bits)


def check_hashing(hashing: str, n_bits: int) -> None:
    """Check that a hashing exists and can fill a filter of a length.

    Args:
        hashing: Its name.
        n_bits: The length before folding.

    Raises:
        ClassicError: `classic.hashing` or `classic.power_of_two`.

    Sees: neither
    """
    if hashing not in HASHINGS:
        raise classic_error("classic.hashing", field="hashing")
    if hashing == "blake" and (n_bits not in BLAKE_BITS or n_bits & (n_bits - 1)):
        raise classic_error("classic.power_of_two", field="length")


def _double(token: bytes, keys: Keys, n_hashes: int, n_bits: int) -> list[int]:
    """Return the positions of clkhash's `doubleHash`: h1 + i h2 of HMAC-SHA1 and HMAC-MD5, as in [Schnell2009]."""
    return _steps(_mac(keys[0], token, "sha1", n_bits), _mac(keys[1], token, "md5", n_bits), n_hashes, n_bits)


def _nonsingular(token: bytes, keys: Keys, n_hashes: int, n_bits: int) -> list[int]:
    """Return the same, but with another step where it would be 0 and set a single bit."""
    first, step, turn = _mac(keys[0], token, "sha1", n_bits), _mac(keys[1], token, "md5", n_bits), 0
    while step == 0 and n_bits > 1:
        step = _mac(keys[1], token + chr(turn).encode(), "md5", n_bits)
        turn += 1
    return _steps(first, step, n_hashes, n_bits)


def _mac(key: bytes, token: bytes, digest: str, n_bits: int) -> int:
    return int.from_bytes(hmac.digest(key, token, digest), "big") % n_bits


def _steps(first: int, step: int, n_hashes: int, n_bits: int) -> list[int]:
    return [(first + i * step) % n_bits for i in range(n_hashes)]


def _blake(token: bytes, keys: Keys, n_hashes: int, n_bits: int) -> list[int]:
    """Return the positions of clkhash's `blakeHash`: 16 bits of keyed BLAKE2b [RFC7693] for each."""
    return _words(token, keys[0], "<32H", n_hashes, n_bits)


def _random(token: bytes, keys: Keys, n_hashes: int, n_bits: int) -> list[int]:
    """Return positions for any length: 64 bits for each, so that none is favoured by more than one in 2^43."""
    return _words(token, keys[0], "<8Q", n_hashes, n_bits)


def _words(token: bytes, key: bytes, form: str, n_hashes: int, n_bits: int) -> list[int]:
    found: list[int] = []
    turn = 0
    while len(found) < n_hashes:
        found += struct.unpack(form, blake2b(token, key=key, salt=str(turn).encode()).digest())
        turn += 1
    return [word % n_bits for word in found[:n_hashes]]


HASHINGS: Final[dict[str, Callable[[bytes, Keys, int, int], list[int]]]] = {
    "double": _double,
    "double-nonsingular": _nonsingular,
    "blake": _blake,
    "random": _random,
}
