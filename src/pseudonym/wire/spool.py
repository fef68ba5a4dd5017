"""Sort more rows than memory should hold: a temporary file of sorted runs, read back bin by bin.

The sort key is pseudo-random bytes, such as the handle of a record. Rows are held until they reach `RUN_BYTES`, then
sorted, cut into bins by the first bits of the key, and appended to the file as a run. To read back, each bin is
collected from all runs and sorted again. Memory thus holds one run while writing and one bin while reading. The first
runs have fewer and larger bins, so that an input of ordinary size is not cut into thousands of pieces.
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

LARGE_BINS: Final = 32
"""Bins of each of the first runs: small ones take longer to write and to read than to sort."""

RUNS_IN_LARGE_BINS: Final = 16
"""How many runs those are. A large bin of all of them is half as long as a run."""

_BIN_SHIFT: Final = 16 - (N_BINS - 1).bit_length()

_PER_LARGE_BIN: Final = N_BINS // LARGE_BINS


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
            if self._held:
                self.largest_part = sum(batch.nbytes for batch in self._held)
                yield _in_order(self._held)
            return
        self._write_run()
        for number in range(LARGE_BINS):
            yield from map(_in_order, filter(None, self._parts(number)))

    def _parts(self, number: int) -> Iterator[list[pa.RecordBatch]]:
        """Yield what to sort at once: a large bin, or each small bin of it if there are runs in small bins."""
        large, n_large = self._read([spans[number] for spans in self._runs[:RUNS_IN_LARGE_BINS]])
        self.largest_part = max(self.largest_part, n_large)
        small = self._runs[RUNS_IN_LARGE_BINS:]
        if not small:
            yield large
            return
        first = number * _PER_LARGE_BIN
        cut = [_cut(batch, first, _PER_LARGE_BIN) for batch in large]
        for index in range(_PER_LARGE_BIN):
            read, n_small = self._read([spans[first + index] for spans in small])
            self.largest_part = max(self.largest_part, n_large + n_small)
            yield [parts[index] for parts in cut if parts[index].num_rows] + read

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
        is_large = len(self._runs) < RUNS_IN_LARGE_BINS
        spans = []
        for part in _cut(run, 0, LARGE_BINS if is_large else N_BINS, width=_PER_LARGE_BIN if is_large else 1):
            data = part.serialize() if part.num_rows else b""
            self._file.write(data)
            spans.append((self._end, len(data)))
            self._end += len(data)
        self._file.flush()
        self._runs.append(spans)

    def _read(self, spans: list[tuple[int, int]]) -> tuple[list[pa.RecordBatch], int]:
        """Return the rows of a bin of some runs, and their length in the file."""
        assert self._file is not None, "runs are written to a file"
        batches = []
        for start, length in spans:
            if length:
                self._file.seek(start)
                batches.append(pa.ipc.read_record_batch(pa.py_buffer(self._file.read(length)), self._schema))
        return batches, sum(length for _, length in spans)


def _cut(batch: pa.RecordBatch, first: int, n_bins: int, *, width: int = 1) -> list[pa.RecordBatch]:
    """Cut sorted rows into bins of some small bins each; `first` is the lowest small bin that they are in."""
    key = fixed_bytes(batch.column(0))
    bins = (key[:, 0].astype(np.uint16) << 8 | key[:, 1]) >> _BIN_SHIFT
    ends = np.searchsorted(bins, first + width * np.arange(1, n_bins + 1)).tolist()
    return [batch.slice(start, end - start) for start, end in zip([0, *ends], ends, strict=False)]


def _in_order(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    """Join batches and sort their rows by the first column."""
    joined = pa.Table.from_batches(batches).combine_chunks().to_batches()[0]
    return joined.take(pa.array(code_order(fixed_bytes(joined.column(0)))))
