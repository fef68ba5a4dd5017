"""Errors of every command of a reporter: they name the file, say what is wrong with it, and are JSON under --json."""

from __future__ import annotations

import builtins
import io
import json
import os
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pytest

from pseudonym.cli import app, main
from pseudonym.cli.statuses import STATUSES
from pseudonym.profile import load_profile
from tests.unit.commands import all_commands, parameters

COMMANDS = all_commands(app)
KEYED = ("--key", "key", "--reporter", "police", "--out", "out.parquet")


@pytest.fixture
def folder(tmp_path, monkeypatch, capsys) -> Path:
    """A folder with a key, a case file, an empty file and a folder, in which commands are run."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit):
        main(["keygen", "key"])
    Path("in.csv").write_text("record_id,given_names\na-1,Anna\n")
    Path("empty").write_bytes(b"")
    Path("folder").mkdir()
    capsys.readouterr()
    return tmp_path


def run(capsys, *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    printed = capsys.readouterr()
    return int(ended.value.code or 0), printed.out, printed.err


READS = {
    "check": ["check", "{}"],
    "encode": ["encode", "{}", *KEYED],
    "totals": ["totals", "{}", "--reporter", "police", "--period", "2026-03", "--unit", "person", "--out", "out"],
    "show": ["show", "{}"],
    "key": ["encode", "in.csv", "--key", "{}", "--reporter", "police", "--out", "out"],
    "key of a withdrawal": ["withdraw", "--record", "1", "--key", "{}", "--reporter", "police", "--out", "out"],
    "list of records": ["withdraw", "--records", "{}", *KEYED],
    "list of cases": ["withdraw", "--cases", "{}", *KEYED],
    "previous": ["encode", "in.csv", *KEYED, "--previous", "{}"],
    "profile": ["encode", "in.csv", *KEYED, "--profile", "{}"],
    "codebook": ["check", "in.csv", "--codebook", "{}"],
    "configuration": ["check", "in.csv", "--config", "{}"],
    "codebook check": ["codebook", "check", "{}"],
    "codebook make": ["codebook", "make", "out", "--from", "{}", "--name", "a", "--version", "1"],
}
"""Every place of a command line at which a file is read."""


@pytest.mark.parametrize("place", READS)
@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("absent/file.x", "absent/file.x: There is no such file."),
        ("folder", "folder: The path is a folder, not a file."),
    ],
)
def test_every_file_that_cannot_be_read_is_named_with_the_reason(folder, capsys, place, path, why):
    status, out, err = run(capsys, *(word.format(path) for word in READS[place]))
    assert status in {4, 5}
    assert out == ""
    assert f"pseudonym: {why}" in err
    assert len(err.splitlines()) <= 2
    assert not Path("out").exists()


@pytest.mark.skipif(os.name == "nt", reason="no such device")
@pytest.mark.parametrize("place", ["check", "encode", "totals", "show", "previous"])
def test_a_device_is_no_file(folder, capsys, place):
    _, _, err = run(capsys, *(word.format(os.devnull) for word in READS[place]))
    assert err.startswith(f"pseudonym: {os.devnull}: The path is a pipe or a device, not a file.")


@pytest.mark.parametrize("place", ["check", "encode", "totals", "show", "previous"])
def test_an_empty_file_is_called_empty(folder, capsys, place):
    _, _, err = run(capsys, *(word.format("empty") for word in READS[place]))
    assert err.startswith("pseudonym: empty: The ")
    assert "is empty." in err


@pytest.mark.parametrize("place", READS)
def test_a_file_that_may_not_be_read_is_named_with_the_reason(folder, capsys, monkeypatch, place):
    """Whoever runs the tests may read everything, so the refusal of the system is played."""
    Path("closed.x").write_text("x")

    def refusing(really):
        def opened(path, *args, **options):
            if not isinstance(path, int) and os.fspath(path) == "closed.x":
                raise PermissionError(13, "denied")
            return really(path, *args, **options)

        return opened

    for module, name in ((builtins, "open"), (io, "open"), (pa, "OSFile")):
        monkeypatch.setattr(module, name, refusing(getattr(module, name)))
    monkeypatch.setattr(os, "access", lambda path, mode: os.fspath(path) != "closed.x")
    status, _, err = run(capsys, *(word.format("closed.x") for word in READS[place]))
    assert status in {4, 5}
    assert "pseudonym: closed.x: The file cannot be opened: permission denied." in err


def test_control_characters_of_a_path_do_not_reach_the_terminal(folder, capsys):
    for words in (["check", "a\x1b[31m.csv"], ["show", "a\nb"], ["codebook", "check", "a\x9b.json"]):
        _, out, err = run(capsys, *words)
        assert not set(out + err.replace("\n", "")) & {chr(code) for code in (*range(32), *range(127, 160))}
        assert len(err.splitlines()) == 2
        assert "There is no such file." in err


def test_a_name_that_is_nearly_one_that_ships_is_questioned(folder, capsys):
    _, _, err = run(capsys, "check", "in.csv", "--codebook", "case-regstry")
    assert "case-regstry: There is no codebook and no file of this name. (codebook.unknown)" in err
    assert "Did you mean case-registry? Those that ship are case-registry" in err
    _, _, err = run(capsys, "encode", "in.csv", *KEYED, "--profile", "clkk")
    assert "Did you mean clk?" in err


# JSON.

WITH_JSON = sorted(name for name, command in COMMANDS.items() if "--json" in parameters(command))

FAILING = {
    "check": ["absent.csv"],
    "encode": ["absent.csv", *KEYED],
    "totals": [*READS["totals"][1:]],
    "withdraw": ["--records", "absent", *KEYED],
    "codebook show": ["absent.json"],
    "enrol": ["absent", "--body-key", "key", "--out", "answer"],
    "key inspect": ["absent"],
    "receipt": ["absent", "--invite", "absent"],
}


def test_every_command_with_json_is_tested():
    assert sorted(FAILING) == WITH_JSON


@pytest.mark.parametrize("name", WITH_JSON)
def test_under_json_an_error_is_one_document_with_the_path(folder, capsys, name):
    words = [word.format("absent.csv") for word in FAILING[name]]
    status, out, err = run(capsys, *name.split(), *words, "--json")
    error = json.loads(out)["error"]
    assert list(error) == ["rule", "message", "hint", "path", "row", "field", "allowed", "exit_status"]
    assert error["exit_status"] == status
    assert status in {4, 5}
    assert error["path"].startswith("absent")
    assert error["message"] == "There is no such file."
    assert error["message"] in err


@pytest.mark.parametrize("name", WITH_JSON)
def test_under_json_wrong_usage_is_a_document_too(folder, capsys, name):
    status, out, err = run(capsys, *name.split(), "--json", "--no-such-option")
    assert status == 2
    error = json.loads(out)["error"]
    assert (error["rule"], error["field"], error["exit_status"]) == ("usage", "--no-such-option", 2)
    assert error["message"] in err


def test_the_faults_of_a_refused_input_stand_beside_the_error(folder, capsys):
    Path("in.csv").write_text("record_id,given_names\n,Anna\n")
    status, out, _ = run(capsys, "encode", "in.csv", *KEYED, "--json")
    document = json.loads(out)
    assert status == document["error"]["exit_status"] == 4
    assert (document["error"]["rule"], document["error"]["path"]) == ("input.no_records", "in.csv")
    assert document["out"] is None
    assert document["rejected"] == 1
    assert document["faults"][0]["rule"] == "record_id.missing"


def test_the_wrong_rows_of_totals_stand_beside_the_error(folder, capsys):
    Path("counts.csv").write_text("n\n1\nmany\n")
    words = [word.format("counts.csv") for word in READS["totals"]]
    status, out, err = run(capsys, *words, "--json")
    document = json.loads(out)
    assert status == document["error"]["exit_status"] == 4
    assert document["error"]["row"] == document["faults"][0]["row"]
    assert document["error"]["path"] == "counts.csv"
    assert "totals.rows" in err


# Options.


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["encode", "in.csv", *KEYED, "--period", "2026-13"], "--period: Write a month as 2026-03, or a year as 2026."),
        (["encode", "in.csv", *KEYED, "--reference-date", "13/7"], "--reference-date: Write a day as YYYY-MM-DD"),
        (["check", "in.csv", "--reference-date", "2026-02-30"], "--reference-date: Write a day as YYYY-MM-DD"),
        (["check", "in.csv", "--column", "number"], "--column: Write FIELD=HEADER"),
        (["check", "in.csv", "--column", "sex=a", "--column", "sex=b"], "--column: Write FIELD=HEADER"),
        (["check", "in.csv", "--date-order", "ymd"], "--date-order: It takes dmy or mdy."),
        (["encode", "in.csv", *KEYED, "--sequence", "-1"], "--sequence: It takes a whole number, at least 0."),
        (["encode", "in.csv", *KEYED, "--sequence", "next"], "--sequence: It takes a whole number, at least 0."),
        (["keygen", "k", "--epoch", "first"], "--epoch: It takes a whole number"),
        (["totals", "in.csv", "--unit", "persons"], "--unit: It takes person, case or report."),
        (["encode", "in.csv", "--reporter", "police", "--out", "out"], "--key is missing."),
        (["encode", *KEYED], "INPUT: Name a file, or use --nothing-to-report"),
        (["encode", "in.csv", "--key", "key", "--reporter", "p", "--out", "in.csv"], "in.csv: An output must not lead"),
        (["codebook", "show", "case-registry", "stat"], "ITEM: The codebook has no such item; its items are "),
    ],
)
def test_a_wrong_value_is_explained_by_its_own_option(folder, capsys, words, sentence):
    status, out, err = run(capsys, *words)
    assert (status, out) == (2, "")
    assert f"pseudonym: {sentence}" in err
    assert "--help' shows how it is used." in err
    assert not Path("out.parquet").exists()


# Help.


def test_every_command_has_its_statuses_and_no_other():
    assert sorted(STATUSES) == sorted(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("columns", [60, 100, 200])
def test_help_fits_the_terminal_and_says_what_the_command_is_for(capsys, monkeypatch, name, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    status, out, _ = run(capsys, *name.split(), "-h")
    lines = out.splitlines()
    assert status == 0
    assert max(map(len, lines)) <= min(columns, 100)
    said = " ".join(out.split())
    assert f"Example: pseudonym {name}" in said
    assert all(f"{number} {meaning}" in said for number, meaning in STATUSES[name].items())


@pytest.mark.parametrize("columns", [60, 100])
def test_commands_in_help_are_folded_so_that_they_can_be_typed(capsys, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    for name in COMMANDS:
        lines = run(capsys, *name.split(), "-h")[1].splitlines()
        for line, following in pairwise(lines):
            if following.lstrip().startswith("--") and line.lstrip().startswith(("Example:", "pseudonym")):
                assert line.endswith(" \\")


@pytest.mark.whole
def test_a_file_under_a_codebook_or_profile_that_does_not_ship_is_checked_with_its_file(folder, capsys):
    run(capsys, "codebook", "make", "own.json", "--name", "own", "--version", "1", "--item", "municipality")
    for words in (
        ["encode", "in.csv", *KEYED, "--codebook", "own.json"],
        ["totals", "counts.csv", "--reporter", "police", "--period", "2026-03", "--unit", "person", "--out", "totals"],
    ):
        Path("counts.csv").write_text("municipality;n\n0180;12\n")
        status, _, err = run(capsys, *words, *(["--codebook", "own.json"] if words[0] == "totals" else []))
        assert status == 0, err
        file = words[words.index("--out") + 1]
        status, out, err = run(capsys, "check", file)
        assert (status, out) == (5, "")
        assert "does not ship with the library. (codebook.not_shipped)" in err
        assert "name its file with --codebook" in err
        assert run(capsys, "check", file, "--codebook", "own.json")[0] in (0, 3)
    profile = json.loads(load_profile("case-registry").to_json()) | {"name": "own"}
    Path("profile.json").write_text(json.dumps(profile))
    assert run(capsys, "encode", "in.csv", *KEYED, "--profile", "profile.json")[0] == 0
    status, _, err = run(capsys, "check", "out.parquet")
    assert status == 5
    assert "(profile.not_shipped)" in err
    assert run(capsys, "check", "out.parquet", "--profile", "profile.json")[0] in (0, 3)
