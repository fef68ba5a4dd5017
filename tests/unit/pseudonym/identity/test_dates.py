"""Birth dates come out as docs/spec.md, section 4.3, says, and what stands for no date is none."""

from datetime import date

import pytest

from pseudonym.errors import FieldError
from pseudonym.identity.dates import Birth, latest_day, read_birth_date


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2009-01-28", (2009, 1, 28)),
        ("20090128", (2009, 1, 28)),
        (" 2009-01 ", (2009, 1, None)),
        ("2009", (2009, None, None)),
        ("2009-00", (2009, None, None)),
        ("2009-00-00", (2009, None, None)),
        ("20090100", (2009, 1, None)),
        ("2009-00-31", (2009, None, 31)),
        ("2000-02-29", (2000, 2, 29)),
        ("1850-01-01", (1850, 1, 1)),
        ("2100-12-31", (2100, 12, 31)),
        ("2009\u201101\u201128\u200e", (2009, 1, 28)),
        ("1900-01-02", (1900, 1, 2)),
        ("2009\ud800", (2009, None, None)),
        ("2008~", (2008, None, None, 2)),
        ("2008~4", (2008, None, None, 4)),
        (" 2008\u00b10 ", (2008, None, None)),
        ("", ()),
        ("\u200b", ()),
    ],
)
def test_birth_date(text, expected):
    assert read_birth_date(text) == Birth(*expected)


@pytest.mark.parametrize(
    "text",
    [
        "2009-02-29",
        "2100-02-29",
        "1849-12-31",
        "2101-01-01",
        "2009-13-01",
        "2009-00-32",
        "200901",
        "090128",
        "2009-1-2",
        "28/1 2009",
        "2009-01-28T00:00",
        "2009 01 28",
        "\u0662\u0660\u0660\u0669",
        "2009-0101",
        "200901-01",
        "2008~10",
        "2008-01~",
        "~2008",
        "1849~",
        "2008\u00b1",
        "x",
        "Anna",
    ],
)
def test_unreadable_birth_date(text):
    with pytest.raises(FieldError) as caught:
        read_birth_date(text)
    assert (caught.value.rule, caught.value.field) == ("birth_date.form", "birth_date")


@pytest.mark.parametrize(
    "text",
    [
        "1900-01-01",
        "19000101",
        "1900",
        "1753-01-01",
        "0001-01-01",
        "1899-12-30",
        "9999-12-31",
        "0000-00-00",
        "0",
        "-",
        "?",
        "Ok\u00e4nt",
        "OK\u00c4ND",
        "oka\u0308nd",
        "saknas",
        "Unknown",
    ],
)
def test_a_placeholder_date_is_missing(text):
    with pytest.raises(FieldError) as caught:
        read_birth_date(text)
    assert (caught.value.rule, caught.value.field) == ("birth_date.placeholder", "birth_date")


@pytest.mark.parametrize("text", ["2008-01-01", "2008-07-01"])
def test_default_dates(text):
    assert read_birth_date(text).is_default
    assert not read_birth_date(text.replace("01-01", "01-02").replace("07-01", "06-01")).is_default


@pytest.mark.parametrize(
    ("field", "number", "together"),
    [
        ((2008, 1, 5), (2008, 1, 5), (2008, 1, 5)),
        ((2008, None, None), (2008, 1, 5), (2008, 1, 5)),
        ((2008, 1, 5), (2008, None, None), (2008, 1, 5)),
        ((), (2008, 1, None), (2008, 1, None)),
        ((2008, None, None, 2), (2006, 3, 4), (2006, 3, 4)),
        ((2008, None, None, 2), (2005, 3, 4), None),
        ((2008, 1, 5), (2008, 5, 1), None),
        ((2008, 1, 5), (2009, 1, 5), None),
        ((2008, 1, None), (2008, None, 7), (2008, 1, 7)),
    ],
)
def test_two_dates_are_united_where_they_agree(field, number, together):
    assert Birth(*field).united(Birth(*number)) == (None if together is None else Birth(*together))


@pytest.mark.parametrize(
    ("text", "day"),
    [("2024-02", date(2024, 2, 29)), ("2023", date(2023, 12, 31)), ("2023-05-06", date(2023, 5, 6))],
)
def test_latest_day(text, day):
    assert latest_day(text) == day


def test_a_birth_date_shows_no_part():
    assert "2009" not in repr(Birth(2009, 1, 28))
    assert "2009" not in f"{Birth(2009, 1, 28)}"
