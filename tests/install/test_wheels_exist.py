"""Whatever the lock files name exists as wheels for every system and Python, so that nobody needs a compiler.

uv resolves the lock files for another system without fetching the wheels, so digests are checked only where something
is installed: in `make`, and in the other tests of this folder.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.paths import ROOT
from tools.make_wheelhouse import PLATFORMS, Target, read_lock

SYSTEMS: Final = {"linux": "x86_64-manylinux_2_28", "windows": "x86_64-pc-windows-msvc"}
"""The names that uv has for the systems of a wheelhouse."""

pytestmark = pytest.mark.whole


def resolve(lock: Path, target: Target, folder: Path) -> subprocess.CompletedProcess[str]:
    """Let uv choose wheels for a system by a lock file."""
    command = [sys.executable, "-m", "uv", "--no-progress", "pip", "install", "--dry-run", "--python", sys.executable]
    command += ["--python-platform", SYSTEMS[target.system], "--python-version", target.python, "--no-build"]
    command += ["--target", str(folder / "target"), "--require-hashes", "--requirement", str(lock)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.slow
@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
@pytest.mark.parametrize("system", PLATFORMS)
@pytest.mark.parametrize("lock", ["requirements-registry.lock", "requirements-dev.lock"])
def test_every_locked_wheel_exists_and_none_needs_another(tmp_path: Path, lock: str, system: str, python: str) -> None:
    target = Target(system, python)
    done = resolve(ROOT / lock, target, tmp_path)
    assert done.returncode == 0, done.stderr
    chosen = {line.removeprefix(" + ") for line in done.stderr.splitlines() if line.startswith(" + ")}
    needed = [pin.requirement for pin in read_lock(ROOT / lock) if target.needs(pin)]
    assert chosen == {f"{one.name}{one.specifier}" for one in needed}


@pytest.mark.parametrize(
    ("pin", "message"),
    [
        (f"numpy==1.0 --hash=sha256:{'0' * 64}", "no version of numpy==1.0"),
        (f"numpy==1.26.4 --hash=sha256:{'0' * 64}", "Wheels are required for `numpy`"),
        ("rfc8785==0.1.4", "rfc8785==0.1.4"),
    ],
    ids=["no such version", "no wheel for this Python", "no digest"],
)
def test_what_cannot_be_installed_is_noticed(tmp_path: Path, pin: str, message: str) -> None:
    lock = tmp_path / "x.lock"
    lock.write_text(pin + "\n", encoding="utf-8")
    done = resolve(lock, Target("windows", "3.13"), tmp_path)
    assert done.returncode != 0
    assert message in done.stderr
