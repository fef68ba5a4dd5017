"""The registry file: one DuckDB database that is opened for each piece of work and closed afterwards.

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
from typing import Any, Final

import duckdb
import pyarrow as pa

from linkage.errors import RegistryBusy, RegistryError, SettingsError
from linkage.store.faults import busy, check_file, check_meta, exists, explained, full, is_busy
from linkage.store.leftovers import NEW, Config, abandoned, remove, remove_spilled, remove_unnamed, unnamed
from linkage.store.schema import FORMAT, FORMAT_VERSION, TABLES, statements
from pseudonym.output import claim, give_name, is_full, private_files

__all__ = ["WAIT_SECONDS", "Session", "Store"]

WAIT_SECONDS: Final = 5.0
"""Default time that a session waits for another process to finish."""

RETRY_SECONDS: Final = 0.1

MEMORY: Final = "2GB"
"""Memory limit of DuckDB, which would otherwise take most of the machine; linking needs room for its own arrays. Above
the limit DuckDB rereads pages, and spills sorts to a folder beside the registry until the statement is done."""

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
        """Run a query with `?` for each value and fetch all rows."""
        result: list[tuple[Any, ...]] = self.connection.execute(query, list(values)).fetchall()
        return result

    def query(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        """Run a query with `$name` for each value and fetch all rows."""
        result: list[tuple[Any, ...]] = self.connection.execute(query, values).fetchall()
        return result

    def run(self, query: str, **values: Any) -> None:
        """Run a statement with `$name` for each value."""
        self.connection.execute(query, values)

    def table(self, query: str) -> pa.Table:
        """Run a query and fetch its result as an Arrow table."""
        return self.connection.sql(query).to_arrow_table()

    def load(self, query: str, **tables: pa.Table) -> None:
        """Run a query that reads Arrow tables by the given names, without copying them row by row."""
        for name, table in tables.items():
            self.connection.register(name, table)
        try:
            self.connection.execute(query)
        finally:
            # After a failed statement this fails too, and the first error is the one to raise.
            with contextlib.suppress(duckdb.Error):
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
        """Store all changes made inside, or none of them."""
        self.connection.execute("BEGIN TRANSACTION")
        try:
            yield
            self.connection.execute("COMMIT")
        except BaseException:
            # After a failed commit DuckDB has already rolled back and complains; the first error is the one to raise.
            with contextlib.suppress(duckdb.Error):
                self.connection.execute("ROLLBACK")
            raise


class Store:
    """A registry file at a path."""

    def __init__(self, path: str | Path, *, threads: int | None = None, wait: float = WAIT_SECONDS) -> None:
        """Set the path and options; nothing is opened yet.

        Args:
            path: The registry file.
            threads: Number of threads for DuckDB; by default one per core.
            wait: Seconds to wait for another process that is using the registry.

        Raises:
            SettingsError: `registry.threads` if the number is below 1, `registry.wait` if the time is negative.
        """
        if threads is not None and threads < 1:
            raise SettingsError("registry.threads", "The number of threads must be at least 1.")
        if not wait >= 0:
            raise SettingsError("registry.wait", "The number of seconds to wait must not be negative.")
        # Resolved, so that rewriting the file does not replace a symbolic link with it.
        self.path = Path(path).resolve() if Path(path).exists() else Path(path)
        self._config: Config = {**_CLOSED, "memory_limit": MEMORY}
        if threads is not None:
            self._config["threads"] = threads
        self._wait = min(wait, threading.TIMEOUT_MAX)

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
        there, `left_behind` finds the unnamed file.

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
                    for key, value in {"format": f"{FORMAT}{FORMAT_VERSION}", **meta}.items():
                        session.set(key, value)
                    for table, values in (rows or {}).items():
                        for row in values:
                            session.rows(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", *row)
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

    def left_behind(self, key: str) -> set[str]:
        """Read an entry of `meta` from every finished file that a killed process did not come to name.

        Args:
            key: The entry.

        Returns:
            Its values; files that were not finished have none.
        """
        values = set()
        for part in unnamed(self.path):
            with contextlib.suppress(OSError, duckdb.Error), abandoned(part, self._config) as connection:
                if connection is not None:
                    values.add(Session(connection).get(key))
        return values - {""}

    @contextlib.contextmanager
    def _new(self, path: Path) -> Iterator[Session]:
        """Create a file with empty tables, to be filled in one transaction; nothing is left in the log afterwards."""
        with private_files(), contextlib.closing(duckdb.connect(path, config=self._config)) as connection:
            session = Session(connection)
            with session.transaction():
                for statement in statements():
                    connection.execute(statement)
                yield session
            _settle(connection, path)

    @contextlib.contextmanager
    def session(self, *, write: bool) -> Iterator[Session]:
        """Open the file for one piece of work.

        Args:
            write: Whether the session may change anything. If not, every byte of the file stays as it is.

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
            contextlib.closing(self._open(deadline, write=write)) as connection,
        ):
            if write:
                # Nobody else has the registry open now, so these are leftovers of killed processes.
                with contextlib.suppress(OSError):
                    remove(self._rewritten)
                    remove_spilled(self.path)
                    remove_unnamed(self.path, self._config)
            yield Session(connection)

    @property
    def _rewritten(self) -> Path:
        """Where `rewrite` puts the new file: always the same name, so that every later writer removes what is left."""
        return self.path.with_name(f".{self.path.name}.rewrite")

    def _open(self, deadline: float, *, write: bool) -> duckdb.DuckDBPyConnection:
        """Open the file, first for reading: opening another kind of file for writing could already change it."""
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
                before = _inode(self.path)
                connection = duckdb.connect(self.path, read_only=False, config=self._config)
                if _inode(self.path) == before:
                    return connection
                # Another process has just replaced the file with a rewritten one; this is the old one.
                connection.execute("PRAGMA disable_checkpoint_on_shutdown")
                connection.close()
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
                old.connection.execute("PRAGMA disable_checkpoint_on_shutdown")
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
            for name in TABLES:
                reader = pa.RecordBatchReader.from_stream(old.connection.sql(f"SELECT * FROM {name}"))
                new.load(f"INSERT INTO {name} SELECT * FROM source", source=reader)
            new.rows("DELETE FROM meta WHERE key = 'erase_pending'")


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


def _inode(path: Path) -> int | None:
    try:
        return path.stat().st_ino
    except OSError:
        return None


def _fingerprint(path: Path) -> tuple[int, int, int]:
    status = path.stat()
    return status.st_ino, status.st_size, status.st_mtime_ns
