"""The command line: the contract that other programs build on, exit statuses, and what the user sees."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace

import pytest

from linkage import cli
from linkage.cli.text import persons_text
from linkage.counting import PersonsExpected, Span
from linkage.pipeline import Registry
from linkage.store import Session
from pseudonym.console import WIDTH
from pseudonym.profile import load_profile, profile_names
from pseudonym.version import __version__
from tests.unit.linkage.helpers import (
    KEY_ID,
    OTHER_PROFILE,
    PROFILE,
    UNGUARDED,
    Rec,
    crowd,
    registry_bytes,
    send,
    unit_file,
)

COMMANDS = [
    [],
    ["init"],
    ["receive"],
    ["link"],
    ["summary"],
    ["coverage"],
    ["status"],
    ["export"],
    ["export", "persons"],
]
COMMANDS += [["export", "links"], ["explain"], ["privacy"], ["erase"], ["totals"], ["receipt"], ["roster"]]
COMMANDS += [["roster", name] for name in ("import", "list", "set", "end", "remove", "kinds")]
COMMANDS += [["audit"], *(["audit", name] for name in ("verify", "repeat", "head", "list"))]
COMMANDS += [["codebook"], *(["codebook", name] for name in ("add", "list", "end", "breaks"))]


@pytest.fixture
def profile(tmp_path) -> str:
    path = tmp_path / "profile.json"
    path.write_text(PROFILE.to_json())
    return str(path)


@pytest.fixture
def registry(tmp_path) -> str:
    Registry.create(tmp_path / "r.duckdb", profile=PROFILE)
    return str(tmp_path / "r.duckdb")


@pytest.fixture
def run(capsys):
    """Run the command and return exit status, standard output, standard error."""

    def go(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as caught:
            cli.main([str(argument) for argument in arguments])
        output = capsys.readouterr()
        assert "Traceback" not in output.out + output.err
        status = caught.value.code
        return (0 if status is None else int(status)), output.out, output.err

    return go


@pytest.mark.whole
def test_the_whole_way(tmp_path, run, profile):
    registry = tmp_path / "national"
    paths = [send(tmp_path / f"{name}.parquet", name, 1, crowd(name, range(n, n + 6))) for n, name in enumerate("ab")]
    assert run("init", registry, "--profile", profile)[0] == 0
    status, out, err = run("receive", registry, *paths)
    assert (status, err) == (0, "")
    assert "received 6 records: 6 new" in out
    status, out, _ = run("link", registry)
    assert status == 0
    assert "Linked 12 records: 7 unique persons." in out
    assert run("export", "persons", registry, "--out", tmp_path / "persons.csv")[0] == 0
    lines = (tmp_path / "persons.csv").read_text().splitlines()
    assert lines[0] == "reporter,record_id,person_id"
    assert len(lines) == 13
    assert run("export", "links", registry, "--out", tmp_path / "links.csv")[0] == 0
    lines = (tmp_path / "links.csv").read_text().splitlines()
    assert lines[0] == "reporter_a,record_id_a,reporter_b,record_id_b,match_weight,probability,decision,reason"
    assert len(lines) == 6
    status, out, _ = run("summary", registry)
    assert status == 0
    assert "Unique persons: found 7" in out
    assert f"Key id: {KEY_ID} (fixed by the first submission), epoch 1" in out
    status, out, _ = run("summary", registry, "--json")
    summary = json.loads(out)
    assert summary["persons"] == 7
    assert summary["overlap"] == [{"reporter_a": "a", "reporter_b": "b", "persons": 5}]
    assert summary["review"] == 0
    assert summary["key_id_fixed_by"] == "first submission"
    assert summary["linked"] is True
    status, out, _ = run("coverage", registry)
    rows = [line.split() for line in out.splitlines()]
    assert rows[0] == ["reporter", "period", "state", "submissions", "records"]
    assert rows[1:] == [[name, "2026-03", "reported", "1", "6"] for name in "ab"]
    assert json.loads(run("coverage", registry, "--json", "--through", "2026-04")[1])[1]["state"] == "silent"


@pytest.mark.whole
def test_a_wrong_member_of_a_profile_is_named_with_what_is_allowed(tmp_path, run):
    document = json.loads(load_profile("case-registry").to_json())
    document["encoding"]["segments"][0]["bits"] = 100
    path = tmp_path / "own.json"
    path.write_text(json.dumps(document | {"name": "own"}), encoding="utf-8")
    status, _, err = run("init", tmp_path / "r", "--profile", path)
    assert status == 5
    assert "[encoding.segments[0].bits: a power of two from 8 to 65536 in a filter] (profile.form)" in err
    assert len(err.splitlines()) == 2


def test_summary_says_where_the_key_id_comes_from(tmp_path, run, profile):
    assert run("init", tmp_path / "r", "--profile", profile, "--key-id", KEY_ID)[0] == 0
    assert f"Key id: {KEY_ID} (given when the registry was created)" in run("summary", tmp_path / "r")[1]


@pytest.mark.whole
def test_results_as_json(tmp_path, run, registry):
    good = send(tmp_path / "a.parquet", "a", 1, [*crowd("a", [1]), Rec("x", 2, {"role": "bystander"})])
    bad = send(tmp_path / "b.parquet", "b", 1, crowd("b", [1]), profile=OTHER_PROFILE)
    status, out, err = run("receive", registry, good, bad, "--json")
    assert status == 4
    first, second = json.loads(out)
    assert (first["outcome"], first["quarantined"], first["file"]) == ("stored", {"role.unknown": 1}, str(good))
    assert (second["outcome"], second["rule"]) == ("refused", "submission.profile")
    assert err.startswith(f"linkage: {bad}: The submission uses a different profile")
    assert json.loads(run("link", registry, "--json")[1])["persons"] == 1


@pytest.mark.whole
def test_exit_status_3_says_that_rows_are_in_quarantine(tmp_path, run, registry):
    path = send(tmp_path / "a.parquet", "a", 1, [*crowd("a", [1]), Rec("x", 2, {"role": "bystander"})])
    status, out, _ = run("receive", registry, path)
    assert status == 3
    assert "Rows quarantined, by the rule they break: 1" in out
    assert "1 x role.unknown" in out
    status, out, _ = run("receive", registry, path)
    assert status == 0
    assert "already received; nothing changed" in out


def test_a_missing_delivery_is_a_warning(tmp_path, run, registry):
    path = send(tmp_path / "a.parquet", "a", 2, crowd("a", [1]), previous="1" * 64)
    status, out, _ = run("receive", registry, path)
    assert status == 0
    assert "Warning: The previous submission of this reporter has not been received" in out


def test_an_empty_period_is_recorded(tmp_path, run, registry):
    status, out, _ = run("receive", registry, send(tmp_path / "a.parquet", "a", 1))
    assert status == 0
    assert "nothing to report; recorded for coverage (a, period 2026-03, sequence 1)." in out


@pytest.mark.whole
def test_results_older_than_the_records_are_marked(tmp_path, run, registry):
    run("receive", registry, send(tmp_path / "1", "a", 1, crowd("a", [1])))
    assert "link has not been run yet" in run("summary", registry)[1]
    run("link", registry)
    run("receive", registry, send(tmp_path / "2", "a", 2, crowd("a", [2])))
    assert "link has not been run since the last submission" in run("summary", registry)[1]
    status, out, err = run("export", "persons", registry, "--out", tmp_path / "p.csv")
    assert status == 0
    assert "1 rows" in out
    assert "the registry has changed since the last run of link" in err


@pytest.mark.whole
def test_link_says_when_a_refit_is_due_and_what_it_changes(tmp_path, run, registry):
    run("receive", registry, *(send(tmp_path / name, name, 1, crowd(name, range(4))) for name in "ab"))
    assert "a refit is due" not in run("link", registry)[1]
    assert json.loads(run("link", registry, "--json")[1])["refit_due"] is False
    run("receive", registry, send(tmp_path / "c", "c", 1, crowd("c", range(9))))
    assert "The registry has outgrown the model: a refit is due (link --refit)." in run("summary", registry)[1]
    out = " ".join(run("link", registry)[1].split())
    assert "Note: The registry has more than doubled since its model was fitted: a refit is due (link --refit)." in out
    assert "Note: Reporters that the model has not seen have over a third of the records: a refit is due" in out
    assert "Persons keep their ids unless they merge or split, and every such change is recorded." in out
    assert json.loads(run("link", registry, "--json")[1])["refit_due"] is True
    assert json.loads(run("summary", registry, "--json")[1])["refit_due"] is True
    out = " ".join(run("link", registry, "--refit")[1].split())
    assert "Model 2, fitted in this run" in out
    assert "a refit is due" not in out + run("summary", registry)[1]
    assert "keep their ids" not in out


# What goes wrong.


def wrong(case: str, tmp_path, registry: str) -> tuple[list[object], int]:
    """Return the arguments of something that goes wrong, and its exit status."""
    text = tmp_path / "text.csv"
    text.write_text("record_id\n1\n")
    good = send(tmp_path / "good.parquet", "a", 1, crowd("a", [1]))
    if case == "another key":
        Registry.create(tmp_path / "o", profile=PROFILE)
    unguarded = tmp_path / "unguarded.json"
    unguarded.write_text(UNGUARDED.to_json())
    return {
        "no such command": (["mend", registry], 2),
        "no registry named": (["link"], 2),
        "no file named": (["receive", registry], 2),
        "unknown option": (["link", registry, "--fast"], 2),
        "export over the registry": (["export", "persons", registry, "--out", registry], 6),
        "file that is none": (["receive", registry, text], 4),
        "missing file": (["receive", registry, tmp_path / "none.parquet"], 4),
        "registry that is none": (["link", text], 6),
        "registry is a submission": (["summary", good], 6),
        "missing registry": (["summary", tmp_path / "none"], 6),
        "registry is a folder": (["coverage", tmp_path], 6),
        "init over a file": (["init", text], 6),
        "init in a missing folder": (["init", tmp_path / "no" / "r"], 6),
        "unknown profile": (["init", tmp_path / "n", "--profile", "none"], 5),
        "unguarded profile": (["init", tmp_path / "n", "--profile", unguarded], 5),
        "unknown codebook": (["init", tmp_path / "n", "--codebook", "none"], 5),
        "missing key": (["receive", registry, good, "--registry-key", tmp_path / "none.key"], 5),
        "key is something else": (["receive", registry, good, "--registry-key", text], 5),
        "another key": (["receive", registry, good, "--registry-key", tmp_path / "o.key"], 5),
        "export before link": (["export", "links", registry, "--out", tmp_path / "l.csv"], 6),
    }[case]


WRONG = [
    *("no such command", "no registry named", "no file named", "unknown option", "export over the registry"),
    *("file that is none", "missing file", "registry that is none", "registry is a submission", "missing registry"),
    *("registry is a folder", "init over a file", "init in a missing folder", "unknown profile", "unguarded profile"),
    *("unknown codebook", "missing key", "key is something else", "another key", "export before link"),
]


@pytest.mark.whole
@pytest.mark.parametrize("case", WRONG)
def test_an_error_is_one_line_and_an_exit_status(tmp_path, run, registry, case):
    arguments, expected = wrong(case, tmp_path, registry)
    before = {entry.name: entry.read_bytes() for entry in tmp_path.iterdir() if entry.is_file()}
    status, out, err = run(*arguments)
    assert (status, out) == (expected, "")
    if expected != 2:
        assert err.startswith("linkage: ")
        assert len(err.splitlines()) <= 2
    assert {entry.name: entry.read_bytes() for entry in tmp_path.iterdir() if entry.is_file()} == before


def test_a_registry_and_its_key_are_two_files(tmp_path, run):
    for name in ("r", "R"):
        status, _, err = run("init", tmp_path / "r", "--registry-key", tmp_path / name)
        assert status == 5
        assert "The registry and its key cannot be one file. (registry_key.same)" in err
        assert "Choose another path with --registry-key" in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.whole
def test_recall_without_an_estimate_of_what_was_never_compared_is_a_bound(tmp_path, run, registry):
    paths = [send(tmp_path / name, name, 1, crowd(name, range(5))) for name in "ab"]
    run("receive", registry, *paths)
    for command in ("link", "summary"):
        out = run(command, registry)[1]
        assert "Expected precision of the links: not known (too few numbers or common persons to check it)" in out
        assert "Expected recall: at most 1.0000 (matches that share no match key could not be estimated)" in out


@pytest.mark.whole
def test_what_was_found_stands_beside_what_is_expected_in_every_command(tmp_path, run, registry):
    paths = [send(tmp_path / name, name, 1, crowd(name, range(5))) for name in "ab"]
    run("receive", registry, *paths)
    texts = {command: run(command, registry)[1] for command in ("link", "summary", "status", "privacy")}
    told = Registry.open(registry).expected_persons()
    low, high = told.span
    said = f"found {told.found}, expected {told.expected:.0f}, range {low}-{high} (95 %), basis: undecided pairs alone"
    for command, text in texts.items():
        assert said in " ".join(text.split()), command
        assert [line for line in text.splitlines() if len(line) > WIDTH and " found " in line] == []
    table = json.loads(run("table", registry, "--role", "all", "--json")[1])
    assert (table["total"], table["total_low"], table["total_high"]) == (told.found, low, high)
    for command in ("link", "summary", "status", "privacy"):
        assert json.loads(run(command, registry, "--json")[1])["expected_persons"] == told.to_dict()


def test_the_basis_of_the_range_is_named():
    told = PersonsExpected(
        found=661, expected=619.6, span=Span(590, 650), basis="by sample of 200", ranges="in brackets"
    )
    assert persons_text(told) == "found 661, expected 620, range 590-650 (95 %), basis: by sample of 200"
    none = replace(told, expected=None, span=None, basis=None, ranges="none: all records are of one reporter")
    assert persons_text(none) == "found 661; no range: all records are of one reporter"


@pytest.mark.whole
def test_one_reporter_alone_has_no_range_and_says_why(tmp_path, run, registry):
    run("receive", registry, send(tmp_path / "a", "a", 1, crowd("a", range(5))))
    for command in ("link", "summary", "status"):
        assert "found 5; no range: all records are of one reporter" in " ".join(run(command, registry)[1].split())


@pytest.mark.whole
@pytest.mark.parametrize("profile", profile_names())
def test_privacy_works_with_every_profile_that_ships(tmp_path, run, profile):
    allowed = {"allow_unguarded": "a test"} if load_profile(profile).unguarded else {}
    Registry.create(tmp_path / "national", profile=profile, **allowed)
    status, out, _ = run("privacy", tmp_path / "national")
    assert status == 0
    assert ("The profile was measured for" in out) == (load_profile(profile).privacy is not None)


@pytest.mark.parametrize("codebook", [None, "case-registry"])
def test_privacy_says_of_payload_what_the_registry_cannot_measure(tmp_path, run, codebook):
    Registry.create(tmp_path / "national", profile=PROFILE, codebook=codebook)
    status, out, _ = run("privacy", tmp_path / "national")
    assert status == 0
    assert ("guard the statistics unit" in " ".join(out.split())) == (codebook is not None)


@pytest.mark.whole
def test_an_export_that_cannot_be_written(tmp_path, run, registry):
    run("link", registry)
    for out in (tmp_path / "no" / "p.csv", tmp_path):
        status, _, err = run("export", "persons", registry, "--out", out)
        assert status == 6
        assert "cannot be written" in err
    taken = tmp_path / "notes.csv"
    taken.write_text("no export\n")
    status, _, err = run("export", "persons", registry, "--out", taken)
    assert (status, taken.read_text()) == (6, "no export\n")
    assert "Another file already exists at the path of the persons file" in err


def test_an_internal_error_shows_only_its_type(run, registry, monkeypatch):
    def fault(*_arguments):
        raise ZeroDivisionError("19811218-9876")

    monkeypatch.setattr(Registry, "summary", fault)
    status, out, err = run("summary", registry)
    assert (status, out) == (70, "")
    assert err == "linkage: An internal error occurred (ZeroDivisionError). Please report it. (internal)\n"


def test_an_allowed_profile_is_marked_in_every_summary(tmp_path, run):
    path = tmp_path / "unguarded.json"
    path.write_text(UNGUARDED.to_json())
    assert run("init", tmp_path / "r", "--profile", path, "--allow-unguarded", "comparison of encodings")[0] == 0
    out = run("summary", tmp_path / "r")[1]
    assert "WARNING" in out
    assert "comparison of encodings" in out


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_shows_an_example_and_what_it_prints_in_a_hundred_columns(run, command):
    status, out, _ = run(*command, "--help")
    lines = out.splitlines()
    assert status == 0
    assert max(map(len, lines)) <= WIDTH
    if command not in ([], ["export"], ["roster"]):
        (place,) = (place for place, line in enumerate(lines) if f"Example: linkage {' '.join(command)} " in line)
        assert len(lines) >= place + 3


@pytest.mark.whole
def test_reading_commands_leave_every_byte(tmp_path, run, registry):
    run("receive", registry, send(tmp_path / "1", "a", 1, crowd("a", [1])))
    run("link", registry)
    before = registry_bytes(registry)
    for command in (["summary"], ["coverage"], ["status"], ["audit", "list"], ["audit", "verify"], ["audit", "head"]):
        assert run(*command, registry)[0] == 0
    assert registry_bytes(registry) == before


@pytest.mark.skipif(os.name == "nt", reason="rights are not kept in a mode there")
def test_what_stands_beside_the_registry_is_for_its_owner(tmp_path, run, registry, monkeypatch):
    path = send(tmp_path / "a.parquet", "a", 1, crowd("a", range(5)))
    modes = []
    transaction = Session.transaction

    @contextmanager
    def watched(session):
        with transaction(session):
            yield
        modes.extend(oct(entry.stat().st_mode & 0o777) for entry in unit_file(tmp_path / "r.duckdb").parent.iterdir())

    monkeypatch.setattr(Session, "transaction", watched)
    before = os.umask(0o022)
    try:
        assert run("receive", registry, path)[0] == 0
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)
    assert len(modes) >= 6, "the file of each unit, and a log, at each of two moments"
    assert set(modes) == {"0o600"}


# Help.


@pytest.mark.parametrize("command", COMMANDS)
def test_help_teaches_by_example(run, command):
    status, out, _ = run(*command, "--help")
    assert status == 0
    assert "linkage " + (" ".join(command) or "init") in " ".join(out.split())
    assert "xample" in out or "usual order" in out


def test_help_shows_the_order_of_commands(run):
    out = run("--help")[1]
    places = [out.index(f"linkage {word} ") for word in ("init", "receive", "link", "summary", "export")]
    assert places == sorted(places)


def test_the_version(run):
    status, out, _ = run("--version")
    assert status == 0
    assert out == f"linkage {__version__}\n"


def test_it_runs_as_a_module():
    done = subprocess.run(
        [sys.executable, "-m", "linkage", "--version"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert (done.returncode, done.stderr) == (0, "")


# Consoles.


@pytest.mark.whole
def test_a_console_with_few_characters_does_not_end_the_run(tmp_path, registry):
    path = send(tmp_path / "полиция.parquet", "a", 1, crowd("a", [1]))
    done = subprocess.run(
        [sys.executable, "-m", "linkage", "receive", registry, str(path)],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"},
    )
    assert done.returncode == 0, done.stderr
    assert b"received 1 record" in done.stdout


def test_help_is_ascii(run):
    for command in COMMANDS:
        assert run(*command, "--help")[1].isascii()


# Without the extra.

_BARE = """
import sys
for name in ("duckdb", "numba", "scipy", "matplotlib"):
    sys.modules[name] = None
import linkage
from linkage.cli import main
if sys.argv[1:2] == ["python"]:
    try:
        linkage.Registry
    except linkage.LinkageError as error:
        print(error, error.hint)
else:
    main(sys.argv[1:])
"""


def bare(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", _BARE, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )


@pytest.mark.whole
def test_without_the_extra_help_and_version_work():
    for option in ("--help", "--version"):
        assert bare(option).returncode == 0


@pytest.mark.whole
def test_without_the_extra_the_error_says_what_to_install(tmp_path):
    done = bare("init", str(tmp_path / "r"))
    assert (done.returncode, done.stdout) == (6, "")
    assert 'python -m pip install ".[registry]"' in done.stderr
    assert 'python -m pip install ".[registry]"' in bare("python").stdout
    assert list(tmp_path.iterdir()) == []
