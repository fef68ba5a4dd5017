"""Settings for every test: the speed of a test, and Hypothesis drawing the same examples in every run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.compiling import compile_in_turn

# A test that fails for one person must fail for the next, so examples are neither random nor kept between runs.
# A deadline would measure the machine, and function-scoped fixtures are safe for tests that only read them.
settings.register_profile(
    "repeatable",
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
# `make quick` runs after every small change, so it draws a tenth of the examples.
settings.register_profile("quick", settings.get_profile("repeatable"), max_examples=10)
# `make slow` draws more than every change has time for.
settings.register_profile("thorough", settings.get_profile("repeatable"), max_examples=200)


_BENCHMARKS = Path(__file__).parent / "benchmarks"


def pytest_configure(config: pytest.Config) -> None:
    """Choose how many examples Hypothesis draws, before any test is imported; forget how wide the terminal is."""
    # The processes of pytest-xdist inherit it from a readline that pytest loads, and output would be wrapped to it.
    os.environ.pop("COLUMNS", None)
    if hasattr(config, "workerinput"):
        compile_in_turn()
    if config.getoption("--hypothesis-profile") is None:
        settings.load_profile("quick" if config.option.markexpr == "quick" else "repeatable")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test `quick` that is marked neither `whole` nor `slow`; of the benchmarks none is quick."""
    for item in items:
        if not any(item.get_closest_marker(name) for name in ("whole", "slow")):
            item.add_marker(pytest.mark.whole if _BENCHMARKS in item.path.parents else pytest.mark.quick)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return the number of workers for `-n auto`: one more than cores, since tests wait for the disk now and then."""
    return (os.cpu_count() or 1) + 1
