"""Write a submission file, one group of records at a time (docs/spec.md, section 8)."""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from pseudonym.errors import OutputError
from pseudonym.wire.digests import code_order, content_digest, record_digests
from pseudonym.wire.header import DIGEST_KEY, HEADER_KEY, Header
from pseudonym.wire.schema import CASE, CODE, case_columns, code_columns, fixed_column, submission_schema

__all__ = ["SubmissionWriter"]


class SubmissionWriter:
    """Write groups of records to a file that appears under its name only when it is whole.

    Use it as a context manager: `add` groups, then `finish`. Left without `finish`, nothing is written.
    """

    def __init__(self, path: str | Path, *, content_bytes: int, items: tuple[str, ...]) -> None:
        """Open a new file beside `path`.

        Raises:
            OutputError: `output.unwritable` when the folder cannot be written.
        """
        self._path = Path(path)
        self._part = self._path.with_name(f".{self._path.name}.{secrets.token_hex(4)}.part")
        self._schema = submission_schema(content_bytes, items)
        self._items = items
        self._digests: list[bytes] = []
        self._codes = 0
        try:
            # Dictionaries would put equal match keys side by side and gain nothing: all values but a few differ.
            self._parquet = pq.ParquetWriter(
                self._part,
                self._schema,
                compression="zstd",
                use_dictionary=["role", "status"],
                write_statistics=False,
                write_page_checksum=True,
                store_schema=False,
            )
        except OSError:
            raise _unwritable() from None

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file and, if it was not finished, remove it."""
        try:
            self._parquet.close()
        except OSError:
            pass  # The file is removed next; a full disk has been reported by the write that met it.
        finally:
            self._part.unlink(missing_ok=True)

    def add(
        self,
        ids: NDArray[np.uint8],
        cases: Sequence[Sequence[str | None]],
        codes: tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]],
    ) -> None:
        """Write one group of records.

        Args:
            ids: `(n, 16) uint8`, the ids of the records on the wire, n from 1 to 8,192.
            cases: For each record its id, the reserved columns, then the payload in the order of the items.
            codes: `kind (n, c)`, `match_key (n, c, 16)` and `content (n, c, bytes)`, all uint8.

        Raises:
            OutputError: `output.unwritable` when the disk is full or gone.

        Sees: neither
        """
        kind, match_key, content = codes
        n, c = kind.shape
        rows = [column.reshape(n * c, -1) for column in (kind, match_key, content)]
        owner = np.repeat(ids, c, axis=0)
        by_record = code_order(np.repeat(np.arange(n, dtype=">u4").view(np.uint8).reshape(n, 4), c, axis=0), *rows)
        joined = np.concatenate(rows, axis=1)[by_record].reshape(n, -1)
        self._digests += record_digests(cases, self._items, [row.tobytes() for row in joined])
        self._codes += n * c

        case_order = code_order(ids)
        case_values = [fixed_column(ids[case_order])]
        for index in range(len(cases[0])):
            case_values.append(pa.array([cases[row][index] for row in case_order], pa.string()))
        self._write(CASE, case_columns(self._items), case_values)
        order = code_order(rows[1], rows[0], owner, rows[2])
        code_values = [fixed_column(owner[order]), pa.array(rows[0][order].ravel())]
        code_values += [fixed_column(column[order]) for column in rows[1:]]
        self._write(CODE, code_columns(), code_values)

    def finish(self, header: Header) -> Header:
        """Complete the header with counts and digest, close the file and give it its name.

        Args:
            header: The header; its `records`, `codes`, `content_digest` are set here.

        Returns:
            The header as written.

        Raises:
            OutputError: `output.unwritable` when the disk is full or the name cannot be taken.

        Sees: neither
        """
        whole = Header.model_validate(
            {
                **dict(header),
                "records": len(self._digests),
                "codes": self._codes,
                "content_digest": content_digest(self._digests),
            }
        )
        try:
            self._parquet.add_key_value_metadata(
                {HEADER_KEY.decode(): whole.canonical().decode(), DIGEST_KEY.decode(): whole.digest}
            )
            self._parquet.close()
            os.replace(self._part, self._path)
        except OSError:
            raise _unwritable() from None
        return whole

    def _write(self, table: int, names: tuple[str, ...], values: list[pa.Array]) -> None:
        n_rows = len(values[0])
        columns = dict(zip(names, values, strict=True))
        columns["table"] = pa.array(np.full(n_rows, table, np.uint8))
        arrays = [columns.get(field.name, pa.nulls(n_rows, field.type)) for field in self._schema]
        try:
            self._parquet.write_table(pa.Table.from_arrays(arrays, schema=self._schema), row_group_size=n_rows)
        except OSError:
            raise _unwritable() from None


def _unwritable() -> OutputError:
    return OutputError("output.unwritable", "The output cannot be written: no space, no permission, or no such folder.")
