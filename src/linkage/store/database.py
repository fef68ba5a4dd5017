"""The registry file: one DuckDB database that is opened for a piece of work and closed after it.

A `Store` holds no lock between two pieces of work, so that a session left open in a notebook keeps nobody out. A
piece of work is a *session*, either reading (the file stays byte for byte as it is) or writing (nobody else can open
the file). What a writing session does inside `transaction` stands whole or not at all, also when the process is killed.

DuckDB is closed to the outside: no extension is fetched or loaded, no other file is read, nothing is sent anywhere.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa

from linkage.errors import RegistryBusy, RegistryError, SettingsError
from linkage.store.faults import busy, check_file, check_meta, exists, explained, is_busy
from linkage.store.schema import FORMAT, FORMAT_VERSION, TABLES, statements

__all__ = ["WAIT_SECONDS", "Session", "Store"]

WAIT_SECONDS: Final = 5.0
"""How long a session waits for another process to finish, unless told otherwise."""

RETRY_SECONDS: Final = 0.1

MEMORY: Final = "2GB"
"""What DuckDB may hold, where it would take most of the machine: beyond it reads pages again, and what it sorts goes to
a folder beside the registry until the statement is done. Linking has arrays of its own to hold."""

_CLOSED: Final[dict[str, str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "enable_external_access": "false",
    "allow_community_extensions": "false",
    "python_enable_replacements": "false",
}

_guards: dict[str, threading.Lock] = {}
_guards_lock = threading.Lock()


class Session:
    """An open registry file.

    Attributes:
        connection: The DuckDB connection, for queries and for the linkage engine.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Run a query with `?` in place of its values and fetch all rows."""
        result: list[tuple[Any, ...]] = self.connection.execute(query, list(values)).fetchall()
        return result

    def run(self, query: str, **values: Any) -> None:
        """Run a statement with `$name` in place of its values."""
        self.connection.execute(query, values)

    def table(self, query: str) -> pa.Table:
        """Run a query and fetch its result as an Arrow table."""
        return self.connection.sql(query).to_arrow_table()

    def load(self, query: str, **tables: pa.Table) -> None:
        """Run a query that reads Arrow tables under the names given, without copying them row by row."""
        for name, table in tables.items():
            self.connection.register(name, table)
        try:
            self.connection.execute(query)
        finally:
            for name in tables:
                self.connection.unregister(name)

    def get(self, key: str, default: str = "") -> str:
        """Read an entry of `meta`."""
        rows = self.rows("SELECT value FROM meta WHERE key = ?", key)
        return rows[0][0] if rows else default

    def set(self, key: str, value: str) -> None:
        """Write an entry of `meta`."""
        self.rows("INSERT OR REPLACE INTO meta VALUES (?, ?)", key, value)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Make everything inside stand whole or not at all."""
        self.connection.execute("BEGIN TRANSACTION")
        try:
            yield
            self.connection.execute("COMMIT")
        except BaseException:
            # After a failed commit DuckDB has rolled back by itself and says so; what counts is the first error.
            with contextlib.suppress(duckdb.Error):
                self.connection.execute("ROLLBACK")
            raise


