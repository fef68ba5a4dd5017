"""Read totals from the registry file, and the records to set beside them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Final

from linkage.answers import OwnTotals, compare_cells
from linkage.intake.erasure import BELONGS, COVERED
from linkage.statistics_unit.newest import newest_reports
from linkage.store import Session

__all__ = ["read_totals"]

# The current version of each series: the one with the highest sequence number.
_CURRENT: Final = f"""
SELECT * FROM (SELECT DISTINCT reporter, period, unit, role, items, sequence, submission FROM totals) AS s
WHERE ($reporter::VARCHAR IS NULL OR reporter = $reporter) AND ($unit::VARCHAR IS NULL OR unit = $unit)
    AND {COVERED} AND ($item::VARCHAR IS NULL OR list_contains(items, $item))
QUALIFY row_number() OVER (PARTITION BY reporter, period, unit, role, items ORDER BY sequence DESC) = 1
ORDER BY reporter, period, unit, role, items
"""

_UNITS: Final = {"person": "person_id", "case": "case_id", "report": "report_id"}
"""What counts once. A record without it counts as one of its own."""

_NEWEST: Final = "SELECT coalesce(digest, '') FROM codebooks ORDER BY codebook DESC LIMIT 1"
_HEADER: Final = "SELECT header FROM submissions WHERE submission = ?"

# A record without a role counts as a victim: the others are those who only came along.
_RECORDS: Final = f"""
SELECT {{unit}}, rid, payload
FROM {BELONGS} JOIN cases USING (rid) JOIN {{reports}} USING (rid) LEFT JOIN persons USING (rid)
WHERE r.reporter = $reporter AND {COVERED} AND ($role = 'all' OR coalesce(role, 'victim') = 'victim')
"""


def read_totals(
    session: Session, *, reporter: str | None, period: str | None, unit: str | None, by: str | None
) -> list[OwnTotals]:
    """Read the current totals, and count the records that were last delivered for the same period.

    Args:
        session: The open registry.
        reporter: Only those of this reporter.
        period: Only those of this period; a year covers its months.
        unit: Only those of this unit.
        by: Only cells that are broken down by this item alone.

    Returns:
        The totals, sorted by reporter, period, unit, role and items.
    """
    series = session.query(_CURRENT, reporter=reporter, period=period, unit=unit, item=by)
    with newest_reports(session):
        found = [_compare(session, *one) for one in series]
    if by is None:
        return found
    return [one for one in (replace(one, cells=one.only_by(by)) for one in found) if one.cells]


def _compare(
    session: Session, reporter: str, period: str, unit: str, role: str, items: list[str], sequence: int, submission: int
) -> OwnTotals:
    own = {
        tuple(sorted(cell.items())): n
        for cell, n in session.rows("SELECT cell, n FROM totals WHERE submission = ?", submission)
    }
    query = _RECORDS.format(unit=_UNITS[unit], reports=_reports(session, submission))
    records: list[tuple[Any, ...]] = session.query(query, reporter=reporter, period=period, role=role)
    counted = ((rid if name is None else name, payload or {}) for name, rid, payload in records)
    return OwnTotals(
        reporter=reporter,
        period=period,
        sequence=sequence,
        unit=unit,
        role=role,
        items=tuple(items),
        cells=compare_cells(own, counted),
        n_records=len(records),
        unlinked=sum(name is None for name, *_ in records) if unit == "person" else 0,
    )


def _reports(session: Session, submission: int) -> str:
    """Return the table of reports: in the newest codebook if the totals follow that, otherwise as they were sent."""
    book = json.loads(session.rows(_HEADER, submission)[0][0])["codebook"]
    newest = session.rows(_NEWEST)[0][0]
    return "newest_reports" if (book or {"digest": ""})["digest"] == newest else "reports"
