"""Write a submission file (docs/spec.md, section 8)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from pseudonym.output import Outputs, writing
from pseudonym.wire.container import parquet_kind
from pseudonym.wire.digests import content_digest
from pseudonym.wire.groups import DIGEST, group_schema, make_group
from pseudonym.wire.header import HEADER_KEY, Header, as_metadata
from pseudonym.wire.order import code_order, take_rows
from pseudonym.wire.schema import (
    CASE,
    CODE,
    GROUP_RECORDS,
    REPEATED,
    case_columns,
    code_columns,
    fixed_bytes,
    fixed_column,
    submission_schema,
)
from pseudonym.wire.spool import RUN_BYTES, Spool

__all__ = ["SUBMISSION", "SubmissionWriter"]


class SubmissionWriter:
    """Write records to a file that appears under its name only once it is complete.

    Use it as a context manager: `add` groups, then `finish`. Without `finish` no file is written. Records are sorted by
    their handles before they are written: case files are often sorted by name or date, and row groups in that order
    would tell the registry roughly where in the alphabet a record is. Until `finish` the records are in temporary files
    beside the output, so memory does not grow with their number.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        content_bytes: int,
        items: tuple[str, ...],
        run_bytes: int = RUN_BYTES,
        outputs: Outputs | None = None,
        beside: bool = False,
    ) -> None:
        """Open a new file beside `path`, and remove any that a killed run left behind.

        Args:
            path: The file; only an older submission is replaced.
            content_bytes: Length of a content under the profile.
            items: The item names of the codebook, in byte order.
            run_bytes: See `Spool`.
            outputs: The group of outputs to which the file belongs. It then gets its name when its group is committed,
                not in `finish`.
            beside: Whether to compress and write in a thread of its own, while the next records are sorted. That takes
                the memory of another row group.

        Raises:
            OutputError: As for `pseudonym.output.Outputs.add`.
        """
        self._path = path
        self._schema = submission_schema(content_bytes, items)
        self._items = items
        self._n_codes = 0
        self._nulls: dict[pa.DataType, pa.Array] = {}
        # Kind, match key and content.
        self._widths = (1, *(self._schema.field(name).type.byte_width for name in ("match_key", "content")))
        self._outputs = Outputs() if outputs is None else outputs
        self._in_group = outputs is not None
        self._finished = False
        self._thread = ThreadPoolExecutor(1) if beside else None
        self._last: Future[None] | None = None
        self._part = self._outputs.add(path, SUBMISSION)
        folder = self._part.parent
        waiting = group_schema(items)
        self._records, self._digests = (
            Spool(folder, pa.schema(part), run_bytes=run_bytes) for part in (list(waiting)[:-1], list(waiting)[-1:])
        )
        try:
            with writing(SUBMISSION, self._path):
                # A record has a hundred codes, each with its handle. Of match keys and contents nearly all differ, so a
                # dictionary would save nothing.
                self._parquet = pq.ParquetWriter(
                    self._part,
                    self._schema,
                    compression="zstd",
                    use_dictionary=list(REPEATED),
                    write_statistics=False,
                    write_page_checksum=True,
                    store_schema=False,
                )
        except BaseException:
            self._outputs.discard(self._part)
            raise

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the files, and remove the output unless it is finished."""
        if self._thread is not None:
            self._thread.shutdown(cancel_futures=True)
        try:
            with self._records, self._digests:
                self._parquet.close()
        except OSError:
            pass  # The file is removed next; the failed write has already reported a full disk.
        finally:
            if not self._finished:
                self._outputs.discard(self._part)

    def add(
        self,
        ids: NDArray[np.uint8],
        cases: Sequence[Sequence[str | None]],
        codes: tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]],
    ) -> None:
        """Add a group of records.

        Args:
            ids: `(n, 16) uint8`, the handles of the records.
            cases: For each record its id, the reserved columns, then the payload in the order of the items.
            codes: `kind (n, c)`, `match_key (n, c, 16)` and `content (n, c, bytes)`, all uint8.

        Raises:
            OutputError: `output.unwritable` if the disk is full.
        """
        self.add_group(make_group(ids, cases, codes, self._items))

    def add_group(self, group: pa.RecordBatch) -> None:
        """Add a group of records that is ready.

        Args:
            group: From `make_group`.

        Raises:
            OutputError: `output.unwritable` if the disk is full.
        """
        n_code_bytes = sum(self._widths)
        ends = np.frombuffer(group.column(1).buffers()[1], np.int32)
        first = group.column(1).offset
        self._n_codes += int(ends[first + group.num_rows] - ends[first]) // n_code_bytes
        with writing(SUBMISSION, self._path):
            self._records.add(group.columns[:-1])
            # A copy, because a group that came from another process is one piece of memory, and a view would keep it.
            self._digests.add([fixed_column(fixed_bytes(group.column(DIGEST)))])

    @property
    def largest_part(self) -> int:
        """Bytes of the largest part that `finish` sorted at once."""
        return max(self._records.largest_part, self._digests.largest_part)

    def finish(self, header: Header, *, progress: Callable[[int], None] | None = None) -> Header:
        """Write the records and the completed header, close the file and give it its name.

        Args:
            header: The header; `records`, `codes` and `content_digest` are set here.
            progress: Called with the number of records written so far.

        Returns:
            The header as written.

        Raises:
            OutputError: `output.unwritable` if the disk is full; unless the file belongs to a group, also as for
                `pseudonym.output.Outputs.commit`.
        """
        with writing(SUBMISSION, self._path):
            n_records = 0
            for group in _groups(self._records.sorted()):
                self._write_group(group)
                n_records += group.num_rows
                if progress is not None:
                    progress(n_records)
            self._wait()
            parts = (fixed_bytes(part.column(0)) for part in self._digests.sorted())
            digest = content_digest(parts, n_records=n_records)
            update = {"records": n_records, "codes": self._n_codes, "content_digest": digest}
            whole = Header.model_validate({**dict(header), **update})
            self._parquet.add_key_value_metadata(as_metadata(whole, HEADER_KEY))
            self._parquet.close()
        if not self._in_group:
            self._outputs.commit()
        self._finished = True
        return whole

    def _write_group(self, group: pa.Table) -> None:
        ids, codes = fixed_bytes(group["record"]), group["codes"].combine_chunks()
        widths = self._widths
        ends = np.frombuffer(codes.buffers()[1], np.int32)[codes.offset : codes.offset + len(codes) + 1]
        rows = np.frombuffer(codes.buffers()[2], np.uint8)[ends[0] : ends[-1]].reshape(-1, sum(widths))
        owner = np.repeat(np.arange(len(ids)), np.diff(ends) // sum(widths))
        kind, match_key, content = np.split(rows, np.cumsum(widths)[:-1], axis=1)
        record = take_rows(ids, owner)
        order = code_order(match_key, kind, record, content)
        columns = [_taken(column, order) for column in (record, match_key, content)]
        # Only now, because writing waits for the group before.
        self._write(CASE, case_columns(self._items), [group[name] for name in case_columns(self._items)])
        self._write(CODE, code_columns(), [columns[0], pa.array(kind.ravel().take(order)), *columns[1:]])

    def _write(self, table: int, names: tuple[str, ...], values: list[pa.Array]) -> None:
        n_rows = len(values[0])
        columns = dict(zip(names, values, strict=True))
        columns["table"] = pa.array(np.full(n_rows, table, np.uint8))
        for one in self._schema:
            if one.name not in columns:
                columns[one.name] = self._no_values(one.type, n_rows)
        arrays = [columns[one.name] for one in self._schema]
        whole = pa.Table.from_arrays(arrays, schema=self._schema)
        if self._thread is None:
            self._parquet.write_table(whole, row_group_size=n_rows)
            return
        self._wait()
        self._last = self._thread.submit(self._parquet.write_table, whole, row_group_size=n_rows)

    def _wait(self) -> None:
        """Wait until everything is written, and raise the error that was met there."""
        if self._last is not None:
            self._last.result()

    def _no_values(self, type_: pa.DataType, n_rows: int) -> pa.Array:
        """Return a column without values, which all columns of its type share."""
        if type_ not in self._nulls or len(self._nulls[type_]) < n_rows:
            self._nulls[type_] = pa.nulls(n_rows, type_)
        return self._nulls[type_].slice(0, n_rows)


def _groups(parts: Iterator[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Regroup consecutive batches into groups of equal size, the last one smaller."""
    held: list[pa.RecordBatch] = []
    for part in parts:
        held.append(part)
        if sum(map(len, held)) >= GROUP_RECORDS:
            table = pa.Table.from_batches(held)
            whole = table.num_rows // GROUP_RECORDS * GROUP_RECORDS
            for first in range(0, whole, GROUP_RECORDS):
                yield table.slice(first, GROUP_RECORDS)
            held = table.slice(whole).to_batches()
    if held:
        yield pa.Table.from_batches(held)


def _taken(rows: NDArray[np.uint8], order: NDArray[np.intp]) -> pa.FixedSizeBinaryArray:
    """Turn some rows of bytes into a column."""
    return pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(rows.shape[1]), len(order), [None, pa.py_buffer(take_rows(rows, order))]
    )


SUBMISSION: Final = parquet_kind("submission", HEADER_KEY)
"""What has the header of a submission, whole or damaged; most Parquet files have none."""
