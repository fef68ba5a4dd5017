"""The registry as programs use it: create or open one, receive, link, and read the answers."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Self, Unpack

from linkage.answers import Explanation, RegistryPrivacy
from linkage.engines.spark.session import Cluster
from linkage.errors import RefusedError
from linkage.intake import Accept, Accepted, OldRecords, Receipt
from linkage.linkage_unit.purge_report import REVIEW_DAYS, PurgeReport
from linkage.linkage_unit.report import LinkReport
from linkage.linkage_unit.status import LinkageStatus
from linkage.pipeline.creating import make_registry
from linkage.pipeline.exchange import erase
from linkage.pipeline.key_files import KeyFiles
from linkage.pipeline.receiving import receive
from linkage.pipeline.results import WithResults
from linkage.pipeline.retention import erase_before
from linkage.pipeline.settings import Settings, prepare
from linkage.pipeline.status import Status
from linkage.pipeline.units import UnitName, Units
from linkage.progress import Progress, quiet
from linkage.store import WAIT_SECONDS, check_options
from pseudonym.codebook import Codebook
from pseudonym.profile import Profile

__all__ = ["Registry"]


class Registry(WithResults):
    """A linkage registry: a folder with a file for each of its two units, and a key of each in a file beside it.

    The linkage unit has codes under handles, and finds the persons; the statistics unit has everything else and never a
    code. This class runs both in one process and joins what they know where an answer needs it.

    Use `create` or `open` to get one. Their files are locked during each call only, so a registry may stay open in a
    notebook; there is nothing to close at the end of a `with` block.

    Attributes:
        path: The folder of the registry.
        settings: Profile, and the newest codebook when it was opened.
        registry_key: The file of the registry's own key, that of the linkage unit.
        statistics_key: The file of the key of the statistics unit.
    """

    def __init__(self, units: Units, settings: Settings, key_files: KeyFiles) -> None:
        """Use `create` or `open` instead."""
        super().__init__(units, settings, key_files)
        self.path = units.path

    @classmethod
    def create(
        cls,
        path: str | Path,
        *,
        profile: str | Path | Profile = "case-registry",
        key_id: str | None = None,
        codebook: str | Path | Codebook | None = None,
        registry_key: str | Path | None = None,
        statistics_key: str | Path | None = None,
        existing_key: bool = False,
        allow_unguarded: str | None = None,
        enrolled_only: bool = False,
        unit: UnitName | None = None,
        threads: int | None = None,
        wait: float = WAIT_SECONDS,
    ) -> Registry:
        """Create a registry and its keys, or use a key that exists.

        Args:
            path: Path of the new registry, a folder; nothing is ever overwritten.
            profile: The profile that submissions must follow: a name, a file, or the profile itself.
            key_id: The key id that they must have; None to take it from the first one.
            codebook: The codebook that their payload must follow; None to accept only the reserved columns.
            registry_key: Path of the registry key; by default as for `open`.
            statistics_key: Path of the key of the statistics unit; by default as for `open`.
            existing_key: Whether to use the registry key in its file, such as one restored from a backup, and that of
                the statistics unit if it exists, not make them.
            allow_unguarded: The recorded reason for a profile with an empty match key.
            enrolled_only: Whether every file must be signed by an enrolled reporter; see `enrolments` to change it.
            unit: The only unit that it is to have; by default it has both.
            threads: See `open`.
            wait: See `open`.

        Returns:
            The registry.

        Raises:
            SettingsError: As for `linkage.pipeline.settings.prepare` and `open`.
            RegistryError: A file already exists at the path, or the folder is missing or not writable.
            RegistryKeyError: A file already exists where the key would be written, the key cannot be written, it would
                have the path of the registry, or an existing key cannot be read. The key of an earlier `create` that
                was killed is used again.
        """
        check_options(threads, wait)
        settings = prepare(
            profile, codebook, key_id=key_id, allow_unguarded=allow_unguarded, enrolled_only=enrolled_only
        )
        files = KeyFiles.of(Path(path), registry_key, statistics_key)
        make_registry(Path(path), settings, files.of_units(unit), key_id=key_id, existing_key=existing_key)
        return cls(Units.open(path, threads=threads, wait=wait), settings, files)

    @classmethod
    def open(
        cls,
        path: str | Path,
        *,
        registry_key: str | Path | None = None,
        statistics_key: str | Path | None = None,
        threads: int | None = None,
        wait: float = WAIT_SECONDS,
    ) -> Registry:
        """Open an existing registry.

        Args:
            path: The folder of the registry.
            registry_key: The file of its own key, which only what stores or compares codes needs; by default the
                variable `LINKAGE_REGISTRY_KEY` of the environment or, if that is not set, the path with `.key` added.
            statistics_key: The file of the key of the statistics unit, likewise: `LINKAGE_STATISTICS_KEY`, or the path
                with `.statistics.key` added.
            threads: Number of threads, at least 1; by default one per core.
            wait: Seconds to wait for another process that is using the registry, at least 0.

        Returns:
            The registry.

        Raises:
            NotARegistryError: The folder is not a registry, or was created by another version.
            RegistryError: It does not exist, cannot be read, or is in use (`RegistryBusy`).
            SettingsError: `registry.threads` or `registry.wait` if it is out of range.
        """
        units = Units.open(path, threads=threads, wait=wait)
        store = units.stores[units.alone or "statistics"]
        with store.session(write=False) as session:
            units.check_whole(session)
            settings = Settings.read(session)
        return cls(units, settings, KeyFiles.of(units.path, registry_key, statistics_key))

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
        dry_run: bool = False,
        progress: Progress | None = None,
        **accept: Unpack[Accept],
    ) -> Receipt:
        """Receive one submission, withdrawal or totals file, all of it or nothing.

        Args:
            path: The submission file.
            dry_run: Whether to write nothing and return the receipt that there would be.
            progress: See `Progress`.
            **accept: What to accept that would be refused or held back: `accept_withdrawals`, `accept_replacements`,
                `accept_sequence` and `accept_reporters`, see `linkage.intake.Accepted`.

        Returns:
            The receipt.

        Raises:
            HeldBackError: Somebody must decide on the submission first, see `held`; nothing was stored.
            RefusedError: The submission does not fit this registry or is damaged; nothing was stored.
            RegistryKeyError: The registry key is missing, damaged, or belongs to another registry.
            NotErasedError: The submission was received, but superseded codes could not be erased.
            RegistryError: The registry cannot be opened or written; nothing was stored.
        """
        result = self.receive_all([path], dry_run=dry_run, progress=progress, **accept)[0]
        if isinstance(result, RefusedError):
            raise result
        return result

    def receive_all(
        self,
        paths: Iterable[str | Path],
        *,
        dry_run: bool = False,
        progress: Progress | None = None,
        **accept: Unpack[Accept],
    ) -> list[Receipt | RefusedError]:
        """Receive several submissions; if one is refused, the others are still received.

        They are received in the order of reporter and sequence number, whatever the order of `paths`.

        Args:
            paths: The files: submissions, withdrawals and totals.
            dry_run: Whether to write nothing, and judge each file as if it came next.
            progress: See `Progress`.
            **accept: See `receive`.

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
            self._units,
            self.settings,
            [Path(path) for path in paths],
            key_files=self._key_files,
            progress=progress or quiet,
            accepted=Accepted(**accept),
            dry_run=dry_run,
        )

    def erase_before(self, before: date, *, dry_run: bool = False) -> list[OldRecords]:
        """Erase what is older than a retention rule allows; see `linkage.pipeline.retention.erase_before`.

        What counts is the event date of a record; without one, its report date; without either, the period for which
        it was last delivered, or the day on which that was received.
        """
        return erase_before(self._units, before, dry_run=dry_run)

    def link(
        self,
        *,
        refit: bool = False,
        full: bool = False,
        cluster: Cluster | None = None,
        beyond_memory: bool = False,
        then_purge: bool = False,
        progress: Progress | None = None,
    ) -> LinkReport:
        """Find the persons among all current records.

        The model of the first run is reused, so that the same records always give the same result; `refit` fits a new
        one to all current records and gives it a new number. As long as the model is kept, new records are compared,
        and only records that they touch are weighed again; the result is that of a full run.

        Args:
            refit: Whether to fit a new model.
            full: Whether to compare and weigh all records, although the result would be the same.
            cluster: A Spark cluster that joins the codes and compares the pairs, with the same answer; None for this
                process.
            beyond_memory: Whether to begin a run that is expected to take more memory than is available.
            then_purge: Whether `purge` is to follow, so that a run does not begin if there is no memory for that.
            progress: See `Progress`.

        Returns:
            The report of the run.

        Raises:
            ClusterError: The cluster does not answer or has failed; the results of the previous run are unchanged.
            TooLargeError: The run, or the purge that is to follow, is expected to take more memory than is available;
                nothing was linked.
            MissingExtraError: `extra.spark` if a cluster is given and its packages are not installed.
            SettingsError: `cluster.profile` if a cluster is given and the profile has an empty match key.
            RegistryKeyError: As for `receive`.
            NotErasedError: Superseded codes could not be erased; nothing was linked.
            RegistryError: The registry cannot be opened or written; the results of the previous run are unchanged.
        """
        # Imported here because loading the compiled code takes a second, which other calls should not wait for.
        from linkage.pipeline.linking import link

        key = self._key_files.registry_key(self._units)
        erase(self._units)
        return link(
            self._units,
            self.settings.profile,
            key=key,
            refit=refit,
            full=full,
            progress=progress or quiet,
            cluster=cluster,
            beyond_memory=beyond_memory,
            then_purge=then_purge,
        )

    def purge(
        self,
        *,
        review_days: int = REVIEW_DAYS,
        dry_run: bool = False,
        cluster: Cluster | None = None,
        beyond_memory: bool = False,
        progress: Progress | None = None,
    ) -> PurgeReport:
        """Take away the match keys and stored pairs by which different persons could be told; see `linkage purge`.

        Args:
            review_days: Length of the review window: records that came before it are settled.
            dry_run: Whether to write nothing and return what there would be.
            cluster: As for `link`; it is needed only where the last run has not kept how pairs compared.
            beyond_memory: As for `link`.
            progress: See `Progress`.

        Returns:
            What was taken away.

        Raises:
            ClusterError: The cluster does not answer or has failed; nothing was purged.
            TooLargeError: The purge is expected to take more memory than is available; nothing was purged.
            NotLinkedError: `link` has never been run, or not since something changed.
            SettingsError: `purge.days` if the window is not from 0 to 36500 days.
            RegistryKeyError: As for `receive`.
            NotErasedError: What was deleted could not be erased from a file.
            RegistryError: The registry cannot be opened or written; nothing was purged.
        """
        # Imported here as in `link`.
        from linkage.pipeline.purging import purge

        key, show = self._key_files.registry_key(self._units), progress or quiet
        return purge(
            self._units,
            self.settings.profile,
            key=key,
            review_days=review_days,
            dry_run=dry_run,
            progress=show,
            cluster=cluster,
            beyond_memory=beyond_memory,
        )

    def explain(self, a: str | tuple[str, str], b: str | tuple[str, str]) -> Explanation:
        """Explain why the last run did, or did not, take two records for one person.

        Args:
            a: A record, as `"police/pol-17"` or as a pair of reporter and record id.
            b: Another one.

        Returns:
            The evidence of each field, the rivals of a match, and the other candidates of both records.

        Raises:
            UnitError: `registry.unit` if a unit is elsewhere.
            NotLinkedError: `link` has never been run.
            RegistryKeyError: As for `receive`.
            RecordError: A name is malformed, a record is unknown or newer than the last run, or both are the same.
        """
        # Imported here as in `link`.
        from linkage.pipeline.explain import explain
        from linkage.pipeline.last_run import split_name

        self._units.check_both()
        one, other = split_name(a), split_name(b)
        key = self._key_files.registry_key(self._units)
        with self._units.sessions(write=False) as (codes, cases):
            return explain(codes, cases, self.settings.profile, one, other, key=key)

    def privacy(self) -> RegistryPrivacy:
        """Measure what match keys and payload reveal about persons to somebody who reads the registry with its key.

        Raises:
            UnitError: `registry.unit` if a unit is elsewhere.
            RegistryKeyError: As for `receive`.
        """
        # Imported here because loading the engine takes half a second, which other calls should not wait for.
        from linkage.pipeline.privacy import read_privacy

        self._units.check_both()
        key = self._key_files.registry_key(self._units)
        with self._units.sessions(write=False) as (codes, cases):
            return read_privacy(codes, cases, self.settings, key=key)

    def status(self) -> Status:
        """Return the settings of the registry, and whether its results are up to date.

        Raises:
            UnitError: `registry.unit` at a linkage unit on its own, which has `linkage_status`.
        """
        pending, outdated, unpurged = self._units.linkage_waiting()
        with self._store.session(write=False) as session:
            return Status.read(session, self.settings, pending=pending, outdated=outdated, unpurged=unpurged)

    def linkage_status(self) -> LinkageStatus:
        """Return what the linkage unit knows: the records whose codes it has, the last notice, and the last run.

        Raises:
            UnitError: `registry.unit` at a statistics unit on its own.
        """
        with self._units.linkage.session(write=False) as session:
            return LinkageStatus.read(session, self.settings.profile)
