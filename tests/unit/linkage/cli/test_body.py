"""`linkage enrol`, `linkage body` and `linkage policy`: a reporter is enrolled, and its keys change."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path

import pytest

from linkage.cli import main
from linkage.keys import RegistryKey
from linkage.pipeline import Registry
from pseudonym.enrolment import read_invite
from pseudonym.keyed import BodyKey
from pseudonym.wire import split_submission
from tests.unit.linkage import trust
from tests.unit.linkage.helpers import KEY_ID, PROFILE, crowd, send, unit_store
from tests.unit.linkage.trust import invite

pytestmark = pytest.mark.whole


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.chdir(tmp_path)
    Registry.create("r", profile=PROFILE)

    def command(*words: str, status: int = 0) -> str:
        with pytest.raises(SystemExit) as ended:
            main(list(words))
        out, err = capsys.readouterr()
        assert int(ended.value.code or 0) == status, err
        return " ".join((out + err).split())

    return command


@pytest.fixture
def key() -> BodyKey:
    return BodyKey.generate()


def write_answer(path: Path, reporter: str, key: BodyKey) -> Path:
    """Write the answer of a reporter to an invite of the registry."""
    return trust.write_answer(path, reporter, key, Registry.open("r").invites.make(reporter))


def test_a_reporter_is_enrolled_once_its_fingerprint_was_compared(run, key):
    sent = invite("police")
    trust.write_answer(Path("answer"), "police", key, sent)
    Path("invite").write_bytes(sent.canonical())
    assert "(enrolment.fingerprint)" in run("enrol", "r", "answer", "--fingerprint", "12345", status=5)
    assert "--fingerprint" in run("enrol", "r", "answer", status=2)
    assert run("body", "list", "r") == "No reporter is enrolled."
    out = run("enrol", "r", "answer", "--invite", "invite", "--fingerprint", f" {key.public.spoken} ")
    assert f"police is enrolled; its key has the fingerprint {key.public.spoken}." in out
    again = ("enrol", "r", "answer", "--invite", "invite", "--fingerprint", key.public.spoken)
    assert "(enrolment.exists)" in run(*again, status=5)
    found = json.loads(run("body", "list", "r", "--json"))
    assert [(one["reporter"], one["state"], one["fingerprint"]) for one in found] == [
        ("police", "active", key.public.fingerprint)
    ]
    assert json.loads(run("body", "list", "r", "--reporter", "school", "--json")) == []


def test_at_a_terminal_the_fingerprint_is_shown_and_asked_about(run, key, monkeypatch):
    write_answer(Path("answer"), "police", key)
    monkeypatch.setattr("linkage.cli.body.sys.stdin.isatty", lambda: True, raising=False)
    asked = []

    def confirm(text: str, **_options: object) -> bool:
        asked.append(text)
        return len(asked) > 1

    monkeypatch.setattr("linkage.cli.body.typer.confirm", confirm)
    assert key.public.spoken in run("enrol", "r", "answer", status=2)
    assert "is enrolled" in run("enrol", "r", "answer")
    assert asked == ["Has the reporter read the same digits to you?"] * 2


def test_an_answer_to_another_invite_or_a_damaged_one_is_refused(run, key):
    path = write_answer(Path("answer"), "police", key)
    Path("invite").write_bytes(invite("police").canonical())
    words = ("enrol", "r", "answer", "--fingerprint", key.public.spoken)
    assert "(answer.other_invite)" in run(*words, "--invite", "invite", status=5)
    path.write_bytes(path.read_bytes().replace(b'"police"', b'"school"'))
    assert "(answer.signature)" in run(*words, status=5)
    assert "(answer.unreadable)" in run("enrol", "r", "missing", status=5)
    assert run("body", "list", "r") == "No reporter is enrolled."


def test_an_answer_is_to_an_invite_that_is_in_the_audit_log_unless_it_is_named(run, key):
    strange = invite("police")
    trust.write_answer(Path("strange"), "police", key, strange)
    Path("invite").write_bytes(strange.canonical())
    said = ("--fingerprint", key.public.spoken)
    assert "(enrolment.invite)" in run("enrol", "r", "strange", *said, status=5)
    for_another = Registry.open("r").invites.make("school")
    trust.write_answer(Path("answer"), "police", key, for_another.model_copy(update={"reporter": "police"}))
    assert "(enrolment.invite)" in run("enrol", "r", "answer", *said, status=5)
    assert run("body", "list", "r") == "No reporter is enrolled."
    write_answer(Path("answer"), "police", key)
    assert "police is enrolled" in run("enrol", "r", "answer", *said)
    second = BodyKey.generate()
    trust.write_answer(Path("second"), "police", second, strange)
    words = ("body", "replace", "r", "second", "--fingerprint", second.public.spoken)
    assert "(enrolment.invite)" in run(*words, status=5)
    assert "police has a new key" in run(*words, "--invite", "invite")


def test_the_life_of_a_key(run, key):
    write_answer(Path("answer"), "police", key)
    run("enrol", "r", "answer", "--fingerprint", key.public.fingerprint)
    assert "police is suspended" in run("body", "suspend", "r", "police")
    assert "(enrolment.state)" in run("body", "suspend", "r", "police", status=5)
    assert run("body", "resume", "r", "police") == "police may send again."
    second = BodyKey.generate()
    write_answer(Path("second"), "police", second)
    words = ("body", "replace", "r", "second", "--fingerprint", second.public.spoken)
    assert "(enrolment.date)" in run(*words, "--until", "2026-01-01", status=5)
    assert "--until" in run(*words, "--until", "yesterday", status=2)
    out = run(*words)
    assert "police has a new key with the fingerprint" in out
    assert "Nothing signed with its old key is received any more." in out
    out = run("body", "revoke", "r", "police", "--on", "2026-01-01")
    assert "The key of police is revoked from 2026-01-01 on" in out
    assert "No file was received with it since then." in out
    states = [one["state"] for one in json.loads(run("body", "list", "r", "--json"))]
    assert states == ["revoked", "revoked"]
    assert "(enrolment.unknown)" in run("body", "suspend", "r", "school", status=5)


def test_what_is_accepted_can_be_set_later(run):
    assert "accepted from reporters that are not enrolled" in run("policy", "r")
    assert "Key id: not fixed; epoch: not fixed." in run("policy", "r")
    out = run("policy", "r", "--enrolled-only", "--key-id", KEY_ID, "--epoch", "1")
    assert "Files must be signed by an enrolled reporter" in out
    assert f"Key id: {KEY_ID}, fixed by option; epoch: 1." in out
    for unit in ("linkage", "statistics"):
        with unit_store("r", unit).session(write=False) as session:
            assert [session.get(name) for name in ("enrolled_only", "key_id", "epoch")] == ["1", KEY_ID, "1"]
    assert json.loads(run("policy", "r", "--accept-unsigned", "--json"))["enrolled_only"] is False
    assert "(registry.key_id)" in run("policy", "r", "--key-id", "12", status=5)
    send(Path("a"), "a", 1, crowd("a", [1]))
    run("receive", "r", "a")
    assert "(registry.fixed)" in run("policy", "r", "--epoch", "2", status=5)


def test_a_policy_that_one_unit_refuses_changes_neither(run):
    send(Path("a"), "a", 1, crowd("a", [1]))
    with pytest.MonkeyPatch.context() as patch:

        def fail(*_arguments: object) -> None:
            raise ZeroDivisionError

        # Only the linkage unit has stored anything when this fails.
        patch.setattr(import_module("linkage.intake.admit"), "store_receipt", fail)
        with pytest.raises(ZeroDivisionError):
            Registry.open("r").receive("a")
    assert "(registry.fixed)" in run("policy", "r", "--key-id", "0" * 32, status=5)
    assert "Key id: not fixed" in run("policy", "r")
    run("receive", "r", "a")
    assert f"Key id: {KEY_ID}" in run("policy", "r")


@pytest.mark.parametrize("unit", ["linkage", "statistics"])
def test_a_unit_on_its_own_has_a_policy_of_its_own(run, unit):
    alone = Registry.create(unit, profile=PROFILE, unit=unit)
    assert "Key id: not fixed; epoch: not fixed." in run("policy", unit)
    out = run("policy", unit, "--enrolled-only", "--key-id", KEY_ID, "--epoch", "2")
    assert f"Key id: {KEY_ID}, fixed by option; epoch: 2." in out
    assert f"This is the policy of the {unit} unit alone" in out
    assert "unit alone" not in run("policy", unit)
    assert [one.act for one in alone.audit.entries()] == ["init", "policy"]
    whole = send(Path("a"), "a", 1, crowd("a", [1]))
    parts = {"linkage": Path("codes"), "statistics": Path("cases")}
    split_submission(whole, codes=parts["linkage"], cases=parts["statistics"], profile=PROFILE, codebook=None)
    assert "(submission.epoch)" in run("receive", unit, str(parts[unit]), status=4)
    run("policy", unit, "--epoch", "1")
    assert "(sender.enrolled_only)" in run("receive", unit, str(parts[unit]), status=4)
    run("policy", unit, "--accept-unsigned")
    run("receive", unit, str(parts[unit]))
    assert "(registry.fixed)" in run("policy", unit, "--epoch", "2", status=5)


def test_units_apart_each_compare_an_answer_with_the_invites_in_their_own_log(run, key):
    codes = Registry.create("codes", profile=PROFILE, unit="linkage")
    Registry.create("cases", profile=PROFILE, unit="statistics")
    Path("codes.pub").write_text(run("key", "inspect", "codes.key", "--public"), encoding="utf-8")
    run("invite", "cases", "police", "--unit", "statistics", "--public-key", "codes.pub", "--out", "half")
    said = ("--fingerprint", key.public.spoken)
    unsigned = read_invite("half")
    # The statistics unit alone has made this one; the linkage unit has not seen it.
    unseen = unsigned.signed_by([RegistryKey.load("codes.key")])
    trust.write_answer(Path("answer"), "police", key, unseen)
    assert "(enrolment.invite)" in run("enrol", "codes", "answer", *said, status=5)
    run("invite", "codes", "police", "--unit", "linkage", "--countersign", "half", "--out", "invite")
    trust.write_answer(Path("strange"), "police", key)
    for unit in ("codes", "cases"):
        assert "(enrolment.invite)" in run("enrol", unit, "strange", *said, status=5)
        assert "police is enrolled" in run("enrol", unit, "answer", *said)
    assert [one.act for one in codes.audit.entries()] == ["init", "invite", "enrol"]
    for unit in ("codes", "cases"):
        assert "police is suspended" in run("body", "suspend", unit, "police")
        assert run("body", "resume", unit, "police") == "police may send again."
    # Only the statistics unit has a list of what was received.
    assert "Revoke it at the statistics unit too" in run("body", "revoke", "codes", "police")
    assert "No file was received with it since then." in run("body", "revoke", "cases", "police")
    assert Registry.open("codes").enrolments.keys()[0].state == "revoked"
    assert "(enrolment.state)" in run("body", "revoke", "codes", "police", status=5)
