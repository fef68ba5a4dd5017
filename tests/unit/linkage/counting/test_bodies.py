"""What reporters know together, who was first, and who came back after a closed case."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.counting import Returns, meetings, returns, shared
from linkage.counting.selection import select
from tests.unit.linkage.counting.worlds import records_of


def found(rows):
    records = records_of(rows)
    selection = select(records, unit="person", role="all", period=None)
    return shared(meetings(records, selection))


def back(rows, role: str = "all") -> Returns:
    records = records_of([{"person_id": "P1", **row} for row in rows])
    return returns(records, select(records, unit="person", role=role, period=None))


def test_exact_sets_pairs_and_who_was_first():
    rows = [
        {"person_id": "P1", "reporter": "a", "report_date": "2024-01"},
        {"person_id": "P1", "reporter": "b", "report_date": "2024-04"},
        {"person_id": "P1", "reporter": "c", "report_date": "2024-04"},
        {"person_id": "P2", "reporter": "a", "report_date": "2024-02-03"},
        {"person_id": "P2", "reporter": "b", "report_date": "2024-02"},
        {"person_id": "P3", "reporter": "b", "report_date": "2024-05"},
        {"person_id": "P3", "reporter": "b", "report_date": "2023-05"},
        {"person_id": None, "reporter": "c"},
    ]
    exact, pairs, order = found(rows)
    assert exact.to_pylist() == [
        {"reporters": "b", "n_reporters": 1, "count": 1},
        {"reporters": "a + b", "n_reporters": 2, "count": 1},
        {"reporters": "a + b + c", "n_reporters": 3, "count": 1},
    ]
    assert [tuple(row.values()) for row in pairs.to_pylist()] == [
        ("a", "b", 2, 1, 0, 1, 3),
        ("a", "c", 1, 1, 0, 0, 3),
        ("b", "c", 1, 0, 0, 1, None),
    ]
    assert [tuple(row.values()) for row in order.to_pylist()] == [
        ("a", 2, 0, 1, 0, 1),
        ("b", 3, 1, 0, 1, 1),
        ("c", 1, 0, 0, 1, 0),
    ]


def test_nobody_is_known_to_nobody():
    exact, pairs, order = found([])
    assert (exact.num_rows, pairs.num_rows, order.num_rows) == (0, 0, 0)


@pytest.mark.parametrize(
    ("first", "second", "months"),
    [
        ("2024-01", "2024-02", 1),
        ("2024-01", "2025-01", 12),
        ("2023-12", "2024-03", 3),
        ("2024-02-01", "2024-02-20", 0),
        ("2024-01-31", "2024-02-29", 1),
        ("2024-02", "2024-03", 1),
        ("2022-02", "2025-02", 36),
    ],
)
def test_months_between_are_whole(first, second, months):
    rows = [
        {"person_id": "P1", "reporter": "a", "report_date": first},
        {"person_id": "P1", "reporter": "b", "report_date": second},
    ]
    assert found(rows).pairs["months"].to_pylist() == [months]


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "person_id": st.sampled_from(["P1", "P2", "P3"]),
                "reporter": st.sampled_from(["a", "b", "c", "d"]),
                "report_date": st.sampled_from(["2023", "2023-05", "2023-06", "2023-05-04", "2024-01"]),
            }
        ),
        max_size=15,
    )
)
def test_it_is_what_the_slow_twin_finds(rows):
    exact, pairs, order = found(rows)
    known: dict[str, set[str]] = {}
    for row in rows:
        known.setdefault(row["person_id"], set()).add(row["reporter"])
    sets = Counter(" + ".join(sorted(one)) for one in known.values())
    assert dict(zip(exact["reporters"].to_pylist(), exact["count"].to_pylist(), strict=True)) == sets
    both = Counter(pair for one in known.values() for pair in combinations(sorted(one), 2))
    assert {(row["reporter_a"], row["reporter_b"]): row["count"] for row in pairs.to_pylist()} == both
    for row in pairs.to_pylist():
        assert row["count"] == row["a_first"] + row["b_first"] + row["same_time"]
    for row in order.to_pylist():
        assert row["count"] == sum(row["reporter"] in one for one in known.values())
        assert row["count"] == row["only"] + row["first"] + row["later"] + row["same_time"]
        assert row["only"] == sets[row["reporter"]]


CLOSED = {"case_id": "1", "case_state": "closed", "event_date": "2024-01", "outcome_date": "2024-03"}


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ([], (1, 0, 0, 0, 0, None)),
        ([{"case_id": "2", "event_date": "2024-06"}], (1, 1, 1, 0, 0, 3)),
        ([{"reporter": "b", "case_id": "1", "event_date": "2024-04"}], (1, 1, 0, 1, 0, 1)),
        # In the same case nobody comes back; before it was closed, neither; within the month it is open.
        ([{"case_id": "1", "event_date": "2024-01", "case_state": "open"}], (1, 0, 0, 0, 0, None)),
        ([{"case_id": "2", "event_date": "2024-02"}], (1, 0, 0, 0, 0, None)),
        ([{"case_id": "2", "event_date": "2024-03"}], (1, 0, 0, 0, 1, None)),
        ([{"case_id": "2", "event_date": "2024"}], (1, 0, 0, 0, 1, None)),
        ([{"case_id": "2", "report_date": "2025-03"}], (1, 1, 1, 0, 0, 12)),
        ([{"case_id": "2"}], (1, 0, 0, 0, 0, None)),
        ([{"reporter": "b", "event_date": "2024-09"}, {"case_id": "2", "event_date": "2024-05"}], (1, 1, 1, 1, 0, 2)),
        # Back after five months, and soon again after a second case: the months are from the first closing.
        (
            [
                CLOSED | {"case_id": "2", "event_date": "2024-08", "outcome_date": "2024-09"},
                {"reporter": "b", "case_id": "3", "event_date": "2024-10"},
            ],
            (1, 1, 1, 1, 0, 5),
        ),
    ],
)
def test_who_came_back_after_a_closed_case(others, expected):
    assert tuple(back([CLOSED, *others])) == expected
    assert tuple(back([*others[::-1], CLOSED])) == expected


def test_a_case_is_closed_if_its_latest_record_says_so():
    opened = {"case_id": "1", "case_state": "open", "event_date": "2024-05"}
    again = {"case_id": "2", "event_date": "2025-01"}
    assert tuple(back([CLOSED, opened, again]))[:2] == (0, 0)
    assert tuple(back([CLOSED, opened | {"event_date": "2023-05"}, again]))[:2] == (1, 1)


def test_a_case_that_was_never_dated_is_closed_and_nobody_is_after_it():
    undated = {"case_id": "1", "case_state": "closed"}
    assert tuple(back([undated, {"case_id": "2", "event_date": "2025-01"}])) == (1, 0, 0, 0, 0, None)
