"""Write a submission file (docs/spec.md, section 8)."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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
from pseudonym.wire.schema import (
    CASE,
    CODE,
    GROUP_RECORDS,
    case_columns,
    code_columns,
    fixed_column,
    submission_schema,
)

__all__ = ["SubmissionWriter"]


@dataclass(frozen=True, slots=True, repr=False)
class _Group:
    """Some records, as `SubmissionWriter.add` takes them."""

    ids: NDArray[np.uint8]
    cases: list[Sequence[str | None]]
    codes: tuple[NDArray[np.uint8], ...]

    @classmethod
    def joined(cls, groups: Sequence[_Group]) -> _Group:
        """Put groups together, their records in ascending order of the ids."""
        ids = np.concatenate([group.ids for group in groups])
        order = code_order(ids)
        cases = [case for group in groups for case in group.cases]
        codes = (np.concatenate(column) for column in zip(*(group.codes for group in groups), strict=True))
        return cls(ids[order], [cases[place] for place in order], tuple(column[order] for column in codes))

    def part(self, first: int, last: int) -> _Group:
        """Cut out some records."""
        return _Group(self.ids[first:last], self.cases[first:last], tuple(column[first:last] for column in self.codes))


class SubmissionWriter:
    """Write records to a file that appears under its name only when it is whole.

    Use it as a context manager: `add` groups, then `finish`. Left without `finish`, nothing is written. The records of
    all groups are sorted by their ids on the wire before they are written: case files are sorted by name or date, and
    row groups in that order would tell the registry where in the alphabet a record stands. So all are held until
    `finish`.
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
        self._groups: list[_Group] = []
        self._digests: list[bytes] = []
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
        """Take a group of records.

        Args:
            ids: `(n, 16) uint8`, the ids of the records on the wire.
            cases: For each record its id, the reserved columns, then the payload in the order of the items.
            codes: `kind (n, c)`, `match_key (n, c, 16)` and `content (n, c, bytes)`, all uint8.

        Sees: neither
        """
        self._groups.append(_Group(ids, list(cases), codes))

    def finish(self, header: Header) -> Header:
        """Write the records, complete the header with counts and digest, close the file and give it its name.

        Args:
            header: The header; its `records`, `codes`, `content_digest` are set here.

        Returns:
            The header as written.

        Raises:
            OutputError: `output.unwritable` when the disk is full or the name cannot be taken.

        Sees: neither
        """
        n_codes = sum(group.codes[0].size for group in self._groups)
        for sized in self._by_codes():
            for first in range(0, len(sized.ids), GROUP_RECORDS):
                self._write_group(sized.part(first, first + GROUP_RECORDS))
        digest = content_digest(self._digests)
        update = {"records": len(self._digests), "codes": n_codes, "content_digest": digest}
        whole = Header.model_validate({**dict(header), **update})
        try:
            self._parquet.add_key_value_metadata(
                {HEADER_KEY.decode(): whole.canonical().decode(), DIGEST_KEY.decode(): whole.digest}
            )
            self._parquet.close()
            os.replace(self._part, self._path)
        except OSError:
            raise _unwritable() from None
        return whole

    def _by_codes(self) -> Iterator[_Group]:
        """Join the groups; those with other numbers of codes a record, which no profile makes, by themselves."""
        for width in sorted({group.codes[0].shape[1] for group in self._groups}):
            yield _Group.joined([group for group in self._groups if group.codes[0].shape[1] == width])

    def _write_group(self, group: _Group) -> None:
        n, c = group.codes[0].shape
        rows = [column.reshape(n * c, -1) for column in group.codes]
        owner = np.repeat(group.ids, c, axis=0)
        by_record = code_order(owner, *rows)
        joined = np.concatenate(rows, axis=1)[by_record].reshape(n, -1)
        self._digests += record_digests(group.cases, self._items, [row.tobytes() for row in joined])

        case_values = [fixed_column(group.ids)]
        case_values += [pa.array(list(column), pa.string()) for column in zip(*group.cases, strict=True)]
        self._write(CASE, case_columns(self._items), case_values)
        order = code_order(rows[1], rows[0], owner, rows[2])
        code_values = [fixed_column(owner[order]), pa.array(rows[0][order].ravel())]
        code_values += [fixed_column(column[order]) for column in rows[1:]]
        self._write(CODE, code_columns(), code_values)

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
