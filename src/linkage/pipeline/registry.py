"""The registry as a program uses it: make or open one, receive, link, read the answers."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa

from linkage.answers import Explanation, RegistryPrivacy, Summary, coverage
from linkage.errors import RefusedError, RegistryError, RegistryKeyError
from linkage.intake import Receipt, admit, check_header, verify
from linkage.keys import RegistryKey
from linkage.pipeline.privacy import read_privacy
from linkage.pipeline.queries import read_links, read_persons, read_summary
from linkage.pipeline.report import LinkReport, Progress, Status
from linkage.pipeline.settings import Settings, key_path, prepare
from linkage.store import WAIT_SECONDS, Store
from pseudonym.codebook import Codebook
from pseudonym.profile import Profile
from pseudonym.wire import SubmissionError, read_header

__all__ = ["Registry"]


class Registry:
    """A linkage registry: one file of encoded records, and a key of its own beside it.

    Made by `create` and `open`. The file is locked during a call and free between two calls, so a registry may stay
    open in a notebook; leaving the `with` block has nothing to close.

    Attributes:
        path: The registry file.
        settings: Profile and codebook.
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
        """Make a new registry and its key.

        Args:
            path: Where the registry file is to stand; nothing is ever overwritten.
            profile: The profile that submissions must follow: a name, a file, or the profile itself.
            key_id: The key id that they must carry; None to take it from the first one.
            codebook: The codebook that their payload must follow; None to take none.
            registry_key: Where the registry key is to stand; by default the path with `.key` added.
            allow_unguarded: The recorded reason for a profile with an empty match key.
            threads: See `open`.
            wait: See `open`.

        Returns:
            The registry.

        Raises:
            SettingsError: As `linkage.pipeline.settings.prepare`, and as `open`.
            RegistryError: Something stands at the path, or the folder cannot be written.
            RegistryKeyError: Something stands where the key is to be written, or it cannot be written.
        """
        store = Store(path, threads=threads, wait=wait)
        settings = prepare(profile, codebook, key_id=key_id, allow_unguarded=allow_unguarded)
        if os.path.lexists(store.path):
            raise RegistryError(
                "registry.exists", "Something stands at this path already; nothing is overwritten.", path=store.path
            )
        if not store.path.parent.is_dir():
            raise RegistryError(
                "registry.folder", "The registry cannot be made: there is no such folder.", path=store.path
            )
        key, place = RegistryKey.generate(), key_path(store.path, registry_key)
        key.save(place)
        try:
            store.create(settings.meta(key, key_id=key_id, created_at=_now()))
        except BaseException:
            # A key that no registry uses would only be in the way of the next attempt.
            place.unlink(missing_ok=True)
            raise
        return cls(store, settings, registry_key=place)

    @classmethod
    def open(
        cls,
        path: str | Path,
        *,
        registry_key: str | Path | None = None,
        threads: int | None = None,
        wait: float = WAIT_SECONDS,
    ) -> Registry:
        """Open a registry that exists.

        Args:
            path: The registry file.
            registry_key: The file of its key, which only `receive` needs; by default `LINKAGE_REGISTRY_KEY`, else the
                path with `.key` added.
            threads: Threads to use, 1 or more; by default as many as the machine has cores.
            wait: Seconds to wait for another process that is using the registry, 0 or more.

        Returns:
            The registry.

        Raises:
            NotARegistryError: The file is something else, or of another version.
            RegistryError: There is no such file, it may not be read, or it is in use (`RegistryBusy`).
            SettingsError: `registry.threads` or `registry.wait`, when it is out of range.
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
        """Do nothing: no call leaves anything open."""

    def __repr__(self) -> str:
        """Name the profile; the path may be nobody's business."""
        return f"<Registry profile={self.settings.profile.name!r}>"

    def receive(self, path: str | Path, *, progress: Progress | None = None) -> Receipt:
        """Receive one submission, whole or not at all.

        Args:
            path: The submission file.
            progress: See `Progress`.

        Returns:
            What became of it.

        Raises:
            RefusedError: It does not fit this registry, or is damaged; nothing of it was stored.
            RegistryKeyError: The registry key is missing, damaged or of another registry.
            RegistryError: The registry cannot be opened or written; nothing of the submission was stored.
        """
        result = self.receive_all([path], progress=progress)[0]
        if isinstance(result, RefusedError):
            raise result
        return result

    def receive_all(
        self, paths: Iterable[str | Path], *, progress: Progress | None = None
    ) -> list[Receipt | RefusedError]:
        """Receive several submissions, each on its own: one that is refused keeps none of the others out.

        They are taken in the order of body and sequence number, so the order of `paths` does not matter.

        Args:
            paths: The submission files.
            progress: See `Progress`.

        Returns:
            For each path, in the order given, what became of it, or why it was refused.

        Raises:
            TypeError: `paths` is one path; its characters are no files.
            RegistryKeyError: As `receive`, before anything is read.
            RegistryError: As `receive`; submissions that were received before it happened stand.
        """
        if isinstance(paths, str | bytes | os.PathLike):
            raise TypeError("receive_all takes several paths, receive takes one")
        key = RegistryKey.load(self.registry_key)
        files = [Path(path) for path in paths]
        results: dict[int, Receipt | RefusedError] = {}
        try:
            for index in sorted(range(len(files)), key=lambda index: _order(files[index])):
                try:
                    results[index] = self._receive(files[index], key, progress)
                except RefusedError as error:
                    error.path = files[index]
                    results[index] = error
        finally:
            # What was received stands whatever happens here: what waits to be erased is marked in the file.
            with suppress(RegistryError):
                self._erase()
        return [results[index] for index in range(len(files))]

    def _receive(self, path: Path, key: RegistryKey, progress: Progress | None) -> Receipt:
        show = progress or _quiet
        show("verify", 0, 0)
        with self._store.session(write=False) as session:
            if session.get("registry_key_check") != key.check:
                raise RegistryKeyError(
                    "registry_key.other", "The registry key belongs to another registry.", path=self.registry_key
                )
            expected = self.settings.expected(session)
        # Reading and checking a file takes the longest, and nobody else has to wait for it.
        submission = verify(path, expected, progress=lambda done, total: show("verify", done, total))
        with self._store.session(write=True) as session:
            # Another process may have received the first submission, which fixes key id and epoch, in the meantime.
            check_header(submission.header, self.settings.expected(session), path)
            return admit(
                session,
                submission,
                key=key,
                at=_now(),
                progress=lambda done, total: show("store", done, total),
            )

    def _erase(self) -> None:
        """Rewrite the file if it still holds deleted codes, also those that a killed process has left."""
        with self._store.session(write=False) as session:
            pending = session.get("erase_pending")
        if pending:
            self._store.rewrite()

    def link(self, *, refit: bool = False, progress: Progress | None = None) -> LinkReport:
        """Find the persons among all current records.

        The model of the first run is kept, so that the same records always give the same answer; `refit` fits a new
        one from all records at hand, under a new number.

        Args:
            refit: Fit the model anew.
            progress: See `Progress`.

        Returns:
            What was found.

        Raises:
            RegistryError: The registry cannot be opened or written; the results of the run before still stand.
        """
        # The linking stages load compiled code, which takes a second that no other call should wait for.
        from linkage.pipeline.run import link

        self._erase()
        with self._store.session(write=True) as session:
            return link(session, self.settings.profile, refit=refit, progress=progress or _quiet, now=_now)

    def persons(self) -> pa.Table:
        """Read which record belongs to which person.

        Returns:
            Columns `reporter`, `record_id`, `person_id`, sorted; one row for each record that the last run saw.

        Raises:
            NotLinkedError: `link` has never been run.
        """
        with self._store.session(write=False) as session:
            return read_persons(session)

    def links(self) -> pa.Table:
        """Read the pairs of records that the last run found worth keeping, with what was decided and why.

        Returns:
            Columns as `linkage.answers.LINK_COLUMNS`, each pair once, sorted.

        Raises:
            NotLinkedError: `link` has never been run.
        """
        with self._store.session(write=False) as session:
            return read_links(session)

    def explain(self, a: str | tuple[str, str], b: str | tuple[str, str]) -> Explanation:
        """Say why two records are, or are not, taken for one person.

        Args:
            a: A record: `"police/pol-17"`, or its body and its id as two texts.
            b: Another one.

        Returns:
            What each field, the rivals of a match and the other candidates say, of the last run.

        Raises:
            NotLinkedError: `link` has never been run.
            RecordError: There is no such record, both are the same, one is newer than the last run, or a name is none.
        """
        # As with `link`, compiled code is loaded only here.
        from linkage.pipeline.explain import explain, split_name

        one, other = split_name(a), split_name(b)
        with self._store.session(write=False) as session:
            return explain(session, self.settings.profile, one, other)

    def summary(self) -> Summary:
        """Count records, persons, overlap between bodies, and what waits for review."""
        with self._store.session(write=False) as session:
            return read_summary(session)

    def privacy(self) -> RegistryPrivacy:
        """Say what the records at hand give away to a reader of the registry: shared match keys, and payload."""
        with self._store.session(write=False) as session:
            return read_privacy(session, self.settings)

    def status(self) -> Status:
        """Say how the registry is set up, and whether its answers are up to date."""
        with self._store.session(write=False) as session:
            return Status.read(session, self.settings)

    def coverage(self, *, through: str | None = None) -> pa.Table:
        """Say for each body and period whether it reported, sent an empty period, or was silent.

        Args:
            through: Expect periods up to this one, also if nobody has sent it yet.

        Returns:
            Columns as `linkage.answers.coverage` gives them.
        """
        with self._store.session(write=False) as session:
            return coverage(session.table("SELECT reporter, period, n_records FROM submissions"), through=through)


def _order(path: Path) -> tuple[Any, ...]:
    """Put submissions in one order, whatever order they are named in; files that cannot be read come last."""
    try:
        header = read_header(path)
    except SubmissionError:
        return (1, str(path))
    return (0, header.reporter, header.sequence, header.digest)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _quiet(stage: str, done: int, total: int) -> None:
    """Show nothing."""
