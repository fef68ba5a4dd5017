"""A run of `encode` that is killed, or that another run for the same output meets, leaves one whole file or none."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from pseudonym.interrupt import INTERRUPTED, MESSAGE
from pseudonym.keyed import LinkageKey
from pseudonym.wire import read_header
from tests.paths import ROOT

pytestmark = pytest.mark.slow

N_ROWS = 3000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a key and a case file that takes some seconds."""
    LinkageKey.generate().save(tmp_path / "key")
    write_cases(tmp_path, N_ROWS)
    return tmp_path


def write_cases(folder: Path, n_rows: int) -> None:
    rows = [f"r{n},Annabella{n},Oxenstierna,19{n % 90 + 10}-03-0{n % 9 + 1}" for n in range(n_rows)]
    header = "record_id,given_names,family_names,birth_date"
    (folder / "cases.csv").write_text("\n".join([header, *rows]), encoding="utf-8")


def start(folder: Path, sequence: int, *words_after: str, **options: Any) -> subprocess.Popen[bytes]:
    words = ["encode", "cases.csv", "--key", "key", "--reporter", "police", "--out", "out", "--sequence", str(sequence)]
    words += words_after
    path = os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")])
    return subprocess.Popen(
        [sys.executable, "-m", "pseudonym", *words],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": path},
        **{"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **options},
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


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="only Linux lists the children of a process there")
@pytest.mark.parametrize("after", [0.0, 3.0])
def test_the_processes_of_a_killed_run_end_with_it(folder: Path, after: float) -> None:
    write_cases(folder, 20 * N_ROWS)
    running = start(folder, 1, "--jobs", "2")
    until = time.monotonic() + 120
    while len(children := children_of(running.pid)) < 3:
        assert running.poll() is None, "it ended before it started others"
        assert time.monotonic() < until
        time.sleep(0.01)
    time.sleep(after)
    assert running.poll() is None, "it ended before it was killed"
    running.kill()
    running.wait()
    until = time.monotonic() + 60
    while any(Path(f"/proc/{child}").exists() for child in children):
        assert time.monotonic() < until, "a process that holds subkeys and records goes on"
        time.sleep(0.1)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no groups of processes that a signal reaches")
@pytest.mark.parametrize("after", [1.0, 1.5, 2.0, 3.0])
def test_ctrl_c_ends_all_processes_with_one_line(folder: Path, after: float) -> None:
    write_cases(folder, 20 * N_ROWS)
    running = start(folder, 1, "--jobs", "2", stderr=subprocess.PIPE, start_new_session=True)
    time.sleep(after)
    os.killpg(running.pid, signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert running.returncode == INTERRUPTED
    assert said.decode().splitlines()[-1] == MESSAGE
    assert "Traceback" not in said.decode()
    assert names(folder) == set()


def children_of(pid: int) -> list[int]:
    """Return the processes that a process has started: what tracks its resources, and those that encode."""
    try:
        return [int(one) for path in Path(f"/proc/{pid}/task").glob("*/children") for one in path.read_text().split()]
    except FileNotFoundError:
        return []
