"""Errors of every command of the registry: they name the file, say what is wrong with it, and are JSON under --json."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from linkage.cli import app, main
from linkage.cli.statuses import STATUSES
from linkage.errors import NotErasedError, RegistryError
from linkage.pipeline import Registry
from tests.unit.commands import all_commands, parameters
from tests.unit.linkage.helpers import OTHER_PROFILE, PROFILE, Rec, crowd, send

COMMANDS = all_commands(app)

WORDS = {
    "init": ["{}"],
    "receive": ["{}", "a.parquet"],
    "receipt": ["{}", "a"],
    "link": ["{}"],
    "purge": ["{}"],
    "status": ["{}"],
    "summary": ["{}"],
    "table": ["{}", "--by", "status"],
    "overlap": ["{}"],
    "compare-definitions": ["{}", "narrow.json"],
    "privacy": ["{}"],
    "coverage": ["{}"],
    "totals": ["{}"],
    "explain": ["{}", "a/1", "b/1"],
    "erase": ["{}", "--before", "2020-01-01"],
    "roster import": ["{}", "roster.csv"],
    "roster list": ["{}"],
    "roster set": ["{}", "a", "--kind", "police", "--from", "2026-01"],
    "roster end": ["{}", "a", "--until", "2026-01"],
    "roster remove": ["{}", "a"],
    "roster kinds": [],
    "codebook add": ["{}", "book.json"],
    "codebook list": ["{}"],
    "codebook end": ["{}", "1", "--on", "2026-01-01"],
    "codebook breaks": ["{}"],
    "export persons": ["{}", "--out", "out.csv"],
    "export links": ["{}", "--out", "out.csv"],
    "notice make": ["{}", "--out", "notice"],
    "notice take": ["{}", "notice"],
    "hand-over make": ["{}", "--out", "hand-over"],
    "hand-over take": ["{}", "hand-over"],
    "invite": ["{}", "a", "--out", "invite"],
    "enrol": ["{}", "answer", "--fingerprint", "1"],
    "body list": ["{}"],
    "body suspend": ["{}", "a"],
    "body resume": ["{}", "a"],
    "body replace": ["{}", "answer", "--fingerprint", "1"],
    "body revoke": ["{}", "a"],
    "policy": ["{}"],
    "audit verify": ["{}"],
    "audit repeat": ["{}"],
    "audit head": ["{}"],
    "audit list": ["{}"],
    "bodies": ["{}"],
    "sample draw": ["{}", "--records", "10"],
    "sample questions": ["{}"],
    "sample answers": ["{}", "text"],
    "sample status": ["{}"],
    "held list": ["{}"],
    "held dismiss": ["{}", "1"],
    "key new": ["key", "--unit", "linkage"],
    "key inspect": ["key"],
    "key wrap": ["key", "--out", "wrapped"],
    "key unwrap": ["key", "--out", "unwrapped"],
}
"""A command line of every command that is right but for the registry."""

OPENING = sorted(name for name, words in WORDS.items() if "{}" in words and name != "init")
WITH_JSON = sorted(name for name, command in COMMANDS.items() if "--json" in parameters(command))


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("empty").write_bytes(b"")
    Path("text").write_text("no registry, whatever it is called")
    Path("folder").mkdir()
    return tmp_path


@pytest.fixture
def registry(folder) -> Registry:
    return Registry.create(folder / "r.duckdb", profile=PROFILE)


def run(capsys, *words: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    printed = capsys.readouterr()
    return int(ended.value.code or 0), printed.out, printed.err


def test_every_command_is_in_the_table():
    assert sorted(WORDS) == sorted(COMMANDS) == sorted(STATUSES)


@pytest.mark.parametrize("name", ["link", "explain"])
def test_what_needs_the_registry_key_says_where_it_was_looked_for(registry, capsys, name):
    registry.receive(send(registry.path.parent / "a.parquet", "a", 1, crowd("a", [1])))
    registry.registry_key.rename("elsewhere.key")
    words = [word.format("r.duckdb") for word in WORDS[name]]
    status, out, err = run(capsys, name, *words)
    assert (status, out) == (5, "")
    assert "r.duckdb.key: There is no such file. (registry_key.unreadable)\n" in err
    assert "--registry-key" in err
    status, out, err = run(capsys, name, *words, "--registry-key", "elsewhere.key")
    assert status in (0, 6)
    assert "registry_key" not in err


@pytest.mark.parametrize("name", OPENING)
def test_a_registry_that_is_not_there_is_named(folder, capsys, name):
    status, out, err = run(capsys, *name.split(), *(word.format("absent.duckdb") for word in WORDS[name]))
    assert (status, out) == (6, "")
    assert err.startswith("linkage: absent.duckdb: There is no such file. (registry.missing)\n")
    assert len(err.splitlines()) == 2


@pytest.mark.parametrize("name", ["status", "link", "receive"])
@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("folder", "folder: The path is a folder, not a linkage registry."),
        ("empty", "empty: The file is empty, so it is not a linkage registry."),
        ("text", "text: This is not a linkage registry."),
    ],
)
def test_what_is_no_registry_is_named_with_the_reason(folder, capsys, name, path, why):
    status, _, err = run(capsys, name, *(word.format(path) for word in WORDS[name]))
    assert status == 6
    assert f"linkage: {why}" in err


@pytest.mark.skipif(os.name == "nt", reason="no such device")
def test_a_device_is_no_registry(folder, capsys):
    assert "/dev/null: The path is a pipe or a device, not a linkage registry." in run(capsys, "link", "/dev/null")[2]


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("absent", "absent: There is no such file. (submission.unreadable)"),
        ("folder", "folder: The path is a folder, not a submission. (submission.folder)"),
        ("empty", "empty: The file is empty. (submission.not_parquet)"),
        ("text", "text: The file is cut off, damaged, or not a Parquet file. (submission.not_parquet)"),
    ],
)
def test_a_submission_that_cannot_be_read_is_named_with_the_reason(registry, capsys, path, why):
    status, _, err = run(capsys, "receive", "r.duckdb", path)
    assert status == 4
    assert f"linkage: {why}" in err


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["receive", "r.duckdb", "a", "--registry-key", "absent"], "absent: There is no such file."),
        (["receive", "r.duckdb", "a", "--registry-key", "folder"], "folder: The path is a folder, not a file."),
        (["roster", "import", "r.duckdb", "absent.csv"], "absent.csv: There is no such file."),
        (["roster", "import", "r.duckdb", "folder"], "folder: The path is a folder, not a file."),
        (["init", "new", "--profile", "absent.json"], "absent.json: There is no such file."),
        (["init", "new", "--codebook", "folder"], "folder: The path is a folder, not a file."),
        (["init", "new", "--profile", "case-regstry"], "case-regstry: There is no profile and no file of this name."),
        (["codebook", "add", "r.duckdb", "absent.json"], "absent.json: There is no such file."),
        (["codebook", "add", "r.duckdb", "case-registry", "--map", "absent"], "absent: There is no such file."),
    ],
)
def test_every_other_file_that_cannot_be_read_is_named_with_the_reason(registry, capsys, words, why):
    status, out, err = run(capsys, *words)
    assert (status, out) == (5, "")
    assert f"linkage: {why}" in err


def test_control_characters_of_a_path_do_not_reach_the_terminal(registry, capsys):
    for words in (["status", "a\x1b[2J"], ["receive", "r.duckdb", "a\x1b]0;title\x07"]):
        _, out, err = run(capsys, *words)
        assert not set((out + err).replace("\n", "")) & {chr(code) for code in (*range(32), *range(127, 160))}
        assert "a\\x1b" in err


# JSON.


@pytest.mark.parametrize("name", sorted(set(WITH_JSON) & set(OPENING)))
def test_under_json_an_error_is_one_document_with_the_path(folder, capsys, name):
    status, out, err = run(capsys, *name.split(), *(word.format("absent") for word in WORDS[name]), "--json")
    assert status == 6
    assert json.loads(out) == {
        "error": {
            "rule": "registry.missing",
            "message": "There is no such file.",
            "hint": "Check the path, or create a registry with: linkage init",
            "path": "absent",
            "row": None,
            "field": None,
            "allowed": None,
            "exit_status": 6,
        }
    }
    assert "absent: There is no such file." in err


@pytest.mark.parametrize("name", WITH_JSON)
def test_under_json_wrong_usage_is_a_document_too(folder, capsys, name):
    status, out, err = run(capsys, *name.split(), "--json", "--no-such-option")
    assert status == 2
    error = json.loads(out)["error"]
    assert (error["rule"], error["field"], error["exit_status"]) == ("usage", "--no-such-option", 2)
    assert error["message"] in err


@pytest.mark.parametrize("name", WITH_JSON)
def test_under_json_an_internal_error_is_a_document_too(folder, capsys, monkeypatch, name):
    def fault(*_words, **_options):
        raise ZeroDivisionError("19811218-9876")

    monkeypatch.setattr(Registry, "open", fault)
    monkeypatch.setattr("linkage.cli.roster._kinds", fault)
    monkeypatch.setattr("linkage.cli.key.load_unit_key", fault)
    status, out, _ = run(capsys, *name.split(), *(word.format("r.duckdb") for word in WORDS[name]), "--json")
    assert status == 70
    error = json.loads(out)["error"]
    assert (error["rule"], error["exit_status"]) == ("internal", 70)
    assert "19811218" not in out


def test_refused_files_are_results_and_no_error(registry, capsys):
    send(Path("good.parquet"), "a", 1, crowd("a", [1]))
    send(Path("bad.parquet"), "b", 1, crowd("b", [1]), profile=OTHER_PROFILE)
    status, out, _ = run(capsys, "receive", "r.duckdb", "good.parquet", "bad.parquet", "absent", "--json")
    assert status == 4
    assert [one["outcome"] for one in json.loads(out)] == ["stored", "refused", "refused"]


def test_what_was_received_stands_beside_what_could_not_be_erased(registry, capsys, monkeypatch):
    run(capsys, "receive", "r.duckdb", str(send(Path("first.parquet"), "a", 1, crowd("a", [1, 2]))))
    # Codes are superseded, so there is something to be erased.
    send(Path("a.parquet"), "a", 2, [Rec("a-1", 1, flips=(1,))])

    def fail(store):
        raise NotErasedError(RegistryError("registry.io", "The disk fails.", path=Path("r.duckdb")))

    monkeypatch.setattr("linkage.pipeline.receiving.erase", fail)
    status, out, err = run(capsys, "receive", "r.duckdb", "a.parquet", "--json", "--receipts", "back")
    document = json.loads(out)
    assert status == document["error"]["exit_status"] == 6
    assert document["error"]["rule"] == "registry.not_erased"
    assert [one["outcome"] for one in document["results"]] == ["stored"]
    assert "registry.not_erased" in err
    assert list(Path("back").iterdir())


def test_what_was_received_stands_beside_a_receipt_that_could_not_be_written(registry, capsys):
    send(Path("a.parquet"), "a", 1, crowd("a", [1]))
    Path("back").mkdir()
    Path("back", "receipt-a-1.txt").write_text("something else")
    status, out, _ = run(capsys, "receive", "r.duckdb", "a.parquet", "--json", "--receipts", "back")
    document = json.loads(out)
    assert status == document["error"]["exit_status"] == 6
    assert document["error"]["path"].endswith("receipt-a-1.txt")
    assert [one["outcome"] for one in document["results"]] == ["stored"]


def test_the_bad_rows_of_a_roster_stand_beside_the_error(registry, capsys):
    Path("roster.csv").write_text("reporter,kind,from\na,police,2026-01\nb,scool,2026-01\nc,police,soon\n")
    status, out, err = run(capsys, "roster", "import", "r.duckdb", "roster.csv", "--json")
    document = json.loads(out)
    assert status == document["error"]["exit_status"] == 5
    assert (document["error"]["path"], document["error"]["row"]) == ("roster.csv", 3)
    assert [(one["row"], one["rule"]) for one in document["faults"]] == [(3, "roster.kind"), (4, "roster.from")]
    assert "roster.csv, line 4" in err


# Options.


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["link", "r", "--threads", "0"], "--threads: It takes a whole number, at least 1."),
        (["link", "r", "--threads", "many"], "--threads: It takes a whole number, at least 1."),
        (["link", "r", "--wait", "-1"], "--wait: It takes a number from 0 to 86400."),
        (["receipt", "r", "a", "--language", "fr"], "--language: It takes en or sv."),
        (["receipt", "r", "a", "--sequence", "-1"], "--sequence: It takes a whole number, at least 0."),
        (["coverage", "r", "--through", "2026-13"], "--through: Write a month as 2026-03, or a year as 2026."),
        (["totals", "r", "--period", "March"], "--period: Write a month as 2026-03, or a year as 2026."),
        (["totals", "r", "--unit", "persons"], "--unit: It takes person, case or report."),
        (["totals", "r", "--json", "--csv", "x"], "--csv: Choose --csv or --json, not both."),
        (["erase", "r", "--before", "2026-W01"], "--before: Write a day as YYYY-MM-DD, such as 2026-03-31."),
        (["codebook", "end", "r", "1", "--on", "soon"], "--on: Write a day as YYYY-MM-DD, such as 2026-03-31."),
        (["roster", "list", "r", "--json", "--csv"], "--csv: Choose --csv or --json, not both."),
        (["receive", "r", "a", "--dry-run", "--receipts", "x"], "--receipts: With --dry-run nothing is written"),
        (["receive", "r", "a", "--receipts", "no/such/folder"], "--receipts: The folder cannot be created: the folder"),
        (["receive", "r", "a", "--receipts", "text"], "--receipts: "),
        (["recieve", "r", "a"], "No such command 'recieve'. Did you mean 'receive'?"),
        (["roster", "ad"], "No such command 'ad'."),
        (["link", "r", "--refti"], "There is no option --refti. Did you mean --refit or --remote?"),
        (["explain", "r", "a/1"], "REPORTER/RECORD_ID is missing."),
    ],
)
def test_a_wrong_value_is_explained_by_its_own_option(folder, capsys, words, sentence):
    status, _, err = run(capsys, *words)
    assert status == 2
    assert f"linkage: {sentence}" in err
    assert "--help' shows how it is used." in err


# Help.


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("columns", [60, 200])
def test_help_fits_the_terminal_and_says_what_the_command_is_for(capsys, monkeypatch, name, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    status, out, _ = run(capsys, *name.split(), "-h")
    assert status == 0
    assert max(map(len, out.splitlines())) <= min(columns, 100)
    said = " ".join(out.split())
    assert f"Example: linkage {name}" in said
    assert all(f"{number} {meaning}" in said for number, meaning in STATUSES[name].items())
