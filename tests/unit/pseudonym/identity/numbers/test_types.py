"""Each type by itself: its form, its check, its parts; and the ladder between them.

Dates and serials are made up. Serials of personnummer are from 980 on, which no person has.
"""

from datetime import date

import pytest

from pseudonym.errors import FieldError
from pseudonym.identity.dates import Birth
from pseudonym.identity.numbers import (
    KINDS,
    NUMBER_TYPES,
    Parts,
    dossier,
    foreign,
    format,
    interim,
    is_valid,
    national_reserve,
    other,
    personnummer,
    read_foreign_number,
    read_level,
    read_number,
    read_type_word,
    reserve_inera,
    reserve_skane,
    reserve_stockholm,
    reserve_varmland,
    reserve_vgr,
    samordningsnummer,
    validate,
)
from pseudonym.identity.numbers.luhn import check_digit
from pseudonym.identity.numbers.text import read_text

REFERENCE = date(2026, 3, 31)
BORN = Birth(1980, 1, 31)

PERSONAL = "19800131983" + check_digit("800131983")
COORDINATION = "19800191984" + check_digit("800191984")
INTERIM = "19800131T84" + check_digit("800131184")
STOCKHOLM = "99201512345" + check_digit("1512345")
VGR = "19800131K45" + check_digit("800131545")
INERA = "19800145123" + check_digit("800145123")


def wrong(number):
    return number[:-1] + str((int(number[-1]) + 1) % 10)


def read(text, **words):
    return read_number(text, reference_date=REFERENCE, **words)


@pytest.mark.parametrize(
    ("module", "number", "parts"),
    [
        (personnummer, PERSONAL, Parts(BORN, "man", "983", PERSONAL[-1])),
        (samordningsnummer, COORDINATION, Parts(BORN, "woman", "984", COORDINATION[-1])),
        (interim, INTERIM, Parts(BORN, "woman", INTERIM[-4:])),
        (interim, "19800131TF34", Parts(BORN, "man", "TF34")),
        (reserve_stockholm, STOCKHOLM, Parts(None, "man", "12345", STOCKHOLM[-1], 2015)),
        (reserve_vgr, VGR, Parts(BORN, "woman", "45", VGR[-1])),
        (reserve_vgr, "19800131X801", Parts(BORN, None, "80", "1")),
        (reserve_varmland, "19800131SF4A", Parts(BORN, "woman", "FA")),
        (reserve_inera, INERA, Parts(None, None, "45123", INERA[-1])),
        (reserve_skane, "19800131A1B2", Parts(BORN, individual="A1B2")),
        (national_reserve, "22800131AB12", Parts(BORN, "man", "AB", "2")),
        (national_reserve, "00802045AB12", Parts(None, "man", "AB", "2")),
    ],
)
def test_parts(module, number, parts):
    assert module.parts(number, reference_date=REFERENCE) == parts
    assert module.parts(module.format(number, reference_date=REFERENCE), reference_date=REFERENCE) == parts
    assert repr(parts) == "<Parts>"


def test_types_without_parts_have_none_and_fit_what_they_read():
    assert KINDS["dossier"].parts("1234567", reference_date=REFERENCE) == Parts()
    assert KINDS["dossier"].fits("1234567")
    assert not KINDS["dossier"].fits("123456789")
    assert KINDS["other"].fits("A1")
    assert KINDS["other"].parts("A1", reference_date=REFERENCE) == Parts()


def test_what_was_written_is_not_shown():
    assert repr(read_text(PERSONAL)) == "<Written>"


def test_parts_do_not_ask_for_validity():
    assert personnummer.parts(wrong(PERSONAL), reference_date=REFERENCE).sex == "man"
    assert personnummer.parts("198002309830", reference_date=REFERENCE).birth is None


