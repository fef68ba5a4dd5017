"""clkhash in a separate environment, since it pins older releases of packages that we need."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from benchmarks.environment import about, environment
from benchmarks.speed.peer import Peer

__all__ = ["Clkhash", "about_clkhash", "clkhash_environment"]

WORKER: Final = Path(__file__).with_name("clkhash_worker.py")


def clkhash_environment(folder: Path) -> Path | None:
    """Make an environment with the newest clkhash that installs here, or find the one made before.

    Args:
        folder: Folder of the environment.

    Returns:
        Its interpreter, or None if clkhash cannot be installed.
    """
    return environment(folder, ("clkhash",))


def about_clkhash(python: Path) -> dict[str, Any]:
    """Return the release, the interpreter, and the settings that differ from the defaults."""
    return {**about(python, "clkhash"), "processes": 1, "checks_formats": False, "caches": "emptied"}


class Clkhash(Peer):
    """A process that encodes some rows with clkhash on request; use it as a context manager."""

    def __init__(self, python: Path, fields: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Take the interpreter and the rows."""
        super().__init__(python, WORKER)
        self._rows = [fields, *rows]

    def __enter__(self) -> Self:
        """Write the rows and start the process."""
        self._folder = tempfile.TemporaryDirectory()
        path = Path(self._folder.name) / "rows.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(self._rows)
        super().__enter__()
        self.say(str(path))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the process."""
        super().__exit__(kind, error, trace)
        self._folder.cleanup()
