"""Public keys are one line, checked to the last digit, with a fingerprint that can be read aloud."""

from __future__ import annotations

import re

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke

from linkage.keys import RegistryKey, StatisticsKey
from pseudonym.errors import PublicKeyError
from pseudonym.keyed import BodyKey
from pseudonym.public_keys import BodyPublicKey, UnitPublicKey

UNIT_KEYS = [RegistryKey.generate(), StatisticsKey.generate()]


@pytest.mark.parametrize("key", UNIT_KEYS, ids=["linkage", "statistics"])
def test_what_is_encrypted_to_a_unit_opens_with_its_key_and_no_other(key: RegistryKey | StatisticsKey) -> None:
    public = UnitPublicKey.parse(key.public.text)
    suite = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
    sealed = suite.encrypt(b"part", public.hpke_key, info=b"x")
    assert suite.decrypt(sealed, key.hpke_key, info=b"x") == b"part"
    (other,) = (one for one in UNIT_KEYS if one is not key)
    with pytest.raises(InvalidTag):
        suite.decrypt(sealed, other.hpke_key, info=b"x")


@pytest.mark.parametrize("key", UNIT_KEYS, ids=["linkage", "statistics"])
def test_a_unit_signs(key: RegistryKey | StatisticsKey) -> None:
    public = UnitPublicKey.parse(key.public.text)
    assert public.unit == key.UNIT
    public.verify(key.sign(b"receipt"), b"receipt")
    with pytest.raises(PublicKeyError):
        public.verify(key.sign(b"receipt"), b"receipts")


def test_a_fingerprint_tells_keys_and_units_apart_and_can_be_read_aloud() -> None:
    secret = bytes(range(32))
    publics = [RegistryKey._from_secret(secret).public, BodyKey._from_secret(secret).public, UNIT_KEYS[1].public]
    linkage = publics[0]
    publics.append(UnitPublicKey(linkage.verify_bytes, "statistics", linkage.hpke_bytes))
    assert len({public.fingerprint for public in publics}) == len({public.spoken for public in publics}) == 4
    for public in publics:
        assert re.fullmatch(r"[0-9a-f]{64}", public.fingerprint)
        assert re.fullmatch(r"[0-9]{5}( [0-9]{5}){5}", public.spoken)


def test_every_altered_character_is_noticed() -> None:
    text = BodyKey.generate().public.text
    for place, character in enumerate(text):
        for other in ("A" if character != "A" else "B", "\ud800"):
            with pytest.raises(PublicKeyError):
                BodyPublicKey.parse(text[:place] + other + text[place + 1 :])
    unit = UNIT_KEYS[0].public.text
    for place in range(0, len(unit), 97):
        with pytest.raises(PublicKeyError):
            UnitPublicKey.parse(unit[:place] + ("A" if unit[place] != "A" else "B") + unit[place + 1 :])


def test_a_key_of_another_kind_is_refused() -> None:
    for text, kind in ((UNIT_KEYS[0].public.text, BodyPublicKey), (BodyKey.generate().public.text, UnitPublicKey)):
        with pytest.raises(PublicKeyError) as caught:
            kind.parse(text)
        assert caught.value.rule == "public_key.form"
