"""`--to` seals what a command writes for the units of an invite, and leaves no open file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from linkage.keys import RegistryKey, StatisticsKey
from pseudonym import load_codebook, load_profile
from pseudonym.enrolment import DocumentReference, make_invite
from pseudonym.key_file import read_key_file
from pseudonym.keyed import BodyKey, LinkageKey, stored
from pseudonym.wire import open_cases, open_codes, read_sealed_header, read_totals, read_withdrawal
from pseudonym.wire.sealed import open_part
from tests.unit.pseudonym.commands import shown

LINKAGE, STATISTICS, BODY = RegistryKey.generate(), StatisticsKey.generate(), BodyKey.generate()
KEY = LinkageKey.generate(project="test", epoch=1)
PROFILE = load_profile("case-registry")
REFERENCE = DocumentReference(name=PROFILE.name, version="1", digest=PROFILE.digest)
CASES = "record_id,given_names,family_names,birth_date\na-1,Annabella,Oxenstierna,2011-07-13\nb-1,Bogdan,Zvon,1989\n"
OF_POLICE = ("--reporter", "police", "--to", "invite.json", "--body-key", "body.key")
ENCODE = ("encode", "cases.csv", "--key", "linkage.key", "--period", "2026-03", *OF_POLICE, "--out", "out.sealed")
WITHDRAW = ("withdraw", "--key", "linkage.key", "--record", "a-1", *OF_POLICE, "--out", "out.sealed")
TOTALS = ("totals", "counts.csv", "--period", "2026-03", "--unit", "person", *OF_POLICE, "--out", "out.sealed")


def invite(**members: Any) -> None:
    given = {"keys": (LINKAGE, STATISTICS), "profile": REFERENCE, "key_id": KEY.key_id, "epoch": 1} | members
    made = make_invite(given.pop("reporter", "police"), **given)
    Path("invite.json").write_bytes(made.canonical())


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    invite()
    KEY.save("linkage.key")
    BODY.save("body.key")
    Path("cases.csv").write_text(CASES, encoding="utf-8")
    Path("counts.csv").write_text("n\n7\n", encoding="utf-8")


def left() -> set[str]:
    """Return what there is beside the inputs."""
    return {path.name for path in Path().iterdir()} - {
        *("invite.json", "linkage.key", "body.key", "cases.csv", "counts.csv"),
    }


def test_a_sealed_submission_opens_for_each_unit(capsys: pytest.CaptureFixture[str]) -> None:
    status, text = shown(capsys, *ENCODE, "--codebook", "case-registry")
    assert (status, left()) == (0, {"out.sealed"})
    assert "Sealed for the linkage unit and the statistics unit, and signed by police." in text
    with (
        open_part("out.sealed", signer=BODY.public, opener=LINKAGE, folder=".") as part,
        open_codes(part.path, profile=PROFILE) as (header, turns),
    ):
        assert sum(len(turn.records) for turn in turns) == header.records == 2
    with (
        open_part("out.sealed", signer=BODY.public, opener=STATISTICS, folder=".") as part,
        open_cases(part.path, codebook=load_codebook("case-registry")) as (_, cases),
    ):
        found = [record_id for turn in cases for record_id in turn.cases["record_id"].to_pylist()]
        assert sorted(found) == ["a-1", "b-1"]


def test_json_has_both_headers_and_the_digest_of_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    status, text = shown(capsys, *ENCODE, "--json")
    document, header = json.loads(text), read_sealed_header("out.sealed")
    assert (status, document["sealed"], document["digest"]) == (0, header.members(), header.digest)
    assert document["header"]["period"] == "2026-03"
    status, text = shown(capsys, "show", "out.sealed")
    assert json.loads(text) == {**header.members(), "digest": header.digest}


def test_a_sealed_file_is_the_previous_of_the_next(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, *ENCODE)[0] == 0
    first = read_sealed_header("out.sealed")
    next_one = ("--previous", "out.sealed", "--out", "next.sealed")
    assert shown(capsys, *WITHDRAW, *next_one)[0] == 0
    assert read_sealed_header("next.sealed").previous == first.digest
    status, text = shown(capsys, *WITHDRAW, *next_one, "--sequence", str(first.sequence))
    assert (status, "higher" in text) == (2, True)


def test_nothing_to_report_a_withdrawal_and_totals_are_sealed_too(capsys: pytest.CaptureFixture[str]) -> None:
    nothing = [word for word in ENCODE if word != "cases.csv"]
    assert shown(capsys, *nothing, "--nothing-to-report")[0] == 0
    assert read_sealed_header("out.sealed").kind == "submission"
    status, text = shown(capsys, *WITHDRAW)
    assert (status, "Sealed for the statistics unit" in text) == (0, True)
    with open_part("out.sealed", signer=BODY.public, opener=STATISTICS, folder=".") as part:
        assert read_withdrawal(part.path).records == ("a-1",)
    assert shown(capsys, *TOTALS)[0] == 0
    with open_part("out.sealed", signer=BODY.public, opener=STATISTICS, folder=".") as part:
        assert [cell.n for cell in read_totals(part.path, codebook=None).cells] == [7]
    assert left() == {"out.sealed"}


def test_the_configuration_may_name_the_invite(capsys: pytest.CaptureFixture[str]) -> None:
    Path("body.toml").write_text(
        'reporter = "police"\nkey = "linkage.key"\nbody_key = "body.key"\nto = "invite.json"\n', encoding="utf-8"
    )
    words = ("encode", "cases.csv", "--config", "body.toml", "--no-period", "--out", "out.sealed")
    assert shown(capsys, *words)[0] == 0
    assert read_sealed_header("out.sealed").signer == BODY.public.fingerprint


@pytest.mark.parametrize(
    ("rule", "members"),
    [
        ("invite.other_reporter", {"reporter": "school"}),
        ("invite.incomplete", {"keys": (LINKAGE,), "public_keys": (STATISTICS.public,)}),
        ("invite.other_profile", {"profile": REFERENCE.model_copy(update={"digest": "0" * 64})}),
        ("invite.other_linkage_key", {"key_id": "0" * 32}),
        ("invite.other_linkage_key", {"epoch": 2}),
    ],
)
def test_an_invite_that_does_not_fit_is_refused_before_the_work(
    rule: str, members: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    invite(**members)
    status, text = shown(capsys, *ENCODE)
    assert (status, rule in text, left()) == (5, True, set())


def test_an_invite_that_does_not_know_the_linkage_key_yet_takes_any(capsys: pytest.CaptureFixture[str]) -> None:
    invite(key_id=None, epoch=None)
    assert shown(capsys, *ENCODE)[0] == 0


def test_a_key_must_sign(capsys: pytest.CaptureFixture[str]) -> None:
    for command in (ENCODE, WITHDRAW, TOTALS):
        at = command.index("--body-key")
        status, text = shown(capsys, *command[:at], *command[at + 2 :])
        assert (status, "--body-key" in text, left()) == (2, True, set())


def test_pass_phrases_are_asked_for_in_one_order_and_each_key_once(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    read = []

    def noted(path: Any) -> Any:
        read.append(Path(path).name)
        return read_key_file(path)

    monkeypatch.setattr(stored, "read_key_file", noted)
    at = ENCODE.index("--to")
    for command in (ENCODE, (*ENCODE[:at], *ENCODE[at + 2 :]), WITHDRAW):
        Path("out.sealed").unlink(missing_ok=True)
        assert shown(capsys, *command)[0] == 0
    assert read == ["linkage.key", "body.key"] * 3


def test_an_input_that_cannot_be_used_leaves_no_file(capsys: pytest.CaptureFixture[str]) -> None:
    Path("cases.csv").write_text("record_id,given_names,family_names\na-1,,\n", encoding="utf-8")
    status, _ = shown(capsys, *ENCODE, "--rejects", "rejects.csv")
    assert (status, left()) == (4, {"rejects.csv"})


def test_an_open_file_is_never_replaced_by_a_sealed_one_nor_the_reverse(capsys: pytest.CaptureFixture[str]) -> None:
    at = ENCODE.index("--to")
    plain = (*ENCODE[:at], *ENCODE[at + 2 :])
    assert shown(capsys, *plain)[0] == 0
    before = Path("out.sealed").read_bytes()
    status, text = shown(capsys, *ENCODE)
    assert (status, "output.exists" in text, Path("out.sealed").read_bytes()) == (6, True, before)
    Path("out.sealed").unlink()
    assert shown(capsys, *ENCODE)[0] == 0
    status, text = shown(capsys, *plain)
    assert (status, "output.exists" in text) == (6, True)
