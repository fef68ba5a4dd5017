"""Erase records, older versions, quarantined rows and totals from every table, leaving a count and a date.

What is to go is selected into temporary tables, which DuckDB keeps out of the registry file: `going_records` (rid),
`going_versions` (row of `history`), `going_rows` (row of `quarantine`) and `going_totals` (submission). Deleted rows
stay in the file until it is rewritten, so the registry is marked for that in the same transaction. So it is for a
notice to the linkage unit, which then erases the codes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from linkage.intake.database import Database

__all__ = ["BELONGS", "COVERED", "NOTICE_DUE", "Erased", "erase_going", "select_going"]

NOTICE_DUE: Final = "notice_due"
"""The entry of `meta` that says that records have ceased to be live, which the linkage unit has not been told yet."""

BELONGS: Final = "records AS r JOIN submissions AS s ON s.reporter = r.reporter AND s.sequence = r.sequence"
"""Records with the submission that contained them last, whose period they belong to."""

COVERED: Final = "($period::VARCHAR IS NULL OR s.period = $period OR starts_with(s.period, $period || '-'))"
"""Whether `$period` covers the period of a submission: a year covers its months, and null covers all."""

_NO_TOTALS: Final = "SELECT submission FROM totals WHERE false"

_DELETE: Final = (
    *(
        f"DELETE FROM {table} WHERE rid IN (SELECT rid FROM going_records)"
        for table in ("cases", "reports", "persons", "draws", "sampled", "sample_answers", "records")
    ),
    """
    DELETE FROM links
    WHERE rid_a IN (SELECT rid FROM going_records) OR rid_b IN (SELECT rid FROM going_records)
    """,
    "DELETE FROM history WHERE rowid IN (SELECT row FROM going_versions)",
    "DELETE FROM quarantine WHERE rowid IN (SELECT row FROM going_rows)",
    "DELETE FROM totals WHERE submission IN (SELECT submission FROM going_totals)",
)

_RECORD: Final = """
INSERT INTO erasures
SELECT (SELECT coalesce(max(erasure), 0) FROM erasures) + row_number() OVER (ORDER BY reporter), $at,
    (SELECT coalesce(max(run), 0) + 1 FROM runs), $reason, reporter,
    sum(records), sum(versions), sum(rows), sum(totals)
FROM (
    SELECT reporter, 1 AS records, 0 AS versions, 0 AS rows, 0 AS totals FROM records JOIN going_records USING (rid)
    UNION ALL SELECT reporter, 0, 1, 0, 0 FROM history WHERE rowid IN (SELECT row FROM going_versions)
    UNION ALL SELECT reporter, 0, 0, 1, 0 FROM quarantine WHERE rowid IN (SELECT row FROM going_rows)
    UNION ALL SELECT reporter, 0, 0, 0, 1 FROM submissions WHERE submission IN (SELECT submission FROM going_totals)
) GROUP BY reporter
"""


@dataclass(frozen=True, slots=True)
class Erased:
    """How much was erased, or would be.

    Attributes:
        records: Number of records.
        versions: Number of older versions in the history.
        rows: Number of rows in quarantine.
        totals: Number of totals files.
    """

    records: int
    versions: int
    rows: int
    totals: int = 0

    def __bool__(self) -> bool:
        """Whether there was anything."""
        return bool(self.records or self.versions or self.rows or self.totals)


def select_going(
    database: Database, *, records: str, versions: str, rows: str, totals: str | None = None, **values: object
) -> Erased:
    """Select what is to go; the older versions of the records go in any case.

    Args:
        database: The registry.
        records: A query for the column `rid`.
        versions: A query for the column `row` of further older versions.
        rows: A query for the column `row` of rows in quarantine.
        totals: A query for the column `submission` of totals; by default none go.
        **values: The values of the parameters `$name`; each query names all of them.

    Returns:
        The numbers.
    """
    database.run(f"CREATE OR REPLACE TEMP TABLE going_records AS {records}", **values)
    database.run(f"CREATE OR REPLACE TEMP TABLE going_versions AS {versions}", **values)
    database.run(
        """
        INSERT INTO going_versions
        SELECT h.rowid FROM history AS h JOIN records AS r USING (reporter, record_id) JOIN going_records USING (rid)
        WHERE h.rowid NOT IN (SELECT row FROM going_versions)
        """
    )
    database.run(f"CREATE OR REPLACE TEMP TABLE going_rows AS {rows}", **values)
    chosen = {} if totals is None else values
    database.run(f"CREATE OR REPLACE TEMP TABLE going_totals AS {totals or _NO_TOTALS}", **chosen)
    names = ("records", "versions", "rows", "totals")
    return Erased(*(database.rows(f"SELECT count(*) FROM going_{name}")[0][0] for name in names))


def erase_going(database: Database, *, reason: str, at: str) -> None:
    """Erase what was selected, within the transaction of the caller.

    Args:
        database: The registry, open for writing.
        reason: "withdrawn", "left out" or "retention".
        at: The current time.
    """
    if database.rows("SELECT 1 FROM going_records LIMIT 1"):
        database.set(NOTICE_DUE, "1")
    database.run(_RECORD, at=at, reason=reason)
    for statement in _DELETE:
        database.run(statement)
    database.mark_deleted()
