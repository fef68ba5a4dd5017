"""The files of a registry as measurements read them: both units at once, which nothing in the library does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from linkage.pipeline.units import Units

__all__ = ["attached"]


@contextmanager
def attached(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Attach the files of both units for reading, as `statistics` and `linkage`.

    `linked` has the records of both: `rid` and `codes_rid`, their numbers at either unit, `reporter`, `record_id`,
    `case_id` and `role`.

    Args:
        path: The folder of the registry.
    """
    with duckdb.connect() as connection:
        for unit, store in Units.open(path).stores.items():
            connection.execute(f"ATTACH '{store.path}' AS {unit} (READ_ONLY)")
        connection.execute("""
            CREATE TEMP VIEW linked AS
            SELECT s.rid, l.rid AS codes_rid, s.reporter, s.record_id, case_id, role
            FROM statistics.records AS s JOIN linkage.records AS l USING (reporter, handle)
                LEFT JOIN statistics.cases AS c ON c.rid = s.rid
        """)
        yield connection
