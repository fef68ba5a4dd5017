"""Whoever reads a wrapped key file is asked once for its pass phrase, and nobody is asked for an open one."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import pytest

from pseudonym.errors import KeyFileError
from pseudonym.key_file import KeyLockedError, asking, asking_nobody, read_key_file
from pseudonym.keyed import BodyKey, LinkageKey

pytestmark = pytest.mark.whole

PASSPHRASE = "nine lazy owls hoot"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    BodyKey.generate().save(tmp_path / "body.key", passphrase=PASSPHRASE)
    return tmp_path / "body.key"


def test_a_wrapped_file_is_read_within_the_block_and_asked_for_once(path: Path) -> None:
    asked = []

    def ask(which: Path) -> str:
        asked.append(which)
        return PASSPHRASE

    with asking(ask):
        keys = [BodyKey.load(path) for _ in range(3)]
    assert asked == [path]
    assert len({key.public.text for key in keys}) == 1
    with pytest.raises(KeyLockedError):
        read_key_file(path)


@pytest.mark.parametrize(
    ("passphrase", "rule"), [(None, "key.wrapped"), ("another one, wrong", "key.passphrase"), ("", "key.passphrase")]
)
def test_without_its_pass_phrase_a_file_is_refused(path: Path, passphrase: str | None, rule: str) -> None:
    given = nullcontext() if passphrase is None else asking(lambda _: passphrase)
    with given, pytest.raises(KeyFileError) as caught:
        BodyKey.load(path)
    assert (caught.value.rule, caught.value.path) == (rule, path)


def test_nobody_is_asked_for_an_open_file(tmp_path: Path) -> None:
    LinkageKey.generate().save(tmp_path / "open.key")
    with asking(lambda _: pytest.fail("asked")):
        assert not read_key_file(tmp_path / "open.key").wrapped


def test_another_kind_of_key_under_a_pass_phrase_is_another_kind(path: Path) -> None:
    with asking(lambda _: PASSPHRASE), pytest.raises(KeyFileError) as caught:
        LinkageKey.load(path)
    assert caught.value.rule == "key.form"


def test_where_nobody_is_asked_a_file_is_read_only_if_it_was_opened_before(path: Path, tmp_path: Path) -> None:
    BodyKey.generate().save(tmp_path / "other.key", passphrase=PASSPHRASE)
    asked = []

    def ask(which: Path) -> str:
        asked.append(which)
        return PASSPHRASE

    with asking_nobody(), pytest.raises(KeyLockedError):
        read_key_file(path)
    with asking(ask):
        with asking_nobody(), pytest.raises(KeyLockedError) as caught:
            read_key_file(path)
        assert caught.value.rule == "wrapped"
        assert asked == []
        opened = read_key_file(path)
        with asking_nobody():
            assert read_key_file(path).text == opened.text
            with pytest.raises(KeyLockedError):
                read_key_file(tmp_path / "other.key")
        assert asked == [path]
        read_key_file(tmp_path / "other.key")
    assert asked == [path, tmp_path / "other.key"]
