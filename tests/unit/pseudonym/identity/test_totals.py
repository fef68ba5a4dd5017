"""Tables of a reporter's own totals: what is read, and each wrong row by line and rule."""

from __future__ import annotations

from pathlib import Path

import pytest

from pseudonym.codebook import load_codebook
from pseudonym.errors import InputError
from pseudonym.identity.totals import Counts, read_counts
from pseudonym.wire import Cell
from tests.unit.pseudonym.workbooks import workbook

BOOK = load_codebook("case-registry")


def read(path: Path, text: str, **options) -> Counts:
    path.write_text(text, encoding="utf-8")
    return read_counts(path, BOOK, period="2026-03", **options)


def test_cells_and_their_items(tmp_path: Path) -> None:
    found = read(tmp_path / "t.csv", "N;Municipality;age_at_event\n12;;\n9;0180; \n3;0114;total\n2;0114;7-12\n")
    assert found.items == ("age_at_event", "municipality")
    assert found.cells == (
        Cell((None, None), 12),
        Cell((None, "0180"), 9),
        Cell((None, "0114"), 3),
        Cell(("7-12", "0114"), 2),
    )
    assert found.faults == ()


def test_other_headers_and_delimiters(tmp_path: Path) -> None:
    text = "antal\tkommun\n4\t0180\n"
    found = read(tmp_path / "t.csv", text, columns={"n": "antal", "municipality": "kommun"})
    assert found.cells == (Cell(("0180",), 4),)


def test_no_item_at_all(tmp_path: Path) -> None:
    assert read(tmp_path / "t.csv", "n\n0\n").cells == (Cell((), 0),)
    assert read_counts(tmp_path / "t.csv", None, period="2026").cells == (Cell((), 0),)


def test_lost_zeros_are_restored_and_told(tmp_path: Path) -> None:
    found = read(tmp_path / "t.csv", "municipality;n\n114;3\n")
    assert found.cells == (Cell(("0114",), 3),)
    assert [(fault.row, fault.rule, fault.effect) for fault in found.faults] == [(2, "damage.zero_restored", "marked")]
    assert found.rejected == ()


def test_a_workbook(tmp_path: Path) -> None:
    (tmp_path / "t.xlsx").write_bytes(workbook([["municipality", "n"], ["0180", 3], [None, 7]]))
    found = read_counts(tmp_path / "t.xlsx", BOOK, period="2026")
    assert found.cells == (Cell(("0180",), 3), Cell((None,), 7))


def test_a_column_without_heading_must_be_blank(tmp_path: Path) -> None:
    assert read(tmp_path / "t.csv", "municipality;n;\n0180;3;\n").rejected == ()
    (fault,) = read(tmp_path / "t.csv", "municipality;n;\n0180;3;x\n").rejected
    assert (fault.row, fault.rule) == (2, "row.columns")


@pytest.mark.parametrize(
    ("rows", "faults"),
    [
        ("0180;\n", [(2, "n", "n.missing")]),
        ("0180;-1\n", [(2, "n", "n.form")]),
        ("0180;1.5\n", [(2, "n", "n.form")]),
        ("0180;4294967296\n", [(2, "n", "n.form")]),
        ("0180;about 5\n", [(2, "n", "n.form")]),
        ("0999;1\n", [(2, "municipality", "codebook.unknown_code")]),
        ("0180 0114;1\n", [(2, "municipality", "codebook.unknown_code")]),
        ("#N/A;1\n", [(2, "municipality", "damage.error")]),
        ("0180;1\n0114;2\n0180;1\n", [(4, None, "cell.duplicate")]),
        (";1\ntotal;2\n", [(3, None, "cell.duplicate")]),
        (";1\n0180;2\n", [(3, "n", "n.larger_part")]),
        ("0180;2\n;1\n", [(2, "n", "n.larger_part")]),
        ("0180;1;2\n", [(2, None, "row.columns")]),
        ("0180;x\n0999;1\n", [(2, "n", "n.form"), (3, "municipality", "codebook.unknown_code")]),
    ],
)
def test_wrong_rows(tmp_path: Path, rows: str, faults: list[tuple[int, str | None, str]]) -> None:
    found = read(tmp_path / "t.csv", "municipality;n\n" + rows)
    assert [(fault.row, fault.field, fault.rule) for fault in found.rejected] == faults


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("municipality;n;personnummer\n0180;1;20110713-9980\n", "totals.column"),
        ("municipality;antal\n0180;1\n", "totals.no_n"),
        ("municipality;n\n", "totals.empty"),
        ("", "input.empty"),
        ("municipality;n;N\n0180;1;1\n", "input.duplicate_column"),
        ("n\n" + "1\n" * 65_537, "totals.too_many"),
    ],
)
def test_tables_that_cannot_be_used(tmp_path: Path, text: str, rule: str) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path / "t.csv", text)
    assert caught.value.rule == rule
    assert "20110713" not in str(caught.value)


def test_a_mapping_of_no_item_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path / "t.csv", "n\n1\n", columns={"colour": "n"})
    assert caught.value.rule == "input.column_mapping"
