"""The codes of a file between the two times that they are needed: when they are verified, and when they are stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pyarrow as pa

from linkage.reading.refusals import changed, refusing, same_codes
from pseudonym.wire import CodeGroup, code_group

__all__ = ["KEPT_BYTES", "CodesOfFile"]

KEPT_BYTES: Final = 72 << 20
"""How large the codes of a file may be to stay in memory: those of 8,192 records have 68 megabytes under
`case-registry` and 48 under `population`, which is more than a file of a month has."""

_OTHER_BYTES: Final = 33
"""Bytes of a code beside its content: handle, kind and match key."""

_State = tuple[int, int, int, int, int]
"""Device and inode of a file, its length, and when it was changed."""


class CodesOfFile:
    """The codes of a file that was verified, in memory, or of a large file what recognises them.

    What is in memory is stored only while the file is the same as before. Otherwise it is read again, so that a file
    that is exchanged or damaged meanwhile is refused whatever its length.
    """

    __slots__ = ("_fit", "_path", "_seen", "_state")

    def __init__(self, path: Path) -> None:
        """Begin before the file is opened.

        Args:
            path: The file.
        """
        self._path = path
        self._state = _state(path)
        self._fit = False
        self._seen: list[tuple[int, pa.Table | CodeGroup]] = []

    @property
    def nbytes(self) -> int:
        """Bytes of the codes that are in memory."""
        return sum(one.nbytes for _, one in self._seen if isinstance(one, pa.Table))

    def expect(self, n_codes: int, content_bytes: int) -> None:
        """Decide whether the codes stay in memory, before any are added.

        Args:
            n_codes: Their number.
            content_bytes: Length of a content.
        """
        self._fit = n_codes * (_OTHER_BYTES + content_bytes) <= KEPT_BYTES

    def add(self, index: int, codes: pa.Table) -> None:
        """Add the codes of a row group, in the order of the file.

        Args:
            index: Its place in the file.
            codes: Its codes, verified.
        """
        self._seen.append((index, codes if self._fit else code_group(index, codes)))

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
        tables = [one for _, one in self._seen if isinstance(one, pa.Table)]
        if self._fit and self._state is not None and self._state == _state(self._path):
            yield from tables
            return
        with refusing(self._path):
            if not same_header():
                raise changed(self._path)
        groups = [one if isinstance(one, CodeGroup) else code_group(index, one) for index, one in self._seen]
        yield from same_codes(self._path, schema, groups)


def _state(path: Path) -> _State | None:
    """Return what tells whether a file was exchanged or written to; None if it cannot be looked at."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
