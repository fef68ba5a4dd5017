"""Files that appear under a new name only once they are complete, and the locks that tell leftovers from work.

A file is written as a *part*: a hidden file in the same folder, `.NAME.xxxxxxxx.part`, which only its owner may read. A
process that is killed leaves its part behind; the next one that writes to the same target, or a file of the same kind
in that folder, removes it. The parts of running processes are locked, so two of them never disturb each other.
"""

from __future__ import annotations

import io
import os
import re
import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Final, Self

from pseudonym.output.full import is_full

if sys.platform != "win32":
    import fcntl

__all__ = ["Part", "claim", "create", "give_name", "holds", "new_name", "parts_of", "remove_parts"]


_OWNER_ONLY: Final = 0o600


class Part:
    """A part of a file, locked by this process until it is published or closed.

    Use it as a context manager: write to `path`, then call `publish`. Without `publish` nothing is left of it.

    Attributes:
        path: The part.
    """

    def __init__(self, target: Path, *, like: Callable[[IO[bytes]], bool] | None = None) -> None:
        """Create an empty part, and remove those that killed processes left behind.

        Args:
            target: The file to be written.
            like: See `remove_parts`.

        Raises:
            OSError: The folder cannot be written to.
        """
        self._target = target
        remove_parts(target, like=like)
        self.path, self._claim = create(target)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *error: object) -> None:
        """Remove the part unless it was published."""
        self.close()

    def publish(self) -> None:
        """Rename the part to its final name, after everything has reached the disk.

        Raises:
            FileExistsError: There is a file with that name; it is never replaced.
            OSError: The part cannot be written or renamed.
        """
        self.flush()
        give_name(self.path, self._target)
        self.close()

    def replace(self) -> None:
        """Rename the part to its final name, also over an older file; call `flush` before.

        Raises:
            OSError: The part cannot be renamed; the older file is as it was.
        """
        os.replace(self.path, self._target)
        self._claim.close()

    def flush(self) -> None:
        """Write what the system still holds of the part to the disk.

        Raises:
            OSError: The disk is full or fails.
        """
        with self.path.open("r+b") as file:
            os.fsync(file.fileno())

    def close(self) -> None:
        """Remove the part unless it has got its name, and unlock it."""
        with suppress(OSError):
            self.path.unlink(missing_ok=True)
        self._claim.close()


def parts_of(target: Path, *, ending: str = "part", any_name: bool = False) -> Iterator[Path]:
    """Yield the parts in the folder of a file, whether of running processes or of killed ones.

    Args:
        target: The file.
        ending: The last word of their names.
        any_name: Whether to yield parts of other files in this folder too.

    Yields:
        Their paths.

    Raises:
        OSError: The folder cannot be read.
    """
    name = ".+" if any_name else re.escape(target.name)
    form = re.compile(rf"\.{name}\.[0-9a-f]{{8}}\.{ending}")
    with os.scandir(target.parent) as entries:
        found = list(entries)
    for entry in found:
        if form.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
            yield target.with_name(entry.name)


def remove_parts(target: Path, *, like: Callable[[IO[bytes]], bool] | None = None) -> None:
    """Remove the parts that killed processes left behind, but not those of running ones.

    Args:
        target: As for `parts_of`.
        like: Returns whether an open file is of the kind of `target`; parts of other names for which it does go too,
            unless the disk has no locks that would tell whether they are in use.

    Raises:
        OSError: The folder cannot be read.
    """
    own = set(parts_of(target))
    for part in own if like is None else parts_of(target, any_name=True):
        # A part that is locked, or that the system refuses to remove, is in use.
        with suppress(OSError), claim(part, without_locks=part in own):
            if part in own or (like is not None and _is_like(part, like)):
                part.unlink(missing_ok=True)


def claim(part: Path, *, wait: bool = False, without_locks: bool = True) -> IO[bytes]:
    """Lock a part for as long as the returned file is open; the end of the process unlocks it too.

    Args:
        part: The part.
        wait: Whether to wait until another process has unlocked it.
        without_locks: Whether to open it without a lock where the disk has none, as some network disks.

    Raises:
        OSError: Another process has locked it, it is gone, or it cannot be locked.
    """
    if sys.platform == "win32":
        # Windows does not let anyone remove an open file.
        return io.BytesIO()
    file = part.open("r+b")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError as error:
        # A disk without locks cannot keep two processes apart.
        if isinstance(error, BlockingIOError) or not without_locks:
            file.close()
            raise
    return file


def give_name(part: Path, target: Path) -> None:
    """Rename a finished part to its final name, without replacing a file that has it.

    Raises:
        FileExistsError: There is a file with that name.
        OSError: The name cannot be given.
    """
    if os.name == "nt":
        os.rename(part, target)
        return
    try:
        os.link(part, target)
    except FileExistsError:
        raise
    except OSError as error:
        if is_full(error):
            raise
        # Some file systems have no hard links. Reserve the name first, then move the file over it.
        os.close(os.open(target, os.O_CREAT | os.O_EXCL, _OWNER_ONLY))
        try:
            os.replace(part, target)
        except BaseException:
            # An empty file would block the next attempt. Once the part is gone, the target is the part.
            if part.exists():
                target.unlink(missing_ok=True)
            raise
    else:
        part.unlink(missing_ok=True)


def new_name(target: Path) -> Path:
    """Return a name for a part of a file that no other part has."""
    return target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")


def _is_like(part: Path, like: Callable[[IO[bytes]], bool]) -> bool:
    with part.open("rb") as file:
        return like(file)


def create(target: Path) -> tuple[Path, IO[bytes]]:
    """Create an empty part, for its owner only, and lock it.

    Returns:
        The part, and the file that keeps it locked.

    Raises:
        OSError: The folder cannot be written to.
    """
    while True:
        part = new_name(target)
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
        try:
            try:
                if sys.platform != "win32":
                    # An unusual umask could take rights away from the owner.
                    os.fchmod(handle, _OWNER_ONLY)
            finally:
                os.close(handle)
            locked = claim(part)
            if holds(locked, part):
                return part, locked
            locked.close()
        except (FileNotFoundError, BlockingIOError):
            # Between creation and lock, another process took it for one that was left behind.
            part.unlink(missing_ok=True)
        except BaseException:
            part.unlink(missing_ok=True)
            raise


def holds(claimed: IO[bytes], path: Path) -> bool:
    """Return whether a claimed file is the one that has this name now."""
    if sys.platform == "win32":
        return path.exists()
    try:
        return os.path.samestat(os.fstat(claimed.fileno()), path.stat())
    except FileNotFoundError:
        return False
