"""Everything that a reporter or the registry needs exists as wheels, so that nobody needs a compiler.

pip resolves the lock files for another system without installing.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.paths import ROOT
from tools.make_wheelhouse import PLATFORMS, Target, platform_options, requirements_of

pytestmark = pytest.mark.whole


def resolve(requirements: str, target: Target, folder: Path) -> subprocess.CompletedProcess[str]:
    """Let pip choose wheels for a system, and write its choice to `report.json` in `folder`."""
    (folder / "requirements.txt").write_text(requirements, encoding="utf-8")
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "-qq", "install", "--dry-run"]
    command += ["--ignore-installed", *platform_options(target), "--target", str(folder / "target")]
    command += ["--report", str(folder / "report.json"), "--requirement", str(folder / "requirements.txt")]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
@pytest.mark.parametrize("system", PLATFORMS)
def test_all_locked_wheels_exist_and_need_no_other(tmp_path: Path, system: str, python: str) -> None:
    target = Target(system, python)
    locked = requirements_of(ROOT / "requirements-registry.lock", target)
    done = resolve(locked, target, tmp_path)
    assert done.returncode == 0, done.stderr
    chosen = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["install"]
    files = {item["metadata"]["name"].lower(): item["download_info"]["url"].rpartition("/")[2] for item in chosen}
    assert {"numpy", "cryptography", "pyarrow", "duckdb", "numba", "llvmlite", "scipy"} <= files.keys()
    assert len(files) == len(locked.splitlines())
    assert [name for name in files.values() if not name.endswith(".whl")] == []
    assert any(PLATFORMS[system][0].partition("_")[0].rstrip("0123456789") in name for name in files.values())


@pytest.mark.parametrize("python", ["3.12", "3.13"])
def test_the_development_lock_holds_for_every_python(tmp_path: Path, python: str) -> None:
    target = Target("linux", python)
    done = resolve(requirements_of(ROOT / "requirements-dev.lock", target), target, tmp_path)
    assert done.returncode == 0, done.stderr


def test_a_missing_wheel_is_noticed(tmp_path: Path) -> None:
    done = resolve("numpy==1.0\n", Target("windows", "3.13"), tmp_path)
    assert done.returncode != 0
    assert "No matching distribution found for numpy==1.0" in done.stderr


def test_a_wheel_of_another_digest_is_noticed(tmp_path: Path) -> None:
    done = resolve(f"rfc8785==0.1.4 --hash=sha256:{'0' * 64}\n", Target("linux", "3.13"), tmp_path)
    assert done.returncode != 0
    assert "DO NOT MATCH THE HASHES" in done.stderr
