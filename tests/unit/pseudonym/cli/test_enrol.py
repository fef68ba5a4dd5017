"""`pseudonym enrol` answers an invite with a key that is there or a new one, and leaves nothing if it cannot."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from linkage.keys import RegistryKey, StatisticsKey
from pseudonym.enrolment import DocumentReference, Invite, make_invite, read_answer
from pseudonym.keyed import BodyKey
from tests.unit.pseudonym.commands import shown

UNIT_KEYS = (RegistryKey.generate(), StatisticsKey.generate())
PROFILE = DocumentReference(name="case-registry", version="2", digest="ab" * 32)


@pytest.fixture(autouse=True)
def invite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Invite:
    """An invite of the police, in the current folder."""
    monkeypatch.chdir(tmp_path)
    invite = make_invite("police", keys=UNIT_KEYS, profile=PROFILE, period="2026-03")
    Path("invite.json").write_bytes(invite.canonical())
    return invite


WORDS = ("enrol", "invite.json", "--body-key", "body.key", "--out", "answer.json")


def test_a_key_that_is_there_answers(invite: Invite, capsys: pytest.CaptureFixture[str]) -> None:
    key = BodyKey.generate()
    key.save("body.key")
    status, text = shown(capsys, *WORDS)
    answer = read_answer("answer.json")
    answer.check_invite(invite)
    assert (status, answer.reporter, answer.key) == (0, "police", key.public)
    for spoken in (key.public.spoken, *(one.public.spoken for one in UNIT_KEYS)):
        assert spoken in text
    assert shown(capsys, *WORDS)[0] == 0, "an older answer is replaced"


def test_a_new_key_is_made_with_its_answer(invite: Invite, capsys: pytest.CaptureFixture[str]) -> None:
    status, text = shown(capsys, *WORDS, "--new-key", "--json")
    document = json.loads(text)
    assert (status, document["answer"]["public_key"]) == (0, BodyKey.load("body.key").public.text)
    assert document["fingerprints"]["linkage"] == UNIT_KEYS[0].public.spoken
    before = Path("body.key").read_bytes()
    status, text = shown(capsys, *WORDS, "--new-key")
    assert (status, Path("body.key").read_bytes()) == (5, before)
    assert "key.exists" in text


def test_a_new_key_may_be_wrapped_from_the_start(capsys: pytest.CaptureFixture[str]) -> None:
    read_end, write_end = os.pipe()
    os.write(write_end, b"nine lazy owls hoot")
    os.close(write_end)
    status, _ = shown(capsys, *WORDS, "--new-key", "--wrapped", "--passphrase-fd", str(read_end))
    os.close(read_end)
    assert (status, "WRAPPED" in Path("body.key").read_text()) == (0, True)
    assert shown(capsys, *WORDS, "--wrapped")[0] == 2


def test_a_bad_invite_leaves_no_key_and_no_answer(invite: Invite, capsys: pytest.CaptureFixture[str]) -> None:
    half = make_invite("police", keys=UNIT_KEYS[:1], public_keys=[UNIT_KEYS[1].public], profile=PROFILE)
    for data, rule in (
        (invite.canonical().replace(b"2026-03", b"2026-04"), "invite.signature"),
        (half.canonical(), "invite.incomplete"),
        (b"", "invite.json"),
        (b" " * 40_000, "invite.too_large"),
        (None, "invite.unreadable"),
    ):
        if data is None:
            Path("invite.json").unlink()
        else:
            Path("invite.json").write_bytes(data)
        status, text = shown(capsys, *WORDS, "--new-key")
        assert (status, f"({rule})" in text) == (5, True), text
        assert not Path("body.key").exists()
        assert not Path("answer.json").exists()


def test_an_answer_that_cannot_be_written_leaves_no_new_key(capsys: pytest.CaptureFixture[str]) -> None:
    Path("answer.json").write_text("mine")
    status, text = shown(capsys, *WORDS, "--new-key")
    assert (status, "output.exists" in text) == (6, True)
    assert not Path("body.key").exists()
    assert Path("answer.json").read_text() == "mine"
