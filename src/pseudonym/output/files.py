"""Temporary files that become outputs: written beside their targets, locked, flushed to disk, then renamed."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final, Self, TextIO

from pseudonym.errors import OutputError
from pseudonym.output.targets import Kind, check_target, same_file, writing

if sys.platform != "win32":
    import fcntl

__all__ = ["Outputs", "replacing"]

OWNER_ONLY: Final = 0o600

_ATTEMPTS: Final = 5
"""Temporary files to try; more than one only if another run takes a new one for a leftover at that very moment."""


class Outputs:
    """Output files that get their names together: all of them, or none.

    Use it as a context manager: `add` every file, write to the paths that it returns, then `commit`. Without `commit`
    nothing is left.
    """

    def __init__(self) -> None:
        self._parts: list[_Part] = []

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Remove every temporary file that has not been renamed."""
        for part in self._parts:
            part.remove()
        self._parts = []

    def add(self, path: str | Path, kind: Kind) -> Path:
        """Create the temporary file of an output.

        Args:
            path: The target. A symbolic link is followed: the file that it leads to is replaced, the link stays.
            kind: Its kind.

        Returns:
            The temporary file, empty, in the folder of the target.

        Raises:
            OutputError: As for `check_target`; `output.same` if another output of this group has the same target;
                `output.unwritable` if no file can be created there.
        """
        target = check_target(path, kind)
        if any(same_file(target, part.target) for part in self._parts):
            raise OutputError(
                "output.same", "Two outputs have the same path.", hint="Choose a different path for each of them."
            )
        with writing(kind):
            _remove_leftovers(target)
            self._parts.append(_Part.create(target, kind))
        return self._parts[-1].path

    def discard(self, path: Path) -> None:
        """Give up one output: remove its temporary file.

        Args:
            path: What `add` returned.
        """
        for part in [part for part in self._parts if part.path == path]:
            part.remove()
            self._parts.remove(part)

    def commit(self) -> None:
        """Give all files their names, in the order in which they were added.

        Raises:
            OutputError: As for `check_target`, of which every target is checked again first; `output.unwritable` if a
                file cannot be flushed to disk or renamed. All targets are then as they were before.
        """
        for part in self._parts:
            check_target(part.target, part.kind)
        done: list[_Part] = []
        try:
            for part in self._parts:
                with writing(part.kind):
                    part.flush()
            for part in self._parts:
                with writing(part.kind):
                    part.rename(keep_old=len(self._parts) > 1)
                done.append(part)
        except BaseException:
            for part in reversed(done):
                part.undo()
            raise
        for part in self._parts:
            part.forget_old()
        self._parts = []


@contextmanager
def replacing(path: str | Path, kind: Kind) -> Iterator[TextIO]:
    """Write one text file that appears under its name once the block has ended without an error.

    Args:
        path: As for `Outputs.add`.
        kind: Its kind.

    Yields:
        The file, for text in UTF-8; line ends are written unchanged.

    Raises:
        OutputError: As for `Outputs.add` and `Outputs.commit`.
    """
    with Outputs() as outputs:
        part = outputs.add(path, kind)
        with writing(kind), part.open("w", encoding="utf-8", newline="") as file:
            yield file
        outputs.commit()


class _Part:
    """The temporary file of one output."""

    def __init__(self, target: Path, kind: Kind, path: Path, lock: IO[bytes] | None) -> None:
        self.target = target
        self.kind = kind
        self.path = path
        self._lock = lock
        self._old: Path | None = None

    @classmethod
    def create(cls, target: Path, kind: Kind) -> _Part:
        """Create and lock a new file.

        Raises:
            OSError: It cannot be created.
        """
        for _ in range(_ATTEMPTS):
            path = _temporary_name(target)
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
            if sys.platform == "win32":
                # Windows does not let anyone remove or rename an open file, so being open is lock enough, and
                # whoever writes the output opens the file himself.
                os.close(handle)
                return cls(target, kind, path, None)
            # An unusual umask could take rights away from the owner.
            os.fchmod(handle, OWNER_ONLY)
            lock = os.fdopen(handle, "r+b")
            if _take(lock) and path.exists():
                return cls(target, kind, path, lock)
            lock.close()
        raise FileExistsError

    def flush(self) -> None:
        """Write what the system still holds of the file to the disk."""
        with self.path.open("r+b") as file:
            os.fsync(file.fileno())

    def rename(self, *, keep_old: bool) -> None:
        """Move the file to its target; with `keep_old`, keep the file that it replaces until `forget_old` or `undo`."""
        if keep_old and self.target.exists():
            old = _temporary_name(self.target)
            try:
                os.link(self.target, old)
            except OSError:
                # Not every file system has hard links.
                shutil.copy2(self.target, old)
            self._old = old
        try:
            self._release()
            os.replace(self.path, self.target)
        except OSError:
            self.forget_old()
            raise

    def undo(self) -> None:
        """Put back what was at the target before `rename`."""
        with suppress(OSError):
            if self._old is None:
                self.target.unlink()
            else:
                os.replace(self._old, self.target)

    def forget_old(self) -> None:
        """Remove the file that was kept by `rename`."""
        if self._old is not None:
            with suppress(OSError):
                self._old.unlink(missing_ok=True)

    def remove(self) -> None:
        """Remove the temporary file."""
        with suppress(OSError):
            self.path.unlink(missing_ok=True)
        self._release()

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.close()


def _temporary_name(target: Path) -> Path:
    return target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")


def _remove_leftovers(target: Path) -> None:
    """Remove temporary files of this target that killed runs left behind, but not those of a running process."""
    name = re.compile(rf"\.{re.escape(target.name)}\.[0-9a-f]{{8}}\.part")
    with os.scandir(target.parent) as entries:
        found = [Path(entry) for entry in entries if name.fullmatch(entry.name)]
    for path in found:
        # One that is locked, or that the system refuses to open or remove, is in use.
        with suppress(OSError):
            if sys.platform == "win32":
                path.unlink()
                continue
            with path.open("r+b") as file:
                if _take(file):
                    path.unlink()


def _take(file: IO[bytes]) -> bool:
    """Lock an open file until it is closed, which the end of the process does too; return whether it was free."""
    if sys.platform == "win32":
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        pass  # A network disk without locks cannot keep two runs for one output apart.
    return True
