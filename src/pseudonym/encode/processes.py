"""Read and encode rows in several processes, with the same bytes and in the same order as in one.

This process splits the input into rows and writes the result; all turn rows into codes. What another process needs, the
subkeys among it, reaches it through a pipe, and is never in a file, an argument or the environment.
"""

from __future__ import annotations

import signal
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from multiprocessing import get_context, resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from operator import attrgetter
from typing import Any, Final

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

PARTS_PER_PROCESS: Final = 2
"""One at work and one that waits, so that no process is idle while this one encodes a part itself or writes."""

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
        """Take what the processes need, and their number, this one included."""
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
        waiting = _Waiting(make)
        waiting_rows, failed = iter(parts), None
        try:
            while rows := _next(waiting_rows):
                if isinstance(rows, InputError):
                    failed = rows
                    break
                worker = min(workers, key=attrgetter("n_waiting"))
                if worker.n_waiting < PARTS_PER_PROCESS:
                    waiting.add(worker.submit(task, rows), rows)
                else:
                    waiting.add_own(rows)
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
        return [_Worker(self._settings) for _ in range(self._jobs - 1)]


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
        self._results: deque[Future[Part | None]] = deque()

    @property
    def n_waiting(self) -> int:
        """Number of lists of rows of which the result has not come yet."""
        while self._results and self._results[0].done():
            self._results.popleft()
        return len(self._results)

    def submit(self, task: Task, rows: Sequence[TableRecord]) -> Future[Part | None]:
        """Send rows to the process; the results come in the same order, None where it had an error."""
        self.start()
        if self._task is not task:
            self._task = task
            self._told.append(self._send.submit(_sent, self._pipe, task))
        sent = self._send.submit(_sent, self._pipe, list(map(_packed, rows)))
        self._results.append(self._receive.submit(self._result, sent))
        return self._results[-1]

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
        self._told = [self._send.submit(_sent, self._pipe, self._settings)]

    def _result(self, sent: Future[bool]) -> Part | None:
        try:
            # What was never sent has no result. Nothing is half sent, unless the process has ended.
            if not all([before.result() for before in (*self._told, sent)]):
                return None
            found: tuple[Part, int] | None = self._pipe.recv()
            data = None if found is None else self._bytes(found[1])
        except (EOFError, OSError):
            raise _EndedError from None
        if found is None or data is None:
            return found and found[0]
        return replace(found[0], group=pa.ipc.read_record_batch(data, self._schema))

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


def _sent(pipe: Connection, what: object) -> bool:
    """Send something, and return whether it could be packed.

    Raises:
        _EndedError: The process has ended. Of what failed nothing is kept, which would be rows and a buffer with them.
    """
    try:
        pipe.send(what)
        return True
    except (EOFError, OSError):
        # Raised outside the handler, so that the first error is not kept with it.
        pass
    except Exception:
        return False
    raise _EndedError


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
    """Rows in their order, each list of them encoded by itself, here or in another process.

    So the ids of rows are compared with those of the same list. Where one of them is also that of an earlier record,
    what becomes of the rows depends on what became of that one, so they are encoded again, knowing what came before.
    They are too where there was an error: whether there is one at all may depend on earlier records, and it is raised
    here as with one process, so that no error crosses from one process to another, with whatever it may hold.
    """

    def __init__(self, make: PartMaker) -> None:
        self._make = make
        self._check = make.checker()
        self._sent: deque[tuple[Future[Part | None], Sequence[TableRecord]]] = deque()

    def add(self, encoded: Future[Part | None], rows: Sequence[TableRecord]) -> None:
        """Add rows that another process encodes."""
        self._sent.append((encoded, rows))

    def add_own(self, rows: Sequence[TableRecord]) -> None:
        """Encode rows in this process, and add them."""
        encoded: Future[Part | None] = Future()
        encoded.set_result(_alone(self._make, rows))
        self._sent.append((encoded, rows))

    def parts(self, *, most: int = 0) -> Iterator[Part]:
        """Yield the parts that come first, until at most some are left and the first of them is not ready."""
        while self._sent and (len(self._sent) > most or self._sent[0][0].done()):
            yield self._first(*self._sent.popleft())

    def _first(self, encoded: Future[Part | None], rows: Sequence[TableRecord]) -> Part:
        part = encoded.result()
        if part is None or self._check.has_seen(part.ids):
            return self._make.part(rows, self._check)
        self._check.add_seen(part.taken)
        return part


def _packed(row: TableRecord) -> Packed:
    plain = type(row) is TableRecord and row == TableRecord(row.line, row.fields)
    return (row.line, row.fields) if plain else row


def _unpacked(row: Packed) -> TableRecord:
    return TableRecord(*row) if isinstance(row, tuple) else row


def _alone(make: PartMaker, rows: Sequence[TableRecord]) -> Part | None:
    """Encode rows of which nothing is known of those before; None for an error."""
    try:
        return make.part_alone(rows)
    except Exception:
        return None


def _serve(pipe: Connection) -> None:
    """Encode rows until the other end of the pipe is closed.

    Whatever goes wrong is told as None. An error that nobody catches would be printed by Python, and one that is sent
    may hold a person's data, or be of a kind that cannot be read at the other end.
    """
    # Where it cannot be blocked, see `_uninterrupted`.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    prepare_process()
    with suppress(EOFError, OSError):
        settings, task = _received(pipe), _received(pipe)
        make = _made(settings, task)
        while True:
            _answer(pipe, make, _received(pipe))


def _received(pipe: Connection) -> Any:
    """Return what comes next; None if it cannot be read."""
    try:
        return pipe.recv()
    except (EOFError, OSError):
        raise
    except Exception:
        return None


def _made(settings: Settings | None, task: Task | None) -> PartMaker | None:
    try:
        return None if settings is None or task is None else settings.part_maker(task)
    except Exception:
        return None


def _answer(pipe: Connection, make: PartMaker | None, rows: Sequence[Packed] | None) -> None:
    """Encode rows and send what became of them; the group, which is megabytes, as bytes of its own."""
    part = None if make is None or rows is None else _alone(make, list(map(_unpacked, rows)))
    if part is None:
        pipe.send(None)
        return
    data = b"" if part.group is None else memoryview(part.group.serialize())
    try:
        pipe.send((replace(part, group=None), len(data)))
    except (EOFError, OSError):
        raise
    except Exception:
        # What cannot be packed was not sent either.
        pipe.send(None)
        return
    for start in range(0, len(data), PIECE_BYTES):
        pipe.send_bytes(data[start : start + PIECE_BYTES])
