"""clkhash in an environment of its own, since it pins releases of packages that we need newer."""

from __future__ import annotations

import csv
import json
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from benchmarks.environment import about, environment

__all__ = ["Clkhash", "about_clkhash", "clkhash_environment"]

WORKER: Final = Path(__file__).with_name("clkhash_worker.py")


def clkhash_environment(folder: Path) -> Path | None:
    """Make an environment with the newest clkhash that installs here, or find the one made before.

    Args:
        folder: Where it stands.

    Returns:
        Its interpreter, or None where clkhash cannot be installed.
    """
    return environment(folder, ("clkhash",))


def about_clkhash(python: Path) -> dict[str, Any]:
    """Say what is measured: the release, the interpreter, and the settings that are not its default."""
    return {**about(python, "clkhash"), "processes": 1, "checks_formats": False, "caches": "emptied"}


class Clkhash:
    """A process that encodes some rows with clkhash each time it is asked; use it as a context manager."""

    def __init__(self, python: Path, fields: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Take the interpreter and the rows."""
        self._python = python
        self._fields = fields
        self._rows = rows

    def __enter__(self) -> Self:
        """Write the rows and start the process."""
        self._folder = tempfile.TemporaryDirectory()
        path = Path(self._folder.name) / "rows.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([self._fields, *self._rows])
        # `-I`: nothing of this folder, and no variable of ours, decides what that interpreter imports.
        self._process = subprocess.Popen(
            [self._python, "-I", WORKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._say(str(path))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the process."""
        self._process.communicate()
        self._folder.cleanup()

    def run(self) -> dict[str, Any]:
        """Encode the rows once.

        Returns:
            `cpu` and `wall` seconds, `records`, `version`.

        Raises:
            RuntimeError: The process has ended; what it had to say stands on the standard error.
        """
        self._say("run")
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("clkhash gave no answer.")
        return dict(json.loads(line))

    def _say(self, text: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(text + "\n")
        self._process.stdin.flush()
