"""Read and encode rows in several processes, with the same bytes and in the same order as in one.

This process splits the input into rows and writes the result; the others turn rows into codes. What a process needs,
the subkeys among it, reaches it through a pipe, and is never in a file, an argument or the environment.
"""

from __future__ import annotations

import signal
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import cycle
from multiprocessing import get_context, resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Final

import pyarrow as pa

from pseudonym.codebook import Codebook
from pseudonym.encode.batches import BatchMaker
from pseudonym.encode.cases import CaseReader
from pseudonym.encode.handles import Handles
from pseudonym.encode.parts import Part, PartMaker, Task
from pseudonym.errors import InputError, OutputError
from pseudonym.identity.reader import TableRecord
from pseudonym.keyed.keys import Secret, Subkeys
from pseudonym.own_process import prepare_process
from pseudonym.profile import Profile
from pseudonym.wire import group_schema

__all__ = ["ProcessParts", "Settings"]

PARTS_PER_PROCESS: Final = 3
"""One at work and two that wait, so that no process is idle while this one writes."""

PIECE_BYTES: Final = 1 << 16
"""Bytes of a group that are sent at a time: what one read of a pipe returns."""

Packed = tuple[int, list[str]] | TableRecord
"""A row as it is sent: most are nothing but a line and cells, and those are sent several times faster than the row."""


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
        handles: The subkey of the handles, and what enters each of them.
    """

    profile: Profile
    codebook: Codebook | None
    derive: bool
    reporter: str
    keep_empty: bool
    secrets: dict[str, bytes]
    handles: tuple[bytes, tuple[str, ...]]

    def part_maker(self, task: Task) -> PartMaker:
        """Return what reads and encodes rows by these settings."""
        read_case, subkeys = CaseReader(self.codebook, derive=self.derive), Subkeys.of(self.secrets)
        make = BatchMaker(self.profile, subkeys, read_case, reporter=self.reporter, keep_empty=self.keep_empty)
        secret, context = self.handles
        return PartMaker(task, make, Handles(Secret(secret), context), self.codebook)

    @property
    def group_schema(self) -> pa.Schema:
        """The schema of the groups that come back."""
        return group_schema(() if self.codebook is None else self.codebook.item_names)


class ProcessParts:
    """Read and encode rows in several processes, as `PartMaker` does in one."""

    def __init__(self, settings: Settings, *, jobs: int) -> None:
        """Take what the processes need, and their number."""
        self._settings = settings
        self._jobs = jobs
        self._started: list[_Worker] = []

    @contextmanager
    def ready(self) -> Iterator[None]:
        """Let the processes of the next call load in the block, while this one looks through the input.

        Sees: key
        """
        if self._started:
            yield
            return
        self._started = self._workers()
        try:
            for worker in self._started:
                # If a process cannot be started, that is said when it should work.
                with suppress(_EndedError):
                    worker.start()
            yield
        finally:
            for worker in self._started:
                worker.stop()
            self._started = []

    def __call__(self, parts: Iterable[Sequence[TableRecord]], task: Task, make: PartMaker) -> Iterator[Part]:
        """Read and encode all rows.

        Args:
            parts: The rows, in lists.
            task: What to do with them.
            make: Does it in this process, where it depends on earlier records.

        Yields:
            What became of each list, in their order.

        Raises:
            InputError: As for `PartMaker`.
            OutputError: `output.process` if a process ended before its work did.

        Sees: plaintext and key
        """
        workers, self._started = self._started or self._workers(), []
        turns, waiting = cycle(workers), _Waiting(make)
        waiting_rows, failed = iter(parts), None
        try:
            while rows := _next(waiting_rows):
                if isinstance(rows, InputError):
                    failed = rows
                    break
                waiting.add(next(turns).submit(task, rows), rows)
                yield from waiting.parts(most=PARTS_PER_PROCESS * self._jobs)
            yield from waiting.parts()
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
        if failed is not None:
            raise failed

    def _workers(self) -> list[_Worker]:
        return [_Worker(self._settings) for _ in range(self._jobs)]


def _next(parts: Iterator[Sequence[TableRecord]]) -> Sequence[TableRecord] | InputError:
    """Return the next rows, none at the end, or why they cannot be read: what comes before them is encoded first."""
    try:
        return next(parts, ())
    except InputError as error:
        return error


class _EndedError(Exception):
    """A process ended, or could not be started."""


class _Worker:
    """One of the processes that encode, with a pipe that nobody else has.

    A pool of processes has queues in common, and this process keeps both ends of them: where one is killed while it
    reads or writes, the others or this one wait for ever. Of a pipe that only two have, each notices the end of the
    other. So the process ends too, with the subkeys and persons that it holds, if this one is killed.
    """

    def __init__(self, settings: Settings) -> None:
        """Take what the process is told first; it is started with its first rows, if not before."""
        self._settings = settings
        self._schema = settings.group_schema
        self._task: Task | None = None
        self._process: BaseProcess | None = None
        # Two threads, so that chunks are sent and results received while this process does something else.
        self._send, self._receive = ThreadPoolExecutor(1), ThreadPoolExecutor(1)

    def submit(self, task: Task, rows: Sequence[TableRecord]) -> Future[Part]:
        """Send rows to the process; the results come in the same order."""
        self.start()
        if self._task is not task:
            self._task = task
            self._told.append(self._send.submit(self._pipe.send, task))
        return self._receive.submit(self._result, self._send.submit(self._pipe.send, list(map(_packed, rows))))

    def start(self) -> None:
        """Start the process, which loads what it needs, unless that is done."""
        if self._process is not None:
            return
        context = get_context("spawn")
        self._pipe, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs,), daemon=True)
        try:
            with _uninterrupted():
                process.start()
                self._process = process
        except (OSError, RuntimeError):
            self._pipe.close()
            raise _EndedError from None
        finally:
            theirs.close()
        # Not among what the process is started with: this one would wait until it has loaded everything.
        self._told = [self._send.submit(self._pipe.send, self._settings)]

    def _result(self, sent: Future[None]) -> Part:
        try:
            # What was never sent has no result.
            for before in self._told:
                before.result()
            sent.result()
            found: tuple[Part, int] | Exception = self._pipe.recv()
            data = self._bytes(found[1]) if isinstance(found, tuple) else None
        except (EOFError, OSError):
            raise _EndedError from None
        if isinstance(found, Exception):
            raise found
        return replace(found[0], group=pa.ipc.read_record_batch(data, self._schema)) if data is not None else found[0]

    def _bytes(self, n_bytes: int) -> pa.Buffer | None:
        """Receive a group, in the memory of Arrow: the allocator of a thread would keep what it has given once."""
        if not n_bytes:
            return None
        data, end = pa.allocate_buffer(n_bytes), 0
        while end < n_bytes:
            end += self._pipe.recv_bytes_into(memoryview(data), end)
        return data

    def stop(self) -> None:
        """End the process, whatever it is at; it writes nothing."""
        if self._process is not None:
            self._process.terminate()
            self._process.join()
        for threads in (self._send, self._receive):
            threads.shutdown(cancel_futures=True)
        if self._process is not None:
            self._pipe.close()


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Start processes in the block that never notice Ctrl-C, not even while they load.

    It reaches all processes of a terminal; this one ends the others.
    """
    if sys.platform == "win32":
        yield
        return
    # It is started with the first process and would end the blocking.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Waiting:
    """Rows that other processes encode, in their order.

    Each process compares the ids of its rows with one another. Where one of them is also that of an earlier record,
    what becomes of the rows depends on what became of that one, so they are encoded again, in this process.
    """

    def __init__(self, make: PartMaker) -> None:
        self._make = make
        self._check = make.checker()
        self._sent: deque[tuple[Future[Part], Sequence[TableRecord]]] = deque()

    def add(self, encoded: Future[Part], rows: Sequence[TableRecord]) -> None:
        """Add rows."""
        self._sent.append((encoded, rows))

    def parts(self, *, most: int = 0) -> Iterator[Part]:
        """Yield the parts that come first, until at most some are left."""
        while len(self._sent) > most:
            yield self._first(*self._sent.popleft())

    def _first(self, encoded: Future[Part], rows: Sequence[TableRecord]) -> Part:
        try:
            part = encoded.result()
        except InputError:
            # Whether there is an error at all may depend on earlier records too.
            return self._make.part(rows, self._check)
        if self._check.has_seen(part.ids):
            return self._make.part(rows, self._check)
        self._check.add_seen(part.taken)
        return part


def _packed(row: TableRecord) -> Packed:
    plain = type(row) is TableRecord and row == TableRecord(row.line, row.fields)
    return (row.line, row.fields) if plain else row


def _unpacked(row: Packed) -> TableRecord:
    return TableRecord(*row) if isinstance(row, tuple) else row


def _serve(pipe: Connection) -> None:
    """Encode rows until the other end of the pipe is closed."""
    # Where it cannot be blocked, see `_uninterrupted`.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    prepare_process()
    with suppress(EOFError, OSError):
        settings = pipe.recv()
        make = settings.part_maker(pipe.recv())
        while True:
            _answer(pipe, make, pipe.recv())


def _answer(pipe: Connection, make: PartMaker, rows: Sequence[Packed]) -> None:
    """Encode rows and send what became of them; the group, which is megabytes, as bytes of its own."""
    try:
        part = make.part_alone(list(map(_unpacked, rows)))
    except Exception as error:
        pipe.send(error)
        return
    data = b"" if part.group is None else memoryview(part.group.serialize())
    pipe.send((replace(part, group=None), len(data)))
    for start in range(0, len(data), PIECE_BYTES):
        pipe.send_bytes(data[start : start + PIECE_BYTES])
