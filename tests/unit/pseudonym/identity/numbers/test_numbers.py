"""Swedish numbers are typed by their form, completed by the reference date, and checked.

All numbers here are from Skatteverket's published list of test numbers (CC0), which belong to nobody, or are made from
them by adding 60 to the day or putting a letter, and computing the check digit anew.
"""

from datetime import date

import pytest

from pseudonym.errors import FieldError
from pseudonym.identity import numbers
from pseudonym.identity.dates import Birth
from pseudonym.identity.numbers import Number, compact, is_valid, read_number, validate

REFERENCE = date(2026, 3, 31)
PERSONAL = ["199901202383", "200901282392", "201604292381", "189001019802", "189001029819", "201912012398"]


def check_digit(nine: str) -> str:
    """Luhn's check digit, written out: double every second digit from the first, add the digits of the products."""
    total = 0
    for place, character in enumerate(nine):
        product = int(character) * (2 if place % 2 == 0 else 1)
        total += product // 10 + product % 10
    return str((10 - total % 10) % 10)


def coordination(number: str, *, month: str | None = None, day: int | None = None) -> str:
    days = int(number[6:8]) + 60 if day is None else day
    eleven = f"{number[:4]}{month or number[4:6]}{days:02d}{number[8:11]}"
    return eleven + check_digit(eleven[2:])


def interim(number: str, letter: str) -> str:
    digits = number[2:8] + "1" + number[9:11]
    return number[:8] + letter + number[9:11] + check_digit(digits)


def read(text: str, *, reference: date = REFERENCE) -> Number:
    return read_number(text, reference_date=reference)


def refusal(text: str) -> str:
    with pytest.raises(FieldError) as caught:
        validate(text, reference_date=REFERENCE)
    assert caught.value.field == "number"
    return caught.value.rule


@pytest.mark.parametrize("number", PERSONAL)
def test_personnummer(number):
    read_ = read(number)
    assert (read_.type, read_.compact, read_.valid, read_.serial) == ("personnummer", number, True, number[8:])
    assert read_.birth == Birth(int(number[:4]), int(number[4:6]), int(number[6:8]))


@pytest.mark.parametrize(
    "text",
    [
        "200901282392",
        "20090128-2392",
        "0901282392",
        "090128-2392",
        " 20090128 2392 ",
        "20090128\u20112392",
        "\u200e090128-2392",
        "20090128+2392",
        "2009 01 28 - 23 92",
        "\u00a0090128\u00a02392",
    ],
)
def test_ways_to_write_one_number(text):
    assert compact(text, reference_date=REFERENCE) == "200901282392"


def test_other_dashes_than_the_hyphen_are_hyphens():
    assert compact("090128\u20132392", reference_date=REFERENCE) == "200901282392"
    assert compact("090128\u22122392", reference_date=REFERENCE) == "200901282392"


@pytest.mark.parametrize(
    ("text", "reference", "year"),
    [
        ("090128-2392", date(2026, 1, 1), "2009"),
        ("090128-2392", date(2009, 1, 28), "2009"),
        ("090128-2392", date(2009, 1, 27), "1909"),
        ("090128+2392", date(2026, 1, 1), "1909"),
        ("990120-2383", date(2026, 1, 1), "1999"),
        ("990120-2383", date(2099, 1, 20), "2099"),
        ("900101+9802", date(2026, 1, 1), "1890"),
        ("000101-2384", date(2000, 1, 1), "2000"),
        ("000101-2384", date(1999, 12, 31), "1900"),
        ("991231-2388", date(2000, 1, 1), "1999"),
        ("000101+2384", date(2000, 1, 1), "1900"),
        ("260401+2383", date(2026, 3, 31), "1926"),  # She turns 100 in a day, and has had the plus since New Year.
        ("260401-2383", date(2026, 3, 31), "1926"),  # A system that does not know the plus: nobody is born tomorrow.
        ("261231+2383", date(2026, 1, 1), "1926"),
        ("261231-2383", date(2025, 12, 31), "1926"),
        ("250401+2383", date(2026, 3, 31), "1925"),
        ("250401-2383", date(2026, 3, 31), "2025"),
        ("000229+2384", date(2026, 3, 31), "1900"),
        ("000229-2384", date(2026, 3, 31), "2000"),
        ("000229-2384", date(2000, 2, 28), "1900"),
        ("040229-2384", date(2004, 2, 28), "1904"),
        ("040229-2384", date(2004, 2, 29), "2004"),
    ],
)
def test_century_comes_from_the_reference_date(text, reference, year):
    assert read(text, reference=reference).compact[:4] == year


def test_century_of_a_samordningsnummer_does_not_see_the_60_days():
    short = coordination("200901282392")[2:]
    assert read(short, reference=date(2009, 1, 28)).compact[:4] == "2009"
    assert read(short, reference=date(2009, 1, 27)).compact[:4] == "1909"


def test_century_of_unknown_month_and_day_takes_the_first():
    short = coordination("200901282392", month="00", day=60)[2:]
    assert read(short, reference=date(2009, 1, 1)).compact[:4] == "2009"
    assert read(short, reference=date(2008, 12, 31)).compact[:4] == "1909"


