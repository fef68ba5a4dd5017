"""Draws of a run: stored at both units under handles, gone with their records and with a purge, behind every range."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from linkage.counting import FACT_COLUMNS, Known, Records, Unit
from linkage.linking.draws import DRAWS
from linkage.pipeline import Registry
from tests.registries import CopyOf
from tests.unit.linkage.helpers import PROFILE, crowd, dump, send, take_back

pytestmark = pytest.mark.whole

N = 20


def linked(folder: Path) -> Registry:
    made = Registry.create(folder / "r", profile=PROFILE)
    made.receive_all([send(folder / name, name, 1, crowd(name, range(N))) for name in "ab"])
    made.link()
    return made


@pytest.fixture
def registry(copy_of: CopyOf, monkeypatch: pytest.MonkeyPatch) -> Registry:
    """Return a linked registry in which no link is sure, and so every one varies."""
    monkeypatch.setattr("linkage.linking.draws.SURE", 100.0)
    return copy_of(linked)


def drawn(registry: Registry, unit: str) -> list[tuple[str, str, int, bytes]]:
    """Return reporter, record id, component and labels of the draws that a unit has."""
    if unit == "statistics":
        query = (
            "SELECT reporter, record_id, component, labels FROM statistics.draws JOIN statistics.records USING (rid)"
        )
    else:
        query = """
            SELECT s.reporter, record_id, component, labels
            FROM linkage.draws AS d JOIN linkage.records AS l ON l.rid = d.rid
                JOIN statistics.records AS s ON s.reporter = l.reporter AND s.handle = l.handle
        """
    return sorted(dump(registry, query))


def test_both_units_have_the_same_draws(registry: Registry) -> None:
    found = drawn(registry, "linkage")
    assert found == drawn(registry, "statistics")
    assert len(found) == 2 * N
    assert {len(labels) for *_, labels in found} == {DRAWS}
    assert (
        dump(registry, "SELECT draws FROM linkage.runs UNION ALL SELECT draws FROM statistics.runs") == [(DRAWS,)] * 2
    )
    components = {(reporter, record_id): component for reporter, record_id, component, _ in found}
    assert all(components["a", f"a-{one}"] == components["b", f"b-{one}"] for one in range(N))
    assert len(set(components.values())) == N


def test_a_second_run_on_the_same_records_draws_the_same(registry: Registry) -> None:
    before = drawn(registry, "statistics")
    registry.link()
    assert drawn(registry, "statistics") == before


def test_withdrawn_records_take_their_draws_with_them(tmp_path: Path, registry: Registry) -> None:
    registry.receive(take_back(tmp_path / "back", "a", 2, records=["a-3"]))
    for unit in ("linkage", "statistics"):
        left = drawn(registry, unit)
        assert len(left) == 2 * N - 1
        assert ("a", "a-3") not in {one[:2] for one in left}
        assert dump(registry, f"SELECT count(*) FROM {unit}.draws") == [(2 * N - 1,)]


def test_a_table_has_ranges_and_says_what_they_cover(registry: Registry) -> None:
    found = registry.counted(role="all")
    assert found.counts.total == N
    assert found.counts.ranges is not None
    assert found.counts.ranges.total.low <= N <= found.counts.ranges.total.high
    assert "95 %" in found.beside.ranges
    assert f"{DRAWS} draws" in found.beside.ranges
    table = registry.table("reporter", role="all")
    assert table.column_names == [*FACT_COLUMNS, "reporter", "count", "low", "high"]
    assert table["low"].null_count == 0


def test_all_outputs_of_overlap_have_ranges(registry: Registry) -> None:
    found = registry.overlap(role="all")
    assert found.table("pairs").column_names[-10:-8] == ["low", "high"]
    assert found.table("pairs")["months_low"].type == pa.int64()
    returned = found.table("returns").column_names[len(FACT_COLUMNS) :]
    assert returned[:6] == ["closed", "closed_low", "closed_high", "returned", "returned_low", "returned_high"]
    exact = found.to_dict()["exact"]
    assert [(one["reporters"], one["count"]) for one in exact] == [("a + b", N)]
    assert exact[0]["low"] <= exact[0]["high"]
    assert found.to_dict()["total_low"] is not None


def test_a_purge_takes_the_draws_of_the_linkage_unit_alone(tmp_path: Path, registry: Registry) -> None:
    before, table = drawn(registry, "statistics"), registry.table("reporter", role="all")
    for _ in range(2):
        registry.purge(review_days=0)
        assert dump(registry, "SELECT count(*) FROM linkage.draws") == [(0,)]
        assert dump(registry, "SELECT draws FROM linkage.runs") == [(0,)]
        assert drawn(registry, "statistics") == before
        assert registry.table("reporter", role="all").equals(table)
    registry.receive(take_back(tmp_path / "back", "a", 2, records=["a-3"]))
    assert dump(registry, "SELECT count(*) FROM statistics.draws") == [(2 * N - 1,)]
    registry.link()
    assert dump(registry, "SELECT draws FROM statistics.runs ORDER BY run DESC LIMIT 1") == [(DRAWS,)]
    assert drawn(registry, "statistics") == drawn(registry, "linkage") != before


def test_draws_that_a_purge_took_before_they_were_handed_over_are_missed(registry: Registry) -> None:
    registry.purge(review_days=0)
    with registry._units.statistics.session(write=True) as cases:
        cases.run("UPDATE runs SET draws = 0")
        cases.run("DELETE FROM draws")
    registry.purge(review_days=0)
    found = registry.counted(role="all")
    assert found.counts.ranges is None
    assert found.beside.ranges.startswith("none: ")
    assert registry.table("reporter", role="all")["low"].null_count == 2
    registry.link()
    assert registry.counted(role="all").counts.ranges is not None


@pytest.mark.parametrize("unit", ["case", "report"])
def test_cases_and_reports_have_no_range(registry: Registry, unit: Unit) -> None:
    found = registry.counted(unit=unit, role="all")
    assert found.counts.ranges is None
    assert found.beside.ranges.startswith("none: cases and reports")


def test_an_earlier_day_has_no_range(registry: Registry) -> None:
    from datetime import UTC, datetime

    found = registry.counted(role="all", as_of=datetime.now(UTC).date())
    assert found.counts.ranges is None
    assert found.beside.ranges.startswith("none: draws are of")


def test_kept_draws_give_the_same_table_until_something_changes(tmp_path: Path, registry: Registry) -> None:
    first = registry.counted("reporter", role="all").to_dict()
    assert registry.counted("reporter", role="all").to_dict() == first
    assert Registry.open(registry.path).counted("reporter", role="all").to_dict() == first
    registry.receive(take_back(tmp_path / "back", "a", 2, records=["a-3", "a-4"]))
    now = registry.counted("reporter", role="all")
    fresh = Registry.open(registry.path).counted("reporter", role="all")
    assert now.to_dict() == fresh.to_dict()
    assert now.to_dict()["cells"] != first["cells"]


def test_the_order_of_records_makes_no_difference_to_ranges(registry: Registry) -> None:
    from linkage.counting import NeverMet
    from linkage.statistics_unit import drawn as module
    from linkage.statistics_unit.counting import Asked, open_request

    strata = [
        {"has": "", "reporter": "", "other_reporter": "", "joins": 4.0, "variance": 6.0},
        {"has": "names", "reporter": "a", "other_reporter": "", "joins": 4.0, "variance": 6.0},
    ]
    estimate = NeverMet(pa.Table.from_pylist(strata))
    with registry._store.session(write=False) as session:
        records = open_request(session, Asked(role="all")).records
        turned = np.random.default_rng(1).permutation(records.n)
        found = []
        nobody = Known(np.full(records.n, -1), np.zeros(records.n, np.bool_))
        for places in (np.arange(records.n), turned):
            one = Records(
                records.rows.take(pa.array(places)), {}, rid=records.rid[places], has=records.has.take(pa.array(places))
            )
            draws = module._joined(module._labels(session, one, DRAWS, np.arange(9)), one, [], estimate, nobody)
            back = np.argsort(one.rid)
            found.append([labels[back] for labels in draws])
    for straight, other in zip(*found, strict=True):
        assert ((straight[:, None] == straight) == (other[:, None] == other)).all()
    assert any(len(np.unique(labels)) < N for labels in found[0])


def test_one_reporter_alone_has_no_range(tmp_path: Path) -> None:
    made = Registry.create(tmp_path / "r", profile=PROFILE)
    made.receive(send(tmp_path / "a", "a", 1, crowd("a", range(N))))
    made.link()
    found = made.counted(role="all")
    assert (found.counts.total, found.counts.ranges) == (N, None)
    assert found.beside.ranges.startswith("none: all records are of one reporter")
    made.receive(send(tmp_path / "b", "b", 1, crowd("b", range(N))))
    made.link()
    assert made.counted(role="all").counts.ranges is not None