@pytest.mark.parametrize(
    ("module", "number", "rule"),
    [
        (personnummer, wrong(PERSONAL), "number.check_digit"),
        (personnummer, "19800230-9830", "number.date"),
        (personnummer, "19800131-0000", "number.placeholder"),
        (personnummer, COORDINATION, "number.form"),
        (personnummer, f"{PERSONAL[:8]} {PERSONAL[8:]}", "number.form"),
        (personnummer, f" {PERSONAL}", "number.form"),
        (personnummer, f"{PERSONAL}\n", "number.form"),
        (personnummer, f"{PERSONAL[:8]}\u2013{PERSONAL[8:]}", "number.form"),
        (samordningsnummer, PERSONAL, "number.form"),
        (samordningsnummer, wrong(COORDINATION), "number.check_digit"),
        (interim, wrong(INTERIM), "number.check_digit"),
        (interim, INTERIM.lower(), "number.form"),
        (interim, "19800131TF34", "number.form"),
        (interim, "19800230T341", "number.date"),
        (reserve_stockholm, wrong(STOCKHOLM), "number.check_digit"),
        (reserve_stockholm, "992115123450", "number.form"),
        (reserve_vgr, wrong(VGR), "number.check_digit"),
        (reserve_vgr, "19800230K451", "number.date"),
        (reserve_vgr, "19800131K901", "number.form"),
        (reserve_varmland, "19800230SF4A", "number.date"),
        (reserve_varmland, "19800131SA4A", "number.form"),
        (reserve_inera, wrong(INERA), "number.check_digit"),
        (reserve_inera, PERSONAL, "number.form"),
        (reserve_skane, PERSONAL, "number.form"),
        (reserve_skane, "19800230A1B2", "number.date"),
        (national_reserve, "22800230AB12", "number.date"),
        (national_reserve, "24800131AB12", "number.form"),
        (national_reserve, "22800131AI12", "number.form"),
        (dossier, "123456", "number.form"),
        (dossier, "12-34567", "number.form"),
        (other, "A1", "number.form"),
    ],
)
def test_validate_names_the_rule(module, number, rule):
    with pytest.raises(FieldError) as caught:
        module.validate(number, reference_date=REFERENCE)
    assert (caught.value.rule, caught.value.field) == (rule, "number")
    assert not module.is_valid(number, reference_date=REFERENCE)


def test_short_form_has_the_plus_from_the_year_of_the_hundredth_birthday():
    number = "19260401983" + check_digit("260401983")
    assert personnummer.format(number, reference_date=date(2025, 12, 31), short=True) == f"260401-{number[8:]}"
    assert personnummer.format(number, reference_date=date(2026, 1, 1), short=True) == f"260401+{number[8:]}"
    assert format(number, reference_date=date(2026, 1, 1), short=True) == f"260401+{number[8:]}"
    assert reserve_inera.format(INERA, reference_date=REFERENCE, short=True) == f"{INERA[:8]}-{INERA[8:]}"


@pytest.mark.parametrize(
    ("text", "type_", "certainty", "valid"),
    [
        (PERSONAL, "personnummer", "certain", True),
        (PERSONAL[2:], "personnummer", "likely", True),
        (wrong(PERSONAL), "personnummer", "likely", False),
        (COORDINATION, "samordningsnummer", "certain", True),
        (wrong(COORDINATION), "samordningsnummer", "likely", False),
        (INTERIM, "interim", "likely", True),
        (wrong(INTERIM), "interim", "likely", False),
        ("800131-TF34", "interim", "likely", False),
        (STOCKHOLM, "reserve_stockholm", "likely", True),
        (wrong(STOCKHOLM), "other", "none", False),
        (VGR, "reserve_vgr", "likely", True),
        (wrong(VGR), "other", "none", False),
        ("19800131SF4A", "reserve_varmland", "likely", True),
        (INERA, "reserve_inera", "likely", True),
        (wrong(INERA), "other", "none", False),
        (INERA[2:], "other", "none", False),
        ("19800131A1B2", "other", "none", False),
        ("22800131AB12", "national_reserve", "likely", True),
        ("22800230AB12", "national_reserve", "likely", False),
        ("00802045AB12", "national_reserve", "likely", True),
        ("1234567", "other", "none", False),
        ("10123456", "other", "none", False),
    ],
)
def test_the_ladder_says_how_sure_it_is(text, type_, certainty, valid):
    number = read(text)
    assert (number.type, number.certainty, number.valid) == (type_, certainty, valid)


@pytest.mark.parametrize(
    ("text", "word", "type_", "compact"),
    [
        ("1234567", "dossiernummer", "dossier", "1234567"),
        ("10-123456", "Dossier number", "dossier", "10123456"),
        ("19800131", "dossier", "dossier", "19800131"),
        ("101234569", "LMA-nummer", "dossier", "10123456"),
        ("10123456", "lma card", "dossier", "1012345"),
        ("800131-A1B2", "Reservnummer Sk\u00e5ne", "reserve_skane", "19800131A1B2"),
        (wrong(VGR), "reserve number VGR", "reserve_vgr", wrong(VGR)),
        (wrong(VGR), "T-nummer", "interim", wrong(VGR)),
        (wrong(STOCKHOLM), "1.2.752.97.3.1.3", "reserve_stockholm", wrong(STOCKHOLM)),
        (PERSONAL, "pnr", "personnummer", PERSONAL),
    ],
)
def test_a_named_type_is_believed_where_the_form_agrees(text, word, type_, compact):
    number = read(text, type=word)
    assert (number.type, number.compact, number.certainty) == (type_, compact, "named")
    assert number.serial == compact[-4:]


