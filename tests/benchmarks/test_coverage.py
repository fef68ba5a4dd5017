"""The coverage benchmark: what is true is counted as any table is, and ranges hold it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.paths import ROOT
from benchmarks.quality.data.datasets import synthetic
from benchmarks.quality.studies import coverage
from benchmarks.quality.studies.coverage import Cell, Found, Row, cells_of, measure, summary
from benchmarks.results import read_result


@pytest.fixture(scope="module")
def found() -> Found:
    return cells_of(synthetic(150, level="middle", seed=7), seed=7)


@pytest.fixture(scope="module")
def cells(found: Found) -> tuple[Cell, ...]:
    return found.cells


def test_every_figure_has_what_is_true_and_what_was_found(cells: tuple[Cell, ...]) -> None:
    dataset = synthetic(150, level="middle", seed=7)
    by_kind = {kind: [one for one in cells if one.kind == kind] for kind in dict.fromkeys(one.kind for one in cells)}
    assert list(by_kind) == ["total", "age x sex", "reporter", "pair of reporters", "one reporter only"]
    assert [one.true for one in by_kind["total"]] == [dataset.truth["person"].nunique()]
    known = dataset.truth.groupby("reporter")["person"].nunique()
    assert {one.name: one.true for one in by_kind["reporter"]} == known.to_dict()
    sets = dataset.truth.groupby("person")["reporter"].agg(set)
    for one in by_kind["pair of reporters"]:
        assert one.true == sum(set(one.name.split(" + ")) <= own for own in sets)
    assert {one.name: one.true for one in by_kind["one reporter only"]} == {
        name: sum(own == {name} for own in sets) for name in known.index
    }
    assert all(one.low <= one.high for one in cells)
    assert sum(one.true for one in by_kind["age x sex"]) == by_kind["total"][0].true


def test_right_answers_about_a_sample_bring_the_total_nearer_to_what_is_true(found: Found) -> None:
    (total,) = found.answered
    assert (total.true, total.found) == (found.cells[0].true, found.cells[0].found)
    assert total.low <= total.true <= total.high
    # More is asked about than this registry holds, so nothing is left to assume of what never met.
    assert total.high - total.low < found.cells[0].high - found.cells[0].low


def test_what_was_measured_is_kept_until_a_source_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, measured = tmp_path / "kept.jsonl", []

    def one(dataset: object, *, seed: int) -> Found:
        measured.append(seed)
        return Found((Cell("total", "", 100, 110, 95, 105),))

    monkeypatch.setattr(coverage, "cells_of", one)
    monkeypatch.setattr(coverage, "synthetic", lambda *row, **more: None)
    first = [list(measure([(300, "low")], draws=draws, kept=kept)) for draws in (1, 2)][-1]
    assert len(measured) == 2
    monkeypatch.setattr(coverage, "sources", lambda *paths: "other")
    assert list(measure([(300, "low")], draws=2, kept=kept)) == first
    assert len(measured) == 4


def test_the_summary_of_a_row_is_that_of_its_cells() -> None:
    def registry(true: int, low: int, high: int) -> Found:
        cells = (
            Cell("total", "", true, 110, low, high),
            Cell("reporter", "a", 10, 9, 9, 12),
            Cell("reporter", "b", 4, 9, 9, 9),
        )
        return Found(cells, (Cell("total", "", true, 110, 99, 101),))

    row = Row(1000, "low", (1, 2, 3), (registry(100, 95, 105), registry(100, 101, 105), Found(())))
    found = summary(row)
    assert (found["registries"], found["with_range"], found["truth_inside"]) == (3, 2, 1)
    assert (found["too_low"], found["too_high"]) == (0, 1)
    assert found["mean_width"] == pytest.approx(0.07)
    assert found["median_error"] == pytest.approx(0.015)
    assert found["answered"]["truth_inside"] == 2
    assert found["answered"]["mean_width"] == pytest.approx(0.02)
    # Cells of fewer than five persons are not judged.
    assert found["cells"]["reporter"]["cells"] == 2
    assert found["cells"]["reporter"]["inside"] == 1.0


def test_the_decision_has_the_figures_of_the_result() -> None:
    figures = read_result("coverage")["figures"]
    page = (ROOT / "docs" / "decisions" / "0041-ranges-from-draws.md").read_text(encoding="utf-8")
    for row in figures["rows"]:
        share = [f"{100 * row[name]:.1f} %" for name in ("median_error", "mean_width")]
        cells = [f"{100 * one['inside']:.0f} % ({one['mean_width']:.1f})" for one in row["cells"].values()]
        inside = f"{row['truth_inside']} of {row['registries']}"
        start = [f"{row['persons']:,}, {row['level']}", inside, *share, f"+{100 * row['found_error']:.1f} %"]
        assert f"| {' | '.join([*start, *cells])} |" in page
        told = row["answered"]
        share = [f"{100 * told[name]:.1f} %" for name in ("median_error", "mean_width")]
        assert f"| {start[0]} | {told['truth_inside']} of {row['registries']} | {' | '.join(share)} |" in page
    for one in figures["others"].values():
        if "low" in one:
            spans = [
                f"{own['low']:,}-{own['high']:,}{'' if own['inside'] else ', misses'}" for own in (one, one["answered"])
            ]
            assert f"| {one['true']:,} | {one['found']:,} | {' | '.join(spans)} |" in page


@pytest.mark.slow
@pytest.mark.parametrize(("persons", "level"), coverage.ROWS)
def test_ranges_hold_the_truth_in_ten_registries(persons: int, level: str) -> None:
    name = f"{persons}-{level}"
    (row,) = measure(coverage.ROWS, draws=10, only={name})
    found = summary(row)
    # Seven of ten has a probability below 2 % if 95 of 100 ranges hold the truth.
    assert found["truth_inside"] >= 8
    inside = [one["inside"] for one in found["cells"].values() if one["cells"]]
    assert np.mean(inside) > 0.8
