"""Rows that are no record are named and left out; a row with any value of an identity is a record."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pseudonym.identity.reader import InputFile, open_input
from tests.unit.pseudonym.workbooks import Cell, workbook

HEADER = "record_id;personnummer;förnamn;efternamn;födelsedatum"

Open = Callable[..., InputFile]


@pytest.fixture
def opened(tmp_path: Path) -> Open:
    """Write a file with these lines, or these bytes, and open it."""

    def opened(*lines: str | bytes) -> InputFile:
        path = tmp_path / "cases"
        content = lines[0] if isinstance(lines[0], bytes) else "".join(f"{line}\n" for line in lines).encode()
        path.write_bytes(content)
        return open_input(path)

    return opened


def told(file: InputFile) -> list[tuple[int, str, str]]:
    return [(fault.row, fault.rule, fault.effect) for row in file for fault in row.faults]


def ids(file: InputFile) -> list[object]:
    return [row.values["record_id"] for row in file if not row.rejected]


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        (HEADER, "row.header_again"),
        (HEADER.upper(), "row.header_again"),
        ("record_id;number;given names;surname;date of birth", "row.header_again"),
        ("record_id;;;;", "row.header_again"),
        ("record_id;personnummer;förnamn (forts.);efternamn;", "row.header_again"),
        ("---------;------;------;------;------", "row.rule"),
        ("====================================", "row.rule"),
        ("---------+------+------+------+------", "row.rule"),
        ("-;-;-;-;-", "row.rule"),
        ("_____;;;;", "row.rule"),
        ("Summa;;;6;", "row.footer"),
        ("Summa;;;;6", "row.footer"),
        ("Summa;2;;;", "row.footer"),
        ("SUMMA:;;;;", "row.footer"),
        ("Totalt;;;;", "row.footer"),
        ("Total: 6;;;;", "row.footer"),
        ("Antal rader: 6", "row.footer"),
        ("Antal personer;6;;;", "row.footer"),
        ("(2 rows affected)", "row.footer"),
        ("(2 rader påverkades)", "row.footer"),
        ("2 rows selected.", "row.footer"),
        ("1 row(s) returned;;;;", "row.footer"),
        ("-- end of file --", "row.footer"),
        ("*** Slut på filen ***;;;;", "row.footer"),
        ("Sida 1 av 3", "row.footer"),
        ("Sida 1 (3);;;;", "row.footer"),
        ("Page 2/3;;;;", "row.footer"),
        ("Utskriven 2026-03-31 av system X;;;;", "row.footer"),
        ("Completion time: 2026-03-31T10:00:00", "row.footer"),
        ("# kommentar", "row.footer"),
        (";;Summa;;", "row.footer"),
        (";Sida 1;;;", "row.footer"),
    ],
)
def test_rows_that_are_no_record(opened: Open, row: str, rule: str) -> None:
    file = opened(HEADER, "a-1;;Rut;Berg;", row, "2;;Bo;Ek;")
    assert told(file) == [(3, rule, "rejected")]
    assert ids(file) == ["a-1", "2"]


@pytest.mark.parametrize(
    "row",
    [
        "Summa;;Rut;;",
        "Summa;20110713-9980;;;",
        "Totalt;;;;1989",
        "Summa;;;Null;",
        "Sida 1;;;Ek;",
        "Total;;6;Ek;",
        "--17;;;Ek;",
        "summering-1;;;;",
        "Total-17;;;;",
        "sid-1;;;;",
        "17;Summa;;;",
    ],
)
def test_a_record_stays_one_whatever_its_id_is(opened: Open, row: str) -> None:
    file = opened(HEADER, row)
    assert (told(file), ids(file)) == ([], [row.split(";")[0]])


def test_the_header_again_with_columns_that_are_not_read(opened: Open) -> None:
    file = opened("record_id;number;personnummer;Anm", "1;;;x", "record_id;number;personnummer;Anm", "2;1;2;x")
    assert (told(file), ids(file)) == ([(3, "row.header_again", "rejected")], ["1", "2"])


def test_blank_rows_of_delimiters_are_not_even_counted(opened: Open) -> None:
    file = opened(HEADER, ";;;;", "1;;Rut;Berg;", '"";"";"";"";""', " ;\u00a0;\u200b;;", ";;;;;;;;;")
    assert (told(file), ids(file), file.evidence.n_rows) == ([], ["1"], 1)


def test_a_footer_in_place_of_records_leaves_a_header_only(opened: Open) -> None:
    file = opened("record_id|personnummer", "---------+-------------", "(0 rows)")
    assert file.header_only
    assert [rule for _, rule, _ in told(file)] == ["row.rule", "row.footer"]


def test_a_footer_without_line_end_is_no_cut_row(opened: Open) -> None:
    file = opened((HEADER + "\n1;;Rut;Berg;\n(1 rader påverkades)").encode())
    assert told(file) == [(3, "row.footer", "rejected")]


def test_rows_of_a_sheet(opened: Open) -> None:
    rows: list[tuple[Cell, ...]] = [
        ("record_id", "förnamn", "ålder"),
        ("1", "Rut", 6),
        ("record_id", "förnamn", "ålder"),
        ("Summa", None, 6),
        (None, "Sida 1 av 1", None),
        ("-----", None, None),
    ]
    file = opened(workbook(rows))
    assert [rule for _, rule, _ in told(file)] == ["row.header_again", "row.footer", "row.footer", "row.rule"]
    assert ids(file) == ["1"]


# Cells beyond the header, and lines in quotation marks.


def test_blank_cells_beyond_the_header_are_dropped(opened: Open) -> None:
    file = opened("record_id;förnamn;efternamn", "1;Rut;Berg;", "2;Bo;Ek;")
    assert (told(file), ids(file)) == ([], ["1", "2"])
    assert next(iter(file)).values == {"record_id": "1", "given_names": "Rut", "family_names": "Berg"}


def test_blank_cells_that_other_rows_have_not_are_marked(opened: Open) -> None:
    file = opened("record_id,förnamn,efternamn", "1,Rut,Berg", "2,Bo,Ek", "3, Eva, Maria,", "4,Bo,Ek,,,", "5,a,b,c,")
    assert told(file) == [
        (4, "row.spare_cells", "marked"),
        (5, "row.spare_cells", "marked"),
        (6, "row.columns", "rejected"),
    ]


def test_columns_without_a_name_at_the_end_of_the_header(opened: Open) -> None:
    file = opened("record_id;förnamn;;", "1;Rut;;", "2;Bo", "3;Eva;x", "4;Ida;;;;", "5;Åke;;;x", "6;Bo;", "7;Bo;;")
    assert ids(file) == ["1", "2", "3", "4", "6", "7"]
    assert told(file) == [(5, "row.spare_cells", "marked"), (6, "row.columns", "rejected")]


def test_a_row_with_fewer_cells_stays_broken(opened: Open) -> None:
    # The next line may be its rest.
    file = opened("record_id;förnamn;efternamn;kön", "1;Rut", "Maria;Berg;k", "2;Bo;Ek;m")
    assert told(file) == [(2, "row.columns", "rejected"), (3, "row.columns", "rejected")]


def test_lines_that_are_quoted_as_a_whole(opened: Open) -> None:
    file = opened('"record_id;förnamn;efternamn"', '"1;Rut;Berg"', '"2;""Bo; Lars"";Ek"')
    assert [dict(row.values) for row in file] == [
        {"record_id": "1", "given_names": "Rut", "family_names": "Berg"},
        {"record_id": "2", "given_names": "Bo; Lars", "family_names": "Ek"},
    ]
    assert told(file) == []
    assert file.notices == ("Each line was in quotation marks as a whole: they were removed.",)


def test_single_lines_that_are_quoted_as_a_whole_are_marked(opened: Open) -> None:
    file = opened("record_id;förnamn;efternamn", '"1;Rut, Eva;Berg"', "2;Bo;Ek", '"3;Bo"', '"4;a;b;c"')
    assert ids(file) == ["1", "2"]
    assert told(file) == [
        (2, "row.quoted_whole", "marked"),
        (4, "row.columns", "rejected"),
        (5, "row.columns", "rejected"),
    ]


def test_blanks_between_quotation_marks_and_delimiters(opened: Open) -> None:
    file = opened('"record_id" ; "förnamn" ;"efternamn" ', '"1" ; "Rut; Eva" ; "Berg" ', '"2";"Bo" x;"Ek"', "3;Bo;Ek")
    assert [dict(row.values) for row in file if not row.rejected] == [
        {"record_id": "1", "given_names": "Rut; Eva", "family_names": "Berg"},
        {"record_id": "3", "given_names": "Bo", "family_names": "Ek"},
    ]
    assert told(file) == [(3, "row.quoting", "rejected")]
