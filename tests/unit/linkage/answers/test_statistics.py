"""Counts of records and persons, overlap between reporters, and who has reported."""

from __future__ import annotations

import itertools
import json

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.answers import Overlap, ReporterCount, coverage, summarise

RECORDS = pa.schema([("reporter", pa.string()), ("person_id", pa.string())])
SUBMISSIONS = pa.schema([("reporter", pa.string()), ("period", pa.string()), ("n_records", pa.int64())])

RECORD = st.tuples(
    st.sampled_from(["police", "school", "shelter", "ud"]), st.sampled_from([None, "P1", "P2", "P3", "P4", "P5"])
)


def _records(rows: list[tuple[str, str | None]]) -> pa.Table:
    return pa.Table.from_pylist([{"reporter": r, "person_id": p} for r, p in rows], schema=RECORDS)


def _coverage(rows: list[tuple[str, str | None, int | None]], **options: str) -> list[tuple[str, str | None, str]]:
    table = pa.Table.from_pylist([dict(zip(SUBMISSIONS.names, row, strict=True)) for row in rows], schema=SUBMISSIONS)
    return [(row["reporter"], row["period"], row["state"]) for row in coverage(table, **options).to_pylist()]


def test_a_person_of_two_reporters_counts_once() -> None:
    rows = [("police", "P1"), ("school", "P1"), ("school", "P1"), ("school", "P2")]
    summary = summarise(_records(rows))
    assert (summary.records, summary.persons, summary.unlinked) == (4, 2, 0)
    assert summary.reporters == (ReporterCount("police", 1, 1), ReporterCount("school", 3, 2))
    assert summary.overlap == (Overlap("police", "school", 1),)
    assert summary.persons_by_reporters == ((1, 1), (2, 1))
    assert {name: table.to_pylist() for name, table in summary.tables().items()} == {
        "reporters": [
            {"reporter": "police", "records": 1, "persons": 1},
            {"reporter": "school", "records": 3, "persons": 2},
        ],
        "overlap": [{"reporter_a": "police", "reporter_b": "school", "persons": 1}],
        "persons_by_reporters": [{"reporters": 1, "persons": 1}, {"reporters": 2, "persons": 1}],
    }


def test_the_tables_of_an_empty_registry_have_their_columns() -> None:
    empty, full = (summarise(_records(rows)).tables() for rows in ([], [("police", "P1"), ("school", "P1")]))
    assert {name: table.schema for name, table in empty.items()} == {name: table.schema for name, table in full.items()}


def test_records_after_the_last_run_have_no_person() -> None:
    summary = summarise(_records([("police", "P1"), ("ud", None), ("ud", None)]))
    assert (summary.records, summary.persons, summary.unlinked) == (3, 1, 2)
    assert summary.reporters == (ReporterCount("police", 1, 1), ReporterCount("ud", 2, 0))


def test_an_empty_registry() -> None:
    summary = summarise(_records([]), key_id="00", key_id_fixed_by="option")
    assert (summary.records, summary.persons, summary.reporters, summary.overlap) == (0, 0, (), ())
    assert (summary.key_id, summary.key_id_fixed_by, summary.last_run) == ("00", "option", None)


@given(st.lists(RECORD, max_size=25))
def test_equals_counting_with_sets(rows: list[tuple[str, str | None]]) -> None:
    summary = summarise(_records(rows))
    known: dict[str, set[str]] = {reporter: set() for reporter, _ in rows}
    for reporter, person in rows:
        known[reporter] |= {person} - {None}
    assert summary.persons == len(set().union(*known.values()))
    assert {row.reporter: row.persons for row in summary.reporters} == {r: len(p) for r, p in known.items()}
    for a, b in itertools.product(known, repeat=2):
        assert summary.overlap_between(a, b) == len(known[a] & known[b])
    assert sum(n for _, n in summary.persons_by_reporters) == summary.persons
    assert sum(k * n for k, n in summary.persons_by_reporters) == sum(row.persons for row in summary.reporters)
    assert summary == summarise(_records(rows[::-1]))


def test_overlap_with_an_unknown_reporter_is_zero() -> None:
    summary = summarise(_records([("police", "P1")]))
    assert summary.overlap_between("police", "nobody") == 0
    assert summary.overlap_between("nobody", "nobody") == 0


