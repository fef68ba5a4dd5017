"""`linkage invite` writes what a reporter must know, signed by both units, together or apart."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from linkage.cli import main
from linkage.keys import RegistryKey, StatisticsKey
from linkage.pipeline import Registry
from pseudonym.enrolment import DocumentReference, make_answer, make_invite, read_invite
from pseudonym.keyed import BodyKey
from tests.unit.linkage.helpers import PROFILE

REFERENCE = DocumentReference(name="test", version="1", digest="0" * 64)


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry:
    """A registry with keys of both units, in the current folder."""
    monkeypatch.chdir(tmp_path)
    return Registry.create("r", profile=PROFILE, key_id="ab" * 16)


def shown(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    printed = capsys.readouterr()
    return int(ended.value.code or 0), printed.out + printed.err


def test_an_invite_says_what_the_reporter_must_know(registry: Registry, capsys: pytest.CaptureFixture[str]) -> None:
    registry.roster.set("police", kind="police", from_period="2026-01", name="Polisen")
    status, text = shown(capsys, "invite", "r", "police", "--out", "invite.json")
    invite = read_invite("invite.json")
    keys = RegistryKey.load("r.key"), StatisticsKey.load("r.statistics.key")
    assert status == 0
    assert invite.is_complete
    assert invite.public_keys == tuple(key.public for key in keys)
    assert (invite.profile.name, invite.profile.digest) == (PROFILE.name, PROFILE.digest)
    assert (invite.reporter, invite.period, invite.key_id) == ("police", "2026-01", "ab" * 16)
    assert invite.roster is not None
    assert (invite.roster.name, invite.roster.every) == ("Polisen", "month")
    assert all(key.public.spoken in text for key in keys)
    assert "not on the roster" not in text
    make_answer(invite, BodyKey.generate()).check_invite(invite)


def test_two_units_apart_sign_one_after_the_other(registry: Registry, capsys: pytest.CaptureFixture[str]) -> None:
    shown(capsys, "key", "inspect", "r.key", "--public")
    Path("linkage.pub").write_text(RegistryKey.load("r.key").public.text + "\n")
    apart = ("invite", "r", "police", "--unit")
    assert shown(capsys, *apart, "statistics", "--public-key", "linkage.pub", "--out", "half.json")[0] == 0
    assert not read_invite("half.json").is_complete
    status, text = shown(capsys, *apart, "linkage", "--countersign", "half.json", "--out", "whole.json", "--json")
    whole = read_invite("whole.json")
    assert (status, whole.is_complete, whole.digest) == (0, True, read_invite("half.json").digest)
    assert json.loads(text)["digest"] == whole.digest
    RegistryKey.generate().save("another.key")
    words = (*apart, "linkage", "--countersign", "half.json", "--registry-key", "another.key", "--out", "x.json")
    status, text = shown(capsys, *words)
    assert (status, "registry_key.other" in text, Path("x.json").exists()) == (5, True, False)
    words = ("invite", "r", "school", "--unit", "linkage", "--countersign", "half.json", "--out", "x.json")
    status, text = shown(capsys, *words)
    assert (status, "invite.other_reporter" in text, Path("x.json").exists()) == (5, True, False)


def test_a_unit_signs_no_invite_with_another_key_of_its_own(
    registry: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    others = RegistryKey.generate(), StatisticsKey.generate()
    half = make_invite("police", keys=others[1:], public_keys=[others[0].public], profile=REFERENCE)
    Path("half.json").write_bytes(half.canonical())
    words = ("invite", "r", "police", "--unit", "linkage", "--countersign", "half.json", "--out", "x.json")
    status, text = shown(capsys, *words)
    assert (status, "invite.other_key" in text, Path("x.json").exists()) == (5, True, False)
    StatisticsKey.generate().save("another.key")
    status, text = shown(capsys, "invite", "r", "police", "--statistics-key", "another.key", "--out", "x.json")
    assert (status, "statistics_key.other" in text, Path("x.json").exists()) == (5, True, False)


def test_each_invite_has_its_entry_in_the_audit_log(registry: Registry) -> None:
    made = registry.invites.make("police")
    (entry,) = (one for one in registry.audit.entries() if one.act == "invite")
    assert entry.members == {"reporter": "police", "digest": made.digest}


@pytest.mark.parametrize(
    ("words", "status", "rule"),
    [
        (("police two",), 5, "invite.form"),
        (("police", "--period", "2026-13"), 5, "invite.form"),
        (("police", "--unit", "statistics"), 2, "--public-key"),
        (("police", "--unit", "other"), 2, "--unit"),
        (("police", "--countersign", "half.json"), 2, "--unit"),
        (("police", "--unit", "linkage", "--public-key", "r.key"), 5, "public_key.form"),
        (("police", "--unit", "linkage", "--public-key", "none"), 5, "public_key.unreadable"),
        (("police", "--unit", "linkage", "--countersign", "none"), 5, "invite.unreadable"),
        (("police", "--statistics-key", "none.key"), 5, "statistics_key.unreadable"),
        (("police", "--statistics-key", "r.key"), 5, "statistics_key.form"),
    ],
)
def test_what_cannot_be_used_writes_no_invite(
    registry: Registry, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], status: int, rule: str
) -> None:
    found, text = shown(capsys, "invite", "r", *words, "--out", "invite.json")
    assert (found, rule in text) == (status, True), text
    assert not Path("invite.json").exists()


def test_another_file_is_never_replaced(registry: Registry, capsys: pytest.CaptureFixture[str]) -> None:
    Path("invite.json").write_text("mine")
    status, text = shown(capsys, "invite", "r", "police", "--out", "invite.json")
    assert (status, "export.exists" in text, Path("invite.json").read_text()) == (6, True, "mine")
    Path("invite.json").unlink()
    assert [shown(capsys, "invite", "r", "police", "--out", "invite.json")[0] for _ in range(2)] == [0, 0]
