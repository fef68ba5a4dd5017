"""What is particular to the embedded engine."""

from __future__ import annotations

import random

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from linkage.engines.duckdb import DuckDBEngine
from linkage.engines.key_groups import RecordIndex
from tests.unit.linkage.engines.codes import (
    WIDTH,
    EncipheredEngine,
    as_rows,
    as_table,
    rows_of_pairs,
    slow_candidates,
    some_codes,
    without_low_half,
)

CODES = pa.table(
    {
        "rid": pa.array([1, 2, 3, 1], pa.int64()),
        "kind": pa.array([0, 0, 0, 1], pa.uint8()),
        "key_hi": pa.array([5, 5, 5, 6], pa.uint64()),
        "key_lo": pa.array([7, 7, 7, 8], pa.uint64()),
        "content": pa.array([b"a" * 8, b"b" * 8, b"c" * 8, b"d" * 8], pa.binary(8)),
    }
)


@pytest.fixture
def connection():
    with duckdb.connect() as connection:
        connection.register("incoming", CODES)
        connection.execute('CREATE TABLE "co""des" AS SELECT * FROM incoming')
        connection.unregister("incoming")
        yield connection


def test_a_named_table_and_an_arrow_table_give_the_same(connection):
    engine = DuckDBEngine(connection)
    named = pa.Table.from_batches(engine.candidates('co"des'))
    assert named.num_rows == 3
    assert named.equals(pa.Table.from_batches(engine.candidates(CODES)))
    assert engine.codes_of_kind('co"des', 0).equals(engine.codes_of_kind(CODES, 0))


def test_rows_ascend_over_all_batches_and_their_number_is_known_beforehand():
    rows = some_codes(4)
    candidates = DuckDBEngine().candidates(as_table(rows), max_rows=20)
    assert candidates.n_rows == len(slow_candidates(rows)) > 100
    batches = list(candidates)
    order = [row[:4] for row in as_rows(batches)]
    assert len(batches) > 5
    assert order == sorted(order)


def test_batches_are_read_as_they_are_needed():
    engine, told = DuckDBEngine(), []
    candidates = engine.candidates(as_table(some_codes(16)), max_rows=10)
    next(engine.by_pair(candidates, rows_of_pairs, progress=lambda *work: told.append(work)))
    assert 0 < max(done for _, done, _ in told) < 50 < candidates.n_rows


def test_the_connection_is_free_between_batches(connection):
    for batch in DuckDBEngine(connection).candidates('co"des', max_rows=1):
        connection.execute("SELECT 1").fetchall()
        assert batch.num_rows in (1, 2)


def test_nothing_is_left_behind(connection):
    engine = DuckDBEngine(connection)
    next(iter(engine.candidates('co"des', max_rows=1)))
    list(engine.candidates(CODES))
    assert connection.execute("SELECT table_name FROM duckdb_tables()").fetchall() == [('co"des',)]
    assert connection.execute("SELECT count(*) FROM duckdb_views() WHERE NOT internal").fetchall() == [(0,)]


@pytest.mark.parametrize("engine", [DuckDBEngine, EncipheredEngine])
@pytest.mark.parametrize("part_codes", [1, 7, 50, 100_000])
@pytest.mark.whole
def test_codes_read_in_parts_give_the_same(monkeypatch, part_codes, engine):
    rng = random.Random(part_codes)
    keys = [(rng.getrandbits(64), rng.getrandbits(64)) for _ in range(40)]
    # The first and the last key there can be, and keys that differ in one half only.
    keys += [(0, 0), (2**64 - 1, 2**64 - 1), (keys[0][0], 1), (1, keys[0][1])]
    rows = [
        dict(rid=rid, kind=kind, key_hi=high, key_lo=low, content=rng.randbytes(WIDTH))
        for rid in range(50)
        for kind in (3, 200)
        for high, low in rng.sample(keys, 5)
    ]
    monkeypatch.setattr("linkage.engines.duckdb.PART_CODES", part_codes)
    found = as_rows(engine().candidates(as_table(rows)))
    assert [row[:4] for row in found] == sorted(row[:4] for row in found)
    assert sorted(found) == without_low_half(slow_candidates(rows))
    groups = [
        {(row["kind"], row["key_hi"]) for row in part.to_pylist()} for part in engine().match_keys(as_table(rows))
    ]
    assert len(set.union(*groups)) == sum(map(len, groups))
    assert sum(map(len, engine().match_keys(as_table(rows)))) == len(rows)


@pytest.mark.parametrize("gap", [1, 5, 1_000])
def test_records_are_found_whatever_numbers_they_have(gap):
    rid = np.arange(-3, 40) * gap
    wanted = rid[[5, 0, 42, 5]]
    assert RecordIndex(rid).positions(wanted).tolist() == [5, 0, 42, 5]


def test_a_registry_that_is_open_for_reading_only_can_be_joined(tmp_path, connection):
    path = str(tmp_path / "codes.duckdb")
    with duckdb.connect(path) as made:
        made.register("incoming", CODES)
        made.execute("CREATE TABLE codes AS SELECT * FROM incoming")
    with duckdb.connect(path, read_only=True) as readable:
        assert sum(batch.num_rows for batch in DuckDBEngine(readable).candidates("codes")) == 3
