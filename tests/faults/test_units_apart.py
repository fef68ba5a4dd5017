"""Two processes, each with the folder of one unit: together they do what a registry with both units does."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from linkage.pipeline import Registry
from pseudonym.wire import split_submission
from tests.unit.linkage.helpers import PROFILE, Rec, crowd, partition, registry_bytes, send, take_back

pytestmark = pytest.mark.whole

_PROGRAM = """
import contextlib, io, json, os, sys
from linkage import cli
os.umask(0o077)
for line in sys.stdin:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            cli.main(json.loads(line))
            status = 0
        except SystemExit as ended:
            status = ended.code or 0
    print(json.dumps([status, out.getvalue(), err.getvalue()]), flush=True)
"""


@dataclass(frozen=True)
class Unit:
    """The process of one unit, which works in a folder of its own."""

    folder: Path
    process: subprocess.Popen[str]

    def run(self, *words: str) -> tuple[int, str, str]:
        """Run a command line and return its exit status, and what it printed on both streams."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(words) + "\n")
        self.process.stdin.flush()
        status, out, err = json.loads(self.process.stdout.readline())
        return status, out, err

    def result(self, *words: str) -> dict[str, Any]:
        status, out, err = self.run(*words, "--json")
        assert status in {0, 3}, err
        return json.loads(out)


@pytest.fixture
def units(tmp_path: Path) -> Iterator[dict[str, Unit]]:
    """Start a process for each unit, in a folder that is for its owner only."""
    started = {}
    for name in ("linkage", "statistics"):
        folder = tmp_path / name
        folder.mkdir(mode=0o700)
        (folder / "p.json").write_text(PROFILE.to_json(), encoding="utf-8")
        process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        started[name] = Unit(folder, process)
    yield started
    for unit in started.values():
        # Ends the input, waits for the process and closes what it wrote to.
        unit.process.communicate()


def hand_in(units: dict[str, Unit], path: Path) -> None:
    """Split a submission, and put each part where its unit finds it."""
    parts = {name: unit.folder / path.name for name, unit in units.items()}
    split_submission(path, codes=parts["linkage"], cases=parts["statistics"], profile=PROFILE, codebook=None)


def carry(units: dict[str, Unit], name: str, *, back: bool = False) -> None:
    """Bring a message from the statistics unit to the linkage unit, or back."""
    here, there = (units[name].folder for name in (("linkage", "statistics") if back else ("statistics", "linkage")))
    shutil.copy(here / name, there / name)


