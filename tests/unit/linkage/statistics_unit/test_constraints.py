"""Two roles in one case of one reporter are two persons; nothing else keeps records apart."""

from __future__ import annotations

import itertools

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.statistics_unit.constraints import cannot_links

ROW = st.tuples(
    st.sampled_from(["police", "school", "ud"]),
    st.sampled_from([None, "1", "2", "3"]),
    st.sampled_from([None, "victim", "accompanying_adult", "accompanying_child"]),
)


def _cases(rows: list[tuple[int, str, str | None, str | None]]) -> pa.Table:
    schema = pa.schema(
        [("rid", pa.int64()), ("reporter", pa.string()), ("case_id", pa.string()), ("role", pa.string())]
    )
    return pa.Table.from_pylist(
        [dict(zip(schema.names, row, strict=True)) for row in rows],
        schema=schema,
    )


def _slow(rows: list[tuple[int, str, str | None, str | None]]) -> list[list[int]]:
    """Compare every pair of rows, as the rule is written."""
    found = []
    for a, b in itertools.combinations(sorted(rows), 2):
        if None not in (*a[2:], *b[2:]) and a[1:3] == b[1:3] and a[3] != b[3]:
            found.append([a[0], b[0]])
    return sorted(found)


def test_two_roles_in_one_case_are_two_persons() -> None:
    rows = [(4, "police", "c1", "victim"), (2, "police", "c1", "accompanying_child")]
    assert cannot_links(_cases(rows)).tolist() == [[2, 4]]


@pytest.mark.parametrize(
    ("reporter", "case_id", "role"),
    [
        ("police", "c1", "victim"),  # A follow-up report repeats the victim.
        ("school", "c1", "accompanying_child"),  # Another reporter's case of the same number.
        ("police", "c2", "accompanying_child"),  # Another case.
        ("police", None, "accompanying_child"),  # No case: null is not a case that records have in common.
        ("police", "c1", None),  # No role: nothing is said.
    ],
)
def test_nothing_else_keeps_two_records_apart(reporter: str, case_id: str | None, role: str | None) -> None:
    assert len(cannot_links(_cases([(1, "police", "c1", "victim"), (2, reporter, case_id, role)]))) == 0


def test_two_absent_case_ids_are_not_one_case() -> None:
    rows = [(1, "police", None, "victim"), (2, "police", None, "accompanying_child")]
    assert len(cannot_links(_cases(rows))) == 0


@given(st.lists(ROW, max_size=12), st.randoms(use_true_random=False))
def test_equals_the_slow_twin_in_any_order_of_rows(rows: list[tuple[str, str | None, str | None]], random) -> None:
    numbered = [(rid * 3 + 1, *row) for rid, row in enumerate(rows)]
    expected = _slow(numbered)
    random.shuffle(numbered)
    found = cannot_links(_cases(numbered))
    assert found.tolist() == expected
    assert found.shape == (len(expected), 2)
    assert found.dtype == np.int64


@given(st.lists(st.tuples(ROW, st.integers(0, 2)), max_size=12))
def test_among_lists_the_pairs_inside_each_group(rows) -> None:
    numbered = [(rid, *row) for rid, (row, _) in enumerate(rows)]
    label = np.array([group for _, group in rows], dtype=np.int64)
    expected = [[a, b] for a, b in _slow(numbered) if label[a] == label[b]]
    assert cannot_links(_cases(numbered), among=label).tolist() == expected


def test_a_case_id_shared_by_all_records_costs_only_the_pairs_asked_for() -> None:
    n = 20_000
    rid = np.arange(n)
    cases = pa.table(
        {
            "rid": rid,
            "reporter": ["police"] * n,
            "case_id": ["unknown"] * n,
            "role": np.where(rid % 2, "victim", "accompanying_child"),
        }
    )
    assert len(cannot_links(cases, among=rid // 2)) == n // 2


def test_refuses_labels_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match="one label"):
        cannot_links(_cases([(1, "police", "c1", "victim")]), among=np.zeros(2, dtype=np.int64))


def test_reads_only_case_and_role() -> None:
    rows = [(1, "police", "c1", "victim"), (2, "police", "c1", "accompanying_child")]
    cases = _cases(rows).append_column("payload.country", pa.array(["SE", "SE"]))
    assert cannot_links(cases).tolist() == [[1, 2]]
