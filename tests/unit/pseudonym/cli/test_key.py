"""`pseudonym key`: keys are made, inspected, wrapped and opened again, and pass phrases come from no argument."""

from __future__ import annotations

import getpass
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pseudonym.keyed import BodyKey, LinkageKey
from pseudonym.wire import read_header
from tests.unit.pseudonym.commands import shown

pytestmark = pytest.mark.whole

PASSPHRASE = "nine lazy owls hoot"
WRAPPED = {"linkage": "linkage-wrapped.key", "body": "body-wrapped.key"}


@contextmanager
def given(*passphrases: str) -> Iterator[list[str]]:
    """Words of a command line for a descriptor that gives pass phrases."""
    read_end, write_end = os.pipe()
    os.write(write_end, "\n".join(passphrases).encode())
    os.close(write_end)
    try:
        yield ["--passphrase-fd", str(read_end)]
    finally:
        os.close(read_end)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a key of each kind, open and wrapped; wrapping takes time, so one serves all."""
    folder = tmp_path_factory.mktemp("keys")
    for kind, key in (("linkage", LinkageKey.generate(project="p", epoch=3)), ("body", BodyKey.generate())):
        key.save(folder / f"{kind}.key")
        key.save(folder / WRAPPED[kind], passphrase=PASSPHRASE)
    return folder


@pytest.fixture(autouse=True)
def no_terminal(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setattr(getpass, "getpass", lambda prompt: pytest.fail(f"asked: {prompt}"))


def secret_of(name: str) -> str:
    return Path(name).read_text().split(".")[-2]


@pytest.mark.parametrize("words", [("--for", "body"), ("--for", "linkage", "--project", "p", "--epoch", "2")])
def test_a_new_key_is_written_once(capsys: pytest.CaptureFixture[str], tmp_path: Path, words: tuple[str, ...]) -> None:
    out = tmp_path / "new.key"
    status, text = shown(capsys, "key", "new", str(out), *words)
    assert status == 0
    assert secret_of(str(out)) not in text
    before = out.read_bytes()
    status, text = shown(capsys, "key", "new", str(out), *words)
    assert (status, out.read_bytes()) == (5, before)
    assert "key.exists" in text


def test_a_body_key_has_no_epoch(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert shown(capsys, "key", "new", str(tmp_path / "k"), "--for", "body", "--epoch", "2")[0] == 2


@pytest.mark.parametrize(
    ("words", "rule"),
    [(("--epoch", "0"), "key.epoch"), (("--project", ""), "key.project"), (("--epoch", "-1"), "key.")],
)
def test_a_new_linkage_key_is_not_given_another_name_than_was_asked_for(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, words: tuple[str, ...], rule: str
) -> None:
    status, text = shown(capsys, "key", "new", str(tmp_path / "k"), "--for", "linkage", *words)
    assert (status, rule in text, (tmp_path / "k").exists()) == (5, True, False)


def test_inspect_says_everything_but_the_secret(capsys: pytest.CaptureFixture[str]) -> None:
    linkage_key, body_key = LinkageKey.load("linkage.key"), BodyKey.load("body.key")
    for name, wrapped in (("linkage.key", False), (WRAPPED["linkage"], True), ("body.key", False)):
        with given(PASSPHRASE) as words:
            status, text = shown(capsys, "key", "inspect", name, "--json", *words)
        facts = json.loads(text)
        assert (status, facts["wrapped"]) == (0, wrapped)
        assert secret_of("linkage.key" if "linkage" in name else "body.key") not in text
        if "linkage" in name:
            found = (facts["kind"], facts["project"], facts["epoch"], facts["key_id"], facts["public_key"])
            assert found == ("linkage key", "p", 3, linkage_key.key_id, None)
        else:
            public = body_key.public
            assert (facts["fingerprint"], facts["public_key"]) == (public.fingerprint, public.text)
    status, text = shown(capsys, "key", "inspect", "body.key")
    assert body_key.public.spoken in text
    assert secret_of("body.key") not in text


@pytest.mark.parametrize(("name", "kind"), [("linkage.key", "body"), ("body.key", "linkage")])
def test_another_kind_is_refused(capsys: pytest.CaptureFixture[str], name: str, kind: str) -> None:
    status, text = shown(capsys, "key", "inspect", name, "--for", kind)
    assert (status, "key.form" in text) == (5, True)


def test_wrap_and_unwrap_give_the_same_key_back(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    wrapped, again = tmp_path / "wrapped.key", tmp_path / "again.key"
    with given(PASSPHRASE) as words:
        assert shown(capsys, "key", "wrap", "body.key", str(wrapped), *words)[0] == 0
    with given(PASSPHRASE, "another pass phrase") as words:
        assert shown(capsys, "key", "wrap", str(wrapped), str(tmp_path / "other.key"), *words)[0] == 0
    with given("another pass phrase") as words:
        assert shown(capsys, "key", "unwrap", str(tmp_path / "other.key"), str(again), *words)[0] == 0
    assert secret_of("body.key") not in wrapped.read_text()
    assert again.read_bytes() == Path("body.key").read_bytes()


@pytest.mark.parametrize(
    ("passphrases", "status", "rule"),
    [(["a wrong pass phrase"], 5, "key.passphrase"), ([""], 2, "--passphrase-fd"), (["x" * 20_000], 2, "--passphrase")],
)
def test_a_wrong_pass_phrase_opens_nothing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, passphrases: list[str], status: int, rule: str
) -> None:
    with given(*passphrases) as words:
        found, text = shown(capsys, "key", "unwrap", WRAPPED["body"], str(tmp_path / "out.key"), *words)
    assert (found, rule in text) == (status, True)
    assert not (tmp_path / "out.key").exists()


def test_a_short_pass_phrase_is_refused_for_a_new_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with given("eleven char") as words:
        status, text = shown(capsys, "key", "wrap", "body.key", str(tmp_path / "out.key"), *words)
    assert (status, (tmp_path / "out.key").exists()) == (2, False)
    assert "12 characters" in text
    assert "eleven" not in text


def test_a_descriptor_that_is_not_open_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, "key", "inspect", WRAPPED["body"], "--passphrase-fd", "987")[0] == 2


def test_the_user_is_asked_twice_for_a_new_pass_phrase_and_once_for_an_old_one(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [PASSPHRASE, "a new pass phrase", "a new pass phrase"]
    monkeypatch.setattr(getpass, "getpass", lambda prompt: answers.pop(0))
    status, text = shown(capsys, "key", "wrap", WRAPPED["body"], str(tmp_path / "out.key"))
    assert (status, answers) == (0, [])
    assert "pass phrase" not in text.replace("under a pass phrase", "")
    answers = ["a new pass phrase", "another pass phrase"]
    status, text = shown(capsys, "key", "wrap", "body.key", str(tmp_path / "out-2.key"))
    assert (status, (tmp_path / "out-2.key").exists()) == (2, False)


def test_without_a_terminal_the_command_says_how_to_give_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_echo(prompt: str) -> str:
        raise getpass.GetPassWarning

    monkeypatch.setattr(getpass, "getpass", no_echo)
    status, text = shown(capsys, "key", "inspect", WRAPPED["body"])
    assert (status, "--passphrase-fd 3" in text) == (2, True)


def test_encode_and_withdraw_read_wrapped_keys(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    keyed = ["--key", WRAPPED["linkage"], "--reporter", "police", "--sequence", "1", "--out"]
    out = str(tmp_path / "out.parquet")
    with given(PASSPHRASE) as words:
        nothing = ["encode", "--nothing-to-report", "--body-key", WRAPPED["body"], "--period", "2026-03"]
        assert shown(capsys, *nothing, *keyed, out, *words)[0] == 0
    assert read_header(out).key_id == LinkageKey.load("linkage.key").key_id
    with given(PASSPHRASE) as words:
        assert shown(capsys, "withdraw", "--record", "r", *keyed, str(tmp_path / "w.parquet"), *words)[0] == 0