def test_json_has_names_for_everything() -> None:
    summary = summarise(_records([("police", "P1"), ("school", "P1")]), review=3, links=1, quarantined=2)
    loaded = json.loads(json.dumps(summary.to_dict()))
    assert loaded["review"] == 3
    assert loaded["links"] == 1
    assert loaded["quarantined"] == 2
    assert loaded["overlap"] == [{"reporter_a": "police", "reporter_b": "school", "persons": 1}]
    assert loaded["persons_by_reporters"] == [{"reporters": 2, "persons": 1}]
    assert loaded["reporters"][0] == {"reporter": "police", "records": 1, "persons": 1}


def test_reported_zero_and_silent() -> None:
    rows = [("police", "2026-01", 5), ("police", "2026-03", 0), ("ud", "2026-01", 0), ("ud", "2026-03", 1)]
    assert _coverage(rows) == [
        ("police", "2026-01", "reported"),
        ("police", "2026-02", "silent"),
        ("police", "2026-03", "zero"),
        ("ud", "2026-01", "zero"),
        ("ud", "2026-02", "silent"),
        ("ud", "2026-03", "reported"),
    ]


def test_a_period_with_totals_alone_is_neither_reported_nor_silent() -> None:
    rows = [
        ("police", "2026-01", 4),
        ("police", "2026-01", None),
        ("police", "2026-03", 0),
        ("police", "2026-03", None),
    ]
    assert _coverage([*rows, ("school", "2026-02", None)]) == [
        ("police", "2026-01", "reported"),
        ("police", "2026-02", "silent"),
        ("police", "2026-03", "totals"),
        ("school", "2026-01", "silent"),
        ("school", "2026-02", "totals"),
        ("school", "2026-03", "silent"),
    ]


def test_periods_cross_the_turn_of_a_year() -> None:
    periods = [period for _, period, _ in _coverage([("police", "2025-11", 1), ("police", "2026-02", 1)])]
    assert periods == ["2025-11", "2025-12", "2026-01", "2026-02"]


def test_a_reporter_that_reports_by_the_year_is_not_silent_in_the_months() -> None:
    rows = [("police", "2026-01", 1), ("police", "2026-02", 1), ("school", "2025", 4)]
    assert _coverage(rows) == [
        ("police", "2026-01", "reported"),
        ("police", "2026-02", "reported"),
        ("school", "2025", "reported"),
    ]


def test_through_makes_the_newest_period_silent_for_all() -> None:
    rows = [("police", "2026-01", 1), ("school", "2026", 1)]
    assert _coverage(rows, through="2026-02") == [
        ("police", "2026-01", "reported"),
        ("police", "2026-02", "silent"),
        ("school", "2026", "reported"),
    ]


def test_submissions_without_a_period_have_a_row_of_their_own() -> None:
    rows = [("police", None, 3), ("police", "2026-01", 1), ("ud", None, 0)]
    assert _coverage(rows) == [
        ("police", "2026-01", "reported"),
        ("police", None, "reported"),
        ("ud", None, "zero"),
    ]


@pytest.mark.parametrize("sizes", [[0, 7], [7, 0], [7, 7]])
def test_a_period_sent_twice_is_reported_once(sizes: list[int]) -> None:
    table = pa.table({"reporter": ["ud"] * 2, "period": ["2026-01"] * 2, "n_records": sizes}, schema=SUBMISSIONS)
    row = coverage(table).to_pylist()
    assert row == [{"reporter": "ud", "period": "2026-01", "state": "reported", "submissions": 2, "records": 7}]


def test_nobody_has_reported() -> None:
    assert _coverage([]) == []


def test_centuries_in_which_nobody_reported_are_left_out() -> None:
    rows = [("police", "0001-01", 1), ("police", "2026-02", 1), ("school", "2026-04", 1), ("school", "9999-12", 1)]
    assert _coverage(rows) == [
        ("police", "0001-01", "reported"),
        ("police", "2026-02", "reported"),
        ("police", "2026-03", "silent"),
        ("police", "2026-04", "silent"),
        ("police", "9999-12", "silent"),
        ("school", "0001-01", "silent"),
        ("school", "2026-02", "silent"),
        ("school", "2026-03", "silent"),
        ("school", "2026-04", "reported"),
        ("school", "9999-12", "reported"),
    ]
    assert len(_coverage([("police", "2026-02", 1)], through="9999")) == 2


@pytest.mark.parametrize(
    ("first", "last", "n_rows"),
    [("2016-01", "2026-01", 121), ("2015-12", "2026-01", 2), ("2016", "2026", 11), ("2015", "2026", 2)],
)
def test_ten_years_of_silence_are_listed_and_no_more(first: str, last: str, n_rows: int) -> None:
    assert len(_coverage([("police", first, 1), ("police", last, 1)])) == n_rows
