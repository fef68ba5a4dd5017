"""Rows come out of a spool sorted, and never more of them are held than a run and a bin."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pseudonym.wire.schema import fixed_column
from pseudonym.wire.spool import N_BINS, RUNS_IN_LARGE_BINS, Spool

SCHEMA = pa.schema([("key", pa.binary(4)), ("text", pa.string())])


def _add(spool, rows):
    keys = np.frombuffer(b"".join(key for key, _ in rows), np.uint8).reshape(-1, 4)
    spool.add([fixed_column(keys), pa.array([text for _, text in rows], pa.string())])


def _all(spool):
    return [tuple(row.values()) for batch in spool.sorted() for row in batch.to_pylist()]


@given(
    groups=st.lists(st.lists(st.tuples(st.binary(min_size=4, max_size=4), st.none() | st.text()), min_size=1)),
    run_bytes=st.sampled_from([1, 200, 1 << 20]),
)
@settings(max_examples=40, deadline=None)
def test_rows_come_out_in_order_of_the_key_then_as_they_came(tmp_path_factory, groups, run_bytes):
    with Spool(tmp_path_factory.getbasetemp(), SCHEMA, run_bytes=run_bytes) as spool:
        for group in groups:
            _add(spool, group)
        assert _all(spool) == sorted((row for group in groups for row in group), key=lambda row: row[0])


@pytest.mark.whole
def test_what_is_held_does_not_grow_with_the_rows(tmp_path):
    largest = []
    rng = np.random.default_rng(1)
    for n_groups in (100, 400):
        with Spool(tmp_path, SCHEMA, run_bytes=100_000) as spool:
            for _ in range(n_groups):
                keys = rng.integers(0, 256, (1000, 4), np.uint8)
                spool.add([fixed_column(keys), pa.array(["x"] * 1000)])
                assert sum(batch.nbytes for batch in spool._held) < 100_000
            assert sum(batch.num_rows for batch in spool.sorted()) == 1000 * n_groups
        largest.append(spool.largest_part)
    # A small bin of the larger holds a few more rows of each run; a run alone would be 100,000 bytes.
    assert max(largest) < 100_000
    assert N_BINS == 512


@pytest.mark.whole
@pytest.mark.parametrize("n_runs", [RUNS_IN_LARGE_BINS - 1, RUNS_IN_LARGE_BINS, RUNS_IN_LARGE_BINS + 1, 40])
def test_runs_in_large_and_in_small_bins_are_read_together(tmp_path, n_runs):
    rng = np.random.default_rng(n_runs)
    # Few values, so that runs of both kinds have equal keys.
    keys = [rng.integers(0, 9, (50, 4), np.uint8) * np.uint8(31) for _ in range(n_runs)]
    with Spool(tmp_path, SCHEMA, run_bytes=1) as spool:
        rows = [(key.tobytes(), f"{n}") for run in keys for n, key in enumerate(run)]
        for first in range(0, len(rows), 50):
            _add(spool, rows[first : first + 50])
        assert len(spool._runs) == n_runs
        assert _all(spool) == _all(spool) == sorted(rows, key=lambda row: row[0])


def test_few_rows_never_touch_the_disk(tmp_path):
    with Spool(tmp_path / "missing", SCHEMA) as spool:
        _add(spool, [(b"bbbb", "1"), (b"aaaa", None)])
        assert _all(spool) == [(b"aaaa", None), (b"bbbb", "1")]


def test_a_spool_without_rows_gives_none(tmp_path):
    with Spool(tmp_path, SCHEMA) as spool:
        assert _all(spool) == []
