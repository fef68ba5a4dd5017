"""Everything that a reporter or the registry needs exists as wheels, so that nobody needs a compiler.

pip resolves the requirements for another system without installing. It judges conditions such as `sys_platform` by the
system that it runs on, so a package that only Windows needs is not looked for when the test runs on Linux.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Final

import pytest

from tests.paths import ROOT

PLATFORMS: Final = {
    # Tags of Debian 12, Ubuntu 20.04, RHEL 8 and all that came after them.
    "linux": ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64"),
    "windows": ("win_amd64",),
}

pytestmark = pytest.mark.whole


def requirements() -> list[str]:
    """Return what the base and the registry need."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [*project["dependencies"], *project["optional-dependencies"]["registry"]]


def resolve(names: list[str], platform: str, python: str, *, report: Path) -> subprocess.CompletedProcess[str]:
    """Let pip choose wheels for a system, and write its choice to `report`."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "-qq", "install", "--dry-run"]
    command += ["--ignore-installed", "--only-binary=:all:", "--implementation", "cp", "--python-version", python]
    command += [word for tag in PLATFORMS[platform] for word in ("--platform", tag)]
    command += ["--target", str(report.parent / "target"), "--report", str(report), *names]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
@pytest.mark.parametrize("platform", PLATFORMS)
def test_all_wheels_exist(tmp_path: Path, platform: str, python: str) -> None:
    report = tmp_path / "report.json"
    done = resolve(requirements(), platform, python, report=report)
    assert done.returncode == 0, done.stderr
    chosen = json.loads(report.read_text(encoding="utf-8"))["install"]
    files = {item["metadata"]["name"].lower(): item["download_info"]["url"].rpartition("/")[2] for item in chosen}
    assert {"numpy", "cryptography", "pyarrow", "duckdb", "numba", "llvmlite", "scipy"} <= files.keys()
    assert [name for name in files.values() if not name.endswith(".whl")] == []
    assert any(PLATFORMS[platform][0].partition("_")[0].rstrip("0123456789") in name for name in files.values())


def test_the_lock_holds_for_every_python(tmp_path: Path) -> None:
    locked = (ROOT / "requirements-dev.lock").read_text(encoding="utf-8").splitlines()
    for python in ("3.12", "3.13"):
        done = resolve(locked, "linux", python, report=tmp_path / "report.json")
        assert done.returncode == 0, done.stderr


def test_a_missing_wheel_is_noticed(tmp_path: Path) -> None:
    done = resolve(["numpy==1.0"], "windows", "3.13", report=tmp_path / "report.json")
    assert done.returncode != 0
