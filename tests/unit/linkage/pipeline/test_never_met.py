"""The estimate of records that never met, and what records have: stored with a run, and the same at both units."""

from __future__ import annotations

from pathlib import Path

import pytest

from linkage.linking import never_met
from linkage.pipeline import Registry
from linkage.statistics_unit.never_met import read_never_met
from tests.registries import CopyOf
from tests.unit.linkage.helpers import PROFILE, Rec, crowd, dump, send, take_back

pytestmark = pytest.mark.whole

N = 12


def linked(folder: Path) -> Registry:
    made = Registry.create(folder / "r", profile=PROFILE)
    made.receive_all([send(folder / name, name, 1, crowd(name, range(N))) for name in "ab"])
    made.receive(send(folder / "c", "c", 1, [Rec("c-x", 900)]))
    made.link()
    return made


@pytest.fixture
def registry(copy_of: CopyOf) -> Registry:
    return copy_of(linked)


def told(registry: Registry, unit: str) -> list[tuple[str, str, str]]:
    """Return the reporter, handle and what it has of each record that a unit has."""
    query = f"SELECT reporter, hex(handle), has FROM {unit}.persons JOIN {unit}.records USING (rid)"
    return sorted(dump(registry, query))


def test_both_units_have_what_each_record_has(registry: Registry) -> None:
    found = told(registry, "linkage")
    assert found == told(registry, "statistics")
    assert len(found) == 2 * N + 1
    assert {has for reporter, _, has in found if reporter != "c"} == {"number"}
    # Nobody shares a match key with it, so nothing is known of it.
    assert [has for reporter, _, has in found if reporter == "c"] == ["nothing"]


def test_a_withdrawn_record_takes_what_it_has_with_it(registry: Registry, tmp_path: Path) -> None:
    registry.receive(take_back(tmp_path / "back", "c", 2, records=["c-x"]))
    for unit in ("linkage", "statistics"):
        assert "nothing" not in {has for *_, has in told(registry, unit)}


def test_the_estimate_is_handed_over_and_replaced_by_each_run(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = "SELECT * FROM {}.never_met ORDER BY ALL"
    # A profile without bands has no estimate.
    assert dump(registry, query.format("linkage")) == dump(registry, query.format("statistics")) == []
    rows = [("", "", "", 3.5, 6.0), ("names", "a", "", 3.5, 3.5)]
    columns = dict(zip(never_met.STRATA.names, zip(*rows, strict=True), strict=True))
    made = never_met.STRATA.empty_table().from_pydict(columns, schema=never_met.STRATA)
    monkeypatch.setattr("linkage.linkage_unit.sample.never_met", lambda *_, **__: made)
    registry.link()
    registry.link()
    assert dump(registry, query.format("linkage")) == dump(registry, query.format("statistics")) == rows
    with registry._store.session(write=False) as session:
        estimate = read_never_met(session)
    assert (estimate.joins, estimate.variance, estimate.basis) == (3.5, 6.0, "by assumption")
