"""The roster of a registry as programs use it, and the coverage that follows from it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from linkage.answers import coverage, roster_coverage
from linkage.intake.roster import (
    COLUMNS,
    Entry,
    RosterChange,
    end_entry,
    expected_periods,
    read_roster,
    read_table,
    remove_entries,
    set_entry,
    store_entries,
)
from linkage.progress import now
from linkage.store import Session, Store

__all__ = ["Roster", "read_coverage"]

_DELIVERIES: Final = """
SELECT reporter, period, CASE WHEN kind <> 'totals' THEN n_records END AS n_records, received_at
FROM submissions WHERE kind <> 'withdrawal' ORDER BY submission
"""
_HELD_BACK: Final = "SELECT reporter, period, held_at FROM held_back WHERE dismissed_at IS NULL ORDER BY ALL"


class Roster:
    """The roster of a registry: who is to report, from when on and how often.

    While it has no entry, every reporter is accepted. Each change is kept with its time.
    """

    def __init__(self, store: Store) -> None:
        """Use `Registry.roster` instead."""
        self._store = store

    def entries(self) -> list[Entry]:
        """Return the entries, sorted by reporter and first period."""
        with self._store.session(write=False) as session:
            return read_roster(session)

    def table(self) -> pa.Table:
        """Return the entries as an Arrow table, with the columns of a roster file."""
        rows = [entry.to_dict() for entry in self.entries()]
        kinds = {name: pa.int64() if name == "due_days" else pa.string() for name in COLUMNS}
        several = {name: pa.list_(pa.string()) for name in ("reports", "cases_from")}
        return pa.Table.from_pylist(rows, schema=pa.schema({**kinds, **several}))

    def import_file(self, path: str | Path, *, dry_run: bool = False) -> RosterChange:
        """Add and change entries by a CSV file; entries that it does not name stay as they are.

        Args:
            path: The file, see `linkage.intake.roster.read_table`.
            dry_run: Whether to write nothing and return what would change.

        Returns:
            What was added and changed.

        Raises:
            RosterError: The file cannot be used, or has bad rows; nothing was imported.
            RegistryError: The registry cannot be opened or written.
        """
        with self._store.session(write=not dry_run) as session:
            known = {entry.reporter for entry in read_roster(session)}
            entries = read_table(Path(path), known=known)
            return store_entries(session, entries, at=now(), whole_file=True, dry_run=dry_run)

    def set(
        self,
        reporter: str,
        *,
        kind: str | None = None,
        name: str | None = None,
        county: str | None = None,
        reports: str | None = None,
        every: str | None = None,
        from_period: str | None = None,
        until_period: str | None = None,
        due_days: int | str | None = None,
        cases_from: str | None = None,
    ) -> RosterChange:
        """Add an entry, or change one; what is None stays as it is, and an empty text clears it.

        Without a first period the last entry of the reporter is corrected. With one, the values hold from then on.

        Args:
            reporter: Code of the reporter.
            kind: A member of `linkage.intake.roster.KINDS`; a new reporter needs one.
            name: Name of the body.
            county: Two-digit code of its county.
            reports: `records`, `totals`, or both with a space between.
            every: `month` or `year`.
            from_period: The first period that is expected; a new reporter needs one.
            until_period: The last one.
            due_days: Days after the end of a period until it is late.
            cases_from: Codes of the reporters from which it gets cases, with spaces between.

        Returns:
            What was added or changed.

        Raises:
            RosterError: As for `linkage.intake.roster.set_entry`.
            RegistryError: The registry cannot be opened or written.
        """
        given = {
            "kind": kind,
            "name": name,
            "county": county,
            "reports": reports,
            "every": every,
            "from": from_period,
            "until": until_period,
            "due_days": None if due_days is None else str(due_days),
            "cases_from": cases_from,
        }
        values = {column: text for column, text in given.items() if text is not None}
        with self._store.session(write=True) as session:
            return set_entry(session, reporter, values, at=now())

    def end(self, reporter: str, until: str) -> RosterChange:
        """End the last entry of a reporter.

        Args:
            reporter: Code of the reporter.
            until: The last period that is expected.

        Returns:
            What was changed.

        Raises:
            RosterError: As for `linkage.intake.roster.end_entry`.
            RegistryError: The registry cannot be opened or written.
        """
        with self._store.session(write=True) as session:
            return end_entry(session, reporter, until, at=now())

    def remove(self, reporter: str) -> tuple[tuple[str, str], ...]:
        """Remove a reporter that was entered by mistake and has sent nothing.

        Args:
            reporter: Code of the reporter.

        Returns:
            Reporter and first period of each entry that was removed.

        Raises:
            RosterError: As for `linkage.intake.roster.remove_entries`.
            RegistryError: The registry cannot be opened or written.
        """
        with self._store.session(write=True) as session:
            return remove_entries(session, reporter, at=now())


def read_coverage(session: Session, *, through: str | None, today: date | None, as_of: date | None = None) -> pa.Table:
    """Return the coverage of an open registry, as `Registry.coverage` does.

    Args:
        session: The open registry.
        through: The last period to expect.
        today: The day by which the roster is judged; the current one if it is None.
        as_of: Only what had come by this day; None for all.
    """
    roster, submissions = read_roster(session), _until(session.table(_DELIVERIES), "received_at", as_of)
    if not roster:
        return coverage(submissions, through=through)
    today = today or datetime.now(UTC).date()
    expected = expected_periods(roster, today=today, through=through)
    return roster_coverage(submissions, expected, _until(session.table(_HELD_BACK), "held_at", as_of), today=today)


def _until(files: pa.Table, column: str, as_of: date | None) -> pa.Table:
    if as_of is None:
        return files
    days = pc.utf8_slice_codeunits(files[column], 0, len("YYYY-MM-DD"))
    return files.filter(pc.less_equal(days, as_of.isoformat()))
