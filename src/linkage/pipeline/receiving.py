"""Receive files at both units: verify each, store it or carry it out, and erase what is superseded or withdrawn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from linkage.errors import HeldBackError, NotErasedError, RefusedError, RegistryError
from linkage.intake import Accepted, Receipt
from linkage.pipeline.desks import Content, Desk, Wishes, desk_of, read_unit_header
from linkage.pipeline.exchange import erase
from linkage.pipeline.key_files import KeyFiles
from linkage.pipeline.settings import Settings
from linkage.pipeline.units import Units
from linkage.progress import Progress
from linkage.reading import Expected
from pseudonym.wire import SubmissionError, Totals, Withdrawal

__all__ = ["receive"]

BATCH_RECORDS: Final = 8192
BATCH_FILES: Final = 256
"""How many records and files are verified before they are stored together. Opening the registry takes longer than
receiving a small file, and of a verified file only its cases are in memory."""

_Results = dict[int, Receipt | RefusedError]
"""The result of each file, by its index."""


def receive(
    units: Units,
    settings: Settings,
    files: Iterable[Path],
    *,
    key_files: KeyFiles,
    progress: Progress,
    accepted: Accepted,
    dry_run: bool = False,
) -> list[Receipt | RefusedError]:
    """Receive submissions in the order of reporter and sequence number, each independently of the others.

    Args:
        units: The registry.
        settings: Its settings.
        files: The submission files.
        key_files: The files of the keys of its units.
        progress: See `Progress`.
        accepted: What the staff has accepted.
        dry_run: Whether to write nothing; each file is judged as if it came next.

    Returns:
        For each file, in the order given, its receipt, or the error with which it was refused.

    Raises:
        RegistryKeyError: A key is missing, damaged, or belongs to another registry.
        NotErasedError: Everything was received, but what it superseded or withdrew could not be erased.
        RegistryError: The registry cannot be opened or written; submissions received before the error remain stored.
    """
    wishes = Wishes(progress, accepted, dry_run)
    desk = desk_of(units, settings, key_files, wishes)
    expected = desk.expected()
    paths = list(files)
    order = sorted(range(len(paths)), key=lambda index: _order(paths[index]))
    results: _Results = {}
    # What a killed process has left is erased even if no file is stored.
    due = True
    try:
        for batch in _verified(desk, expected, [(index, paths[index]) for index in order], results, progress):
            due = _store(desk, batch, results, dry_run=dry_run)
            desk.close()
    except Exception:
        # The first error is the one to raise; the file stays marked for the next attempt to erase. Whoever interrupts
        # the command does not want to wait for it.
        with suppress(RegistryError):
            if not dry_run:
                erase(units)
        raise
    finally:
        desk.close()
    ordered = [results[index] for index in range(len(paths))]
    try:
        if due and not dry_run:
            erase(units)
    except NotErasedError as error:
        error.results = ordered
        raise
    return ordered


@dataclass(frozen=True, slots=True)
class _File:
    """A file that was verified, its index among all files, and which one it is in the order of receiving."""

    index: int
    path: Path
    place: str
    content: Content


def _verified(
    desk: Desk, expected: Expected, files: list[tuple[int, Path]], results: _Results, progress: Progress
) -> Iterator[list[_File]]:
    """Verify files, and yield those that are sound in batches; the registry is not locked meanwhile."""
    batch: list[_File] = []
    for number, (index, path) in enumerate(files, start=1):
        place = f" file {number} of {len(files)}" if len(files) > 1 else ""
        progress(f"verify{place}", 0, 0)
        with _refused(index, path, results):
            content = desk.verify(path, expected, progress=partial(progress, f"verify{place}"))
            batch.append(_File(index, path, place, content))
        if sum(_size(file.content) for file in batch) >= BATCH_RECORDS or len(batch) >= BATCH_FILES:
            yield batch
            batch = []
    if batch:
        yield batch


def _store(desk: Desk, batch: list[_File], results: _Results, *, dry_run: bool) -> bool:
    """Store or carry out the files of a batch; return whether anything is to be erased for good then."""
    with desk.open() as sessions:
        for file in batch:
            with _refused(file.index, file.path, results):
                results[file.index] = desk.take(sessions, file.content, file.path, place=file.place)
            result = results[file.index]
            if isinstance(result, HeldBackError) and not dry_run:
                desk.hold_back(sessions, file.content, rule=result.rule)
        return desk.is_due(sessions)


def _size(content: Content) -> int:
    """Return how many records, ids or cells of a file are in memory."""
    if isinstance(content, Totals):
        return content.header.cells
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
        header = read_unit_header(path)
    except SubmissionError:
        return (1, str(path))
    return (0, header.reporter, header.sequence, header.digest)
