"""Read the codes of a file a second time, when they are stored: what is the same as before needs no second check."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pseudonym.wire.container import open_parquet, unusable
from pseudonym.wire.limits import check_pages
from pseudonym.wire.schema import code_columns, fixed_bytes

__all__ = ["CodeGroup", "code_group", "codes_again"]


@dataclass(frozen=True, slots=True)
class CodeGroup:
    """A row group with codes, by which it is recognised when it is read again.

    Attributes:
        index: Its place in the file.
        n_rows: The number of its rows.
        digest: SHA-256 of these, column by column.
    """

    index: int
    n_rows: int
    digest: bytes


def code_group(index: int, codes: pa.Table) -> CodeGroup:
    """Return by what a row group is recognised.

    Args:
        index: Its place in the file.
        codes: Its rows: `record`, `kind`, `match_key`, `content`, without nulls.
    """
    digest = hashlib.sha256()
    for name in code_columns():
        column = codes[name]
        values = column.to_numpy() if pa.types.is_integer(column.type) else fixed_bytes(column)
        digest.update(np.ascontiguousarray(values).data)
    return CodeGroup(index, codes.num_rows, digest.digest())


@contextmanager
def codes_again(path: str | Path, schema: pa.Schema, known: Sequence[CodeGroup]) -> Iterator[Iterator[pa.Table | None]]:
    """Open a file to read its codes again.

    Args:
        path: The file, which was verified before, and may be another one by now.
        schema: The columns that it had.
        known: Its row groups with codes.

    Yields:
        For each of the groups its codes, or None if they are not the same as before.

    Raises:
        SubmissionError: `submission.unreadable`, `submission.not_parquet`, `submission.too_large` or
            `submission.encoding`.
    """
    with open_parquet(path) as (file, source):
        yield (_same_rows(file, source, schema, group) for group in known)


def _same_rows(file: pq.ParquetFile, source: pa.NativeFile, schema: pa.Schema, known: CodeGroup) -> pa.Table | None:
    if file.schema.names != schema.names or known.index >= file.num_row_groups:
        return None
    group = file.metadata.row_group(known.index)
    # As many rows as before were not too many; what they unpack to is limited by that.
    if group.num_rows != known.n_rows:
        return None
    names = list(code_columns())
    check_pages(source, group, schema, names, among=names)
    try:
        rows = file.read_row_group(known.index, columns=names, use_threads=False).select(names)
        rows = rows.cast(pa.schema([schema.field(name) for name in names])).combine_chunks()
    except (OSError, pa.ArrowException, ValueError) as error:
        raise unusable(error) from None
    same = not any(column.null_count for column in rows.columns) and code_group(known.index, rows) == known
    return rows if same else None
