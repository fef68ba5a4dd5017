"""Rows come out of a spool sorted, and never more of them are held than a run and a bin."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pseudonym.wire.schema import fixed_column
from pseudonym.wire.spool import N_BINS, Spool

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
    for n_groups in (20, 80):
        with Spool(tmp_path, SCHEMA, run_bytes=20_000) as spool:
            for _ in range(n_groups):
                keys = rng.integers(0, 256, (1000, 4), np.uint8)
                spool.add([fixed_column(keys), pa.array(["x"] * 1000)])
                assert sum(batch.nbytes for batch in spool._held) < 20_000
            assert sum(batch.num_rows for batch in spool.sorted()) == 1000 * n_groups
        largest.append(spool.largest_part)
    # A bin of the larger holds a few more rows of a run that is cut into 512; a run alone would be 20,000 bytes.
    assert max(largest) < 20_000
    assert N_BINS == 512


def test_few_rows_never_touch_the_disk(tmp_path):
    with Spool(tmp_path / "missing", SCHEMA) as spool:
        _add(spool, [(b"bbbb", "1"), (b"aaaa", None)])
        assert _all(spool) == [(b"aaaa", None), (b"bbbb", "1")]


def test_a_spool_without_rows_gives_none(tmp_path):
    with Spool(tmp_path, SCHEMA) as spool:
        assert _all(spool) == []
