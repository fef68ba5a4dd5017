"""The command `pseudonym totals`: what it writes, warns of and refuses, and how `show` and `check` see the file."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from pseudonym.cli import main
from pseudonym.codebook import load_codebook
from pseudonym.wire import read_totals
from tests.unit.pseudonym.commands import shown

BOOK = "case-registry"
WORDS = ("totals", "counts.csv", "--reporter", "police", "--unit", "person", "--codebook", BOOK, "--out", "t")
ROWS = "municipality;n\n;12\n0180;9\n0114;3\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("counts.csv").write_text(ROWS, encoding="utf-8")
    return tmp_path


def totals(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    return shown(capsys, *WORDS, "--period", "2026-03", *words)


def test_they_are_written_with_a_warning(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, text = totals(capsys, "--sequence", "5", "--role", "all")
    text = " ".join(text.split())
    assert status == 0
    assert "t: totals of police, period 2026-03: 3 cells, persons (all roles), by municipality, sequence 5." in text
    assert "Warning: 1 cell counts fewer than 5." in text
    found = read_totals("t", codebook=load_codebook(BOOK))
    assert [(cell.codes, cell.n) for cell in found.cells] == [((None,), 12), (("0114",), 3), (("0180",), 9)]
    if os.name != "nt":
        assert Path("t").stat().st_mode & 0o077 == 0
    assert sorted(path.name for path in folder.iterdir()) == ["counts.csv", "t"]


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([*WORDS, "--period", "2026-03", "--json"])
    document = json.loads(capsys.readouterr().out)
    assert (document["out"], document["few"], document["faults"]) == ("t", 1, [])
    assert document["header"]["cells"] == 3
    assert "key_id" not in document["header"]


def test_wrong_rows_are_named_and_nothing_is_written(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("counts.csv").write_text("municipality;n\n;12\n0999;9\n0114;three\n", encoding="utf-8")
    status, text = totals(capsys)
    assert status == 4
    assert "Line 3, municipality: codebook.unknown_code. The value is not a code of this item." in text
    assert "Line 4, n: n.form." in text
    assert "No totals were written, because rows are wrong. [row 3] (totals.rows)" in text
    assert "0999" not in text
    assert "three" not in text
    with pytest.raises(SystemExit):
        main([*WORDS, "--period", "2026-03", "--json"])
    document = json.loads(capsys.readouterr().out)
    assert document["out"] is None
    assert [(fault["row"], fault["rule"]) for fault in document["faults"]] == [
        (3, "codebook.unknown_code"),
        (4, "n.form"),
    ]
    assert [path.name for path in folder.iterdir()] == ["counts.csv"]


def test_many_wrong_rows_are_not_all_shown(capsys: pytest.CaptureFixture[str]) -> None:
    Path("counts.csv").write_text("municipality;n\n" + "0180;x\n" * 60, encoding="utf-8")
    status, text = totals(capsys)
    assert status == 4
    assert text.count("n.form") == 50
    assert "10 more; --json lists all." in text


def test_the_sequence_is_shared_with_all_files(capsys: pytest.CaptureFixture[str]) -> None:
    assert totals(capsys, "--sequence", "5")[0] == 0
    status, text = totals(capsys, "--sequence", "5", "--previous", "t", "--out", "u")
    assert status == 2
    assert "--sequence: It must be higher" in " ".join(text.replace("│", " ").split())
    assert totals(capsys, "--sequence", "6", "--previous", "t", "--out", "u")[0] == 0
    first, second = (read_totals(name, codebook=load_codebook(BOOK)).header for name in ("t", "u"))
    assert second.previous == first.digest


def test_show_and_check(capsys: pytest.CaptureFixture[str]) -> None:
    totals(capsys, "--sequence", "5")
    status, text = shown(capsys, "show", "t")
    assert status == 0
    assert json.loads(text)["items"] == ["municipality"]
    status, text = shown(capsys, "check", "t")
    assert status == 3
    assert "totals of police, period 2026-03: 3 cells" in text
    with pytest.raises(SystemExit) as ended:
        main(["check", "t", "--json"])
    assert ended.value.code == 3
    assert json.loads(capsys.readouterr().out)["few"] == 1
    Path("counts.csv").write_text("n\n0\n", encoding="utf-8")
    assert totals(capsys)[0] == 0
    assert shown(capsys, "check", "t")[0] == 0
    assert shown(capsys, "check", "t", "--profile", "case-registry")[0] == 2


def test_check_finds_what_was_altered(capsys: pytest.CaptureFixture[str]) -> None:
    totals(capsys)
    Path("t").write_bytes(Path("t").read_bytes().replace(b"0180", b"0181"))
    assert shown(capsys, "check", "t")[0] == 4


@pytest.mark.parametrize(
    ("words", "status", "part"),
    [
        (["--unit", "record"], 2, "--unit"),
        (["--role", "child"], 2, "--role"),
        (["--out", "counts.csv"], 2, "An output must not lead to an input"),
        (["--period", "March"], 2, "--period: Write a month as 2026-03, or a year as 2026."),
        (["--reporter", "Åsa"], 4, "input.header"),
        (["--column", "colour=n"], 4, "input.column_mapping"),
        (["--codebook", "absent"], 5, "codebook.unknown"),
    ],
)
def test_what_is_refused(capsys: pytest.CaptureFixture[str], words: list[str], status: int, part: str) -> None:
    found, text = totals(capsys, *words)
    assert found == status
    assert part in " ".join(text.replace("│", " ").split())
    assert not Path("t").exists()


def test_a_file_of_another_kind_is_not_replaced(capsys: pytest.CaptureFixture[str]) -> None:
    Path("t").write_text("mine", encoding="utf-8")
    status, text = totals(capsys)
    assert status == 6
    assert "output.exists" in text
    assert Path("t").read_text(encoding="utf-8") == "mine"
