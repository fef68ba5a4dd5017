"""Differences of tables: what is deleted and inserted makes the stored table the wanted one, and nothing else moves."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from linkage.linkage_unit.differences import difference_of, store_difference
from linkage.store import Session

KEYS = ("a", "b")


class Open:
    """An open store, as far as differences need one."""

    def __init__(self, table: pa.Table) -> None:
        self.connection = duckdb.connect()
        self.connection.register("source", table)
        self.connection.execute("CREATE TABLE rows AS SELECT * FROM source")

    registered, load = Session.registered, Session.load


def invented(rng: np.random.Generator, n: int) -> pa.Table:
    """Invent rows with different keys, whose values often repeat."""
    chosen = rng.permutation(64)[:n]
    return pa.table(
        {
            "a": chosen // 8,
            "b": chosen % 8,
            "value": rng.choice([0.25, -0.0, 1e300], n),
            "text": pa.array(rng.choice(["x", "y", ""], n).tolist(), pa.string()),
        }
    )


def rows_of(table: pa.Table) -> dict[tuple, tuple]:
    return {(row.pop("a"), row.pop("b")): tuple(row.values()) for row in table.to_pylist()}


@pytest.mark.parametrize("seed", range(30))
def test_only_what_differs_is_deleted_and_inserted(seed):
    rng = np.random.default_rng(seed)
    stored, wanted = (invented(rng, n) for n in rng.choice([0, 1, 20, 60], 2))
    found = difference_of(stored, wanted, KEYS)
    before, after = rows_of(stored), rows_of(wanted)
    assert {tuple(row.values()) for row in found.gone.to_pylist()} == {
        key for key, row in before.items() if after.get(key) != row
    }
    assert rows_of(found.fresh) == {key: row for key, row in after.items() if before.get(key) != row}
    session = Open(stored)
    store_difference(session, "rows", found)
    assert rows_of(session.connection.sql("SELECT * FROM rows").to_arrow_table()) == after


def test_a_table_that_is_as_it_should_be_is_left_alone():
    stored = invented(np.random.default_rng(1), 30)
    found = difference_of(stored, stored.take(np.random.default_rng(2).permutation(30)), KEYS)
    assert (found.gone.num_rows, found.fresh.num_rows) == (0, 0)
