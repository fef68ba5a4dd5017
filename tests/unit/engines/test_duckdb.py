"""What is particular to the embedded engine."""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pytest

from linkage.engines.duckdb import DuckDBEngine

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


def tables(connection):
    return [row[0] for row in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()]


def test_a_named_table_and_an_arrow_table_give_the_same(connection):
    engine = DuckDBEngine(connection)
    named = pa.Table.from_batches(engine.candidates('co"des'))
    assert named.num_rows == 3
    assert named.equals(pa.Table.from_batches(engine.candidates(CODES)))
    assert engine.codes_of_kind('co"des', 0).equals(engine.codes_of_kind(CODES, 0))


def test_the_connection_is_free_between_batches(connection):
    for batch in DuckDBEngine(connection).candidates('co"des', max_rows=1):
        connection.execute("SELECT 1").fetchall()
        assert batch.num_rows in (1, 2)


def test_nothing_is_left_behind(connection):
    engine = DuckDBEngine(connection)
    list(engine.candidates(CODES))
    unfinished = engine.candidates('co"des', max_rows=1)
    next(unfinished)
    assert len(tables(connection)) == 2
    unfinished.close()
    assert tables(connection) == ['co"des']
    assert connection.execute("SELECT count(*) FROM duckdb_views() WHERE NOT internal").fetchall() == [(0,)]


def test_a_registry_that_is_open_for_reading_only_can_be_joined(tmp_path, connection):
    path = str(tmp_path / "codes.duckdb")
    with duckdb.connect(path) as made:
        made.register("incoming", CODES)
        made.execute("CREATE TABLE codes AS SELECT * FROM incoming")
    with duckdb.connect(path, read_only=True) as readable:
        assert sum(batch.num_rows for batch in DuckDBEngine(readable).candidates("codes")) == 3


def test_closing_the_connection_first_raises_nothing_more():
    connection = duckdb.connect()
    unfinished = DuckDBEngine(connection).candidates(CODES, max_rows=1)
    next(unfinished)
    connection.close()
    unfinished.close()
