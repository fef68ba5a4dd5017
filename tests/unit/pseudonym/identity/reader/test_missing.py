"""What programs and people write where there is no value is no value: marked, and never one case of many persons."""

from __future__ import annotations

from pathlib import Path

import pytest

from pseudonym.identity.reader import InputFile, open_input
from pseudonym.identity.reader.missing import is_missing_code

WORDS = [
    "NULL",
    "null",
    "N/A",
    "n/a",
    "(null)",
    "<NULL>",
    "None",
    "NaN",
    "NaT",
    "nil",
    "\\N",
    "saknas",
    "Uppgift saknas",
]
WORDS += [
    "[tom]",
    "<tomt>",
    "'NULL'",
    "none given",
    "not stated",
    "Ej uppgift",
    "uppg. saknas",
    "inte ifyllt",
    "#N/A N/A",
]
WORDS += ["-", "--", ".", "?", "...", "–", "okänt", "(tom)", "undefined"]


@pytest.fixture
def opened(tmp_path: Path):
    """Write a file and open it."""

    def opened(*lines: str, **options) -> InputFile:
        path = tmp_path / "cases.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return open_input(path, **options)

    return opened


def found(file: InputFile, field: str) -> list[tuple[object, list[tuple[str, str]]]]:
    return [(row.values.get(field), [(fault.rule, fault.effect) for fault in row.faults]) for row in file]


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize(
    "field", ["case_id", "report_id", "role", "status", "event_date", "outcome_date", "number", "foreign_number"]
)
def test_a_word_for_nothing_is_no_value(opened, field, word):
    file = opened(f"record_id;{field}", f"1;{word}", f"2;{word}")
    assert found(file, field) == [(None, [("value.placeholder", "marked")])] * 2


@pytest.mark.parametrize("word", WORDS)
def test_a_word_for_nothing_is_no_record_id(opened, word):
    file = opened("record_id;given_names", f"{word};Anna")
    assert found(file, "record_id") == [(None, [("record_id.missing", "rejected")])]


@pytest.mark.parametrize("text", ["0", "17", "N-1", "x", "a.b", "-1", "NULL-1", "saknas 3", "77", "Nilsson"])
def test_other_ids_stay(opened, text):
    assert found(opened("record_id;case_id", f"1;{text}"), "case_id") == [(text, [])]


@pytest.mark.parametrize(("word", "value"), [("okänd", "okänd"), ("saknas", None), ("-", None), ("NULL", None)])
def test_unknown_is_a_value_of_sex(opened, word, value):
    rules = [] if value else [("value.placeholder", "marked")]
    assert found(opened("record_id;sex", f"1;{word}"), "sex") == [(value, rules)]


@pytest.mark.parametrize("name", ["Null", "Nil", "None", "Nan", "Na", "Ingen", "Tom", "Saknas", "(Tom)", "'Tom'"])
def test_names_that_are_words_for_nothing_stay(opened, name):
    # Which of them are placeholders is for the frozen tables to say.
    assert found(opened("record_id;family_names", f"1;{name}"), "family_names") == [(name, [])]


@pytest.mark.parametrize("text", ["(null)", "<null>", "[NULL]", "\\N", "NaN", "NaT", "'NULL'", "#N/A N/A"])
def test_names_that_nobody_has_are_missing(opened, text):
    rules = [("value.placeholder", "marked")]
    assert found(opened("record_id;family_names", f"1;{text}"), "family_names") == [(None, rules)]


@pytest.mark.parametrize("text", ["9999-12-31", "1900-01-01", "0001-01-01", "00000000", "0000-00-00 00:00:00"])
def test_dates_that_programs_use_for_none(opened, text):
    rules = [("value.placeholder", "marked")]
    assert found(opened("record_id;outcome_date", f"1;{text}"), "outcome_date") == [(None, rules)]
    # The reader of birth dates marks them itself.
    value, faults = found(opened("record_id;birth_date", f"1;{text[:10]}"), "birth_date")[0]
    assert (value is not None, faults) == (True, [])


@pytest.mark.parametrize("text", ["NA", "none", "NULL", "-"])
def test_the_codebook_decides_about_its_items(opened, text):
    assert found(opened("record_id;state", f"1;{text}", items=("state",)), "state") == [(text, [])]


@pytest.mark.parametrize("text", ["NULL", " n/a ", "None", "-", "?", "saknas", "Ok\u00e4nt", "(tom)"])
def test_words_for_nothing_in_place_of_a_code(text):
    assert is_missing_code(text)


@pytest.mark.parametrize("text", ["ingen", "Ej aktuellt", "x", "0", "0180", "NULL 1"])
def test_answers_in_place_of_a_code(text):
    assert not is_missing_code(text)


def test_a_word_for_nothing_is_no_evidence_about_its_column(opened):
    lines = ["1;25.03.2008", "2;31.12.2007", "3;05.03.2008", *(f"{n};NULL" for n in range(4, 90))]
    file = opened("record_id;birth_date", *lines)
    assert found(file, "birth_date")[2] == ("2008-03-05", [])
    assert file.evidence.dates["birth_date"].forms == {"year last": 3}


def test_a_type_that_is_missing_leaves_the_number_to_its_form(opened):
    file = opened("record_id;number;number_type", "1;901282392;NULL")
    assert found(file, "number") == [
        ("0901282392", [("damage.zero_restored", "marked"), ("value.placeholder", "marked")])
    ]


def test_one_of_several_values(opened):
    file = opened("record_id;foreign_number", "1;77012|-|881", separator="|")
    assert found(file, "foreign_number") == [(("77012", "", "881"), [("value.placeholder", "marked")])]
