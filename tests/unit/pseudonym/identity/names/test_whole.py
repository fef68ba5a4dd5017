"""A whole name is split where it shows its order, and otherwise read in both."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pseudonym.identity.names import read_whole_name
from pseudonym.identity.reader import open_input, read_records


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("Lindqvist, Åsa Maria", [("Åsa Maria", "Lindqvist")]),
        ("von Essen,Ebba", [("Ebba", "von Essen")]),
        ("Ek Berg , Bo", [("Bo", "Ek Berg")]),
        ("Åsa Lindqvist", [("Åsa", "Lindqvist"), ("Lindqvist", "Åsa")]),
        ("Åsa Maria Lindqvist", [("Åsa Maria", "Lindqvist"), ("Maria Lindqvist", "Åsa")]),
        ("Ebba von Essen", [("Ebba", "von Essen"), ("von Essen", "Ebba")]),
        ("Von Essen Ebba", [("Von Essen", "Ebba"), ("Ebba", "Von Essen")]),
        ("Omar al Hassan", [("Omar", "al Hassan"), ("al Hassan", "Omar")]),
        ("Abdul Rahman Omar", [("Abdul Rahman", "Omar"), ("Omar", "Abdul Rahman")]),
        ("Ludvig van der Berg", [("Ludvig", "van der Berg"), ("van der Berg", "Ludvig")]),
        ("Ben Andersson", [("Ben", "Andersson"), ("Andersson", "Ben")]),
        ("Al Henrik Mossberg", [("Al Henrik", "Mossberg"), ("Mossberg", "Al Henrik")]),
        ("Åsa-Karin Ek-Berg", [("Åsa-Karin", "Ek-Berg"), ("Ek-Berg", "Åsa-Karin")]),
        ("Ali Ali", [("Ali", "Ali")]),
        ("Berg, Rut, Eva", [("Berg Rut", "Eva"), ("Rut Eva", "Berg")]),
        ("Berg,", [("Berg,", "")]),
        ("Amina", [("Amina", "")]),
        ("Okänd", [("Okänd", "")]),
        ("Namn saknas", [("Namn saknas", "")]),
        ("Олена Шевченко", [("Олена", "Шевченко"), ("Шевченко", "Олена")]),
    ],
)
def test_readings(text: str, readings: list[tuple[str, str]]) -> None:
    assert [tuple(one) for one in read_whole_name(text)] == readings


def test_the_name_of_address_shows_the_order() -> None:
    assert [tuple(one) for one in read_whole_name("Lindqvist Åsa Maria", first="Maria")] == [
        ("Lindqvist Åsa", "Maria"),
        ("Åsa Maria", "Lindqvist"),
    ][1:]
    assert len(read_whole_name("Åsa Lindqvist", first="Bo")) == 2


def test_a_reading_shows_nothing() -> None:
    assert "Rut" not in repr(read_whole_name("Rut Berg"))


@pytest.fixture
def records(tmp_path: Path) -> Callable[..., list[tuple[object, object, list[str]]]]:
    """Read a file and give the given names, family names and rules of its records."""

    def records(text: str, **options: dict[str, str]) -> list[tuple[object, object, list[str]]]:
        path = tmp_path / "cases.csv"
        path.write_text(text, encoding="utf-8")
        file = open_input(path, **options)
        return [
            (record.given_names, record.family_names, [fault.rule for fault in faults])
            for _, record, faults in read_records(file.rows(), (), [], present=file.fields)
        ]

    return records


def test_a_column_of_whole_names(records) -> None:
    text = 'record_id;Namn;Tilltalsnamn\n1;"Berg, Rut Eva";\n2;Bo Ek;\n3;Ek Bo;Bo\n4;Amina;\n5;;\n'
    assert records(text, columns={"names": "Namn"}) == [
        (("Rut Eva",), ("Berg",), []),
        (("Bo", "Ek"), ("Ek", "Bo"), ["names.order"]),
        (("Bo",), ("Ek",), []),
        (("Amina",), ("",), ["names.single"]),
        (None, None, []),
    ]


def test_a_whole_name_fills_only_where_the_row_has_no_names_of_its_own(records) -> None:
    text = "record_id;names;förnamn;efternamn\n1;Rut Berg;Rut;Berg\n2;Berg, Bo;;\n3;Bo Ek;Bo;\n"
    assert records(text) == [("Rut", "Berg", []), (("Bo",), ("Berg",), []), ("Bo", None, ["names.beside"])]
