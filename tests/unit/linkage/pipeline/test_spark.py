"""Linking on Apache Spark itself, in local mode: the answer of the embedded engine, with a master and with a server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from linkage.engines.spark.session import Cluster
from linkage.pipeline import Registry
from tests.spark import MASTER, need_spark, spark_server
from tests.unit.linkage.helpers import crowd, dump, send
from tests.unit.linkage.pipeline.clusters import answer, several_reporters, twin

pytestmark = pytest.mark.slow


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
