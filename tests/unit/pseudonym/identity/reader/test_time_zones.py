"""Midnight in Sweden that was written in UTC is the day in Sweden, and what may be one is named."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pseudonym.identity.reader import DateColumn, open_input
from pseudonym.identity.reader.dates import read_date
from pseudonym.identity.reader.time_zones import TimeOfDay, day_in_sweden, split_time
from tests.unit.pseudonym.workbooks import MAIN, workbook

TIME_STYLE = (
    f'<styleSheet xmlns="{MAIN}"><numFmts><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd hh:mm"/></numFmts>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs></styleSheet>'
)


def column_of(*texts: str, born: bool = True) -> DateColumn:
    column = DateColumn(born=born)
    for text in texts:
        column.add(text)
    return column


def read(*texts: str, born: bool = True) -> list[tuple[str, str | None]]:
    column = column_of(*texts, born=born)
    return [read_date(text, column) for text in texts]


@pytest.mark.parametrize("born", [True, False])
@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1988-03-26T23:00:00Z", "1988-03-27"),  # the day on which summer time began, at two o'clock
        ("1988-03-27T22:00:00Z", "1988-03-28"),
        ("1995-09-23T22:00:00Z", "1995-09-24"),
        ("1995-09-24T23:00:00Z", "1995-09-25"),
        ("1996-10-26T22:00:00Z", "1996-10-27"),
        ("2011-07-12T22:00:00.000Z", "2011-07-13"),
        ("2011-07-12 22:00:00+00:00", "2011-07-13"),
        ("2011-07-12 22:00:00+00", "2011-07-13"),
        ("2011-07-12T22:00:00.000+0000", "2011-07-13"),
        ("2011-07-12 22:00:00 UTC", "2011-07-13"),
        ("2011-07-12T22:00Z", "2011-07-13"),
        ("20110712T220000Z", "2011-07-13"),
        ("13/7/2011 22:00Z", "2011-07-14"),
        ("7/13/2011 10:00:00 PM Z", "2011-07-14"),
        ("12 juli 2011 22:00Z", "2011-07-13"),
        ("2011-07-12T20:00:00-02:00", "2011-07-13"),
        ("2011-12-31T23:00:00Z", "2012-01-01"),
        # Before 1980 Sweden had no summer time; some programs apply that of today to all years.
        ("1979-07-12T23:00:00Z", "1979-07-13"),
        ("1979-07-12T22:00:00Z", "1979-07-13"),
        ("1980-04-05T23:00:00Z", "1980-04-06"),
        ("1980-04-06T22:00:00Z", "1980-04-07"),
        ("1985-10-10T23:00:00Z", "1985-10-11"),
        ("1985-10-10T22:00:00Z", "1985-10-11"),
    ],
)
def test_midnight_in_sweden_is_the_day_in_sweden(text, day, born):
    assert read(text, born=born) == [(day, "date.time_zone")]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1988-03-27T00:00:00+01:00", "1988-03-27"),
        ("2011-07-13T00:00:00+02:00", "2011-07-13"),
        ("2011-07-13T00:00:00-05:00", "2011-07-13"),
        ("2011-07-13T00:00:00", "2011-07-13"),
        ("2011-07-13T00:00:00Z", "2011-07-13"),
        ("2011-07-13T12:00:00Z", "2011-07-13"),
        ("2011-07-13T02:00:00+02:00", "2011-07-13"),
        ("2011-07-13 14:30", "2011-07-13"),
        ("2011-07-13 11:59 PM", "2011-07-13"),
    ],
)
def test_other_times_leave_the_day_as_written(text, day):
    assert read(text) == [(day, None)]


@pytest.mark.parametrize(
    "text",
    [
        "2011-07-12T23:00:00Z",  # one o'clock in summer
        "2011-01-12T22:00:00Z",  # eleven in the evening in winter, and midnight in Finland
        "2008-03-05T23:59:59.999Z",
        "2011-07-12T22:30:00Z",
        "2011-07-12T19:00:00-05:00",
        "2011-07-12 22:00:00",
        "2011-01-12 23:00:00",
        "2011-01-12 22:00",
        "12/31/2011 11:00:00 PM",
    ],
)
def test_a_birth_date_that_may_be_the_next_day_is_left_out(text):
    assert read(text) == [(text, "date.time_unclear")]


def test_a_doubtful_time_is_named_in_a_file(tmp_path: Path):
    (tmp_path / "x.csv").write_text("record_id;birth_date\n1;2011-07-12T23:00:00Z\n2;2011-07-12T22:00:00Z\n")
    rows = list(open_input(tmp_path / "x.csv"))
    assert [row.values.get("birth_date") for row in rows] == [None, "2011-07-13"]
    faults = [(fault.rule, fault.effect) for row in rows for fault in row.faults]
    assert faults == [("date.time_unclear", "left out"), ("date.time_zone", "marked")]


def test_times_without_a_zone_that_follow_summer_time_are_in_utc():
    shifted = ["2011-07-12 22:00:00", "1988-03-26 23:00", "2008-01-05 23:00:00"]
    days = [("2011-07-13", "date.time_zone"), ("1988-03-27", "date.time_zone"), ("2008-01-06", "date.time_zone")]
    assert read(*shifted) == days
    assert read(*shifted, born=False) == days
    assert read(*shifted, "2011-07-13") == [*days, ("2011-07-13", None)]
    # Times of winter alone may be anything, and other times show that these are times of day.
    winter = [text.replace("07-12 22", "02-12 23") for text in shifted]
    assert [rule for _, rule in read(*winter)] == ["date.time_unclear"] * 3
    assert [rule for _, rule in read(*shifted, "2008-01-05 14:10")] == [*["date.time_unclear"] * 3, None]


def test_an_event_in_the_evening_stays_where_others_are_at_other_times():
    texts = ["2026-07-12 22:00", "2026-01-05 23:00", "2026-01-06 23:00", "2026-01-07 16:40"]
    assert read(*texts, born=False) == [(text[:10], None) for text in texts]
    assert read(texts[0], born=False) == [(texts[0], "date.time_unclear")]


def test_an_event_has_a_time_in_utc():
    assert read("2026-07-12T22:45:00Z", "2026-07-12T21:45:00Z", born=False) == [
        ("2026-07-13", "date.time_zone"),
        ("2026-07-12", None),
    ]


def test_a_date_whose_order_is_open_stays_open():
    assert read("05.03.2008 22:00:00Z") == [("05.03.2008 22:00:00Z", "date.order")]
    column = DateColumn(born=True, ordered="dmy")
    assert read_date("05.07.2008 22:00:00Z", column) == ("2008-07-06", "date.time_zone")


@pytest.mark.parametrize(
    "text", ["2008-02-30 22:00Z", "2008-13-01T23:00:00Z", "2008-03-05 24:00:00", "2008-03-05 13:00 PM"]
)
def test_days_and_times_that_do_not_exist_stay(text):
    assert read(text) in ([(text, None)], [(text[:10], None)])


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("2008-03-05 14.30", ("2008-03-05", TimeOfDay(52_200))),
        ("2008-03-05T00:00:00.123456+05:30", ("2008-03-05", TimeOfDay(0, 330))),
        ("5.3.2008, 9:05 am", ("5.3.2008", TimeOfDay(32_700))),
        ("2008-03-05 12:00 AM", ("2008-03-05", TimeOfDay(0))),
        ("2008 03 05", ("2008 03 05", None)),
        ("05.03.2008", ("05.03.2008", None)),
        ("25 12.2008", ("25 12.2008", None)),
    ],
)
def test_times_are_split_off(text, parts):
    assert split_time(text) == parts


STOCKHOLM = zoneinfo.ZoneInfo("Europe/Stockholm")
"""From the system, or from the package tzdata, which comes with pandas where the system has none."""


# From 1970 on the database has the history of Sweden; before, in most systems, that of Berlin.
@given(day=st.dates(date(1970, 1, 2), date(2037, 12, 31)), seconds=st.integers(1, 86_399))
def test_the_day_of_an_event_is_that_of_the_time_zone_database(day, seconds):
    instant = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=seconds)
    local = instant.astimezone(STOCKHOLM)
    found = day_in_sweden(day, TimeOfDay(seconds, 0), born=False)
    # A midnight by the rule of today is accepted as one, so it may be a day later.
    assert found == local.date() or (found == day + timedelta(days=1) and seconds in {79_200, 82_800})


@given(day=st.dates(date(1970, 1, 2), date(2037, 12, 31)))
def test_every_midnight_of_the_time_zone_database_is_recognised(day):
    instant = datetime(day.year, day.month, day.day, tzinfo=STOCKHOLM).astimezone(UTC)
    assert read(instant.isoformat()) == [(day.isoformat(), "date.time_zone")]


def test_workbook_cells_with_the_hours_of_utc(tmp_path: Path):
    cells = [40736 + 22 / 24, 32228 + 23 / 24, 39452 + 23 / 24, 40737, 40737.5]
    rows = [("record_id", "birth_date"), *((str(n), ("style 1", f"{cell:.10f}")) for n, cell in enumerate(cells))]

    def days(rows):
        (tmp_path / "x.xlsx").write_bytes(workbook(rows, replace={"xl/styles.xml": TIME_STYLE}))
        read = list(open_input(tmp_path / "x.xlsx"))
        return [row.values.get("birth_date") for row in read], [fault.rule for row in read for fault in row.faults]

    assert days(rows[:5]) == (["2011-07-13", "1988-03-27", "2008-01-06", "2011-07-13"], ["date.time_zone"] * 3)
    assert days(rows) == ([None, None, None, "2011-07-13", "2011-07-13"], ["date.time_unclear"] * 3)
