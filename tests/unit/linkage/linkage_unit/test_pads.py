"""The cipher of contents: counter mode, each block once, and nothing without the key."""

from __future__ import annotations

import copy
import hashlib

import numpy as np
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from linkage.keys import RegistryKey
from linkage.linkage_unit.pads import NONCE_BYTES, PadCipher

SECRET = bytes(range(32))
KEY = RegistryKey._from_secret(SECRET)


def invented(n: int, width: int, *, seed: int = 1):
    """Return contents, nonces of two batches, and numbers."""
    rng = np.random.default_rng(seed)
    nonces = rng.integers(0, 256, (2, NONCE_BYTES), np.uint8)[rng.integers(0, 2, n)]
    return rng.integers(0, 256, (n, width), np.uint8), nonces, rng.integers(0, 2**24, n, np.int32)


@pytest.mark.parametrize("width", [8, 16, 40, 48, 128])
def test_it_is_aes_in_counter_mode(width):
    contents, nonces, numbers = invented(20, width)
    subkey = hashlib.blake2b(b"linkage/1/contents", key=SECRET, digest_size=32).digest()
    found = PadCipher(KEY, "contents").apply(contents, nonces, numbers)
    for row in range(20):
        first = int(numbers[row]) * -(-width // 16)
        slow = Cipher(algorithms.AES(subkey), modes.CTR(nonces[row].tobytes() + first.to_bytes(4, "big"))).encryptor()
        assert found[row].tobytes() == slow.update(contents[row].tobytes())


@pytest.mark.parametrize("n", [0, 1, 7, 8, 30])
def test_deciphering_gives_back_what_was_enciphered(monkeypatch, n):
    contents, *where = invented(n, 40)
    cipher = PadCipher(KEY, "contents")
    whole = cipher.apply(contents, *where)
    assert (cipher.apply(whole, *where) == contents).all()
    monkeypatch.setattr("linkage.counter_mode._CHUNK", 7)
    assert (cipher.apply(contents, *where) == whole).all()


@pytest.mark.parametrize("width", [1, 8, 16, 17, 40, 56, 64, 70])
@pytest.mark.parametrize("n", [0, 1, 7, 30])
def test_a_whole_batch_is_enciphered_as_its_values_are_one_by_one(monkeypatch, width, n):
    monkeypatch.setattr("linkage.counter_mode._CHUNK", 7)
    contents, nonces, _ = invented(n, width)
    nonces[:] = nonce = np.arange(NONCE_BYTES, dtype=np.uint8)
    cipher, order = PadCipher(KEY, "contents"), np.random.default_rng(n).permutation(n)
    found = cipher.apply_batch(contents, nonce.tobytes(), order)
    assert (found == cipher.apply(contents[order], nonces, np.arange(n))).all()
    assert (cipher.apply_batch(found, nonce.tobytes()) == contents[order]).all()
    # Rows that are not one after another in memory are taken as they are.
    assert (cipher.apply_batch(np.asfortranarray(contents), nonce.tobytes(), order) == found).all()


def test_a_batch_with_more_blocks_than_a_nonce_has_is_refused(monkeypatch):
    monkeypatch.setattr("linkage.counter_mode._BLOCKS", 6)
    cipher, nonce = PadCipher(KEY, "contents"), bytes(NONCE_BYTES)
    assert cipher.apply_batch(np.zeros((2, 40), np.uint8), nonce).any()
    with pytest.raises(ValueError, match="too many values"):
        cipher.apply_batch(np.zeros((3, 40), np.uint8), nonce)


def test_every_block_of_a_batch_is_another():
    n, width = 3_000, 40
    nonces = np.zeros((n, NONCE_BYTES), np.uint8)
    pads = PadCipher(KEY, "contents").apply(np.zeros((n, 48), np.uint8), nonces, np.arange(n))
    assert len({pads[row, start : start + 16].tobytes() for row in range(n) for start in range(0, 48, 16)}) == 3 * n
    # A content that does not fill its last block leaves the rest of it unused.
    assert (
        PadCipher(KEY, "contents").apply(np.zeros((n, width), np.uint8), nonces, np.arange(n)) == pads[:, :width]
    ).all()


def test_enciphered_contents_look_random():
    contents, nonces, _ = invented(4_000, 40)
    contents[:] = 0
    found = PadCipher(KEY, "contents").apply(contents, nonces, np.arange(4_000))
    bits = np.unpackbits(found, axis=1)
    assert abs(bits.mean() - 0.5) < 0.005
    assert abs(bits.mean(axis=0) - 0.5).max() < 0.05
    distances = (bits[:2_000] ^ bits[2_000:]).sum(axis=1)
    assert abs(distances.mean() - 160) < 1
    assert abs(distances.var() - 80) < 12


def test_another_key_or_nonce_gives_another_pad():
    contents, nonces, numbers = invented(5, 40)
    found = PadCipher(KEY, "contents").apply(contents, nonces, numbers)
    assert (PadCipher(RegistryKey.generate(), "contents").apply(contents, nonces, numbers) != found).any(axis=1).all()
    nonces = nonces.copy()
    nonces[:, -1] ^= 1
    assert (PadCipher(KEY, "contents").apply(contents, nonces, numbers) != found).any(axis=1).all()


def test_a_nonce_serves_no_more_blocks_than_it_can():
    one = np.zeros((1, 40), np.uint8), np.zeros((1, NONCE_BYTES), np.uint8)
    last = 2**32 // 3 - 1
    PadCipher(KEY, "contents").apply(*one, np.array([last]))
    with pytest.raises(ValueError, match="too many"):
        PadCipher(KEY, "contents").apply(*one, np.array([last + 1]))


def test_a_cipher_shows_nothing_and_is_not_copied():
    cipher = PadCipher(KEY, "contents")
    assert repr(cipher) == "<PadCipher>"
    with pytest.raises(TypeError):
        copy.deepcopy(cipher)


@pytest.mark.parametrize("width", [16, 48])
@pytest.mark.parametrize("runs", [(), (1,), (5, 1, 30), (1, 1, 1)])
def test_runs_of_consecutive_numbers_have_the_same_pads(width, runs):
    n = sum(runs)
    contents, _, _ = invented(n, width)
    rng = np.random.default_rng(len(runs))
    of_run, firsts = rng.integers(0, 256, (len(runs), NONCE_BYTES), np.uint8), rng.integers(0, 2**24, len(runs))
    starts = np.cumsum((0, *runs))[:-1]
    numbers = np.concatenate([np.arange(first, first + size) for first, size in zip(firsts, runs, strict=True)] or [[]])
    cipher = PadCipher(KEY, "contents")
    slow = cipher.apply(contents, np.repeat(of_run, runs, axis=0), numbers.astype(np.int64))
    assert (cipher.apply_in_turn(contents, of_run, firsts, starts) == slow).all()


def test_a_run_has_no_more_blocks_than_its_nonce_can_serve():
    one, nonce, start = np.zeros((1, 16), np.uint8), np.zeros((1, NONCE_BYTES), np.uint8), np.zeros(1, np.int64)
    cipher = PadCipher(KEY, "contents")
    cipher.apply_in_turn(one, nonce, np.array([2**32 - 1]), start)
    with pytest.raises(ValueError, match="too many values"):
        cipher.apply_in_turn(one, nonce, np.array([2**32]), start)
