"""Letters written as codes are put back and marked; letters that are lost are marked."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from pseudonym.identity.reader import open_input
from pseudonym.identity.reader.escapes import unescape
from pseudonym.identity.reader.letters import lost_letters
from pseudonym.identity.reader.mixed import unmix


@pytest.fixture
def cell(tmp_path: Path):
    """Read one cell of a file: its value and its rules."""

    def cell(field: str, text: str, **options) -> tuple[object, list[str]]:
        with (tmp_path / "cases.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("record_id", field), ("1", text)])
        row = next(iter(open_input(tmp_path / "cases.csv", **options)))
        return row.values.get(field), [fault.rule for fault in row.faults]

    return cell


@pytest.mark.parametrize(
    "text",
    [
        "Bj&ouml;rk",
        "Bj&#246;rk",
        "Bj&#0246rk",
        "Bj&#xF6;rk",
        "Bj&#XF6;rk",
        "Bj&amp;ouml;rk",
        "Bj&amp;amp;#xF6;rk",
        "Bj&oumlrk",
        "Bj\\u00f6rk",
        "Bj\\u00F6rk",
        "Bj\\u{f6}rk",
        "Bj\\U000000f6rk",
        "Bj\\xf6rk",
        "Bj\\xc3\\xb6rk",
        "Bj\\303\\266rk",
        "Bj%C3%B6rk",
        "Bj%c3%b6rk",
        "Bj%u00F6rk",
        "Bj=C3=B6rk",
        "Bj_x00F6_rk",
        "=?utf-8?Q?Bj=C3=B6rk?=",
        "=?iso-8859-1?q?Bj=F6rk?=",
        "=?UTF-8?B?QmrDtnJr?=",
    ],
)
@pytest.mark.parametrize("field", ["given_names", "family_names", "name_of_address", "case_id", "kommun"])
def test_codes_of_letters_are_put_back_and_marked(cell, field, text):
    assert cell(field, text, items=("kommun",)) == ("Björk", ["damage.escaped"])


def test_a_code_that_lost_its_sign_is_one_in_names_only(cell):
    assert cell("family_names", "Bju00f6rk") == ("Björk", ["damage.escaped"])
    assert cell("case_id", "Bju00f6rk") == ("Bju00f6rk", [])


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Anna%20Bj%C3%B6rk", "Anna Björk"),
        ("%C3%85sa%2C%20Bo", "Åsa, Bo"),
        ("Anna&nbsp;Maria", "Anna Maria"),
        ("Anna&#13;Maria", "Anna Maria"),
        ("An&shy;na", "Anna"),
        ("Anna &amp; Bo", "Anna & Bo"),
        ("O&#39;Brien", "O'Brien"),
        ("<b>Anna</b><br/>Maria", " Anna  Maria"),
        ("<![CDATA[Anna & Bo]]>", "Anna & Bo"),
        ("&lt;b&gt;Anna&lt;/b&gt;", " Anna "),
        ("\\ud83d\\ude00", "\U0001f600"),
    ],
)
def test_other_codes(text, plain):
    assert unescape(text) == plain


@pytest.mark.parametrize(
    "text",
    [
        "AT&T",
        "A&B;C",
        "R&D;",
        "100%",
        "50%20",
        "A%41",
        "A%C3",
        "A%E5",
        "a=b",
        "a<bc>d",
        "<x>",
        "1 <2",
        "A=3D",
        "C:\\users",
        "\\u12",
        "\\ud83d",
        "A_x41_",
        "&#0;",
        "&#7;",
        "%00",
        "u00f6",
    ],
)
def test_what_may_be_no_code_stays(text):
    assert unescape(text) in {text, text.replace("\\ud83d", "\ufffd").replace("&#0;", "\ufffd")}


def test_an_escaped_id_is_the_same_id(cell):
    assert {cell("case_id", text)[0] for text in ("Å-17", "&Aring;-17", "%C3%85-17", "\\u00c5-17", "Ã…-17")} == {"Å-17"}


@pytest.mark.parametrize("text", ["SÃ¶derbÃ¤ck", "SÃƒÂ¶derbÃƒÂ¤ck", "S√∂derb√§ck", "S├╢derb├ñck", "S├Âderb├ñck"])
@pytest.mark.parametrize("field", ["given_names", "case_id", "kommun"])
def test_utf_8_read_in_another_encoding_is_put_back_and_marked(cell, field, text):
    assert cell(field, text, items=("kommun",)) == ("Söderbäck", ["damage.mojibake"])


@pytest.mark.parametrize("text", ["√9", "a√b", "├── Anna", "Ã"])
def test_signs_that_are_no_utf_8_stay(text):
    assert unmix(text) == text


def test_codes_between_semicolons_are_not_columns(tmp_path: Path):
    lines = [
        "record_id;f&ouml;rnamn;efternamn;",
        "1;Bj&#246;rn;S&ouml;derb&auml;ck;",
        "2;A&B;C&O;",
        "3;Anna;Ek;x&amp;y",
    ]
    (tmp_path / "x.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    file = open_input(tmp_path / "x.csv")
    names = [(row.values["given_names"], row.values["family_names"]) for row in file]
    assert names == [("Björn", "Söderbäck"), ("A&B", "C&O"), ("Anna", "Ek")]
    assert not any(row.rejected for row in file)


# Lost letters.


@pytest.mark.parametrize(
    "text",
    [
        "S\ufffdderb\ufffdck",
        "S?derb?ck",
        "S\x1aderberg",
        "S\u25a1derberg",
        "S\x94derberg",
        "S\uf8f5derberg",
        "?sa",
        "Anna ?sa",
        "G??ran",
        "G|ran",
        "B{ck",
        "G”ran",
        "H†kan",
        "G√ran",
        "S÷derberg",
        "S%E5derberg",
        "S=F6derberg",
        "S\u00bfderberg",
        "S#derberg",
        "S*derberg",
        "S\\'f6derberg",
    ],
)
@pytest.mark.parametrize("field", ["given_names", "family_names", "name_of_address"])
def test_names_with_lost_letters_are_marked(cell, field, text):
    assert cell(field, text) == (text, ["damage.letters"])


@pytest.mark.parametrize(
    "text",
    [
        "Anna?",
        "Anna (?)",
        "? Berg",
        "?Anna",
        "Anna {Ann}",
        "Anna [Berg]",
        "Anna|Bo",
        "Åsa",
        "O’Brien",
        "Anna”",
        "Bo • Ek",
    ],
)
def test_names_with_signs_are_not(text):
    assert not lost_letters(text, name=True)


def test_a_substitute_that_was_read_in_another_encoding(cell):
    assert cell("family_names", "Sï¿½derberg") == ("S\ufffdderberg", ["damage.mojibake", "damage.letters"])


@pytest.mark.parametrize(("text", "rules"), [("A\ufffd17", ["damage.letters"]), ("A?17", []), ("a{b", [])])
def test_ids_with_lost_letters_are_marked(cell, text, rules):
    assert cell("case_id", text) == (text, rules)


@pytest.mark.parametrize("header", ["f?rnamn", "f\ufffdrnamn", "f\u0161rnamn", "F??rnamn", "f%F6rnamn"])
def test_a_header_with_lost_letters_is_named(tmp_path: Path, header: str):
    (tmp_path / "x.csv").write_text(f"record_id;{header};efternamn\n1;Anna;Ek\n", encoding="utf-8")
    assert open_input(tmp_path / "x.csv").columns.suggested == {header: "given_names"}


@pytest.mark.parametrize(
    ("header", "field"), [("K?n", "sex"), ("?rendenummer", "case_id"), ("F%F6delsedatum", "birth_date")]
)
def test_other_headers_with_lost_letters_are_named(tmp_path: Path, header: str, field: str):
    (tmp_path / "x.csv").write_text(f"record_id;{header};efternamn\n1;x;Ek\n", encoding="utf-8")
    assert open_input(tmp_path / "x.csv").columns.suggested == {header: field}


@pytest.mark.parametrize("header", ["anteckning", "k?nt", "?", "f?rn?mnd"])
def test_other_headers_are_not(tmp_path: Path, header: str):
    (tmp_path / "x.csv").write_text(f"record_id;{header};efternamn\n1;Anna;Ek\n", encoding="utf-8")
    assert open_input(tmp_path / "x.csv").columns.suggested == {}


@pytest.mark.parametrize(
    "header", ["fÃ¶rnamn", "f\\u00f6rnamn", "f%C3%B6rnamn", "f&ouml;rnamn", "FÃ–RNAMN", "f√∂rnamn"]
)
def test_a_header_whose_letters_are_certain_is_read(tmp_path: Path, header: str):
    (tmp_path / "x.csv").write_text(f"record_id,{header},efternamn\n1,Anna,Ek\n", encoding="utf-8")
    assert open_input(tmp_path / "x.csv").fields == ("record_id", "given_names", "family_names")
