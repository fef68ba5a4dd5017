"""Linking on Apache Spark itself, in local mode: the answer of the embedded engine, with a master and with a server."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from linkage.engines.spark.session import Cluster
from linkage.errors import ClusterError
from linkage.pipeline import Registry
from tests.spark import MASTER, need_spark, spark_server
from tests.unit.linkage.helpers import crowd, dump, send
from tests.unit.linkage.pipeline.clusters import answer, several_reporters, twin

pytestmark = pytest.mark.slow

WORKER = b"pyspark.daemon"
"""In the command lines of the processes in which Spark runs Python."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with spark_server() as address:
        yield address


@pytest.fixture(params=["server", "master"])
def cluster(request, tmp_path) -> Cluster:
    need_spark()
    remote = MASTER if request.param == "master" else request.getfixturevalue("server")
    return Cluster(remote, str(tmp_path / "scratch"), partitions=3)


@pytest.fixture
def registry(tmp_path) -> Registry:
    return several_reporters(tmp_path)


def test_whole_runs_and_a_purge_are_those_of_the_embedded_engine(registry, cluster):
    other = twin(registry)
    registry.link()
    other.link(cluster=cluster)
    assert answer(other) == answer(registry)
    # With the model of the run before, after new records; then with a new one, after a purge.
    for into in (registry, other):
        into.receive(send(registry.path.with_name("d.parquet"), "d", 1, crowd("d", range(15, 35))))
    registry.link()
    other.link(cluster=cluster)
    assert answer(other) == answer(registry)
    assert registry.purge(review_days=0) == other.purge(review_days=0, cluster=cluster)
    kept = [sorted(dump(one, "SELECT * FROM kept_pairs")) for one in (registry, other)]
    assert kept[0] == kept[1] != []
    registry.link(refit=True)
    other.link(refit=True, cluster=cluster)
    assert answer(other) == answer(registry)
    assert list(Path(cluster.scratch).iterdir()) == []


def test_workers_that_are_killed_leave_the_run_before(registry, cluster):
    other = twin(registry)
    registry.link()
    other.link(cluster=cluster)
    for one in (registry, other):
        one.receive(send(registry.path.with_name("e.parquet"), "e", 1, crowd("e", range(20, 50))))
    before = answer(other)
    with killing(workers), contextlib.suppress(ClusterError):
        other.link(cluster=cluster)
    # Spark starts a worker again where its settings say so.
    registry.link()
    assert answer(other) in (before, answer(registry))
    if answer(other) == before:
        other.link(cluster=cluster)
    assert answer(other) == answer(registry)


def workers() -> list[int]:
    """List the processes of Python workers among the descendants of this process."""
    parents, found = {}, []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            number = int(folder.name)
            # The name of the program, which comes before, may have spaces and brackets.
            parents[number] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if WORKER in (folder / "cmdline").read_bytes():
                found.append(number)
    return [number for number in found if os.getpid() in ancestors(number, parents)]


def ancestors(number: int, parents: dict[int, int]) -> Iterator[int]:
    while number in parents:
        number = parents[number]
        yield number


@contextlib.contextmanager
def killing(found: Callable[[], list[int]]) -> Iterator[None]:
    """Kill, once, the first processes that are found while the block runs."""
    done = threading.Event()
    killed: list[int] = []

    def watch() -> None:
        while not done.is_set() and not killed:
            for process in found():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, 9)
                    killed.append(process)
            time.sleep(0.01)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()
    assert killed, "the test has to kill in time"
