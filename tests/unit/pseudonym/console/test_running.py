"""How a command ends with an error: as text, as JSON, and in a locale or on a console without UTF-8."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pseudonym.console import Application, Failure, Unfinished, run, say, wrong_option
from pseudonym.console.failures import wants_json
from tests.paths import ROOT


def explain(error: Exception) -> Failure | None:
    if isinstance(error, OSError):
        return Failure(rule="file.failed", message="It fails.", path=Path(error.filename), exit_status=6)
    if isinstance(error, LookupError):
        return Failure(
            rule="row.wrong",
            message="It is wrong.",
            hint="Mend it.",
            path=Path("a\x1b.csv"),
            row=7,
            field="x",
            exit_status=4,
        )
    return None


def end(capsys: pytest.CaptureFixture[str], action: Callable[[], object], *words: str) -> tuple[int, str, str]:
    """Run an application that does one thing; return its status and what it printed."""

    def app(_arguments: list[str] | None) -> None:
        action()

    with pytest.raises(SystemExit) as ended:
        run(app, list(words), name="trial", explain=explain)
    printed = capsys.readouterr()
    return int(ended.value.code or 0), printed.out, printed.err


def fail(error: Exception) -> Callable[[], object]:
    def action() -> None:
        raise error

    return action


def test_an_error_names_path_field_row_and_rule_and_what_to_do(capsys):
    status, out, err = end(capsys, fail(LookupError()))
    assert (status, out) == (4, "")
    assert err == "trial: a\\x1b.csv: It is wrong. [x] [row 7] (row.wrong)\n  Mend it.\n"


def test_under_json_the_error_is_the_document_and_the_text_is_apart(capsys):
    status, out, err = end(capsys, fail(LookupError()), "--json")
    assert json.loads(out) == {
        "error": {
            "rule": "row.wrong",
            "message": "It is wrong.",
            "hint": "Mend it.",
            "path": "a\x1b.csv",
            "row": 7,
            "field": "x",
            "allowed": None,
            "exit_status": 4,
        }
    }
    assert out.isascii()
    assert status == 4
    assert "It is wrong." in err


@pytest.mark.parametrize(
    ("found", "document"),
    [({"out": None, "n": 1}, {"out": None, "n": 1}), ([{"file": "a"}], {"results": [{"file": "a"}]})],
)
def test_what_was_found_stands_beside_the_error(capsys, found, document):
    status, out, _ = end(capsys, fail(Unfinished(LookupError(), found)), "--json")
    written = json.loads(out)
    assert written.pop("error")["rule"] == "row.wrong"
    assert (status, written) == (4, document)
    assert end(capsys, fail(Unfinished(LookupError(), found)))[1] == ""


@pytest.mark.parametrize(
    ("error", "rule", "status"),
    [(ZeroDivisionError("19811218-9876"), "internal", 70), (KeyboardInterrupt(), "interrupted", 130)],
)
def test_what_nobody_expects_is_a_document_too_and_shows_no_value(capsys, error, rule, status):
    found, out, err = end(capsys, fail(error), "--json")
    assert found == status
    assert json.loads(out)["error"]["rule"] == rule
    assert "19811218" not in out + err
    assert end(capsys, fail(error))[1] == ""


@pytest.mark.parametrize(
    ("name", "words", "path"),
    [
        ("a.csv", ["read", "a.csv"], "a.csv"),
        (str(Path("a.csv").resolve()), ["read", "--out=a.csv"], "a.csv"),
        ("Anna Öberg", ["read", "a.csv"], None),
        ("a\0b", ["read", "a.csv"], None),
    ],
)
def test_an_error_of_the_system_names_a_file_only_if_it_was_typed(capsys, name, words, path):
    for error in (OSError(5, "Anna Öberg", name), Unfinished(OSError(5, "Anna Öberg", name), {})):
        status, out, err = end(capsys, fail(error), *words, "--json")
        assert (status, json.loads(out)["error"]["path"]) == (6, path)
        assert err == f"trial: {'' if path is None else 'a.csv: '}It fails. (file.failed)\n"


def test_a_full_disk_is_named_and_no_file(capsys):
    status, out, err = end(capsys, fail(OSError(28, "Anna Öberg", "Anna Öberg")), "--json")
    assert (status, json.loads(out)["error"]["rule"]) == (6, "output.full")
    assert "Anna" not in out + err


@pytest.mark.parametrize(
    ("words", "wanted"),
    [(["check", "--json"], True), (["check"], False), (["show", "--", "--json"], False), (["--json", "--"], True)],
)
def test_whether_json_is_wanted(words, wanted):
    assert wants_json(words) is wanted


# The command line itself.


def program(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Run a program with one command in a group and one beside it."""
    app = Application(name="trial", help="Try.", epilog="Example: trial")
    group = Application(help="A group.", epilog="Example: trial group")

    def work(first: Path, n: int = 1, share: float = 0.5, period: str = "2026") -> None:
        """Work."""
        if period != "2026":
            raise wrong_option("--period", "Write a year.")
        say(f"{first} {n} {share}")

    app.command("work")(work)
    group.command("inner")(work)
    group.command("other")(work)
    app.add_typer(group, name="group")
    with pytest.raises(SystemExit) as ended:
        run(app, list(words), name="trial", explain=explain)
    printed = capsys.readouterr()
    return int(ended.value.code or 0), printed.out, printed.err


