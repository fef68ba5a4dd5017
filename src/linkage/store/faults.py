"""Checks of a registry file, and the errors that describe what is wrong with it.

DuckDB's own messages contain paths, processes and statements, so none of them is passed on.
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
"""Windows error codes for a sharing violation and a lock violation: DuckDB has the file open in another process."""


def check_file(path: Path, *, write: bool) -> None:
    """Check the file without DuckDB, whose errors are less specific.

    Closing a file releases all locks that the process holds on it, so this must not run while the process has it open.

    Args:
        path: The registry file.
        write: Whether it will be opened for writing.

    Raises:
        NotARegistryError: `registry.not_one`.
        RegistryBusy: `registry.busy`, on Windows, where a file in use cannot be opened at all.
        RegistryError: `registry.missing` or `registry.forbidden`.
    """
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):
            # Opening a pipe blocks until somebody writes to it.
            raise _not_one(path)
        with path.open("r+b" if write else "rb") as file:
            head = file.read(MAGIC_AT + len(MAGIC))
    except FileNotFoundError:
        raise RegistryError(
            "registry.missing", "There is no registry at this path.", hint="Create one with: linkage init", path=path
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
        # All rows are fetched because the caller goes on to use the connection.
        rows = connection.execute("SELECT value FROM main.meta WHERE key = 'format'").fetchall()
    except (duckdb.CatalogException, duckdb.BinderException, duckdb.ConversionException):
        raise _not_one(path) from None
    name, _, version = str(rows[0][0] if rows else "").partition("/")
    if f"{name}/" != FORMAT or not version.isdecimal():
        raise _not_one(path)
    if int(version) > FORMAT_VERSION:
        raise NotARegistryError(
            "registry.newer",
            "The registry was created by a newer version of this library.",
            hint="Install that version or a later one.",
            path=path,
        )
    if int(version) < FORMAT_VERSION:
        raise NotARegistryError(
            "registry.older",
            "The registry was created by an older version of this library, with different tables.",
            hint="Create a new one with linkage init and receive all submissions again, or install that version.",
            path=path,
        )


@contextlib.contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn DuckDB's errors into registry errors without passing on their messages."""
    try:
        yield
    except duckdb.TransactionException:
        raise busy(path) from None
    except (duckdb.IOException, duckdb.OutOfMemoryException, duckdb.FatalException, duckdb.InternalException):
        raise RegistryError(
            "registry.io",
            "The registry cannot be read or written: the disk is full or failing, or the file is damaged.",
            hint="The registry still contains everything from before this command.",
            path=path,
        ) from None
    except duckdb.Error:
        # Messages about failed conversions and constraints contain the values.
        raise RegistryError(
            "registry.fault",
            "A database statement failed in the registry; this is a bug in the library.",
            hint="The registry still contains everything from before this command. Please report which command failed.",
            path=path,
        ) from None


def is_busy(error: Exception) -> bool:
    """Return whether an error means that another process or connection is using the file."""
    if isinstance(error, RegistryBusy | duckdb.ConnectionException):
        return True
    # DuckDB has a single class for all file errors; this text has not changed since its first version.
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
    """Return the error for a path where a file already exists."""
    return RegistryError("registry.exists", "A file already exists at this path; nothing is overwritten.", path=path)


def _not_one(path: Path) -> NotARegistryError:
    return NotARegistryError(
        "registry.not_one", "This is not a linkage registry.", hint="Create one with: linkage init", path=path
    )


def _forbidden(path: Path) -> RegistryError:
    return RegistryError("registry.forbidden", "You do not have permission to read or write the registry.", path=path)
