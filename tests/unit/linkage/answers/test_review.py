"""The queue of pairs of persons to be reviewed."""

from __future__ import annotations

import csv
from pathlib import Path

import pyarrow as pa
import pytest

from linkage.answers import LINK_COLUMNS, REVIEW_COLUMNS, queue_of, write_review
from linkage.errors import ExportError

ROWS = [
    # Two persons, A and B, with three pairs of records between them, one of them turned around.
    ("police", "p1", "school", "s1", 4.0, 0.2, "review", "uncertain", "A", "B"),
    ("school", "s2", "police", "p1", 9.0, 0.4, "review", "uncertain", "B", "A"),
    ("police", "p2", "school", "s1", 5.0, 0.3, "review", "uncertain", "A", "B"),
    # One pair of records of A and C, more probable than those.
    ("police", "p1", "shelter", "x1", 9.5, 0.8, "review", "other records disagree", "A", "C"),
    # What is linked, or no link, is not to be reviewed.
    ("police", "p1", "police", "p2", 9.9, 0.9, "link", "", "A", "A"),
    ("police", "p1", "ud", "u1", 1.0, 0.05, "no link", "", "A", "D"),
]


def _table(rows: list[tuple[object, ...]]) -> pa.Table:
    names = (*LINK_COLUMNS, "person_a", "person_b")
    kinds = [*[pa.string()] * 4, pa.float64(), pa.float64(), *[pa.string()] * 4]
    return pa.table(
        {
            name: pa.array([row[i] for row in rows], kind)
            for i, (name, kind) in enumerate(zip(names, kinds, strict=True))
        }
    )


def _queue(rows: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    found = queue_of(_table(rows))
    assert tuple(found.column_names) == REVIEW_COLUMNS
    return [(row["record_id_a"], row["record_id_b"], *list(row.values())[-2:]) for row in found.to_pylist()]


EXPECTED = [
    ("p1", "x1", 1, 1),
    ("p1", "s2", 2, 3),
    ("p2", "s1", 2, 3),
    ("p1", "s1", 2, 3),
]


def test_the_strongest_pair_of_each_two_persons_comes_first():
    assert _queue(ROWS) == EXPECTED


@pytest.mark.parametrize("shift", range(1, len(ROWS)))
def test_the_order_of_rows_does_not_matter(shift):
    assert _queue([*ROWS[shift:], *ROWS[:shift]][::-1]) == EXPECTED


def test_all_first_pairs_come_before_any_second_one():
    more = [
        ("a", f"{number}", "b", f"{number}{side}", 1.0, 0.2 + number / 100, "review", "uncertain", f"P{number}", "Q")
        for number in range(5)
        for side in "xy"
    ]
    queue = _queue(more)
    assert [row[2] for row in queue] == [1, 2, 3, 4, 5, 1, 2, 3, 4, 5]
    assert [row[0] for row in queue[:5]] == ["4", "3", "2", "1", "0"]


def test_ties_are_broken_by_match_weight_and_then_by_the_records():
    tied = [
        ("a", "2", "b", "1", 1.0, 0.3, "review", "uncertain", "P", "Q"),
        ("a", "1", "b", "1", 1.0, 0.3, "review", "uncertain", "P", "Q"),
        ("a", "3", "b", "1", 2.0, 0.3, "review", "uncertain", "P", "Q"),
    ]
    assert [row[0] for row in _queue(tied)] == ["3", "1", "2"]


def test_nothing_to_review_is_an_empty_table():
    assert _queue(ROWS[4:]) == []
    assert _queue([]) == []


def test_the_file_has_the_columns_of_the_links_file_first(tmp_path: Path):
    write_review(queue_of(_table(ROWS)), tmp_path / "review.csv")
    rows = list(csv.reader((tmp_path / "review.csv").read_text(encoding="utf-8").splitlines()))
    assert rows[0] == [*LINK_COLUMNS, "pair_of_persons", "pairs_of_records"]
    assert rows[1] == ["police", "p1", "shelter", "x1", "9.5", "0.8", "review", "other records disagree", "1", "1"]


def test_a_links_file_is_no_review_file(tmp_path: Path):
    (tmp_path / "links.csv").write_text(",".join(LINK_COLUMNS) + "\n", encoding="utf-8")
    with pytest.raises(ExportError) as error:
        write_review(queue_of(_table(ROWS)), tmp_path / "links.csv")
    assert error.value.rule == "export.exists"
