"""The encoding of a file is told by its words: read right if that is certain, refused if it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from pseudonym.errors import InputError
from pseudonym.identity.reader import InputFile, open_input
from pseudonym.identity.reader import encodings as encodings_module
from pseudonym.identity.reader.eight_bit import eight_bit_encoding
from pseudonym.identity.reader.seven_bit import is_seven_bit

SWEDISH = "record_id;förnamn;efternamn\n1;Göran;Söderbäck\n2;Åsa;Ek\n"
ENGLISH = "record_id;given_names;family_names\n"


@pytest.fixture
def opened(tmp_path: Path):
    """Write a file and open it."""

    def opened(content: str | bytes, written: str = "utf-8", **options) -> InputFile:
        path = tmp_path / "cases.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode(written))
        return open_input(path, **options)

    return opened


def names(file: InputFile) -> list[tuple[object, object]]:
    return [(row.values["given_names"], row.values["family_names"]) for row in file]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("mac-roman", "mac-roman"),
        ("cp850", "cp850"),
        ("cp437", "cp850"),
        ("cp865", "cp850"),
        ("cp1252", "cp1252"),
        ("iso8859-15", "cp1252"),
        ("utf-32-le", "utf-32-le"),
        ("utf-32-be", "utf-32-be"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_swedish_files_are_read_and_said(opened, written, read, end):
    file = opened(SWEDISH.replace("\n", end), written)
    assert file.source.charset.name == read
    assert names(file) == [("Göran", "Söderbäck"), ("Åsa", "Ek")]
    assert len(file.notices) == 1


@pytest.mark.parametrize("encoding", ["mac-roman", "cp850", "cp1252"])
@pytest.mark.parametrize(
    "names", ["Göran;Håkansson", "GÖRAN;BÄCK", "Örjan;Ärla Brät", "Jörgen André;Söder", "Åke;Öberg"]
)
def test_names_alone_show_the_encoding(opened, encoding, names):
    file = opened(f"{ENGLISH}1;{names}\n", encoding)
    assert file.source.charset.name == encoding
    assert ";".join(next(iter(file)).values[field] for field in ("given_names", "family_names")) == names


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("Göran", "mac-roman"),  # š in Windows
        ("Jörgen", "cp850"),
        ("André", "mac-roman"),
        ("Benoît", "cp850"),
        ("Trška", "cp1252"),  # Tröka on a Macintosh
    ],
)
def test_one_word_alone_is_not_enough(opened, name, encoding):
    with pytest.raises(InputError) as caught:
        opened(f"{ENGLISH}1;{name};Ek\n", encoding)
    assert (caught.value.rule, caught.value.row) == ("input.encoding", 2)


@pytest.mark.parametrize(
    "text",
    [
        "Saša Žižek",
        "Dušan Göran Šime",
        "“Anna” Berg–Ek O’Brien Göran…",
        "Bénédicte Chloé",
        "McKölen",
        "D´Angelo",
        "Zoë",
        "12 m² à 20°",
        "ÅÄÖ",
    ],
)
def test_windows_is_the_rule(text):
    assert eight_bit_encoding([text.encode("cp1252")]) == "cp1252"


def test_letters_that_only_iso_8859_15_has():
    text = "Göran Dušan Saša Söder"
    assert eight_bit_encoding([text.encode("iso8859-15")]) == "iso8859-15"
    assert eight_bit_encoding([text.encode("cp1252")]) == "cp1252"


def test_a_slip_of_the_keyboard_does_not_refuse_a_file(opened):
    text = (
        ENGLISH + "1;Bj¨ork;Ek\n" + "".join(f"{n};Göran;{name}\n" for n, name in enumerate(["Bäck", "Öman", "Håkan"]))
    )
    assert opened(text, "cp1252").source.charset.name == "cp1252"
    macintosh = ENGLISH + "".join(f"{n};Åke;Sj{sign}öberg\n" for n, sign in enumerate("bcdfghjklmnpqrstvwxz"))
    assert opened(macintosh + "9;Bj™ork;Ek\n", "mac-roman").source.charset.name == "mac-roman"


def test_words_are_not_cut_by_chunks(opened, monkeypatch):
    for n_bytes in range(20, 60):
        monkeypatch.setattr(encodings_module, "CHUNK_BYTES", n_bytes)
        assert names(opened(SWEDISH, "mac-roman")) == [("Göran", "Söderbäck"), ("Åsa", "Ek")]


# Seven bits.

OLD = str.maketrans("åäöÅÄÖ", "}{|][\\")


@pytest.mark.parametrize("header", ["förnamn;kön", "Ärendenummer;Födelsedatum", "given_names;Kön"])
def test_a_header_shows_the_seven_bit_alphabet(opened, header):
    file = opened(f"record_id;{header};efternamn\n1;;;Ek\n2;;;Söderbäck\n".translate(OLD))
    assert file.source.charset.name == "iso646-se"
    assert [row.values["family_names"] for row in file] == ["Ek", "Söderbäck"]
    assert len(file.notices) == 1


def test_names_show_the_seven_bit_alphabet(opened):
    rows = "1;Håkan;Bäck\n2;Mårten;Göransson\n3;Åsa;Lärk\n4;Örjan;Ärla\n"
    found = [("Håkan", "Bäck"), ("Mårten", "Göransson"), ("Åsa", "Lärk"), ("Örjan", "Ärla")]
    assert names(opened(ENGLISH + rows.translate(OLD))) == found
    assert names(opened(ENGLISH + rows.translate(OLD), encoding="ISO646-SE")) == found
    assert names(opened(ENGLISH + rows.translate(OLD), encoding="ascii"))[0] == ("H}kan", "B{ck")


@pytest.mark.parametrize(
    "text",
    [
        b"1;H}kan;B{ck",
        b"1;{a} b{c} d{e f}g {h}",
        b'1;{"a": 1};a{b c{d e{f',
        b"1|2|f|rnam",
        b"{3f2504e0-4f89-11d3-9a0c-0305e82c3301} a{b c{d e{f",
    ],
)
def test_braces_elsewhere_are_signs(text):
    assert not is_seven_bit([text])


def test_the_seven_bit_alphabet_has_seven_bits(opened):
    with pytest.raises(InputError) as caught:
        opened(ENGLISH + "1;Åsa;Ek\n", "latin-1", encoding="iso646-se")
    assert caught.value.rule == "input.encoding"
    assert "åäö ÅÄÖ a-z".encode("iso646-se").decode("iso646-se") == "åäö ÅÄÖ a-z"