def test_two_processes_with_one_unit_each_find_the_same_persons_as_one_with_both(tmp_path, units):
    codes, cases = units["linkage"], units["statistics"]
    both = Registry.create(tmp_path / "both", profile=PROFILE)
    for name, unit in units.items():
        assert unit.run("init", "r", "--unit", name, "--profile", "p.json")[0] == 0
        assert sorted(path.name for path in (unit.folder / "r").iterdir()) == [f"{name}.duckdb"]
    case = [
        Rec("p", 20, {"case_id": "c", "role": "victim"}),
        Rec("q", 20, {"case_id": "c", "role": "accompanying_child"}),
    ]
    sent = [
        send(tmp_path / "1", "a", 1, [*crowd("a", range(12)), *case, Rec("bad", 30, {"role": "bystander"})]),
        send(tmp_path / "2", "b", 1, crowd("b", range(6, 18))),
    ]
    for path in sent:
        hand_in(units, path)
        both.receive(path)
        for unit in units.values():
            assert unit.run("receive", "r", path.name)[0] in {0, 3}
    assert codes.run("link", "r")[0] == 4
    made = cases.result("notice", "make", "r", "--out", "notice")
    assert (made["records"], made["pairs"]) == (26, 1)
    carry(units, "notice")
    taken = codes.result("notice", "take", "r", "notice")
    # What the statistics unit has set aside is not linked, and its codes go.
    assert (taken["live"], taken["waiting"], taken["erased"], taken["without_codes"]) == (26, 0, 1, 0)
    report, expected = codes.result("link", "r"), both.link()
    assert (report["links"], report["persons"]) == (expected.links, expected.persons)
    codes.result("hand-over", "make", "r", "--out", "hand-over")
    carry(units, "hand-over", back=True)
    taken = cases.result("hand-over", "take", "r", "hand-over")
    assert taken["persons"] == expected.persons
    # Where missing joins go depends on answers, so only this unit says how many persons are expected.
    told = both.expected_persons()
    assert told is not None
    assert (report["expected_persons"], taken["expected_persons"]) == (None, told.to_dict())
    assert cases.run("export", "persons", "r", "--out", "persons.csv")[0] == 0
    groups: dict[str, set[tuple[str, str]]] = {}
    with (cases.folder / "persons.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            groups.setdefault(row["person_id"], set()).add((row["reporter"], row["record_id"]))
    assert set(map(frozenset, groups.values())) == partition(both)
    # The statistics unit counts without a code, and says the same as a registry with both.
    for words in (("role", "reporters"), ("n_reporters",)):
        by = [word for name in words for word in ("--by", name)]
        counted = cases.result("table", "r", "--role", "all", *by)
        assert counted["cells"] == both.table(*words, role="all").select([*words, "count", "low", "high"]).to_pylist()
        assert counted["total"] == expected.persons
    assert cases.result("overlap", "r")["exact"] == both.overlap().to_dict()["exact"]
    # A withdrawal comes to the statistics unit; the linkage unit learns of it with the next notice.
    take_back(cases.folder / "w", "a", 2, records=["a-1", "a-7"])
    assert cases.run("receive", "r", "w")[0] == 0
    cases.result("notice", "make", "r", "--out", "notice")
    carry(units, "notice")
    assert codes.result("notice", "take", "r", "notice")["erased"] == 2
    both.receive(cases.folder / "w")
    assert codes.result("link", "r")["persons"] == both.link().persons
    check_walls(units)


def check_walls(units: dict[str, Unit]) -> None:
    """Check what each unit refuses: files, commands and the file of the other unit."""
    codes, cases = units["linkage"], units["statistics"]
    for name, unit in units.items():
        other = units["statistics" if name == "linkage" else "linkage"]
        held = {path.name for path in unit.folder.rglob("*")}
        assert not {path.name for path in (other.folder / "r").iterdir()} & held
        assert unit.folder.stat().st_mode & 0o077 == 0
        # The file of the other unit under the name of one's own is not read, nor is a whole submission.
        shutil.copytree(unit.folder / "r", unit.folder / "swapped")
        file = unit.folder / "swapped" / f"{name}.duckdb"
        shutil.copy(other.folder / "r" / f"{'statistics' if name == 'linkage' else 'linkage'}.duckdb", file)
        status, _, err = unit.run("status", "swapped")
        assert status == 6
        assert "(registry.other_unit)" in err
        send(unit.folder / "whole", "c", 1, crowd("c", range(3)))
        status, _, err = unit.run("receive", "r", "whole")
        assert status == 4
        assert "(submission.whole)" in err
        shutil.copy(other.folder / "2", unit.folder / "theirs")
        status, _, err = unit.run("receive", "r", "theirs")
        assert status == 4
        assert "(submission.unit)" in err
    for unit, words in (
        (codes, ["export", "persons", "r", "--out", "x.csv"]),
        (codes, ["summary", "r"]),
        (codes, ["table", "r", "--by", "reporter"]),
        (codes, ["overlap", "r"]),
        (codes, ["bodies", "r"]),
        (codes, ["sample", "draw", "r", "--records", "20"]),
        (cases, ["link", "r"]),
        (codes, ["explain", "r", "a/a-1", "b/b-1"]),
        (cases, ["explain", "r", "a/a-1", "b/b-1"]),
        (codes, ["privacy", "r"]),
        (cases, ["privacy", "r"]),
    ):
        status, _, err = unit.run(*words)
        assert status == 2
        assert "(registry.unit)" in err
        assert ("takes both" in err) == (words[0] in {"explain", "privacy"})
    assert b"a-1" not in registry_bytes(codes.folder / "r")
