"""A wheelhouse: it holds all that is needed, installs without network as its instructions say, and resists exchange."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import Final

import pytest
import typer

from tests.paths import ROOT
from tools.make_wheelhouse import Target, make_wheelhouse, own_target, parse_target, refuse_other_folder

CASES: Final = "record_id,given_names,family_names,birth_date\nr-1,Åsa Maria,Öberg,1990-02-28\n"


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command that knows neither this environment nor any package index."""
    hidden = ("PYTHON", "VIRTUAL_ENV", "COV_", "PIP_", "UV_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
    environment |= {"PIP_CONFIG_FILE": os.devnull, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [str(word) for word in command], cwd=cwd, env=environment, capture_output=True, encoding="utf-8", check=False
    )


@pytest.fixture(scope="module")
def wheelhouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheelhouse for this machine."""
    folder = tmp_path_factory.mktemp("made") / "wheelhouse"
    command = [sys.executable, "-m", "tools.make_wheelhouse", "--folder", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    sums = hashlib.sha256((folder / "SHA256SUMS").read_bytes()).hexdigest()
    assert done.stdout.endswith(f"SHA-256 of SHA256SUMS: {sums}\n")
    return folder


def new_environment(folder: Path) -> Path:
    """Make an environment with pip alone, and return the folder of its commands."""
    venv.create(folder, with_pip=True)
    return folder / ("Scripts" if os.name == "nt" else "bin")


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of commands of an environment in which no test installs anything."""
    return new_environment(tmp_path_factory.mktemp("empty") / "environment")


def install(wheelhouse: Path, role: str, environment: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the line of README.txt that installs for a role."""
    text = (wheelhouse / "README.txt").read_text(encoding="utf-8")
    (line,) = re.findall(rf"^ +environment/bin/python (-m pip install .*-r {role}\.txt)$", text, re.MULTILINE)
    assert {"--no-index", "--require-hashes"} <= set(line.split())
    return run(environment / "python", *line.split(), *options, cwd=wheelhouse)


@pytest.mark.slow
def test_a_reporter_installs_without_network_and_encodes(wheelhouse: Path, tmp_path: Path) -> None:
    environment = new_environment(tmp_path / "environment")
    done = install(wheelhouse, "reporter", environment)
    assert done.returncode == 0, done.stderr
    shown = run(environment / "pseudonym", "--version", cwd=tmp_path)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert f"says {shown.stdout.split()[-1]}." in (wheelhouse / "README.txt").read_text(encoding="utf-8")
    (tmp_path / "cases.csv").write_text(CASES, encoding="utf-8")
    assert run(environment / "pseudonym", "keygen", "linkage.key", cwd=tmp_path).returncode == 0
    words = ["encode", "cases.csv", "--key", "linkage.key", "--reporter", "police", "--out", "out.parquet"]
    encoded = run(environment / "pseudonym", *words, cwd=tmp_path)
    assert (encoded.returncode, encoded.stderr) == (0, "")
    assert (tmp_path / "out.parquet").read_bytes()[:4] == b"PAR1"


@pytest.mark.slow
def test_the_registry_finds_all_that_it_needs(wheelhouse: Path, environment: Path) -> None:
    done = install(wheelhouse, "registry", environment, "--dry-run")
    assert done.returncode == 0, done.stderr
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("Would install ")]
    assert {"duckdb", "matplotlib", "numba", "scipy", "pseudonym-linkage"} <= set(re.findall(r"(\S+)-[0-9]", line))
    assert len(line.split()) - 2 == len(list(wheelhouse.glob("*.whl")))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["rfc8785", "pseudonym_linkage"])
def test_an_exchanged_wheel_is_refused(wheelhouse: Path, environment: Path, tmp_path: Path, name: str) -> None:
    altered = tmp_path / "altered"
    shutil.copytree(wheelhouse, altered, copy_function=os.link)
    (wheel,) = altered.glob(f"{name}-*.whl")
    held = wheel.read_bytes()
    wheel.unlink()
    wheel.write_bytes(held + b"\0")
    done = install(altered, "reporter", environment, "--dry-run")
    assert done.returncode != 0
    assert "DO NOT MATCH THE HASHES" in done.stderr


@pytest.mark.slow
def test_every_file_has_its_digest_and_none_names_a_place_to_fetch_from(wheelhouse: Path) -> None:
    lines = (wheelhouse / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    digests = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    files = {path.name: path.read_bytes() for path in wheelhouse.iterdir() if path.name != "SHA256SUMS"}
    assert digests == {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    assert {"README.txt", "reporter.txt", "registry.txt"} < files.keys()
    assert [name for name, data in files.items() if name.endswith(".txt") and b"://" in data] == []


@pytest.mark.slow
def test_what_cannot_be_fetched_leaves_the_old_wheelhouse(tmp_path: Path) -> None:
    folder = tmp_path / "wheelhouse"
    folder.mkdir()
    (folder / "SHA256SUMS").touch()
    command = [sys.executable, "-m", "tools.make_wheelhouse", "linux-2.7", "--folder", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "No matching distribution found" in done.stderr
    assert [path.name for path in tmp_path.rglob("*")] == ["wheelhouse", "SHA256SUMS"]


def test_a_folder_that_is_no_wheelhouse_is_kept(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(typer.BadParameter, match="neither empty nor a wheelhouse"):
        make_wheelhouse(tmp_path, [Target("linux", "3.12")])
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_neither_a_file_nor_a_link_is_replaced(tmp_path: Path) -> None:
    file, link = tmp_path / "file", tmp_path / "link"
    file.touch()
    link.symlink_to(tmp_path, target_is_directory=True)
    for path in (file, link):
        with pytest.raises(typer.BadParameter, match="is not a folder"):
            refuse_other_folder(path)


def test_a_wheelhouse_an_empty_folder_and_none_may_be_replaced(tmp_path: Path) -> None:
    refuse_other_folder(tmp_path / "none")
    refuse_other_folder(tmp_path)
    (tmp_path / "SHA256SUMS").touch()
    (tmp_path / "old.whl").touch()
    refuse_other_folder(tmp_path)


@pytest.mark.parametrize("machine", ["aarch64", "arm64", "i686", ""])
def test_a_machine_for_which_no_wheels_are_fetched_is_refused(machine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: machine)
    with pytest.raises(typer.BadParameter, match=rf"this machine is {machine or 'unknown'}, .* such as linux-3\.12"):
        own_target()


@pytest.mark.parametrize("machine", ["x86_64", "AMD64"])
def test_both_names_of_x86_64_are_known(machine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: machine)
    assert own_target().endswith(f"-{sys.version_info.major}.{sys.version_info.minor}")


def test_a_target_is_a_system_and_a_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    assert parse_target("windows-3.12") == Target("windows", "3.12")
    assert parse_target(own_target()).python == f"{sys.version_info.major}.{sys.version_info.minor}"


@pytest.mark.parametrize("text", ["", "windows", "windows-", "windows-x", "amiga-3.12", "3.12"])
def test_another_target_is_refused_with_those_that_there_are(text: str) -> None:
    with pytest.raises(typer.BadParameter, match=r"is none of linux-3\.X, windows-3\.X"):
        parse_target(text)
