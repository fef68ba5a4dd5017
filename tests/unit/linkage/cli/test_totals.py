"""From the tables of two reporters to `linkage totals`: one sends records and totals, the other totals alone."""

from __future__ import annotations

import csv
import io
import json
import shutil
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from benchmarks.keys import fixed_key_text
from linkage.cli import main as linkage
from pseudonym.cli import main as pseudonym

pytestmark = pytest.mark.whole

BOOK = "case-registry"
CASES = """\
record_id;number;given_names;family_names;case_id;role;municipality
1;20110713-9980;Asa Maria;Lindqvist;c-1;victim;0180
2;;Bogdan;Zvonimirovic;c-1;victim;0114
3;20110713-9980;Asa Maria;Lindqvist;c-2;victim;0180
4;;Berit;Ek;c-2;accompanying_adult;
"""


class Desk:
    """Run commands in a folder."""

    def run(self, command, *words: object) -> tuple[int, str]:
        printed = io.StringIO()
        with pytest.raises(SystemExit) as ended, redirect_stdout(printed), redirect_stderr(printed):
            command([str(word) for word in words])
        return int(ended.value.code or 0), printed.getvalue()

    def count(self, reporter: str, out: str, table: str, *words: str) -> None:
        Path("counts.csv").write_text(table, encoding="utf-8")
        named = ("--reporter", reporter, "--period", "2026-03", "--codebook", BOOK, "--out", out)
        status, text = self.run(pseudonym, "totals", "counts.csv", *named, *words)
        assert status == 0, text

    def totals(self, *words: str) -> str:
        status, text = self.run(linkage, "totals", "r.duckdb", *words)
        assert status == 0, text
        return text


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a registry of records and totals of the police, and of totals of a school."""
    folder = tmp_path_factory.mktemp("totals")
    with chdir(folder):
        _make(Desk())
    return folder


def _make(desk: Desk) -> None:
    Path("key").write_text(fixed_key_text("totals"), encoding="utf-8")
    Path("key").chmod(0o600)
    Path("cases.csv").write_text(CASES, encoding="utf-8")
    encode = ("encode", "cases.csv", "--key", "key", "--reporter", "police", "--period", "2026-03", "--codebook", BOOK)
    assert desk.run(pseudonym, *encode, "--sequence", 1, "--out", "police")[0] == 0
    desk.count("police", "persons", "municipality;n\n;5\n0180;3\n1480;1\n", "--unit", "person", "--sequence", "2")
    desk.count("police", "cases", "n\n3\n", "--unit", "case", "--role", "all", "--sequence", "3")
    desk.count("school", "school", "municipality;n\n0180;2\n", "--unit", "report", "--sequence", "1")
    assert desk.run(linkage, "init", "r.duckdb", "--codebook", BOOK)[0] == 0
    status, text = desk.run(linkage, "receive", "r.duckdb", "persons", "school", "cases", "police")
    assert status == 0
    assert "persons: totals of 3 cells (police, period 2026-03, sequence 2)." in text
    assert desk.run(linkage, "link", "r.duckdb")[0] == 0


@pytest.fixture
def desk(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(shutil.copytree(made, tmp_path / "copy"))
    return Desk()


def test_own_totals_stand_beside_records(desk: Desk) -> None:
    text = " ".join(desk.totals().split())
    assert "police, period 2026-03, sequence 2: persons (victims). Compared with 3 records." in text
    # Two records of three are one person.
    assert "all 5 2 3 municipality=0114 - 1 - municipality=0180 3 1 2 municipality=1480 1 0 1" in text
    assert "police, period 2026-03, sequence 3: cases (all roles). Compared with 4 records." in text
    assert "all 3 2 1" in text
    assert "school, period 2026-03, sequence 1: reports (victims). Compared with 0 records." in text
    assert "municipality=0180 2 0 2" in text
    assert "never added to records" in text


def test_they_change_no_other_figure(desk: Desk) -> None:
    status, text = desk.run(linkage, "summary", "r.duckdb", "--json")
    found = json.loads(text)
    assert (status, found["records"], found["persons"], len(found["reporters"])) == (0, 4, 3, 1)


def test_coverage_knows_who_sent_totals_alone(desk: Desk) -> None:
    rows = json.loads(desk.run(linkage, "coverage", "r.duckdb", "--json")[1])
    states = {row["reporter"]: (row["state"], row["submissions"], row["records"]) for row in rows}
    assert states == {"police": ("reported", 3, 4), "school": ("totals", 1, 0)}


def test_filters(desk: Desk) -> None:
    assert desk.totals("--reporter", "ud").strip() == "No such totals have been received."
    assert [one["unit"] for one in json.loads(desk.totals("--reporter", "police", "--json"))] == ["case", "person"]
    assert [one["reporter"] for one in json.loads(desk.totals("--unit", "report", "--json"))] == ["school"]
    assert json.loads(desk.totals("--period", "2025", "--json")) == []
    by = json.loads(desk.totals("--by", "municipality", "--period", "2026", "--unit", "person", "--json"))
    assert [(cell["cell"], cell["own_total"], cell["records"]) for cell in by[0]["cells"]] == [
        ({"municipality": "0114"}, None, 1),
        ({"municipality": "0180"}, 3, 1),
        ({"municipality": "1480"}, 1, 0),
    ]
    assert desk.run(linkage, "totals", "r.duckdb", "--period", "March")[0] == 2
    assert desk.run(linkage, "totals", "r.duckdb", "--csv", "t.csv", "--json")[0] == 2


def test_a_table(desk: Desk) -> None:
    assert desk.totals("--csv", "t.csv", "--unit", "person") == "t.csv: 4 rows.\n"
    rows = list(csv.reader(Path("t.csv").read_text(encoding="utf-8").splitlines()))
    assert rows == [
        ["reporter", "period", "unit", "role", "cell", "own_total", "records", "difference"],
        ["police", "2026-03", "person", "victim", "all", "5", "2", "3"],
        ["police", "2026-03", "person", "victim", "municipality=0114", "", "1", ""],
        ["police", "2026-03", "person", "victim", "municipality=0180", "3", "1", "2"],
        ["police", "2026-03", "person", "victim", "municipality=1480", "1", "0", "1"],
    ]
    # It replaces an older table of its kind, and nothing else.
    assert desk.totals("--csv", "t.csv").startswith("t.csv: 6 rows.")
    assert desk.run(linkage, "totals", "r.duckdb", "--csv", "cases.csv")[0] == 6


def test_records_that_are_not_linked_yet_are_told(desk: Desk) -> None:
    Path("cases.csv").write_text(CASES.replace("\n1;", "\n7;").split("\n2;")[0], encoding="utf-8")
    encode = ("encode", "cases.csv", "--key", "key", "--reporter", "police", "--period", "2026-03", "--codebook", BOOK)
    assert desk.run(pseudonym, *encode, "--sequence", 9, "--out", "second")[0] == 0
    assert desk.run(linkage, "receive", "r.duckdb", "second")[0] == 0
    text = " ".join(desk.totals("--unit", "person").split())
    assert "Compared with 4 records." in text
    assert "1 record not linked yet, each counted as one person. Run: linkage link REGISTRY" in text


def test_an_older_version_that_comes_late_changes_nothing(desk: Desk) -> None:
    before = desk.totals("--reporter", "school")
    desk.count("school", "late", "municipality;n\n0180;99\n", "--unit", "report", "--sequence", "0")
    status, text = desk.run(linkage, "receive", "r.duckdb", "late")
    assert status == 0
    assert "late: totals of 1 cell; a newer version is there (school, period 2026-03, sequence 0)." in text
    assert desk.totals("--reporter", "school") == before
    status, text = desk.run(linkage, "receive", "r.duckdb", "late", "school")
    assert text.count("already received") == 2


def test_a_withdrawal_takes_them_back(desk: Desk) -> None:
    words = ("withdraw", "--key", "key", "--reporter", "police", "--everything", "--period", "2026-03", "--out", "w")
    assert desk.run(pseudonym, *words, "--sequence", 9)[0] == 0
    status, text = desk.run(linkage, "receive", "r.duckdb", "w")
    assert status == 0
    assert "Erased: 4 records, 0 older versions, 2 totals files." in text
    assert [one["reporter"] for one in json.loads(desk.totals("--json"))] == ["school"]
