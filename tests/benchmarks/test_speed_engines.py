"""Engines have the same answer to registries of invented case files, of the sizes that the benchmark measures."""

from __future__ import annotations

import pytest

from benchmarks.speed.engines import ENGINES, measure_engines
from tests.sail import sail


@pytest.mark.slow
@pytest.mark.parametrize("profile", ["case-registry", "population"])
def test_engines_have_the_same_answer(tmp_path, profile):
    sail()
    sizes = [5_000, 50_000]
    found = measure_engines(profile, sizes, seed=3, threads=2, cache=tmp_path, progress=lambda *_: None)
    assert [one["records"] for one in found] == sizes
    for one in found:
        assert one["same_answer"]
        assert set(one["engines"]) == set(ENGINES)
        for cost in one["engines"].values():
            assert cost["cpu"] > 0
            assert cost["peak_bytes"] > 1e8
            assert 0 < cost["persons"] < one["records"]
