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
from pseudonym.keyed import LinkageKey
from pseudonym.wire import read_submission

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