@pytest.mark.parametrize(
    "word", ["personnummer", "dossier", "interim", "reserve_skane", "NRID", "reservnummer", "", "ok\u00e4nt"]
)
def test_a_named_type_that_the_form_contradicts_is_not_believed(word):
    assert read(COORDINATION, type=word) == read(COORDINATION)
    assert read(COORDINATION, type=word).certainty == "certain"


def test_a_number_named_other_is_never_promoted():
    number = read(PERSONAL, type="annat nummer")
    assert (number.type, number.compact, number.certainty, number.serial) == ("other", PERSONAL, "none", None)


def test_validate_with_a_type_asks_for_that_type():
    assert validate(PERSONAL, reference_date=REFERENCE, type="pnr") == PERSONAL
    assert not is_valid(COORDINATION, reference_date=REFERENCE, type="pnr")
    assert is_valid("1234567", reference_date=REFERENCE, type="dossier")
    assert not is_valid("1234567", reference_date=REFERENCE)


@pytest.mark.parametrize("call", [read, lambda text, type: is_valid(text, reference_date=REFERENCE, type=type)])
def test_an_unknown_type_is_an_error_of_its_own(call):
    with pytest.raises(FieldError) as caught:
        call(PERSONAL, type="kundnummer")
    assert (caught.value.rule, caught.value.field) == ("number_type.unknown", "number_type")


def test_an_unknown_level_is_an_error_of_its_own():
    with pytest.raises(FieldError) as caught:
        read(COORDINATION, level="h\u00f6g")
    assert (caught.value.rule, caught.value.field) == ("number_level.unknown", "number_level")


@pytest.mark.parametrize(
    ("word", "level"),
    [
        ("styrkt", "styrkt"),
        ("Os\u00e4ker", "osaker"),
        ("OSAKER", "osaker"),
        ("probable", "sannolik"),
        ("", None),
        ("ok\u00e4nd", None),
    ],
)
def test_only_a_samordningsnummer_keeps_its_level(word, level):
    assert read_level(word) == level
    assert read(COORDINATION, level=word).level == level
    assert read(PERSONAL, level=word).level is None


def test_every_type_is_a_word_for_itself():
    assert [read_type_word(type_) for type_ in NUMBER_TYPES] == list(NUMBER_TYPES) == list(KINDS)


@pytest.mark.parametrize(
    ("text", "local"), [(INTERIM, True), ("800131-TF34", True), (PERSONAL, False), (VGR, False), ("A1", False)]
)
def test_interim_numbers_are_local(text, local):
    assert read(text).local is local


def test_the_date_of_an_interim_number_does_not_need_a_check_digit():
    assert read(wrong(INTERIM)).birth == read("800131-TF34").birth == BORN
    assert read("19800230T341").birth is None
    assert read(wrong(PERSONAL)).birth is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ab 12-34/5", "AB12345"),
        ("\u00a0AB\u2009\u201312\u200b", "AB12"),
        ("\u043c\u043f 123", "\u043c\u043f123"),
        ("\u06f1\u06f2\u06f3 A", "123A"),
        ("A\udc801", "A1"),
        ("1" + "a" * 40, "1" + "A" * 31),
        ("12", "12"),
        ("", None),
        ("\ud800", None),
        (" \u200b", None),
    ],
)
def test_foreign_number(text, expected):
    assert read_foreign_number(text) == expected


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        *((text, "foreign_number.no_digit") for text in ("okänt", "saknas", "-/.", "ABC", "\u043c\u043f")),
        *((text, "foreign_number.placeholder") for text in ("0", "000", "9999", "0000-00", "11111111")),
    ],
)
def test_no_foreign_number(text, rule):
    with pytest.raises(FieldError) as caught:
        read_foreign_number(text)
    assert (caught.value.rule, caught.value.field) == (rule, "foreign_number")
    assert not foreign.is_valid(text)
