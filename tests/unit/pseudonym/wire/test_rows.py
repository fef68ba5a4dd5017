"""Rules for single rows: an id never carries a number past the encoding, however it is dressed up."""

import sys
import unicodedata

import pytest

from pseudonym.characters import CONTROLS, DIGITS, WHITE_SPACE
from pseudonym.wire import DATES, RESERVED, id_rule, to_month
from pseudonym.wire.rows import day_rule

NUMBERS = ["9901202383", "199901202383", "199901802383", "9900602383", "990120T234", "19990120T234", "990120TF12"]
"""Of each shape: with and without century, day and 60, month unknown, interim."""

BETWEEN = [
    *(
        " ",
        "-",
        "+",
        ".",
        "/",
        "_",
        ":",
        ",",
        ";",
        "*",
        "#",
        "'",
        "(",
        "|",
        "\u00a0",
        "\u00ad",
        "\u00b7",
        "\u200b",
        "\u200d",
    ),
    *(
        "\u200e",
        "\u202e",
        "\u2013",
        "\u2060",
        "\u2212",
        "\ufeff",
        "\ufe0f",
        "\uff0d",
        "\uff1a",
        "\u0301",
        "\u30fb",
        "\U000e0020",
    ),
]


def in_digits_of(zero: int, text: str) -> str:
    return "".join(chr(zero + int(c)) if c.isdecimal() else c for c in text)


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("between", BETWEEN, ids=lambda text: f"U+{ord(text):04X}")
def test_nothing_between_the_digits_hides_a_number(number, between):
    assert id_rule(number) == "number_like"
    assert id_rule(f"{number[:-4]}{between}{number[-4:]}") == "number_like"
    assert id_rule(between.join(number)) == "number_like"
    if between not in WHITE_SPACE:
        assert id_rule(f"{between}{number}{between}") == "number_like"


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("zero", [0xFF10, 0x0660, 0x06F0, 0x0966, 0x0E50, 0x2080, 0x1D7CE, 0x1F101, 0x1FBF0])
def test_digits_of_no_script_hide_a_number(number, zero):
    assert id_rule(in_digits_of(zero, number)) == "number_like"
    assert id_rule(number[:4] + in_digits_of(zero, number[4:])) == "number_like"


def test_raised_and_wide_characters_do_not_hide_a_number():
    raised = str.maketrans("0123456789", "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079")
    assert id_rule("9901202383".translate(raised)) == "number_like"
    assert id_rule("990120\uff34234") == "number_like"
    assert id_rule("\u2460901202383") == "number_like"


def test_every_digit_that_python_knows_is_in_the_table():
    missing = [
        character
        for character in map(chr, range(0x80, sys.maxunicode + 1))
        if (value := unicodedata.digit(character, None)) is not None and DIGITS.get(ord(character)) != str(value)
    ]
    # A script of the third century that has digits up to four only, so that no number can be written in them.
    assert [unicodedata.name(character)[:10] for character in missing] == ["KHAROSHTHI"] * 4


def test_what_the_tables_call_white_space_and_control_is_what_python_calls_so():
    everything = list(map(chr, range(sys.maxunicode + 1)))
    assert sorted(WHITE_SPACE) == [character for character in everything if character.isspace()]
    assert sorted(CONTROLS) == [
        character for character in everything if unicodedata.category(character) in {"Cc", "Cs"}
    ]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "1",
            "2026-17",
            "case 2026/17 B",
            "\u00e4rende-\u00c5",
            "id 9901202383",
            "9901202383 b",
            "9913202383",
            "9901322383",
        ),
        *("99012023", "990120238", "99012023831", "1999012023831", "9901T02383", "990120TM12", "\u738b-1", "A990120"),
    ],
)
def test_other_ids_pass(text):
    assert id_rule(text) is None


@pytest.mark.parametrize(
    ("text", "rule"), [("", "missing"), ("x" * 65, "form"), (" a", "form"), ("a\u3000", "form"), ("a\x00b", "form")]
)
def test_ids_without_form_are_refused(text, rule):
    assert id_rule(text) == rule


@pytest.mark.parametrize("unseen", ["\u200b", "\ufeff", "\u00ad", "\u180e", "\ufe0f", "\u3164", "\U000e0041"])
def test_nobody_can_see_that_two_ids_differ(unseen):
    assert [id_rule(text) for text in (f"17{unseen}", f"{unseen}17", f"1{unseen}7")] == ["form"] * 3


@pytest.mark.parametrize("text", ["=1+1", "@SUM(1)", "+46701234567", "-1", "\uff1d1", "\uff20a"])
def test_a_formula_is_no_id(text):
    assert id_rule(text) == "formula"


@pytest.mark.parametrize("text", ["a=1", "'=1", "17-1", "a@b", "\u22121", "e\u0301"])
def test_an_id_may_have_signs_inside(text):
    assert id_rule(text) is None


@pytest.mark.parametrize("column", DATES)
def test_a_day_needs_a_reason(column):
    others = set(DATES) - {column}
    assert day_rule(column, "2026-03-01", others) == f"{column}.day"
    assert day_rule(column, "2026-03-01", {column}) is None
    for coarse in (to_month("2026-03-01"), "2026"):
        assert day_rule(column, coarse, ()) is None


def test_only_dates_have_days():
    assert [column for column in RESERVED if day_rule(column, "2026-03-01", ()) is not None] == sorted(
        DATES, key=RESERVED.index
    )
