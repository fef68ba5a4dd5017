"""The file of a unit: one DuckDB database that is opened for each piece of work and closed afterwards.

A piece of work is a *session*. A reading session leaves every byte of the file as it is; during a writing session no
other process can open the file. Between sessions a `Store` holds no lock, so a registry left open in a notebook blocks
nobody. Changes made inside `transaction` are stored completely or not at all, even if the process is killed.

DuckDB is sealed off: it fetches and loads no extension, reads no other file and sends nothing anywhere. Encoded data
are still personal data, so only the owner may read the file, its log and its temporary files.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa

from linkage.audit_log import SealingKey
from linkage.errors import RegistryBusy, RegistryError, SettingsError
from linkage.store.faults import busy, check_file, check_meta, exists, explained, full, is_busy
from linkage.store.instances import Attached, Config
from linkage.store.leftovers import NEW, remove, remove_spilled, remove_unnamed
from linkage.store.schema import FORMAT_VERSION, Schema
from linkage.store.session import DELETED, KeyAtHand, Session
from pseudonym.output import claim, give_name, is_full, private_files

__all__ = ["WAIT_SECONDS", "Store", "check_options"]

WAIT_SECONDS: Final = 5.0
"""Default time that a session waits for another process to finish."""

RETRY_SECONDS: Final = 0.1

MEMORY: Final = "2GB"
"""Memory limit of DuckDB, which would otherwise take most of the machine; linking needs room for its own arrays. Above
the limit DuckDB rereads pages, and spills sorts to a folder beside the registry until the statement is done."""

_CLOSED: Final[dict[str, str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "python_enable_replacements": "false",
}

_State = tuple[int, int, int, int, int]
"""Device and inode of a file, its length, and when it was changed."""

_guards: dict[str, threading.Lock] = {}
_guards_lock = threading.Lock()


def check_options(threads: int | None, wait: float) -> None:
    """Check the options of `Store`.

    Raises:
        SettingsError: `registry.threads` if the number is below 1, `registry.wait` if the time is negative.
    """
    if threads is not None and threads < 1:
        raise SettingsError("registry.threads", "The number of threads must be at least 1.")
    if not wait >= 0:
        raise SettingsError("registry.wait", "The number of seconds to wait must not be negative.")


class Store:
    """The file of a unit at a path.

    Attributes:
        path: The file.
        key_at_hand: Reads the key that seals entries of the audit log; None if there is none to read.
    """

    def __init__(
        self, path: str | Path, schema: Schema, *, threads: int | None = None, wait: float = WAIT_SECONDS
    ) -> None:
        """Set the path and options; nothing is opened yet.

        Args:
            path: The file.
            schema: The tables of the unit.
            threads: Number of threads for DuckDB; by default one per core.
            wait: Seconds to wait for another process that is using the registry.

        Raises:
            SettingsError: `registry.threads` if the number is below 1, `registry.wait` if the time is negative.
        """
        check_options(threads, wait)
        # Resolved, so that rewriting the file does not replace a symbolic link with it.
        self.path = Path(path).resolve() if Path(path).exists() else Path(path)
        self.schema = schema
        self._config: Config = {**_CLOSED, "memory_limit": MEMORY}
        if threads is not None:
            self._config["threads"] = threads
        self.key_at_hand: KeyAtHand | None = None
        self._wait = min(wait, threading.TIMEOUT_MAX)
        # The file as it was when it was last known to be that of the unit.
        self._checked: _State | None = None

    def create(self, meta: Mapping[str, str]) -> None:
        """Create a registry file; an existing file is never overwritten.

        Args:
            meta: Initial entries of the table `meta`.

        Raises:
            RegistryError: As for `creating`.
        """
        with self.creating(meta):
            pass

    @contextlib.contextmanager
    def creating(
        self, meta: Mapping[str, str], rows: Mapping[str, Sequence[Sequence[object]]] | None = None
    ) -> Iterator[None]:
        """Create a registry file that gets its name when the block ends; an existing file is never overwritten.

        What must exist before the registry does, such as its key, is written inside the block. If the process is killed
        there, the next writer removes the unnamed file.

        Args:
            meta: Initial entries of the table `meta`.
            rows: Initial rows of other tables.

        Raises:
            RegistryError: `registry.exists` if there is a file at the path, `registry.folder` if the folder is missing
                or not writable, `registry.full` if the disk is full.
        """
        part = self.path.with_name(f".{self.path.name}.{secrets.token_hex(4)}.{NEW}")
        with contextlib.ExitStack() as stack:
            stack.callback(remove, part)
            with self._naming():
                if not part.parent.is_dir():
                    raise NotADirectoryError
                with explained(self.path), self._new(part) as session:
                    # From here on other processes see that this one is at work on it.
                    stack.enter_context(claim(part, wait=True))
                    entries = {"format": f"{self.schema.name}{FORMAT_VERSION}", **meta}
                    for table, values in {"meta": list(entries.items()), **(rows or {})}.items():
                        _insert(session, table, values)
            yield
            with self._naming():
                remove_unnamed(self.path, self._config, but=part)
                give_name(part, self.path)

    @contextlib.contextmanager
    def _naming(self) -> Iterator[None]:
        try:
            yield
        except FileExistsError:
            raise exists(self.path) from None
        except OSError as error:
            if is_full(error):
                raise full(self.path) from None
            raise RegistryError(
                "registry.folder",
                "The registry cannot be created: the folder is missing or not writable.",
                path=self.path,
            ) from None

    @contextlib.contextmanager
    def _new(self, path: Path) -> Iterator[Session]:
        """Create a file with empty tables, to be filled in one transaction; nothing is left in the log afterwards."""
        with private_files(), _closing(Attached(path, self._config, write=True)) as attached:
            session, connection = Session(attached), attached.connection
            with session.transaction():
                for statement in self.schema.statements():
                    connection.execute(statement)
                yield session
            _settle(connection, path)

    @contextlib.contextmanager
    def session(self, *, write: bool, key: SealingKey | None = None) -> Iterator[Session]:
        """Open the file for one piece of work.

        Args:
            write: Whether the session may change anything. If not, every byte of the file stays as it is.
            key: The key that seals entries of the audit log; None to read it if one is written.

        Yields:
            The open session.

        Raises:
            NotARegistryError: `registry.not_one`, `registry.newer` or `registry.older`.
            RegistryBusy: `registry.busy` if another process is still using the file after the time to wait.
            RegistryError: `registry.missing`, `registry.forbidden`, `registry.full` if the disk is full,
                `registry.damaged` if the file is damaged, `registry.io` if the disk fails, `registry.memory` if DuckDB
                runs out of memory, or `registry.fault` if it rejects a statement.
        """
        deadline = time.monotonic() + self._wait
        with (
            # DuckDB creates its log and its temporary files when it needs them.
            private_files(),
            _alone(self.path, self._wait),
            explained(self.path),
            self._remembering() if write else contextlib.nullcontext(),
            _closing(self._open(deadline, write=write)) as attached,
        ):
            if write:
                # Nobody else has the registry open now, so these are leftovers of killed processes.
                with contextlib.suppress(OSError):
                    remove(self._rewritten)
                    remove_spilled(self.path)
                    remove_unnamed(self.path, self._config)
            yield Session(attached, self.key_at_hand if key is None else lambda: key)

    @property
    def _rewritten(self) -> Path:
        """Where `rewrite` puts the new file: always the same name, so that every later writer removes what is left."""
        return self.path.with_name(f".{self.path.name}.rewrite")

    @contextlib.contextmanager
    def _remembering(self) -> Iterator[None]:
        """Remember the file as a writing session leaves it, so that the next session need not check it again."""
        yield
        after = _state(self.path)
        # What another process, or `rewrite`, has put in its place is another file.
        self._checked = after if _same(after, self._checked) else None

    def _open(self, deadline: float, *, write: bool) -> Attached:
        """Open the file, first for reading: opening another kind of file for writing could already change it.

        A file that is as it was when this object last checked or closed it, without a log beside it, is opened at once.
        """
        log = self.path.with_name(f"{self.path.name}.wal")
        while True:
            try:
                check_file(self.path, write=write)
                before = _state(self.path)
                if before is None or before != self._checked or log.exists():
                    with contextlib.ExitStack() as until_checked:
                        reading = Attached(self.path, self._config, write=False)
                        until_checked.callback(reading.close)
                        check_meta(self.path, reading.connection, self.schema)
                        self._checked = before
                        if not write:
                            until_checked.pop_all()
                            return reading
                attached = Attached(self.path, self._config, write=write)
                if _same(before, _state(self.path)):
                    return attached
                # Another process has just replaced the file with a rewritten one; this is the old one.
                attached.leave_log()
                attached.close()
            except (RegistryBusy, duckdb.IOException, duckdb.ConnectionException) as error:
                if not is_busy(error):
                    raise
                if time.monotonic() > deadline:
                    raise busy(self.path) from None
            time.sleep(RETRY_SECONDS)

    def rewrite(self) -> None:
        """Copy the current rows to a new file and replace the old one with it.

        DuckDB leaves deleted rows in its file until their blocks happen to be reused, but superseded codes must be
        erased. Copies in the file system or in backups cannot be reached from here.

        Raises:
            RegistryError: As for `session`, or `registry.rewrite`; the old file then has the same content as before,
                and nothing is left of the new one.
        """
        part = self._rewritten
        try:
            with self.session(write=True) as old, contextlib.ExitStack() as stack:
                stack.callback(remove, part)
                # Closing must not write to the name, which by then belongs to the new file.
                old.leave_log()
                old.connection.execute("CHECKPOINT")
                self._copy(old, part)
                before = _fingerprint(self.path)
                if os.name != "nt":
                    # The old file is still locked, so no other process can have started to write to it.
                    os.replace(part, self.path)
                stack.pop_all()
            if os.name == "nt":
                # Windows cannot replace an open file. If it changed after it was closed, leave it alone.
                if _fingerprint(self.path) != before:
                    remove(part)
                    raise busy(self.path)
                os.replace(part, self.path)
        except OSError as error:
            # If this fails too, the next writer removes it.
            with contextlib.suppress(OSError):
                remove(part)
            if is_full(error):
                raise full(self.path) from None
            raise RegistryError(
                "registry.rewrite", "The registry cannot be rewritten; it is unchanged.", path=self.path
            ) from None

    def _copy(self, old: Session, part: Path) -> None:
        with self._new(part) as new:
            for name in self.schema.tables:
                with contextlib.ExitStack() as stack:
                    for session in (old, new) if name == self.schema.largest else ():
                        stack.enter_context(session.reading_once())
                    reader = pa.RecordBatchReader.from_stream(old.connection.sql(f"SELECT * FROM {name}"))
                    new.load(f"INSERT INTO {name} SELECT * FROM source", source=reader)
            new.forget(DELETED)


@contextlib.contextmanager
def _closing(attached: Attached) -> Iterator[Attached]:
    """Close a file at the end of a block, and its instance with it if the block fails."""
    try:
        yield attached
    except BaseException:
        attached.close(settled=False)
        raise
    attached.close()


@contextlib.contextmanager
def _alone(path: Path, wait: float) -> Iterator[None]:
    """Admit one thread of this process at a time: DuckDB's lock only keeps out other processes."""
    name = os.path.realpath(path)
    with _guards_lock:
        guard = _guards.setdefault(name, threading.Lock())
    if not guard.acquire(timeout=wait):
        raise busy(path)
    try:
        yield
    finally:
        guard.release()


def _settle(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Move everything from the log into the file, because the file is about to be renamed and its log is not.

    Closing does the same, but silently leaves the log behind if the disk is full.
    """
    connection.execute("CHECKPOINT")
    if path.with_name(f"{path.name}.wal").exists():
        raise OSError


def _insert(session: Session, table: str, rows: Sequence[Sequence[object]]) -> None:
    """Insert rows, if there are any, by one statement: each takes longer than many rows."""
    if rows:
        places = ", ".join(f"({', '.join('?' * len(row))})" for row in rows)
        session.rows(f"INSERT INTO {table} VALUES {places}", *(value for row in rows for value in row))


def _state(path: Path) -> _State | None:
    """Return what tells whether a file was exchanged or changed; None if it cannot be looked at."""
    try:
        return _fingerprint(path)
    except OSError:
        return None


def _same(one: _State | None, other: _State | None) -> bool:
    """Return whether two states are those of one file, whatever was written to it in between."""
    return one is not None and other is not None and one[:2] == other[:2]


def _fingerprint(path: Path) -> _State:
    status = path.stat()
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
