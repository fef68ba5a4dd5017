"""The period of a file beside the dates of its records."""

from __future__ import annotations

from datetime import date

import pytest

from pseudonym.encode.periods import PeriodCheck, is_future
from pseudonym.wire import RESERVED

TODAY = date(2026, 4, 10)


def notices(period: str | None, *dates: tuple[str | None, str | None]) -> list[str]:
    check = PeriodCheck(period)
    for event, report in dates:
        values = {"event_date": event, "report_date": report}
        check.add([("x", *map(values.get, RESERVED), "payload")])
    return list(check.notices(today=TODAY))


@pytest.mark.parametrize("period", ["2026-03", "2026", None])
def test_dates_inside_are_worth_no_word(period):
    assert notices(period, ("2026-03-01", None), (None, "2026-03"), ("2019-01-01", "2026-03-31"), ("2026", None)) == []


def test_records_without_a_date_say_nothing():
    assert notices("2026-03", (None, None)) == []


def test_a_slip_in_the_year_is_noticed():
    future, none = notices("2062-03", ("2026-03-01", None))
    assert future == "The period 2062-03 has not begun yet: check the period."
    assert none == "No event or report date lies in the period 2062-03: check the period."
    assert notices("2025-03", ("2026-03-01", None)) == [none.replace("2062", "2025")]


def test_most_outside_is_noticed_and_half_is_not():
    inside, outside = ("2026-03-01", None), ("2026-02-01", "2026-02")
    assert notices("2026-03", inside, outside) == []
    (notice,) = notices("2026-03", inside, outside, outside)
    assert notice.startswith("Of 3 records with a date, 2 lie outside of the period 2026-03: check it,")


@pytest.mark.parametrize(
    ("period", "future"), [("2026", False), ("2027", True), ("2026-04", False), ("2026-05", True), ("2025-12", False)]
)
def test_a_period_is_future_until_its_first_day(period, future):
    assert is_future(period, today=TODAY) is future
