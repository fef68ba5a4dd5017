"""Values in more words than needed are read as what all of their words mean, and left alone where words differ."""

from __future__ import annotations

from pathlib import Path

import pytest

from pseudonym.encode import Encoder
from pseudonym.identity.reader import open_input
from pseudonym.identity.reader.wordings import WORDED, in_one_word, number_with_system, type_in_one_word
from pseudonym.keyed import LinkageKey

NUMBER = "20110713-9824"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (f"PNR:{NUMBER}", f"PNR|{NUMBER}"),
        (f"pnr {NUMBER}", f"pnr|{NUMBER}"),
        (f"Personnr: {NUMBER}", f"Personnr|{NUMBER}"),
        (f"samordningsnummer = {NUMBER}", f"samordningsnummer|{NUMBER}"),
        (f"{NUMBER} (pnr)", f"pnr|{NUMBER}"),
        ("110713-TF12 [TF-nummer]", "TF-nummer|110713-TF12"),
        ("201107139824^^^&1.2.752.129.2.1.3.1&ISO", "1.2.752.129.2.1.3.1|201107139824"),
        ("201107139824^^^&1.2.752.129.2.1.3.1&ISO^PI", "1.2.752.129.2.1.3.1|201107139824"),
        # No word for a type: the text stays what it is.
        (f"Rut {NUMBER}", f"Rut {NUMBER}"),
        (f"{NUMBER} (mor)", f"{NUMBER} (mor)"),
        ("201107139824^^^&1.2.3.4&ISO", "201107139824^^^&1.2.3.4&ISO"),
        ("AB 123456", "AB 123456"),
        (f"personnummer|{NUMBER}", f"personnummer|{NUMBER}"),
        (NUMBER, NUMBER),
        ("pnr", "pnr"),
    ],
)
def test_a_number_with_the_word_for_its_type(text: str, read: str) -> None:
    assert number_with_system(text) == read


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("http://hl7.se/fhir/ig/base/NamingSystem/personnummer", "personnummer"),
        ("https://example.se/identifier/samordningsnummer/", "samordningsnummer"),
        ("Personnummer (12 siffror)", "Personnummer"),
        ("urn:oid:1.2.752.129.2.1.3.1", "urn:oid:1.2.752.129.2.1.3.1"),
        ("http://example.se/personnummer/mor", "http://example.se/personnummer/mor"),
        ("(personnummer)", "(personnummer)"),
        ("", ""),
    ],
)
def test_a_type_in_an_address_or_with_an_explanation(text: str, read: str) -> None:
    assert type_in_one_word(text) == read


@pytest.mark.parametrize(
    ("field", "text", "read"),
    [
        ("sex", "Kvinna/flicka", "Kvinna"),
        ("sex", "man (pojke)", "man"),
        ("sex", "woman / girl", "woman"),
        ("sex", "Kvinna/man", "Kvinna/man"),
        ("sex", "Kvinna/ok\u00e4nt", "Kvinna/ok\u00e4nt"),
        ("sex", "Kvinna/", "Kvinna/"),
        ("sex", "/", "/"),
        ("role", "brottsoffer/m\u00e5ls\u00e4gande", "brottsoffer"),
        ("role", "brottsoffer/medf\u00f6ljande barn", "brottsoffer/medf\u00f6ljande barn"),
        ("status", "misst\u00e4nkt (suspected)", "misst\u00e4nkt"),
        ("case_state", "avslutad/st\u00e4ngd", "avslutad"),
        ("case_state", "\u00f6ppen/st\u00e4ngd", "\u00f6ppen/st\u00e4ngd"),
    ],
)
def test_words_that_mean_the_same_are_one(field: str, text: str, read: str) -> None:
    assert in_one_word(field, text) == read


def test_what_is_read_as_it_stands_is_not_touched() -> None:
    for field, meaning in WORDED.items():
        for text in ("F/M", "n/a", "kvinna", "victim", "open"):
            assert in_one_word(field, text) == text or meaning(text) is None


def test_a_file_with_all_of_it_is_understood(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    rows = [
        "record_id;number;number_type;given_names;birth_date;sex;role",
        f"1;Pnr: {NUMBER};;Rut;2011-07-13;flicka/kvinna;offer/brottsoffer",
        f"2;{NUMBER};http://example.se/NamingSystem/personnummer;Rut;2011-07-13;kvinna;offer",
        f"3;{NUMBER};;Rut;2011-07-13;kvinna;offer",
        "4;13 juli 2011;;Rut;2011-07-13;kvinna;offer",
        "5;13/7 2011;;Rut;2011-07-13;kvinna;offer",
    ]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    encoder = Encoder(LinkageKey.generate(project="test", epoch=1), reporter="police")
    encoded = encoder.encode(open_input(path), on_fault="ignore")
    found = {(fault.row, fault.field, fault.rule) for fault in encoded.faults}
    assert found == {(row, "number", "value.placeholder") for row in (5, 6)}
