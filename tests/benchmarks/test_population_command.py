"""The command makes files that are readable, reproducible and explained by the truth, in bounded memory."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import rfc8785

pytest.importorskip("faker", reason="the extra `benchmarks` is not installed")

from typer.testing import CliRunner

from benchmarks.keys import fixed_key_text
from benchmarks.pages import read_section
from benchmarks.population import CODEBOOK, KINDS, REPORTERS, Assumptions, Plan
from benchmarks.population.__main__ import KindName, app
from benchmarks.population.document import README, SECTION, render
from benchmarks.population.people import BLOCK
from benchmarks.population.run import PARAMETERS, Request, assumptions_for, run
from pseudonym.cli import main as pseudonym_main
from tests.paths import ROOT

CASE_FILES = [f"{reporter.code}.csv" for reporter in REPORTERS]


def command(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
    path = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    return subprocess.run(
        [sys.executable, "-m", "benchmarks.population", *arguments],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": path} | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def request(n: int, *, kind: str = "cases", settings: dict[str, str] | None = None, seed: int = 1) -> Request:
    assumed = assumptions_for(kind, "middle", settings or {})
    plan = Plan(n_persons=n, seed=seed, kind=kind, rates=assumed.population)
    return Request(plan=plan, assumed=assumed, level="middle", settings=settings or {})


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


@pytest.mark.whole
def test_the_command_writes_the_files_and_sums_them_up(tmp_path: Path) -> None:
    done = command("--persons", "60", "--seed", "3", "--level", "low", "--out", str(tmp_path), "--plots", "--register")
    assert done.returncode == 0, done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {
        *CASE_FILES, "truth.csv", "register.csv", PARAMETERS, "population.png"
    }  # fmt: skip
    assert "60 persons" in done.stdout
    assert "personnummer" in done.stdout
    assert (tmp_path / "population.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
def test_equal_arguments_give_equal_files_in_every_process(tmp_path: Path) -> None:
    for name, hash_seed in (("one", "1"), ("two", "2")):
        done = command("--persons", "200", "--seed", "9", "--out", str(tmp_path / name), PYTHONHASHSEED=hash_seed)
        assert done.returncode == 0, done.stderr
    assert digests(tmp_path / "one") == digests(tmp_path / "two")


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["--level", "extreme"], "--level"),
        (["--kind", "martians"], "--kind"),
        (["--set", "typo"], "NAME=VALUE"),
        (["--set", "typoo=1"], "typoo"),
        (["--set", "typo=2"], "from 0 to 1"),
        (["--persons", "0"], "--persons"),
        (["--names", "."], "--names"),
        (["--ages", "pyproject.toml", "--kind", "national"], "--ages"),
        (["--ages", "pyproject.toml"], "only adults and national"),
        ([], "--out"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], hint: str
) -> None:
    monkeypatch.chdir(ROOT)
    folder = tmp_path / "files"
    words = [*arguments, *(["--out", str(folder)] if arguments else [])]
    done = CliRunner().invoke(app, words, env={"COLUMNS": "200", "TERMINAL_WIDTH": "200"})
    assert done.exit_code == 2
    assert hint in done.output
    assert not folder.exists()


@pytest.mark.whole
def test_the_table_shows_every_assumption_and_writes_nothing() -> None:
    done = command("--table", "--set", "typo=0.125")
    assert done.returncode == 0, done.stderr
    shown = [line.split()[0] for line in done.stdout.splitlines() if line and not line.startswith(" ")]
    assert [name for name, _, _ in Assumptions().rows() if name not in shown] == []
    assert any(line.split()[:2] == ["typo", "0.125"] for line in done.stdout.splitlines())


def test_the_parameters_tell_how_it_was_made(tmp_path: Path) -> None:
    run(request(300, settings={"typo": "0.5"}), tmp_path)
    document = json.loads((tmp_path / PARAMETERS).read_text(encoding="utf-8"))
    parameters = document["parameters"]
    assert document["digest"] == hashlib.sha256(rfc8785.dumps(parameters)).hexdigest()
    assert parameters["set"] == {"typo": "0.5"}
    assert parameters["assumptions"]["typo"] == 0.5
    assert set(parameters["assumptions"]) == set(Assumptions().values())
    rows = {name: len(rows_of(tmp_path / name)) for name in CASE_FILES}
    assert document["counts"]["records"] == {name.removesuffix(".csv"): n for name, n in rows.items()}
    run(request(300, settings={"typo": "0.4"}), tmp_path)
    assert json.loads((tmp_path / PARAMETERS).read_text(encoding="utf-8"))["digest"] != document["digest"]


def test_blocks_run_on_without_repeating_ids_or_persons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.population.people.BLOCK", 150)
    summary, _ = run(request(500), tmp_path)
    for name in CASE_FILES:
        ids = [row["record_id"] for row in rows_of(tmp_path / name)]
        assert ids == sorted(ids)
        assert len(set(ids)) == len(ids)
    truth = rows_of(tmp_path / "truth.csv")
    assert len({row["person"] for row in truth}) >= summary.counts()["persons_reported"]
    assert len({(row["reporter"], row["record_id"]) for row in truth}) == len(truth)
    households = {row["person"].removesuffix("-protected"): row["household"] for row in truth}
    assert max(households) <= "person-000499"
    assert len(set(households.values())) > 100


@pytest.mark.slow
def test_memory_does_not_grow_with_the_population(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.population.people.BLOCK", 250)
    run(request(250), tmp_path)
    peaks = []
    for n in (1000, 4000):
        tracemalloc.start()
        run(request(n), tmp_path)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.25 * peaks[0]
    # The real block is larger, yet a small part of what a laptop has.
    assert peaks[0] / 250 * BLOCK < 2**30


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_written_and_summed_up(tmp_path: Path, kind: str) -> None:
    summary, paths = run(request(300, kind=kind), tmp_path)
    assert summary.persons == 300 == summary.pyramid.sum()
    assert all(path.exists() for path in paths)
    assert (np.diag(summary.overlap) == list(summary.known.values())).all()
    assert summary.per_person.sum() == sum(summary.per_reporters.values()) == 300


@pytest.mark.whole
def test_the_library_reads_the_files_as_they_are_meant(tmp_path: Path) -> None:
    """Encode every file; the truth must explain every fault."""
    files = tmp_path / "files"
    run(request(400, settings={"number_placeholder": "0.3", "date_placeholder": "0.05"}), files)
    key = tmp_path / "linkage.key"
    key.write_text(fixed_key_text("population") + "\n", encoding="ascii")
    key.chmod(0o600)
    truth = {(row["reporter"], row["record_id"]): row for row in rows_of(files / "truth.csv")}
    for reporter in REPORTERS:
        rejects = tmp_path / f"{reporter.code}.rejects.csv"
        words = [
            "encode", str(files / f"{reporter.code}.csv"), "--key", str(key), "--reporter", reporter.code, "--codebook",
            CODEBOOK, "--period", "2025", "--rejects", str(rejects), "--out",
            str(tmp_path / f"{reporter.code}.parquet"),
        ]  # fmt: skip
        with pytest.raises(SystemExit) as done:
            pseudonym_main(words)
        assert done.value.code in (0, 3)
        ids = [row["record_id"] for row in rows_of(files / f"{reporter.code}.csv")]
        for fault in rows_of(rejects):
            if not fault["row"].isdigit():
                break
            true_row = truth[reporter.code, ids[int(fault["row"]) - 2]]
            assert explained(fault["field"], fault["rule"], true_row), (reporter.code, fault)


WRONG_DATES = {"day_month", "date_digit", "date_default", "date_placeholder", "year_off", "approximate"}


def explained(field: str, rule: str, true_row: dict[str, str]) -> bool:
    """Return whether the truth explains why a field could not be read, or contradicts another."""
    wrong = set(true_row["errors"].split("|"))
    if rule == "number.contradicts_birth_date":
        return bool(wrong & WRONG_DATES) or true_row["number_is"] in ("relative", "borrowed", "former")
    if rule == "number.contradicts_sex":
        return "sex_wrong" in wrong or true_row["number_is"] in ("relative", "borrowed")
    if rule == "codebook.age_contradicts":
        return bool(wrong & WRONG_DATES)
    if field.startswith("number"):
        return true_row["number_is"] in ("mistyped", "invented", "placeholder") or true_row["number_type"] == "dossier"
    if field.startswith("birth_date"):
        return bool(wrong & {"approximate", "date_placeholder"})
    if field.startswith(("given_names", "family_names", "name_of_address")):
        return bool(wrong & {"name_placeholder"})
    return field.startswith("foreign_number") and "number_typo" in wrong


def test_the_tables_of_the_readme_are_those_of_the_code() -> None:
    shown = read_section(README, SECTION)
    assert shown == render()
    for name, _, _ in Assumptions().rows():
        plain = name if "." not in name else f"REPORTER.{name.partition('.')[2]}"
        assert f"`{plain}`" in shown or ">" in name or name.startswith("origins."), name


def test_the_command_offers_every_kind_of_population() -> None:
    assert [kind.value for kind in KindName] == list(KINDS)
