"""What intake needs of the registry file, so that it can be tested with any other that offers the same."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any, Protocol

import pyarrow as pa

__all__ = ["Database"]


class Database(Protocol):
    """An open registry file, as `linkage.store.Session` is one."""

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Run a query with `?` in place of its values and fetch all rows."""
        ...

    def run(self, query: str, **values: Any) -> None:
        """Run a statement with `$name` in place of its values."""
        ...

    def table(self, query: str) -> pa.Table:
        """Run a query and fetch its result as an Arrow table."""
        ...

    def load(self, query: str, **tables: pa.Table) -> None:
        """Run a query that reads Arrow tables under the names given."""
        ...

    def get(self, key: str, default: str = "") -> str:
        """Read an entry of `meta`."""
        ...

    def set(self, key: str, value: str) -> None:
        """Write an entry of `meta`."""
        ...

    def transaction(self) -> AbstractContextManager[None]:
        """Make everything inside stand whole or not at all."""
        ...
