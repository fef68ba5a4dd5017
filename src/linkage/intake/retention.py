"""Erase what is older than a retention rule allows.

The date that counts is the event date; without one, the report date; without either, the period for which the record
was last delivered; without a period, the day on which that was received. A date known only to the month or year is old
only if every day in it is before the limit.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final

from linkage.intake.database import Database
from linkage.intake.erasure import BELONGS, erase_going, select_going

__all__ = ["OldRecords", "erase_old"]

_RECEIVED: Final = "coalesce(s.period, s.received_at[:10])"
# A date that is known to the month or the year is compared by its known parts only.
_OLD: Final = "{date} < $before[:length({date})]"
_RECORD_DATE: Final = f"coalesce(event_date, report_date, {_RECEIVED})"

_SELECT: Final = {
    "records": f"SELECT rid FROM {BELONGS} JOIN reports USING (rid) WHERE {_OLD.format(date=_RECORD_DATE)}",
    "versions": f"""
        SELECT h.rowid AS row FROM history AS h JOIN submissions AS s USING (submission)
        WHERE {_OLD.format(date=_RECORD_DATE)}
    """,
    "rows": f"""
        SELECT q.rowid AS row FROM quarantine AS q JOIN submissions AS s USING (submission)
        WHERE {_OLD.format(date=_RECEIVED)} OR (q.reporter, q.record_id) IN (
            SELECT (reporter, record_id) FROM records JOIN going_records USING (rid))
    """,
    "totals": f"SELECT DISTINCT submission FROM totals WHERE {_OLD.format(date='period')}",
}

_COUNT: Final = f"""
SELECT reporter, count(rid), count(version), count(row), count(totals), min(date), max(date)
FROM (
    SELECT r.reporter, rid, NULL AS version, NULL AS row, NULL AS totals, {_RECORD_DATE} AS date
    FROM {BELONGS} JOIN reports USING (rid) JOIN going_records USING (rid)
    UNION ALL
    SELECT h.reporter, NULL, h.rowid, NULL, NULL, {_RECORD_DATE}
    FROM history AS h JOIN submissions AS s USING (submission) WHERE h.rowid IN (SELECT row FROM going_versions)
    UNION ALL
    SELECT q.reporter, NULL, NULL, q.rowid, NULL, {_RECEIVED}
    FROM quarantine AS q JOIN submissions AS s USING (submission) WHERE q.rowid IN (SELECT row FROM going_rows)
    UNION ALL
    SELECT reporter, NULL, NULL, NULL, submission, period
    FROM submissions WHERE submission IN (SELECT submission FROM going_totals)
) GROUP BY reporter ORDER BY reporter
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class OldRecords:
    """What one reporter has sent that is older than the limit.

    Attributes:
        reporter: Code of the reporter.
        records: Number of records.
        versions: Number of older versions in the history.
        rows: Number of rows in quarantine.
        totals: Number of totals files.
        first: The earliest date among them, as far as it is known.
        last: The latest date among them.
    """

    reporter: str
    records: int
    versions: int
    rows: int
    totals: int
    first: str
    last: str

    def to_dict(self) -> dict[str, Any]:
        """Return plain strings and numbers, as `linkage erase --json` prints them."""
        return asdict(self)


def erase_old(database: Database, before: str, *, at: str, dry_run: bool) -> list[OldRecords]:
    """Erase what is older than a day, in one transaction.

    Args:
        database: The registry, open for writing.
        before: The first day that stays, `YYYY-MM-DD`.
        at: The current time.
        dry_run: Whether to count only.

    Returns:
        The numbers of each reporter that has anything as old, sorted by code.
    """
    with database.transaction():
        erased = select_going(database, **_SELECT, before=before)
        names = ("reporter", "records", "versions", "rows", "totals", "first", "last")
        found = [OldRecords(**dict(zip(names, row, strict=True))) for row in database.rows(_COUNT)]
        if erased and not dry_run:
            erase_going(database, reason="retention", at=at)
            database.log("erase", at=at, before=before, reporters=len(found), **asdict(erased))
    return found
