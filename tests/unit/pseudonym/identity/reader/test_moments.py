"""Moments as programs write them become the day in Sweden, and numbers that are none stay what they are."""

from __future__ import annotations

from datetime import datetime

import pytest

from pseudonym.identity.reader.dates import DateColumn, read_date
from pseudonym.identity.reader.moments import from_epoch, in_usual_form, is_counted

BORN = "1988-03-27"


def read(text: str, *, born: bool = True) -> tuple[str, str | None]:
    column = DateColumn(born=born)
    column.add(text)
    return read_date(text, column)


@pytest.mark.parametrize(
    "text",
    [
        "575420400",  # Midnight in Sweden.
        "575424000",  # Midnight in UTC.
        "575420400000",
        "575420400.0",
        "/Date(575420400000)/",
        r"\\/Date(575420400000+0100)\\/".replace("\\\\", "\\"),
    ],
)
def test_a_number_of_seconds_at_midnight_is_a_date(text: str) -> None:
    assert read(text) == (BORN, "date.unix_time")


def test_a_birth_before_1970_has_a_negative_number() -> None:
    assert read("-56854800") == ("-56854800", None)
    assert read("-569034000") == ("1951-12-21", "date.unix_time")


@pytest.mark.parametrize(
    "text",
    [
        "575420401",  # No midnight.
        "575410000",
        "1102159823",  # A number of ten digits.
        "198803271234",  # A number of twelve.
        "99999999999999",
        "27032000",  # Eight digits may be a date with the year last.
        "-",
    ],
)
def test_other_numbers_are_no_moments(text: str) -> None:
    assert read(text) == (text, None)


def test_what_says_that_it_is_a_moment_may_have_any_time() -> None:
    assert read("/Date(1773010800000)/", born=False) == ("2026-03-09", "date.unix_time")
    assert read("/Date(575413200000)/") == ("/Date(575413200000)/", "date.time_unclear")
    assert read("/Date(999999999999999)/") == ("/Date(999999999999999)/", None)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("19880326230000Z", "date.time_zone"),  # HL7, with and without a zone.
        ("19880327000000", None),
        ("198803270000", None),
        ("19880327000000.000+0100", None),
        ("Sat Mar 26 1988 23:00:00 GMT+0000 (Coordinated Universal Time)", "date.time_zone"),
        ("Sun Mar 27 1988 00:00:00 GMT+0100 (CET)", None),
        ("Sun Mar 27 00:00:00 CET 1988", None),
        ("1988-03-27 00:00:00 CET", None),
        ("Sat, 26 Mar 1988 23:00:00 GMT", "date.time_zone"),
        ("27 mars 1988 kl. 00.00", None),
        ("s\u00f6ndagen den 27 mars 1988", None),
        ("s\u00f6n 27 mars 1988", None),
        ("1988-03-27Z", None),
        ("1988-03-27+01:00", None),
        ("f. 1988-03-27", None),
        ("f\u00f6dd den 27 mars 1988", None),
    ],
)
def test_other_forms_of_dates_with_times(text: str, rule: str | None) -> None:
    assert read(text) == (BORN, rule)


@pytest.mark.parametrize("text", ["ca 2011", "c:a 2011", "~2011", "omkring 2011", "uppskattat 2011", "2011 (ca)"])
def test_a_year_that_is_about_right(text: str) -> None:
    assert read(text) == ("2011~", None)


def test_weekdays_are_no_months() -> None:
    assert in_usual_form("mars 1988") == "mars 1988"
    assert in_usual_form("13 juli 2011") == "13 juli 2011"
    assert in_usual_form("monday") == "monday"


def test_what_is_counted() -> None:
    assert is_counted("575420400")
    assert not is_counted("19880327")
    assert from_epoch("575420400500") == (datetime(1988, 3, 26, 23, 0, 0, 500_000), False)
    assert read("575420400500") == ("575420400500", None)
