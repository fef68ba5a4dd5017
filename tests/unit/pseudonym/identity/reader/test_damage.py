"""What spreadsheets do to values: each damage is recognised by what the column means, mended if certain, else named."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import pseudonym
from pseudonym.faults import RULES
from pseudonym.identity.numbers import is_valid
from pseudonym.identity.reader import DateColumn, InputFile, open_input
from pseudonym.identity.reader.dates import date_of_serial, read_date
from pseudonym.identity.reader.workbook import number_text

LEFT_OUT = {"date.order", "date.two_digit_year", "date.time_unclear", "damage.serial"}
"""The rules by which a date is left out."""

ANY_DAY = date(2099, 12, 31)

WITH_ZEROS = ("0901282392", "0110139985")
"""Numbers of persons born in the first decade: test numbers by their date and check digit, of nobody."""


def with_check_digit(nine: str) -> str:
    """Add Luhn's check digit, reckoned here and not by the library."""
    total = sum(sum(divmod(int(digit) * (2 - place % 2), 10)) for place, digit in enumerate(nine))
    return nine + str(-total % 10)


@pytest.fixture
def opened(tmp_path: Path):
    """Write a file and open it."""

    def opened(*lines: str, **options) -> InputFile:
        path = tmp_path / "cases.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return open_input(path, **options)

    return opened


def values(file: InputFile, field: str) -> list[object]:
    return [row.values.get(field) for row in file]


def notes(file: InputFile) -> list[tuple[int, str, str, str]]:
    return [(row.line, fault.field, fault.rule, fault.effect) for row in file for fault in row.faults]


# Numbers.


@pytest.mark.parametrize("nine", ["090128239", "010713998", "100229123"])
def test_nine_digits_get_their_zero_back_if_that_makes_them_valid(opened, nine):
    whole = with_check_digit(nine)
    damaged = whole.lstrip("0")
    file = opened("record_id;number", f"1;{damaged}")
    if len(damaged) == 9 and is_valid(whole, reference_date=ANY_DAY):
        assert values(file, "number") == [whole]
        assert notes(file) == [(2, "number", "damage.zero_restored", "marked")]
    else:
        assert values(file, "number") == [damaged]


@pytest.mark.parametrize("damaged", ["901282393", "999999999", "99999999999", "19900101239"])
def test_what_no_zero_makes_valid_is_named_and_stays(opened, damaged):
    file = opened("record_id;number", f"1;{damaged}")
    assert values(file, "number") == [damaged]
    assert notes(file) == [(2, "number", "damage.zero_lost", "marked")]


@pytest.mark.parametrize(
    "text", ["0901282392", "090128-2392", "90128-2392", "200901282392", "12345678", "1234567", "x"]
)
def test_other_lengths_stay_as_they_are(opened, text):
    file = opened("record_id;number", f"1;{text}")
    assert (values(file, "number"), notes(file)) == ([text], [])


def test_a_number_whose_type_is_named_keeps_its_nine_digits(opened):
    file = opened("record_id;number;number_type", "1;901282392;dossier", "2;901282392;Personnummer", "3;901282392;")
    assert values(file, "number") == ["901282392", "0901282392", "0901282392"]


def test_types_are_named_place_by_place(opened):
    file = opened("record_id;number;number_type", "1;901282392|901282392;|dossier", separator="|")
    assert values(file, "number") == [("0901282392", "901282392")]
    assert notes(file) == [(2, "number", "damage.zero_restored", "marked")]
    file = opened("record_id;number;number_2;number_type", "1;901282392;901282392;dossier")
    assert values(file, "number") == [("901282392", "0901282392")]
    assert notes(file) == [(2, "number_2", "damage.zero_restored", "marked")]


def children_of_2000(n: int) -> list[str]:
    """Numbers that lose two or three zeros, beside which those of other years show how the column is written."""
    return [
        with_check_digit(f"{(date(2000, 1, 2) + timedelta(days=31 * place)):%y%m%d}{place + 100}") for place in range(n)
    ]


def test_seven_and_eight_digits_are_mended_in_a_column_of_ten_only(opened):
    tens = [with_check_digit(f"{(date(1985, 1, 1) + timedelta(days=place)):%y%m%d}123") for place in range(12)]
    short = [whole.lstrip("0") for whole in children_of_2000(11)]
    assert {len(text) for text in short} == {7, 8}
    rows = [f"{place};{text}" for place, text in enumerate([*tens, *short])]
    assert values(opened("record_id;number", *rows), "number") == [*tens, *children_of_2000(11)]
    # One number of another kind among them, and nothing is certain any more.
    rows.append("x;7654321")
    assert values(opened("record_id;number", *rows), "number") == [*tens, *short, "7654321"]
    # The same without a column that shows how it is written.
    assert values(opened("record_id;number", *rows[12:-1]), "number") == short


