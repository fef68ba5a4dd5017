"""Periods of tables, and dates that are known to the day, the month or the year."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pytest

from linkage.counting import parse_period, years_of
from linkage.counting.periods import NO_DAY, day_spans
from linkage.errors import SettingsError
from tests.unit.linkage.counting.worlds import records_of


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026", (2026, 1, 1), (2026, 12, 31)),
        ("2024-02", (2024, 2, 1), (2024, 2, 29)),
        ("2024-12", (2024, 12, 1), (2024, 12, 31)),
        ("2024..2026", (2024, 1, 1), (2026, 12, 31)),
        ("2024-07..2026", (2024, 7, 1), (2026, 12, 31)),
        ("2026..2026", (2026, 1, 1), (2026, 12, 31)),
    ],
)
def test_both_ends_belong_to_it(text, first, last):
    found = parse_period(text)
    assert (found.first, found.last) == (date(*first), date(*last))


@pytest.mark.parametrize(
    "text",
    [
        "2026..2024",
        "2026-03..2026-02",
        "2026-13",
        "26",
        "",
        "..",
        "2024..",
        "2024..2025..2026",
        "0001",
        "9999",
        "2026-3",
        "2026-02-01",
    ],
)
def test_what_is_no_period_is_refused(text):
    with pytest.raises(SettingsError, match=r"table\.period"):
        parse_period(text)


def test_its_years_end_where_it_ends():
    years = parse_period("2024-07..2026-02").years
    assert [(one.text, one.first.month, one.last.month) for one in years] == [
        ("2024", 7, 12),
        ("2025", 1, 12),
        ("2026", 1, 2),
    ]


def test_a_date_spans_the_days_that_it_may_mean():
    first, last = day_spans(pa.chunked_array([pa.array(["2024", "2024-02", "2024-02-29", None], pa.string())]))
    assert [date.fromordinal(day) for day in first[:3].tolist()] == [
        date(2024, 1, 1),
        date(2024, 2, 1),
        date(2024, 2, 29),
    ]
    assert [date.fromordinal(day) for day in last[:3].tolist()] == [
        date(2024, 12, 31),
        date(2024, 2, 29),
        date(2024, 2, 29),
    ]
    assert first[3] == last[3] == NO_DAY


def test_a_record_is_inside_if_no_day_of_its_date_is_outside():
    dates = ["2024", "2024-06", "2024-07", "2024-07-15", "2025"]
    records = records_of([{"event_date": day} for day in dates])
    half = parse_period("2024-07..2024-12")
    assert records.inside(half).tolist() == [False, False, True, True, False]
    assert records.astride(half).tolist() == [True, False, False, False, False]


def test_a_record_without_an_event_is_of_its_report_its_period_or_its_receipt():
    rows = [
        {"event_date": "2023-05", "report_date": "2024-01"},
        {"report_date": "2024-01", "period": "2025"},
        {"period": "2025", "received": "2026-02-03"},
        {"received": "2026-02-03"},
    ]
    records = records_of(rows)
    years = [[records.inside(parse_period(str(year)))[row] for year in range(2023, 2027)] for row in range(4)]
    assert [one.index(True) + 2023 for one in years] == [2023, 2024, 2025, 2026]
    assert records.n_undated == 2


@pytest.mark.parametrize("text", ["0000", "0001-01", "9999", "9999-12"])
def test_no_year_that_may_have_been_sent_is_too_much(text):
    first, last = day_spans(pa.chunked_array([pa.array([text])]))
    assert first[0] <= last[0] < NO_DAY
    assert not parse_period("2024..2025").overlaps(text)
    records = records_of([{"event_date": text, "person_id": "P1"}, {"event_date": "2024-05", "person_id": "P1"}])
    assert records.inside(parse_period("2024")).tolist() == [False, True]
    assert "2024" in [one.text for one in years_of(records, None)]


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        *(("2024", True), ("2023", False), ("2025", True)),
        *(("2024-06", False), ("2024-07", True), ("2025-03", True), ("2025-04", False)),
    ],
)
def test_a_reporting_period_overlaps_if_a_month_does(period, expected):
    assert parse_period("2024-07..2025-03").overlaps(period) == expected
