"""Outputs that replace older ones: written as parts, flushed to disk, then renamed, alone or together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self, TextIO

from pseudonym.errors import OutputError, concerning
from pseudonym.output.kept import Kept
from pseudonym.output.parts import Part
from pseudonym.output.targets import Kind, check_target, same_file, writing

__all__ = ["Outputs", "replacing"]


class Outputs:
    """Output files that get their names together: all of them, or none.

    Use it as a context manager: `add` every file, write to the paths that it returns, then `commit`. Without `commit`
    nothing is left.
    """

    def __init__(self) -> None:
        self._parts: list[_Replacement] = []
        self._unsettled: list[_Replacement] = []

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Remove every temporary file, after an interrupted `commit` has been taken back."""
        self._take_back()
        for part in self._parts:
            part.close()
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
        with concerning(path):
            target = check_target(path, kind)
            if any(same_file(target, part.target) for part in self._parts):
                raise OutputError(
                    "output.same", "Two outputs have the same path.", hint="Choose a different path for each of them."
                )
            with writing(kind):
                self._parts.append(_Replacement(target, kind))
            return self._parts[-1].path

    @property
    def paths(self) -> tuple[Path, ...]:
        """The temporary files, in the order in which they were added."""
        return tuple(part.path for part in self._parts)

    def discard(self, path: Path) -> None:
        """Discard one output: remove its temporary file.

        Args:
            path: What `add` returned.
        """
        for part in [part for part in self._parts if part.path == path]:
            part.close()
            self._parts.remove(part)

    def commit(self) -> None:
        """Rename all files to their final names, in the order in which they were added.

        Raises:
            OutputError: As for `check_target`, of which every target is checked again first; `output.unwritable` if a
                file cannot be flushed to disk or renamed. All targets are then as they were before.
        """
        for part in self._parts:
            with concerning(part.target):
                check_target(part.target, part.kind)
        try:
            for part in self._parts:
                with writing(part.kind, part.target):
                    part.flush()
            if len(self._parts) > 1:
                self._unsettled = [*self._parts]
                for part in self._parts:
                    with writing(part.kind, part.target):
                        part.keep_old()
            for part in self._parts:
                with writing(part.kind, part.target):
                    part.replace()
        except BaseException:
            self._take_back()
            raise
        # From here on all have their names for good.
        self._unsettled = []
        for part in self._parts:
            part.close()
        self._parts = []

    def _take_back(self) -> None:
        for part in reversed(self._unsettled):
            part.undo()
        self._unsettled = []


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
        with writing(kind, path), part.open("w", encoding="utf-8", newline="") as file:
            yield file
        outputs.commit()


class _Replacement(Part):
    """The part of an output, which may replace an older file."""

    def __init__(self, target: Path, kind: Kind) -> None:
        """Create the part, as `Part` does, and remove unfinished outputs of this kind whatever their name.

        An export of every month has a new name every month, and what a killed one left behind must not stay.
        """
        super().__init__(target, like=kind.is_one)
        self.target = target
        self.kind = kind
        self._old: Kept | None = None
        self._may_undo = False

    def keep_old(self) -> None:
        """Keep the file at the target, if there is one, so that `undo` can put it back.

        Raises:
            OSError: It cannot be kept.
        """
        if self.target.exists():
            self._old = Kept(self.target)
            self._old.keep()
        self._may_undo = True

    def undo(self) -> None:
        """Put back what was at the target, if the part has been moved there since `keep_old`."""
        if self._may_undo and not self.path.exists():
            with suppress(OSError):
                if self._old is None:
                    self.target.unlink()
                else:
                    self._old.put_back()
        self._may_undo = False
        self._forget_old()

    def close(self) -> None:
        """Remove the part unless it has got its name, and the file that was kept."""
        super().close()
        self._forget_old()

    def _forget_old(self) -> None:
        if self._old is not None:
            self._old.forget()
        self._old = None
