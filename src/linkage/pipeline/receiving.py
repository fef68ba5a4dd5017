"""Receive submissions and withdrawals: verify each file, store it or carry it out, and erase what it leaves behind."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from linkage.errors import RefusedError, RegistryError, RegistryKeyError
from linkage.intake import Receipt, admit, check_header, verify_any, withdraw
from linkage.keys import RegistryKey
from linkage.pipeline.report import Progress, now
from linkage.pipeline.settings import Settings
from linkage.store import Store
from pseudonym.wire import SubmissionError, Withdrawal, read_any_header

__all__ = ["erase", "receive"]


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
        RegistryError: The registry cannot be opened or written; submissions received before the error remain stored.
    """
    key = RegistryKey.load(registry_key)
    _check_key(store, key, registry_key)
    paths = list(files)
    receive_one = partial(
        _receive_one,
        store,
        settings,
        key=key,
        progress=progress,
        accept_withdrawals=accept_withdrawals,
        dry_run=dry_run,
    )
    results: dict[int, Receipt | RefusedError] = {}
    try:
        for index in sorted(range(len(paths)), key=lambda index: _order(paths[index])):
            try:
                results[index] = receive_one(paths[index])
            except RefusedError as error:
                error.path = paths[index]
                results[index] = error
    finally:
        # If this fails, the submissions remain stored, and the file is marked for the next attempt to erase.
        with suppress(RegistryError):
            if not dry_run:
                erase(store)
    return [results[index] for index in range(len(paths))]


def erase(store: Store) -> None:
    """Rewrite the registry file if it still contains deleted rows, including those that a killed process left."""
    with store.session(write=False) as session:
        pending = session.get("erase_pending")
    if pending:
        store.rewrite()


def _check_key(store: Store, key: RegistryKey, path: Path) -> None:
    with store.session(write=False) as session:
        if session.get("registry_key_check") != key.check:
            raise RegistryKeyError("registry_key.other", "The registry key belongs to another registry.", path=path)


def _receive_one(
    store: Store,
    settings: Settings,
    path: Path,
    *,
    key: RegistryKey,
    progress: Progress,
    accept_withdrawals: bool,
    dry_run: bool,
) -> Receipt:
    progress("verify", 0, 0)
    with store.session(write=False) as session:
        expected = settings.expected(session)
    # Verifying a file takes longest, so the registry is not locked meanwhile.
    submission = verify_any(path, expected, progress=partial(progress, "verify"))
    with store.session(write=not dry_run) as session:
        # In the meantime another process may have received the first submission, which fixes key id and epoch.
        check_header(submission.header, settings.expected(session), path)
        if isinstance(submission, Withdrawal):
            return withdraw(session, submission, key=key, at=now(), dry_run=dry_run)
        return admit(
            session,
            submission,
            key=key,
            at=now(),
            progress=partial(progress, "store"),
            accept_withdrawals=accept_withdrawals,
            dry_run=dry_run,
        )


def _order(path: Path) -> tuple[Any, ...]:
    """Return a sort key that does not depend on the order of the arguments; unreadable files come last."""
    try:
        header = read_any_header(path)
    except SubmissionError:
        return (1, str(path))
    return (0, header.reporter, header.sequence, header.digest)
