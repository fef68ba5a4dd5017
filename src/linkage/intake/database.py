"""The interface through which intake uses the registry file."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

import pyarrow as pa

__all__ = ["Database"]


class Database(Protocol):
    """An open registry file, such as `linkage.store.Session`."""

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Run a query with `?` for each value and fetch all rows."""
        ...

    def query(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        """Run a query with `$name` for each value and fetch all rows."""
        ...

    def run(self, query: str, **values: Any) -> None:
        """Run a statement with `$name` for each value."""
        ...

    def table(self, query: str) -> pa.Table:
        """Run a query and fetch its result as an Arrow table."""
        ...

    def load(self, query: str, **tables: pa.Table) -> None:
        """Run a query that reads Arrow tables by the given names."""
        ...

    def get(self, key: str, default: str = "") -> str:
        """Read an entry of `meta`."""
        ...

    def set(self, key: str, value: str) -> None:
        """Write an entry of `meta`."""
        ...

    def set_all(self, entries: Mapping[str, str]) -> None:
        """Write several entries of `meta`."""
        ...

    def mark_deleted(self) -> None:
        """Note that the file will still contain rows that are deleted in this transaction, until it is rewritten."""
        ...

    def log(self, act: str, *, at: str, **members: Any) -> None:
        """Write an entry of the audit log, within the transaction of the act."""
        ...

    def transaction(self) -> AbstractContextManager[None]:
        """Store all changes made inside, or none of them."""
        ...
