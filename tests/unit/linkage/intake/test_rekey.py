"""Rekeying: which properties of codes are preserved, and which are not."""

from __future__ import annotations

import hashlib
import struct

import numpy as np
import pytest

from linkage.intake.rekey import BLOCK, rekey
from linkage.keys import RegistryKey
from pseudonym.profile import Encoding, load_profile
from tests.unit.linkage.helpers import PROFILE, UNGUARDED

KEY = RegistryKey._from_secret(bytes(range(32)))
ENCODINGS = [PROFILE.encoding, load_profile("case-registry").encoding, load_profile("clk").encoding]


def invented(n: int, encoding: Encoding, *, same: bool = False, seed: int = 1):
    """Return n codes as arrays, all with one match key if `same`."""
    rng = np.random.default_rng(seed)
    kind = rng.integers(0, 3, n, np.uint8)
    match_key = rng.integers(0, 256, (n, 16), np.uint8)
    if same:
        kind[:], match_key[:] = 1, 9
    return kind, match_key, rng.integers(0, 256, (n, encoding.content_bytes), np.uint8)


def bits_of(content):
    return np.unpackbits(content, axis=-1, bitorder="little")


def slow_rekey(secret: bytes, encoding: Encoding, kind: int, match_key: bytes, content: bytes):
    """Rekey one code bit by bit, as a slow twin of `rekey`."""
    sub = {
        name: hashlib.blake2b(f"linkage/1/{name}".encode(), key=secret, digest_size=32).digest()
        for name in ("match-key", "content", "mask")
    }
    code = struct.pack("<I", 1) + bytes([kind]) + struct.pack("<I", 16) + match_key
    new_key = hashlib.blake2b(code, key=sub["match-key"], digest_size=16).digest()
    widths = {(place.form, place.slot_bits if place.form == "slots" else place.n_bits) for place in encoding.layout}
    widths.add(("presence", 8))
    stream = hashlib.shake_256(sub["content"] + code).digest(4 * sum(width for _, width in widths))
    bits = [content[i // 8] >> (i % 8) & 1 for i in range(8 * len(content))]
    result = list(bits)
    at = 0
    for form, width in sorted(widths):
        numbers = [int.from_bytes(stream[at + 4 * i : at + 4 * i + 4], "little") for i in range(width)]
        at += 4 * width
        order = sorted(range(width), key=lambda i: (numbers[i], i))
        for place in encoding.layout:
            if form == "presence":
                firsts = [place.presence_bit]
            elif form == place.form and width == (place.slot_bits if form == "slots" else place.n_bits):
                firsts = list(range(place.first_bit, place.first_bit + place.n_bits, width))
            else:
                continue
            for first in firsts:
                for new, old in enumerate(order):
                    result[first + new] = bits[first + old]
    packed = bytes(sum(result[8 * i + j] << j for j in range(8)) for i in range(len(content)))
    if encoding.padded:
        mask = hashlib.shake_256(sub["mask"] + code).digest(len(content))
        packed = bytes(one ^ other for one, other in zip(packed, mask, strict=True))
    return int.from_bytes(new_key[:8], "big"), int.from_bytes(new_key[8:], "big"), packed


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_rekey_equals_its_slow_twin(encoding):
    kind, match_key, content = invented(5, encoding)
    new = rekey(KEY, encoding, kind, match_key, content)
    for row in range(len(kind)):
        expected = slow_rekey(
            bytes(range(32)), encoding, int(kind[row]), match_key[row].tobytes(), content[row].tobytes()
        )
        assert (int(new.key_hi[row]), int(new.key_lo[row]), new.content[row].tobytes()) == expected


@pytest.mark.parametrize("n", [0, 1, BLOCK - 1, BLOCK, BLOCK + 1])
def test_the_size_of_blocks_does_not_matter(n):
    kind, match_key, content = invented(n, PROFILE.encoding)
    whole = rekey(KEY, PROFILE.encoding, kind, match_key, content)
    for rows in (slice(0, n // 3), slice(n // 3, n)):
        part = rekey(KEY, PROFILE.encoding, kind[rows], match_key[rows], content[rows])
        assert (part.key_hi == whole.key_hi[rows]).all()
        assert (part.key_lo == whole.key_lo[rows]).all()
        assert (part.content == whole.content[rows]).all()


def test_equal_match_keys_stay_equal_and_others_stay_apart():
    kind, match_key, content = invented(400, PROFILE.encoding)
    match_key %= 2
    match_key[:, 2:] = 0
    before = np.concatenate([kind[:, None], match_key], axis=1)
    new = rekey(KEY, PROFILE.encoding, kind, match_key, content)
    after = np.stack([new.key_hi, new.key_lo], axis=1)
    same_before = (before[:, None] == before[None]).all(axis=2)
    same_after = (after[:, None] == after[None]).all(axis=2)
    assert (same_before == same_after).all()
    assert 3 <= len(np.unique(after, axis=0)) <= 12


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_hamming_distances_are_preserved_segment_by_segment(encoding):
    kind, match_key, content = invented(40, encoding, same=True)
    new = rekey(KEY, encoding, kind, match_key, content)
    before, after = bits_of(content), bits_of(new.content)
    assert not (before == after).all()
    for place in encoding.layout:
        width = place.slot_bits if place.form == "slots" else place.n_bits
        stretches = [(first, width) for first in range(place.first_bit, place.first_bit + place.n_bits, width)]
        for first, length in [*stretches, (place.presence_bit, 8)]:
            old, now = before[:, first : first + length], after[:, first : first + length]
            assert ((old[:, None] != old).sum(axis=2) == (now[:, None] != now).sum(axis=2)).all()


def test_exchanged_segments_of_one_width_stay_exchanged():
    kind, match_key, content = invented(2, PROFILE.encoding, same=True)
    given, family = PROFILE.encoding.layout[:2]
    bits = bits_of(content)
    first, second = (slice(place.first_bit, place.first_bit + place.n_bits) for place in (given, family))
    bits[1, first], bits[1, second] = bits[0, second], bits[0, first]
    new = bits_of(rekey(KEY, PROFILE.encoding, kind, match_key, np.packbits(bits, axis=1, bitorder="little")).content)
    # Both segments still differ in the same bits, which is how an exchange is recognised.
    assert (new[0, first] != new[1, first]).any()
    assert ((new[0, first] ^ new[1, first]) == (new[0, second] ^ new[1, second])).all()


def test_two_match_keys_have_two_permutations():
    kind, match_key, content = invented(2, PROFILE.encoding, same=True)
    content[1] = content[0]
    match_key[1, 0] ^= 1
    new = rekey(KEY, PROFILE.encoding, kind, match_key, content)
    assert new.content[0].tobytes() != new.content[1].tobytes()


def test_two_registries_have_no_key_in_common():
    codes = invented(50, PROFILE.encoding)
    one, other = (rekey(key, PROFILE.encoding, *codes) for key in (KEY, RegistryKey.generate()))
    assert not set(one.key_hi.tolist()) & set(other.key_hi.tolist())
    assert (one.content != other.content).any(axis=1).all()


def test_the_number_of_ones_in_a_segment_is_not_preserved():
    # Anybody with the linkage key can compute the number of ones in each segment of each person.
    kind, match_key, content = invented(400, PROFILE.encoding)
    new = rekey(KEY, PROFILE.encoding, kind, match_key, content)
    for place in PROFILE.encoding.layout:
        window = slice(place.first_bit, place.first_bit + place.n_bits)
        before, after = (bits_of(one)[:, window].sum(axis=1) for one in (content, new.content))
        assert (before != after).mean() > 0.3
        assert abs(np.corrcoef(before, after)[0, 1]) < 0.25


def test_without_a_pad_the_number_of_ones_is_preserved():
    kind, match_key, content = invented(20, UNGUARDED.encoding)
    new = rekey(KEY, UNGUARDED.encoding, np.zeros_like(kind), match_key, content)
    assert (bits_of(content).sum(axis=1) == bits_of(new.content).sum(axis=1)).all()