@pytest.mark.parametrize("text", ["1,99E+11", "1.99E+11", "1,99001E+11", "2E+11", "2e+11", "1.E+11"])
@pytest.mark.parametrize("field", ["number", "foreign_number", "case_id", "report_id"])
def test_amounts_are_left_out(opened, text, field):
    file = opened(f"record_id;given_names;{field}", f"1;Anna;{text}")
    assert values(file, field) == [None]
    assert notes(file) == [(2, field, "damage.exponent", "left out")]


def test_an_amount_for_a_record_id_rejects_the_row(opened):
    file = opened("record_id;given_names", "1,99E+11;Anna")
    assert [(fault.field, fault.rule) for row in file for fault in row.faults] == [("record_id", "damage.exponent")]


@pytest.mark.parametrize("text", ["1E5", "12E+11", "AE+11", "1.2E-5", "E+11", "1,99E+1"])
def test_ids_with_an_e_are_no_amounts(opened, text):
    assert values(opened("record_id;case_id", f"{text};{text}"), "case_id") == [text]


@pytest.mark.parametrize("text", ["199001012392.0", "199001012392,0", "199001012392.00"])
@pytest.mark.parametrize("field", ["number", "foreign_number"])
def test_decimals_of_a_number_are_removed_and_marked(opened, text, field):
    file = opened(f"record_id;{field}", f"1;{text}")
    assert values(file, field) == ["199001012392"]
    assert notes(file) == [(2, field, "damage.decimals", "marked")]


def test_decimals_and_a_lost_zero(opened):
    file = opened("record_id;number", "1;901282392.0")
    assert values(file, "number") == ["0901282392"]
    assert notes(file) == [(2, "number", "damage.zero_restored", "marked")]


@pytest.mark.parametrize("text", ["'0901282392", '="0901282392"'])
def test_signs_that_protect_digits_are_taken_off(opened, text):
    assert values(opened("record_id;number", f"1;{text}"), "number") == ["0901282392"]
    assert values(opened("record_id;family_names", "1;'t Hooft"), "family_names") == ["'t Hooft"]


# Text, codes, words of spreadsheets.


@pytest.mark.parametrize(("length", "marked"), [(254, False), (255, True), (256, False)])
@pytest.mark.parametrize("field", ["given_names", "family_names", "name_of_address"])
def test_names_of_just_the_length_at_which_text_is_cut(opened, length, marked, field):
    name = ("Anna " * 60)[: length - 1] + "x"
    file = opened(f"record_id;{field}", f"1;{name}")
    assert values(file, field) == [name]
    assert notes(file) == ([(2, field, "damage.cut", "marked")] if marked else [])


@pytest.mark.parametrize("text", ["#N/A", "#REF!", "#SAKNAS!", "#VÄRDEFEL!", "#NAMN?", "########", "#DIVISION/0!"])
@pytest.mark.parametrize("field", ["number", "given_names", "birth_date", "sex", "role", "country"])
def test_spreadsheet_errors_are_not_values(opened, text, field):
    file = opened(f"record_id;{field}", f"1;{text}", items=("country",))
    assert values(file, field) == [None]
    assert notes(file) == [(2, field, "damage.error", "left out")]


@pytest.mark.parametrize("text", ["#1", "##", "# 12", "#N"])
def test_other_texts_with_a_number_sign_stay(opened, text):
    assert values(opened("record_id;case_id", f"1;{text}"), "case_id") == [text]


