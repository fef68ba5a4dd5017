"""Sort more rows than memory should hold: a temporary file of sorted runs, read back bin by bin.

The sort key is pseudo-random bytes, such as the handle of a record. Rows are held until they reach `RUN_BYTES`, then
sorted, cut into bins by the first bits of the key, and appended to the file as a run. To read back, each bin is
collected from all runs and sorted again. Memory thus holds one run while writing and one bin while reading.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO, Final, Self

import numpy as np
import pyarrow as pa

from pseudonym.wire.order import code_order
from pseudonym.wire.schema import fixed_bytes

__all__ = ["N_BINS", "RUN_BYTES", "Spool"]

RUN_BYTES: Final = 32 << 20
"""Bytes held before a run is written, about ten thousand records; smaller inputs never touch the disk."""

N_BINS: Final = 512
"""Bins per run, by the first nine bits of the key: with ten million records a bin holds twenty thousand."""

_BIN_SHIFT: Final = 16 - (N_BINS - 1).bit_length()


class Spool:
    """Rows in, the same rows out in ascending order of their first column.

    Use it as a context manager: `add` rows, then iterate over `sorted` as often as needed. Only the owner may read the
    file. It has no name where the system allows that; elsewhere it is removed when it is closed or the process ends.
    """

    def __init__(self, folder: Path, schema: pa.Schema, *, run_bytes: int = RUN_BYTES) -> None:
        """Prepare; the file is created with the first run.

        Args:
            folder: Where the file goes, usually on the disk that receives the result.
            schema: The columns, the first a fixed-size binary key of at least two bytes.
            run_bytes: Bytes to hold at most.
        """
        self._folder = folder
        self._schema = schema
        self._run_bytes = run_bytes
        self._file: IO[bytes] | None = None
        self._until_exit = ExitStack()
        self._held: list[pa.RecordBatch] = []
        self._held_bytes = 0
        self._runs: list[list[tuple[int, int]]] = []
        self._end = 0
        self.largest_part = 0

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *error: object) -> None:
        """Discard all rows."""
        self._held = []
        # A failed write has already reported a full disk; closing tries that write again.
        with suppress(OSError):
            self._until_exit.close()

    def add(self, columns: list[pa.Array]) -> None:
        """Add rows.

        Args:
            columns: The columns of the schema.

        Raises:
            OSError: When the file cannot be written.
        """
        batch = pa.RecordBatch.from_arrays(columns, schema=self._schema)
        self._held.append(batch)
        self._held_bytes += batch.nbytes
        if self._held_bytes >= self._run_bytes:
            self._write_run()

    def sorted(self) -> Iterator[pa.RecordBatch]:
        """Return the rows in ascending order of the key, equal keys in the order in which they came.

        Yields:
            Batches of varying length, none empty; a single batch if no run was written. Rows with equal keys are in the
            same batch.

        Raises:
            OSError: When the file cannot be written or read.
        """
        if not self._runs:
            parts = iter([self._held])
        else:
            self._write_run()
            parts = (self._read_bin(number) for number in range(N_BINS))
        for part in parts:
            if part:
                self.largest_part = max(self.largest_part, sum(batch.nbytes for batch in part))
                yield _in_order(part)

    def _write_run(self) -> None:
        if not self._held:
            return
        if self._file is None:
            # Mode 0600, and no name where the system can do without one.
            with ExitStack() as stack:
                self._file = stack.enter_context(tempfile.TemporaryFile(dir=self._folder))
                self._until_exit = stack.pop_all()
        run = _in_order(self._held)
        self._held, self._held_bytes = [], 0
        key = fixed_bytes(run.column(0))
        bins = (key[:, 0].astype(np.uint16) << 8 | key[:, 1]) >> _BIN_SHIFT
        ends = np.searchsorted(bins, np.arange(N_BINS), side="right").tolist()
        spans = []
        for first, last in zip([0, *ends], ends, strict=False):
            data = run.slice(first, last - first).serialize() if last > first else b""
            self._file.write(data)
            spans.append((self._end, len(data)))
            self._end += len(data)
        self._file.flush()
        self._runs.append(spans)

    def _read_bin(self, number: int) -> list[pa.RecordBatch]:
        assert self._file is not None, "runs are written to a file"
        batches = []
        for spans in self._runs:
            start, length = spans[number]
            if length:
                self._file.seek(start)
                batches.append(pa.ipc.read_record_batch(pa.py_buffer(self._file.read(length)), self._schema))
        return batches


def _in_order(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    """Join batches and sort their rows by the first column."""
    joined = pa.Table.from_batches(batches).combine_chunks().to_batches()[0]
    return joined.take(pa.array(code_order(fixed_bytes(joined.column(0)))))
