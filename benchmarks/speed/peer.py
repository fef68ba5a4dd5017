"""A peer in a process of its own, which runs once each time it is asked."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

__all__ = ["Peer"]

ONE_THREAD: Final = {
    name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
}


class Peer:
    """A worker that answers each line with a line of JSON; use it as a context manager."""

    def __init__(
        self, python: Path, worker: Path, words: Sequence[str | Path] = (), *, settings: Mapping[str, str] = ONE_THREAD
    ) -> None:
        """Take the interpreter, the worker, its arguments, and variables for its environment."""
        # `-I`: nothing of this folder, and no variable of Python's, decides what that interpreter imports.
        self._command = [python, "-I", worker, *words]
        self._settings = settings

    def __enter__(self) -> Self:
        """Start the process."""
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **self._settings},
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the process."""
        self._process.communicate()

    def say(self, text: str) -> None:
        """Write a line to the worker."""
        assert self._process.stdin is not None
        self._process.stdin.write(text + "\n")
        self._process.stdin.flush()

    def run(self) -> dict[str, Any]:
        """Ask for one run.

        Returns:
            The answer, `cpu` and `wall` seconds among it.

        Raises:
            RuntimeError: The process has ended; what it had to say stands on the standard error.
        """
        self.say("run")
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("A peer gave no answer.")
        return dict(json.loads(line))
