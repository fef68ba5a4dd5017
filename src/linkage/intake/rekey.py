"""The registry's own key: what it does to match keys and contents before they are stored.

A body's codes depend on the linkage key alone. A registry file that is stolen together with a leaked linkage key would
be a dictionary: encode every possible number, look it up. So the registry draws a key of its own, which no body
knows and which is kept outside the registry file, and stores only

- `BLAKE2b-128(K, match key)` in place of each match key, and
- each content with its bits permuted, by a permutation that `K` and the match key determine.

Two codes met before if and only if they meet after. The permutation is the same for all segments of one form and width,
and moves bits only inside their segment (of a slots segment and of the presence slots: inside their slot), so every
Hamming distance survives, and so does the comparison bit for bit of given with family names and of month with day.

Everything here is bulk work on arrays: BLAKE2b and SHAKE-256 run once a distinct match key; sorting and
gathering run on blocks of codes.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import secrets
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn

import numpy as np
from numpy.typing import NDArray

from linkage.errors import RegistryKeyError
from pseudonym.profile import PRESENCE_BITS, Encoding

__all__ = ["RegistryKey", "Rekeyed", "rekey"]

LABEL: Final = "LINKAGE-SECRET-REGISTRY-KEY-1"
"""First word of the text form: it shouts, so that nobody takes the file for something harmless."""

KEY_BYTES: Final = 32
CHECK_DIGITS: Final = 8

BLOCK: Final = 4_096
"""Codes worked on at a time: large enough for numpy, small enough that a block of bits stays near the processor."""

MATCH_KEY_BYTES: Final = 16

_CODE = struct.Struct("<IBI16s")
"""`lp(kind, match key)`: both items with their length before them (docs/spec.md, section 1)."""


class RegistryKey:
    """A handle on the registry's own key: to be used and kept in a file, not printed, compared, copied or pickled.

    Made by `generate` and `read` only.
    """

    __slots__ = ("_check", "_contents", "_digests", "_keys", "_masks", "_secret")

    _check: str
    _contents: bytes
    _digests: bytes
    _keys: bytes
    _masks: bytes
    _secret: bytes

    def __init__(self) -> None:
        """Refuse; a key is drawn or read, never put together."""
        raise TypeError("a registry key is made by RegistryKey.generate or RegistryKey.read")

    @classmethod
    def _from_secret(cls, secret: bytes) -> RegistryKey:
        key = object.__new__(cls)
        key._secret = secret
        key._keys = _subkey(secret, "linkage/1/match-key")
        key._contents = _subkey(secret, "linkage/1/content")
        key._masks = _subkey(secret, "linkage/1/mask")
        key._digests = _subkey(secret, "linkage/1/digest")
        key._check = _subkey(secret, "linkage/1/check")[:16].hex()
        return key

    @classmethod
    def generate(cls) -> RegistryKey:
        """Draw a new key from the operating system."""
        return cls._from_secret(secrets.token_bytes(KEY_BYTES))

    @classmethod
    def read(cls, path: str | Path) -> RegistryKey:
        """Read a key from its file.

        Args:
            path: A file that `write` made.

        Returns:
            The key.

        Raises:
            RegistryKeyError: `registry_key.unreadable` when the file cannot be read, `registry_key.form` when it holds
                something else or was altered.
        """
        path = Path(path)
        try:
            text = path.read_bytes()
        except OSError:
            raise RegistryKeyError(
                "registry_key.unreadable",
                "The file of the registry key cannot be read.",
                hint="It stands beside the registry as REGISTRY.key, or where --registry-key says.",
                path=path,
            ) from None
        secret = _parse(text)
        if secret is None:
            raise RegistryKeyError(
                "registry_key.form",
                "The file of the registry key is damaged, or holds something else.",
                hint="Restore it from its backup; without it no submission can be received.",
                path=path,
            )
        return cls._from_secret(secret)

    def write(self, path: str | Path) -> None:
        """Write the key to a new file that only its owner may read.

        Args:
            path: The file; nothing may stand there yet.

        Raises:
            RegistryKeyError: `registry_key.exists` when something stands there, `registry_key.unwritable` when the file
                cannot be written.
        """
        path = Path(path)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(_format(self._secret))
                file.flush()
                os.fsync(file.fileno())
        except FileExistsError:
            raise RegistryKeyError(
                "registry_key.exists",
                "A file stands where the registry key is to be written; a key is never overwritten.",
                hint="Give another place with --registry-key.",
                path=path,
            ) from None
        except OSError:
            # Half a key is worse than none: the next attempt would find the name taken.
            path.unlink(missing_ok=True)
            raise RegistryKeyError(
                "registry_key.unwritable", "The file of the registry key cannot be written.", path=path
            ) from None

    def seal(self, digest: bytes) -> bytes:
        """Put a digest of what a body sent under this key.

        A digest covers the codes of the body, so whoever has a plain one and the linkage key can try identities on it.

        Args:
            digest: Bytes.

        Returns:
            32 bytes; equal digests give equal seals.
        """
        return hashlib.blake2b(digest, key=self._digests, digest_size=32).digest()

    @property
    def check(self) -> str:
        """A value that tells this key from others and gives nothing of it away; the registry keeps it."""
        return self._check

    def __repr__(self) -> str:
        """Say what it is, and nothing of its content."""
        return "<RegistryKey>"

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        """Refuse copies and pickles."""
        raise TypeError("a registry key cannot be copied or pickled")


def _subkey(secret: bytes, label: str) -> bytes:
    return hashlib.blake2b(label.encode(), key=secret, digest_size=KEY_BYTES).digest()


def _format(secret: bytes) -> bytes:
    body = f"{LABEL}.{base64.b32encode(secret).decode().rstrip('=')}"
    check = hashlib.sha256(body.encode()).hexdigest()[:CHECK_DIGITS]
    return (
        f"# The key of one linkage registry. Keep it apart from the registry file, and keep a backup.\n{body}.{check}\n"
    ).encode()


def _parse(data: bytes) -> bytes | None:
    """Read the text form; None for anything that `_format` does not write (other comments aside)."""
    lines = [line.strip() for line in data.splitlines()]
    lines = [line for line in lines if line and not line.startswith(b"#")]
    parts = lines[0].split(b".") if len(lines) == 1 else []
    if len(parts) != 3:
        return None
    try:
        secret = base64.b32decode(parts[1] + b"=" * (-len(parts[1]) % 8))
    except binascii.Error:
        return None
    canonical = _format(secret).splitlines()[-1] if len(secret) == KEY_BYTES else b""
    return secret if secrets.compare_digest(canonical, lines[0]) else None


@dataclass(frozen=True, slots=True, repr=False)
class Rekeyed:
    """Codes under the registry's own key, in the order they came in.

    Attributes:
        key_hi: (n,) uint64, the first half of the new match key, big-endian.
        key_lo: (n,) uint64, the second half.
        content: (n, content_bytes) uint8.
    """

    key_hi: NDArray[np.uint64]
    key_lo: NDArray[np.uint64]
    content: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class _Class:
    """All stretches of bits that share one permutation: where each begins, and how wide they are."""

    first_bits: tuple[int, ...]
    width: int


def rekey(
    key: RegistryKey,
    encoding: Encoding,
    kind: NDArray[np.uint8],
    match_key: NDArray[np.uint8],
    content: NDArray[np.uint8],
) -> Rekeyed:
    """Put codes under the registry's own key.

    Equal input gives equal output. Codes with equal kind and match key get equal keys, one permutation and one mask.

    Args:
        key: The registry key.
        encoding: The profile's encoding, for the layout of a content.
        kind: (n,) uint8.
        match_key: (n, 16) uint8.
        content: (n, content_bytes) uint8.

    Returns:
        New keys and contents, row by row.
    """
    classes = _classes(encoding)
    halves = np.empty((len(kind), 2), dtype=np.uint64)
    permuted = np.empty_like(content)
    for start in range(0, len(kind), BLOCK):
        rows = slice(start, start + BLOCK)
        codes, place = _distinct(kind[rows], match_key[rows])
        halves[rows] = _new_keys(key._keys, codes)[place]
        permuted[rows] = _permute(content[rows], place, _sort_keys(key._contents, codes, classes), classes)
        if encoding.padded:
            permuted[rows] ^= _mask(key._masks, codes, encoding.content_bytes)[place]
    return Rekeyed(halves[:, 0], halves[:, 1], permuted)


def _classes(encoding: Encoding) -> tuple[_Class, ...]:
    """Collect the stretches that are permuted alike: equal form and width; presence slots are a form of their own."""
    stretches: dict[tuple[str, int], list[int]] = {}
    for place in encoding.layout:
        width = place.n_bits if place.form == "filter" else place.slot_bits
        firsts = range(place.first_bit, place.first_bit + place.n_bits, width)
        stretches.setdefault((place.form, width), []).extend(firsts)
        stretches.setdefault(("presence", PRESENCE_BITS), []).append(place.presence_bit)
    return tuple(_Class(tuple(firsts), width) for (_, width), firsts in sorted(stretches.items()))


def _distinct(kind: NDArray[np.uint8], match_key: NDArray[np.uint8]) -> tuple[list[bytes], NDArray[np.intp]]:
    """List the distinct codes of a block as bytes to be hashed, and the place of each row in that list."""
    joined = np.concatenate([kind[:, None], match_key], axis=1)
    rows, place = np.unique(joined.view(f"V{joined.shape[1]}").ravel(), return_inverse=True)
    codes = [_CODE.pack(1, row[0], MATCH_KEY_BYTES, row[1:]) for row in map(bytes, rows.tolist())]
    return codes, place


def _new_keys(subkey: bytes, codes: Sequence[bytes]) -> NDArray[np.uint64]:
    """Hash each code to 128 bits, as two big-endian halves: (n, 2) uint64."""
    digests = b"".join([hashlib.blake2b(code, key=subkey, digest_size=16).digest() for code in codes])
    return np.frombuffer(digests, dtype=">u8").reshape(-1, 2).astype(np.uint64)


def _sort_keys(subkey: bytes, codes: Sequence[bytes], classes: Sequence[_Class]) -> NDArray[np.uint32]:
    """Draw for each code one 32-bit number a bit of each class: (n, total width) uint32."""
    n_bytes = 4 * sum(group.width for group in classes)
    # SHAKE-256 has no key of its own; a secret prefix is sound for a sponge, which has no length extension.
    start = hashlib.shake_256(subkey)
    streams = []
    for code in codes:
        state = start.copy()
        state.update(code)
        streams.append(state.digest(n_bytes))
    return np.frombuffer(b"".join(streams), dtype="<u4").reshape(len(codes), n_bytes // 4)


def _permute(
    content: NDArray[np.uint8], place: NDArray[np.intp], sort_keys: NDArray[np.uint32], classes: Sequence[_Class]
) -> NDArray[np.uint8]:
    """Permute the bits of each content: row `i` by the permutations of distinct code `place[i]`."""
    bits = np.unpackbits(content, axis=1, bitorder="little")
    result = bits.copy()
    row = np.arange(len(bits), dtype=np.int64)[:, None] * bits.shape[1]
    flat = bits.ravel()
    first = 0
    for group in classes:
        order = _orders(sort_keys[:, first : first + group.width])[place]
        first += group.width
        for first_bit in group.first_bits:
            result[:, first_bit : first_bit + group.width] = flat[row + (order + first_bit)]
    return np.packbits(result, axis=1, bitorder="little")


def _mask(subkey: bytes, codes: Sequence[bytes], n_bytes: int) -> NDArray[np.uint8]:
    """Return a mask for each distinct code, `(n, n_bytes) uint8`.

    A permutation alone leaves the number of ones of every segment, which whoever has the linkage key can compute for
    every person. A mask cancels between two contents of one match key, so distances survive. Without a pad contents are
    compared by their ones, and there is none.
    """
    streams = b"".join([hashlib.shake_256(subkey + code).digest(n_bytes) for code in codes])
    return np.frombuffer(streams, np.uint8).reshape(len(codes), n_bytes)


def _orders(sort_keys: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Turn each row of random numbers into the permutation that sorts it: (n, width) int64.

    The place rides in the low bits below its number, so that a plain sort, which is several times as fast as argsort,
    also gives the places. Equal numbers, one pair in 2^32, fall back on the order of places.
    """
    width = sort_keys.shape[1]
    shift = np.uint64((width - 1).bit_length())
    packed = (sort_keys.astype(np.uint64) << shift) | np.arange(width, dtype=np.uint64)
    packed.sort(axis=1)
    packed &= (np.uint64(1) << shift) - np.uint64(1)
    return packed.astype(np.int64)