class Store:
    """A registry file at a path."""

    def __init__(self, path: str | Path, *, threads: int | None = None, wait: float = WAIT_SECONDS) -> None:
        """Name the file; nothing is opened yet.

        Args:
            path: The registry file.
            threads: Threads that DuckDB may use; by default as many as the machine has cores.
            wait: Seconds to wait for another process that is using the registry.

        Raises:
            SettingsError: `registry.threads` when there would be none, `registry.wait` when the time is below 0.
        """
        if threads is not None and threads < 1:
            raise SettingsError("registry.threads", "A registry needs one thread or more.")
        if not wait >= 0:
            raise SettingsError("registry.wait", "The seconds to wait for a registry are 0 or more.")
        # Resolved, so that a link is not replaced by the file it points to when the file is rewritten.
        self.path = Path(path).resolve() if Path(path).exists() else Path(path)
        self._config: dict[str, str | bool | int | float | list[str]] = {**_CLOSED, "memory_limit": MEMORY}
        if threads is not None:
            self._config["threads"] = threads
        self._wait = min(wait, threading.TIMEOUT_MAX)

    def create(self, meta: Mapping[str, str]) -> None:
        """Make a new registry file; what stands at the path is never overwritten.

        Args:
            meta: First entries of the table `meta`.

        Raises:
            RegistryError: `registry.exists`, `registry.folder` when the folder cannot be written, `registry.io` when
                the disk is full.
        """
        part = self.path.with_name(f".{self.path.name}.{secrets.token_hex(4)}.part")
        try:
            if not part.parent.is_dir():
                raise NotADirectoryError
            with explained(self.path), self._new(part) as session:
                for key, value in {"format": f"{FORMAT}{FORMAT_VERSION}", **meta}.items():
                    session.set(key, value)
            _place(part, self.path)
        except FileExistsError:
            raise exists(self.path) from None
        except OSError:
            raise RegistryError(
                "registry.folder", "The registry cannot be made: the folder is missing or not writable.", path=self.path
            ) from None
        finally:
            _remove(part)

    @contextlib.contextmanager
    def _new(self, path: Path) -> Iterator[Session]:
        """Make a file of empty tables, to be filled in one transaction; all of it then stands in the file itself."""
        with contextlib.closing(duckdb.connect(path, config=self._config)) as connection:
            # Encoded data are still personal data: only the owner may read the file, until the owner decides otherwise.
            os.chmod(path, 0o600)
            session = Session(connection)
            with session.transaction():
                for statement in statements():
                    connection.execute(statement)
                yield session
            _settle(connection, path)

    @contextlib.contextmanager
    def session(self, *, write: bool) -> Iterator[Session]:
        """Open the file for a piece of work.

        Args:
            write: Whether the work changes anything. If not, the file stays as it is, byte for byte.

        Yields:
            The open session.

        Raises:
            NotARegistryError: `registry.not_one`, `registry.newer` or `registry.older`.
            RegistryBusy: `registry.busy` when another process keeps it longer than the time to wait.
            RegistryError: `registry.missing`, `registry.forbidden`, `registry.io` when the disk fails or is full, or
                `registry.fault` when DuckDB refuses a statement.
        """
        deadline = time.monotonic() + self._wait
        with (
            _alone(self.path, self._wait),
            explained(self.path),
            contextlib.closing(self._open(deadline, write=write)) as connection,
        ):
            yield Session(connection)

    def _open(self, deadline: float, *, write: bool) -> duckdb.DuckDBPyConnection:
        """Open the file, first for reading, since opening a foreign file for writing could already change it."""
        while True:
            try:
                check_file(self.path, write=write)
                with contextlib.ExitStack() as until_checked:
                    reading = duckdb.connect(self.path, read_only=True, config=self._config)
                    until_checked.callback(reading.close)
                    check_meta(self.path, reading)
                    if not write:
                        until_checked.pop_all()
                        return reading
                return duckdb.connect(self.path, read_only=False, config=self._config)
            except (RegistryBusy, duckdb.IOException, duckdb.ConnectionException) as error:
                if not is_busy(error):
                    raise
                if time.monotonic() > deadline:
                    raise busy(self.path) from None
            time.sleep(RETRY_SECONDS)

    def rewrite(self) -> None:
        """Write the file anew from its current rows, and put it in place of the old one.

        DuckDB leaves deleted rows in its file until their blocks happen to be used again. A superseded code has to be
        gone, so the rows that count are copied to a new file, which then takes the name. Copies that the file system
        or a backup keeps are beyond reach from here.

        Raises:
            RegistryError: As `session`; the old file then stands as it was.
        """
        # One name for all attempts, so that the next one clears away what a killed process has left.
        part = self.path.with_name(f".{self.path.name}.rewrite")
        try:
            with self.session(write=True) as old:
                _remove(part)
                # Closing must not write to a name that the new file has by then.
                old.connection.execute("PRAGMA disable_checkpoint_on_shutdown")
                old.connection.execute("CHECKPOINT")
                self._copy(old, part)
                shutil.copymode(self.path, part)
                before = _fingerprint(self.path)
                if os.name != "nt":
                    # The lock on the old file is still held, so no other process can have begun to write to it.
                    os.replace(part, self.path)
            if os.name == "nt":
                # An open file cannot be replaced there; one that changed in between is left alone.
                if _fingerprint(self.path) != before:
                    raise busy(self.path)
                os.replace(part, self.path)
        except OSError:
            _remove(part)
            raise RegistryError(
                "registry.rewrite", "The registry cannot be rewritten; it stands as it was.", path=self.path
            ) from None

    def _copy(self, old: Session, part: Path) -> None:
        with self._new(part) as new:
            for name in TABLES:
                reader = pa.RecordBatchReader.from_stream(old.connection.sql(f"SELECT * FROM {name}"))
                new.load(f"INSERT INTO {name} SELECT * FROM source", source=reader)
            new.rows("DELETE FROM meta WHERE key = 'erase_pending'")


@contextlib.contextmanager
def _alone(path: Path, wait: float) -> Iterator[None]:
    """Let one thread of this process in at a time: DuckDB's lock keeps out other processes only."""
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
    """Bring everything from the log into the file itself, because the file is about to get another name than its log.

    Closing would do the same, but says nothing when the disk is full and the log remains.
    """
    connection.execute("CHECKPOINT")
    if path.with_name(f"{path.name}.wal").exists():
        raise OSError


def _place(part: Path, path: Path) -> None:
    """Return a finished file its name, and fail if the name is taken."""
    if os.name == "nt":
        os.rename(part, path)
        return
    try:
        os.link(part, path)
    except FileExistsError:
        raise
    except OSError:
        # Some file systems have no hard links. The name is then taken first, and the file moved over it.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL))
        os.replace(part, path)


def _remove(part: Path) -> None:
    for path in (part, part.with_name(f"{part.name}.wal")):
        path.unlink(missing_ok=True)


def _fingerprint(path: Path) -> tuple[int, int, int]:
    status = path.stat()
    return status.st_ino, status.st_size, status.st_mtime_ns