# Dates.


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2008-03-05", "2008-03-05"),
        ("20080305", "2008-03-05"),
        ("2008/03/05", "2008-03-05"),
        ("2008.3.5", "2008-03-05"),
        ("2008-3-5", "2008-03-05"),
        ("2008 03 05", "2008-03-05"),
        ("2008-03-05 00:00:00", "2008-03-05"),
        ("2008-03-05T12:59:59.999Z", "2008-03-05"),
        ("2008-03-05 23:59:59", "2008-03-05"),
        ("2008-03-05 14.30", "2008-03-05"),
        ("25.03.2008", "2008-03-25"),
        ("25/3/2008 00:00", "2008-03-25"),
        ("03-25-2008", "2008-03-25"),
        ("05.05.2008", "2008-05-05"),
        ("5 mars 2008", "2008-03-05"),
        ("den 5 mars 2008", "2008-03-05"),
        ("5:e maj 2008", "2008-05-05"),
        ("5 okt. 2008", "2008-10-05"),
        ("March 5, 2008", "2008-03-05"),
        ("5-Mar-2008", "2008-03-05"),
        ("2008\u201103\u201105", "2008-03-05"),
        ("25/3 2008", "2008-03-25"),
        ("25-3 2008", "2008-03-25"),
        ("2008-03", "2008-03"),
        ("2008-3", "2008-03"),
        ("2008/03", "2008-03"),
        ("3/2008", "2008-03"),
        ("03-2008", "2008-03"),
        ("mars 2008", "2008-03"),
        ("Mar-2008", "2008-03"),
        ("2008 mars", "2008-03"),
        ("2008", "2008"),
        ("2008~", "2008~"),
        ("2008-03-00", "2008-03-00"),
        ("2008-02-30", "2008-02-30"),
        ("20081301", "20081301"),
        ("31.02.2008", "31.02.2008"),
        ("5 smurf 2008", "5 smurf 2008"),
        ("smurf 2008", "smurf 2008"),
        ("13/2008", "13/2008"),
        ("0/2008", "0/2008"),
        ("2008.3", "2008.3"),
        ("mars 1066", "mars 1066"),
        ("hello", "hello"),
    ],
)
def test_dates_that_are_certain_by_themselves(opened, text, iso):
    file = opened("record_id;birth_date", f"1;{text}")
    assert (values(file, "birth_date"), notes(file)) == ([iso], [])


@pytest.mark.parametrize("text", ["05.03.2008", "05/03/2008", "5-3-2008", "5/3 2008"])
@pytest.mark.parametrize("field", ["birth_date", "event_date", "report_date"])
def test_a_date_alone_has_no_order(opened, text, field):
    file = opened(f"record_id;{field}", f"1;{text}")
    assert values(file, field) == [None]
    assert notes(file) == [(2, field, "date.order", "left out")]
    assert values(opened(f"record_id;{field}", f"1;{text}", date_order="dmy"), field) == ["2008-03-05"]
    assert values(opened(f"record_id;{field}", f"1;{text}", date_order="mdy"), field) == ["2008-05-03"]


def rows(*dates: str) -> list[str]:
    return ["record_id;birth_date", *(f"{place};{text}" for place, text in enumerate(dates))]


def test_the_column_decides_the_order(opened):
    file = opened(*rows("05.03.2008", "25.03.2008", "31.12.2007"))
    assert values(file, "birth_date") == ["2008-03-05", "2008-03-25", "2007-12-31"]
    assert "day first, since 2 of them can be read no other way" in file.notices[0]
    file = opened(*rows("05/03/2008", "03/25/2008", "12/31/2007"))
    assert values(file, "birth_date") == ["2008-05-03", "2008-03-25", "2007-12-31"]
    assert "month first" in file.notices[0]


def test_each_column_decides_for_itself(opened):
    lines = [
        "record_id;birth_date;event_date",
        "1;25.03.2008;05/03/2026",
        "2;26.03.2008;03/25/2026",
        "3;01.02.2008;12/31/2025",
    ]
    file = opened(*lines)
    assert values(file, "birth_date") == ["2008-03-25", "2008-03-26", "2008-02-01"]
    assert values(file, "event_date") == ["2026-05-03", "2026-03-25", "2025-12-31"]


def test_one_date_decides_nothing_for_others(opened):
    file = opened(*rows("05.03.2008", "25.03.2008"))
    assert values(file, "birth_date") == [None, "2008-03-25"]


def test_few_dates_decide_nothing_for_many(opened):
    file = opened(*rows("25.03.2008", "26.03.2008", *["05.03.2008"] * 30))
    assert values(file, "birth_date").count(None) == 30


def test_dates_that_contradict_each_other_decide_nothing(opened):
    file = opened(*rows("05.03.2008", "25.03.2008", "26.03.2008", "03/27/2008"))
    assert values(file, "birth_date") == [None, "2008-03-25", "2008-03-26", "2008-03-27"]
    assert "do not show which part is the day" in file.notices[0]


@pytest.mark.parametrize("text", ["080305", "08-03-05", "05/03/08", "5.3.08"])
def test_a_year_of_two_digits_is_not_guessed(opened, text):
    file = opened("record_id;birth_date", f"1;{text}", date_order="dmy")
    assert notes(file) == [(2, "birth_date", "date.two_digit_year", "left out")]