@pytest.mark.parametrize(
    ("words", "sentence", "field"),
    [
        (["work", "a", "--period", "March"], "--period: Write a year.", "--period"),
        (["work", "a", "--n", "many"], "--n: It takes a whole number.", "--n"),
        (["work", "a", "--share", "half"], "--share: It takes a number.", "--share"),
        (["work"], "FIRST is missing.", "FIRST"),
        (["work", "a", "--perod", "2026"], "There is no option --perod. Did you mean --period?", "--perod"),
        (["wrok", "a"], "No such command 'wrok'. Did you mean 'work'?", None),
        (["group", "iner"], "No such command 'iner'. Did you mean 'inner'?", None),
        (["work", "a", "b c"], "There is no place for: b c.", None),
        (["work", "a", "--period"], "Option '--period' requires an argument.", "--period"),
    ],
)
def test_a_wrong_command_line_is_explained_by_its_own_option(capsys, words, sentence, field):
    status, out, err = program(capsys, *words)
    assert (status, out) == (2, "")
    assert f"trial: {sentence}" in err
    status, out, _ = program(capsys, *words, "--json") if "requires" not in sentence else (2, None, None)
    assert status == 2
    if out is not None and words != ["work"]:
        assert json.loads(out)["error"]["rule"] == "usage"
    if field is not None and out is not None and "--json" not in json.loads(out)["error"]["message"]:
        assert json.loads(out)["error"]["field"] == field


def test_both_names_of_help_and_no_words_at_all(capsys):
    for words in (["-h"], ["--help"], ["work", "-h"], ["group", "inner", "-h"]):
        status, out, err = program(capsys, *words)
        assert (status, err) == (0, "")
        assert out.startswith("Usage: trial")
        assert "-h, --help" in out
    status, out, err = program(capsys)
    assert (status, out) == (2, "")
    assert err.startswith("Usage: trial")


# Where UTF-8 is missing.

UNKNOWN = """
import sys
from pathlib import Path
from pseudonym.console import Failure, run, say

def app(arguments):
    for word in sys.argv[2:]:
        say(f"{word}: read.")
    if sys.argv[1] == "fails":
        raise LookupError
    if sys.argv[1] == "breaks":
        raise UnicodeEncodeError("utf-8", sys.argv[2], 0, 1, "no surrogates")

def explain(error):
    return Failure(rule="a.b", message="It is wrong.", exit_status=4) if isinstance(error, LookupError) else None

run(app, None, name="trial", explain=explain)
"""


def elsewhere(*words: bytes | str, **environment: str) -> tuple[int, str, str]:
    """Run in a process of its own, with an environment in which nothing is UTF-8 unless it says so."""
    plain = {"PYTHONPATH": str(ROOT / "src"), "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LC_ALL": "C"}
    done = subprocess.run(
        [sys.executable, "-c", UNKNOWN, *words],
        capture_output=True,
        check=False,
        env={"PATH": os.environ["PATH"], **plain, **environment},
    )
    return done.returncode, done.stdout.decode("ascii"), done.stderr.decode("ascii")


NAME = "ärenden.csv".encode()
REMEDY = "PYTHONUTF8=1"

outside_windows = pytest.mark.skipif(os.name == "nt", reason="arguments are text there, never bytes")


@pytest.mark.whole
@outside_windows
def test_an_argument_that_the_locale_cannot_decode_is_no_reason_to_fail():
    status, out, _ = elsewhere("works", NAME)
    assert (status, out) == (0, "\\xc3\\xa4renden.csv: read.\n")


@pytest.mark.whole
@outside_windows
def test_an_error_after_such_an_argument_says_what_may_be_behind_it():
    status, _, err = elsewhere("fails", NAME)
    assert status == 4
    assert "trial: It is wrong. (a.b)\n  An argument has characters that are not in the encoding" in err
    assert REMEDY in err
    assert REMEDY not in elsewhere("fails", "plain.csv")[2]


@pytest.mark.whole
@outside_windows
def test_what_breaks_on_such_an_argument_is_no_internal_error():
    status, _, err = elsewhere("breaks", NAME)
    assert status == 2
    assert "(usage.encoding)" in err
    assert REMEDY in err


@pytest.mark.whole
@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_a_console_that_lacks_characters_shows_question_marks_and_says_so_once(encoding):
    status, out, err = elsewhere("works", "案件.csv", "ok.csv", PYTHONIOENCODING=encoding, LC_ALL="C.UTF-8")
    assert (status, out) == (0, "??.csv: read.\nok.csv: read.\n")
    assert err.count(REMEDY) == 1


def test_a_console_that_has_all_characters_is_left_as_it_was(monkeypatch, capsys):
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="strict")
    monkeypatch.setattr(sys, "stdout", stream)
    with pytest.raises(SystemExit):
        run(lambda arguments: say("åäö"), [], name="trial", explain=explain)
    assert stream.errors == "strict"
    assert capsys.readouterr().err == ""
