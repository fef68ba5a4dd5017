"""Codes of new reporters that are nearly known ones: refused, questioned or taken."""

from __future__ import annotations

import pytest

from linkage.errors import NearReporterError
from linkage.intake.reporter_codes import differs_by_a_letter, same_but_for_signs
from linkage.pipeline import Registry
from tests.unit.linkage.helpers import PROFILE, crowd, send, take_back
from tests.unit.pseudonym.totals import count


@pytest.fixture
def registry(tmp_path) -> Registry:
    registry = Registry.create(tmp_path / "r.duckdb", profile=PROFILE)
    registry.receive(send(tmp_path / "first", "police-sthlm", 1, crowd("a", [1])))
    return registry


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("Police", "police", True),
        ("police-sthlm", "police_sthlm", True),
        ("police.sthlm", "PoliceSthlm", True),
        ("police-", "police", True),
        ("unit-01", "unit-1", True),
        ("unit1", "unit-1", True),
        ("unit-10", "unit-1", False),
        ("school-0114", "school-0115", False),
        ("unit1-11", "unit11-1", False),
        ("unit-1.1", "unit-11", False),
        ("unit-0", "unit", False),
        ("police", "polis", False),
    ],
)
def test_capitals_signs_and_leading_zeros_make_no_reporter(a, b, same):
    assert same_but_for_signs(a, b) is same
    assert same_but_for_signs(b, a) is same


@pytest.mark.parametrize(
    ("a", "b", "near"),
    [
        ("police", "polica", True),
        ("police", "polices", True),
        ("police", "olice", True),
        ("police", "poilce", True),
        ("police-sthlm", "Police_sthml", True),
        ("policesthml", "police-sthlm", False),
        ("police", "polis", False),
        ("police-1", "police-2", False),
        ("police-1", "police-12", False),
        ("police", "police1", False),
        ("school-a", "school-b", False),
        ("school-a", "school", False),
        ("police-east", "police-west", False),
        ("home", "hope", False),
        ("police", "police", False),
        ("ecilop", "police", False),
        ("policd1", "police2", False),
    ],
)
def test_one_letter_of_a_longer_word_may_be_a_slip(a, b, near):
    assert differs_by_a_letter(a, b) is near
    assert differs_by_a_letter(b, a) is near


@pytest.mark.parametrize(
    "write",
    [
        lambda path: send(path, "Police-Sthlm", 1, crowd("b", [2])),
        lambda path: send(path, "police_sthlm", 1),
        lambda path: count(path, "police.sthlm", 1, {(): 9}),
        lambda path: take_back(path, "policesthlm", 1, records=["a-1"]),
    ],
)
def test_each_kind_of_file_is_questioned(tmp_path, registry, write):
    path = write(tmp_path / "second")
    with pytest.raises(NearReporterError) as caught:
        registry.receive(path)
    error = caught.value
    assert (error.rule, error.known, error.path) == ("submission.reporter_near", "police-sthlm", path)
    assert same_but_for_signs(error.reporter, error.known)
    assert error.known not in error.message + error.hint
    assert registry.receive(path, accept_reporters=[error.reporter]).reporter == error.reporter
    # Known from then on, and not asked about again.
    assert registry.receive(path).outcome == "already received"
    assert registry.receive(send(tmp_path / "third", error.reporter, 2, crowd("b", [9]))).new == 1


def test_a_letter_is_a_warning(tmp_path, registry):
    receipt = registry.receive(send(tmp_path / "second", "police-sthml", 1, crowd("b", [2])))
    assert (receipt.near_reporter, receipt.partial, receipt.new) == ("police-sthlm", True, 1)
    assert receipt.to_dict()["near_reporter"] == "police-sthlm"
    again = registry.receive(send(tmp_path / "third", "police-sthml", 2, crowd("b", [3])))
    assert (again.near_reporter, again.partial) == (None, False)


def test_accepting_one_code_is_not_accepting_another(tmp_path, registry):
    with pytest.raises(NearReporterError):
        registry.receive(send(tmp_path / "2", "Police-Sthlm", 1, crowd("b", [2])), accept_reporters=["police_sthlm"])
    with pytest.raises(TypeError):
        registry.receive_all([], accept_reporters="police_sthlm")


def test_a_roster_decides_instead(tmp_path, registry):
    for code in ("police-sthlm", "Police-Sthlm"):
        registry.roster.set(code, kind="police", from_period="2026-01")
    assert registry.receive(send(tmp_path / "second", "Police-Sthlm", 1, crowd("b", [2]))).new == 1


def test_a_dry_run_says_the_same(tmp_path, registry):
    with pytest.raises(NearReporterError):
        registry.receive(send(tmp_path / "2", "POLICE-STHLM", 1), dry_run=True)
    assert registry.receive(send(tmp_path / "3", "police-stlm", 1), dry_run=True).near_reporter == "police-sthlm"
