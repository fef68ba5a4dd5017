"""A run on a cluster of which one side is killed: the run before stands, and the next run has the embedded answer."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from linkage.engines.spark.session import Cluster
from linkage.pipeline import Registry
from tests.pausing import at_work
from tests.sail import sail
from tests.unit.linkage.helpers import crowd, send
from tests.unit.linkage.pipeline.clusters import answer, several_reporters, twin

pytestmark = pytest.mark.whole


@contextmanager
def server_of_its_own() -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Start Sail in a process that can be killed."""
    sail()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(Path(sys.executable).with_name("sail")), "spark", "server", "--port", str(port)]
    surroundings = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "RUST_LOG": "off"}
    with subprocess.Popen(command, env=surroundings, stderr=subprocess.DEVNULL) as process:
        try:
            while process.poll() is None:
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                except OSError:
                    time.sleep(0.1)
                else:
                    break
            yield process, f"sc://127.0.0.1:{port}"
        finally:
            process.kill()


@pytest.fixture
def linked(tmp_path) -> tuple[Registry, Registry]:
    """Two equal registries, each linked once, with records that came later."""
    one = several_reporters(tmp_path)
    one.link()
    one.receive(send(tmp_path / "later.parquet", "d", 1, crowd("d", range(15, 35))))
    return one, twin(one)


def test_the_process_that_links_is_killed(linked, tmp_path):
    registry, other = linked
    before = answer(other)
    with at_work(other, sail(), tmp_path / "scratch") as run:
        run.process.kill()
        run.ended()
    assert answer(other) == before
    registry.link()
    assert answer(registry) != before
    other.link(cluster=Cluster(sail(), str(tmp_path / "scratch"), partitions=3))
    assert answer(other) == answer(registry)
    # What is left can be read by nobody: test_cluster.py.
    (left,) = (tmp_path / "scratch").iterdir()
    assert left.name.startswith("linkage-")


def test_the_server_is_killed(linked, tmp_path):
    registry, other = linked
    before = answer(other)
    with server_of_its_own() as (server, remote), at_work(other, remote, tmp_path / "scratch") as run:
        server.kill()
        assert run.ended() == "cluster.failed\n"
    assert answer(other) == before
    assert list((tmp_path / "scratch").iterdir()) == []
    registry.link()
    other.link(cluster=Cluster(sail(), str(tmp_path / "scratch"), partitions=3))
    assert answer(other) == answer(registry) != before
