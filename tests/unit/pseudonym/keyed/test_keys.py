"""The linkage key is a handle: it shows nothing, is not compared by value, and does not travel."""

import copy
import os
import pickle
import stat
import sys

import pytest

from pseudonym.errors import KeyFileError
from pseudonym.keyed.keys import LinkageKey, Secret
from pseudonym.labels import LABELS, SPEC, SUBKEYS

PROFILE = "ab" * 32


@pytest.fixture
def key() -> LinkageKey:
    return LinkageKey.generate(project="test", epoch=3)


def _text(key: LinkageKey, tmp_path) -> str:
    key.save(tmp_path / "key")
    return (tmp_path / "key").read_text()


def test_saved_key_loads_as_the_same_key(key, tmp_path):
    key.save(tmp_path / "key")
    again = LinkageKey.load(tmp_path / "key")
    assert (again.key_id, again.project, again.epoch) == (key.key_id, "test", 3)
    assert again.subkeys(PROFILE).token.reveal() == key.subkeys(PROFILE).token.reveal()


def test_two_keys_have_two_ids():
    assert LinkageKey.generate().key_id != LinkageKey.generate().key_id


def test_nothing_of_the_secret_is_shown(key, tmp_path):
    secret = _text(key, tmp_path).strip().splitlines()[-1].split(".")[3]
    subkeys = key.subkeys(PROFILE)
    shown = f"{key!r} {key} {subkeys!r} {subkeys.token!r} {subkeys.token} {[key, subkeys]}"
    assert secret not in shown
    assert all(getattr(subkeys, name).reveal().hex() not in shown for name in subkeys.__slots__)


@pytest.mark.parametrize("handle", [LinkageKey.generate(), LinkageKey.generate().subkeys(PROFILE), Secret(b"x" * 32)])
def test_handles_refuse_to_be_pickled_or_copied(handle):
    for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            attempt(handle)


@pytest.mark.parametrize("handle", [LinkageKey.generate(), LinkageKey.generate().subkeys(PROFILE), Secret(b"x" * 32)])
def test_handles_give_no_state(handle):
    with pytest.raises(TypeError):
        handle.__getstate__()


def test_a_key_cannot_be_constructed():
    for arguments in ((), (Secret(bytes(32)),), (bytes(32),)):
        with pytest.raises(TypeError, match="cannot be constructed"):
            LinkageKey(*arguments, project="test", epoch=1)


def test_equality_is_identity(key, tmp_path):
    key.save(tmp_path / "key")
    assert LinkageKey.load(tmp_path / "key") != LinkageKey.load(tmp_path / "key")
    assert Secret(b"x" * 32) != Secret(b"x" * 32)


def test_subkeys_differ_by_purpose_profile_project_and_epoch(key, tmp_path):
    line = _text(key, tmp_path).strip().splitlines()[-1]
    values = [getattr(key.subkeys(digest), name).reveal() for digest in (PROFILE, "cd" * 32) for name in SUBKEYS]
    assert len(set(values)) == len(values)
    labels = [*SUBKEYS.values(), *LABELS.values()]
    assert len(set(labels)) == len(labels)
    assert all(label.startswith(f"pseudonym/{SPEC}/") for label in labels)
    ids = {
        LinkageKey._from_secret(bytes(32), project=project, epoch=epoch).key_id
        for project in ("a", "b")
        for epoch in (1, 2)
    }
    assert len(ids) == 4
    assert line.startswith("PSEUDONYM-SECRET")


def test_a_key_file_is_never_overwritten(key, tmp_path):
    key.save(tmp_path / "key")
    before = (tmp_path / "key").read_bytes()
    with pytest.raises(KeyFileError) as caught:
        LinkageKey.generate().save(tmp_path / "key")
    assert caught.value.rule == "key.exists"
    assert (tmp_path / "key").read_bytes() == before


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps file rights in access lists, not in a mode")
def test_only_the_owner_may_read_a_key_file(key, tmp_path):
    key.save(tmp_path / "key")
    assert stat.S_IMODE(os.stat(tmp_path / "key").st_mode) == 0o600


def test_every_single_altered_character_is_noticed(key, tmp_path):
    line = _text(key, tmp_path).strip().splitlines()[-1]
    for place, character in enumerate(line):
        altered = line[:place] + ("A" if character != "A" else "B") + line[place + 1 :]
        with pytest.raises(KeyFileError):
            LinkageKey.parse(altered)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "key.form"),
        ("# only a comment\n", "key.form"),
        ("one\ntwo\n", "key.form"),
        ("PSEUDONYM.a.b.c.d", "key.form"),
    ],
)
def test_other_texts_are_refused(text, rule):
    with pytest.raises(KeyFileError) as caught:
        LinkageKey.parse(text)
    assert caught.value.rule == rule


def test_a_missing_file_and_a_binary_file_are_unreadable(tmp_path):
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00\xd8")
    for name in ("missing", "binary"):
        with pytest.raises(KeyFileError) as caught:
            LinkageKey.load(tmp_path / name)
        assert caught.value.rule in {"key.unreadable", "key.form"}


@pytest.mark.parametrize(
    ("project", "epoch"), [("", 1), ("UPPER", 1), ("a" * 33, 1), ("a", 0), ("a", 10**9), ("a", -1)]
)
def test_project_and_epoch_have_a_range(project, epoch):
    with pytest.raises(KeyFileError):
        LinkageKey.generate(project=project, epoch=epoch)
