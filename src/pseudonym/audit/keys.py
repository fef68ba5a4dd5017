"""Groups of records that share a match key, collected on disk if a submission has many match keys."""

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
from pseudonym.output import FULL, is_full
from pseudonym.wire import Spool, fixed_bytes, fixed_column

__all__ = ["Groups", "KeySpool", "folder_for", "no_room"]

KEY_BYTES: Final = 17
"""A match key and its kind."""

SCHEMA: Final = pa.schema([("key", pa.binary(KEY_BYTES)), ("record", pa.uint32())])


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """A part of the match keys that several codes share, with whole groups only.

    Attributes:
        kind: `(g,) uint8`, index of the match key in the profile, per group.
        group: `(r,) int64`, ascending: index of the group of each row.
        record: `(r,) uint32`, index of the record of each row; ascending and distinct within a group.
        twice: `(t,) uint32`, indices of records that have the same match key more than once; may repeat.
    """

    kind: NDArray[np.uint8]
    group: NDArray[np.int64]
    record: NDArray[np.uint32]
    twice: NDArray[np.uint32]


class KeySpool:
    """Match keys in, groups that share one out, as often as needed; memory does not grow with their number."""

    def __init__(self, folder: Path) -> None:
        """Prepare; `folder` is where the unnamed temporary file goes."""
        self._spool = Spool(folder, SCHEMA)

    def __enter__(self) -> Self:
        """Return itself."""
        self._spool.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        """Discard all match keys."""
        self._spool.__exit__(*error)

    def add(self, kind: NDArray[np.uint8], match_key: NDArray[np.uint8], record: NDArray[np.uint32]) -> None:
        """Add codes.

        Args:
            kind: `(n,) uint8`.
            match_key: `(n, 16) uint8`.
            record: `(n,) uint32`, index of the record.

        Raises:
            OutputError: `output.unwritable` if there is no room for them.
        """
        try:
            self._spool.add([fixed_column(np.column_stack([match_key, kind])), pa.array(record)])
        except OSError as error:
            raise no_room(error) from None

    def groups(self) -> Iterator[Groups]:
        """Yield the match keys that more than one code has, part by part.

        Yields:
            Parts; a match key in none of them is not shared.

        Raises:
            OutputError: `output.unwritable` if there is no room.
        """
        try:
            for batch in self._spool.sorted():
                key = np.ascontiguousarray(fixed_bytes(batch.column(0)))
                yield _groups(key, batch.column(1).to_numpy())
        except OSError as error:
            raise no_room(error) from None


def _groups(key: NDArray[np.uint8], record: NDArray[np.uint32]) -> Groups:
    """Number the groups of a sorted part, leaving out match keys that only one code has."""
    text = key.view(f"V{KEY_BYTES}").ravel()
    begins = np.concatenate([[True], text[1:] != text[:-1]])
    ends = np.concatenate([begins[1:], [True]])
    shared = ~(begins & ends)
    group = np.cumsum(begins[shared]) - 1
    kind = key[shared][begins[shared], -1]
    record = record[shared]
    order = np.lexsort((record, group))
    group, record = group[order], record[order]
    again = np.concatenate([[False], (group[1:] == group[:-1]) & (record[1:] == record[:-1])])[: len(record)]
    return Groups(kind=kind, group=group[~again], record=record[~again], twice=record[again])


def folder_for(path: Path) -> Path:
    """Return the folder for temporary files: that of the submission if it is writable."""
    return path.parent if os.access(path.parent, os.W_OK) else Path(tempfile.gettempdir())


def no_room(error: OSError) -> OutputError:
    """Return the error for a temporary file that cannot be written."""
    if is_full(error):
        return OutputError("output.unwritable", FULL, hint="Free some space beside the submission, and try again.")
    return OutputError("output.unwritable", "A temporary file beside the submission cannot be written.")
