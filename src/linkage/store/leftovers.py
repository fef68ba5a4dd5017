"""What killed processes leave beside a registry, and how to remove it without disturbing a running one.

| file | what it is | who removes it |
|---|---|---|
| `.NAME.xxxxxxxx.new` | a registry that did not get its name | the next `create` or writer |
| `.NAME.rewrite` | a registry that did not replace the old one | the next writer |
| `NAME.tmp/` | what DuckDB spilled from memory | the next writer |

DuckDB's log, `NAME.wal`, is no leftover: it holds what was stored, and the next writer moves it into the file.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import duckdb

from linkage.store.faults import is_busy
from linkage.store.instances import Attached, Config
from pseudonym.output import claim, parts_of

__all__ = ["NEW", "abandoned", "remove", "remove_spilled", "remove_unnamed", "unnamed"]

NEW: Final = "new"
"""The last word of the name of a registry file that is being created."""


def unnamed(path: Path) -> list[Path]:
    """List the files of registries that were to be at a path and did not get that name yet, or never will."""
    with contextlib.suppress(OSError):
        return list(parts_of(path, ending=NEW))
    return []


@contextlib.contextmanager
def abandoned(part: Path, config: Config) -> Iterator[Attached | None]:
    """Lock and open an unnamed file that no process is at work on.

    Args:
        part: One of `unnamed`.
        config: Settings of DuckDB.

    Yields:
        The file, open for reading, or None if it is not finished.

    Raises:
        OSError: A process is at work on it, or it is gone.
    """
    with claim(part), contextlib.ExitStack() as opened:
        try:
            attached = Attached(part, config, write=False)
            opened.callback(attached.close, settled=False)
        except duckdb.Error as error:
            # Until it has claimed the file, its process holds DuckDB's own lock.
            if is_busy(error):
                raise BlockingIOError from None
            attached = None
        yield attached


def remove_unnamed(path: Path, config: Config, *, but: Path | None = None) -> None:
    """Remove the unnamed files of a registry that no process is at work on.

    Args:
        path: The registry.
        config: Settings of DuckDB.
        but: One that stays.
    """
    for part in unnamed(path):
        if part == but:
            continue
        with contextlib.suppress(OSError):
            if path.exists() and part.samefile(path):
                # Killed between giving the new name and removing this one. Opening it could release locks.
                part.unlink(missing_ok=True)
                continue
            with abandoned(part, config):
                pass
            with claim(part):
                remove(part)


def remove(part: Path) -> None:
    """Remove an unnamed file with its log and everything that DuckDB spilled for it.

    Raises:
        OSError: Something cannot be removed.
    """
    for path in (part, part.with_name(f"{part.name}.wal")):
        path.unlink(missing_ok=True)
    remove_spilled(part)


def remove_spilled(path: Path) -> None:
    """Remove the temporary files of a database that no process has open, and their folder.

    Raises:
        OSError: Something cannot be removed.
    """
    folder = path.with_name(f"{path.name}.tmp")
    if folder.is_dir() and not folder.is_symlink():
        for spilled in folder.glob("duckdb_temp*"):
            spilled.unlink(missing_ok=True)
        # Whatever else is in it is not DuckDB's.
        with contextlib.suppress(OSError):
            folder.rmdir()
