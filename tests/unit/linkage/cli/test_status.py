"""`linkage status`: what a registry is, what it holds, what waits, and which command comes next."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from linkage.cli import main
from linkage.cli.status import next_commands
from linkage.errors import UnitError
from linkage.pipeline import Registry, Status
from linkage.store import FORMAT_VERSION
from pseudonym.wire import split_submission
from tests.unit.linkage.helpers import KEY_ID, PROFILE, Rec, crowd, send, take_back


@pytest.fixture
def registry(tmp_path, monkeypatch) -> Registry:
    monkeypatch.chdir(tmp_path)
    return Registry.create(tmp_path / "my r.duckdb", profile=PROFILE)


def run(capsys, *words: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        main(["status", "my r.duckdb", *words])
    printed = capsys.readouterr()
    assert printed.err == ""
    return int(ended.value.code or 0), printed.out


def test_a_new_registry_asks_for_a_submission(registry, capsys):
    status, out = run(capsys)
    lines = out.splitlines()
    assert status == 0
    assert (
        lines[0]
        == f"my r.duckdb: a registry of format {FORMAT_VERSION}, profile {PROFILE.name} (version {PROFILE.version})."
    )
    assert "Holds nothing yet." in lines
    assert "Not linked yet." in lines
    assert lines[-1] == "Next: linkage receive 'my r.duckdb' FILE..."
    found = json.loads(run(capsys, "--json")[1])
    assert found["next"] == ["linkage receive 'my r.duckdb' FILE..."]
    assert (found["audit"]["entry"], found["audit"]["head"]) == registry.audit.head()
    assert lines[-2] == f"Audit log: the last entry is 1; its head begins with {registry.audit.head()[1][:8]}."


@pytest.mark.whole
def test_the_way_of_a_registry(registry, capsys):
    wrong = Rec("x", 2, {"role": "bystander"})
    registry.receive(send(Path("a.parquet"), "a", 1, [*crowd("a", range(4)), wrong], period="2026-01"))
    registry.receive(send(Path("b.parquet"), "b", 1, crowd("b", range(4)), period="2026-03"))
    out = run(capsys)[1]
    assert f"Key id: {KEY_ID}, epoch 1." in out
    assert "Holds 8 records of 2 reporters, for 2 periods from 2026-01 to 2026-03." in out
    assert "Not linked yet." in out
    assert "Waiting: 1 row in quarantine." in out
    assert out.endswith("Next: linkage link 'my r.duckdb'\n")
    registry.link()
    out = run(capsys)[1]
    assert "Persons: found 4" in out
    assert "link again" not in out
    assert "the codes of 8 records for a purge of what different persons share." in " ".join(out.split())
    assert out.endswith("Next: linkage purge 'my r.duckdb' --dry-run\n")
    registry.purge(review_days=0)
    out = run(capsys)[1]
    assert "for a purge" not in out
    assert out.endswith("Next: linkage summary 'my r.duckdb'\n")
    registry.receive(send(Path("c.parquet"), "c", 1, crowd("c", range(9)), period="2026-03"))
    out = run(capsys)[1]
    assert "Records have come or gone since, so link again." in out
    assert "The registry has outgrown the model, so a refit is due." in " ".join(out.split())
    assert out.endswith("Next: linkage link 'my r.duckdb' --refit\n")
    found = json.loads(run(capsys, "--json")[1])
    assert (found["n_records"], found["n_reporters"], found["n_periods"]) == (17, 3, 2)
    assert (found["first_period"], found["last_period"]) == ("2026-01", "2026-03")
    assert (found["linked"], found["refit_due"], found["quarantined"], found["n_persons"]) == (False, True, 1, 4)


@pytest.mark.whole
def test_files_that_are_held_back_are_named_with_their_reporter(registry, capsys):
    registry.roster.set("a", kind="police", from_period="2026-01")
    registry.receive(send(Path("a.parquet"), "a", 1, crowd("a", [1]), period="2026-03"))
    registry.receive_all([send(Path("b.parquet"), "b", 1, crowd("b", [1]), period="2026-03")])
    out = " ".join(run(capsys)[1].split())
    assert "Waiting: files held back of b." in out
    assert "Next: linkage held list 'my r.duckdb' Then: linkage link" in out
    assert json.loads(run(capsys, "--json")[1])["held_back"] == ["b"]


def status(registry: Registry, **changes: object) -> Status:
    return replace(registry.status(), submissions=2, last_run="2026-04-01T00:00:00+00:00", linked=True, **changes)


@pytest.mark.parametrize(
    ("changes", "commands"),
    [
        ({}, ["linkage summary r"]),
        ({"n_review": 3}, ["linkage export links r --review --out review.csv"]),
        (
            {"n_review": 3, "unpurged": 2},
            ["linkage export links r --review --out review.csv", "linkage purge r --dry-run"],
        ),
        ({"refit_due": True, "n_review": 3}, ["linkage link r --refit"]),
    ],
)
def test_what_comes_next(registry, changes, commands):
    assert next_commands(status(registry, **changes), Path("r")) == commands


class Apart:
    """Both units, each with a folder and a process of its own."""

    def __init__(self) -> None:
        self.codes = Registry.create("codes", profile=PROFILE, unit="linkage")
        self.cases = Registry.create("cases", profile=PROFILE, unit="statistics")

    def receive(self, reporter: str, n: int) -> None:
        whole = send(Path("whole"), reporter, 1, crowd(reporter, range(n)))
        split_submission(whole, codes=Path("c"), cases=Path("s"), profile=PROFILE, codebook=None)
        self.codes.receive("c")
        self.cases.receive("s")

    def notice(self) -> None:
        self.cases.messages.make_notice("notice")
        self.codes.messages.take_notice("notice")

    def link(self) -> None:
        self.codes.link()
        self.codes.messages.make_hand_over("hand-over")
        self.cases.messages.take_hand_over("hand-over")


@pytest.fixture
def apart(tmp_path, monkeypatch) -> Apart:
    monkeypatch.chdir(tmp_path)
    return Apart()


def said(capsys, name: str) -> str:
    with pytest.raises(SystemExit) as ended:
        main(["status", name])
    printed = capsys.readouterr()
    assert (ended.value.code or 0, printed.err) == (0, "")
    return " ".join(printed.out.split())


@pytest.mark.whole
def test_a_linkage_unit_on_its_own_says_what_it_knows(apart, capsys):
    out = said(capsys, "codes")
    assert f"codes: the linkage unit of a registry of format {FORMAT_VERSION}, profile {PROFILE.name} (version" in out
    assert "Holds nothing yet. No notice taken yet. Not linked yet." in out
    assert out.endswith("Next: linkage receive codes FILE...")
    apart.receive("a", 4)
    out = said(capsys, "codes")
    assert f"Key id: {KEY_ID}, epoch 1." in out
    assert "Holds the codes of 4 records of 1 reporter." in out
    assert "Waiting: 4 records for a notice of the statistics unit." in out
    assert out.endswith(
        "Next: linkage notice take codes notice Then: linkage link codes "
        "Then: linkage hand-over make codes --out hand-over"
    )
    apart.receive("b", 4)
    apart.notice()
    out = said(capsys, "codes")
    assert "Last notice taken: number 2." in out
    assert "Waiting" not in out
    assert out.endswith("Next: linkage link codes Then: linkage hand-over make codes --out hand-over")
    apart.link()
    out = said(capsys, "codes")
    assert ": 4 persons." in out
    assert "link again" not in out
    assert "Waiting: the codes of 8 records for a purge of what different persons share." in out
    assert out.endswith("Next: linkage purge codes --dry-run Then: linkage hand-over make codes --out hand-over")
    known = apart.codes.linkage_status().to_dict()
    assert (known["unit"], known["n_records"], known["waiting"], known["linked"]) == ("linkage", 8, 0, True)
    with pytest.raises(UnitError):
        apart.codes.status()
    with pytest.raises(UnitError):
        apart.cases.linkage_status()
    apart.receive("c", 9)
    found = apart.codes.linkage_status()
    assert (found.waiting, found.linked) == (9, True)
    apart.notice()
    out = said(capsys, "codes")
    assert "Records have come or gone since, so link again. The registry has outgrown the model" in out
    assert "Next: linkage link codes --refit" in out
    with pytest.raises(SystemExit):
        main(["status", "codes", "--json"])
    printed = json.loads(capsys.readouterr().out)
    assert printed["next"][0] == "linkage link codes --refit"
    assert printed["audit"]["entry"] == apart.codes.audit.head()[0]


@pytest.mark.whole
def test_the_linkage_unit_is_not_up_to_date_once_codes_were_superseded_or_erased(apart):
    apart.receive("a", 4)
    apart.notice()
    apart.link()
    assert apart.codes.linkage_status().linked
    whole = send(Path("whole"), "a", 2, [Rec("a-1", 77)])
    split_submission(whole, codes=Path("c"), cases=Path("s"), profile=PROFILE, codebook=None)
    apart.codes.receive("c")
    assert not apart.codes.linkage_status().linked
    apart.cases.receive("s")
    apart.notice()
    apart.link()
    assert apart.codes.linkage_status().linked
    apart.cases.receive(take_back(Path("w"), "a", 3, records=["a-2"]))
    apart.notice()
    found = apart.codes.linkage_status()
    assert (found.linked, found.n_records) == (False, 3)


@pytest.mark.whole
def test_a_statistics_unit_on_its_own_sends_a_notice_in_place_of_linking(apart, capsys):
    apart.receive("a", 4)
    out = said(capsys, "cases")
    assert f"cases: the statistics unit of a registry of format {FORMAT_VERSION}" in out
    asked = "Next: linkage notice make cases --out notice Then: linkage hand-over take cases hand-over"
    assert out.endswith(asked)
    apart.notice()
    apart.link()
    assert said(capsys, "cases").endswith("Next: linkage summary cases")
    apart.cases.receive(take_back(Path("w"), "a", 2, records=["a-1"]))
    out = said(capsys, "cases")
    assert "Waiting: a notice, since the linkage unit still has the codes of records that are erased here." in out
    assert "deleted rows" not in out
    assert out.endswith(asked)
    apart.notice()
    assert not apart.cases.status().notice_due
    assert "Records have come or gone since, so send the linkage unit a notice." in said(capsys, "cases")
    apart.link()
    assert said(capsys, "cases").endswith("Next: linkage summary cases")
