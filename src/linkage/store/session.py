"""An open registry file: queries, transactions, and the entries of the audit log."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, Final

import duckdb
import pyarrow as pa

from linkage.audit_log import SealingKey, write_entry
from linkage.store.instances import Attached

__all__ = ["DELETED", "UNIT", "KeyAtHand", "Session"]

UNIT: Final = "registry"
"""The unit whose log an entry is in, if `meta` names none."""

DELETED: Final = "erase_pending"
"""The entry of `meta` that says that the file still contains deleted rows; `Store.rewrite` leaves it out."""

READ_MEMORY: Final = "256MB"
"""Memory limit of DuckDB while a large table is read from its beginning to its end: what it would keep of it, up to the
usual limit, is of no use afterwards."""

KeyAtHand = Callable[[], SealingKey | None]
"""Returns the key that seals entries of the audit log; None if it is not at hand."""


class Session:
    """An open registry file.

    Attributes:
        connection: The DuckDB connection, for queries and for the linkage engine.
    """

    _entries: dict[str, str] | None = None
    """The entries of `meta`, but for counters that statements change; None if they are to be read again."""

    def __init__(self, attached: Attached, key_at_hand: KeyAtHand | None = None) -> None:
        self.connection = attached.connection
        self._attached = attached
        self._key_at_hand = key_at_hand

    @property
    def threads(self) -> int:
        """Number of threads that queries may use, and what else may share its work."""
        [(number,)] = self.rows("SELECT current_setting('threads')")
        return int(number)

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
        with self.registered(**tables):
            self.connection.execute(query)

    def append(self, name: str, rows: pa.Table) -> None:
        """Add rows to a table; unlike those of `load`, they are freed before the transaction ends.

        Args:
            name: The table.
            rows: As its columns are.
        """
        self.connection.from_arrow(rows).insert_into(name)

    @contextlib.contextmanager
    def reading_once(self) -> Iterator[None]:
        """Let DuckDB keep little of what a block reads; what was kept before is freed at once."""
        self._keep_at_most(READ_MEMORY)
        try:
            yield
        finally:
            self._keep_at_most(self._attached.memory_limit)

    def _keep_at_most(self, memory: str) -> None:
        # Refused where more is in use, which is no reason not to go on.
        with contextlib.suppress(duckdb.Error):
            self.connection.execute(f"SET memory_limit = '{memory}'")

    @contextlib.contextmanager
    def registered(self, **tables: pa.Table) -> Iterator[None]:
        """Offer Arrow tables by the given names to the queries of a block."""
        for name, table in tables.items():
            self.connection.register(name, table)
        try:
            yield
        finally:
            # After a failed statement this fails too, and the first error is the one to raise.
            with contextlib.suppress(duckdb.Error):
                for name in tables:
                    self.connection.unregister(name)

    def get(self, key: str, default: str = "") -> str:
        """Read an entry of `meta`; all are read at the first call, since each statement takes as long as that."""
        if self._entries is None:
            self._entries = dict(self.rows("SELECT key, value FROM meta"))
        return self._entries.get(key, default)

    def set(self, key: str, value: str) -> None:
        """Write an entry of `meta`."""
        self.set_all({key: value})

    def set_all(self, entries: Mapping[str, str]) -> None:
        """Write several entries of `meta`, at least one, by one statement: each takes as long as all of them."""
        places = ", ".join(["(?, ?)"] * len(entries))
        texts = [text for entry in entries.items() for text in entry]
        self._entries = None
        self.rows(f"INSERT OR REPLACE INTO meta VALUES {places}", *texts)

    def forget(self, key: str) -> None:
        """Delete an entry of `meta`."""
        self._entries = None
        self.rows("DELETE FROM meta WHERE key = ?", key)

    def mark_deleted(self) -> None:
        """Note that the file will still contain rows that are deleted in this transaction, until it is rewritten."""
        self.set(DELETED, "1")

    @property
    def has_deleted(self) -> bool:
        """Whether the file still contains deleted rows that were noted."""
        return bool(self.get(DELETED))

    def leave_log(self) -> None:
        """Let the end of the session leave the log as it is; see `Attached.leave_log`."""
        self._attached.leave_log()

    def log(self, act: str, *, at: str, **members: Any) -> None:
        """Write an entry of the audit log, within the transaction of the act.

        Args:
            act: See `linkage.audit_log.acts.ACTS`, also for the members.
            at: The current time, in UTC.
            **members: What is known of the act; those that are None are left out.

        Raises:
            AuditError: As for `linkage.audit_log.write_entry`.
        """
        write_entry(self, act, members, at=at, unit=self.get("unit", UNIT), key=self._sealing_key)

    @cached_property
    def _sealing_key(self) -> SealingKey | None:
        """The key of this store, if it is at hand; one of another store would make seals that nobody can check."""
        key = None if self._key_at_hand is None else self._key_at_hand()
        return key if key is not None and key.check == self.get("registry_key_check") else None

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Store all changes made inside, or none of them."""
        self.connection.execute("BEGIN TRANSACTION")
        try:
            yield
            self.connection.execute("COMMIT")
        except BaseException:
            self._entries = None
            # After a failed commit DuckDB has already rolled back and complains; the first error is the one to raise.
            with contextlib.suppress(duckdb.Error):
                self.connection.execute("ROLLBACK")
            raise
