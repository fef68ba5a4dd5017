"""What a reporter that lies, or sends its records many times, can do to the links and figures of others."""

from __future__ import annotations

import pytest

from linkage.linkage_unit.crowds import COPIES
from linkage.linkage_unit.crowds import FLOODED as FLOODED_FILE
from linkage.linkage_unit.run import BRIDGED, FLOODED
from linkage.pipeline import Registry
from tests.unit.linkage.helpers import PROFILE, Rec, crowd, partition, send
from tests.unit.linkage.pipeline.invented import deliver

N = 60
"""Persons, each known to two reporters."""

BRIDGES = [Rec(f"x-{one}", one, joins=one + 1) for one in range(0, N, 2)]
"""Records that copy codes of two persons each."""

OTHERS = {"a": crowd("a", range(N)), "b": crowd("b", range(N))}


@pytest.fixture
def registry(tmp_path) -> Registry:
    registry = Registry.create(tmp_path / "r.duckdb", profile=PROFILE)
    deliver(registry, 1, OTHERS)
    return registry


def persons_of_others(registry: Registry) -> set[frozenset[tuple[str, str]]]:
    return {frozenset(one for one in person if one[0] in OTHERS) for person in partition(registry)} - {frozenset()}


TRUE = {frozenset({("a", f"a-{i}"), ("b", f"b-{i}")}) for i in range(N)}


@pytest.mark.whole
def test_bridging_records_join_nobody_and_are_named(registry):
    deliver(registry, 1, {"evil": BRIDGES})
    report = registry.link()
    assert persons_of_others(registry) == TRUE
    assert BRIDGED.format(reporter="evil", n=len(BRIDGES)) in report.notes
    rows = registry.links().to_pylist()
    reviewed = [row for row in rows if row["reason"] == "records of one reporter"]
    assert {row["decision"] for row in reviewed} == {"review"}
    assert all("evil" in (row["reporter_a"], row["reporter_b"]) for row in reviewed)
    assert len(reviewed) == 2 * len(BRIDGES), "each with both records of the person it does not go with"
    assert report.persons == N


@pytest.mark.whole
def test_bridging_records_that_come_later_join_nobody_either(registry):
    before = registry.link()
    named = {(row["reporter"], row["record_id"]): row["person_id"] for row in registry.persons().to_pylist()}
    deliver(registry, 1, {"evil": BRIDGES})
    report = registry.link()
    assert report.changes["merged"] == 0
    after = {(row["reporter"], row["record_id"]): row["person_id"] for row in registry.persons().to_pylist()}
    assert named.items() <= after.items()
    assert before.persons == report.persons == N


@pytest.mark.whole
def test_a_bridge_is_explained(registry):
    deliver(registry, 1, {"evil": BRIDGES})
    registry.link()
    explained = [registry.explain(("evil", "x-0"), ("a", f"a-{i}")) for i in (0, 1)]
    assert {(one.decision, one.reason) for one in explained} == {("link", ""), ("review", "records of one reporter")}


@pytest.mark.whole
def test_two_reporters_that_know_both_join_them(registry):
    deliver(registry, 1, {name: [Rec("x", 0, joins=1)] for name in ("c", "d")})
    report = registry.link()
    assert report.persons == N - 1
    assert report.notes == ()


@pytest.mark.whole
def test_copies_move_no_figure(tmp_path):
    folders = [tmp_path / "once", tmp_path / "often"]
    far = [Rec(f"far-{i}", i, flips=tuple(range(12))) for i in range(10)]
    sent = {"a": crowd("a", range(N)), "b": [*crowd("b", range(30, N + 30)), *far], "c": crowd("c", range(0, N, 3))}
    reports = []
    for folder, times in zip(folders, (1, 20), strict=True):
        folder.mkdir()
        registry = Registry.create(folder / "r.duckdb", profile=PROFILE)
        deliver(
            registry,
            1,
            sent | {"a": [Rec(f"{one.record_id}/{n}", one.persona) for one in sent["a"] for n in range(times)]},
        )
        reports.append(registry.link())
    once, often = reports
    assert often.records > 5 * once.records
    assert often.persons == once.persons
    assert often.expected_precision == pytest.approx(once.expected_precision, abs=0.002)
    assert often.expected_recall == pytest.approx(once.expected_recall, abs=0.01)


@pytest.mark.whole
def test_a_flood_costs_only_the_flooder(registry):
    deliver(registry, 1, {"evil": [Rec(f"x-{i}", 0) for i in range(501)]})
    report = registry.link()
    assert persons_of_others(registry) == TRUE
    assert FLOODED.format(reporter="evil", n=3) in report.notes


def test_the_receipt_warns_of_copies(registry, tmp_path):
    few = [Rec(f"few-{i}", 500) for i in range(20)]
    assert registry.receive(send(tmp_path / "few", "c", 1, few)).warnings == ()
    many = [Rec(f"many-{i}", 501) for i in range(21)]
    assert registry.receive(send(tmp_path / "many", "d", 1, many)).warnings == (COPIES,)
    flood = [Rec(f"flood-{i}", 502) for i in range(501)]
    assert registry.receive(send(tmp_path / "flood", "e", 1, flood)).warnings == (COPIES, FLOODED_FILE)
    assert registry.receive(send(tmp_path / "once", "f", 1, crowd("f", range(100, 140)))).warnings == ()
