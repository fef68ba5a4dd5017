"""Totals from a program: the items in any order, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pseudonym.codebook import load_codebook
from pseudonym.encode import report_totals
from pseudonym.errors import PseudonymError
from pseudonym.wire import Cell, read_totals

BOOK = load_codebook("case-registry")
RIGHT: dict[str, Any] = {
    "reporter": "police",
    "period": "2026-03",
    "sequence": 1,
    "unit": "person",
    "items": ["municipality", "age_at_event"],
    "codebook": BOOK,
}


def test_items_are_brought_into_order(tmp_path: Path) -> None:
    header = report_totals(tmp_path / "t", {("0180", "7-12"): 1, (None, None): 3}, **RIGHT)
    assert (header.items, header.cells, header.role) == (("age_at_event", "municipality"), 2, "victim")
    found = read_totals(tmp_path / "t", codebook=BOOK)
    assert found.header == header
    assert found.cells == (Cell((None, None), 3), Cell(("7-12", "0180"), 1))


def test_each_file_has_its_own_salt(tmp_path: Path) -> None:
    salts = {report_totals(tmp_path / "t", {(None, None): 3}, **RIGHT).salt for _ in range(2)}
    assert len(salts) == 2


@pytest.mark.parametrize(
    ("numbers", "options", "rule"),
    [
        ({}, {}, "totals.empty"),
        ({("0180",): 1}, {}, "totals.cell"),
        ({(None, None): -1}, {}, "totals.cell"),
        ({(None, None): 1 << 32}, {}, "totals.cell"),
        ({(None, None): True}, {}, "totals.cell"),
        ({(None, None): 1.0}, {}, "totals.cell"),
        ({(None, None): 1}, {"items": ["municipality", "colour"]}, "totals.items"),
        ({(None, None): 1}, {"items": ["municipality", "municipality"]}, "totals.items"),
        ({(None, None): 1}, {"codebook": None}, "totals.items"),
        ({("0999", None): 1}, {}, "codebook.unknown_code"),
        ({(None, None): 1}, {"period": "March"}, "input.header"),
        ({(None, None): 1}, {"period": None}, "input.header"),
        ({(None, None): 1}, {"unit": "record"}, "input.header"),
        ({(None, None): 1}, {"role": "child"}, "input.header"),
        ({(None, None): 1}, {"reporter": "Åsa"}, "input.header"),
    ],
)
def test_what_is_refused(tmp_path: Path, numbers: Any, options: dict[str, Any], rule: str) -> None:
    with pytest.raises(PseudonymError) as caught:
        report_totals(tmp_path / "t", numbers, **{**RIGHT, **options})
    assert caught.value.rule == rule
    assert not (tmp_path / "t").exists()