@pytest.mark.parametrize("text", ["39512", "39512.0", "39512,75"])
def test_a_serial_in_a_text_is_named(opened, text):
    file = opened(*rows("2008-03-05", text, text, text))
    assert [note[1:] for note in notes(file)] == [("birth_date", "damage.serial", "left out")] * 3


def test_serials_in_a_workbook_are_mended_if_the_column_is_of_dates(tmp_path):
    from tests.unit.pseudonym.workbooks import DATE, workbook

    def read(*cells, **options):
        path = tmp_path / "x.xlsx"
        table = [("record_id", "birth_date"), *((str(place), value) for place, value in enumerate(cells))]
        path.write_bytes(workbook(table, **options))
        file = open_input(path)
        return values(file, "birth_date"), {note[2] for note in notes(file)}

    day = (f"style {DATE}", 39513)
    assert read(day, 39512) == (["2008-03-06", "2008-03-05"], {"damage.serial_restored"})
    assert read(39512, 39513, 39514) == (["2008-03-05", "2008-03-06", "2008-03-07"], {"damage.serial_restored"})
    assert read(38050, 38051, 38052, epoch_1904=True)[0] == ["2008-03-05", "2008-03-06", "2008-03-07"]
    assert read(39512) == ([None], {"damage.serial"})
    assert read(day, 39512, "soon") == (["2008-03-06", None, "soon"], {"damage.serial"})
    # A word for a missing value says nothing about the column.
    assert read(day, 39512, "unknown")[0] == ["2008-03-06", "2008-03-05", "unknown"]


@given(day=st.dates(date(1900, 3, 1), date(2100, 12, 31)))
def test_serials_count_days(day):
    serial = (day - date(1900, 3, 1)).days + 61
    assert date_of_serial(serial, epoch_1904=False) == day.isoformat()
    if day >= date(1904, 1, 1):
        assert date_of_serial(serial - 1462, epoch_1904=True) == day.isoformat()


@pytest.mark.parametrize("serial", [-1, 0, 0.5, 60, 60.9, 2_958_466, 1e300])
def test_serials_outside_the_calendar_are_no_date(serial):
    assert date_of_serial(serial, epoch_1904=False) is None


@given(day=st.dates(date(1850, 1, 1), date(2100, 12, 31)), sign=st.sampled_from("-/. "))
def test_a_date_is_read_in_every_form_of_a_column_that_decides(day, sign):
    column = DateColumn()
    for text in ("25.03.2008", "26.03.2008", "27.03.2008"):
        column.add(text)
    forms = [day.strftime(f"%Y{sign}%m{sign}%d"), day.strftime(f"%d{sign}%m{sign}%Y"), day.strftime("%Y%m%d")]
    assert [read_date(text, column) for text in forms] == [(day.isoformat(), None)] * 3


@given(text=st.text(max_size=20))
def test_any_text_is_a_date_or_stays(text):
    column = DateColumn()
    if text.strip():
        column.add(text)
        found, rule = read_date(text, column)
        assert rule in {None, "date.time_zone", *LEFT_OUT}
        assert rule in {None, "date.time_zone"} or found == text


# How cells are shown.


@pytest.mark.parametrize(
    ("code", "value", "text"),
    [
        ("General", "901282392", "901282392"),
        ("Standard", "39512", "39512"),
        ("0", "39512", "39512"),
        ("000000-0000", "901282392", "090128-2392"),
        ("000000\\-0000", "901282392", "090128-2392"),
        ('000000"-"0000', "901282392", "0901282392"),
        ("00000000-0000;@", "200901282392", "20090128-2392"),
        ("0000000000", "199001012392", "199001012392"),
        ("0000000000", "-5", "-5"),
        ("#,##0", "901282392", "901282392"),
        ("0.00E+00", "199001012392", "199001012392"),
        ("[Red]0;[Blue]0", "39512", "39512"),
        ('0 "dagar"', "39512", "39512"),
        ("General", "1.5", "1.5"),
        ("General", "1e400", "inf"),
    ],
)
def test_cells_are_shown_as_their_format_says(code, value, text):
    assert number_text(float(value), code) == text
    if value.lstrip("-").isdecimal():
        assert number_text(int(value), code) == text


# What is said of it.

RULE = re.compile(r'"((?:birth_date|damage|date|identity|name|number|number_level|number_type|row|sex)\.[a-z_]+)"')


def test_every_rule_has_a_meaning_for_people():
    package = Path(pseudonym.__file__).parent
    sources = [path for path in package.rglob("*.py") if path.parent.name != "audit"]
    used = {rule for path in sources for rule in RULE.findall(path.read_text(encoding="utf-8"))}
    assert used - set(RULES) == set()
