"""The commands and the Python of the README, typed in order in a copy of examples/, do what the README says."""

from __future__ import annotations

import contextlib
import csv
import importlib.util
import io
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import linkage.cli
import pseudonym.cli
from tests.paths import ROOT

pytest.importorskip("duckdb", reason="the extra `registry` is not installed")

pytestmark = pytest.mark.whole

README = ROOT / "README.md"
PROGRAMS = {"pseudonym": pseudonym.cli.main, "linkage": linkage.cli.main}
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
POLARS = importlib.util.find_spec("polars") is not None

STATUSES: dict[str, int] = {}
"""Commands that end with another status than 0, which the README would have to say."""


class Typed(NamedTuple):
    """A command of the README, and what came of it."""

    command: str
    status: int
    shown: str


def section() -> str:
    """Return the section of the README that shows how to use it."""
    return README.read_text(encoding="utf-8").split("\n## Use it\n")[1].split("\n## ")[0]


def commands() -> list[str]:
    """Return the commands of the section in order, each as one line and without its comment."""
    (block,) = (text for language, text in BLOCK.findall(section()) if not language)
    lines = block.replace("\\\n", " ").splitlines()
    return [shlex.join(words) for words in (shlex.split(line, comments=True) for line in lines) if words]


def typed(command: str) -> Typed:
    """Run a command as if it were typed."""
    program, *words = shlex.split(command)
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out), pytest.raises(SystemExit) as ended:
        PROGRAMS[program](words)
    return Typed(command, int(ended.value.code or 0), out.getvalue())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of the examples, in which everything is typed."""
    path = tmp_path_factory.mktemp("readme") / "trial"
    shutil.copytree(ROOT / "examples", path)
    with contextlib.chdir(path), pytest.MonkeyPatch.context() as patch:
        patch.delenv("LINKAGE_REGISTRY_KEY", raising=False)
        yield path


@pytest.fixture(scope="module")
def done(folder: Path) -> dict[str, Typed]:
    """Every command of the section, typed in order."""
    return {command: typed(command) for command in commands()}


def test_every_command_ends_as_documented(done: dict[str, Typed]) -> None:
    assert len(done) > 20
    wrong = [one for one in done.values() if one.status != STATUSES.get(one.command, 0)]
    assert wrong == []


def test_each_reporter_sends_all_of_its_file(done: dict[str, Typed]) -> None:
    encoded = [one.shown for one in done.values() if one.command.startswith("pseudonym encode")]
    assert [re.findall(r": (\d+) records, ", shown) for shown in encoded] == [["13"], ["6"]]
    assert all("Rows rejected: 0; values left out: 0;" in shown for shown in encoded)


def test_the_persons_are_those_of_the_two_files(done: dict[str, Typed], folder: Path) -> None:
    with (folder / "persons.csv").open(encoding="utf-8", newline="") as file:
        person = {row["record_id"]: row["person_id"] for row in csv.DictReader(file)}
    found, records = re.findall(r"finds (\d+) persons in the (\d+) records", section())[0]
    assert (len(set(person.values())), len(person)) == (int(found), int(records))
    for one, other in (("pol-1", "sch-1"), ("pol-2", "sch-2"), ("pol-3", "sch-3"), ("pol-6", "sch-6")):
        assert person[one] == person[other], one
    assert person["pol-10"] == person["sch-4"]
    assert person["pol-3"] == person["pol-13"]


def test_what_the_comments_promise_is_shown(done: dict[str, Typed]) -> None:
    shown = {command.split(" --")[0]: one.shown for command, one in done.items()}
    assert "Decision: link (one person)." in shown["linkage explain national police/pol-1 school/sch-1"]
    assert "Persons: found 13," in shown["linkage status national"]
    assert "without a Swedish number, as counted by the reporters: not known" in shown["linkage privacy national"]
    assert "state=taken" in shown["linkage totals national"]
    assert "Erased: 1 record" in shown["linkage receive national police-withdrawal.parquet"]
    assert re.search(r"purpose +visit +ended", shown["linkage codebook breaks national"])
    assert not any("Traceback" in text for text in shown.values())


def test_nothing_of_an_identity_is_shown(done: dict[str, Typed]) -> None:
    shown = "".join(one.shown for one in done.values())
    assert not any(name in shown for name in ("Lindqvist", "Lindkvist", "Warsame", "20110713", "110713"))


def test_the_python_runs_in_the_same_folder(done: dict[str, Typed], folder: Path) -> None:
    reporter, registry = (
        "".join(line for line in text.splitlines(True) if POLARS or "polars" not in line)
        for language, text in BLOCK.findall(section())
        if language == "python"
    )
    space: dict[str, Any] = {}
    exec(reporter, space)
    assert space["report"].faults == ()
    assert set(space["codes"]["record_id"].to_pylist()) == {"17"}
    exec(registry, space)
    assert space["persons"].num_rows == 19
    (line,) = (line for line in registry.splitlines() if line.startswith("duckdb.sql"))
    assert sorted(eval(line, space).fetchall()) == [("police", 12), ("school", 6)]


def test_what_the_folder_holds_is_described(folder: Path) -> None:
    described = re.findall(r"^\| `(.+?)` \|", (ROOT / "examples/README.md").read_text(encoding="utf-8"), re.MULTILINE)
    there = {path.name for path in (ROOT / "examples").iterdir() if path.is_file()}
    assert set(described) == there - {"README.md"}
