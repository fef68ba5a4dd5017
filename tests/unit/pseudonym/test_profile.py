"""A profile is found by its name or read from a file, and a name that ships means what ships."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pseudonym.profile import ProfileError, load_profile, profile_names


def test_a_profile_that_ships_is_found_by_its_name_and_in_a_copy(tmp_path: Path) -> None:
    for name in profile_names():
        path = tmp_path / f"{name}.json"
        path.write_text(load_profile(name).to_json(), encoding="utf-8")
        assert load_profile(path) == load_profile(name)


@pytest.mark.parametrize("name", ["none-such", "folder", "a\0b"])
def test_a_name_of_nothing_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(ProfileError) as caught:
        load_profile(tmp_path / name)
    assert caught.value.rule == "profile.unknown"


def test_another_profile_of_a_name_that_ships_is_refused(tmp_path: Path) -> None:
    document = json.loads(load_profile("clk").to_json()) | {"name": "population"}
    (tmp_path / "own.json").write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(ProfileError) as caught:
        load_profile(tmp_path / "own.json")
    assert caught.value.rule == "profile.name"


def test_a_profile_of_another_specification_is_refused_with_the_remedy(tmp_path: Path) -> None:
    document = json.loads(load_profile("clk").to_json())
    document["encoding"]["spec"] = 2
    (tmp_path / "own.json").write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(ProfileError) as caught:
        load_profile(tmp_path / "own.json")
    assert (caught.value.rule, caught.value.field) == ("profile.spec", "encoding.spec")
    assert caught.value.hint