@pytest.mark.parametrize("number", PERSONAL)
def test_samordningsnummer(number):
    text = coordination(number)
    read_ = read(text)
    assert (read_.type, read_.compact, read_.valid) == ("samordningsnummer", text, True)
    assert read_.birth == Birth(int(number[:4]), int(number[4:6]), int(number[6:8]))


@pytest.mark.parametrize(
    ("month", "day", "birth"),
    [
        ("00", 60, (None, None)),
        ("00", 72, (None, 12)),
        ("00", 91, (None, 31)),
        ("01", 60, (1, None)),
        ("12", 91, (12, 31)),
    ],
)
def test_samordningsnummer_of_unknown_month_or_day(month, day, birth):
    read_ = read(coordination("200901282392", month=month, day=day))
    assert (read_.type, read_.valid, read_.birth) == ("samordningsnummer", True, Birth(2009, *birth))


def test_samordningsnummer_of_a_day_that_does_not_exist_is_valid_and_tells_no_date():
    text = coordination("200901282392", month="04", day=91)
    assert (read(text).type, read(text).valid, read(text).birth) == ("samordningsnummer", True, None)
    assert validate(text, reference_date=REFERENCE) == text


@pytest.mark.parametrize("letter", "TRSUWXJKLMN")
def test_interim(letter):
    text = interim("200901282392", letter)
    read_ = read(text.lower())
    assert (read_.type, read_.compact, read_.valid, read_.serial) == ("interim", text, True, text[8:])
    assert read_.birth == Birth(2009, 1, 28)


@pytest.mark.parametrize("letter", "ABCDEFGHIOPQVYZ")
def test_other_letters_are_no_interim_number(letter):
    assert read(interim("200901282392", letter)).type == "other"


@pytest.mark.parametrize("number", PERSONAL)
def test_every_wrong_digit_but_those_of_the_century_is_found(number):
    for place in range(2, 12):
        for digit in "0123456789":
            if digit != number[place]:
                assert not is_valid(number[:place] + digit + number[place + 1 :], reference_date=REFERENCE)


def test_wrong_check_digit_keeps_the_number():
    read_ = read("20090128-2393")
    assert read_ == Number("personnummer", "200901282393", False, None, "2393", "likely")
    assert refusal("20090128-2393") == "number.check_digit"


PLACEHOLDERS = [
    *("0", "000000-0000", "00000000-0000", "000000000000", "9999", "9999999999", "999999-9999", "111111-1111"),
    *("20090128000" + check_digit("090128000"), "20090188000" + check_digit("090188000"), "090128-0000"),
    *("20090128-XXXX", "20090128-NNNN", "20090128", "2009-01-28"),
]


@pytest.mark.parametrize("text", PLACEHOLDERS)
def test_a_placeholder_is_not_a_number(text):
    with pytest.raises(FieldError) as caught:
        read(text)
    assert (caught.value.rule, caught.value.field) == ("number.placeholder", "number")
    assert not is_valid(text, reference_date=REFERENCE)


@pytest.mark.parametrize("text", ["", " ", "-", "+/_.", "okänd", "Saknas", "?", "uppgift saknas", "T", "\ud800"])
def test_a_text_without_a_digit_is_not_a_number(text):
    with pytest.raises(FieldError) as caught:
        read(text)
    assert (caught.value.rule, caught.value.field) == ("number.no_digit", "number")


@pytest.mark.parametrize("text", ["20090229-1234", "19000229-1234", "20090431-1234"])
def test_day_that_does_not_exist(text):
    assert (read(text).type, read(text).valid) == ("personnummer", False)
    assert refusal(text) == "number.date"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("556036-0793", "5560360793"),  # An organisation: the third digit is at least 2, so there is no such month.
        ("12345678", "12345678"),
        ("991234567890", "991234567890"),
        ("992010121235", "992010121235"),  # Stockholm's form, but the check digit is wrong.
        ("184912312383", "184912312383"),
        ("20090132-2392", "200901322392"),
        ("20090159-2392", "200901592392"),
        ("20090192-2392", "200901922392"),
        ("20090028-2392", "200900282392"),
        ("090128-TM12", "090128TM12"),
        ("0901-282392-", "0901282392"),
        ("070-1234567", "0701234567"),
        ("20090230", "20090230"),
        ("A/12.3_4+5", "A12345"),
        ("300101+1234", "3001011234"),
    ],
)
def test_a_number_of_no_known_form_is_other(text, kept):
    assert read(text) == Number("other", kept, False, None, None, "none")
    assert refusal(text) == "number.form"
    assert numbers.format(text, reference_date=REFERENCE) == kept


@pytest.mark.parametrize("text", ["ä1", "12,5", "12" * 17, "=1", "200901282392-????", "1\u00e5"])
def test_unreadable(text):
    with pytest.raises(FieldError) as caught:
        read(text)
    assert (caught.value.rule, caught.value.field) == ("number.unreadable", "number")


def test_the_four_verbs_agree():
    text = "090128-2392"
    assert validate(text, reference_date=REFERENCE) == compact(text, reference_date=REFERENCE) == "200901282392"
    assert numbers.format(text, reference_date=REFERENCE) == "20090128-2392"
    assert is_valid(text, reference_date=REFERENCE)
    assert not is_valid("", reference_date=REFERENCE)


def test_number_shows_nothing():
    assert "2392" not in repr(read("200901282392"))
    assert "2009" not in f"{read('200901282392')}"
