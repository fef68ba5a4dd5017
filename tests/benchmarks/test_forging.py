"""Forged files are refused where reporters are enrolled, and taken where nobody checks who signed them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks.attacks.on_registries import forging
from benchmarks.attacks.on_registries.forging import KINDS, World
from pseudonym.profile import load_profile
from pseudonym.wire.sealed import opening

PROFILE = load_profile("case-registry")


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    return forging.figures(PROFILE, tries=2, seeds=(1,))


def test_no_forged_file_changes_anything(found: dict[str, Any]) -> None:
    assert found["state_unchanged"]
    assert not found["failed"]
    rows = {row["title"]: row for row in found["rows"] if row["attack"] == "forging"}
    assert set(rows) == {kind.title for kind in KINDS}
    assert {row["taken"] for row in rows.values()} == {0}
    assert {row["records"] for row in rows.values()} == {2}


def test_the_same_files_are_taken_from_their_reporter_or_where_nobody_is_enrolled(found: dict[str, Any]) -> None:
    assert all(found["works"].values())
    taken = [row["taken"] for row in found["rows"] if row["attack"] == "nobody enrolled"]
    assert taken == [forging.CONTROLS] * 2


def test_a_registry_that_checks_no_signature_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "_check_signature", lambda *_: None)
    found = forging.figures(PROFILE, tries=1, seeds=(1,))
    taken = {row["title"] for row in found["rows"] if row["attack"] == "forging" and row["taken"]}
    assert {
        "captured submission with another signature",
        "invented submission under the victim's public key",
        "invented withdrawal under the victim's public key",
    } <= taken
    # What was encrypted is bound to its header in another way too.
    assert "old submission under a new number" not in taken
    assert found["failed"]
    assert not found["state_unchanged"]


def test_an_attacker_whose_files_are_no_good_anyway_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(World, "later", lambda self: 1)
    found = forging.figures(PROFILE, tries=1, seeds=(1,))
    assert not found["works"]["open files are taken where nobody is enrolled"]
    assert found["failed"]


def test_altered_files_differ_from_what_was_captured(tmp_path: Path) -> None:
    import numpy as np

    world = World(tmp_path, PROFILE, 1)
    captured = {path.read_bytes() for path in world.captured.values()}
    for kind in KINDS:
        made = kind.make(world, np.random.default_rng(1)).read_bytes()
        assert (made in captured) == kind.title.endswith("sent again")
