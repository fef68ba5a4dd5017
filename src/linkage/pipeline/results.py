"""What a registry tells of its records and its last run, without computing anything new."""

from __future__ import annotations

from datetime import date

import pyarrow as pa

from linkage.answers import OwnTotals, Summary
from linkage.pipeline.counts import WithCounts
from linkage.pipeline.receipts import WithReceipts
from linkage.statistics_unit.queries import read_links, read_persons, read_review, read_summary
from linkage.statistics_unit.roster import read_coverage
from linkage.statistics_unit.totals import read_totals

__all__ = ["WithResults"]


class WithResults(WithReceipts, WithCounts):
    """The results of a registry, for `linkage.pipeline.Registry`."""

    def persons(self, *, recipient: str | None = None) -> pa.Table:
        """Return `reporter`, `record_id` and `person_id`, sorted; one row for each record of the last run.

        Args:
            recipient: For whom; its person ids cannot be joined with those of others. None for the registry itself.

        Raises:
            NotLinkedError: `link` has never been run.
            SettingsError: `export.recipient` if the name of the recipient is malformed.
            RegistryKeyError: As for `receive`; without a recipient no key is needed.
        """
        ids = None if recipient is None else self._key_files.ids_for(self._units, recipient)
        with self._store.session(write=False) as session:
            return read_persons(session, ids=ids)

    def links(self) -> pa.Table:
        """Return the pairs that the last run stored, with the columns `linkage.answers.LINK_COLUMNS`, sorted.

        Raises:
            NotLinkedError: `link` has never been run.
        """
        with self._store.session(write=False) as session:
            return read_links(session)

    def review(self) -> pa.Table:
        """Return what is to be reviewed: pairs of persons, the strongest pair of records of each first.

        Returns:
            The columns `linkage.answers.REVIEW_COLUMNS`, as `linkage.answers.queue_of` orders them.

        Raises:
            NotLinkedError: `link` has never been run.
        """
        with self._store.session(write=False) as session:
            return read_review(session)

    def summary(self) -> Summary:
        """Count records, persons, the overlap between reporters, and pairs for review."""
        with self._store.session(write=False) as session:
            return read_summary(session)

    def coverage(self, *, through: str | None = None, today: date | None = None) -> pa.Table:
        """Return for each reporter and period whether it reported, reported nothing, sent only totals, or was silent.

        Args:
            through: The last period to expect, even if no reporter has sent it yet.
            today: The day by which the roster is judged; by default the current one in UTC.

        Returns:
            The columns of `linkage.answers.roster_coverage`; without a roster those of `linkage.answers.coverage`.
        """
        with self._store.session(write=False) as session:
            return read_coverage(session, through=through, today=today)

    def totals(
        self, *, reporter: str | None = None, period: str | None = None, by: str | None = None, unit: str | None = None
    ) -> list[OwnTotals]:
        """Return what reporters have counted themselves, beside what their records give; nothing is added.

        Args:
            reporter: Only totals of this reporter.
            period: Only totals of this period; a year covers its months.
            by: Only numbers that are broken down by this item alone.
            unit: Only totals of this unit: `person`, `case` or `report`.

        Returns:
            The newest totals of each reporter, period, unit, role and items, sorted by these.
        """
        with self._store.session(write=False) as session:
            return read_totals(session, reporter=reporter, period=period, unit=unit, by=by)
