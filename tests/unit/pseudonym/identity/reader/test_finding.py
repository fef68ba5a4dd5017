"""The header is found below titles and notes and on any sheet; what is not certain is offered, never guessed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pseudonym.errors import InputError
from pseudonym.identity.reader import InputFile, open_input
from tests.unit.pseudonym.workbooks import Cell, workbook

HEADER = "record_id;personnummer;förnamn;efternamn\n"
ROWS = "1;;Rut;Berg\n2;;Bo;Ek\n"
READ = [
    {"record_id": "1", "given_names": "Rut", "family_names": "Berg"},
    {"record_id": "2", "given_names": "Bo", "family_names": "Ek"},
]

SHEET: list[tuple[Cell, ...]] = [
    ("record_id", "personnummer", "förnamn", "efternamn"),
    ("1", None, "Rut", "Berg"),
    ("2", None, "Bo", "Ek"),
]
NOTES: list[tuple[Cell, ...]] = [("Om denna fil",), ("Kontakt", "Anna Zvonimirovic")]

Open = Callable[..., InputFile]


@pytest.fixture
def opened(tmp_path: Path) -> Open:
    """Write a file and open it."""

    def opened(content: str | bytes, **options: Any) -> InputFile:
        path = tmp_path / "cases"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return open_input(path, **options)

    return opened


def values(file: InputFile) -> list[dict[str, object]]:
    return [dict(row.values) for row in file if not row.rejected]


def refusal(opened: Open, content: str | bytes, **options: Any) -> InputError:
    with pytest.raises(InputError) as caught:
        opened(content, **options)
    return caught.value


# Text.


@pytest.mark.parametrize(
    "above",
    [
        "Utdrag mars 2026\n",
        "Utdrag mars 2026\n\n\n",
        "Utdrag;2026;a;b;c;d;e\n",
        "Utdrag, gjort av Anna, Bo, Carl, Dan, Eva\n",
        "# skapad av systemet\n# rader: 2\n",
        "-- SELECT * FROM personer;\n",
        '"Utdrag\nav Anna"\n',
        "Enhet;Polisen\nPeriod;2026-03\n;;;\n",
        "Utdrag;;;\n",
        "sep=;\nUtdrag, mars\n",
    ],
)
def test_the_header_is_found_below_titles_and_notes(opened: Open, above: str) -> None:
    file = opened(above + HEADER + ROWS)
    line = above.count("\n") + 1
    assert values(file) == READ
    assert [row.line for row in file] == [line + 1, line + 2]
    assert file.notices == (f"The header is line {line}; what is above it was not read.",)


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("title", ["Utdrag 2026", "Utdrag;2026", '"Anna, Bo"', "a,b,c,d", "a|b|c|d|e|f"])
def test_the_delimiter_is_that_of_the_header_and_not_of_the_title(opened: Open, title: str, delimiter: str) -> None:
    content = f"{title}\n\n" + (HEADER + ROWS).replace(";", delimiter)
    if title.count(delimiter) == HEADER.count(";"):
        # It may be a record.
        assert refusal(opened, content).rule == "input.header_not_first"
        return
    file = opened(content)
    assert (values(file), getattr(file.source, "delimiter", None)) == (READ, delimiter)


def test_a_mapped_header_is_found_too(opened: Open) -> None:
    file = opened("Utdrag\n" + HEADER.replace("record_id", "Löpnr") + ROWS, columns={"record_id": "löpnr"})
    assert values(file) == READ


def test_blank_lines_above_the_header_are_no_title(opened: Open) -> None:
    assert opened("\n\n" + HEADER + ROWS).notices == ()
    assert opened("sep=;\n" + HEADER + ROWS).notices == ()


def test_records_above_the_header_are_not_left_out_in_silence(opened: Open) -> None:
    error = refusal(opened, "1;;Rut;Berg\n" + HEADER + "2;;Bo;Ek\n")
    assert (error.rule, error.row) == ("input.header_not_first", 2)
    assert "--header-row 2" in (error.hint or "")
    assert "Rut" not in f"{error} {error.hint} {vars(error)}"
    file = opened("1;;Rut;Berg\n" + HEADER + "2;;Bo;Ek\n", header_row=2)
    assert (values(file), file.notices) == (READ[1:], ())


def test_two_rows_that_may_be_the_header_are_offered(opened: Open) -> None:
    error = refusal(opened, "Utdrag\nrecord_id;kön\n1;k\n" + HEADER + ROWS)
    assert (error.rule, error.hint) == (
        "input.header_not_first",
        "Say which: --header-row 2 or --header-row 4. What is above it is not read.",
    )


def test_the_same_header_twice_is_one_header(opened: Open) -> None:
    file = opened("Sida 1\n" + HEADER + "1;;Rut;Berg\n" + HEADER + "2;;Bo;Ek\n")
    assert values(file) == READ


def test_a_row_with_the_word_alone_is_offered_only(opened: Open) -> None:
    error = refusal(opened, "a;b\nrecord_id;Anna\n")
    assert (error.rule, error.row) == ("input.header_not_first", 2)


@pytest.mark.parametrize(("content", "row"), [(HEADER + "\n" + ROWS, 2), (HEADER + ROWS, 9), ("", 1)])
def test_a_header_row_that_is_blank_or_beyond_the_end(opened: Open, content: str, row: int) -> None:
    error = refusal(opened, content, header_row=row)
    assert (error.rule, error.row) in {("input.header_row", row), ("input.empty", None)}
    assert (error.rule == "input.empty") == (not content)


def test_a_header_without_the_column_of_ids_is_named(opened: Open) -> None:
    for above in ("", "Utdrag\n"):
        error = refusal(opened, above + HEADER.replace("record_id", "Löpnr") + ROWS)
        row = 1 + len(above.splitlines())
        assert (error.rule, error.row) == ("input.no_record_id_column", row)
        assert error.hint == f"Row {row} is the header. Name its column with your own ids: --column record_id=Löpnr."
    error = refusal(opened, HEADER.replace("record_id", "Zvonimirovic") + ROWS)
    assert error.hint == "Row 1 is the header. Name its column with your own ids: --column record_id=HEADER."


def test_a_file_without_header_gets_no_misleading_advice(opened: Open) -> None:
    error = refusal(opened, ROWS)
    assert error.rule == "input.no_record_id_column"
    assert (error.hint or "").startswith("No header was recognised among the first rows.")


def test_a_second_header_with_other_columns_is_refused(opened: Open) -> None:
    error = refusal(opened, HEADER + ROWS + "record_id;kön;födelsedatum;kommun\n3;k;2001;x\n")
    assert (error.rule, error.row) == ("input.second_header", 4)


# Workbooks.


@pytest.mark.parametrize("above", [[("Utdrag mars",)], [("Utdrag",), ()], [("Enhet", "Polisen"), ("Period", "2026")]])
def test_the_header_is_found_below_rows_of_a_sheet(opened: Open, above: list[tuple[Cell, ...]]) -> None:
    file = opened(workbook([*above, *SHEET]))
    row = len(above) + 1
    assert values(file) == READ
    assert file.notices == (f"The header is row {row}; what is above it was not read.",)
    assert [one.line for one in file] == [row + 1, row + 2]


def test_the_sheet_with_the_header_is_found(opened: Open) -> None:
    file = opened(workbook(NOTES, others=[("Zvonimirovic", "visible", [("Mars",), *SHEET])]))
    assert values(file) == READ
    assert file.notices == (
        "Read sheet 2 of 2, which has the header; --sheet NAME reads another.",
        "The header is row 2; what is above it was not read.",
    )


def test_an_empty_first_sheet_is_passed_over(opened: Open) -> None:
    assert values(opened(workbook([], others=[("Data", "visible", SHEET)]))) == READ


def test_a_sheet_with_a_header_only_is_a_template(opened: Open) -> None:
    assert values(opened(workbook(SHEET[:1], others=[("Data", "visible", SHEET)]))) == READ
    assert values(opened(workbook(SHEET, others=[("Data", "visible", SHEET[:1])]))) == READ
    assert opened(workbook(SHEET[:1], others=[("Data", "visible", SHEET[:1])])).header_only


def test_two_sheets_with_records_are_never_half_read(opened: Open) -> None:
    content = workbook(SHEET, others=[("Zvonimirovic", "visible", SHEET)])
    error = refusal(opened, content)
    assert error.rule == "input.several_sheets"
    assert "--sheet 1 or --sheet 2" in (error.hint or "")
    assert "Zvonimirovic" not in f"{error} {error.hint} {vars(error)}"
    for sheet in ("2", "zvonimirovic "):
        file = opened(content, sheet=sheet)
        assert (values(file), file.notices) == (READ, ())


def test_a_header_without_the_column_of_ids_is_named_with_its_sheet_where_others_have_one(opened: Open) -> None:
    without = [("Löpnr", *SHEET[0][1:]), *SHEET[1:]]
    content = workbook(NOTES, others=[("Mars", "visible", without), ("April", "visible", without)])
    hint = "Row 1 of sheet 2 is the header. Name its column with your own ids: --column record_id=Löpnr."
    assert refusal(opened, content).hint == hint
    assert refusal(opened, content, sheet="2").hint == hint.replace(" of sheet 2", "")


def test_the_name_of_a_sheet_goes_before_a_number(opened: Open) -> None:
    content = workbook(NOTES, others=[("1", "visible", SHEET)])
    assert values(opened(content, sheet="1")) == READ


@pytest.mark.parametrize("sheet", ["Fel", "0", "4", "-1"])
def test_a_wrong_name_of_a_sheet_is_answered_by_the_list(opened: Open, sheet: str) -> None:
    others = [("Zvonimirovic", "visible", SHEET), ("Ärenden 2026", "hidden", SHEET)]
    error = refusal(opened, workbook([], others=others), sheet=sheet)
    assert (error.rule, error.hint) == (
        "input.no_such_sheet",
        "Its sheets: 1 (Persons, empty); 2 (header in row 1); 3 (Ärenden 2026, hidden, header in row 1). "
        "Choose one by name or number: --sheet 2.",
    )


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Blad1", True),
        ("Sheet 12", True),
        ("2026", True),
        ("Ärenden mars 2026", True),
        ("Kvartal 1", True),
        ("Anna", False),
        ("Berg 2026", False),
        ("20110713-9980", False),
        ("110713", False),
    ],
)
def test_only_usual_names_of_sheets_are_shown(opened: Open, name: str, shown: bool) -> None:
    hint = refusal(opened, workbook(SHEET, others=[(name, "visible", NOTES)]), sheet="x").hint or ""
    assert (name in hint) == shown


def test_the_header_on_another_sheet_than_the_chosen_one(opened: Open) -> None:
    for state in ("visible", "hidden"):
        content = workbook(NOTES, others=[("Zvonimirovic", state, SHEET)])
        error = refusal(opened, content, sheet="1")
        assert (error.rule, error.hint) == ("input.no_record_id_column", "Another sheet has the header: --sheet 2.")
    # A hidden sheet is offered and never read of its own accord.
    assert refusal(opened, content).hint == "Another sheet has the header: --sheet 2."


def test_merged_cells_of_a_title_are_no_reason_for_a_note(opened: Open) -> None:
    for merged, n_notices in (("A1:D1", 1), ("A1:D2", 1), ("C3:C4", 2)):
        after = f'<mergeCells count="1"><mergeCell ref="{merged}"/></mergeCells>'
        assert len(opened(workbook([("Utdrag",), *SHEET], after=after)).notices) == n_notices


def test_a_header_without_ids_is_seen_in_the_list_of_sheets(opened: Open) -> None:
    rows: list[tuple[Cell, ...]] = [("Utdrag",), ("Löpnr", *SHEET[0][1:]), *SHEET[1:]]
    error = refusal(opened, workbook(NOTES, others=[("Data", "visible", rows)]), sheet="Fel")
    assert error.hint == "Its sheets: 1 (Persons); 2 (Data, header in row 2). Choose one by name or number: --sheet 2."
    error = refusal(opened, workbook(NOTES, others=[("Data", "visible", rows)]), sheet="1")
    assert error.hint == "Another sheet has the header: --sheet 2."


def test_a_row_that_may_be_the_header_is_offered_with_its_sheet(opened: Open) -> None:
    rows: list[tuple[Cell, ...]] = [("1", None, "Rut", "Berg"), *SHEET]
    error = refusal(opened, workbook(NOTES, others=[("Data", "visible", rows)]))
    assert (error.rule, error.row) == ("input.header_not_first", 2)
    assert "--sheet 2 --header-row 2" in (error.hint or "")


def test_the_row_of_the_header_by_option(opened: Open) -> None:
    content = workbook([("Utdrag",), (), *SHEET])
    assert values(opened(content, header_row=3)) == READ
    assert opened(content, header_row=3).notices == ()
    for row in (2, 40):
        error = refusal(opened, content, header_row=row)
        assert (error.rule, error.row) == ("input.header_row", row)
    assert refusal(opened, content, header_row=1).rule == "input.no_record_id_column"


def test_a_damaged_sheet_that_is_not_read_does_no_harm(opened: Open) -> None:
    content = workbook(
        SHEET, others=[("Data", "visible", NOTES)], replace={"xl/worksheets/sheet2.xml": "<worksheet><row></worksheet>"}
    )
    assert values(opened(content)) == READ
    assert refusal(opened, content, sheet="2").rule == "input.workbook"


def test_headers_are_shown_also_if_all_are_named(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    path.write_text("L\u00f6pnr;Personnummer;F\u00f6rnamn;Anteckning\n1;20110713-9824;Rut;x\n", encoding="utf-8")
    named = {"record_id": "L\u00f6pnr", "number": "Personnummer", "given_names": "F\u00f6rnamn"}
    file = open_input(path, columns=named)
    assert file.columns.headers == named
    assert file.unused_columns == ("Anteckning",)


@pytest.mark.parametrize(
    "title", ["K\u00f6n (K/M)", "K\u00f6n (kvinna/man/annat)", "K\u00f6n (obligatoriskt)", "Gender (M/F)"]
)
def test_values_beside_a_header_are_no_part_of_it(tmp_path: Path, title: str) -> None:
    path = tmp_path / "cases.csv"
    path.write_text(f"record_id;given_names;{title}\n1;Rut;K\n", encoding="utf-8")
    assert open_input(path).columns.positions["sex"] == 2


@pytest.mark.parametrize("title", ["K\u00f6n (anm\u00e4lare)", "F\u00f6rnamn (mor/far)"])
def test_headers_of_other_persons_are_not_guessed(tmp_path: Path, title: str) -> None:
    path = tmp_path / "cases.csv"
    path.write_text(f"record_id;given_names;{title}\n1;Rut;K\n", encoding="utf-8")
    assert open_input(path).unused_columns == (title,)
