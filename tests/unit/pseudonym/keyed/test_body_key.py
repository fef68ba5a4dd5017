"""A body key gives handles and signatures that nobody else can make, and shows nothing of itself."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path

import numpy as np
import pytest

from pseudonym.encode.handles import Handles
from pseudonym.errors import KeyFileError, PublicKeyError
from pseudonym.key_file import asking
from pseudonym.keyed import BodyKey, LinkageKey

DIGEST = "ab" * 32
RECORD_IDS = ("r-1", "r-2")


def handles(linkage_key: LinkageKey, body_key: BodyKey | None, reporter: str = "police") -> set[bytes]:
    made = Handles.of(linkage_key, linkage_key.subkeys(DIGEST), body_key, reporter=reporter)(RECORD_IDS)
    assert made.shape == (2, 16)
    assert made.dtype == np.uint8
    return {row.tobytes() for row in made}


def test_handles_stay_in_an_epoch_and_differ_by_body_key_epoch_and_reporter() -> None:
    first, second = (LinkageKey.generate(project="p", epoch=epoch) for epoch in (1, 2))
    mine, other = BodyKey.generate(), BodyKey.generate()
    assert handles(first, mine) == handles(first, mine)
    every = [
        handles(first, mine),
        handles(second, mine),
        handles(first, other),
        handles(first, mine, "school"),
        handles(first, None),
    ]
    assert len(set().union(*every)) == 2 * len(every)


def test_whoever_has_the_linkage_key_alone_computes_other_handles() -> None:
    linkage_key = LinkageKey.generate()
    assert not handles(linkage_key, BodyKey.generate()) & handles(linkage_key, None)


def test_a_signature_is_of_one_key_and_one_message() -> None:
    key, other = BodyKey.generate(), BodyKey.generate()
    signature = key.sign(b"message")
    key.public.verify(signature, b"message")
    for public, signed, message in (
        (other.public, signature, b"message"),
        (key.public, signature, b"messagf"),
        (key.public, signature[:-1], b"message"),
        (key.public, bytes(64), b"message"),
    ):
        with pytest.raises(PublicKeyError) as caught:
            public.verify(signed, message)
        assert caught.value.rule == "public_key.signature"


def test_a_key_comes_back_from_its_file_open_or_wrapped(tmp_path: Path) -> None:
    key = BodyKey.generate()
    key.save(tmp_path / "open.key")
    key.save(tmp_path / "wrapped.key", passphrase="a long pass phrase")
    assert BodyKey.load(tmp_path / "open.key").public == key.public
    with asking(lambda _: "a long pass phrase"):
        assert BodyKey.load(tmp_path / "wrapped.key").public == key.public
    with pytest.raises(KeyFileError, match="never overwritten"):
        key.save(tmp_path / "open.key", passphrase="a long pass phrase")


def test_the_handle_gives_nothing_away(tmp_path: Path) -> None:
    key = BodyKey.generate()
    key.save(tmp_path / "open.key")
    secret = (tmp_path / "open.key").read_text().split(".")[-2]
    assert secret not in f"{key!r} {key} {key.public!r} {key.handle!r}"
    for refused in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            refused(key)
    with pytest.raises(TypeError):
        BodyKey()


def test_a_linkage_key_is_no_body_key(tmp_path: Path) -> None:
    LinkageKey.generate().save(tmp_path / "linkage.key")
    with pytest.raises(KeyFileError) as caught:
        BodyKey.load(tmp_path / "linkage.key")
    assert caught.value.rule == "key.form"
    assert "--for body" in str(caught.value)
