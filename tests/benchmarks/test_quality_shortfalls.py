"""Why pairs are lost, counted."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from benchmarks.pages import begin, end, read_section
from benchmarks.quality.studies.errors import KINDS, Errors
from benchmarks.quality.studies.shortfalls import NAME, PAGE, REST, SECTION, SHOWN, counted, render, write_page
from benchmarks.results import read_result


def _errors() -> Errors:
    """Return 28 errors: the first reason 7 times, the next 6 times, …; one pair of the first is of one person found."""
    rows = [
        {"kind": KINDS[0], "reason": f"reason {number}", "joined": number == 0 and again == 0, "match_weight": 1.0}
        for number in range(7)
        for again in range(7 - number)
    ]
    rows.append({"kind": KINDS[2], "reason": "a twin", "joined": True, "match_weight": 9.0})
    return Errors("T", (), pd.DataFrame(rows), true_pairs=200, met=160)


def test_the_most_frequent_reasons_are_named_and_the_others_added_up() -> None:
    found = counted(_errors())
    assert (found["true_pairs"], found["met"]) == (200, 160)
    missed = [error for error in found["errors"] if error["kind"] == KINDS[0]]
    assert [error["pairs"] for error in missed] == [7, 6, 5, 4, 3, 2 + 1]
    assert (missed[0]["joined"], missed[-1]["reason"], len(missed)) == (1, REST, SHOWN + 1)
    assert found["errors"][-1] == {"kind": KINDS[2], "reason": "a twin", "pairs": 1, "joined": 1}


def test_the_page_has_each_data_set_with_shares_of_its_true_pairs(tmp_path: Path) -> None:
    sets = {"t": {"title": "Some data", **counted(_errors())}}
    document = {"command": "c", "seed": 2, "commit": "0" * 40, "date": "2026-01-01", "figures": {"sets": sets}}
    (tmp_path / f"{NAME}.json").write_text(json.dumps(document), encoding="utf-8")
    page = tmp_path / "page.md"
    page.write_text(f"before\n{begin(SECTION)}\nold\n{end(SECTION)}\nafter\n", encoding="utf-8")
    text = write_page(tmp_path, page).read_text(encoding="utf-8")
    assert "**Some data**: 160 of 200 true pairs were compared (80.0%)." in text
    assert "| missed candidate | reason 0 | 7 | 3.5% | 1 |" in text
    assert (text.startswith("before\n"), text.endswith("after\n"), "old" in text) == (True, True, False)


def test_the_page_is_what_the_result_file_says() -> None:
    assert read_section(PAGE, SECTION) == render(read_result(NAME))
