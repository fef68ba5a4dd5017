"""Tests of the registry begin with a copy of one, except those of how one is created, and start DuckDB a few times."""

from __future__ import annotations

import pytest

from tests.registries import copied, copy_of, registries, share_instances

__all__ = ["copied", "copy_of", "registries"]


@pytest.fixture(autouse=True)
def _shared(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    # These tests are also about what an instance can reach, and where it spills.
    if request.path.parent.name != "store" and request.path.stem != "test_at_rest":
        share_instances(monkeypatch, tmp_path_factory.getbasetemp())
