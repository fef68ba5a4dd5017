"""The command `pseudonym withdraw`: what it writes, what it refuses, and that it shows no id."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from benchmarks.keys import fixed_key_text
from pseudonym.cli import main
from pseudonym.wire import read_withdrawal
from tests.unit.pseudonym.commands import shown


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("key").write_text(fixed_key_text("withdraw"), encoding="utf-8")
    Path("key").chmod(0o600)
    return tmp_path


def withdraw(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    return shown(capsys, "withdraw", "--key", "key", "--reporter", "police", "--out", "w", *words)


def test_ids_come_from_options_and_lists(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("ids").write_bytes("\ufeffpol-2\r\npol-3\n\npol-2\n".encode())
    status, text = withdraw(capsys, "--record", "pol-1", "--records", "ids", "--case", "2026/0042", "--sequence", "5")
    assert (status, text) == (0, "w: a withdrawal of 3 records and 1 case, sequence 5.\n")
    found = read_withdrawal("w")
    assert (found.records, found.cases) == (("pol-1", "pol-2", "pol-3"), ("2026/0042",))
    if os.name != "nt":
        assert Path("w").stat().st_mode & 0o077 == 0
    assert [path.name for path in folder.iterdir() if path.name.endswith(".part")] == []


def test_everything_of_a_period(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, text = withdraw(capsys, "--everything", "--period", "2026-03")
    assert status == 0
    assert "a withdrawal of everything of period 2026-03" in text
    header = read_withdrawal("w").header
    assert (header.everything, header.period, header.records, header.cases) == (True, "2026-03", 0, 0)


def test_each_withdrawal_has_its_own_salt(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    salts = set()
    for _ in range(2):
        withdraw(capsys, "--record", "pol-1", "--sequence", "5")
        salts.add(read_withdrawal("w").header.salt)
    assert len(salts) == 2


@pytest.mark.parametrize(
    ("words", "status", "part"),
    [
        ([], 2, "Name records or cases to withdraw, or use --everything."),
        (["--everything", "--record", "pol-1"], 2, "Name records or cases to withdraw, or use --everything."),
        (["--records", "blank"], 2, "Name records or cases to withdraw, or use --everything."),
        (["--everything", "--cases", "blank"], 2, "Name records or cases to withdraw, or use --everything."),
        (["--record", "20110713-9980"], 4, "withdrawal.id"),
        (["--records", "absent"], 4, "absent: There is no such file. (input.unreadable)"),
        (["--records", "binary"], 4, "withdrawal.list"),
        (["--record", "pol-1", "--period", "2026-03"], 4, "withdrawal.period"),
        (["--everything", "--period", "March"], 2, "--period: Write a month as 2026-03, or a year as 2026."),
    ],
)
def test_what_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], words: list[str], status: int, part: str
) -> None:
    Path("blank").write_bytes(b"\n\n")
    Path("binary").write_bytes(b"\xff\xfe\x00")
    found, text = withdraw(capsys, *words)
    assert found == status
    assert part in " ".join(text.replace("│", " ").split())
    assert "20110713" not in text
    assert not Path("w").exists()


def test_a_complete_delivery_needs_a_period_and_all_rows(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("cases.csv").write_text("record_id;given_names\n1;Anna\n2;Berit\n2;Cecilia\n", encoding="utf-8")
    encode = ("encode", "cases.csv", "--key", "key", "--reporter", "police", "--out", "s", "--complete")
    status, text = shown(capsys, *encode)
    assert status == 4
    assert "A delivery is complete for a period, so it must name one." in text
    status, text = shown(capsys, *encode, "--period", "2026-03")
    assert status == 4
    assert "Rows were rejected, so the delivery is not complete" in " ".join(text.split())
    assert "record_id.duplicate" in text
    assert [path.name for path in folder.iterdir() if path.name not in {"cases.csv", "key"}] == []


def test_a_complete_delivery_with_rejected_rows_says_where_to_look(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("cases.csv").write_text("record_id;given_names\n1;Anna\n2;Berit\n2;Cecilia\n", encoding="utf-8")
    encode = ("encode", "cases.csv", "--key", "key", "--reporter", "police", "--out", "s", "--complete")
    words = (*encode, "--period", "2026-03", "--rejects", "r.csv")
    status, text = shown(capsys, *words)
    assert status == 4
    assert text.startswith("No submission was written.\n")
    assert "Listed in r.csv." in text
    assert "no submission was written" in text
    assert "--rejects FILE lists the rows" in text
    assert "Nothing was written" not in text
    assert "4,record_id,record_id.duplicate,rejected" in Path("r.csv").read_text(encoding="utf-8")
    with pytest.raises(SystemExit):
        main([*words, "--json"])
    document = json.loads(capsys.readouterr().out)
    assert (document["out"], document["rejected"]) == (None, 1)
    assert [fault["rule"] for fault in document["faults"]] == ["record_id.duplicate"]
    assert not Path("s").exists()


def test_show_prints_the_header_of_a_withdrawal(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    withdraw(capsys, "--record", "pol-1")
    status, text = shown(capsys, "show", "w")
    assert status == 0
    assert '"everything": false' in text
    assert "pol-1" not in text
    status, text = shown(capsys, "check", "w")
    assert status == 4
    assert "The file is a withdrawal: it has no records or codes." in text
