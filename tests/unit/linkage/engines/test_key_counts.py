"""Counts of match keys: rows and pairs of a join that is not made."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from linkage.engines.base import Owners
from linkage.engines.duckdb import DuckDBEngine
from linkage.engines.key_counts import count_keys
from tests.unit.linkage.engines.codes import as_table, slow_candidates, some_codes


def owners_of(rows: list[dict], n_reporters: int = 3) -> Owners:
    rids = np.array(sorted({row["rid"] for row in rows}), np.int64)
    return Owners(rids, np.arange(len(rids)) % n_reporters)


def once(rows: list[dict]) -> list[dict]:
    """Leave out equal codes, and further codes of a record with one match key."""
    return list({(row["rid"], row["kind"], row["key_hi"], row["key_lo"]): row for row in rows}.values())


@pytest.mark.parametrize("seed", range(3))
def test_rows_and_pairs_are_those_of_the_join(seed):
    rows = once(some_codes(seed))
    found = count_keys(DuckDBEngine().match_keys(as_table(rows)), owners_of(rows))
    made = slow_candidates(rows)
    assert (found.codes, found.rows) == (len(rows), len(made))
    assert found.pairs == len({row[:2] for row in made}) < found.rows
    sizes = Counter((row["kind"], row["key_hi"], row["key_lo"]) for row in rows)
    assert found.meeting == sum(size for size in sizes.values() if size > 1)


def test_equal_codes_make_the_rows_a_bound_and_leave_the_pairs():
    rows = some_codes(4)
    found = count_keys(DuckDBEngine().match_keys(as_table(rows)), owners_of(rows))
    made = slow_candidates(rows)
    assert found.rows > len(made)
    assert found.pairs == len({row[:2] for row in made})


@pytest.mark.parametrize("limits", [{"max_group": 5}, {"max_of_reporter": 3}])
def test_what_is_left_out_is_not_counted(limits):
    rows = once(some_codes(5))
    engine, owners = DuckDBEngine(), owners_of(rows)
    found = count_keys(engine.match_keys(as_table(rows)), owners, **limits)
    batches = list(engine.candidates(as_table(rows), owners=owners, **limits))
    assert found.rows == sum(batch.num_rows for batch in batches)
    whole = count_keys(engine.match_keys(as_table(rows)), owners)
    assert found.rows < whole.rows


def test_pairs_are_estimated_from_some_records():
    rows = once(some_codes(6, n_records=900, n_keys=400))
    owners = owners_of(rows)
    whole, some = (count_keys(DuckDBEngine().match_keys(as_table(rows)), owners, drawn=n) for n in (900, 200))
    assert some.rows == whole.rows
    assert some.pairs != whole.pairs
    assert some.pairs == pytest.approx(whole.pairs, rel=0.1)


def test_no_records_have_no_pairs():
    found = count_keys([], Owners(np.zeros(0, np.int64), np.zeros(0, np.int64)))
    assert (found.codes, found.meeting, found.rows, found.pairs) == (0, 0, 0, 0)
