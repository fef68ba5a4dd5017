"""The older file at a target, kept until its successor and all outputs beside it have their names."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import IO

from pseudonym.output.parts import claim, create, holds, new_name

__all__ = ["Kept"]


class Kept:
    """The file at a target under a second name, which is that of a part: the same file, or a copy of it.

    Like any part it is locked, so that no other process takes it for what a killed one left behind.
    """

    def __init__(self, target: Path) -> None:
        """Do nothing yet, so that whoever has this can tidy up after whatever stops `keep`.

        Args:
            target: The file.
        """
        self._target = target
        self._path = new_name(target)
        self._claim: IO[bytes] | None = None

    def keep(self) -> None:
        """Add a second name to the file.

        Raises:
            OSError: The disk is full, the file cannot be read, or the folder cannot be written to.
        """
        try:
            self._link()
        except OSError:
            # Not every file system has hard links, and not every file may be locked.
            self.forget()
            self._copy()

    def put_back(self) -> None:
        """Restore the name of the file, in place of what has it now.

        Raises:
            OSError: It cannot be renamed.
        """
        os.replace(self._path, self._target)
        self._unlock()

    def forget(self) -> None:
        """Remove the second name."""
        with suppress(OSError):
            self._path.unlink(missing_ok=True)
        self._unlock()

    def _link(self) -> None:
        # Locked before it has the name by which it could be taken for a leftover.
        self._claim = claim(self._target)
        os.link(self._target, self._path)
        if not holds(self._claim, self._path):
            raise FileNotFoundError

    def _copy(self) -> None:
        self._path, self._claim = create(self._target)
        shutil.copyfile(self._target, self._path)
        with self._path.open("r+b") as file:
            os.fsync(file.fileno())
        # Last, since what others may read is whole then, and no more than they could read before.
        shutil.copystat(self._target, self._path)

    def _unlock(self) -> None:
        if self._claim is not None:
            self._claim.close()
