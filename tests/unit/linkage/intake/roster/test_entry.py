"""Entries of a roster: which values they take, and which periods they expect."""

from __future__ import annotations

from datetime import date

import pytest

from linkage.intake.roster.entry import COLUMNS, COUNTIES, KINDS, RULES, Entry, entry_of
from linkage.intake.roster.expected import expected_periods, holds
from linkage.intake.roster.periods import first_month, last_day, last_month, normal_period

LEAST = {"reporter": "police", "kind": "police", "from": "2026-01"}


def entry(**cells: str) -> Entry:
    found = entry_of(LEAST | {name.removesuffix("_period"): text for name, text in cells.items()})
    assert isinstance(found, Entry), found
    return found


def expected(*entries: Entry, today: date, through: str | None = None) -> list[tuple[str, str]]:
    rows = expected_periods(entries, today=today, through=through).to_pylist()
    return [(row["period"], row["due"].isoformat()) for row in rows if row["period"] is not None]


def test_what_an_entry_has_unless_it_says_otherwise() -> None:
    assert entry().cells() == {
        "reporter": "police",
        "name": "",
        "kind": "police",
        "county": "",
        "reports": "records",
        "every": "month",
        "from": "2026-01",
        "until": "",
        "due_days": "30",
        "cases_from": "",
    }


def test_cells_and_entries_are_the_same() -> None:
    whole = entry(
        name="Skolan i Östersund",
        kind="school",
        county="23",
        reports="totals records",
        every="year",
        from_period="2026",
        until_period="2030",
        due_days="0",
        cases_from="ud  police.2 ud",
    )
    assert entry_of(whole.cells()) == whole
    assert whole.to_dict() == {
        "reporter": "police",
        "name": "Skolan i Östersund",
        "kind": "school",
        "county": "23",
        "reports": ["records", "totals"],
        "every": "year",
        "from": "2026",
        "until": "2030",
        "due_days": 0,
        "cases_from": ["police.2", "ud"],
    }


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("reporter", ""),
        ("reporter", "skola å"),
        ("reporter", "x" * 65),
        ("name", "x" * 201),
        ("name", "a\nb"),
        ("kind", ""),
        ("kind", "Police"),
        ("county", "02"),
        ("county", "1"),
        ("reports", "cases"),
        ("every", "week"),
        ("from", ""),
        ("from", "2026-13"),
        ("from", "1999-12"),
        ("from", "26-01"),
        ("until", "2025-12"),
        ("until", "later"),
        ("due_days", "-1"),
        ("due_days", "367"),
        ("due_days", "1.5"),
        ("cases_from", "police"),
        ("cases_from", "ud,school"),
    ],
)
def test_each_column_has_its_rule(column: str, text: str) -> None:
    assert entry_of(LEAST | {column: text}) == f"roster.{column}"
    assert f"roster.{column}" in RULES


def test_a_year_is_not_begun_by_a_month() -> None:
    assert entry_of(LEAST | {"every": "year"}) == "roster.from"
    assert entry_of(LEAST | {"every": "year", "from": "2026", "until": "2026-12"}) == "roster.until"


def test_every_kind_has_two_labels_and_every_column_a_rule() -> None:
    assert all(label.sv and label.en for label in KINDS.values())
    assert {f"roster.{column}" for column in COLUMNS} <= RULES.keys()
    assert len(COUNTIES) == 21


def test_periods_are_spans_of_months() -> None:
    assert last_month("2026") - first_month("2026") == 11
    assert first_month("2027") - last_month("2026-12") == 1
    assert last_day("2028-02") == date(2028, 2, 29)
    assert last_day("2026") == date(2026, 12, 31)
    assert normal_period("2026", "year", last=True) == "2026"


def test_months_that_are_over_are_expected() -> None:
    one = entry(due_days="10")
    assert expected(one, today=date(2026, 2, 28)) == [("2026-01", "2026-02-10")]
    assert expected(one, today=date(2026, 3, 1)) == [("2026-01", "2026-02-10"), ("2026-02", "2026-03-10")]
    assert expected(one, today=date(2026, 1, 31)) == []


def test_through_expects_more_and_never_less() -> None:
    one = entry()
    assert [period for period, _ in expected(one, today=date(2026, 2, 1), through="2026-03")] == [
        "2026-01",
        "2026-02",
        "2026-03",
    ]
    assert len(expected(one, today=date(2026, 2, 1), through="2026")) == 12
    assert len(expected(one, today=date(2026, 4, 1), through="2026-01")) == 3


def test_years_are_expected_when_they_are_over() -> None:
    one = entry(every="year", from_period="2024", until_period="2026")
    assert expected(one, today=date(2026, 12, 31)) == [("2024", "2025-01-30"), ("2025", "2026-01-30")]
    assert [period for period, _ in expected(one, today=date(2040, 1, 1))] == ["2024", "2025", "2026"]


def test_the_next_entry_ends_the_one_before() -> None:
    by_month, by_year = entry(from_period="2025-11"), entry(every="year", from_period="2026")
    periods = [period for period, _ in expected(by_month, by_year, today=date(2028, 1, 1))]
    assert periods == ["2025-11", "2025-12", "2026", "2027"]
    # Of a year that is cut off by months, only these are expected.
    periods = [
        period
        for period, _ in expected(
            entry(every="year", from_period="2024"), entry(from_period="2025-11"), today=date(2026, 1, 1)
        )
    ]
    assert periods == ["2024", "2025-11", "2025-12"]


def test_each_reporter_is_described_once() -> None:
    rows = expected_periods(
        [entry(county="01"), entry(from_period="2026-02", county="03"), entry(reporter="ud", kind="foreign_affairs")],
        today=date(2026, 3, 1),
    ).to_pylist()
    described = [(row["reporter"], row["kind"], row["county"]) for row in rows if row["period"] is None]
    assert described == [("police", "police", "03"), ("ud", "foreign_affairs", None)]
    assert [(row["period"], row["county"]) for row in rows[:2]] == [("2026-01", "01"), ("2026-02", "03")]


def test_what_begins_after_the_end_does_not_hold() -> None:
    one = entry(until_period="2026-06")
    assert holds([one], "2026-06")
    assert not holds([one], "2026-07")
    # The year has months in which the reporter was on the roster.
    assert holds([one], "2026")
    assert not holds([one], "2027")
    assert holds([one], "2019-01")
    again = entry(from_period="2027-03")
    assert not holds([one, again], "2027-02")
    assert holds([one, again], "2027")
