"""What holds for every test: the quick mark, and Hypothesis that draws the same examples in every run."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

# A test that fails for one person has to fail for the next: no example is drawn at random, none is kept between runs.
# A deadline would measure the machine, and a fixture that lives for one function does not hurt tests that only read it.
settings.register_profile(
    "repeatable",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("repeatable")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give the mark `quick` to every test that is not marked `slow`."""
    for item in items:
        if item.get_closest_marker("slow") is None:
            item.add_marker(pytest.mark.quick)
