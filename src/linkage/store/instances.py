"""Instances of DuckDB, kept between the sessions of a file.

Starting DuckDB takes longer than most of what is done in a session; attaching a file to an instance that runs already
takes a twentieth of that. So an instance is kept for the next session of the same file, and nothing is attached to it
meanwhile: no lock is held, and no block of the file is in memory. An instance can reach its file, the log and the
temporary files of that, and nothing else, whatever a statement says.
"""

from __future__ import annotations

import contextlib
import threading
from collections import OrderedDict
from pathlib import Path
from typing import Final

import duckdb

__all__ = ["Attached", "Config"]

Config = dict[str, str | bool | int | float | list[str]]
"""Settings of DuckDB."""

KEPT: Final = 4
"""How many instances are kept: those of the two units of a registry, and of another one beside it."""

_ENDINGS: Final = ("", ".wal", ".wal.checkpoint", ".wal.recovery")
"""What DuckDB adds to the name of a file for its log, and for the log of a checkpoint under way."""

_NAME: Final = "registry"
"""What an attached file is called in its instance."""

_idle: OrderedDict[tuple[str, str], duckdb.DuckDBPyConnection] = OrderedDict()
_lock: Final = threading.Lock()


class Attached:
    """A file that is attached to an instance of its own.

    Attributes:
        connection: A connection whose unqualified names are those of the file.
    """

    def __init__(self, path: Path, config: Config, *, write: bool) -> None:
        """Attach a file; one that does not exist is created for writing.

        Args:
            path: The file.
            config: Settings of DuckDB beside those of where it may read and write.
            write: Whether the file can be changed.

        Raises:
            duckdb.Error: The file cannot be opened, or is in use.
        """
        self.memory_limit = str(config["memory_limit"])
        self._folder = path.with_name(f"{path.name}.tmp")
        self._key = (str(path.absolute()), repr(sorted(config.items())))
        self._instance = _taken(self._key) or _started(path.absolute(), config)
        self.connection = self._instance.cursor()
        mode = "READ_WRITE" if write else "READ_ONLY"
        try:
            self.connection.execute(f"ATTACH {_quoted(path.absolute())} AS {_NAME} (TYPE duckdb, {mode})")
            self.connection.execute(f"USE {_NAME}")
        except BaseException:
            self._end()
            raise

    def close(self, *, settled: bool = True) -> None:
        """Detach the file; what is in its log is moved into it, if the disk has room.

        Args:
            settled: Whether all went well. Otherwise the instance ends too: after some errors it is of no more use.
        """
        try:
            self.connection.execute("USE memory")
            self.connection.execute(f"DETACH {_NAME}")
        except duckdb.Error:
            # The log stays beside the file, and the next session reads it.
            settled = False
        if not settled or self._folder.exists():
            self._end()
            return
        self.connection.close()
        _keep(self._key, self._instance)

    def leave_log(self) -> None:
        """Let `close` leave the log where it is, because the name of the file belongs to another one by then."""
        self.connection.execute("SET GLOBAL checkpoint_on_detach = 'DISABLED'")

    def _end(self) -> None:
        for connection in (self.connection, self._instance):
            with contextlib.suppress(duckdb.Error):
                connection.close()


def _taken(key: tuple[str, str]) -> duckdb.DuckDBPyConnection | None:
    """Take the instance that was kept for a file, so that nobody else uses it."""
    with _lock:
        instance = _idle.pop(key, None)
    if instance is not None:
        instance.execute("SET GLOBAL checkpoint_on_detach = 'DEFAULT'")
    return instance


def _keep(key: tuple[str, str], instance: duckdb.DuckDBPyConnection) -> None:
    with _lock:
        _idle[key] = instance
        ended = [_idle.popitem(last=False)[1] for _ in range(len(_idle) - KEPT)]
    for one in ended:
        one.close()


def _started(path: Path, config: Config) -> duckdb.DuckDBPyConnection:
    """Start an instance that can reach a file and nothing else."""
    reached = ", ".join(_quoted(f"{path}{ending}") for ending in _ENDINGS)
    instance = duckdb.connect(":memory:", config={**config, "temp_directory": f"{path}.tmp"})
    try:
        instance.execute(f"SET allowed_paths = [{reached}]")
        instance.execute(f"SET allowed_directories = [{_quoted(f'{path}.tmp')}]")
        # From here on no setting of access can be changed.
        instance.execute("SET enable_external_access = false")
    except BaseException:
        instance.close()
        raise
    return instance


def _quoted(path: Path | str) -> str:
    return "'" + str(path).replace("'", "''") + "'"
