"""A registry is created with its keys, or nothing is left of it."""

from __future__ import annotations

import pytest

from linkage.errors import RegistryError, RegistryKeyError
from linkage.pipeline import Registry
from tests.unit.linkage.helpers import PROFILE


def test_create_twice_changes_nothing(tmp_path):
    Registry.create(tmp_path / "r.duckdb", profile=PROFILE)
    before = {entry: entry.read_bytes() for entry in tmp_path.rglob("*") if entry.is_file()}
    with pytest.raises(RegistryError):
        Registry.create(tmp_path / "r.duckdb", profile=PROFILE)
    assert {entry: entry.read_bytes() for entry in tmp_path.rglob("*") if entry.is_file()} == before


def test_a_key_in_the_way_stops_create_and_stays(tmp_path):
    (tmp_path / "r.duckdb.key").write_text("mine")
    with pytest.raises(RegistryKeyError):
        Registry.create(tmp_path / "r.duckdb", profile=PROFILE)
    assert [entry.name for entry in tmp_path.iterdir()] == ["r.duckdb.key"]
    assert (tmp_path / "r.duckdb.key").read_text() == "mine"


def test_create_that_fails_leaves_no_key(tmp_path, monkeypatch):
    def refuse(*_arguments):
        raise RegistryError("registry.io", "No.")

    monkeypatch.setattr("linkage.store.database.give_name", refuse)
    with pytest.raises(RegistryError):
        Registry.create(tmp_path / "r.duckdb", profile=PROFILE)
    assert list(tmp_path.iterdir()) == []
