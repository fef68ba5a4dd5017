"""Run commands in new processes, many per minute, and kill them at a given moment or give them a small disk.

A server process loads the libraries once and forks for every command. The moment of a kill is a number of seconds or
of *steps*: calls and returns of the functions that write, and the calls of the system that they make.

This module is also the program of the server: requests and answers are lines of JSON.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Final, Self

from tests.paths import ROOT

WRITERS: Final = tuple(
    str(ROOT / "src" / path)
    for path in (
        "linkage/store",
        "linkage/pipeline/creating.py",
        "linkage/pipeline/receiving.py",
        "linkage/intake/admit.py",
        "linkage/linkage_unit/",
        "linkage/statistics_unit/",
        "linkage/persons",
        "linkage/answers/export.py",
        "pseudonym/output/",
        "pseudonym/key_file/",
        "pseudonym/wire/writer.py",
        "pseudonym/wire/spool.py",
        "pseudonym/cli/encode.py",
        "pseudonym/identity/rejects.py",
    )
)
CALLS: Final = frozenset({"chmod", "close", "flock", "fsync", "link", "open", "rename", "replace", "unlink", "write"})


@dataclass(frozen=True)
class Done:
    """A command that has ended; status -9 if it was killed."""

    status: int
    out: str
    err: str
    seconds: float
    steps: int


class Server:
    """The server process; use it as a context manager.

    Attributes:
        disk: The folder of the small disk as the server sees it, or None.
        seen: The same folder as this process sees it.
    """

    def __init__(self, scratch: Path, *, disk: str | None = None) -> None:
        """Start it.

        Args:
            scratch: An existing folder for the output of the commands and for the place of the small disk.
            disk: Size of a small disk, as `mount` writes it, or None.
        """
        words = [sys.executable, "-W", "ignore", "-m", "tests.faults.forks", str(scratch), disk or ""]
        own = ["unshare", "--user", "--map-root-user", "--mount"] if disk else []
        paths = os.pathsep.join([str(ROOT), str(ROOT / "src"), os.environ.get("PYTHONPATH", "")])
        one = {name: "1" for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")}
        self._process = subprocess.Popen(
            own + words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | one | {"PYTHONPATH": paths},
        )
        ready = self._answer()
        self.disk = Path(ready["disk"]) if disk else None
        self.seen = Path(f"/proc/{ready['pid']}/root{self.disk}") if disk else None

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the server, and with it the small disk."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()

    def run(
        self,
        folder: Path,
        *words: object,
        steps: bool = False,
        after_steps: int | None = None,
        after_seconds: float | None = None,
    ) -> Done:
        """Run a command: `pseudonym` or `linkage`, then its arguments.

        Args:
            folder: The working directory.
            words: The command.
            steps: Whether to count its steps, which makes it slower.
            after_steps: Kill it at this step.
            after_seconds: Kill it after this time.

        Returns:
            How it ended.
        """
        request = {
            "folder": str(folder),
            "words": [str(word) for word in words],
            "steps": steps or after_steps is not None,
            "after_steps": after_steps,
            "after_seconds": after_seconds,
        }
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return Done(**self._answer())

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the server has ended"
        answer: dict[str, Any] = json.loads(line)
        return answer


def small_disks_are_to_be_had() -> bool:
    """Return whether this system lets a test mount a small disk that nobody else sees."""
    words = ["unshare", "--user", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"]
    try:
        return subprocess.run(words, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


# The server's side.


def serve(scratch: Path, disk: str) -> None:
    """Answer requests until there are none."""
    # Loaded once, for all commands.
    for name in ("linkage.answers", "linkage.linkage_unit.run", "pseudonym.cli"):
        importlib.import_module(name)

    if disk:
        place = scratch / "disk"
        place.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={disk}", "none", place], check=True)
    print(json.dumps({"pid": os.getpid(), "disk": str(scratch / "disk")}), flush=True)
    for line in sys.stdin:
        print(json.dumps(_execute(scratch, json.loads(line))), flush=True)


def _execute(scratch: Path, request: dict[str, Any]) -> dict[str, Any]:
    files = {name: scratch / name for name in ("out", "err", "steps")}
    for file in files.values():
        file.write_text("")
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        _become(request, files)
    if request["after_seconds"] is not None:
        time.sleep(request["after_seconds"])
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return {
        "status": status,
        "out": files["out"].read_text(),
        "err": files["err"].read_text(),
        "seconds": time.monotonic() - began,
        "steps": int(files["steps"].read_text() or 0),
    }


def _become(request: dict[str, Any], files: dict[str, Path]) -> None:
    """Run the command in this process, which then ends."""
    status = 70
    try:
        os.chdir(request["folder"])
        for name, number in (("out", 1), ("err", 2)):
            os.dup2(os.open(files[name], os.O_WRONLY), number)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        program, *arguments = request["words"]
        from linkage.cli import main as linkage
        from pseudonym.cli import main as pseudonym

        steps = Steps(request["after_steps"])
        if request["steps"]:
            sys.setprofile(steps)
        try:
            {"linkage": linkage, "pseudonym": pseudonym}[program](arguments)
        except SystemExit as ended:
            status = int(ended.code or 0)
        finally:
            sys.setprofile(None)
        files["steps"].write_text(str(steps.n))
        sys.stdout.flush()
    finally:
        os._exit(status)


class Steps:
    """A profile function that counts steps and kills the process at one of them."""

    def __init__(self, last: int | None) -> None:
        """Count from 0."""
        self.n = 0
        self._last = last
        self._known: dict[str, bool] = {}

    def __call__(self, frame: FrameType, event: str, argument: Any) -> None:
        """Count an event if it is a step."""
        if event.startswith("c_"):
            if event != "c_call" or getattr(argument, "__name__", "") not in CALLS:
                return
        else:
            name = frame.f_code.co_filename
            if name not in self._known:
                self._known[name] = name.startswith(WRITERS)
            if not self._known[name]:
                return
        self.n += 1
        if self.n == self._last:
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    serve(Path(sys.argv[1]), sys.argv[2])
