"""Numbers of every type, made at random: what the check digit finds, what the verbs promise, what they raise."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pseudonym.errors import FieldError
from pseudonym.faults import RULES
from pseudonym.identity.numbers import (
    KINDS,
    NUMBER_TYPES,
    Number,
    compact,
    foreign,
    format,
    interim,
    is_valid,
    personnummer,
    read_foreign_number,
    read_level,
    read_number,
    read_type_word,
    samordningsnummer,
    validate,
)
from pseudonym.identity.numbers.luhn import check_digit
from pseudonym.identity.numbers.spellings import LEVEL_WORDS, TYPE_WORDS

DATES: Final = st.dates(date(1850, 1, 1), date(2100, 12, 31))
REFERENCES: Final = st.dates(date(1950, 1, 1), date(2099, 12, 31))
LETTERS: Final = st.sampled_from("TRSUWXJKLMN")
NRID_LETTERS: Final = "ABCDEFGHJKLMNPRSTUXYZ"
VGR_VALUES: Final = {"K": "5", "M": "7", "X": "8"}
INVISIBLE: Final = ("", "", "", " ", "\u00a0", "\u200b", "\ufeff", "\u00ad", "\t", "\u2060")


def rule_of(call: Callable[..., object], *words: object, **options: object) -> str | None:
    """The rule of the field error that a call raises, None if it raises none."""
    try:
        call(*words, **options)
    except FieldError as error:
        return error.rule if error.__context__ is None else "an error before it, which may show the value"
    return None


def with_check(eleven: str) -> str:
    """A number of twelve characters; a letter counts as 1."""
    return eleven + check_digit("".join(c if c.isdecimal() else "1" for c in eleven[2:]))


@st.composite
def personal(draw: st.DrawFn) -> str:
    """A valid personnummer."""
    return with_check(f"{draw(DATES):%Y%m%d}{draw(st.integers(1, 999)):03d}")


@st.composite
def coordination(draw: st.DrawFn) -> str:
    """A valid samordningsnummer, of which month and day may be unknown, or a day that no calendar has."""
    month, day = draw(st.integers(0, 12)), draw(st.integers(60, 91))
    return with_check(f"{draw(st.integers(1850, 2100))}{month:02d}{day}{draw(st.integers(1, 999)):03d}")


@st.composite
def school(draw: st.DrawFn) -> str:
    """An interim number with the right check digit."""
    return with_check(f"{draw(DATES):%Y%m%d}{draw(LETTERS)}{draw(st.integers(0, 99)):02d}")


@st.composite
def stockholm(draw: st.DrawFn) -> str:
    seven = f"{draw(st.integers(0, 99)):02d}{draw(st.integers(0, 99999)):05d}"
    return f"99{draw(st.sampled_from(['19', '20']))}{seven}{check_digit(seven)}"


@st.composite
def vgr(draw: st.DrawFn) -> str:
    day, letter, rest = draw(DATES), draw(st.sampled_from("KMX")), draw(st.integers(6, 89))
    nine = f"{day:%y%m%d}{VGR_VALUES[letter]}{rest:02d}"
    return f"{day:%Y%m%d}{letter}{rest:02d}{check_digit(nine)}"


@st.composite
def inera(draw: st.DrawFn) -> str:
    return with_check(f"{draw(DATES):%Y%m}{draw(st.integers(32, 59))}{draw(st.integers(0, 999)):03d}")


@st.composite
def national(draw: st.DrawFn) -> str:
    day = draw(st.dates(date(1900, 1, 1), date(2099, 12, 31)))
    raised = day.year // 100 + 3 * draw(st.integers(1, 20))
    letters = draw(st.text(NRID_LETTERS, min_size=2, max_size=2))
    return f"{raised}{day:%y%m%d}{letters}{draw(st.integers(0, 99)):02d}"


VARMLAND: Final = st.builds(
    lambda day, b, n, c: f"{day:%Y%m%d}S{b}{n}{c}",
    DATES,
    st.sampled_from("FUXPL"),
    st.integers(0, 9),
    st.sampled_from("ABZ"),
)
SKANE: Final = st.builds(
    lambda day, rest: f"{day:%Y%m%d}{rest}", DATES, st.from_regex(r"[0-9A-Z]{2}[A-Z][0-9]", fullmatch=True)
)
VALID: Final = {
    "personnummer": personal(),
    "samordningsnummer": coordination(),
    "interim": school(),
    "reserve_stockholm": stockholm(),
    "reserve_vgr": vgr(),
    "reserve_varmland": VARMLAND,
    "reserve_inera": inera(),
    "reserve_skane": SKANE,
    "national_reserve": national(),
    "dossier": st.from_regex("[1-9][0-9]{6,7}", fullmatch=True).filter(lambda text: len(set(text)) > 1),
}
WITH_LUHN: Final = ("personnummer", "samordningsnummer", "interim", "reserve_inera")


@pytest.mark.parametrize("type_", VALID)
@given(data=st.data(), reference=REFERENCES)
def test_a_named_number_is_read_as_what_it_is(type_: str, data: st.DataObject, reference: date) -> None:
    text = data.draw(VALID[type_])
    number = read_number(text, reference_date=reference, type=type_)
    assert (number.type, number.compact, number.valid, number.certainty) == (type_, text, True, "named")
    assert number.serial == text[-4:]
    kind = KINDS[type_]
    assert kind.validate(text, reference_date=reference) == validate(text, reference_date=reference, type=type_) == text


@pytest.mark.parametrize("type_", [name for name in VALID if name not in {"dossier", "reserve_skane"}])
@given(data=st.data(), reference=REFERENCES)
def test_a_valid_number_is_never_taken_for_another_type(type_: str, data: st.DataObject, reference: date) -> None:
    number = read_number(data.draw(VALID[type_]), reference_date=reference)
    # Of an interim number and one of VGR that look alike, one with both check digits right is of neither.
    assert number.type in ({type_, "other"} if type_ in {"interim", "reserve_vgr"} else {type_})
    assert number.certainty == {"personnummer": "certain", "samordningsnummer": "certain"}.get(
        type_, "none" if number.type == "other" else "likely"
    )


@pytest.mark.parametrize("type_", ["dossier", "reserve_skane"])
@given(data=st.data(), reference=REFERENCES)
def test_a_type_without_a_form_of_its_own_is_read_only_if_named(
    type_: str, data: st.DataObject, reference: date
) -> None:
    text = data.draw(VALID[type_])
    # Eight digits that are a date are a date, not a number, unless the caller says that they are one.
    if rule_of(read_number, text, reference_date=reference) != "number.placeholder":
        assert read_number(text, reference_date=reference).type != type_


@pytest.mark.parametrize("type_", VALID)
@given(data=st.data(), reference=REFERENCES)
def test_compact_and_format_go_around(type_: str, data: st.DataObject, reference: date) -> None:
    kind, text = KINDS[type_], data.draw(VALID[type_])
    written = kind.format(text, reference_date=reference)
    assert kind.compact(written, reference_date=reference) == kind.compact(text, reference_date=reference) == text
    assert kind.format(written, reference_date=reference) == written
    spread = "".join(character + data.draw(st.sampled_from(INVISIBLE)) for character in written.lower())
    assert kind.compact(spread, reference_date=reference) == text
    assert read_number(spread, reference_date=reference, type=type_) == read_number(
        text, reference_date=reference, type=type_
    )


@given(text=st.one_of(personal(), school()), reference=REFERENCES)
def test_the_short_form_goes_around_for_two_hundred_years(text: str, reference: date) -> None:
    born = date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    assume(born <= reference and reference.year - born.year < 200)
    kind = interim.KIND if text[8].isalpha() else personnummer.KIND
    short = kind.format(text, reference_date=reference, short=True)
    assert ("+" in short) == (reference.year - born.year >= 100)
    assert kind.validate(short, reference_date=reference) == text


@given(day=DATES, days=st.integers(0, 36_000), rest=st.integers(1000, 9999))
def test_without_a_sign_the_century_is_the_latest_that_is_not_after_the_reference_date(
    day: date, days: int, rest: int
) -> None:
    reference = day + timedelta(days)
    short, long = f"{day:%y%m%d}{rest}", f"{day:%Y%m%d}{rest}"
    if reference.year <= 2100 and (reference.year - 100, reference.month, reference.day) < day.timetuple()[:3]:
        assert personnummer.compact(short, reference_date=reference) == long


@pytest.mark.parametrize("type_", WITH_LUHN)
@given(data=st.data())
def test_the_check_digit_finds_every_wrong_digit(type_: str, data: st.DataObject) -> None:
    text, kind = data.draw(VALID[type_]), KINDS[type_]
    for place in range(2, 12):
        for digit in "0123456789":
            if text[place] != digit and text[place].isdecimal():
                assert not kind.is_valid(text[:place] + digit + text[place + 1 :], reference_date=date(2026, 1, 1))


@pytest.mark.parametrize("type_", WITH_LUHN)
@given(data=st.data())
def test_the_check_digit_finds_every_swap_of_neighbours_but_of_0_and_9(type_: str, data: st.DataObject) -> None:
    text, kind = data.draw(VALID[type_]), KINDS[type_]
    for place in range(2, 11):
        first, second = text[place], text[place + 1]
        if first == second or not (first + second).isdecimal():
            continue
        swapped = f"{text[:place]}{second}{first}{text[place + 2 :]}"
        if {first, second} == {"0", "9"}:
            assert check_digit(swapped[2:11]) == swapped[11]
        else:
            assert not kind.is_valid(swapped, reference_date=date(2026, 1, 1))


@given(nine=st.from_regex(r"[0-9]{9}", fullmatch=True))
def test_the_check_digit_is_luhns(nine: str) -> None:
    products = "".join(str(int(digit) * (2, 1)[place % 2]) for place, digit in enumerate(nine))
    assert (sum(map(int, products)) + int(check_digit(nine))) % 10 == 0


GARBAGE: Final = st.one_of(
    st.text(max_size=40),
    st.text("0123456789TRSFKMXx-+./_:' \u200b\u0664\uff15", max_size=20),
    st.from_regex(r"[0-9]{6,8}[-+ ]?[0-9A-Za-z]{4}", fullmatch=True),
)
TYPE_NAMES: Final = st.sampled_from([None, *(word for words in TYPE_WORDS.values() for word in words)])


@given(text=GARBAGE, type_=TYPE_NAMES, reference=REFERENCES)
def test_any_text_raises_field_errors_only(text: str, type_: str | None, reference: date) -> None:
    rule = rule_of(read_number, text, reference_date=reference, type=type_, level="osäker")
    assert rule in {None, "number.no_digit", "number.placeholder", "number.unreadable"}
    verbs = [compact, validate, is_valid, format]
    for verb in [*verbs, *(verb for kind in KINDS.values() for verb in (kind.compact, kind.validate, kind.parts))]:
        assert rule_of(verb, text, reference_date=reference) in {None, *RULES}
    assert rule_of(read_foreign_number, text) in {None, "foreign_number.no_digit", "foreign_number.placeholder"}
    if rule is None:
        check_promises(read_number(text, reference_date=reference, type=type_, level="osäker"), reference)


def check_promises(number: Number, reference: date) -> None:
    """What holds for every number that was read."""
    assert number.type in NUMBER_TYPES
    assert (number.type == "other") == (number.certainty == "none") == (number.serial is None)
    assert number.valid == KINDS[number.type].is_valid(number.compact, reference_date=reference)
    assert number.birth is None or number.valid or number.type == "interim"
    assert (number.level is not None) == (number.type == "samordningsnummer")
    assert number.local == (number.type == "interim")
    named = number.type
    again = read_number(number.compact, reference_date=reference, type=named)
    assert (again.type, again.compact, again.valid) == (number.type, number.compact, number.valid)
    written = format(number.compact, reference_date=reference, type=named)
    assert read_number(written, reference_date=reference, type=named).compact == number.compact


@given(text=GARBAGE, reference=REFERENCES)
def test_verbs_agree(text: str, reference: date) -> None:
    valid = is_valid(text, reference_date=reference)
    if valid:
        number = read_number(text, reference_date=reference)
        assert number.valid
        assert validate(text, reference_date=reference) == compact(text, reference_date=reference) == number.compact
        assert [name for name, kind in KINDS.items() if kind.is_valid(text, reference_date=reference)] >= [number.type]


@given(text=st.text(max_size=40))
def test_foreign_numbers_do_not_change_once_they_are_compact(text: str) -> None:
    if not foreign.is_valid(text):
        return
    once = foreign.compact(text)
    assert foreign.compact(once) == foreign.format(once) == foreign.validate(text) == read_foreign_number(text) == once
    assert 0 < len(once) <= 32


@given(text=st.text(max_size=20))
def test_words_for_types_and_levels_are_read_or_refused(text: str) -> None:
    assert rule_of(read_type_word, text) in {None, "number_type.unknown"}
    assert rule_of(read_level, text) in {None, "number_level.unknown"}


@pytest.mark.parametrize(("words", "read"), [(TYPE_WORDS, read_type_word), (LEVEL_WORDS, read_level)])
def test_every_word_means_one_thing_however_it_is_written(words: dict[str, tuple[str, ...]], read: object) -> None:
    assert callable(read)
    for meaning, spellings in words.items():
        for word in spellings:
            for text in (word, word.upper(), f" {word.title()} ", word.replace("-", " "), word.replace("ä", "a\u0308")):
                assert (read(text) or "") == meaning


@given(text=coordination(), reference=REFERENCES)
def test_a_date_is_in_a_samordningsnummer_only_when_it_exists(text: str, reference: date) -> None:
    birth = samordningsnummer.parts(text, reference_date=reference).birth
    assert read_number(text, reference_date=reference).birth == birth
    if birth is not None and birth.month and birth.day:
        assert f"{date(*birth[:3]):%Y%m%d}" == f"{text[:6]}{int(text[6:8]) - 60:02d}"
