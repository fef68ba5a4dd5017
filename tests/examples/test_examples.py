"""Every example runs as it is, the demo shows what it promises, and the README shows the figures of the demo."""

from __future__ import annotations

import csv
import functools
import io
import os
import re
import runpy
import subprocess
import sys
from collections.abc import Callable
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.paths import ROOT

duckdb = pytest.importorskip("duckdb", reason="the extra `registry` is not installed")

EXAMPLES = sorted((ROOT / "examples").glob("[0-9]*.py"))
COMMANDS = ("03_two_units",)
"""Examples that start many commands. They run in this process; in new ones, `make slow` runs them."""

# Lines a user has to write for the two main jobs, without comments, printing and checks, stay below this.
MAX_LINES = 10

README = ROOT / "README.md"
FIGURE = re.compile(r"\| ([a-z][a-z ,]+) \| ([0-9,]+) \|")
COLOUR = re.compile(r"#[0-9a-f]{6}")


def _run(script: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(script), *arguments],
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src"), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=300,
    )


def test_there_are_examples() -> None:
    assert [path.name for path in EXAMPLES] == ["01_encode_records.py", "02_link_records.py", "03_two_units.py"]


@dataclass(frozen=True)
class _Run:
    """What an example printed, and what it left in the folder where it was started."""

    done: subprocess.CompletedProcess[str]
    left: list[Path]


