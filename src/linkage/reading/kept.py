"""The codes of a file between the two times that they are needed: when they are verified, and when they are stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pyarrow as pa

from linkage.reading.refusals import changed, refusing, same_codes
from pseudonym.wire import CodeGroup, code_group

__all__ = ["KEPT_BYTES", "CodesOfFile"]

KEPT_BYTES: Final = 48 << 20
"""How much of a file stays in memory: a row group of any profile that ships, so all of nearly every file of a month."""

_State = tuple[int, int, int, int, int]
"""Device and inode of a file, its length, and when it was changed."""


class CodesOfFile:
    """The codes of a file that was verified: the first parts in memory, of the others what recognises them.

    What is in memory is stored only while the file is the same as before. Otherwise all of it is read again, so that a
    file that is exchanged or damaged meanwhile is refused whatever its length.
    """

    __slots__ = ("_path", "_room", "_seen", "_state")

    def __init__(self, path: Path) -> None:
        """Begin before the file is opened.

        Args:
            path: The file.
        """
        self._path = path
        self._state = _state(path)
        self._room = KEPT_BYTES
        self._seen: list[tuple[int, pa.Table | CodeGroup]] = []

    @property
    def nbytes(self) -> int:
        """Bytes of the codes that are in memory."""
        return sum(one.nbytes for _, one in self._seen if isinstance(one, pa.Table))

    def add(self, index: int, codes: pa.Table) -> None:
        """Add the codes of a row group, in the order of the file.

        Args:
            index: Its place in the file.
            codes: Its codes, verified.
        """
        self._room -= codes.nbytes
        self._seen.append((index, codes if self._room >= 0 else code_group(index, codes)))

    def again(self, schema: pa.Schema, *, same_header: Callable[[], bool]) -> Iterator[pa.Table]:
        """Return the codes of each row group as they were verified.

        Args:
            schema: The columns of the file.
            same_header: Reads its header again and compares it with the first.

        Yields:
            `record`, `kind`, `match_key`, `content`.

        Raises:
            RefusedError: `submission.changed` if the file has changed, or the rule of `pseudonym.wire` if it is damaged
                by now.
        """
        seen = self._seen
        if self._state is not None and self._state == _state(self._path):
            while seen and isinstance(seen[0][1], pa.Table):
                yield seen[0][1]
                seen = seen[1:]
            if not seen:
                return
        with refusing(self._path):
            if not same_header():
                raise changed(self._path)
        groups = [one if isinstance(one, CodeGroup) else code_group(index, one) for index, one in seen]
        yield from same_codes(self._path, schema, groups)


def _state(path: Path) -> _State | None:
    """Return what tells whether a file was exchanged or written to; None if it cannot be looked at."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
