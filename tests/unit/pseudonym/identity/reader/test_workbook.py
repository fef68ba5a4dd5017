"""Workbooks are read as people see them, within bounds; what is no readable workbook is refused by name."""

from __future__ import annotations

import datetime
import io
import traceback
import tracemalloc
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import openpyxl.chart
import pytest

from pseudonym.codebook import CellReader, load_codebook
from pseudonym.errors import InputError
from pseudonym.identity.reader import InputFile, open_input, openpyxl_book
from pseudonym.identity.reader import workbook as workbook_module
from tests.unit.pseudonym.workbooks import DATE, MAIN, NUMBER, STRICT, TEN, Cell, sheet_xml, workbook

HEADER = ("record_id", "number", "given_names", "birth_date")

Write = Callable[[bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file and give its path."""

    def write(content: bytes) -> Path:
        path = tmp_path / "cases.xlsx"
        path.write_bytes(content)
        return path

    return write


def values(file: InputFile) -> list[dict[str, object]]:
    return [dict(row.values) for row in file if not row.rejected]


def notes(file: InputFile) -> list[tuple[int, str, str, str]]:
    return [(row.line, fault.field, fault.rule, fault.effect) for row in file for fault in row.faults]


def refusal(path: Path, **options: Any) -> InputError:
    with pytest.raises(InputError) as caught:
        for _ in open_input(path, **options):
            pass
    return caught.value


def read(write: Write, *rows: tuple[Cell, ...], **options: Any) -> list[dict[str, object]]:
    return values(open_input(write(workbook([HEADER, *rows], **options))))


# Values.


def test_a_plain_workbook(write: Write) -> None:
    file = open_input(write(workbook([HEADER, ("1", "20110713-9980", "Åsa", "2011-07-13"), ("2", None, "Bo", None)])))
    assert values(file) == [
        {"record_id": "1", "number": "20110713-9980", "given_names": "Åsa", "birth_date": "2011-07-13"},
        {"record_id": "2", "given_names": "Bo"},
    ]
    assert [row.line for row in file] == [2, 3]
    assert file.notices == ()
    assert values(file) == values(file)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (201107139980, "201107139980"),
        ("2.01107139980E11", "201107139980"),
        (("raw", '<c r="REF"><v>2.0110713998E11</v></c>'), "201107139980"),
        (("raw", '<c r="REF" t="n"><v>201107139980.0</v></c>'), "201107139980"),
        ((f"style {NUMBER}", 901282392), "090128-2392"),
        ((f"style {TEN}", 901282392), "0901282392"),
        (("formula", "20110713-9980"), "20110713-9980"),
        (("shared", "20110713-9980"), "20110713-9980"),
    ],
)
def test_numbers_become_digits(write: Write, number: Cell, text: str | None) -> None:
    assert read(write, ("1", number, "Åsa", None))[0].get("number") == (text or number)


def test_a_number_beyond_fifteen_digits_has_lost_some(write: Write) -> None:
    file = open_input(
        write(workbook([("record_id", "foreign_number"), ("1", 12345678901234567890), ("2", 123456789012345)]))
    )
    assert values(file) == [{"record_id": "1"}, {"record_id": "2", "foreign_number": "123456789012345"}]
    assert notes(file) == [(2, "foreign_number", "damage.exponent", "left out")]


@pytest.mark.parametrize(
    ("cell", "epoch_1904", "text"),
    [
        ((f"style {DATE}", 39512), False, "2008-03-05"),
        ((f"style {DATE}", 39512.75), False, "2008-03-05"),
        ((f"style {DATE}", 39512 - 1462), True, "2008-03-05"),
        ((f"style {DATE}", 1), True, "1904-01-02"),
        ((f"style {DATE}", 1), False, "1900-01-01"),
        ((f"style {DATE}", 59), False, "1900-02-28"),
        ((f"style {DATE}", 61), False, "1900-03-01"),
        (("style 5", 39512), False, "2008-03-05"),
        (("raw", '<c r="REF" t="d"><v>2008-03-05T00:00:00</v></c>'), False, "2008-03-05"),
    ],
)
def test_dates_become_iso(write: Write, cell: Cell, epoch_1904: bool, text: str) -> None:
    assert read(write, ("1", None, "Åsa", cell), epoch_1904=epoch_1904)[0]["birth_date"] == text


def test_a_number_that_is_shown_as_no_date_is_left_out(write: Write) -> None:
    # Spreadsheets show such a cell as ####; openpyxl warns of it with the number, which nobody is to see.
    with warnings.catch_warnings(record=True) as shown:
        warnings.simplefilter("always")
        file = open_input(write(workbook([HEADER, ("1", (f"style {DATE}", 201107139980), "Åsa", None)])))
        assert notes(file) == [(2, "number", "damage.error", "left out")]
    assert shown == []


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2011-07-13 00:00:00", "2011-07-13"),
        ("2011-07-13T00:00:00", "2011-07-13"),
        ("13.07.2011", "2011-07-13"),
        ("13/7/2011 00:00", "2011-07-13"),
        ("'2011-07-13", "2011-07-13"),
        ("20110713", "2011-07-13"),
        (20110713, "2011-07-13"),
        ("13 juli 2011", "2011-07-13"),
    ],
)
def test_dates_as_texts(write: Write, text: Cell, date: str) -> None:
    file = open_input(write(workbook([HEADER, ("1", None, "Åsa", text)])))
    assert (values(file)[0]["birth_date"], notes(file)) == (date, [])


STYLES = ("0", "0%", "#,##0\\ kr", "[h]:mm:ss", "h:mm", "# ?/?", "yyyy\\-mm\\-dd hh:mm", "@")
"""Formats of percentages, amounts, durations, times, fractions, dates with times, and texts."""


def styled(rows: list[tuple[Cell, ...]]) -> bytes:
    """Return a workbook whose styles have these formats, counted from 1."""
    formats = "".join(f'<numFmt numFmtId="{200 + n}" formatCode="{code}"/>' for n, code in enumerate(STYLES))
    used = "".join(f'<xf numFmtId="{200 + n}"/>' for n in range(len(STYLES)))
    xml = f'<numFmts>{formats}</numFmts><cellXfs><xf numFmtId="0"/>{used}</cellXfs>'
    return workbook(rows, replace={"xl/styles.xml": f'<styleSheet xmlns="{MAIN}">{xml}</styleSheet>'})


@pytest.mark.parametrize(
    ("style", "stored", "number"),
    [
        (1, 201107139980, "201107139980"),
        (2, 201107139980, "201107139980"),
        (3, 201107139980, "201107139980"),
        (6, 201107139980, "201107139980"),
        (8, 201107139980, "201107139980"),
        (3, 901282392, "0901282392"),
    ],
)
def test_a_number_in_any_format_is_its_digits(write: Write, style: int, stored: int, number: str) -> None:
    assert (
        values(open_input(write(styled([HEADER, ("1", (f"style {style}", stored), "Åsa", None)]))))[0]["number"]
        == number
    )


@pytest.mark.parametrize(
    ("style", "stored", "date", "rule"),
    [
        (7, 40737, "2011-07-13", None),
        (7, 40737.6, "2011-07-13", None),
        (7, 40736.9166666667, None, "date.time_unclear"),
        (5, 0.5, "12:00:00", None),
        (5, 0, None, "value.placeholder"),
        (4, 1.5, "1 day, 12:00:00", None),
        (2, 0.4, "0.4", None),
        (8, 40737, None, "damage.serial"),
        (3, 40737, None, "damage.serial"),
    ],
)
def test_a_date_is_a_cell_with_a_day(
    write: Write, style: int, stored: float, date: str | None, rule: str | None
) -> None:
    file = open_input(write(styled([HEADER, ("1", None, "Åsa", (f"style {style}", stored))])))
    assert values(file)[0].get("birth_date") == date
    assert [note[2] for note in notes(file)] == [rule] * (rule is not None)


@pytest.mark.parametrize("error", ["#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!"])
@pytest.mark.parametrize("field", ["record_id", "case_id", "given_names", "birth_date", "sex", "state"])
def test_the_error_of_a_formula_is_no_value(write: Write, field: str, error: str) -> None:
    cell = ("raw", f'<c r="REF" t="e"><f>A1</f><v>{error}</v></c>')
    rows = [(field, "family_names", *["record_id"] * (field != "record_id")), (cell, "Ek", "1"), ("2", "Ek", "2")]
    file = open_input(write(workbook(rows)), items=("state",))
    effect = "rejected" if field == "record_id" else "left out"
    assert notes(file) == [(2, field, "damage.error", effect)]


def test_a_time_of_day_is_a_text(write: Write) -> None:
    assert read(write, ("1", None, (f"style {DATE}", 0.5), None))[0]["given_names"] == "12:00:00"


def test_built_in_date_formats(write: Write) -> None:
    styles = f'<styleSheet xmlns="{MAIN}"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>'
    rows = [HEADER, ("1", None, None, (f"style {DATE}", 39512))]
    assert values(open_input(write(workbook(rows, replace={"xl/styles.xml": styles}))))[0]["birth_date"] == "2008-03-05"


def test_shared_texts_in_runs_without_how_they_sound(write: Write) -> None:
    rich = "<si><r><t>An</t></r><r><rPr><b/></rPr><t>na</t></r><rPh sb='0' eb='1'><t>x</t></rPh></si>"
    assert read(write, ("1", None, ("shared", rich), None))[0]["given_names"] == "Anna"


def test_characters_that_xml_has_no_place_for(write: Write) -> None:
    assert read(write, ("1", None, "An_x000D_\nna", None))[0]["given_names"] == "An\r\nna"


def test_a_nul_rejects_only_its_row(write: Write) -> None:
    file = open_input(write(workbook([HEADER, ("1", None, "An_x0000_na", None), ("2", None, "Bo", None)])))
    assert [fault.rule for row in file for fault in row.faults] == ["row.nul"]
    assert [one["record_id"] for one in values(file)] == ["2"]


@pytest.mark.parametrize(
    ("cell", "rule"),
    [
        (("raw", '<c r="REF" t="e"><v>#N/A</v></c>'), "damage.error"),
        ("#VÄRDEFEL!", "damage.error"),
        ("########", "damage.error"),
    ],
)
def test_what_a_spreadsheet_puts_for_a_value_is_left_out(write: Write, cell: Cell, rule: str) -> None:
    file = open_input(write(workbook([HEADER, ("1", cell, "Åsa", None)])))
    assert values(file) == [{"record_id": "1", "given_names": "Åsa"}]
    assert notes(file) == [(2, "number", rule, "left out")]


@pytest.mark.parametrize("cell", ['<c r="REF"><f>A1</f></c>', '<c r="REF" t="str"><f>A1</f><v/></c>'])
def test_a_formula_without_its_result_is_blank_and_a_note_says_so(write: Write, cell: str) -> None:
    file = open_input(write(workbook([HEADER, ("1", ("raw", cell), "Åsa", None)])))
    assert values(file) == [{"record_id": "1", "given_names": "Åsa"}]
    assert ["formulas without a stored result" in notice for notice in file.notices] == [True]


def test_a_formula_with_its_result_causes_no_notice(write: Write) -> None:
    assert open_input(write(workbook([HEADER, ("1", ("formula", "20110713-9980"), "Åsa", None)]))).notices == ()


def test_a_formula_cut_by_the_end_of_a_chunk_is_noticed(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    content = workbook([HEADER, ("1", ("raw", '<c r="REF"><f>A1</f></c>'), "Åsa", None)])
    for n_bytes in range(65, 90):
        monkeypatch.setattr(workbook_module, "CHUNK_BYTES", n_bytes)
        assert len(open_input(write(content)).notices) == 1


def test_truths_and_texts_of_many_lines(write: Write) -> None:
    assert read(write, ("1", True, "Anna\nMaria", None))[0] == {
        "record_id": "1",
        "number": "TRUE",
        "given_names": "Anna\nMaria",
    }


def test_truths_are_read_as_yes_and_no(write: Write) -> None:
    rows = [("record_id", "disability"), ("1", True), ("2", False)]
    file = open_input(write(workbook(rows)), items=("disability",))
    cells = CellReader(load_codebook("case-registry"))
    assert [cells.read("disability", [row["disability"]]).value for row in values(file)] == ["yes", "no"]


# Layout.


def test_empty_rows_and_columns_before_the_header(write: Write) -> None:
    rows = [(None, *HEADER), (None, "1", None, "Åsa", None)]
    file = open_input(write(workbook(rows, first=7)))
    assert [(row.line, dict(row.values)) for row in file] == [(8, {"record_id": "1", "given_names": "Åsa"})]


def test_rows_and_cells_without_references(write: Write) -> None:
    xml = (
        f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row><x:c t="inlineStr"><x:is><x:t>record_id</x:t></x:is></x:c>'
        '<x:c t="inlineStr"><x:is><x:t>sex</x:t></x:is></x:c></x:row><x:row/><x:row><x:c><x:v>7</x:v></x:c>'
        '<x:c t="str"><x:v>k</x:v></x:c></x:row></x:sheetData></x:worksheet>'
    )
    file = open_input(write(workbook([], replace={"xl/worksheets/sheet1.xml": xml})))
    assert [(row.line, dict(row.values)) for row in file] == [(3, {"record_id": "7", "sex": "k"})]


def test_the_strict_edition_is_refused(write: Write) -> None:
    assert refusal(write(workbook([HEADER], space=STRICT))).rule == "input.old_workbook"


@pytest.mark.parametrize("said", ["A1", "A1:B2", "A1:XFD1048576"])
def test_what_a_sheet_says_of_its_size_is_not_trusted(write: Write, said: str) -> None:
    xml = sheet_xml([HEADER, ("1", None, "Åsa", None), ("2", None, "Bo", "2008-03-05")], [])
    xml = xml.replace("<sheetData>", f'<dimension ref="{said}"/><sheetData>')
    found = values(open_input(write(workbook([], replace={SHEET_PART: xml}))))
    assert [one["record_id"] for one in found] == ["1", "2"]
    assert found[1]["birth_date"] == "2008-03-05"


def test_what_stands_right_of_the_header_is_not_read(write: Write) -> None:
    assert read(write, ("1", None, "Åsa", None, "a note", "more"))[0] == {"record_id": "1", "given_names": "Åsa"}


def test_sheets_are_chosen_by_name_or_the_first_that_is_seen(write: Write) -> None:
    others = [("Two ", "visible", [HEADER, ("2", None, "Bo", None)]), ("Three", "veryHidden", [HEADER])]
    path = write(workbook([HEADER, ("1", None, "Åsa", None)], others=others, state="hidden"))
    assert values(open_input(path))[0]["record_id"] == "2"
    assert open_input(path).notices == ("Read sheet 2 of 3; --sheet NAME reads another.",)
    assert values(open_input(path, sheet="persons"))[0]["record_id"] == "1"
    assert open_input(path, sheet="persons").notices == ()
    assert open_input(path, sheet="Three").header_only
    assert refusal(path, sheet="Four").rule == "input.no_such_sheet"


def test_a_workbook_that_hides_all_its_sheets(write: Write) -> None:
    assert refusal(write(workbook([HEADER], state="hidden"))).rule == "input.no_sheet"


def test_a_sheet_of_charts_is_not_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["record_id", "sex"])
    chart = openpyxl.chart.BarChart()
    chart.add_data(openpyxl.chart.Reference(book.active, min_col=1, min_row=1))
    book.create_chartsheet("Chart", 0).add_chart(chart)
    book.save(tmp_path / "x.xlsx")
    assert open_input(tmp_path / "x.xlsx").header_only
    assert refusal(tmp_path / "x.xlsx", sheet="Chart").rule == "input.no_such_sheet"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('<row r="3">', '<row r="3" hidden="1">', True),
        (
            '<row r="3">',
            '<row r="3" spans="1:4" ht="15" customHeight="1" hidden=\'true\' x14ac:dyDescent="0.25">',
            True,
        ),
        ("<sheetData>", '<cols><col min="2" max="2" width="9" hidden="1"/></cols><sheetData>', True),
        ('<row r="3">', '<row r="3" hidden="0">', False),
        ("<sheetData>", '<cols><col min="2" max="2" width="9" customWidth="1"/></cols><sheetData>', False),
    ],
)
def test_hidden_rows_and_columns_are_read_and_a_note_says_so(write: Write, old: str, new: str, told: bool) -> None:
    xml = sheet_xml([HEADER, ("1", None, "Åsa", None), ("2", None, "Bo", None)], [])
    assert old in xml
    xml = xml.replace(old, new.replace("x14ac:dyDescent", "dyDescent"))
    file = open_input(write(workbook([], replace={"xl/worksheets/sheet1.xml": xml})))
    assert [one["record_id"] for one in values(file)] == ["1", "2"]
    assert [notice for notice in file.notices if "hidden" in notice] == [
        "The workbook has hidden rows or columns, perhaps from a filter; they are read like any other."
    ] * told


def test_merged_cells_except_the_first_are_blank_and_a_note_says_so(write: Write) -> None:
    after = '<mergeCells count="1"><mergeCell ref="C2:C3"/></mergeCells>'
    rows = [HEADER, ("1", None, "Åsa", None), ("2", "20110713-9980", None, None)]
    file = open_input(write(workbook(rows, after=after)))
    assert values(file)[1] == {"record_id": "2", "number": "20110713-9980"}
    assert ["merged cells" in notice for notice in file.notices] == [True]


@pytest.mark.parametrize("rows", [[], [()], [("", None)]])
def test_an_empty_sheet(write: Write, rows: list[tuple[Cell, ...]]) -> None:
    assert refusal(write(workbook(rows))).rule == "input.empty"


def test_a_header_only(write: Write) -> None:
    assert open_input(write(workbook([HEADER, (), (None, None)]))).header_only


def test_no_record_id(write: Write) -> None:
    error = refusal(write(workbook([("17", "Anna", "Berg"), ("18", "Bo", "Ek")])))
    assert error.rule == "input.no_record_id_column"


# Files that are no readable workbook.


def ole(*names: str) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5000) + "".join(names).encode("utf-16-le") + bytes(5000)


def zipped(**parts: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        for name, content in parts.items():
            file.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return made.getvalue()


GOOD = workbook([HEADER, *((str(n), n, "Åsa", None) for n in range(300))])
RELATIONS_PART = "xl/_rels/workbook.xml.rels"
SHEET_PART = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (ole("Workbook"), "input.old_workbook"),
        (ole("EncryptionInfo", "EncryptedPackage"), "input.encrypted"),
        (zipped(content_dot_xml=b"<x/>"), "input.old_workbook"),
        (zipped(xl__workbook_dot_bin=b"x"), "input.old_workbook"),
        (zipped(letter_dot_txt=b"x"), "input.not_text"),
        (GOOD[: len(GOOD) // 2], "input.workbook"),
        (GOOD[:-1], "input.workbook"),
        (GOOD[:40], "input.workbook"),
        (b"PK\x03\x04abc", "input.workbook"),
        (b"PK\x05\x06" + bytes(18), "input.not_text"),
        (workbook([HEADER], without=[RELATIONS_PART]), "input.workbook"),
        (workbook([HEADER], without=[SHEET_PART]), "input.no_sheet"),
        (workbook([HEADER], replace={SHEET_PART: "<worksheet><row></worksheet>"}), "input.workbook"),
        (workbook([HEADER], replace={SHEET_PART: b"\xff\xfe\x00"}), "input.workbook"),
        (workbook([HEADER, (("raw", '<c r="REF" t="s"><v>99</v></c>'),)]), "input.workbook"),
        (workbook([HEADER], replace={SHEET_PART: "<a>" * 200_000}), "input.workbook"),
    ],
    ids=range(16),
)
def test_an_unreadable_workbook_is_refused(write: Write, content: bytes, rule: str) -> None:
    assert refusal(write(content)).rule == rule


def test_damage_in_the_middle_of_a_sheet_is_detected(write: Write) -> None:
    data = bytearray(GOOD)
    place = data.find(b"xl/worksheets/sheet1.xml") + 400
    data[place : place + 40] = bytes(40)
    assert refusal(write(bytes(data))).rule == "input.workbook"


def test_a_locked_part(write: Write) -> None:
    data = bytearray(GOOD)
    with zipfile.ZipFile(io.BytesIO(GOOD)) as file:
        offset = data.find(b"PK\x01\x02")
        for _ in file.infolist():
            data[offset + 8] |= 1
            offset = data.find(b"PK\x01\x02", offset + 4)
    assert refusal(write(bytes(data))).rule == "input.encrypted"


@pytest.mark.parametrize("part", ["xl/sharedStrings.xml", "xl/workbook.xml", SHEET_PART])
def test_parts_that_unpack_to_too_much(write: Write, part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(workbook([HEADER], replace={part: f'<worksheet xmlns="{MAIN}">{" " * (1 << 20)}</worksheet>'}))
    monkeypatch.setattr(workbook_module, "FREE_OF_RATIO_BYTES", 1 << 20)
    assert refusal(path).rule == "input.too_large"
    monkeypatch.setattr(workbook_module, "MAX_RATIO", 1 << 20)
    monkeypatch.setattr(workbook_module, "MAX_UNPACKED_BYTES", 1 << 20)
    assert refusal(path).rule == "input.too_large"


def test_a_part_that_unpacks_to_more_than_it_says(write: Write) -> None:
    data = bytearray(workbook([HEADER], replace={SHEET_PART: " " * (1 << 20)}))
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        size = file.getinfo(SHEET_PART).file_size.to_bytes(4, "little")
    assert refusal(write(bytes(data).replace(size, (1 << 10).to_bytes(4, "little")))).rule == "input.workbook"


def test_memory_that_is_not_there(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    def load(*_: object, **options: object) -> None:
        raise MemoryError

    monkeypatch.setattr(openpyxl_book._Reader, "read", load)
    assert refusal(write(GOOD)).rule == "input.too_large"


def test_no_error_chains_what_openpyxl_says(write: Write) -> None:
    error = refusal(write(workbook([HEADER, ("1", ("raw", '<c r="REF"><v>Annabella</v></c>'), "Åsa", None)])))
    assert error.rule == "input.workbook"
    assert "Annabella" not in "".join(traceback.format_exception(error))


@pytest.mark.whole
def test_entities_are_bounded_by_the_parser_of_python(write: Write) -> None:
    levels = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    xml = f'<!DOCTYPE x [<!ENTITY a0 "aaaaaaaaaa">{levels}]>' + sheet_xml([HEADER, ("1", None, "Anna", None)], [])
    path = write(workbook([], replace={SHEET_PART: xml.replace("Anna", "&a9;")}))
    tracemalloc.start()
    assert refusal(path).rule == "input.workbook"
    assert tracemalloc.get_traced_memory()[1] < 64 << 20
    tracemalloc.stop()


def test_entities_from_outside_are_refused(write: Write, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    outside = f'<!DOCTYPE x [<!ENTITY a SYSTEM "{(tmp_path / "secret").as_uri()}">]>'
    xml = outside + sheet_xml([HEADER, ("1", None, "Anna", None)], []).replace("Anna", "&a;")
    assert refusal(write(workbook([], replace={SHEET_PART: xml}))).rule == "input.workbook"


def test_a_cell_of_five_megabytes_rejects_only_its_row(write: Write) -> None:
    file = open_input(write(workbook([HEADER, ("1", None, "x" * 5_000_000, None), ("2", None, "Bo", None)])))
    assert [fault.rule for row in file for fault in row.faults] == ["row.field_too_long"]
    assert [one["record_id"] for one in values(file)] == ["2"]


@pytest.mark.parametrize(
    ("line", "column"),
    [(3, "XFD"), *(pytest.param(1_048_576, column, marks=pytest.mark.slow) for column in ("B", "XFD"))],
)
def test_a_distant_cell_costs_little(write: Write, line: int, column: str) -> None:
    far = f'<row r="{line}"><c r="{column}{line}" t="str"><v>x</v></c></row>'
    xml = sheet_xml([HEADER, ("1", None, "Åsa", None)], []).replace("</sheetData>", far + "</sheetData>")
    assert values(open_input(write(workbook([], replace={SHEET_PART: xml}))))[0]["record_id"] == "1"
    tracemalloc.start()
    open_input(write(workbook([], replace={SHEET_PART: xml.replace("1048576", "60000")})))
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()


@pytest.mark.parametrize("cell", ["A1048577", "A99999999999"])
@pytest.mark.whole
def test_a_row_beyond_the_last_is_refused(write: Write, cell: str) -> None:
    far = f'<row r="{cell[1:]}"><c r="{cell}" t="str"><v>x</v></c></row>'
    xml = sheet_xml([HEADER], []).replace("</sheetData>", far + "</sheetData>")
    assert refusal(write(workbook([], replace={SHEET_PART: xml}))).rule == "input.too_large"


def test_a_file_that_changes(write: Write) -> None:
    file = open_input(write(GOOD))
    write(workbook([HEADER, ("1", None, "Åsa", None)]))
    with pytest.raises(InputError) as caught:
        list(file)
    assert caught.value.rule == "input.changed"


def test_a_file_that_changes_while_it_is_read(write: Write) -> None:
    rows = iter(open_input(write(GOOD)))
    next(rows)
    write(workbook([HEADER, ("1", None, "Åsa", None)]))
    with pytest.raises(InputError):
        list(rows)


@pytest.mark.parametrize("options", [{"encoding": "utf-8"}, {"delimiter": ";"}])
def test_options_of_texts_are_none_of_workbooks(write: Write, options: dict[str, str]) -> None:
    assert refusal(write(GOOD), **options).rule == "input.encoding_of_workbook"


def test_a_text_has_no_sheets(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("record_id,sex\n1,k\n")
    assert refusal(tmp_path / "x.csv", sheet="a").rule == "input.sheet_of_text"


# Size.


def big(n_rows: int, n_empty: int) -> bytes:
    rows = (
        f'<row r="{n}"><c r="A{n}"><v>{n}</v></c><c r="C{n}" t="str"><v>Anna</v></c></row>'
        for n in range(2, n_rows + 2)
    )
    empty = (f'<row r="{n}"><c r="A{n}" s="1"/></row>' for n in range(n_rows + 2, n_rows + n_empty + 2))
    xml = sheet_xml([HEADER], []).replace("</sheetData>", "".join((*rows, *empty)) + "</sheetData>")
    return workbook([], replace={SHEET_PART: xml})


@pytest.mark.whole
def test_memory_grows_by_less_than_a_hundred_bytes_a_row(write: Write) -> None:
    def peak(n_rows: int) -> int:
        file = open_input(write(big(n_rows, 0)))
        tracemalloc.start()
        assert sum(1 for _ in file) == n_rows
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest

    assert peak(7_000) - peak(3_000) < 400_000


@pytest.mark.whole
def test_a_hundred_thousand_rows_that_are_empty_at_the_end(write: Write) -> None:
    assert len(values(open_input(write(big(50, 100_000))))) == 50


# Another program's workbooks.


def test_what_openpyxl_writes_is_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["record_id", "number", "family_names", "birth_date", "event_date"])
    sheet.append(
        ["a-1", 199001012392, "Öberg & <Søn>", datetime.date(1990, 1, 1), datetime.datetime(2026, 3, 1, 14, 30)]
    )
    sheet.append(["a-2", 901282392, "Ek", datetime.date(1900, 3, 1), None])
    sheet["B3"].number_format = "000000-0000"
    sheet.append(["a-3", "=A2", "Ek", None, None])
    book.save(tmp_path / "x.xlsx")
    file = open_input(tmp_path / "x.xlsx")
    assert values(file) == [
        {
            "record_id": "a-1",
            "number": "199001012392",
            "family_names": "Öberg & <Søn>",
            "birth_date": "1990-01-01",
            "event_date": "2026-03-01",
        },
        {"record_id": "a-2", "number": "090128-2392", "family_names": "Ek", "birth_date": "1900-03-01"},
        {"record_id": "a-3", "family_names": "Ek"},
    ]
    assert notes(file) == []


def test_sheets_that_nobody_asks_for_are_not_read(write: Write) -> None:
    # They would be refused if anything looked for their size, and told of if anything searched their cells.
    broken = '<worksheet><sheetData><mergeCell ref="A1:B2"/><row r="1"><c r="A1"></row>'
    others = [(f"Other {number}", "visible", [HEADER]) for number in range(3)]
    replace = {f"xl/worksheets/sheet{number}.xml": broken for number in (2, 3, 4)}
    path = write(workbook([HEADER, ("1", None, "Bo", None)], others=others, replace=replace))
    file = open_input(path, sheet="Persons")
    assert values(file) == [{"record_id": "1", "given_names": "Bo"}]
    assert file.notices == ()
    assert refusal(path, sheet="Other 1").rule == "input.workbook"
