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
# `make quick` is run after every small change, so it draws a fifth of the examples.
settings.register_profile("quick", settings.get_profile("repeatable"), max_examples=20)


def pytest_configure(config: pytest.Config) -> None:
    """Choose how many examples Hypothesis draws, before any test is read."""
    settings.load_profile("quick" if config.option.markexpr == "quick" else "repeatable")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Return the mark `quick` to every test that is not marked `slow`."""
    for item in items:
        if item.get_closest_marker("slow") is None:
            item.add_marker(pytest.mark.quick)
