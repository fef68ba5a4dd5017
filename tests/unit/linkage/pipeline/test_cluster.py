"""Linking on a cluster: the whole run has the answer of the embedded engine, and workers learn what they need alone."""

from __future__ import annotations

import builtins
import subprocess
import sys
from pathlib import Path

import pytest

from linkage.engines.spark.engine import SparkEngine
from linkage.engines.spark.scratch import Scratch
from linkage.engines.spark.session import Cluster, connect
from linkage.engines.spark.work import Limits, as_they_are
from linkage.errors import ClusterError, MissingExtraError, SettingsError
from linkage.keys import RegistryKey
from linkage.linkage_unit.deciphering import StoredCodes
from linkage.pipeline import Registry
from tests.registries import CopyOf
from tests.sail import sail
from tests.unit.linkage.helpers import PROFILE, UNGUARDED, crowd, dump, plain_codes, send
from tests.unit.linkage.pipeline.clusters import answer, several_reporters, twin

pytestmark = pytest.mark.whole

NOBODY = "sc://127.0.0.1:1"


@pytest.fixture
def cluster(tmp_path) -> Cluster:
    return Cluster(sail(), str(tmp_path / "scratch"), partitions=3)


@pytest.fixture
def registry(copy_of: CopyOf) -> Registry:
    return copy_of(several_reporters)


def test_the_whole_run_is_that_of_the_embedded_engine(registry, cluster):
    other = twin(registry)
    one, same = registry.link(), other.link(cluster=cluster)
    assert answer(other) == answer(registry)
    assert same.notes == one.notes
    assert (one.records, one.pairs > 30, one.links > 10, one.persons > 40) == (89, True, True, True)
    # With the model of the run before, and then with a new one, after new records.
    for name, refit in (("d", False), ("e", True)):
        for into in (registry, other):
            into.receive(send(registry.path.with_name(f"{name}.parquet"), name, 1, crowd(name, range(15, 35))))
        registry.link(refit=refit)
        other.link(refit=refit, cluster=cluster)
        assert answer(other) == answer(registry)


