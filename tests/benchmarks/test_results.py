"""Result files hold what was measured, in lines that make differences easy to read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.paths import RESULTS
from benchmarks.quality.pages.curves import add_curves, take_curves
from benchmarks.results import WIDTH, provenance, read_result, to_text, write_result

FIGURES = {"rows": [{"name": "å", "f1": 0.1 + 0.2, "none": None}, {"name": "b" * WIDTH, "f1": 1}], "empty": []}


def test_a_result_is_read_as_it_was_measured(tmp_path: Path) -> None:
    write_result("some", FIGURES, command="c", seed=(2, 3), folder=tmp_path)
    document = read_result("some", tmp_path)
    assert document["figures"] == FIGURES
    assert provenance(document).startswith("`c`; seeds 2, 3; commit ")
    assert provenance({**document, "seed": 2}).startswith("`c`; seed 2; commit ")


def test_what_fits_takes_one_line() -> None:
    assert to_text(FIGURES["rows"]).splitlines() == [
        "[",
        '{"name": "å", "f1": 0.30000000000000004, "none": null},',
        "{",
        f'"name": "{"b" * WIDTH}",',
        '"f1": 1',
        "}",
        "]",
    ]


@pytest.mark.parametrize("path", sorted(RESULTS.glob("*.json")), ids=lambda path: path.stem)
def test_committed_results_have_this_form(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text == to_text(json.loads(text)) + "\n"


def test_curves_are_kept_beside_the_figures(tmp_path: Path) -> None:
    curves = {"curve": [[0.5, 1.0], [1.0, 0.1 + 0.2]], "reliability": [[200, 0.25, 0.5]]}
    sets = {
        "one": {"title": "T", "methods": {"m": {"figures": {"f1": 1, **curves}}}},
        "two": {"title": "U", "methods": {"m": {"figures": {"f1": 0, "curve": [], "reliability": []}}}},
    }
    taken = take_curves(sets, tmp_path)
    assert taken["one"]["methods"] == {"m": {"figures": {"f1": 1}}}
    assert add_curves(taken, tmp_path) == sets
