"""Engines have the same answer to registries of invented case files, of the sizes that the benchmark measures."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.speed.engines import measure_engines
from tests.sail import sail
from tests.spark import need_spark


@pytest.mark.slow
@pytest.mark.parametrize("profile", ["case-registry", "population"])
def test_engines_have_the_same_answer(tmp_path, profile):
    sail()
    check(tmp_path, profile, [5_000, 50_000], ["embedded", "sail"])


@pytest.mark.slow
def test_spark_itself_has_the_same_answer(tmp_path):
    need_spark()
    check(tmp_path, "case-registry", [5_000], ["embedded", "spark"])


def check(folder: Path, profile: str, sizes: list[int], engines: list[str]) -> None:
    found = measure_engines(profile, sizes, engines=engines, seed=3, threads=2, cache=folder, progress=lambda *_: None)
    assert [one["records"] for one in found] == sizes
    for one in found:
        assert one["same_answer"]
        assert list(one["engines"]) == engines
        for cost in one["engines"].values():
            assert cost["cpu"] > 0
            assert cost["peak_bytes"] > 1e8
            assert 0 < cost["persons"] < one["records"]