def test_the_command_has_the_same_answer_in_a_process_of_its_own(registry, cluster):
    other = twin(registry)
    registry.link()
    words = ["link", str(other.path), "--engine", "spark", "--remote", cluster.remote, "--scratch", cluster.scratch]
    done = subprocess.run([sys.executable, "-m", "linkage", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert answer(Registry.open(other.path)) == answer(registry)


def test_a_purge_is_that_of_the_embedded_engine(registry, cluster):
    other = twin(registry)
    found = []
    for one, where in ((registry, None), (other, cluster)):
        one.link()
        found.append(one.purge(review_days=0, cluster=where))
    assert found[0] == found[1]
    kept = [sorted(dump(one, "SELECT * FROM kept_pairs")) for one in (registry, other)]
    assert kept[0] == kept[1] != []
    registry.link()
    other.link(cluster=cluster)
    assert answer(other) == answer(registry)


def test_what_was_left_out_is_said_by_both(registry, cluster, monkeypatch):
    other = twin(registry)
    for engine in ("linkage.engines.duckdb.DuckDBEngine", "linkage.engines.spark.engine.SparkEngine"):
        monkeypatch.setitem(_class(engine).candidates.__kwdefaults__, "max_of_reporter", 2)
    one, same = registry.link(), other.link(cluster=cluster)
    assert any("reporter a" in note for note in one.notes)
    assert same.notes == one.notes
    assert answer(other) == answer(registry)


def _class(path: str) -> type:
    module, name = path.rsplit(".", 1)
    return vars(__import__(module, fromlist=[name]))[name]


def test_a_registry_without_records_or_pairs_links(tmp_path, cluster):
    made = Registry.create(tmp_path / "empty", profile=PROFILE)
    assert made.link(cluster=cluster).records == 0
    made.receive(send(tmp_path / "a", "a", 1, crowd("a", range(3))))
    report = made.link(cluster=cluster)
    assert (report.records, report.pairs, report.persons) == (3, 0, 3)


def test_no_disk_of_the_cluster_holds_a_code_and_nothing_is_left(registry, cluster, monkeypatch):
    held: dict[str, bytes] = {}
    remove = Scratch.remove

    def look(self) -> None:
        held.update({path.name: path.read_bytes() for path in Path(cluster.scratch).rglob("*.parquet")})
        remove(self)

    monkeypatch.setattr(Scratch, "remove", look)
    registry.link(cluster=cluster)
    written = b"".join(held.values())
    codes = plain_codes(registry)
    assert len(written) > len(codes) * PROFILE.encoding.content_bytes
    stored = dump(registry, "SELECT key_hi, content FROM coded")
    for content in {code[-1] for code in codes} | {content for _, content in stored}:
        assert content not in written
    for high in {code[1] for code in codes} | {high for high, _ in stored}:
        assert high.to_bytes(8, "little") not in written
    assert list(Path(cluster.scratch).iterdir()) == []


def test_workers_never_get_the_registry_key(registry, cluster):
    key = RegistryKey.load(registry.registry_key)
    with registry._units.linkage.session(write=False) as session:
        engine = SparkEngine(cluster, session.connection, cipher=StoredCodes(session, key))
        scratch = Scratch(cluster.scratch, engine._secret)
        plan = engine._compared(scratch, Limits(9, 9, owned=True), as_they_are, 10)
        sent = plan._plan.to_proto(engine._session.client).SerializeToString()
        engine.close()
    assert b"join_partition" in sent
    for secret in (key._secret, key.subkey("contents"), key.subkey("match-key-pads")):
        assert secret not in sent


def test_a_cluster_that_fails_leaves_the_run_before(registry, cluster, monkeypatch):
    registry.link()
    before = answer(registry)

    def fail(*_arguments, **_options):
        raise RuntimeError("no worker survives this")

    with monkeypatch.context() as patch:
        patch.setattr("linkage.linkage_unit.pairs.compare_rows", fail)
        with pytest.raises(ClusterError) as caught:
            registry.link(cluster=cluster)
    assert caught.value.rule == "cluster.failed"
    assert "survives" not in str(caught.value)
    assert answer(registry) == before
    assert list(Path(cluster.scratch).iterdir()) == []
    registry.link(cluster=cluster)
    assert answer(registry)["persons"] == before["persons"]


@pytest.mark.parametrize(("remote", "rule"), [(NOBODY, "cluster.unreachable"), ("http://127.0.0.1", "cluster.address")])
def test_a_cluster_that_does_not_answer_is_an_error(tmp_path, remote, rule):
    sail()
    with pytest.raises(ClusterError) as caught:
        connect(Cluster(remote, str(tmp_path)))
    assert caught.value.rule == rule
    assert remote not in str(caught.value)


def test_a_folder_that_cannot_be_written_is_an_error(registry, cluster):
    Path(cluster.scratch).write_text("a file")
    with pytest.raises(ClusterError) as caught:
        registry.link(cluster=cluster)
    assert caught.value.rule == "cluster.scratch"
    with pytest.raises(ClusterError, match="cannot be written"):
        registry.link(cluster=Cluster(cluster.remote, "nothing://such/place"))


def test_packages_that_are_missing_are_an_error(tmp_path, monkeypatch):
    load = builtins.__import__

    def without(name, *rest):
        if name.split(".")[0] == "pyspark":
            raise ImportError
        return load(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtraError) as caught:
        connect(Cluster(NOBODY, str(tmp_path)))
    assert caught.value.rule == "extra.spark"
    assert ".[spark]" in caught.value.hint


@pytest.mark.parametrize(
    ("address", "is_master"),
    [
        ("local", True),
        ("local[2]", True),
        ("local[2,4]", True),
        ("spark://host:7077", True),
        ("spark://one:7077,two:7077", True),
        ("yarn", True),
        ("k8s://https://host:443", True),
        ("sc://host:15002", False),
        ("spark://host", False),
        ("localhost", False),
        ("http://spark://host:7077", False),
    ],
)
def test_an_address_of_a_master_is_told_from_that_of_a_server(address, is_master):
    assert Cluster(address, "folder").is_master == is_master


def test_a_master_needs_the_whole_of_spark(tmp_path, monkeypatch):
    pytest.importorskip("pyspark.sql")
    monkeypatch.setitem(sys.modules, "pyspark.java_gateway", None)
    with pytest.raises(MissingExtraError) as caught:
        connect(Cluster("local[2]", str(tmp_path)))
    assert caught.value.rule == "extra.spark"
    assert "pyspark[connect]" in caught.value.hint


def test_an_empty_match_key_is_refused(tmp_path, cluster):
    made = Registry.create(tmp_path / "all", profile=UNGUARDED, allow_unguarded="a test")
    with pytest.raises(SettingsError) as caught:
        made.link(cluster=cluster)
    assert caught.value.rule == "cluster.profile"


def test_a_cluster_shows_neither_its_address_nor_a_path(cluster):
    assert repr(cluster) == "<Cluster>"
