"""`linkage export`: standard output, locales, suffixes, and a registry that has not been linked."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from linkage import cli
from linkage.pipeline import Registry
from tests.unit.linkage.helpers import PROFILE, Rec, crowd, send

pytestmark = pytest.mark.whole

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry with three records of two persons, one under an id that looks like a formula, to be copied."""
    folder = tmp_path_factory.mktemp("made")
    registry = Registry.create(folder / "r.duckdb", profile=PROFILE)
    registry.receive(send(folder / "a", "a", 1, [Rec("w", 1), Rec("x", 2)]))
    # As registries hold that received it before such ids were refused.
    with registry._store.session(write=True) as session:
        session.run("UPDATE records SET record_id = '=1+1' WHERE record_id = 'w'")
    registry.receive(send(folder / "b", "b", 1, crowd("b", [1])))
    registry.link()
    return folder


@pytest.fixture
def run(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Export from a copy of the registry."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)

    def go(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            cli.main(["export", *words])
        return (int(ended.value.code or 0), *capsys.readouterr())

    return go


def test_standard_output_has_the_rows_and_nothing_else(run):
    status, out, err = run("persons", "r.duckdb", "--out", "-")
    assert (status, err) == (0, "-: 3 rows.\n")
    head, *rows = out.splitlines()
    assert head == "reporter,record_id,person_id"
    assert [row.rsplit(",", 1)[0] for row in rows] == ["a,'=1+1", "a,x", "b,b-1"]
    assert run("persons", "r.duckdb", "--out", "p.csv")[0] == 0
    assert Path("p.csv").read_text(encoding="utf-8") == out
    assert not Path("-").exists()


def _persons(text: str) -> dict[str, str]:
    return dict(row.rsplit(",", 1) for row in text.splitlines()[1:])


def test_a_recipient_gets_person_ids_of_its_own(run):
    own, police, again = (
        _persons(run("persons", "r.duckdb", "--out", "-", *words)[1])
        for words in ((), ("--for", "police"), ("--for", "police", "--registry-key", "r.duckdb.key"))
    )
    assert police == again
    assert own.keys() == police.keys()
    assert len({*own.values(), *police.values()}) == 4


def test_a_recipient_needs_a_right_name_and_the_key(run):
    status, out, err = run("persons", "r.duckdb", "--out", "p.csv", "--for", "the police")
    assert (status, out, "(export.recipient)" in err) == (5, "", True)
    Path("r.duckdb.key").unlink()
    status, out, err = run("persons", "r.duckdb", "--out", "p.csv", "--for", "police")
    assert (status, out, "r.duckdb.key" in err, "(registry_key.unreadable)" in err) == (5, "", True, True)
    assert not Path("p.csv").exists()
    assert run("persons", "r.duckdb", "--out", "p.csv")[0] == 0


def test_a_swedish_file(run):
    assert run("links", "r.duckdb", "--out", "l.CSV", "--locale", "sv")[:2] == (0, "l.CSV: 1 rows.\n")
    head, row = Path("l.CSV").read_text(encoding="utf-8").splitlines()
    assert head.startswith("\ufeffreporter_a;record_id_a;")
    weight, probability = row.split(";")[4:6]
    assert float(weight.replace(",", ".")) > 0
    assert probability.startswith("0,")


@pytest.mark.parametrize("out", ["p.csv.gz", "p.xls", "p.txt", "persons"])
def test_another_suffix_is_refused_before_the_registry_is_read(run, out):
    status, shown, err = run("persons", "missing.duckdb", "--out", out)
    assert (status, shown) == (6, "")
    assert err.startswith(f"linkage: {out}: The persons file is written as .csv, .parquet, .xlsx")
    assert "(export.suffix)" in err
    assert not Path(out).exists()


def test_a_locale_is_for_csv(run):
    status, _, err = run("persons", "r.duckdb", "--out", "p.xlsx", "--locale", "sv")
    assert (status, "(export.locale)" in err) == (6, True)
    assert run("persons", "r.duckdb", "--out", "-", "--locale", "sv")[1].startswith("\ufeffreporter;")


@pytest.mark.parametrize("what", ["persons", "links"])
@pytest.mark.parametrize("out", ["p.csv", "p.xlsx", "-"])
def test_before_the_first_run_of_link_there_is_nothing(run, tmp_path, what, out):
    Registry.create("new.duckdb", profile=PROFILE).receive(send(tmp_path / "new", "a", 1, crowd("a", [1])))
    status, shown, err = run(what, "new.duckdb", "--out", out)
    assert (status, shown) == (6, "")
    assert "The records have not been linked yet. (registry.not_linked)" in err
    assert "linkage link REGISTRY" in err
    assert not Path(out).exists()


def test_a_stale_export_says_so(run, tmp_path):
    Registry.open("r.duckdb").receive(send(tmp_path / "later", "b", 2, crowd("b", [5])))
    for out in ("p.parquet", "-"):
        status, _, err = run("persons", "r.duckdb", "--out", out)
        assert (status, "this file is out of date" in err) == (0, True)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pipes that break")
def test_a_reader_that_stops_early_is_no_internal_error(run):
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "linkage", "export", "persons", "r.duckdb", "--out", "-"],
        stdout=write,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    os.close(write)
    assert done.returncode == 6
    assert done.stderr == "linkage: Standard output was closed before everything was written. (export.closed)\n"
