"""The measure of speed runs every encoder on the same records; how fast they are is no test."""

from __future__ import annotations

import pytest

pytest.importorskip("faker", reason="the extra `benchmarks` is not installed")

from benchmarks.speed.run import FIELDS, WRITE, Series, make_rows, measure


def test_every_encoder_runs_once_a_round():
    rows = make_rows(60, seed=1)
    assert len(rows) == 60
    assert all(tuple(row) == FIELDS for row in rows)
    found = measure(rows, ["clk", "case-registry"], rounds=2, seconds=60, clkhash=None)
    assert {name: len(series.cpu) for name, series in found.items()} == {"clk": 2, "case-registry": 2, WRITE: 2}
    assert found["clk"].codes == 60


def test_no_round_begins_after_the_time_is_over():
    found = measure(make_rows(20, seed=1), ["clk"], rounds=5, seconds=0, clkhash=None)
    assert len(found["clk"].cpu) == 1


def test_figures_are_of_medians_and_against_the_other():
    ours, theirs = Series(100, 4100, [1.0, 2.0, 9.0]), Series(100, 100, [1.0, 1.0, 1.0])
    figures = ours.figures(theirs)
    assert (figures["records_per_second"], figures["codes_per_second"], figures["times_clkhash"]) == (50, 2050, 0.5)