def _run_here(script: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run an example and the commands that it starts in this process; a new one spends a second on imports for each."""

    def run(words: list[str], *, cwd: Path, **options: object) -> subprocess.CompletedProcess[str]:
        assert words[:2] == [sys.executable, "-m"]
        assert options == {"check": True, "capture_output": True, "encoding": "utf-8"}
        # Tables are written as bytes.
        out, errors = io.TextIOWrapper(io.BytesIO(), encoding="utf-8"), io.StringIO()
        with pytest.raises(SystemExit) as ended, chdir(cwd), redirect_stdout(out), redirect_stderr(errors):
            import_module(f"{words[2]}.cli").main(words[3:])
        assert not ended.value.code, errors.getvalue()
        out.seek(0)
        return subprocess.CompletedProcess(words, 0, out.read(), errors.getvalue())

    shown, errors = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, chdir(folder), redirect_stdout(shown), redirect_stderr(errors):
        patch.setattr(subprocess, "run", run)
        runpy.run_path(str(script), run_name="__main__")
    return subprocess.CompletedProcess([], 0, shown.getvalue(), errors.getvalue())


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], _Run]:
    """Run an example once for all tests of it."""

    @functools.cache
    def run(name: str) -> _Run:
        folder, script = tmp_path_factory.mktemp(name), ROOT / f"examples/{name}.py"
        done = _run_here(script, folder) if name in COMMANDS else _run(script, cwd=folder)
        return _Run(done, list(folder.iterdir()))

    return run


@pytest.mark.whole
@pytest.mark.parametrize("name", [path.stem for path in EXAMPLES])
def test_an_example_runs_anywhere_and_leaves_nothing_behind(name: str, examples: Callable[[str], _Run]) -> None:
    run = examples(name)
    assert run.done.returncode == 0, run.done.stderr
    assert run.done.stderr == ""
    assert run.left == []


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
def test_an_example_starts_its_commands(name: str, tmp_path: Path) -> None:
    done = _run(ROOT / f"examples/{name}.py", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "reporter,record_id" in done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.whole
def test_units_apart_find_the_girl_twice(examples: Callable[[str], _Run]) -> None:
    shown = examples("03_two_units").done.stdout
    persons = {
        row["record_id"]: row["person_id"] for row in csv.DictReader(shown[shown.index("reporter,record") :].split())
    }
    assert list(persons) == ["pol-1", "pol-2", "pol-3"]
    assert persons["pol-1"] == persons["pol-3"] != persons["pol-2"]


@pytest.mark.whole
def test_encoding_reports_codes_and_records(examples: Callable[[str], _Run]) -> None:
    shown = examples("01_encode_records").done.stdout
    assert re.search(r"^[0-9]+ codes of 2 records", shown)
    assert "police.parquet: 2 records" in shown
    assert "Lindqvist" not in shown


@pytest.mark.whole
def test_linking_finds_the_girl_and_not_her_brother(examples: Callable[[str], _Run]) -> None:
    shown = examples("02_link_records").done.stdout
    person = dict(re.findall(r"^ +\w+ +(\w+-\d) +(P[a-z2-7]{26})$", shown, flags=re.MULTILINE))
    assert person["pol-1"] == person["sch-1"]
    assert len(set(person.values())) == 3
    assert "Known to police and school: 1" in shown


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    pytest.importorskip("faker", reason="the extra `benchmarks` is not installed")
    folder = tmp_path_factory.mktemp("demo") / "out"
    # The defaults, as `make demo` takes them: the README shows the figures of such a run.
    done = _run(ROOT / "examples/demo.py", "--out", str(folder), cwd=folder.parent)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout, folder


@pytest.mark.slow
def test_demo_prints_every_command_and_figure(demo: tuple[str, Path]) -> None:
    shown, _ = demo
    commands = re.findall(r"^\$ (\w+ \w+)", shown, flags=re.MULTILINE)
    assert commands.count("pseudonym encode") == 8
    for command in (
        "pseudonym codebook",
        "pseudonym check",
        "linkage init",
        "linkage link",
        "linkage privacy",
        "linkage export",
    ):
        assert command in commands
    for figure in ("Records received", "Unique persons", "Pairs of persons to review", "Precision", "Recall"):
        assert re.search(rf"{figure}.* [0-9]", shown), figure
    links = re.findall(r"(?:; links:|Pairs of records linked) +([0-9,]+)", shown)
    assert len({count.replace(",", "") for count in links}) == 1, "link and summary count the same pairs"
    assert "--column given_names=tilltalsnamn" in shown
    assert "Real keys come from `pseudonym keygen`." in shown


@pytest.mark.slow
def test_demo_finds_most_persons_and_few_wrong_pairs(demo: tuple[str, Path]) -> None:
    shown, _ = demo
    figures = {name: float(value) for name, value in re.findall(r"^(Precision|Recall) .*?([01]\.\d{4})", shown, re.M)}
    assert figures["Precision"] > 0.95
    assert figures["Recall"] > 0.75


@pytest.mark.slow
def test_demo_says_where_each_file_is(demo: tuple[str, Path]) -> None:
    shown, folder = demo
    assert str(folder) in shown.replace("\n", "")
    assert (folder / "registry/national").is_dir()
    for path in ("registry/national", "registry/persons.csv", "registry/links.csv", "truth.csv"):
        assert (folder / path).exists()
        assert Path(path).name in shown
    assert (folder / ".gitignore").read_text(encoding="utf-8") == "*\n"


def _count(text: str) -> int:
    return int(text.replace(",", ""))


@pytest.mark.slow
def test_the_readme_shows_the_figures_of_the_demo(demo: tuple[str, Path]) -> None:
    shown, _ = demo
    lines = README.read_text(encoding="utf-8").splitlines()
    rows = {name: _count(value) for name, value in (row.groups() for row in map(FIGURE.fullmatch, lines) if row)}
    found, true = re.findall(r"^Unique persons found +([0-9,]+) .* true ([0-9,]+)", shown, re.M)[0]
    assert rows["sum of what each reporter counts by itself"] == _count(
        re.findall(r"^Sum of what each reporter counts by itself +([0-9,]+)", shown, re.M)[0]
    )
    assert rows["true"] == _count(true)
    assert rows["found by the registry, from codes alone"] == _count(found)
    low, high = re.findall(r"^Range of their true number .*? ([0-9,]+)-([0-9,]+)", shown, re.M)[0]
    assert f"| range in which the registry expects the true number (95 %) | {low}–{high} |" in lines
    assert _count(low) <= _count(true) <= _count(high)


@pytest.mark.slow
@pytest.mark.parametrize("page", ["for-data-protection-officers.md", "for-dataskyddsombud.md"])
def test_the_pages_for_data_protection_officers_quote_the_demo(demo: tuple[str, Path], page: str) -> None:
    shown, _ = demo
    section = shown.split("7. What is given away?")[1].split("\n8. ")[0]
    # Wrapping depends on the terminal, and the pages leave out what stands at `...`.
    printed = " ".join(section.split())
    quoted = re.findall(
        r"^```\n(.*?)^```$", (ROOT / "docs" / page).read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )
    parts = [" ".join(part.split()) for line in "".join(quoted).splitlines() for part in line.split("...")]
    assert len(quoted) == 2
    assert [part for part in parts if part not in printed] == []


def _without_layout(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.slow
@pytest.mark.parametrize("command", ["link", "summary", "status", "privacy"])
def test_the_examples_of_help_show_the_figures_of_the_demo(
    demo: tuple[str, Path], command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shown, folder = demo
    monkeypatch.chdir(folder / "registry")
    if command != "link":
        with pytest.raises(SystemExit):
            import_module("linkage.cli").main([command, "national"])
        shown = capsys.readouterr().out
    example = (
        import_module(f"linkage.cli.{command}").EXAMPLE.partition("\n  --json")[0].partition("\n  Expected fig")[0]
    )
    # Days, and what differs from run to run, are left out.
    lines = [line for line in example.splitlines()[2:] if re.search("[0-9]", line) and "Linked on" not in line]
    parts = [part for line in lines if "entry" not in line for part in _without_layout(line).split("...")]
    assert [part for part in parts if part not in _without_layout(shown)] == []


def test_the_two_drawings_of_the_flow_differ_in_colours_only() -> None:
    light, dark = ((ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("flow.svg", "flow-dark.svg"))
    assert light != dark
    assert COLOUR.sub("#", light) == COLOUR.sub("#", dark)


def _values(table: pa.Table) -> str:
    return "\n".join(str(value) for column in table.columns for value in column.to_pylist() if value is not None)


def _rows(file: Path) -> str:
    """Return all that is in the tables of a unit."""
    with duckdb.connect(str(file), read_only=True) as connection:
        tables = [name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
        return "\n".join(str(connection.execute(f'FROM "{name}"').fetchall()) for name in tables)


@pytest.mark.slow
def test_no_identity_of_the_demo_leaves_a_reporter(demo: tuple[str, Path]) -> None:
    _, folder = demo
    # Files are compressed, so their values are searched, not their bytes.
    sent = "\n".join(_values(pq.read_table(path)) for path in folder.glob("reporters/*/*.parquet"))
    kept = "\n".join(_rows(folder / "registry/national" / f"{unit}.duckdb") for unit in ("linkage", "statistics"))
    assert "pol-000001" in sent
    assert "pol-000001" in kept
    with (folder / "reporters/police/cases.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    values = {row[name] for row in rows for name in ("number", "family_names", "given_names") if len(row[name]) > 7}
    assert len(values) > 200
    # Each is searched in tens of megabytes, so a tenth of them must do.
    for value in sorted(values)[::10]:
        assert value not in sent
        assert value not in kept


@pytest.mark.slow
def test_demo_replaces_its_own_folder_and_no_other(demo: tuple[str, Path], tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("mine", encoding="utf-8")
    done = _run(ROOT / "examples/demo.py", "--out", str(tmp_path), cwd=tmp_path)
    assert done.returncode == 1
    assert "no demo made" in done.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["precious.txt"]


@pytest.mark.parametrize("script", EXAMPLES, ids=lambda path: path.stem)
def test_the_core_of_an_example_is_under_ten_lines(script: Path) -> None:
    source = script.read_text(encoding="utf-8")
    core = (
        source.split(f"def {'encode' if 'encode' in script.stem else 'link'}(")[1].split("\n\n\n")[0].splitlines()[1:]
    )
    lines = [line for line in core if line.strip() and not line.strip().startswith(("#", "print", "assert", "for row"))]
    assert len(lines) < MAX_LINES
