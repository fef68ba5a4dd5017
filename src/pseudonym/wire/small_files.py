"""Read and write the rows of small Parquet files with a header: withdrawals and totals."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pseudonym.output import Kind, Outputs, writing
from pseudonym.wire.container import unusable
from pseudonym.wire.header import TotalsHeader, WithdrawalHeader, as_metadata
from pseudonym.wire.limits import check_pages, check_texts
from pseudonym.wire.schema import GROUP_RECORDS

__all__ = ["read_group", "write_small"]


def read_group(file: pq.ParquetFile, source: pa.NativeFile, index: int, schema: pa.Schema) -> pa.Table:
    """Read one row group; nothing is unpacked before its pages are checked.

    Args:
        file: The Parquet file.
        source: The file beneath it.
        index: The row group.
        schema: The columns that it must have.

    Returns:
        Its rows. Null is possible in every column, also where the schema allows none.

    Raises:
        SubmissionError: `submission.too_large`, `submission.encoding`, `submission.unreadable` or
            `submission.not_parquet`.
    """
    check_pages(source, file.metadata.row_group(index), schema, schema.names)
    try:
        rows = file.read_row_group(index, use_threads=False)
        check_texts([column for column in rows.columns if pa.types.is_dictionary(column.type)])
        rows = rows.cast(schema)
        # Text that is not UTF-8 would raise an error that shows it.
        rows.validate(full=True)
    except (OSError, pa.ArrowException, ValueError) as error:
        raise unusable(error) from None
    return rows


def write_small(
    path: str | Path,
    kind: Kind,
    rows: pa.Table,
    key: bytes,
    header: TotalsHeader | WithdrawalHeader,
    *,
    outputs: Outputs | None = None,
) -> None:
    """Write a file that appears under its name only once it is complete.

    Args:
        path: The file.
        kind: Its kind, the only one that is replaced.
        rows: Its rows, in order.
        key: The key of the header in the metadata.
        header: The header.
        outputs: A group of outputs to which the file belongs; it then appears when the group is committed.

    Raises:
        OutputError: As for `pseudonym.output.Outputs.add` and `Outputs.commit`.
    """
    with ExitStack() as stack:
        group = stack.enter_context(Outputs()) if outputs is None else outputs
        part = group.add(path, kind)
        with (
            writing(kind, path),
            pq.ParquetWriter(
                part,
                rows.schema,
                compression="none",
                use_dictionary=False,
                write_statistics=False,
                write_page_checksum=True,
                store_schema=False,
            ) as parquet,
        ):
            if rows.num_rows:
                parquet.write_table(rows, row_group_size=GROUP_RECORDS)
            parquet.add_key_value_metadata(as_metadata(header, key))
        if outputs is None:
            group.commit()
