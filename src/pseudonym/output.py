"""Files that commands and programs write: whole or not at all, for their owner only, and never over something else.

An output is written to a temporary file beside its target, `.NAME.XXXXXXXX.part` with eight hexadecimal digits, flushed
to disk and then renamed. Until it is renamed it is locked, so that the next run for the same target can tell what a
killed run left behind, which it removes, from what a running one needs.

A file that already exists is replaced only if it is of the kind that would be written there: a submission by a
submission, an export by an export with the same columns. Whatever else it is, it may exist only once.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import shutil
import stat
import sys
import threading
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, Self, TextIO

from pseudonym.errors import OutputError

if sys.platform != "win32":
    import fcntl

__all__ = [
    "Kind",
    "OutputError",
    "Outputs",
    "check_target",
    "private_files",
    "replacing",
    "same_file",
    "table_kind",
    "writing",
]

OWNER_ONLY: Final = 0o600

_OTHERS: Final = 0o077
"""The umask under which nobody but the owner may do anything."""

_ATTEMPTS: Final = 5
"""Temporary files to try; more than one only if another run takes a new one for a leftover at that very moment."""

_STREAMS: Final = re.compile(r"/dev/(stdin|stdout|stderr|fd/.*)|/proc/.*")
"""Names of what the process has open. Behind them may be a file, which must not be replaced by another."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of output.

    Attributes:
        name: What messages call it, such as `submission`.
        is_one: Returns whether an open file is of this kind, from as little of it as possible.
    """

    name: str
    is_one: Callable[[IO[bytes]], bool]


def table_kind(name: str, columns: Sequence[str]) -> Kind:
    """Return the kind of CSV files with exactly these columns.

    Args:
        name: See `Kind`.
        columns: The header; no name needs quotes.
    """
    header = ",".join(columns).encode()

    def is_one(file: IO[bytes]) -> bool:
        return file.readline(len(header) + 2).rstrip(b"\r\n") == header

    return Kind(name, is_one)


@contextmanager
def private_files() -> Iterator[None]:
    """Let only their owner use the files and folders created meanwhile, also those that other libraries create.

    The umask belongs to the whole process, so this holds for all its threads. Blocks may overlap in time: the first to
    begin sets the umask and the last to end restores it.
    """
    with _Umask.lock:
        if not _Umask.n_blocks:
            _Umask.before = os.umask(_OTHERS)
        _Umask.n_blocks += 1
    try:
        yield
    finally:
        with _Umask.lock:
            _Umask.n_blocks -= 1
            if not _Umask.n_blocks:
                os.umask(_Umask.before)


class _Umask:
    """How many blocks of `private_files` are open, and the umask from before the first of them."""

    lock: Final = threading.Lock()
    n_blocks = 0
    before = 0


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


@contextmanager
def writing(kind: Kind) -> Iterator[None]:
    """Turn an error of the system into one that says which output cannot be written, and why.

    Args:
        kind: The kind of the output.

    Raises:
        OutputError: `output.unwritable`.
    """
    try:
        yield
    except OSError as error:
        raise _unwritable(error, kind) from None


def check_target(path: str | Path, kind: Kind) -> Path:
    """Check that an output may be written to a path.

    Args:
        path: The path.
        kind: What would be written.

    Returns:
        The path with all symbolic links resolved.

    Raises:
        OutputError: `output.folder` or `output.device` if the path leads to one, `output.exists` if there is a file of
            another kind, or one that cannot be read.
    """
    target = Path(os.path.realpath(path))
    try:
        mode = os.stat(path).st_mode
    except OSError:
        # There is nothing yet. Creating the file will tell if there cannot be.
        return target
    if stat.S_ISDIR(mode):
        raise OutputError(
            "output.folder", f"The {kind.name} cannot be written: the path is a folder.", hint="Add the name of a file."
        )
    if not stat.S_ISREG(mode) or _STREAMS.fullmatch(os.path.abspath(path)):
        raise OutputError(
            "output.device",
            f"The {kind.name} cannot be written: the path is a pipe, a device or an open stream.",
            hint="Name a file; it is written beside its final place first and then renamed, which only files allow.",
        )
    if not _is_of_kind(target, kind):
        raise OutputError(
            "output.exists",
            f"Another file already exists at the path of the {kind.name}; only an older {kind.name} is replaced.",
            hint="Choose another path, or move that file away first.",
        )
    return target


def same_file(a: Path, b: Path) -> bool:
    """Return whether two paths lead to one file, or would once both are written.

    Links of both kinds are seen. Names in one folder that differ only in case or in the form of accents count as the
    same, because many file systems, among them those to which a file may be copied later, keep only one of them.
    """
    with suppress(OSError):
        if os.path.samefile(a, b):
            return True
    one, other = (Path(os.path.realpath(path)) for path in (a, b))
    if os.path.exists(one) or os.path.exists(other):
        # If the system took the names for one, both would exist.
        return False
    try:
        together = os.path.samefile(one.parent, other.parent)
    except OSError:
        together = one.parent == other.parent
    return together and _folded(one.name) == _folded(other.name)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _is_of_kind(path: Path, kind: Kind) -> bool:
    try:
        with path.open("rb") as file:
            return kind.is_one(file)
    except (OSError, ValueError):
        return False


def _unwritable(error: OSError, kind: Kind) -> OutputError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        why, hint = "the disk is full", "Make room on the disk, or write to another one."
    elif isinstance(error, PermissionError):
        why, hint = "you may not write there", "Check the rights of the folder, and that no program has the file open."
    elif isinstance(error, FileNotFoundError | NotADirectoryError):
        why, hint = "the folder does not exist", "Create the folder first."
    else:
        why, hint = "no space, no permission, or no such folder", "Check the folder and the disk."
    return OutputError("output.unwritable", f"The {kind.name} cannot be written: {why}.", hint=hint)


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
