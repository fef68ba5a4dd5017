"""The registry's own key is a handle, and its file has one form."""

from __future__ import annotations

import copy
import os
import pickle
from hashlib import blake2b
from typing import ClassVar

import pytest

from linkage.errors import RegistryKeyError
from linkage.keys import RegistryKey

KEY = RegistryKey._from_secret(bytes(range(32)))


def test_a_key_comes_back_from_its_file_and_only_its_owner_may_read_it(tmp_path):
    path = tmp_path / "r.key"
    key = RegistryKey.generate()
    key.save(path)
    assert RegistryKey.load(path).check == key.check
    assert RegistryKey.generate().check != key.check
    if os.name != "nt":
        assert path.stat().st_mode & 0o777 == 0o600


def test_a_key_file_is_never_overwritten(tmp_path):
    path = tmp_path / "r.key"
    path.write_text("mine")
    with pytest.raises(RegistryKeyError, match="never overwritten") as caught:
        KEY.save(path)
    assert caught.value.rule == "registry_key.exists"
    assert path.read_text() == "mine"


WRITTEN = b"""\
# The key of one linkage registry. Keep it apart from the registry file, and keep a backup.
LINKAGE-SECRET-REGISTRY-KEY-1.AAAQEAYEAUDAOCAJBIFQYDIOB4IBCEQTCQKRMFYYDENBWHA5DYPQ.5227e94d
"""


def test_the_form_of_the_file_does_not_change(tmp_path):
    KEY.save(tmp_path / "r.key")
    assert (tmp_path / "r.key").read_bytes() == WRITTEN


def damaged_keys():
    text = b"".join(line for line in WRITTEN.splitlines(keepends=True) if not line.startswith(b"#"))
    secret = text.split(b".")[1]
    yield "empty", b""
    yield "cut", text[:-3]
    yield "one letter", text.replace(secret, b"B" + secret[1:])
    yield "lower case", text.lower()
    yield "twice", text + text
    yield "another key", b"PSEUDONYM-SECRET-LINKAGE-KEY-1.p.1." + secret + b".00000000"
    yield "binary", bytes(range(256))
    yield "not base 32", text.replace(secret, b"1" * 52)


@pytest.mark.parametrize("fault", [fault for fault, _ in damaged_keys()])
def test_a_damaged_key_is_refused_and_not_shown(tmp_path, fault):
    path = tmp_path / "r.key"
    path.write_bytes(dict(damaged_keys())[fault])
    with pytest.raises(RegistryKeyError) as caught:
        RegistryKey.load(path)
    assert caught.value.rule == "registry_key.form"
    assert "AAAQ" not in f"{caught.value}{caught.value!r}{caught.value.hint}"


def test_a_missing_key_is_told_from_a_damaged_one(tmp_path):
    for path in (tmp_path / "none.key", tmp_path):
        with pytest.raises(RegistryKeyError) as caught:
            RegistryKey.load(path)
        assert caught.value.rule == "registry_key.unreadable"


def test_the_handle_gives_nothing_away():
    secret = bytes(range(32))
    shown = f"{KEY!r} {KEY} {KEY.check}"
    assert secret.hex() not in shown
    assert KEY.subkey("digest").hex() not in shown
    assert not hasattr(KEY, "__dict__")
    assert "\\x01\\x02" not in shown
    for refused in (pickle.dumps, copy.copy, copy.deepcopy, RegistryKey.__getstate__):
        with pytest.raises(TypeError):
            refused(KEY)
    with pytest.raises(TypeError):
        RegistryKey()
    assert RegistryKey._from_secret(secret) != KEY


def test_the_key_of_seals_is_derived_once_and_seals_stay_the_same():
    class Counting(RegistryKey):
        __slots__ = ()
        derived: ClassVar[list[str]] = []

        def subkey(self, purpose):
            self.derived.append(purpose)
            return super().subkey(purpose)

    key = Counting._from_secret(bytes(range(32)))
    seals = {key.seal(bytes([n])) for n in range(10)}
    assert Counting.derived == ["digest"]
    assert seals == {blake2b(bytes([n]), key=KEY.subkey("digest"), digest_size=32).digest() for n in range(10)}
