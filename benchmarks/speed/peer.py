"""A peer in a separate process, which does one run per request."""

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
        # `-I`: neither this folder nor environment variables affect what the interpreter imports.
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
        """Request one run.

        Returns:
            The answer, with `cpu` and `wall` seconds.

        Raises:
            RuntimeError: The process has ended; its standard error says why.
        """
        self.say("run")
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("A peer did not answer.")
        return dict(json.loads(line))

    def seconds(self) -> tuple[float, float]:
        """Request one run and return its processor and clock seconds."""
        answer = self.run()
        return float(answer["cpu"]), float(answer["wall"])
