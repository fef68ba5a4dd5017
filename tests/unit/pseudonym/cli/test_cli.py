"""The command line of a reporter: what help teaches, how progress is shown, how errors end."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import get_type_hints

import pytest
from rich.console import Console

from benchmarks.keys import fixed_key_text
from pseudonym import console
from pseudonym.cli import app
from pseudonym.cli.options import read_columns, read_reference_date
from pseudonym.errors import OutputError
from tests.paths import ROOT
from tests.unit.pseudonym.commands import shown

shown_progress = importlib.import_module("pseudonym.console.progress")

COMMANDS = [
    "keygen",
    "enrol",
    "check",
    "encode",
    "totals",
    "withdraw",
    "show",
    "receipt",
    "profiles",
    "key",
    "codebook",
]
"""Every command, in the order of use."""


def test_help_lists_the_commands_in_the_order_of_their_use(capsys: pytest.CaptureFixture[str]) -> None:
    status, text = shown(capsys, "--help")
    assert status == 0
    listed = text.partition("\nCommands:\n")[2].partition("The usual order")[0]
    assert re.findall(r"^  ([a-z]+) ", listed, re.MULTILINE) == COMMANDS
    assert "The usual order" in text


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_shows_an_example(capsys: pytest.CaptureFixture[str], name: str) -> None:
    status, text = shown(capsys, name, "--help")
    assert status == 0
    assert f"Example: pseudonym {name}" in " ".join(text.split())
    # Docstrings of commands are what help shows, so no word of ours about colours stands in them.
    assert "Sees:" not in text


def examples(text: str) -> list[tuple[list[str], list[str]]]:
    """Return the examples of a help text: the words of each command, and the lines that it prints."""
    found = []
    for block in re.findall(r"^ *Example: pseudonym (.*(?:\n +\S.*)*)", text, re.MULTILINE):
        lines = [line.strip() for line in block.splitlines()]
        words = lines.pop(0)
        while words.endswith(" \\"):
            words = words.removesuffix("\\") + lines.pop(0)
        found.append((words.split(), lines))
    return found


def test_examples_print_what_the_help_says(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    _, text = shown(capsys, "--help")
    rows = [line.strip() for line in text.splitlines() if line.count(";") == 5]
    (tmp_path / "cases.csv").write_text("\n".join(rows), encoding="utf-8")
    told = {name: examples(shown(capsys, name, "--help")[1]) for name in COMMANDS}
    block = shown(capsys, "totals", "--help")[1].partition("these lines:\n")[2].partition("\n\n")[0]
    (tmp_path / "counts.csv").write_text("\n".join(line.strip() for line in block.splitlines()), encoding="utf-8")
    # A submission is looked at once it is there.
    before, after = told["check"]
    for words, lines in [
        *told["keygen"],
        before,
        *told["encode"],
        after,
        *told["totals"],
        *told["withdraw"],
        *told["show"],
        *told["codebook"],
    ]:
        status, printed = shown(capsys, *words)
        assert status in {0, 3}, words
        printed, place = " ".join(printed.split()), 0
        for piece in (" ".join(part.split()) for line in lines for part in line.split("...")):
            place = printed.find(piece, place)
            assert place >= 0, (words, piece)
    listed = "\n".join((tmp_path / "rejects.csv").read_text(encoding="utf-8").splitlines())
    assert all(
        line.strip() in listed for line in shown(capsys, "encode", "--help")[1].splitlines() if "sex.unknown,l" in line
    )


def test_every_option_is_explained() -> None:
    groups = [group.typer_instance for group in app.registered_groups]
    for command in (command for one in (app, *groups) if one is not None for command in one.registered_commands):
        assert command.callback is not None
        for parameter, kind in get_type_hints(command.callback, include_extras=True).items():
            if parameter != "return":
                assert kind.__metadata__[0].help, parameter


def test_options_whose_form_is_not_plain_show_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    text = " ".join(shown(capsys, "encode", "--help")[1].split())
    examples = (
        "--column record_id=ID",
        "--column names=Namn",
        "--separator '|'",
        "--date-order dmy",
        "--encoding cp850",
    )
    for example in examples:
        assert example in text


def test_progress_is_silent_where_nobody_watches(capsys: pytest.CaptureFixture[str]) -> None:
    with console.progress() as bar:
        bar("encode", 1, 2)
    assert capsys.readouterr().err == ""


def test_progress_shows_a_share_and_the_time_left(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shown_progress, "DELAY_SECONDS", -1.0)
    monkeypatch.setattr(
        shown_progress, "Console", lambda stderr: Console(stderr=stderr, force_terminal=True, width=100)
    )
    with console.progress("inspect", "encode", "write") as bar:
        bar("inspect", 10, 10)
        bar("encode 5 records", 50, 200)
    text = capsys.readouterr().err
    assert "2 of 3, encode 5 records" in text
    assert re.search(r"25 %, (\d+:\d\d left, )?\d+:\d\d so far", text)


def test_encoding_is_shown_by_what_is_read_and_writing_by_what_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    steps: list[tuple[str, int, int]] = []

    @contextmanager
    def progress(*_steps: str) -> Iterator[console.Bar]:
        yield lambda *step: steps.append(step)

    monkeypatch.setattr(importlib.import_module("pseudonym.cli.encode"), "progress", progress)
    monkeypatch.setattr("pseudonym.wire.writer.GROUP_RECORDS", 2)
    (tmp_path / "key").write_text(fixed_key_text("bars"))
    rows = "record_id,given_names,family_names,birth_date\n1,Anna,Ek,2008-03-05\n2,Bo,Al,2009-04-06\n3,Eva,Lind,\n"
    (tmp_path / "in.csv").write_text(rows)
    words = ("--key", "key", "--reporter", "police", "--out", "out.parquet", "--period", "2026-03")
    monkeypatch.chdir(tmp_path)
    assert shown(capsys, "encode", "in.csv", *words)[0] == 0
    assert steps[-3:] == [
        ("encode 3 records", len(rows), len(rows)),
        ("write 2 records", 2, 3),
        ("write 3 records", 3, 3),
    ]


def test_an_error_names_its_row(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.csv").write_bytes("record_id,sex\n1,å\n2,".encode() + b"\xe5\n")
    status, text = shown(capsys, "check", str(tmp_path / "x.csv"))
    assert status == 4
    assert text.count("\n") == 1
    assert "[row 3] (input.encoding)" in text


def test_profiles_are_as_large_as_the_documents_say(capsys: pytest.CaptureFixture[str]) -> None:
    page = (ROOT / "docs" / "explanation" / "profiles.md").read_text(encoding="utf-8")
    said = re.findall(r"^\| `([a-z-]+)` \| .* \| ([0-9]+) \| ([0-9,]+) \|", page, re.MULTILINE)
    told = re.findall(r"^([a-z-]+) \(.*\): ([0-9]+) codes, ([0-9]+) bytes", shown(capsys, "profiles")[1], re.MULTILINE)
    assert sorted((name, codes, size.replace(",", "")) for name, codes, size in said) == sorted(told)
    assert told


def test_columns_of_the_command_line() -> None:
    assert read_columns(["number_2 = gammalt nr", "sex=Kön=K"]) == {"number_2": "gammalt nr", "sex": "Kön=K"}


@pytest.mark.parametrize(
    ("text", "period", "day"),
    [
        ("2020-02-29", None, "2020-02-29"),
        (None, "2020-02", "2020-02-29"),
        (None, "2019", "2019-12-31"),
        ("2020-02-29", "2019", "2020-02-29"),
    ],
)
def test_the_reference_date(text: str | None, period: str | None, day: str) -> None:
    assert read_reference_date(text, period).isoformat() == day


def test_a_status_that_says_nothing_was_written_is_true(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def full(*_words: object) -> None:
        raise OutputError("output.unwritable", "Full.")

    monkeypatch.chdir(tmp_path)
    Path("in.csv").write_text("record_id,given_names\na-1,Anna\n")
    shown(capsys, "keygen", "key")
    # The package has a command of the name of the module.
    monkeypatch.setattr(sys.modules["pseudonym.cli.encode"], "write_rejects", full)
    words = ("encode", "in.csv", "--key", "key", "--reporter", "police", "--out", "out", "--rejects", "r.csv")
    assert shown(capsys, *words)[0] == 6
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv", "key"]


@pytest.mark.parametrize("sequence", ["6", "7"])
def test_a_number_that_is_not_above_the_previous_one_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, sequence: str
) -> None:
    (tmp_path / "key").write_text(fixed_key_text("numbers"))
    words = ["encode", "--key", str(tmp_path / "key"), "--reporter", "police", "--nothing-to-report", "--sequence"]
    assert shown(capsys, *words, "7", "--out", str(tmp_path / "first"))[0] == 0
    previous = ["--previous", str(tmp_path / "first"), "--out", str(tmp_path / "second")]
    status, text = shown(capsys, *words, sequence, *previous)
    assert status == 2
    assert "--sequence: It must be higher than that of the file given with --previous." in " ".join(text.split())
    assert not (tmp_path / "second").exists()
    assert shown(capsys, *words, "8", *previous)[0] == 0
