"""The registry as programs use it: create or open one, receive, link, and read the answers."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa

from linkage.answers import Explanation, OwnTotals, RegistryPrivacy, ReporterReceipt, Summary
from linkage.errors import NotErasedError, RefusedError, RegistryError, RegistryKeyError, SettingsError
from linkage.intake import OldRecords, Receipt, erase_old
from linkage.pipeline.codebooks import Codebooks
from linkage.pipeline.creating import make_registry
from linkage.pipeline.privacy import read_privacy
from linkage.pipeline.queries import read_links, read_persons, read_summary
from linkage.pipeline.receipts import read_receipt, refusal_receipt
from linkage.pipeline.receiving import erase, receive
from linkage.pipeline.report import LinkReport, Progress, Status, now, quiet
from linkage.pipeline.roster import Roster, read_coverage
from linkage.pipeline.settings import Settings, key_path, prepare
from linkage.pipeline.totals import read_totals
from linkage.store import WAIT_SECONDS, Store
from pseudonym.codebook import Codebook
from pseudonym.output import same_file
from pseudonym.profile import Profile

__all__ = ["Registry"]


class Registry:
    """A linkage registry: one file of encoded records, and the registry's own key in a file beside it.

    Use `create` or `open` to get one. The file is locked during each call only, so a registry may stay open in a
    notebook; there is nothing to close at the end of a `with` block.

    Attributes:
        path: The registry file.
        settings: Profile, and the newest codebook when it was opened.
        registry_key: The file of the registry's own key.
    """

    def __init__(self, store: Store, settings: Settings, *, registry_key: Path) -> None:
        """Use `create` or `open` instead."""
        self.path = store.path
        self.settings = settings
        self._store = store
        self.registry_key = registry_key

    @classmethod
    def create(
        cls,
        path: str | Path,
        *,
        profile: str | Path | Profile = "case-registry",
        key_id: str | None = None,
        codebook: str | Path | Codebook | None = None,
        registry_key: str | Path | None = None,
        allow_unguarded: str | None = None,
        threads: int | None = None,
        wait: float = WAIT_SECONDS,
    ) -> Registry:
        """Create a registry and its key.

        Args:
            path: Path of the new registry file; an existing file is never overwritten.
            profile: The profile that submissions must follow: a name, a file, or the profile itself.
            key_id: The key id that they must have; None to take it from the first one.
            codebook: The codebook that their payload must follow; None to accept only the reserved columns.
            registry_key: Path of the new registry key; by default as for `open`.
            allow_unguarded: The recorded reason for a profile with an empty match key.
            threads: See `open`.
            wait: See `open`.

        Returns:
            The registry.

        Raises:
            SettingsError: As for `linkage.pipeline.settings.prepare` and `open`.
            RegistryError: A file already exists at the path, or the folder is missing or not writable.
            RegistryKeyError: A file already exists where the key would be written, the key cannot be written, or it
                would have the path of the registry. The key of an earlier `create` that was killed is used again.
        """
        store = Store(path, threads=threads, wait=wait)
        settings = prepare(profile, codebook, key_id=key_id, allow_unguarded=allow_unguarded)
        if os.path.lexists(store.path):
            raise RegistryError(
                "registry.exists", "A file already exists at this path; nothing is overwritten.", path=store.path
            )
        if not store.path.parent.is_dir():
            raise RegistryError(
                "registry.folder", "The registry cannot be created: the folder does not exist.", path=store.path
            )
        key_file = key_path(store.path, registry_key)
        if same_file(key_file, store.path):
            raise RegistryKeyError(
                "registry_key.same",
                "The registry and its key cannot be one file.",
                hint="Choose another path with --registry-key, away from the registry.",
                path=key_file,
            )
        make_registry(store, settings, key_file, key_id=key_id)
        return cls(store, settings, registry_key=key_file)

    @classmethod
    def open(
        cls,
        path: str | Path,
        *,
        registry_key: str | Path | None = None,
        threads: int | None = None,
        wait: float = WAIT_SECONDS,
    ) -> Registry:
        """Open an existing registry.

        Args:
            path: The registry file.
            registry_key: The file of its key, which only `receive` needs; by default the environment variable
                `LINKAGE_REGISTRY_KEY` or, if that is not set, the path with `.key` added.
            threads: Number of threads, at least 1; by default one per core.
            wait: Seconds to wait for another process that is using the registry, at least 0.

        Returns:
            The registry.

        Raises:
            NotARegistryError: The file is not a registry, or was created by another version.
            RegistryError: The file does not exist, cannot be read, or is in use (`RegistryBusy`).
            SettingsError: `registry.threads` or `registry.wait` if it is out of range.
        """
        store = Store(path, threads=threads, wait=wait)
        with store.session(write=False) as session:
            settings = Settings.read(session)
        return cls(store, settings, registry_key=key_path(store.path, registry_key))

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Do nothing, because no call leaves anything open."""

    def __repr__(self) -> str:
        """Show the profile only: paths can be sensitive, so none is shown."""
        return f"<Registry profile={self.settings.profile.name!r}>"

    def receive(
        self,
        path: str | Path,
        *,
        accept_withdrawals: bool = False,
        dry_run: bool = False,
        progress: Progress | None = None,
    ) -> Receipt:
        """Receive one submission, withdrawal or totals file, all of it or nothing.

        Args:
            path: The submission file.
            accept_withdrawals: Whether a complete delivery may leave out, and so erase, any number of records of its
                period; otherwise at most 5 %.
            dry_run: Whether to write nothing and return the receipt that there would be.
            progress: See `Progress`.

        Returns:
            The receipt.

        Raises:
            RefusedError: The submission does not fit this registry or is damaged; nothing was stored.
            RegistryKeyError: The registry key is missing, damaged, or belongs to another registry.
            NotErasedError: The submission was received, but superseded codes could not be erased.
            RegistryError: The registry cannot be opened or written; nothing was stored.
        """
        result = self.receive_all([path], accept_withdrawals=accept_withdrawals, dry_run=dry_run, progress=progress)[0]
        if isinstance(result, RefusedError):
            raise result
        return result

    def receive_all(
        self,
        paths: Iterable[str | Path],
        *,
        accept_withdrawals: bool = False,
        dry_run: bool = False,
        progress: Progress | None = None,
    ) -> list[Receipt | RefusedError]:
        """Receive several submissions; if one is refused, the others are still received.

        They are received in the order of reporter and sequence number, whatever the order of `paths`.

        Args:
            paths: The files: submissions, withdrawals and totals.
            accept_withdrawals: See `receive`.
            dry_run: Whether to write nothing, and judge each file as if it came next.
            progress: See `Progress`.

        Returns:
            For each path, in the order given, its receipt, or the error with which it was refused.

        Raises:
            TypeError: `paths` is a single path.
            RegistryKeyError: As for `receive`; no submission was read.
            NotErasedError: Everything was received, as its `results` say, but superseded codes could not be erased.
            RegistryError: As for `receive`; submissions received before the error remain stored.
        """
        if isinstance(paths, str | bytes | os.PathLike):
            raise TypeError("receive_all takes several paths, receive takes one")
        return receive(
            self._store,
            self.settings,
            [Path(path) for path in paths],
            registry_key=self.registry_key,
            progress=progress or quiet,
            accept_withdrawals=accept_withdrawals,
            dry_run=dry_run,
        )

    def receipt(self, reporter: str, *, sequence: int | None = None) -> ReporterReceipt:
        """Return the receipt that goes back to a reporter for a file that was received.

        Args:
            reporter: Code of the reporter.
            sequence: Sequence number of the file; None for the one received last.

        Raises:
            RecordError: `receipt.unknown` if no such file was received.
        """
        with self._store.session(write=False) as session:
            return read_receipt(session, reporter, sequence)

    def refusal_receipt(self, path: str | Path, error: RefusedError) -> ReporterReceipt | None:
        """Return the receipt for a file that `receive` refused with an error; None if its header cannot be read."""
        with self._store.session(write=False) as session:
            return refusal_receipt(session, Path(path), error)

    def erase_before(self, before: date, *, dry_run: bool = False) -> list[OldRecords]:
        """Erase what is older than a retention rule allows, from all tables and from the file.

        What counts is the event date of a record; without one, its report date; without either, the period for which
        it was last delivered, or the day on which that was received.

        Args:
            before: The first day that stays.
            dry_run: Whether to count only.

        Returns:
            The numbers of each reporter that has anything as old, sorted by code.

        Raises:
            SettingsError: `erase.future` if the day is still to come: everything would be older.
            NotErasedError: All of it was deleted, as its `results` say, but is still in the file.
            RegistryError: The registry cannot be opened or written.
        """
        if before > date.today():
            raise SettingsError(
                "erase.future",
                "The first day that stays is still to come: everything would be erased.",
                hint="Check the year.",
            )
        with self._store.session(write=not dry_run) as session:
            found = erase_old(session, before.isoformat(), at=now(), dry_run=dry_run)
        if not dry_run:
            try:
                erase(self._store)
            except NotErasedError as error:
                error.results = found
                raise
        return found

    def link(self, *, refit: bool = False, progress: Progress | None = None) -> LinkReport:
        """Find the persons among all current records.

        The model of the first run is reused, so that the same records always give the same result; `refit` fits a new
        one to all current records and gives it a new number.

        Args:
            refit: Whether to fit a new model.
            progress: See `Progress`.

        Returns:
            The report of the run.

        Raises:
            NotErasedError: Superseded codes could not be erased; nothing was linked.
            RegistryError: The registry cannot be opened or written; the results of the previous run are unchanged.
        """
        # Imported here because loading the compiled code takes a second, which other calls should not wait for.
        from linkage.pipeline.run import link

        erase(self._store)
        with self._store.session(write=True) as session:
            return link(session, self.settings.profile, refit=refit, progress=progress or quiet, now=now)

    def persons(self) -> pa.Table:
        """Read which record belongs to which person.

        Returns:
            Columns `reporter`, `record_id`, `person_id`, sorted; one row for each record of the last run.

        Raises:
            NotLinkedError: `link` has never been run.
        """
        with self._store.session(write=False) as session:
            return read_persons(session)

    def links(self) -> pa.Table:
        """Read the pairs of records that the last run stored, with their decisions and reasons.

        Returns:
            The columns `linkage.answers.LINK_COLUMNS`, sorted; one row per pair.

        Raises:
            NotLinkedError: `link` has never been run.
        """
        with self._store.session(write=False) as session:
            return read_links(session)

    def explain(self, a: str | tuple[str, str], b: str | tuple[str, str]) -> Explanation:
        """Explain why the last run did, or did not, take two records for one person.

        Args:
            a: A record, as `"police/pol-17"` or as a pair of reporter and record id.
            b: Another one.

        Returns:
            The evidence of each field, the rivals of a match, and the other candidates of both records.

        Raises:
            NotLinkedError: `link` has never been run.
            RecordError: A name is malformed, a record is unknown or newer than the last run, or both are the same.
        """
        # Imported here for the same reason as in `link`.
        from linkage.pipeline.explain import explain
        from linkage.pipeline.last_run import split_name

        one, other = split_name(a), split_name(b)
        with self._store.session(write=False) as session:
            return explain(session, self.settings.profile, one, other)

    def summary(self) -> Summary:
        """Count records, persons, the overlap between reporters, and pairs for review."""
        with self._store.session(write=False) as session:
            return read_summary(session)

    def privacy(self) -> RegistryPrivacy:
        """Measure what match keys and payload reveal about persons to somebody who reads the registry."""
        with self._store.session(write=False) as session:
            return read_privacy(session, self.settings)

    def status(self) -> Status:
        """Return the settings of the registry, and whether its results are up to date."""
        with self._store.session(write=False) as session:
            return Status.read(session, self.settings)

    @property
    def codebooks(self) -> Codebooks:
        """The codebooks of the registry: list them, add one, end an older one, see which series break."""
        return Codebooks(self._store)

    @property
    def roster(self) -> Roster:
        """The roster of reporters: who is to report, from when on and how often."""
        return Roster(self._store)

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
