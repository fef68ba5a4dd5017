"""Neighbours of bad input that people have reported are read right or named, as file, workbook and data frame alike."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyarrow as pa
import pytest

from pseudonym import load_codebook
from pseudonym.codebook import Answer, CellReader
from pseudonym.encode import Encoder
from pseudonym.errors import InputError
from pseudonym.faults import Fault
from pseudonym.identity.reader.records import read_records
from pseudonym.keyed import LinkageKey
from pseudonym.wire import read_submission

pytestmark = pytest.mark.whole

Rows = list[dict[str, Any]]
Rules = set[tuple[str | None, str]]


def faults_of(source: object) -> list[Fault]:
    encoder = Encoder(LinkageKey.generate(project="test", epoch=1), reporter="police", codebook="case-registry")
    return list(encoder.encode(source, on_fault="ignore").faults)


def text_file(folder: Path, rows: Rows, *, encoding: str = "utf-8") -> Path:
    path = folder / "cases.csv"
    lines = [";".join(rows[0]), *(";".join("" if cell is None else str(cell) for cell in row.values()) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding=encoding)
    return path


def book(folder: Path, rows: Rows) -> Path:
    made = openpyxl.Workbook()
    for line in [list(rows[0]), *(list(row.values()) for row in rows)]:
        made.active.append(line)
    made.save(folder / "cases.xlsx")
    return folder / "cases.xlsx"


def in_each_form(folder: Path, rows: Rows) -> list[Rules]:
    """Return the faults of the first row, which a text file, a workbook and a data frame must share."""
    found = []
    for source, first in (
        (text_file(folder, rows), 2),
        (book(folder, rows), 2),
        (pd.DataFrame(rows), 1),
    ):
        found.append({(fault.field, fault.rule) for fault in faults_of(source) if fault.row == first})
    return found


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        # No id, in words.
        ("case_id", "ej \u00e4rende", "value.placeholder"),
        ("case_id", "inget diarienr", "value.placeholder"),
        ("case_id", "TBD", "value.placeholder"),
        ("case_id", "xxx", "value.placeholder"),
        ("case_id", "00000", "value.placeholder"),
        ("report_id", "ospecificerat", "value.placeholder"),
        ("report_id", "[]", "value.placeholder"),
        ("case_id", "Ingen-12", None),
        ("case_id", "Nordstan", None),
        # A birth date in place of a number, with a word.
        ("number", "f. 110713", "value.placeholder"),
        ("number", "f\u00f6dd 2011-07-13", "value.placeholder"),
        ("number", "ca 2011", "value.placeholder"),
        ("number", "20110713-ok\u00e4nd", "value.placeholder"),
        ("number", "110713 (f)", "value.placeholder"),
        ("number", "20110713T000000", "value.placeholder"),
        ("number", "201107139824", None),
        ("number", "110713-TF12", None),
        # A number beside its system.
        ("number", "1.2.752.129.2.1.3.1:201107139824", None),
        ("number", "urn:oid:1.2.752.129.2.1.3.1:201107139824", None),
        ("number", "201107139824@1.2.752.129.2.1.3.1", None),
        ("number", "http://electronichealth.se/identifier/personnummer/201107139824", None),
        ("number", "1.2.3.4:201107139824", "number.form"),
        # Letters that were lost.
        ("given_names", "S_derb_ck", "damage.letters"),
        ("given_names", "S0der", "damage.letters"),
        ("given_names", "\u2021sa", "damage.letters"),
        ("given_names", "S+APY-der", "damage.escaped"),
        ("given_names", "Rut-Maria 2", None),
        ("family_names", "undefined", "value.placeholder"),
        # Times.
        ("event_date", "/Date(1773010800000)/", "date.unix_time"),
        ("birth_date", "20110712220000Z", "date.time_zone"),
        # Ages and words of a codebook.
        ("age_at_event", "ca 10", "codebook.age_band"),
        ("age_at_event", "omkring 18", "codebook.unknown_code"),
        ("citizenship", "svenskt", "codebook.label"),
        ("sex_reported", "dam", "codebook.label"),
    ],
)
def test_a_value_is_read_or_named_alike_in_each_form(tmp_path: Path, field: str, value: str, rule: str | None) -> None:
    row = {"record_id": "r-1", "given_names": "Rut", "birth_date": "2011-07-13", field: value}
    expected = set() if rule is None else {(field, rule)}
    found = in_each_form(tmp_path, [row])
    assert [{one for one in rules if one[0] == field} for rules in found] == [expected] * 3


def test_a_unix_time_is_a_date_in_each_form(tmp_path: Path) -> None:
    rows = [{"record_id": "a", "given_names": "Rut", "birth_date": 575420400}]
    assert in_each_form(tmp_path, rows) == [{("birth_date", "date.unix_time")}] * 3


def test_a_date_in_place_of_an_id_is_named_in_each_form(tmp_path: Path) -> None:
    rows = [{"record_id": datetime(2026, 3, 12), "given_names": "Rut", "birth_date": date(2011, 7, 13)}]
    assert in_each_form(tmp_path, rows) == [{("record_id", "damage.id")}] * 3


def test_the_header_again_without_that_of_the_ids(tmp_path: Path) -> None:
    rows = [
        {"record_id": "1", "given_names": "Rut", "family_names": "Berg"},
        {"record_id": "id", "given_names": "Given names", "family_names": "Surname"},
        {"record_id": "2", "given_names": "Namn", "family_names": "Ek"},
    ]
    found = [(fault.row, fault.rule) for fault in faults_of(text_file(tmp_path, rows))]
    assert (3, "row.header_again") in found
    assert (4, "row.header_again") not in found


@pytest.mark.parametrize("encoding", ["cp1251", "iso8859_7"])
def test_letters_of_another_script_in_one_byte_are_refused(tmp_path: Path, encoding: str) -> None:
    name = {"cp1251": "\u0418\u0440\u0438\u043d\u0430", "iso8859_7": "\u0395\u03bb\u03b5\u03bd\u03b7"}[encoding]
    path = text_file(tmp_path, [{"record_id": "1", "given_names": name, "birth_date": "2011"}], encoding=encoding)
    with pytest.raises(InputError) as caught:
        faults_of(path)
    assert caught.value.rule == "input.encoding"


def test_an_estimate_is_the_narrowest_band_that_has_all_of_it(tmp_path: Path) -> None:
    encoder = Encoder(LinkageKey.generate(project="test", epoch=1), reporter="police", codebook="case-registry")
    ages = {"ca 10": "7-12", "~33": "30-39", "cirka 15 \u00e5r": "child", "about 18": None}
    rows = [{"record_id": f"r{n}", "given_names": "Rut", "age_at_event": age} for n, age in enumerate(ages)]
    encoder.write(tmp_path / "out.parquet", rows, period="2026-03", on_fault="ignore")
    book_ = load_codebook("case-registry")
    submission = read_submission(tmp_path / "out.parquet", profile=encoder.profile, codebook=book_)
    sent = {case["record_id"]: case["payload.age_at_event"] for case in submission.cases.to_pylist()}
    assert [sent[f"r{n}"] for n in range(len(ages))] == list(ages.values())


def test_a_span_is_the_narrowest_band_that_has_all_of_it() -> None:
    reader = CellReader(load_codebook("case-registry"))
    spans = {
        "10-12": "7-12",
        "13-14 \u00e5r": "13-15",
        "10 till 14": "child",
        "12,5 \u00e5r": "7-12",
        "10-40": None,
        "26+": "adult",
    }
    assert {span: reader.read("age_at_event", [span]).value for span in spans} == spans


def test_categories_are_read_as_their_text() -> None:
    categories = pa.DictionaryArray.from_arrays(
        pa.array([0, 1, None], pa.uint32()), pa.array(["dam", "D"], pa.string_view())
    )
    table = pa.table({"record_id": ["a", "b", "c"], "given_names": ["Rut"] * 3, "sex": categories})
    assert [(fault.row, fault.rule) for fault in faults_of(table)] == [(2, "sex.unknown")]


@pytest.mark.parametrize(
    "cell",
    [
        "1) Barn\u00e4ktenskap 2) K\u00f6nsstympning",
        "a) Barn\u00e4ktenskap b) K\u00f6nsstympning",
        "- Barn\u00e4ktenskap - K\u00f6nsstympning",
        "\u2022 Barn\u00e4ktenskap \u2022 K\u00f6nsstympning",
        "1. Barn\u00e4ktenskap, 2. K\u00f6nsstympning",
        "1. Barn\u00e4ktenskap\n2. K\u00f6nsstympning",
    ],
)
def test_a_list_in_a_cell_is_its_values(cell: str) -> None:
    reader = CellReader(load_codebook("case-registry"))
    assert reader.read("purpose", [cell]) == Answer("child_marriage genital_mutilation", (), ("codebook.label",))


@pytest.mark.parametrize("cell", ["1) Barn\u00e4ktenskap 2) mer", "1) mer", "1)", "Barn 1) 2)"])
def test_a_list_of_other_things_is_none(cell: str) -> None:
    assert CellReader(load_codebook("case-registry")).read("purpose", [cell]).value in {None, "child_marriage"}
    assert CellReader(load_codebook("case-registry")).read("purpose", [cell]).left_out


@pytest.mark.parametrize(
    ("number", "sex", "marked"),
    [
        ("201107139824", "man", True),
        ("20110713-9824", "pojke", True),
        ("110713-9824", "M", True),
        ("201107139824", "kvinna", False),
        # Neither says that it is of the other sex.
        ("201107139824", "annat", False),
        ("201107139824", "ok\u00e4nt", False),
        ("201107139824", None, False),
        # A wrong check digit: any digit may be the wrong one.
        ("201107139825", "man", False),
        # A samordningsnummer, and an interim number, in which no digit is the sex.
        ("201107739821", "flicka", False),
        ("20110773-9821", "man", True),
        ("20110713T123", "man", False),
    ],
)
def test_a_number_of_the_other_sex_is_marked_in_each_form(
    tmp_path: Path, number: str, sex: str | None, marked: bool
) -> None:
    row = {"record_id": "r-1", "given_names": "Rut", "birth_date": "2011-07-13", "number": number, "sex": sex}
    found = in_each_form(tmp_path, [row])
    assert [("number", "number.contradicts_sex") in rules for rules in found] == [marked] * 3


def test_one_of_two_numbers_of_the_other_sex_is_no_contradiction() -> None:
    # Whoever changes the legal sex has a new number and may have the earlier one beside it.
    row = {"record_id": "a", "given_names": "Rut", "number": ["201107139824", "201107139816"], "sex": "man"}
    assert faults_of([row]) == []
    assert [fault.rule for fault in faults_of([row | {"number": ["201107139824", None]}])] == ["number.contradicts_sex"]


def test_a_number_of_the_other_sex_changes_nothing_that_is_sent(tmp_path: Path) -> None:
    encoder = Encoder(LinkageKey.generate(project="test", epoch=1), reporter="police")
    rows = [{"record_id": f"r{n}", "number": "201107139824", "sex": "man"} for n in range(60)]
    report = encoder.write(tmp_path / "out.parquet", rows, period="2026-03", on_fault="raise")
    assert [(fault.rule, fault.effect) for fault in report.faults] == [("number.contradicts_sex", "marked")] * 60
    # The registry does not learn of how many persons this is so.
    assert report.header.quality is not None
    assert (report.header.quality["number"].marked, report.header.quality["sex"].marked) == (0, 0)


TO_COME = ["2092-03-14", "14 mars 2092", "2092-03", "2092", "20920314", datetime(2092, 3, 14)]


@pytest.mark.parametrize("field", ["event_date", "report_date", "discovered_on", "outcome_date"])
@pytest.mark.parametrize("value", TO_COME)
def test_a_date_to_come_is_left_out_in_each_form(tmp_path: Path, field: str, value: object) -> None:
    found = in_each_form(tmp_path, [{"record_id": "r-1", "given_names": "Rut", field: value}])
    assert found == [{(field, "date.future")}] * 3


@pytest.mark.parametrize("value", TO_COME)
def test_a_birth_date_to_come_is_marked_in_each_form(tmp_path: Path, value: object) -> None:
    found = in_each_form(tmp_path, [{"record_id": "r-1", "given_names": "Rut", "birth_date": value}])
    assert found == [{("birth_date", "birth_date.future")}] * 3


def test_a_birth_date_to_come_is_used_as_it_is() -> None:
    encoder = Encoder(LinkageKey.generate(project="test", epoch=1), reporter="police", today=date(2026, 3, 1))
    file = encoder.read([{"record_id": "r-1", "given_names": "Rut", "birth_date": "2031-06-11"}])
    ((_, record, faults),) = read_records(file, (), [], present=file.fields)
    assert (record.birth_date, [(fault.rule, fault.effect) for fault in faults]) == (
        "2031-06-11", [("birth_date.future", "marked")],
    )  # fmt: skip


def test_what_has_been_depends_on_the_clock_that_is_given() -> None:
    key = LinkageKey.generate(project="test", epoch=1)
    rows = [
        {"record_id": f"r{n}", "given_names": "Rut", "event_date": day}
        for n, day in enumerate(
            ("2027-02-28", "2027-03-01", "2027-03-02", "2027-03-03", "2027-03", "2027-04", "2027", "2028")
        )
    ]
    found = Encoder(key, reporter="police", today=date(2027, 3, 1)).encode(rows, on_fault="ignore").faults
    # Where the day has begun first it is the day after.
    assert [rows[fault.row - 1]["event_date"] for fault in found] == ["2027-03-03", "2027-04", "2028"]
    assert {(fault.rule, fault.effect) for fault in found} == {("date.future", "left out")}


def test_a_clock_that_is_behind_loses_no_date(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stopped:
        today = staticmethod(lambda: date(2000, 1, 1))

    monkeypatch.setattr("pseudonym.identity.reader.future.date", Stopped)
    assert faults_of([{"record_id": "a", "given_names": "Rut", "event_date": "2026-11-30"}]) == []


def test_a_report_date_to_come_does_not_decide_the_century() -> None:
    encoder = Encoder(LinkageKey.generate(project="test", epoch=1), reporter="police", today=date(2026, 12, 1))
    right, wrong = (
        encoder.encode(
            [{"record_id": "a", "given_names": "Rut", "number": "300713-9823", "report_date": day}], on_fault="ignore"
        )
        for day in ("2026-03-14", "2062-03-14")
    )
    assert right.table == wrong.table


CASES = {
    "nines": (["1042", "1043", "99999", "99999"], 2),
    "zero": (["1042", "1043", "0", "0"], 2),
    "nines among letters": (["A-1042", "A-1043", "9999", "999"], 2),
    "floats": (["1042.0", "1043.0", "0.0", "99999.0"], 2),
    "nothing else": (["0", "0", "0", "0"], 4),
    "running numbers": (["998", "999", "1000", "1001"], 0),
    "running numbers below": (["99990", "99998", "99999"], 0),
    "the first cases": (["0", "1", "2", "10"], 0),
    "of two digits": (["97", "98", "99"], 0),
    "letters": (["K-99999", "K-0", "K-1"], 0),
    "words": (["-", "ok\u00e4nt", "n/a", "1042"], 3),
}


@pytest.mark.parametrize("field", ["case_id", "report_id"])
@pytest.mark.parametrize("name", CASES)
def test_a_number_for_no_case_joins_nobody(tmp_path: Path, field: str, name: str) -> None:
    ids, n_fillers = CASES[name]
    rows = [{"record_id": f"r{n}", "given_names": "Rut", field: one} for n, one in enumerate(ids)]
    for source in (text_file(tmp_path, rows), book(tmp_path, rows), pd.DataFrame(rows)):
        found = [fault.rule for fault in faults_of(source) if fault.field == field]
        assert found.count("value.placeholder") == n_fillers
        assert set(found) <= {"value.placeholder", "damage.decimals"}


def test_an_id_that_most_rows_have_is_named() -> None:
    encoder = Encoder(LinkageKey.generate(project="test", epoch=1), reporter="police")

    def notices(n_same: int, n_other: int, word: str = "Diverse") -> list[str]:
        ids = [word] * n_same + [f"K-{n}" for n in range(n_other)]
        rows = [{"record_id": f"r{n}", "given_names": "Rut", "case_id": one} for n, one in enumerate(ids)]
        return [one for one in encoder.encode(rows).notices if one.startswith("case_id:")]

    (sentence,) = notices(12, 36)
    assert "12 of 48 rows" in sentence
    assert "Diverse" not in sentence
    assert notices(12, 37) == notices(11, 0) == []
    assert notices(40, 0, "99999") == []


ALIAS, ORDER = {"names.alias"}, {"names.order"}


@pytest.mark.parametrize(
    ("names", "given", "family", "rules"),
    [
        ({"given_names": "Rut (f. Ek)", "family_names": "Berg"}, "Rut", ("Berg", "Ek"), {"names.former"}),
        ({"given_names": "Rut", "family_names": "Berg, f. Ek"}, "Rut", ("Berg", "Ek"), {"names.former"}),
        ({"given_names": "Rut", "family_names": "f\u00f6dd Ek"}, "Rut", "Ek", {"names.former"}),
        ({"given_names": "Rut", "family_names": "BERG (F. EK)"}, "Rut", ("BERG", "EK"), {"names.former"}),
        (
            {"given_names": "Rut", "family_names": "Berg (tidigare von Essen)"},
            "Rut",
            ("Berg", "von Essen"),
            {"names.former"},
        ),
        ({"given_names": "Rut", "family_names": "Berg n\u00e9e Ek"}, "Rut", ("Berg", "Ek"), {"names.former"}),
        ({"names": "Berg f. Ek, Rut"}, ("Rut",), ("Berg", "Ek"), {"names.former"}),
        ({"names": "Rut Berg (f. Ek)"}, ("Rut", "Berg"), ("Berg", "Rut", "Ek"), {"names.former", "names.order"}),
        ({"names": "Rut Berg alias Eva Ek"}, ("Rut", "Berg", "Eva", "Ek"), ("Berg", "Rut", "Ek", "Eva"), ALIAS | ORDER),
        ({"names": "Berg, Rut alias Ek, Eva"}, ("Rut", "Eva"), ("Berg", "Ek"), ALIAS),
        ({"given_names": "Rut (a.k.a. Eva)", "family_names": "Ek"}, ("Rut", "Eva"), "Ek", ALIAS),
        ({"given_names": "Alias", "family_names": "Alias Ek"}, "Alias", "Alias Ek", set()),
        # A date or number beside the name is neither order nor name.
        ({"names": "Rut Berg, f. 2011-07-13"}, ("Rut", "Berg"), ("Berg", "Rut"), {"names.digits", "names.order"}),
        ({"names": "Rut Berg 110713-9824"}, ("Rut", "Berg"), ("Berg", "Rut"), {"names.digits", "names.order"}),
        ({"names": "Berg, Rut (f. 110713)"}, ("Rut",), ("Berg",), {"names.digits"}),
        # Initials, and words that are no names.
        ({"given_names": "Erik F.", "family_names": "Ek"}, "Erik F.", "Ek", set()),
        ({"given_names": "Erik", "family_names": "F. Ek"}, "Erik", "F. Ek", set()),
        ({"given_names": "Rut (f\u00f6dd utomlands)", "family_names": "Ek"}, "Rut (f\u00f6dd utomlands)", "Ek", set()),
        ({"given_names": "Rut (Ruttan)", "family_names": "Ek"}, "Rut (Ruttan)", "Ek", set()),
        ({"given_names": "Rut-Maria 2", "family_names": "Ek"}, "Rut-Maria 2", "Ek", set()),
    ],
)
def test_what_stands_beside_a_name_is_no_part_of_it(
    tmp_path: Path, names: dict[str, str], given: object, family: object, rules: set[str]
) -> None:
    encoder = Encoder(LinkageKey.generate(project="test", epoch=1), reporter="police")
    rows = [{"record_id": "r-1", **names, "birth_date": "2011-07-13"}]
    for source in (text_file(tmp_path, rows), book(tmp_path, rows), pd.DataFrame(rows)):
        file = encoder.read(source)
        ((_, record, faults),) = read_records(file, (), [], present=file.fields)
        assert (record.given_names, record.family_names) == (given, family)
        assert {fault.rule for fault in faults} == rules
        assert {fault.effect for fault in faults} <= {"marked"}


def test_digits_beside_a_name_are_named_as_lost_where_nothing_else_says_who_it_is() -> None:
    row = {"record_id": "a", "given_names": "Rut 20110713", "family_names": "Ek"}
    assert [(one.field, one.rule, one.effect) for one in faults_of([row])] == [
        ("given_names", "names.digits", "left out")
    ]


@pytest.mark.parametrize(
    ("parts", "birth", "rules"),
    [
        ((2011, 7, 13), "2011-07-13", set()),
        (("2011", "07", "13"), "2011-07-13", set()),
        (("2011", "juli", ""), "2011-07", set()),
        ((2011, None, None), "2011", set()),
        # Of a year and a day only the year is known.
        ((2011, None, 13), "2011", set()),
        ((2011, 2, 30), "2011-02", {"birth_date.form"}),
        (("2011", "?", "13"), "2011", {"value.placeholder"}),
        (("2011", "13", "1"), "2011", {"birth_date.form"}),
        ((11, 7, 13), None, {"date.two_digit_year", "birth_date.form"}),
        ((2092, 7, 13), "2092-07-13", {"birth_date.future"}),
    ],
)
def test_a_birth_date_in_three_columns_is_put_together(
    tmp_path: Path, parts: tuple[object, ...], birth: str | None, rules: set[str]
) -> None:
    encoder = Encoder(LinkageKey.generate(project="test", epoch=1), reporter="police")
    headers = ["F\u00f6delse\u00e5r", "F\u00f6delsem\u00e5nad", "F\u00f6delsedag"]
    rows = [{"record_id": "r-1", "given_names": "Rut", **dict(zip(headers, parts, strict=True))}]
    for source in (text_file(tmp_path, rows), book(tmp_path, rows), pd.DataFrame(rows), rows):
        file = encoder.read(source)
        ((_, record, faults),) = read_records(file, (), [], present=file.fields)
        assert record.birth_date == birth
        assert {fault.rule for fault in faults} == rules


def test_a_column_of_birth_days_is_a_date_unless_year_and_month_have_their_own(tmp_path: Path) -> None:
    encoder = Encoder(LinkageKey.generate(project="test", epoch=1), reporter="police")
    rows = [{"record_id": "r-1", "F\u00f6delsedag": "2011-07-13"}]
    assert encoder.read(text_file(tmp_path, rows)).fields == ("record_id", "birth_date")
    rows = [{"record_id": "r-1", "birth_date": "2011-07-13", "F\u00f6delse\u00e5r": "1961"}]
    file = encoder.read(rows)
    ((_, record, _),) = read_records(file, (), [], present=file.fields)
    assert record.birth_date == "2011-07-13"


@pytest.mark.parametrize(
    ("text", "number", "rule"),
    [
        ("2,01107139824E+11", "201107139824", "damage.exponent_restored"),
        ("2.01107139824E11", "201107139824", "damage.exponent_restored"),
        ("2.01107139824e+011", "201107139824", "damage.exponent_restored"),
        ("2,01107E+11", None, "damage.exponent"),
        ("2.01107E11", None, "damage.exponent"),
        ("1.107139824E9", "1107139824", "damage.exponent_restored"),
    ],
)
def test_digits_of_an_amount_are_put_back_if_all_are_there(
    tmp_path: Path, text: str, number: str | None, rule: str
) -> None:
    encoder = Encoder(LinkageKey.generate(project="test", epoch=1), reporter="police")
    rows = [{"record_id": "r-1", "given_names": "Rut", "number": text, "foreign_number": text}]
    for source in (text_file(tmp_path, rows), book(tmp_path, rows), pd.DataFrame(rows)):
        file = encoder.read(source)
        ((_, record, faults),) = read_records(file, (), [], present=file.fields)
        assert (record.number, record.foreign_number) == (number, number)
        assert [fault.rule for fault in faults] == [rule, rule]


@pytest.mark.parametrize(
    ("text", "day", "rule"),
    [
        ("13/7-2011", "2011-07-13", None),
        ("13/juli/2011", "2011-07-13", None),
        ("2011-07-XX", "2011-07", None),
        ("2011-??-??", "2011", None),
        ("2011-XX-13", None, "birth_date.form"),
        ("5/7-2011", None, "date.order"),
        ("5-7-11", None, "date.two_digit_year"),
    ],
)
def test_dates_as_people_write_them(tmp_path: Path, text: str, day: str | None, rule: str | None) -> None:
    encoder = Encoder(LinkageKey.generate(project="test", epoch=1), reporter="police")
    rows = [{"record_id": "r-1", "given_names": "Rut", "birth_date": text}]
    for source in (text_file(tmp_path, rows), book(tmp_path, rows), pd.DataFrame(rows)):
        found = encoder.encode(source, on_fault="ignore").faults
        assert [fault.rule for fault in found] == ([] if rule is None else [rule])
        file = encoder.read(source)
        ((_, record, _),) = read_records(file, (), [], present=file.fields)
        assert record.birth_date == day or rule == "birth_date.form"


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        ("L\u00f6pnr;Person;;\n;Personnummer;F\u00f6rnamn;Efternamn\n1;201107139824;Rut;Ek\n", "header_in_two_rows"),
        ("L\u00f6pnr   F\u00f6rnamn   Efternamn\n1       Rut       Ek\n", "fixed_width"),
        ('[\n{"L\u00f6pnr": 1}]\n', "markup"),
        ("<?xml version='1.0'?><table/>\n", "markup"),
        ("<html><table></table></html>\n", "markup"),
        ("L\u00f6pnr;F\u00f6rnamn;F\u00f6rnamn\n1;Rut;Rut\n", "duplicate_column"),
    ],
)
def test_an_input_that_is_no_table_is_named_as_what_it_is(tmp_path: Path, content: str, rule: str) -> None:
    path = tmp_path / "cases.csv"
    path.write_text(content, encoding="utf-8")
    encoder = Encoder(LinkageKey.generate(project="test", epoch=1), reporter="police")
    with pytest.raises(InputError) as caught:
        encoder.read(path, columns={"record_id": "L\u00f6pnr"})
    assert caught.value.rule == f"input.{rule}"


@pytest.mark.parametrize("record", ["1;;;", ";;;", "1;Rut;;", ";Rut;Ek;2011"])
def test_a_row_of_ids_and_titles_is_a_header_of_two_rows_only_above_titles(tmp_path: Path, record: str) -> None:
    path = tmp_path / "cases.csv"
    path.write_text(f"record_id;given_names;family_names;birth_date\n{record}\n2;Bo;Ek;2009\n", encoding="utf-8")
    file = Encoder(LinkageKey.generate(project="test", epoch=1), reporter="police").read(path)
    assert file.fields == ("record_id", "given_names", "family_names", "birth_date")


def test_columns_that_are_not_read_are_named_where_three_headers_are_known(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    path.write_text("L\u00f6pnr;Namn;K\u00f6n;\u00c5r\n1;Rut Ek;K;2011\n", encoding="utf-8")
    encoder = Encoder(LinkageKey.generate(project="test", epoch=1), reporter="police")
    assert encoder.read(path, columns={"record_id": "L\u00f6pnr", "names": "Namn"}).unused_columns == ("\u00c5r",)
    # Two words that the user named, and one that may be a name, are no header for certain.
    assert encoder.read(path, columns={"record_id": "L\u00f6pnr"}).unused_columns == ()
