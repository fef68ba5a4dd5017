"""What can be wrong with a registry file, and how it is said.

DuckDB's own messages name paths, processes and statements; none of them is passed on.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import duckdb

from linkage.errors import NotARegistryError, RegistryBusy, RegistryError
from linkage.store.schema import FORMAT, FORMAT_VERSION

__all__ = ["busy", "check_file", "check_meta", "exists", "explained", "is_busy"]

MAGIC: Final = b"DUCK"
MAGIC_AT: Final = 8

OPEN_ELSEWHERE: Final = frozenset({32, 33})
"""Windows: sharing violation and lock violation, which is how a file that DuckDB holds shows itself there."""


def check_file(path: Path, *, write: bool) -> None:
    """Look at the file without DuckDB, which would say less clearly what is wrong with it.

    Closing a file gives up all locks that the process holds on it, so this must not run while the process has it open.

    Args:
        path: The registry file.
        write: Whether it is to be opened for writing.

    Raises:
        NotARegistryError: `registry.not_one`.
        RegistryBusy: `registry.busy`, on Windows, where a file in use cannot be opened at all.
        RegistryError: `registry.missing` or `registry.forbidden`.
    """
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):
            # Opening a pipe would wait for a writer, for ever if there is none.
            raise _not_one(path)
        with path.open("r+b" if write else "rb") as file:
            head = file.read(MAGIC_AT + len(MAGIC))
    except FileNotFoundError:
        raise RegistryError(
            "registry.missing", "There is no registry at this path.", hint="Make one with: linkage init", path=path
        ) from None
    except OSError as error:
        if getattr(error, "winerror", None) in OPEN_ELSEWHERE:
            raise busy(path) from None
        if path.is_dir():
            raise _not_one(path) from None
        raise _forbidden(path) from None
    if head[MAGIC_AT:] != MAGIC:
        raise _not_one(path)
    # DuckDB keeps its log in a file beside this one.
    if write and not os.access(path.parent, os.W_OK):
        raise _forbidden(path)


def check_meta(path: Path, connection: duckdb.DuckDBPyConnection) -> None:
    """Check that a DuckDB file is a registry that this version can read.

    Args:
        path: The file, for the error.
        connection: The open file.

    Raises:
        NotARegistryError: `registry.not_one`, `registry.newer` or `registry.older`.
    """
    try:
        # Fetched to the end, since the connection goes on to serve whoever asked for the file.
        rows = connection.execute("SELECT value FROM main.meta WHERE key = 'format'").fetchall()
    except (duckdb.CatalogException, duckdb.BinderException, duckdb.ConversionException):
        raise _not_one(path) from None
    name, _, version = str(rows[0][0] if rows else "").partition("/")
    if f"{name}/" != FORMAT or not version.isdecimal():
        raise _not_one(path)
    if int(version) > FORMAT_VERSION:
        raise NotARegistryError(
            "registry.newer",
            "The registry was made by a newer version of this library.",
            hint="Install that version or a later one.",
            path=path,
        )
    if int(version) < FORMAT_VERSION:
        raise NotARegistryError(
            "registry.older",
            "The registry was made by an older version of this library, with other tables.",
            hint="Make a new one with linkage init, and receive all submissions again; or install that version.",
            path=path,
        )


@contextlib.contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what DuckDB says about files and locks into errors of ours; its messages are not passed on."""
    try:
        yield
    except duckdb.TransactionException:
        raise busy(path) from None
    except (duckdb.IOException, duckdb.OutOfMemoryException, duckdb.FatalException, duckdb.InternalException):
        raise RegistryError(
            "registry.io",
            "The registry cannot be read or written: the disk is full or fails, or the file is damaged.",
            hint="What the registry held before this command still stands.",
            path=path,
        ) from None
    except duckdb.Error:
        # Conversions and broken constraints are told of with the values that they are about.
        raise RegistryError(
            "registry.fault",
            "A statement of this library failed in the registry; that is a fault of the library.",
            hint="What the registry held before this command still stands. Please report which command it was.",
            path=path,
        ) from None


def is_busy(error: Exception) -> bool:
    """Return whether an error means that somebody else is using the file."""
    if isinstance(error, RegistryBusy | duckdb.ConnectionException):
        return True
    # DuckDB has one class for all failures of files; this text has been the same since its first version.
    return "Could not set lock" in str(error)


def busy(path: Path) -> RegistryBusy:
    """Return the error for a registry in use."""
    return RegistryBusy(
        "registry.busy",
        "Another process is using the registry.",
        hint="Wait until it has finished, or wait longer with --wait SECONDS.",
        path=path,
    )


def exists(path: Path) -> RegistryError:
    """Return the error for a path that is taken."""
    return RegistryError(
        "registry.exists", "Something stands at this path already; nothing is ever overwritten.", path=path
    )


def _not_one(path: Path) -> NotARegistryError:
    return NotARegistryError(
        "registry.not_one", "This is not a linkage registry.", hint="Make one with: linkage init", path=path
    )


def _forbidden(path: Path) -> RegistryError:
    return RegistryError("registry.forbidden", "The registry may not be read or written by this user.", path=path)
