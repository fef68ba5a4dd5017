"""A run of `encode` that is killed, or that another run for the same output meets, leaves one whole file or none."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pseudonym.keyed import LinkageKey
from pseudonym.wire import read_header
from tests.paths import ROOT

pytestmark = pytest.mark.slow

N_ROWS = 3000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a key and a case file that takes some seconds."""
    LinkageKey.generate().save(tmp_path / "key")
    rows = [f"r{n},Annabella{n},Oxenstierna,19{n % 90 + 10}-03-0{n % 9 + 1}" for n in range(N_ROWS)]
    header = "record_id,given_names,family_names,birth_date"
    (tmp_path / "cases.csv").write_text("\n".join([header, *rows]), encoding="utf-8")
    return tmp_path


def start(folder: Path, sequence: int) -> subprocess.Popen[bytes]:
    words = ["encode", "cases.csv", "--key", "key", "--reporter", "police", "--out", "out", "--sequence", str(sequence)]
    path = os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")])
    return subprocess.Popen(
        [sys.executable, "-m", "pseudonym", *words],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": path},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def parts(folder: Path) -> list[Path]:
    return sorted(folder.glob(".out.*.part"))


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {"key", "cases.csv"}


def wait_for_part(folder: Path, running: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 120
    while not parts(folder):
        assert running.poll() is None, "it ended before it wrote"
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_killed_run_leaves_no_output_and_the_next_one_cleans_up(folder: Path) -> None:
    running = start(folder, 1)
    wait_for_part(folder, running)
    running.kill()
    running.wait()
    assert not (folder / "out").exists()
    assert len(parts(folder)) == 1
    assert start(folder, 2).wait() == 0
    assert names(folder) == {"out"}
    assert read_header(folder / "out").records == N_ROWS


def test_two_runs_at_once_for_one_output_give_one_whole_file(folder: Path) -> None:
    running = [start(folder, 1), start(folder, 2)]
    assert [one.wait() for one in running] == [0, 0]
    assert names(folder) == {"out"}
    assert read_header(folder / "out").records == N_ROWS
