"""Dates, sexes and foreign numbers come out as docs/spec.md, section 4, says."""

import pytest

from pseudonym.errors import FieldError
from pseudonym.normalise import PartialDate, birth_date, foreign_number, sex


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2009-01-28", (2009, 1, 28)),
        ("20090128", (2009, 1, 28)),
        (" 2009-01 ", (2009, 1, None)),
        ("2009", (2009, None, None)),
        ("2000-02-29", (2000, 2, 29)),
        ("1850-01-01", (1850, 1, 1)),
        ("2100-12-31", (2100, 12, 31)),
        ("2009\u201101\u201128\u200e", (2009, 1, 28)),
        ("", (None, None, None)),
    ],
)
def test_birth_date(text, expected):
    assert birth_date(text) == PartialDate(*expected)


@pytest.mark.parametrize(
    "text",
    [
        "2009-02-29",
        "2100-02-29",
        "1849-12-31",
        "2101-01-01",
        "2009-13-01",
        "2009-00",
        "2009-01-00",
        "200901",
        "090128",
        "2009-1-2",
        "28/1 2009",
        "2009-01-28T00:00",
        "2009 01 28",
        "٢٠٠٩",
        "2009-0101",
        "200901-01",
        "x",
    ],
)
def test_unreadable_birth_date(text):
    with pytest.raises(FieldError) as caught:
        birth_date(text)
    assert (caught.value.rule, caught.value.field) == ("birth_date.form", "birth_date")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Kvinna", "woman"),
        ("F", "woman"),
        ("k", "woman"),
        ("female", "woman"),
        ("MAN", "man"),
        ("m", "man"),
        ("male", "man"),
        ("annat", "other"),
        ("o", "other"),
        ("Okänt", None),
        ("oka\u0308nt", None),
        ("U", None),
        (" ", None),
        ("unknown", None),
    ],
)
def test_sex(text, expected):
    assert sex(text) == expected


@pytest.mark.parametrize("text", ["1", "x", "flicka", "womann", "OKÄNT"])
def test_unreadable_sex(text):
    with pytest.raises(FieldError) as caught:
        sex(text)
    assert (caught.value.rule, caught.value.field) == ("sex.unknown", "sex")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ab 12-34/5", "AB12345"),
        ("\u00a0AB\u2009\u201312\u200b", "AB12"),
        ("мп 123", "мп123"),
        (" -/. ", None),
        ("", None),
        ("a" * 40, "A" * 32),
    ],
)
def test_foreign_number(text, expected):
    assert foreign_number(text) == expected


def test_lone_surrogates_vanish():
    assert foreign_number("A\udc801") == "A1"
    assert foreign_number("\ud800") is None
    assert birth_date("2009\ud800") == PartialDate(2009, None, None)


def test_partial_date_shows_no_part():
    assert "2009" not in repr(PartialDate(2009, 1, 28))
    assert "2009" not in f"{PartialDate(2009, 1, 28)}"
