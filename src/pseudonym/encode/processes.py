"""Encode batches in several processes, with the same bytes and in the same order as in one.

This process reads the input and writes the result; the others turn records into codes. What a process needs, the
subkeys among it, reaches it through a pipe, and is never in a file, an argument or the environment.
"""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import date
from itertools import cycle
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from operator import attrgetter
from typing import Any, Final

from pseudonym.codebook import Codebook
from pseudonym.encode.batches import BatchMaker, Chunk, Numbered, in_chunks
from pseudonym.encode.cases import CaseReader
from pseudonym.encode.quality import QualityCounter
from pseudonym.encode.results import Batch
from pseudonym.errors import OutputError
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
        except _EndedError:
            raise OutputError(
                "output.process",
                "One of the processes that encode ended before its work did.",
                hint="Memory may have run out: use fewer jobs. A program of its own must start its work below "
                "if __name__ == '__main__', since each process reads the program again.",
            ) from None
        finally:
            for worker in workers:
                worker.stop()


class _EndedError(Exception):
    """A process ended, or could not be started."""


class _Worker:
    """One of the processes that encode, with a pipe that nobody else has.

    A pool of processes has queues in common, and this process keeps both ends of them: where one is killed while it
    reads or writes, the others or this one wait for ever. Of a pipe that only two have, each notices the end of the
    other. So the process ends too, with the subkeys and persons that it holds, if this one is killed.
    """

    def __init__(self, told: Told) -> None:
        """Take what the process is told; it is started with its first chunk."""
        self._told = told
        self._process: BaseProcess | None = None
        # Two threads, so that chunks are sent and results received while this process does something else.
        self._send, self._receive = ThreadPoolExecutor(1), ThreadPoolExecutor(1)

    def submit(self, chunk: Chunk) -> Future[Encoded]:
        """Send a chunk to the process; the results come in the order of the chunks."""
        if self._process is None:
            self._start()
        packed = all(type(record) is Record for _, record, _ in chunk)
        values = [(row, _VALUES(record), known) for row, record, known in chunk] if packed else chunk
        return self._receive.submit(self._result, self._send.submit(self._pipe.send, (packed, values)))

    def _start(self) -> None:
        context = get_context("spawn")
        self._pipe, theirs = context.Pipe()
        try:
            self._process = context.Process(target=_serve, args=(theirs,), daemon=True)
            self._process.start()
        except (OSError, RuntimeError):
            raise _EndedError from None
        finally:
            theirs.close()
        # Not among what the process is started with: this one would wait until it has loaded everything.
        self._begun = self._send.submit(self._pipe.send, self._told)

    def _result(self, sent: Future[None]) -> Encoded:
        try:
            # What was never sent has no result.
            self._begun.result()
            sent.result()
            found: Encoded | Exception = self._pipe.recv()
        except (EOFError, OSError):
            raise _EndedError from None
        if isinstance(found, Exception):
            raise found
        return found

    def stop(self) -> None:
        """End the process, whatever it is at; it writes nothing."""
        if self._process is not None and self._process.pid is not None:
            self._process.terminate()
            self._process.join()
        for threads in (self._send, self._receive):
            threads.shutdown(cancel_futures=True)
        if self._process is not None:
            self._pipe.close()


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


def _serve(pipe: Connection) -> None:
    """Encode chunks until the other end of the pipe is closed."""
    # Ctrl-C reaches all processes of a terminal; the one that reads and writes ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    prepare_process()
    with suppress(EOFError, OSError):
        settings, reference_date = pipe.recv()
        make = settings.batch_maker()
        while True:
            pipe.send(_encoded(make, reference_date, *pipe.recv()))


def _encoded(make: BatchMaker, reference_date: date, packed: bool, chunk: Sequence[Any]) -> Encoded | Exception:
    """Encode a chunk; if its records are packed, only their values were sent, which is several times faster."""
    try:
        if packed:
            chunk = [(row, Record(*values), known) for row, values, known in chunk]
        check, counts = make.checker(reference_date), QualityCounter()
        return make.batch(chunk, check, counts), counts, check.seen
    except Exception as error:
        return error
