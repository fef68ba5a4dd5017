"""The base installation alone, in a clean environment: it encodes, and `linkage` says which extra is missing."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path
from typing import Final

import pytest

from tests.paths import ROOT

MISSING_EXTRA_STATUS: Final = 6

CASES: Final = """\
record_id,given_names,family_names,birth_date,sex
r-1,Åsa Maria,Öberg,1990-02-28,woman
r-2,Béla,Nagy,1985,man
"""

pytestmark = pytest.mark.slow


def clean_environment() -> dict[str, str]:
    """Leave out what would let the new interpreter find packages of this one."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV", "COV_"))}


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command and keep what it prints, as UTF-8 on every system."""
    environment = {**clean_environment(), "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [str(word) for word in command], cwd=cwd, env=environment, capture_output=True, encoding="utf-8", check=False
    )


def pip(*words: str | Path) -> None:
    """Run pip of this environment; its output is shown only if it fails."""
    done = run(sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "-qq", *words, cwd=ROOT)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this repository."""
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, ROOT)
    return next(folder.glob("pseudonym_linkage-*.whl"))


@pytest.fixture(scope="module")
def scripts(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of commands of an environment that holds the base and nothing else."""
    folder = tmp_path_factory.mktemp("base") / "venv"
    venv.create(folder, with_pip=False)
    scripts = folder / ("Scripts" if os.name == "nt" else "bin")
    into = ("--python", scripts / "python", "install")
    pip(*into, "--require-hashes", "--requirement", ROOT / "requirements-reporter.lock")
    pip(*into, "--no-deps", wheel)
    return scripts


def test_the_wheel_holds_every_file_of_both_packages(wheel: Path) -> None:
    src = ROOT / "src"
    wanted = {
        path.relative_to(src).as_posix()
        for path in src.rglob("*")
        if path.is_file() and path.suffix in {".json", ".py", ".typed"} and "__pycache__" not in path.parts
    }
    held = set(zipfile.ZipFile(wheel).namelist())
    assert {
        "pseudonym/tables.json",
        "pseudonym/profiles/case-registry.json",
        "linkage/py.typed",
    } <= wanted
    assert wanted - held == set()
    assert {name.split("/")[0].split("-")[0] for name in held} == {"pseudonym", "linkage", "pseudonym_linkage"}


def test_the_base_brings_no_package_of_an_extra(scripts: Path, tmp_path: Path) -> None:
    program = "import importlib.util as u; print([n for n in %r if u.find_spec(n)])"
    extras = ["duckdb", "numba", "scipy", "matplotlib", "bitarray", "pandas", "faker", "recordlinkage", "pytest"]
    assert run(scripts / "python", "-c", program % extras, cwd=tmp_path).stdout.strip() == "[]"


def test_the_base_encodes(scripts: Path, tmp_path: Path) -> None:
    (tmp_path / "cases.csv").write_text(CASES, encoding="utf-8")
    made = run(scripts / "pseudonym", "keygen", "linkage.key", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    words = ["encode", "cases.csv", "--key", "linkage.key", "--reporter", "police", "--out", "out.parquet"]
    encoded = run(scripts / "pseudonym", *words, cwd=tmp_path)
    assert (encoded.returncode, encoded.stderr) == (0, "")
    assert (tmp_path / "out.parquet").read_bytes()[:4] == b"PAR1"
    shown = run(scripts / "pseudonym", "show", "out.parquet", cwd=tmp_path)
    assert '"records": 2' in shown.stdout


@pytest.mark.parametrize("command", [["summary", "x"], ["init", "x"], ["link", "x"], ["receive", "x", "y"]])
def test_linkage_names_the_missing_extra(scripts: Path, tmp_path: Path, command: list[str]) -> None:
    done = run(scripts / "linkage", *command, cwd=tmp_path)
    assert done.returncode == MISSING_EXTRA_STATUS
    assert 'python -m pip install ".[registry]"' in done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    assert list(tmp_path.iterdir()) == []


def test_linkage_shows_its_help_without_the_extra(scripts: Path, tmp_path: Path) -> None:
    done = run(scripts / "linkage", "--help", cwd=tmp_path)
    assert done.returncode == 0
    assert "receive" in done.stdout


def test_the_packages_of_python_import_without_the_extra(scripts: Path, tmp_path: Path) -> None:
    program = (
        "import linkage, pseudonym.encode\n"
        "try:\n    linkage.Registry\n"
        "except linkage.LinkageError as error:\n    print(type(error).__name__, error)"
    )
    done = run(scripts / "python", "-c", program, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("MissingExtraError")
