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
from linkage.store.schema import FORMAT_VERSION, UNITED, Schema
from pseudonym.output import FULL, is_full

__all__ = ["busy", "check_file", "check_meta", "exists", "explained", "full", "is_busy"]

MAGIC: Final = b"DUCK"
MAGIC_AT: Final = 8

STORED: Final = "The registry still contains everything from before this command."

RESTORE: Final = (
    "Restore the backup of the file, and receive again what came after it was made. Do not go on with the damaged file."
)

HEADERS_BYTES: Final = 3 * 4096
BLOCK_BYTES: Final = 262_144
"""How long the headers at the beginning of a DuckDB file are, and each block after them."""

CONFLICT: Final = "conflict"
"""Two connections of one process changed the same rows. All other errors of this class are failures to write."""

DAMAGED: Final = ("corrupt", "checksum", "could not read enough bytes", "does not match database file")
"""What DuckDB writes about a file, or its log, that is not as it was written: a block fails its checksum or is cut off.

DuckDB has no class of its own for this; the words are checked against real damage by the tests.
"""

UNREADABLE: Final = (duckdb.SerializationException,)
"""Errors that nothing but a damaged file causes: a block has the right checksum and makes no sense."""

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
        RegistryError: `registry.damaged` if its beginning is not that of a registry, and yet it seems to have been one.
        RegistryBusy: `registry.busy`, on Windows, where a file in use cannot be opened at all.
        RegistryError: `registry.missing` or `registry.forbidden`.
    """
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):
            # Opening a pipe blocks until somebody writes to it.
            raise _not_one(path, "The path is a pipe or a device, not a linkage registry.")
        with path.open("r+b" if write else "rb") as file:
            head = file.read(MAGIC_AT + len(MAGIC))
    except FileNotFoundError:
        raise RegistryError(
            "registry.missing",
            "There is no such file.",
            hint="Check the path, or create a registry with: linkage init",
            path=path,
        ) from None
    except OSError as error:
        if getattr(error, "winerror", None) in OPEN_ELSEWHERE:
            raise busy(path) from None
        if path.is_dir():
            raise _not_one(path, "The path is a folder, not a linkage registry.") from None
        raise _forbidden(path) from None
    if not head:
        raise _not_one(path, "The file is empty, so it is not a linkage registry.")
    if head[MAGIC_AT:] != MAGIC:
        raise _damaged(path) if _was_one(path) else _not_one(path)
    # DuckDB keeps its log in a file beside this one.
    if write and not os.access(path.parent, os.W_OK):
        raise _forbidden(path)


def check_meta(path: Path, connection: duckdb.DuckDBPyConnection, schema: Schema) -> None:
    """Check that a DuckDB file is that of a unit, and one that this version can read.

    Args:
        path: The file, for the error.
        connection: The open file.
        schema: The tables of the unit.

    Raises:
        NotARegistryError: `registry.not_one`, `registry.newer`, `registry.older`, or `registry.other_unit` if it is
            that of the other unit.
    """
    try:
        # All rows are fetched because the caller goes on to use the connection.
        rows = connection.execute("SELECT value FROM main.meta WHERE key = 'format'").fetchall()
    except (duckdb.CatalogException, duckdb.BinderException, duckdb.ConversionException):
        raise _not_one(path) from None
    name, _, version = str(rows[0][0] if rows else "").partition("/")
    if f"{name}/" not in {schema.name, UNITED}:
        raise _other_unit(path) if name.endswith("-unit") else _not_one(path)
    if not version.isdecimal():
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
    except duckdb.Error as error:
        raise _explain(error, path) from None


def _explain(error: duckdb.Error, path: Path) -> RegistryError:
    """Return the registry error for an error of DuckDB; the order of the questions matters."""
    # What follows a failed write, such as a failed rollback, hides the reason, and each class can have several.
    errors = list(_chain(error))
    if any(map(is_full, errors)):
        return full(path)
    if any(map(_is_damage, errors)):
        return _damaged(path)
    if any(isinstance(one, duckdb.TransactionException) and CONFLICT in str(one).lower() for one in errors):
        return busy(path)
    if any(isinstance(one, duckdb.OutOfMemoryException) for one in errors):
        return RegistryError("registry.memory", "The database ran out of memory.", hint=STORED, path=path)
    failures = (duckdb.IOException, duckdb.FatalException, duckdb.InternalException, duckdb.TransactionException)
    if any(isinstance(one, failures) for one in errors):
        return RegistryError(
            "registry.io",
            "The registry cannot be read or written: the disk is failing, or the file is damaged.",
            hint=f"Check the disk. If it is sound: {RESTORE[0].lower()}{RESTORE[1:]}",
            path=path,
        )
    # Messages about failed conversions and constraints contain the values.
    return RegistryError(
        "registry.fault",
        "A database statement failed in the registry; this is a bug in the library.",
        hint=f"{STORED} Please report which command failed.",
        path=path,
    )


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and those during whose handling it was raised."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _is_damage(error: BaseException) -> bool:
    text = str(error).lower()
    return isinstance(error, UNREADABLE) or any(words in text for words in DAMAGED)


def _damaged(path: Path) -> RegistryError:
    return RegistryError(
        "registry.damaged",
        "The registry file is damaged: parts of it are missing or have been changed outside this library.",
        hint=RESTORE,
        path=path,
    )


def _was_one(path: Path) -> bool:
    """Return whether a file without the beginning of one has its log or the registry's key beside it, or its length."""
    if path.with_name(f"{path.name}.wal").exists() or path.parent.with_name(f"{path.parent.name}.key").exists():
        return True
    beyond = path.stat().st_size - HEADERS_BYTES
    return beyond > 0 and beyond % BLOCK_BYTES == 0


def full(path: Path) -> RegistryError:
    """Return the error for a full disk."""
    return RegistryError(
        "registry.full",
        FULL,
        hint=f"{STORED} Free some space where the registry is, and run the command again.",
        path=path,
    )


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


def _not_one(path: Path, message: str = "This is not a linkage registry.") -> NotARegistryError:
    return NotARegistryError(
        "registry.not_one",
        message,
        hint="Check the path. Create a registry with: linkage init; if this was one, restore its backup.",
        path=path,
    )


def _other_unit(path: Path) -> NotARegistryError:
    return NotARegistryError(
        "registry.other_unit",
        "This is the file of the other unit of a registry.",
        hint="Each unit has a file of its own: linkage.duckdb and statistics.duckdb. Restore the right one.",
        path=path,
    )


def _forbidden(path: Path) -> RegistryError:
    return RegistryError("registry.forbidden", "The registry cannot be opened: permission denied.", path=path)
