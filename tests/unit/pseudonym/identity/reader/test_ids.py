"""Ids that look equal are equal, and what a spreadsheet made of an id is mended or named."""

from __future__ import annotations

from pathlib import Path

import pytest

from pseudonym.identity.reader import InputFile, open_input
from tests.unit.pseudonym.workbooks import DATE, Cell, workbook


@pytest.fixture
def opened(tmp_path: Path):
    """Write a file and open it."""

    def opened(*lines: str, **options) -> InputFile:
        path = tmp_path / "cases.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return open_input(path, **options)

    return opened


def ids(file: InputFile, field: str = "case_id") -> list[object]:
    return [row.values.get(field) for row in file]


def rules(file: InputFile) -> list[tuple[str, str]]:
    return [(fault.rule, fault.effect) for row in file for fault in row.faults]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("17\u200b", "17"),
        ("\ufeff17", "17"),
        ("1\u00ad7", "17"),
        ("\u206017", "17"),
        ("\u202a17\u202c", "17"),
        ("17\u200b\u00a0", "17"),
        ("\uff11\uff17", "17"),
        ("\uff21\uff0d\uff11", "A-1"),
        ("\u0661\u0667", "17"),
        ("A\u20111", "A-1"),
        ("A\u20131", "A-1"),
        ("A\u00a01", "A 1"),
        ("A\u030a-1", "\u00c5-1"),
    ],
)
@pytest.mark.parametrize("field", ["record_id", "report_id", "case_id", "role", "status"])
def test_what_cannot_be_seen_is_removed_and_marked(opened, field, text, plain):
    # The id of the record comes last, where another field is tried.
    header, row = (field, text) if field == "record_id" else (f"{field};record_id", f"{text};1")
    file = opened(f"given_names;{header}", f"Anna;{row}")
    assert ids(file, field) == [plain]
    assert rules(file) == [("damage.invisible", "marked")]


@pytest.mark.parametrize("text", ["17", " 17 ", "\u00a017\u00a0", "\t17\t", '="17"'])
def test_trimming_needs_no_mark(opened, text):
    file = opened("record_id,case_id", f"1,{text}")
    assert (ids(file), rules(file)) == (["17"], [])


def test_decimals_are_removed_in_a_column_without_others(opened):
    file = opened("record_id;case_id", "1.0;7", "2,0;8.0", "A-3;9.00")
    assert ids(file, "record_id") == ["1", "2", "A-3"]
    assert ids(file) == ["7", "8", "9"]
    assert rules(file) == [("damage.decimals", "marked")] * 4


def test_decimals_that_number_things_stay(opened):
    file = opened("record_id;case_id", "1.0;3.10", "1.1;3.0", "2.0;4")
    assert ids(file, "record_id") == ["1.0", "1.1", "2.0"]
    assert (ids(file), rules(file)) == (["3.10", "3.0", "4"], [])


@pytest.mark.parametrize(
    ("text", "plain", "rule"),
    [
        ("17.000000000000004", "17", "damage.decimals"),
        ("16.9999999999998", "17", "damage.decimals"),
        ("3.1000000000000001", None, "damage.id"),
        ("0.30000000000000004", None, "damage.id"),
    ],
)
def test_floating_point_numbers(opened, text, plain, rule):
    file = opened("record_id;case_id", f"1;{text}")
    assert ids(file) == [plain]
    assert [name for name, _ in rules(file)] == [rule]


@pytest.mark.parametrize(
    "text", ["03-dec", "dec-03", "2026-12-03 00:00:00", "3 maj", "3.okt", "Mar-12", "TRUE", "false", "SANT", "FALSKT"]
)
def test_ids_that_became_dates_or_truths(opened, text):
    file = opened("record_id;case_id", f"1;{text}", "2;7")
    assert (ids(file), rules(file)) == ([None, "7"], [("damage.id", "left out")])
    file = opened("record_id;given_names", f"{text};Anna", "2;Bo")
    assert rules(file) == [("damage.id", "rejected")]


@pytest.mark.parametrize("text", ["3-12", "dec-2003-1", "maj 3 a", "true-1", "2026-12-03", "3/12/2026"])
def test_ids_that_are_no_dates_stay(opened, text):
    assert ids(opened("record_id;case_id", f"1;{text}")) == [text]


@pytest.mark.parametrize("text", ["2026-12-03", "3/12/2026"])
def test_a_date_among_ids_of_two_numbers_was_one_of_them(opened, text):
    file = opened("record_id;case_id", f"1;{text}", "2;3-14")
    assert (ids(file), rules(file)) == ([None, "3-14"], [("damage.id", "left out")])


def test_zeros_are_restored_where_most_ids_have_them(opened):
    lines = [f"{n:04d};{n:04d}" for n in range(1, 12)]
    file = opened("record_id;case_id", *lines, "17;18", "1234;12345")
    assert ids(file, "record_id")[-2:] == ["0017", "1234"]
    assert ids(file)[-2:] == ["0018", "12345"]
    assert rules(file) == [("damage.zero_restored", "marked")] * 2


def test_zeros_that_may_be_lost_are_named(opened):
    file = opened("record_id;case_id", "0017;1", "17;2")
    assert ids(file, "record_id") == ["0017", "17"]
    assert rules(file) == [("damage.id_zero_lost", "marked")]


@pytest.mark.parametrize(
    "lines",
    [
        ["007;1", *(f"{n};1" for n in range(11, 99))],  # one agent among many numbers
        ["0017;1", "00018;1", "17;1"],  # no width in common
        ["A017;1", "17;1"],
        ["0;1", "17;1"],
    ],
)
def test_ids_without_a_common_width_lost_no_zeros(opened, lines):
    assert rules(opened("record_id;case_id", *lines)) == []


# Workbooks.


@pytest.mark.parametrize(
    "cell",
    [
        (f"style {DATE}", 46359),
        (f"style {DATE}", 46359.25),
        (f"style {DATE}", 0.5),
        True,
        ("raw", '<c r="REF" t="d"><v>2026-12-03T00:00:00</v></c>'),
    ],
)
@pytest.mark.parametrize("field", ["case_id", "report_id", "foreign_number"])
def test_cells_of_another_type_are_no_ids(tmp_path: Path, field: str, cell: Cell):
    (tmp_path / "x.xlsx").write_bytes(workbook([("record_id", field), ("1", cell), (cell, "7")]))
    file = open_input(tmp_path / "x.xlsx")
    assert ids(file, field)[0] is None
    assert rules(file) == [("damage.id", "left out"), ("damage.id", "rejected")]


def test_numbers_in_cells_are_ids(tmp_path: Path):
    rows: list[tuple[Cell, ...]] = [("record_id", "case_id"), (1, "3-12"), (2.0, 46359), ("3", 1.5)]
    (tmp_path / "x.xlsx").write_bytes(workbook(rows))
    file = open_input(tmp_path / "x.xlsx")
    assert ids(file, "record_id") == ["1", "2", "3"]
    assert (ids(file), rules(file)) == (["3-12", "46359", "1.5"], [])
