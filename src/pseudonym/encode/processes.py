"""Encode batches in several processes, with the same bytes and in the same order as in one.

This process reads the input and writes the result; the others turn records into codes. What a process needs, the
subkeys among it, reaches it through a pipe, and is never in a file, an argument or the environment.
"""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, fields
from datetime import date
from itertools import cycle
from multiprocessing import get_context, parent_process
from multiprocessing.queues import Queue
from operator import attrgetter
from threading import Thread
from typing import Any, Final

from pseudonym.codebook import Codebook
from pseudonym.encode.batches import BatchMaker, Chunk, Numbered, in_chunks
from pseudonym.encode.cases import CaseReader
from pseudonym.encode.quality import QualityCounter
from pseudonym.encode.results import Batch
from pseudonym.errors import OutputError
from pseudonym.faults import Fault
from pseudonym.identity.record import Record
from pseudonym.identity.record_ids import RecordChecker, digests_of
from pseudonym.keyed.keys import Subkeys
from pseudonym.own_process import prepare_process
from pseudonym.profile import Profile

__all__ = ["ProcessBatches", "Settings"]

_VALUES: Final = attrgetter(*(field.name for field in fields(Record)))

CHUNKS_PER_PROCESS: Final = 3
"""One at work and two that wait, so that no process is idle while this one writes."""

Encoded = tuple[Batch, QualityCounter, set[bytes]]
"""A batch, the counts of its fields, and digests of the ids that no later record may have."""


@dataclass(frozen=True, slots=True, repr=False)
class Settings:
    """What a process needs to encode as this one does.

    Attributes:
        profile: The profile.
        codebook: The codebook of the payload, or None.
        derive: Whether items are filled from the identity.
        reporter: The code of the reporter.
        keep_empty: Whether records without identity are encoded.
        secrets: The subkeys, by name.
    """

    profile: Profile
    codebook: Codebook | None
    derive: bool
    reporter: str
    keep_empty: bool
    secrets: dict[str, bytes]

    def batch_maker(self) -> BatchMaker:
        """Return what encodes batches by these settings."""
        read_case = CaseReader(self.codebook, derive=self.derive)
        subkeys = Subkeys.of(self.secrets)
        return BatchMaker(self.profile, subkeys, read_case, reporter=self.reporter, keep_empty=self.keep_empty)


Told = tuple[Settings, date]
"""What a process is told when it starts: the settings and the reference date."""


class ProcessBatches:
    """Encode batches in several processes, as `BatchMaker` does in one."""

    def __init__(self, settings: Settings, make: BatchMaker, *, jobs: int) -> None:
        """Take what the processes need, what encodes by the same settings in this one, and the number of processes."""
        self._settings = settings
        self._make = make
        self._jobs = jobs

    def __call__(
        self, records: Iterable[Numbered], quality: QualityCounter, *, reference_date: date
    ) -> Iterator[Batch]:
        """Encode records.

        A chunk with an id that an earlier record has may depend on what became of that one. So it waits until all
        before it are done, and is encoded here.

        Args:
            records: As for `BatchMaker`.
            quality: Likewise.
            reference_date: Likewise.

        Yields:
            The batches, in the order of the records.

        Raises:
            InputError: As for `BatchMaker`.
            OutputError: `output.process` if a process ended before its work did.

        Sees: plaintext and key
        """
        # A pool of several processes fails in a thread of its own if one ends while another is started, and one that
        # ends while it reads keeps the others from reading. So each process has a pool and queues of its own.
        workers = [_Worker((self._settings, reference_date)) for _ in range(self._jobs)]
        turns = cycle(workers)
        check = self._make.checker(reference_date)
        waiting = _Waiting(quality, check)
        try:
            for chunk in in_chunks(records):
                ids = digests_of(record for _, record, _ in chunk)
                if waiting.may_repeat(ids):
                    yield from waiting.batches()
                    yield self._make.batch(chunk, check, quality)
                    continue
                waiting.add(next(turns).submit(chunk), set(ids))
                yield from waiting.batches(most=CHUNKS_PER_PROCESS * self._jobs)
            yield from waiting.batches()
        except BrokenProcessPool:
            raise OutputError(
                "output.process",
                "One of the processes that encode ended before its work did.",
                hint="Memory may have run out: use fewer jobs. A program of its own must start its work below "
                "if __name__ == '__main__', since each process reads the program again.",
            ) from None
        finally:
            for worker in workers:
                worker.stop()


class _Worker:
    """One of the processes that encode."""

    def __init__(self, told: Told) -> None:
        """Take what the process is told; it is started with its first chunk."""
        context = get_context("spawn")
        # What a process is started with must fit into a pipe, or this one would wait until it has loaded everything.
        self._told: Queue[Told] = context.Queue()
        self._told.put(told)
        self._pool = ProcessPoolExecutor(1, context, _begin, (self._told,))

    def submit(self, chunk: Chunk) -> Future[Encoded]:
        """Send a chunk to the process."""
        try:
            if all(type(record) is Record for _, record, _ in chunk):
                return self._pool.submit(
                    _encode_packed, [(row, _VALUES(record), known) for row, record, known in chunk]
                )
            return self._pool.submit(_encode, chunk)
        except (OSError, RuntimeError, ValueError):
            # A pool whose process has just ended fails in any of these ways.
            raise BrokenProcessPool from None

    def stop(self) -> None:
        """Drop the chunks that wait, and return when the process has ended."""
        self._pool.shutdown(cancel_futures=True)
        self._told.close()
        # A process that was never started has not taken what it was to be told.
        self._told.cancel_join_thread()


class _Waiting:
    """Chunks that other processes encode, in their order."""

    def __init__(self, quality: QualityCounter, check: RecordChecker) -> None:
        self._quality = quality
        self._check = check
        self._sent: deque[tuple[Future[Encoded], set[bytes]]] = deque()

    def may_repeat(self, ids: Sequence[bytes]) -> bool:
        """Return whether an id is also that of an earlier record, or of another one of its chunk."""
        distinct = set(ids)
        if len(distinct) < len(ids) or self._check.has_seen(distinct):
            return True
        return any(not distinct.isdisjoint(sent) for _, sent in self._sent)

    def add(self, encoded: Future[Encoded], ids: set[bytes]) -> None:
        """Add a chunk with the digests of its ids."""
        self._sent.append((encoded, ids))

    def batches(self, *, most: int = 0) -> Iterator[Batch]:
        """Yield the batches that come first, until at most some are left."""
        while len(self._sent) > most:
            encoded, _ = self._sent.popleft()
            batch, counts, seen = encoded.result()
            self._quality.add_counts(counts)
            self._check.add_seen(seen)
            yield batch


class _Process:
    """What one of the processes works with."""

    make: BatchMaker
    reference_date: date


def _begin(told: Queue[Told]) -> None:
    # Ctrl-C reaches all processes of a terminal; the one that reads and writes ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()
    prepare_process()
    settings, _Process.reference_date = told.get()
    _Process.make = settings.batch_maker()


def _end_with_parent() -> None:
    """End this process with the one that has started it, even if that is killed: it holds subkeys and plaintext."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _encode_packed(packed: Sequence[tuple[int, tuple[Any, ...], Sequence[Fault]]]) -> Encoded:
    """Encode records of which only the values were sent: tuples reach another process several times faster."""
    return _encode([(row, Record(*values), known) for row, values, known in packed])


def _encode(chunk: Chunk) -> Encoded:
    check, counts = _Process.make.checker(_Process.reference_date), QualityCounter()
    batch = _Process.make.batch(chunk, check, counts)
    return batch, counts, check.seen
