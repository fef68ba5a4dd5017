"""A run on Apache Spark of which a worker is killed: Spark starts another, and the answer is the embedded one."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator

import pytest

from tests.pausing import at_work
from tests.spark import need_spark, spark_cluster
from tests.unit.linkage.pipeline.clusters import answer, several_reporters, twin

pytestmark = pytest.mark.slow


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
    with at_work(other, master, tmp_path / "scratch") as run:
        os.kill(lost(run.comparing), signal.SIGKILL)
        assert run.ended() == ""
        assert run.process.returncode == 0
    assert answer(other) == answer(registry)
    assert list((tmp_path / "scratch").iterdir()) == []
