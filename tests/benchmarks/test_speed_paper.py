"""The estimate for registries that nobody has measured."""

from __future__ import annotations

import pytest

from benchmarks.pages import read_section
from benchmarks.speed.paper import PAGE, SECTION, estimate, paper_section

MEASURED = {
    "records": 50_000,
    "engines": {
        "embedded": {"pairs": 155_000, "cpu": 1.0, "stages": {}},
        "sail": {
            "pairs": 155_000,
            "cpu": 17.0,
            "stages": {"start": {"cpu": 2.0}, "join": {"cpu": 9.5}, "compare": {"cpu": 0.5}, "cluster": {"cpu": 5.0}},
        },
    },
}


def test_costs_grow_with_records_or_with_pairs() -> None:
    found = estimate(MEASURED, 1_000_000)
    # A million records have 2.93 pairs of one person each, and 3.93 of strangers.
    assert found.pairs == 6_860_000
    assert found.on_cluster == pytest.approx((20 * 10.0, 6_860_000 / 155_000 * 10.0))
    assert found.here == pytest.approx((20 * 7.0, 6_860_000 / 155_000 * 7.0))


def test_pairs_of_strangers_grow_with_the_square() -> None:
    assert estimate(MEASURED, 10_000_000).pairs == pytest.approx(10_000_000 * (2.93 + 39.3))
    assert estimate(MEASURED, 100_000_000).pairs == pytest.approx(100_000_000 * (2.93 + 393))


def test_the_page_has_the_estimate_of_the_result_that_is_there() -> None:
    assert read_section(PAGE, SECTION) == paper_section(), "run `python -m benchmarks.speed paper`"
