"""The comparison with published lists of numbers, on lists of our own with the same form."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.quality.studies.numbers import FILES, REFERENCE, Case, cases, compare, own_cases
from pseudonym.identity import numbers
from pseudonym.identity.numbers.luhn import check_digit


def number(nine: str) -> str:
    return f"19{nine}{check_digit(nine)}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    good, coordination = number("800131983"), number("800191984")
    entry = {
        "integer": int(good),
        "long_format": good,
        "short_format": good[2:],
        "separated_format": f"{good[2:8]}-{good[8:]}",
        "separated_long": f"{good[:8]}-{good[8:]}",
        "valid": True,
        "type": "ssn",
        "isMale": True,
        "isFemale": False,
    }
    spaced = f"{good[:8]} {good[8:]}"
    interim = f"19800131T83{check_digit('800131183')}"
    lists: dict[str, Any] = {
        "list": [entry, {"integer": 0, "long_format": spaced, "valid": False, "type": "ssn", "isMale": True}],
        "structured": {"ssn": {"integer": {"valid": [int(good)], "invalid": [0]}, "string": {"invalid": [spaced]}}},
        "interim": [{"integer": 0, "long_format": interim, "valid": True, "type": "interim", "isFemale": False}],
        "orgnumber": [{"integer": 5560360793, "valid": False, "type": "org"}],
        "allCoords": [coordination, number("800060984"), number("800291984")],
    }
    for name, content in lists.items():
        (tmp_path / FILES[name]).write_text(json.dumps(content), encoding="utf-8")
    (tmp_path / FILES["test numbers"]).write_text(f"testpersonnummer\n{good}\n", encoding="utf-8")
    return tmp_path


def test_every_list_is_read_whole(folder: Path) -> None:
    assert [len(cases(name, folder)) for name in FILES] == [6, 3, 1, 1, 3, 1]
    first = cases("list", folder)[0]
    assert first == Case(number("800131983"), True, "personnummer", "man", "personnummer of twelve digits with no sign")


def test_we_agree_with_every_case_and_the_result_shows_none(folder: Path) -> None:
    figures = compare(folder)
    for found in [*figures["lists"].values(), figures["own cases"]]:
        assert found["this library"]["disagrees"] == {}
    shown = json.dumps(figures)
    for case in (case for name in FILES for case in cases(name, folder)):
        assert case.text == "0" or case.text not in shown


def test_our_own_cases_are_judged_as_the_specification_does() -> None:
    for case in own_cases():
        assert numbers.is_valid(case.text, reference_date=REFERENCE) == case.valid, case.about
