"""The match keys of a submission, brought together on disk where they are many, and the groups that share one."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pseudonym.errors import OutputError
from pseudonym.wire import Spool, fixed_bytes, fixed_column

__all__ = ["Groups", "KeySpool", "folder_for", "no_room"]

KEY_BYTES: Final = 17
"""A match key and its kind."""

SCHEMA: Final = pa.schema([("key", pa.binary(KEY_BYTES)), ("place", pa.uint32())])


@dataclass(frozen=True, slots=True)
class Groups:
    """Some of the match keys that several codes have, whole groups only.

    Attributes:
        kind: `(g,) uint8`, the number of the kind of each group.
        group: `(r,) int64`, ascending: of each row the group.
        place: `(r,) uint32`: of each row the record; ascending within a group, and each once.
        twice: `(t,) uint32`: records that have one match key more than once, each maybe several times.
    """

    kind: NDArray[np.uint8]
    group: NDArray[np.int64]
    place: NDArray[np.uint32]
    twice: NDArray[np.uint32]


class KeySpool:
    """Match keys in, groups that share one out, as often as needed; memory does not grow with them."""

    def __init__(self, folder: Path) -> None:
        """Prepare; `folder` is where a temporary file without a name may stand."""
        self._spool = Spool(folder, SCHEMA)

    def __enter__(self) -> Self:
        """Return itself."""
        self._spool.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        """Forget all keys."""
        self._spool.__exit__(*error)

    def add(self, kind: NDArray[np.uint8], match_key: NDArray[np.uint8], place: NDArray[np.uint32]) -> None:
        """Take codes.

        Args:
            kind: `(n,) uint8`.
            match_key: `(n, 16) uint8`.
            place: `(n,) uint32`, the number of the record.

        Raises:
            OutputError: `output.unwritable` when there is no room for them.
        """
        try:
            self._spool.add([fixed_column(np.column_stack([match_key, kind])), pa.array(place)])
        except OSError:
            raise no_room() from None

    def groups(self) -> Iterator[Groups]:
        """Return the match keys that more than one code has, part by part.

        Yields:
            Parts; what stands in none of them is shared by nobody.

        Raises:
            OutputError: `output.unwritable` when there is no room.
        """
        try:
            for batch in self._spool.sorted():
                key = np.ascontiguousarray(fixed_bytes(batch.column(0)))
                yield _groups(key, batch.column(1).to_numpy())
        except OSError:
            raise no_room() from None


def _groups(key: NDArray[np.uint8], place: NDArray[np.uint32]) -> Groups:
    """Number the groups of a sorted part, and leave out the codes that are alone."""
    text = key.view(f"V{KEY_BYTES}").ravel()
    begins = np.concatenate([[True], text[1:] != text[:-1]])
    ends = np.concatenate([begins[1:], [True]])
    shared = ~(begins & ends)
    group = np.cumsum(begins[shared]) - 1
    kind = key[shared][begins[shared], -1]
    place = place[shared]
    order = np.lexsort((place, group))
    group, place = group[order], place[order]
    again = np.concatenate([[False], (group[1:] == group[:-1]) & (place[1:] == place[:-1])])[: len(place)]
    return Groups(kind=kind, group=group[~again], place=place[~again], twice=place[again])


def folder_for(path: Path) -> Path:
    """Return where temporary files go: beside the file if that is writable, as they hold no more than it does."""
    return path.parent if os.access(path.parent, os.W_OK) else Path(tempfile.gettempdir())


def no_room() -> OutputError:
    """Return the error of a temporary file that cannot be written, to be raised."""
    return OutputError("output.unwritable", "There is no room for a temporary file beside the submission.")
