"""`linkage held`: what waits is listed with what to do, and dismissed by its number."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from linkage.cli import main
from linkage.pipeline import Registry
from tests.unit.linkage.helpers import PROFILE, Rec, crowd, send

pytestmark = pytest.mark.whole

FAR = (1 << 53) - 1


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.chdir(tmp_path)
    Registry.create("r", profile=PROFILE).receive(send(Path("first"), "a", 1, crowd("a", range(20))))

    def command(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(list(words))
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return command


def test_nothing_waits(run):
    assert run("held", "list", "r") == (0, "No file is held back.\n", "")
    assert json.loads(run("held", "list", "r", "--json")[1]) == []


def test_a_file_that_waits_is_listed_accepted_or_dismissed(run):
    send(Path("far"), "a", FAR, crowd("a", range(3)))
    send(Path("most"), "a", 2, [Rec(f"a-{i}", 100 + i) for i in range(20)])
    status, out, err = run("receive", "r", "far", "most", "--receipts", "receipts")
    assert status == 4
    assert f"Held back: a, period 2026-03, sequence {FAR}." in err
    assert "It would change 20 of 20 records." in err
    receipt = json.loads(Path(f"receipts/receipt-a-{FAR}-refused.json").read_text(encoding="utf-8"))
    assert (receipt["outcome"], receipt["refusal"]["rule"]) == ("held", "submission.sequence_ahead")
    assert "held back until the registry has decided" in Path("receipts/receipt-a-2-refused.txt").read_text()
    status, out, _ = run("held", "list", "r")
    lines = [line.split() for line in out.splitlines()]
    assert lines[1][:5] == ["1", "a", "delivery", "2026-03", "2"]
    assert lines[1][-2:] == ["submission.replaces_most", "--accept-replacements"]
    assert lines[2][-2:] == ["submission.sequence_ahead", "--accept-sequence"]
    assert lines[3] == ["2", "files", "are", "held", "back."]
    assert run("held", "dismiss", "r", "2")[1] == f"Dismissed: 2 (a, period 2026-03, sequence {FAR}).\n"
    assert run("receive", "r", "most", "--accept-replacements")[0] == 0
    assert run("held", "list", "r")[1] == "No file is held back.\n"
    dismissed = json.loads(run("held", "list", "r", "--dismissed", "--json")[1])
    assert [(one["held"], one["sequence"]) for one in dismissed] == [(2, FAR)]


def test_receive_says_in_json_that_a_file_is_held(run):
    send(Path("most"), "a", 2, [Rec(f"a-{i}", 100 + i) for i in range(20)])
    status, out, _ = run("receive", "r", "most", "--json")
    found = json.loads(out)[0]
    assert (status, found["outcome"], found["rule"]) == (4, "held", "submission.replaces_most")
    assert (found["reporter"], found["sequence"], found["replaced"], found["of"]) == ("a", 2, 20, 20)


def test_a_number_that_is_not_there_is_said(run):
    status, out, err = run("held", "dismiss", "r", "9")
    assert (status, out) == (2, "")
    assert "(held.unknown)" in err
