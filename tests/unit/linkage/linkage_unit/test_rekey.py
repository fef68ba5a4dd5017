"""Rekeying: equal match keys stay equal, and nobody without the key can compute them."""

from __future__ import annotations

import hashlib
import struct

import numpy as np
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from linkage.keys import RegistryKey
from linkage.linkage_unit.rekey import rekey

KEY = RegistryKey._from_secret(bytes(range(32)))


def invented(n: int, *, seed: int = 1):
    """Return kinds and match keys of n codes."""
    rng = np.random.default_rng(seed)
    return rng.integers(0, 3, n, np.uint8), rng.integers(0, 256, (n, 16), np.uint8)


def slow_rekey(secret: bytes, kind: int, match_key: bytes) -> tuple[int, int]:
    """Rekey one match key, as a slow twin of `rekey`."""
    subkey = hashlib.blake2b(f"linkage/1/match-key/{kind}".encode(), key=secret, digest_size=32).digest()
    block = Cipher(algorithms.AES(subkey), modes.ECB()).encryptor().update(match_key)
    high, low = struct.unpack(">QQ", bytes(one ^ other for one, other in zip(block, match_key, strict=True)))
    return high, low


def test_rekey_equals_its_slow_twin():
    kind, match_key = invented(50)
    new = rekey(KEY, kind, match_key)
    expected = [slow_rekey(bytes(range(32)), int(k), key.tobytes()) for k, key in zip(kind, match_key, strict=True)]
    assert list(zip(new.key_hi.tolist(), new.key_lo.tolist(), strict=True)) == expected


@pytest.mark.parametrize("n", [0, 1, 2, 7])
def test_the_order_does_not_matter(n):
    kind, match_key = invented(n)
    whole, turned = rekey(KEY, kind, match_key), rekey(KEY, kind[::-1], match_key[::-1])
    assert (turned.key_hi[::-1] == whole.key_hi).all()
    assert (turned.key_lo[::-1] == whole.key_lo).all()


def test_the_same_match_key_of_two_kinds_becomes_two():
    new = rekey(KEY, np.arange(3, dtype=np.uint8), np.full((3, 16), 7, np.uint8))
    assert len({*new.key_hi.tolist()}) == 3


def test_equal_match_keys_stay_equal_and_others_stay_apart():
    kind, match_key = invented(400)
    match_key %= 2
    match_key[:, 2:] = 0
    before = np.concatenate([kind[:, None], match_key], axis=1)
    new = rekey(KEY, kind, match_key)
    after = np.stack([new.key_hi, new.key_lo], axis=1)
    same_before = (before[:, None] == before[None]).all(axis=2)
    same_after = (after[:, None] == after[None]).all(axis=2)
    assert (same_before == same_after).all()
    assert 3 <= len(np.unique(after, axis=0)) <= 12


def test_two_registries_have_no_key_in_common():
    codes = invented(50)
    one, other = (rekey(key, *codes) for key in (KEY, RegistryKey.generate()))
    assert not set(one.key_hi.tolist()) & set(other.key_hi.tolist())
