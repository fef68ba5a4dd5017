"""Receive submissions and withdrawals: verify each file, store it or carry it out, and erase what it leaves behind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from linkage.errors import HeldBackError, NotErasedError, RefusedError, RegistryError, RegistryKeyError
from linkage.intake import Receipt, Verified, admit, check_header, verify_any, withdraw
from linkage.intake.roster import hold_back
from linkage.keys import RegistryKey
from linkage.pipeline.report import Progress, now
from linkage.pipeline.settings import Settings
from linkage.store import Store
from pseudonym.wire import SubmissionError, Withdrawal, read_any_header

__all__ = ["erase", "receive"]

BATCH_RECORDS: Final = 8192
BATCH_FILES: Final = 256
"""How many records and files are verified before they are stored together. Opening the registry takes longer than
receiving a small file, and of a verified file only its cases are in memory."""

_Results = dict[int, Receipt | RefusedError]
"""The result of each file, by its index."""


def receive(
    store: Store,
    settings: Settings,
    files: Iterable[Path],
    *,
    registry_key: Path,
    progress: Progress,
    accept_withdrawals: bool = False,
    dry_run: bool = False,
) -> list[Receipt | RefusedError]:
    """Receive submissions in the order of reporter and sequence number, each independently of the others.

    Args:
        store: The registry file.
        settings: Its settings.
        files: The submission files.
        registry_key: The file of the registry key.
        progress: See `Progress`.
        accept_withdrawals: Whether a complete delivery may leave out any number of records.
        dry_run: Whether to write nothing; each file is judged as if it came next.

    Returns:
        For each file, in the order given, its receipt, or the error with which it was refused.

    Raises:
        RegistryKeyError: The registry key is missing, damaged, or belongs to another registry.
        NotErasedError: Everything was received, but what it superseded or withdrew could not be erased.
        RegistryError: The registry cannot be opened or written; submissions received before the error remain stored.
    """
    key = RegistryKey.load(registry_key)
    _check_key(store, key, registry_key)
    paths = list(files)
    order = sorted(range(len(paths)), key=lambda index: _order(paths[index]))
    store_batch = partial(
        _store, store, settings, key=key, progress=progress, accept_withdrawals=accept_withdrawals, dry_run=dry_run
    )
    results: _Results = {}
    try:
        for batch in _verified(store, settings, [(index, paths[index]) for index in order], results, progress):
            store_batch(batch, results)
    except Exception:
        # The first error is the one to raise; the file stays marked for the next attempt to erase. Whoever interrupts
        # the command does not want to wait for it.
        with suppress(RegistryError):
            if not dry_run:
                erase(store)
        raise
    ordered = [results[index] for index in range(len(paths))]
    try:
        if not dry_run:
            erase(store)
    except NotErasedError as error:
        error.results = ordered
        raise
    return ordered


def erase(store: Store) -> None:
    """Rewrite the registry file if it still contains deleted rows, including those that a killed process left.

    Args:
        store: The registry file.

    Raises:
        NotErasedError: It still contains them; what it holds is unchanged, and the next call tries again.
    """
    try:
        with store.session(write=False) as session:
            pending = session.get("erase_pending")
        if pending:
            store.rewrite()
    except RegistryError as error:
        raise NotErasedError(error) from None


def _check_key(store: Store, key: RegistryKey, path: Path) -> None:
    with store.session(write=False) as session:
        if session.get("registry_key_check") != key.check:
            raise RegistryKeyError("registry_key.other", "The registry key belongs to another registry.", path=path)


@dataclass(frozen=True, slots=True)
class _File:
    """A file that was verified, and its index among all files."""

    index: int
    path: Path
    content: Verified | Withdrawal


def _verified(
    store: Store, settings: Settings, files: list[tuple[int, Path]], results: _Results, progress: Progress
) -> Iterator[list[_File]]:
    """Verify files, and yield those that are sound in batches; the registry is not locked meanwhile."""
    with store.session(write=False) as session:
        expected = settings.expected(session)
    batch: list[_File] = []
    for index, path in files:
        progress("verify", 0, 0)
        with _refused(index, path, results):
            batch.append(_File(index, path, verify_any(path, expected, progress=partial(progress, "verify"))))
        if sum(_size(file.content) for file in batch) >= BATCH_RECORDS or len(batch) >= BATCH_FILES:
            yield batch
            batch = []
    if batch:
        yield batch


def _store(
    store: Store,
    settings: Settings,
    batch: list[_File],
    results: _Results,
    *,
    key: RegistryKey,
    progress: Progress,
    accept_withdrawals: bool,
    dry_run: bool,
) -> None:
    """Store or carry out the files of a batch, each in a transaction of its own."""
    with store.session(write=not dry_run) as session:
        for file in batch:
            at = now()
            with _refused(file.index, file.path, results):
                # The first submission, which another process may have received meanwhile, fixes key id and epoch.
                check_header(file.content.header, settings.expected(session), file.path)
                if isinstance(file.content, Withdrawal):
                    results[file.index] = withdraw(session, file.content, key=key, at=at, dry_run=dry_run)
                    continue
                results[file.index] = admit(
                    session,
                    file.content,
                    key=key,
                    at=at,
                    progress=partial(progress, "store"),
                    accept_withdrawals=accept_withdrawals,
                    dry_run=dry_run,
                )
            if isinstance(results[file.index], HeldBackError) and not dry_run:
                hold_back(session, file.content.header, key=key, at=at)


def _size(content: Verified | Withdrawal) -> int:
    """Return how many records or ids of a file are in memory."""
    return content.header.records + (content.header.cases if isinstance(content, Withdrawal) else 0)


@contextmanager
def _refused(index: int, path: Path, results: _Results) -> Iterator[None]:
    """Take the error of a file that is refused as its result."""
    try:
        yield
    except RefusedError as error:
        error.path = path
        results[index] = error


def _order(path: Path) -> tuple[Any, ...]:
    """Return a sort key that does not depend on the order of the arguments; unreadable files come last."""
    try:
        header = read_any_header(path)
    except SubmissionError:
        return (1, str(path))
    return (0, header.reporter, header.sequence, header.digest)
