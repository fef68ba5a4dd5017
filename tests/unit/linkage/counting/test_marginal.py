"""Persons that one reporter alone knows, found and in draws."""

from __future__ import annotations

import numpy as np

from linkage.counting import Request, default_rules, drawn_persons, marginal
from linkage.counting.periods import parse_period
from tests.unit.linkage.counting.worlds import records_of

ROWS = [
    {"reporter": "police", "person_id": "1", "role": "victim", "event_date": "2025-01-01"},
    {"reporter": "school", "person_id": "1", "role": "victim", "event_date": "2025-02-01"},
    {"reporter": "police", "person_id": "2", "role": "victim", "event_date": "2025-03-01"},
    {"reporter": "shelter", "person_id": "3", "role": "victim", "event_date": "2025-04-01"},
    {"reporter": "shelter", "person_id": "4", "role": "victim", "event_date": "2024-04-01"},
    {"reporter": "school", "person_id": "5", "role": "accompanying_adult", "event_date": "2025-04-01"},
]


def count(*draws: list[int], period: str | None = None):
    records = records_of(ROWS)
    span = None if period is None else parse_period(period)
    request = Request(unit="person", role="victim", period=span, by=(), rules=default_rules())
    return marginal(records, request, drawn_persons(records, map(np.array, draws)) if draws else None)


def rows(found) -> dict[str, tuple[int, ...]]:
    columns = ("count", "found", "expected", "fewest", "most")
    return {row["reporter"]: tuple(row[name] for name in columns) for row in found.reporters.to_pylist()}


def test_without_draws_what_is_found_is_all_that_there_is() -> None:
    found = count()
    assert rows(found) == {"police": (2, 1, 1, 1, 1), "school": (1, 0, 0, 0, 0), "shelter": (2, 2, 2, 2, 2)}
    assert (found.total, found.expected, found.low, found.high) == (4, 4, 4, 4)


def test_a_missing_join_takes_a_person_from_both() -> None:
    # Persons 2, known to the police, and 3, known to the shelter, are one.
    found = count([0, 0, 1, 1, 2, 3])
    assert rows(found)["police"] == (2, 1, 0, 0, 0)
    assert rows(found)["shelter"] == (2, 2, 1, 1, 1)
    assert found.expected == 3


def test_who_counts_may_be_known_to_another_reporter_in_another_role() -> None:
    # Person 4, a victim, and 5, an adult who only came along with another, are one.
    found = count([0, 0, 1, 2, 3, 3])
    assert rows(found)["shelter"][2:] == (1, 1, 1)
    assert found.expected == 4


def test_only_records_of_the_period_count() -> None:
    found = count([0, 0, 1, 1, 1, 2], period="2025")
    assert found.total == 3
    assert found.expected == 2
    assert rows(found)["shelter"] == (1, 1, 0, 0, 0)


def test_ranges_hold_the_middle_of_the_draws_in_whole_numbers() -> None:
    apart, joined = [0, 0, 1, 2, 3, 4], [0, 0, 1, 1, 2, 3]
    found = count(*[apart] * 50, *[joined] * 50)
    assert rows(found)["police"][3:] == (0, 1)
    assert (found.low, found.high) == (3, 4)
    found = count(*[apart] * 99, joined)
    assert rows(found)["police"][2:] == (1, 1, 1)


def test_the_most_expected_come_first() -> None:
    assert count().reporters["reporter"].to_pylist() == ["shelter", "police", "school"]


def test_a_draw_that_parts_a_victim_from_who_came_along_counts_no_second_person() -> None:
    rows_of = [
        {"reporter": "police", "person_id": "1", "role": "victim"},
        {"reporter": "school", "person_id": "1", "role": "accompanying_adult"},
    ]
    records = records_of(rows_of)
    request = Request(unit="person", role="victim", period=None, by=(), rules=default_rules())
    found = marginal(records, request, drawn_persons(records, [np.array([0, 1])]))
    assert (found.total, found.expected, rows(found)["police"][2], rows(found)["school"][2]) == (1, 1, 1, 0)
