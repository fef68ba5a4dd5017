"""`linkage sample` and `linkage bodies`: text, JSON and files, and what is refused."""

from __future__ import annotations

import csv
import json
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from linkage import cli
from linkage.cli.table_text import WARNING
from linkage.pipeline import Registry
from tests.unit.linkage.helpers import PROFILE, Rec, crowd, send

pytestmark = pytest.mark.whole

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry of two reporters with the same persons, and two more of one of them, to be copied."""
    folder = tmp_path_factory.mktemp("made")
    registry = Registry.create(folder / "r", profile=PROFILE)
    extra = [Rec("a-x", 900), Rec("a-y", 901)]
    for name, records in (("a", crowd("a", range(12)) + extra), ("b", crowd("b", range(12)))):
        registry.receive(send(folder / name, name, 1, records))
    registry.link()
    return folder


@pytest.fixture
def run(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command of `linkage` on a copy of the registry."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)

    def go(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            cli.main(list(words))
        return (int(ended.value.code or 0), *capsys.readouterr())

    return go


def test_from_a_sample_to_what_its_answers_say(run: Run, tmp_path: Path) -> None:
    status, out, _ = run("sample", "draw", "r", "--records", "26", "--seed", "1", "--out", "q.csv")
    assert status == 0
    assert "Sample 1 of 26 records was drawn." in out
    path = tmp_path / "q.csv"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(row | {"same_person": "yes", "wrong_fields": "sex"} for row in rows)
    status, out, _ = run("sample", "answers", "r", "q.csv")
    assert status == 0
    assert "Sample 1: 26 of 26 questions are answered." in out
    assert "0 records of these: parts of persons that were missed." in out
    assert "Wrong sex: 26 records." in out
    status, out, _ = run("sample", "status", "r", "--json")
    document = json.loads(out)
    assert (document["answered"], document["wrong_fields"], document["missed"]) == (26, {"sex": 26}, 0)
    assert {one["stratum"] for one in document["strata"]} >= {"others"}
    status, out, err = run("sample", "questions", "r", "--reporter", "b")
    assert (status, err) == (0, "")
    assert out.startswith("question,reporter,record_id,asked,same_person,wrong_fields\n")
    assert "a-" not in out


def test_bad_answers_are_named_by_line(run: Run, tmp_path: Path) -> None:
    run("sample", "draw", "r", "--records", "26", "--out", "q.csv")
    path = tmp_path / "q.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text(
        "\n".join([lines[0], lines[1].removesuffix(",,") + ",perhaps,", *lines[2:]]) + "\n", encoding="utf-8"
    )
    status, _, err = run("sample", "answers", "r", "q.csv")
    assert status == 5
    assert "q.csv, line 2: same_person is yes or no. (sample.same_person)" in err
    status, out, _ = run("sample", "answers", "r", "q.csv", "--json")
    assert json.loads(out)["faults"][0]["rule"] == "sample.same_person"


def test_how_many_answers_a_precision_takes(run: Run) -> None:
    status, out, _ = run("sample", "draw", "r", "--precision", "90%")
    assert (status, out.startswith("For a range of 90% on either side")) == (0, True)
    status, out, _ = run("sample", "draw", "r", "--precision", "5%", "--json")
    assert isinstance(json.loads(out)["answers"], int)
    # Nothing was drawn.
    assert run("sample", "status", "r")[0] == 5


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--records", "20", "--precision", "5%"),
        ("--precision", "5"),
        ("--precision", "-5%"),
        ("--records", "20", "--out", "q.csv", "--json"),
    ],
)
def test_wrong_usage_draws_nothing(run: Run, words: tuple[str, ...]) -> None:
    assert run("sample", "draw", "r", *words)[0] == 2
    assert run("sample", "status", "r")[0] == 5


@pytest.mark.parametrize("words", [("--records", "9"), ("--precision", "0%")])
def test_a_sample_that_cannot_be_drawn_is_refused(run: Run, words: tuple[str, ...]) -> None:
    assert run("sample", "draw", "r", *words)[0] == 5


def test_a_file_of_another_kind_is_not_replaced_and_nothing_is_drawn(run: Run, tmp_path: Path) -> None:
    (tmp_path / "q.csv").write_text("mine\n", encoding="utf-8")
    assert run("sample", "draw", "r", "--records", "20", "--out", "q.csv")[0] == 6
    assert (tmp_path / "q.csv").read_text(encoding="utf-8") == "mine\n"
    assert run("sample", "status", "r")[0] == 5


def test_bodies_say_what_each_knows_alone(run: Run) -> None:
    status, out, _ = run("bodies", "r", "--role", "all")
    assert status == 0
    assert out.startswith(WARNING)
    assert "only it knows" in out
    status, out, _ = run("bodies", "r", "--role", "all", "--marginal")
    assert "14 found, " in out
    assert "found 2, expected" in out
    status, out, _ = run("bodies", "r", "--role", "all", "--json")
    document = json.loads(out)
    assert document["total"]["found"] == 14
    assert {row["reporter"]: row["found"] for row in document["reporters"]} == {"a": 2, "b": 0}
    status, _, _ = run("bodies", "r", "--role", "all", "--out", "bodies.csv")
    with Path("bodies.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["found"] for row in rows] == ["2", "0"]
    assert run("bodies", "r", "--as-of", "2020-01-01")[0] == 0
