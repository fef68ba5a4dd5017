"""A run on Apache Spark of which a worker is killed: Spark starts another, and the answer is the embedded one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.spark import need_spark, spark_cluster
from tests.unit.linkage.pipeline.clusters import answer, several_reporters, twin

pytestmark = pytest.mark.slow

# Each worker that compares says which process it is, and goes on when it is told to.
_PROGRAM = """
import sys
from linkage.linkage_unit import pairs
from linkage.pipeline import Cluster, Registry

path, master, scratch, at_work, go_on = sys.argv[1:]

def waiting(batch, **options):
    import os, time
    from pathlib import Path
    from linkage.linking.compared import compare_rows
    (Path(at_work) / str(os.getpid())).touch()
    for _ in range(600):
        if Path(go_on).exists():
            break
        time.sleep(0.1)
    return compare_rows(batch, **options)

pairs.compare_rows = waiting
Registry.open(path).link(cluster=Cluster(master, scratch, partitions=3))
"""

SECONDS = 300
"""How long to wait for a step that takes some, before something is wrong."""


@pytest.fixture(scope="module")
def master(tmp_path_factory) -> Iterator[str]:
    need_spark()
    with spark_cluster(tmp_path_factory.mktemp("cluster"), workers=2) as address:
        yield address


def _parent(process: int) -> int:
    return int(subprocess.run(["ps", "-o", "ppid=", "-p", str(process)], capture_output=True, check=True).stdout)


def _executor(worker: int) -> int:
    """Return the Java machine of a process that compares: Spark's daemon of Python stands between them."""
    return _parent(_parent(worker))


@pytest.mark.parametrize("lost", [int, _executor], ids=["process of Python", "executor"])
def test_a_worker_is_killed(master, tmp_path, lost):
    registry = several_reporters(tmp_path)
    other = twin(registry)
    registry.link()
    at_work, go_on = tmp_path / "at-work", tmp_path / "go-on"
    at_work.mkdir()
    command = [sys.executable, "-c", _PROGRAM, *map(str, (other.path, master, tmp_path / "scratch", at_work, go_on))]
    surroundings = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(command, env=surroundings, stderr=subprocess.DEVNULL) as run:
        try:
            os.kill(lost(_comparing(at_work, run)), signal.SIGKILL)
            go_on.touch()
            assert run.wait(timeout=SECONDS) == 0
        finally:
            run.kill()
    assert answer(other) == answer(registry)
    assert list((tmp_path / "scratch").iterdir()) == []


def _comparing(at_work: Path, run: subprocess.Popen[bytes]) -> int:
    """Wait for a process that compares."""
    until = time.monotonic() + SECONDS
    while not (found := list(at_work.iterdir())):
        assert run.poll() is None
        assert time.monotonic() < until
        time.sleep(0.1)
    return int(found[0].name)
