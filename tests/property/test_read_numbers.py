"""The second reading of numbers against the library, on whatever random text both can be given."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pseudonym.characters import DIGITS
from pseudonym.errors import FieldError
from pseudonym.identity.numbers import read_foreign_number, read_level, read_number, read_type_word
from pseudonym.identity.numbers.spellings import LEVEL_WORDS, TYPE_WORDS
from pseudonym.wire import id_rule
from tests.vectors import read_numbers

REFERENCES: Final = st.one_of(st.dates(date(1950, 1, 1), date(2100, 12, 31)), st.dates())
SHAPED: Final = st.from_regex(
    r"(1[89]|20|21|22|23|25|26|99|00)?[0-9]{2}[-./]?(0[0-9]|1[0-3]|2[0-9])[-./]?([0-3][0-9]|[4-9][0-9])[-+:_]?"
    r"([0-9]{4}|000[0-9]|[TRSUWXJKLMN][0-9]{3}|TF[0-9]{2}|S[FUXPL][0-9][A-Z]|[A-Z]{2}[0-9]{2}|[0-9A-Z]{4}|([A-Z])\2{3})",
    fullmatch=True,
)
TEXTS: Final = st.one_of(
    SHAPED,
    SHAPED.map(str.lower),
    st.from_regex("[0-9]{6,9}", fullmatch=True),
    st.text("0129TFKx-+./_:' \u200b\u0664\uff15\u2013", max_size=18),
    st.text(max_size=40),
)
WORDS: Final = st.sampled_from(
    [
        *(word for words in TYPE_WORDS.values() for word in words),
        *(word for words in LEVEL_WORDS.values() for word in words),
    ]
)


def known(read: Any, word: str) -> str | None:
    """What the library reads from a word; a word that it does not know tells nothing."""
    try:
        return read(word) and word
    except FieldError:
        return None


@given(text=TEXTS, reference=REFERENCES, type_=WORDS, level=WORDS, named=st.booleans())
def test_both_read_the_same_number(text: str, reference: date, type_: str, level: str, named: bool) -> None:
    words = {"type": known(read_type_word, type_) if named else None, "level": known(read_level, level)}
    try:
        number = read_number(text, reference_date=reference, **words)
    except FieldError:
        number = None
    found = read_numbers.read_number(text, reference, type_ if named else "", level)
    if number is None or found is None:
        assert number is None
        assert found is None
        return
    year, month, day, margin = number.birth or (None, None, None, 0)
    digits = (year and f"{year:04d}", month and f"{month:02d}", day and f"{day:02d}", margin)
    born = None if number.birth is None else digits
    assert found == (number.type, number.valid, number.compact, born, number.certainty, number.level)


@given(text=TEXTS)
def test_both_read_the_same_foreign_number(text: str) -> None:
    try:
        found = read_foreign_number(text)
    except FieldError:
        found = None
    assert found == read_numbers.read_foreign_number(text)


@given(text=st.one_of(TEXTS, SHAPED.map(lambda text: text.translate({ord("1"): "\uff11", ord("K"): "\uff2b"}))))
def test_both_call_the_same_ids_numbers(text: str) -> None:
    if id_rule(text) in {None, "number_like"}:
        assert (id_rule(text) == "number_like") == read_numbers.is_number_like(text)


@pytest.mark.whole
def test_both_know_the_same_digits() -> None:
    for point in range(0x80, 0x20000):
        assert read_numbers._digit(chr(point)) == DIGITS.get(point)
