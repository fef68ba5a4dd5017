"""The peak memory of a command does not include that of its parent."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.memory import peak_bytes
from tests.paths import ROOT


def _peak_of(folder: Path, *words: str) -> tuple[int, int]:
    out = folder / "peak"
    done = subprocess.run([sys.executable, "-m", "benchmarks.memory", out, *words], capture_output=True, check=False)
    return done.returncode, int(out.read_text(encoding="utf-8"))


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells a process of itself alone")
@pytest.mark.whole
def test_a_command_does_not_count_the_memory_of_whoever_starts_it(tmp_path: Path) -> None:
    held = np.ones(40_000_000)  # 320 MB
    status, small = _peak_of(tmp_path, "this")
    assert status == 0
    assert small < 100e6 < held.nbytes < (peak_bytes() or 0)


def test_a_command_that_fails_keeps_its_status(tmp_path: Path) -> None:
    (tmp_path / "failing.py").write_text("raise SystemExit(7)", encoding="utf-8")
    out = tmp_path / "peak"
    words = [sys.executable, "-m", "benchmarks.memory", out, "failing"]
    here = os.pathsep.join([str(tmp_path), str(ROOT)])
    done = subprocess.run(words, env={**os.environ, "PYTHONPATH": here}, check=False)
    assert done.returncode == 7
    assert int(out.read_text(encoding="utf-8")) > 0
