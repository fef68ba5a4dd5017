"""A profile is found by its name or read from a file, and a name that ships means what ships."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from pseudonym.profile import ProfileError, load_profile, parse_profile, profile_names


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


# Which member is wrong.

PROFILE = json.loads(load_profile("case-registry").to_json())
MISSING = object()


def flaw(path: list[str | int], value: Any) -> ProfileError:
    """Return the error of the default profile with one member changed, or removed."""
    document: Any = copy.deepcopy(PROFILE)
    place = document
    for step in path[:-1]:
        place = place[step]
    if value is MISSING:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    with pytest.raises(ProfileError) as caught:
        parse_profile(json.dumps(document))
    return caught.value


def place_of(kind: str, member: str) -> int:
    return next(place for place, one in enumerate(PROFILE["encoding"][kind]) if member in one)


FILTER = next(place for place, one in enumerate(PROFILE["encoding"]["segments"]) if one["form"] == "filter")
SLOTS = next(place for place, one in enumerate(PROFILE["encoding"]["segments"]) if one["form"] == "slots")
COMBINATION, MINHASH = place_of("match_keys", "parts"), place_of("match_keys", "bands")


@pytest.mark.parametrize("bits", [100, 96, 1, 3, 33])
def test_the_bits_of_a_filter_are_a_power_of_two(bits: int) -> None:
    found = flaw(["encoding", "segments", FILTER, "bits"], bits)
    assert found.field == f"encoding.segments[{FILTER}].bits"
    assert found.allowed == "a power of two from 8 to 65536 in a filter"


@pytest.mark.parametrize(
    ("path", "value", "allowed"),
    [
        (["encoding", "segments", FILTER, "bits"], 0, "a power of two from 8 to 65536 in a filter, an integer from 1"),
        (["encoding", "segments", FILTER, "bits"], "64", "a power of two"),
        (["encoding", "segments", SLOTS, "bits"], 17, "an integer from 1 to 16 in slots"),
        (["encoding", "segments", SLOTS, "slots"], 3, "2 for birth_month, 2 for birth_day, 4 for serial, 1 for sex"),
        (["encoding", "segments", SLOTS, "hashes"], 3, "an integer from 1 to 64 in a filter, left out in slots"),
        (["encoding", "segments", FILTER, "hashes"], 65, "an integer from 1 to 64"),
        (["encoding", "segments", FILTER, "form"], "slots", '"filter" for this field'),
        (["encoding", "segments", FILTER, "form"], "bloom", 'one of "filter", "slots"'),
        (["encoding", "match_keys", COMBINATION, "codes"], 65, "an integer from 1 to 64"),
        (["encoding", "match_keys", COMBINATION, "kind"], "A", "1 to 32 of the characters a-z, 0-9 and _"),
        (["encoding", "match_keys", MINHASH, "rows"], 0, "an integer from 1 to 64"),
        (["encoding", "match_keys", MINHASH, "weights", "serial"], 17, "an integer from 1 to 16 or null"),
        (["encoding", "match_keys"], [], "a list of 1 to 64 members"),
        (["encoding", "padded"], "yes", "true or false"),
        (["encoding", "tables"], "abc", "64 hexadecimal digits, 0-9 and a-f"),
        (["encoding", "padded"], MISSING, "required: true or false"),
        (["version"], 0, "an integer from 1"),
        (["privacy", "share_rate"], 2, "a number from 0 to 1"),
        (["linking", "fields", 0, "u"], [0.5, 0.4], "two or more probabilities above 0 with the sum 1"),
        (["format"], "pseudonym-profile/9", '"pseudonym-profile/1"'),
    ],
)
def test_an_error_says_which_member_is_wrong_and_what_is_allowed(
    path: list[str | int], value: Any, allowed: str
) -> None:
    found = flaw(path, value)
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")
    assert (found.rule, found.field) == ("profile.form", text)
    assert (found.allowed or "").startswith(allowed)
    assert found.message == "A member of the profile is missing, unknown or out of range."


def test_the_match_key_that_is_meant_is_the_one_that_is_judged() -> None:
    assert flaw(["encoding", "match_keys", COMBINATION, "rows"], 3).field == f"encoding.match_keys[{COMBINATION}]"
    found = flaw(["encoding", "match_keys", COMBINATION], {"kind": "x"})
    assert found.field == f"encoding.match_keys[{COMBINATION}]"
    assert found.allowed == (
        "an object with the members kind, parts, codes, or an object with the members kind, bands, rows, weights"
    )


def test_what_stands_twice_is_named_where_it_stands_again() -> None:
    first = PROFILE["encoding"]["segments"][0]
    found = flaw(["encoding", "segments"], [*PROFILE["encoding"]["segments"], first])
    assert found.field == f"encoding.segments[{len(PROFILE['encoding']['segments'])}].field"


@pytest.mark.parametrize("path", [["Anna Svensson"], ["encoding", "segments", 0, "Anna Svensson"]])
def test_the_name_of_an_unknown_member_is_not_shown(path: list[str | int]) -> None:
    found = flaw(path, 1)
    assert "Anna" not in f"{found.field}{found.allowed}{found}{found!r}{found.args}"
    assert (found.allowed or "").startswith("no members but ")


@pytest.mark.parametrize("text", ["", "[" * 100_000, '{"name": 1, "name": 2}', b"\xff\xfe\x00"])
def test_text_that_is_no_json_or_repeats_a_member_is_refused(text: str | bytes) -> None:
    with pytest.raises(ProfileError) as caught:
        parse_profile(text)
    assert (caught.value.rule, caught.value.field) == ("profile.json", None)


@pytest.mark.parametrize("text", ["[]", "null", "1", '"PSEUDONYM-SECRET"'])
def test_json_that_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(ProfileError) as caught:
        parse_profile(text)
    assert (caught.value.rule, caught.value.field) == ("profile.form", None)
    assert (caught.value.allowed or "").startswith("an object with the members format, name, version")


@pytest.mark.parametrize("spec", ["3", None, MISSING])
def test_a_specification_that_is_no_number_is_no_other_version(spec: Any) -> None:
    found = flaw(["encoding", "spec"], spec)
    assert (found.rule, found.field) == ("profile.form", "encoding.spec")
    assert (found.allowed or "").endswith("3")
