"""The withdrawal: a small Parquet file of ids that the registry is to erase (docs/spec.md, section 10)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pseudonym.canonical import length_prefixed
from pseudonym.errors import SubmissionError
from pseudonym.labels import LABELS
from pseudonym.output import Outputs
from pseudonym.wire.container import open_parquet, parquet_kind
from pseudonym.wire.header import WITHDRAWAL_KEY, WithdrawalHeader, parse_withdrawal_header
from pseudonym.wire.limits import check_ids
from pseudonym.wire.reader import check_columns
from pseudonym.wire.rows import id_rule
from pseudonym.wire.small_files import read_group, write_small

__all__ = ["Withdrawal", "read_withdrawal", "write_withdrawal"]

RECORD: Final = 0
CASE: Final = 1


_SCHEMA: Final = pa.schema([pa.field("unit", pa.uint8(), nullable=False), pa.field("id", pa.string(), nullable=False)])

_DAMAGED: Final = "The withdrawal is damaged or does not follow the specification: "


@dataclass(frozen=True, slots=True, repr=False)
class Withdrawal:
    """A withdrawal whose digests, counts and order have been checked.

    Attributes:
        header: The header.
        records: Ids of records, in byte order, each once.
        cases: Ids of cases, in byte order, each once.
    """

    header: WithdrawalHeader
    records: tuple[str, ...]
    cases: tuple[str, ...]


def read_withdrawal(path: str | Path) -> Withdrawal:
    """Read a withdrawal and refuse everything that the specification does not allow.

    Args:
        path: The file.

    Returns:
        The withdrawal.

    Raises:
        SubmissionError: As `read_header`; `submission.columns`, `submission.groups`, `submission.values`,
            `submission.order`, `submission.counts`, `submission.content` if the rows do not follow the specification;
            `submission.too_large` if it would unpack to more than ids can be.
    """
    with open_parquet(path, ["id"]) as (file, source):
        header = parse_withdrawal_header(file.metadata.metadata or {})
        check_columns(file, _SCHEMA)
        check_ids(file.metadata, header.records + header.cases, file_bytes=source.size())
        rows: list[tuple[int, bytes]] = []
        for index in range(file.num_row_groups):
            for row in _group(file, source, index):
                # Checked at once: the same id a million times would unpack to far more than the file.
                if rows and row <= rows[-1]:
                    raise SubmissionError(
                        "submission.order", _DAMAGED + "its rows are not in order, or an id is there twice."
                    )
                rows.append(row)
    records, cases = (tuple(id_.decode() for unit, id_ in rows if unit == wanted) for wanted in (RECORD, CASE))
    if (len(records), len(cases)) != (header.records, header.cases):
        raise SubmissionError("submission.counts", _DAMAGED + "its numbers of rows differ from its header.")
    if _content_digest(rows) != header.content_digest:
        raise SubmissionError("submission.content", _DAMAGED + "its rows do not match the digest in its header.")
    return Withdrawal(header, records, cases)


def _group(file: pq.ParquetFile, source: pa.NativeFile, index: int) -> Iterator[tuple[int, bytes]]:
    """Yield unit and id of each row of a row group."""
    rows = read_group(file, source, index, _SCHEMA)
    for unit, text in zip(*(column.to_pylist() for column in rows.columns), strict=True):
        if unit not in (RECORD, CASE) or text is None or id_rule(text) is not None:
            raise SubmissionError("submission.values", _DAMAGED + "a row is not the id of a record or case.")
        yield unit, text.encode()


def _content_digest(rows: Iterable[tuple[int, bytes]]) -> str:
    joined = b"".join(length_prefixed(str(unit), id_) for unit, id_ in rows)
    return hashlib.sha256(length_prefixed(LABELS["withdrawn"], joined)).hexdigest()


def write_withdrawal(
    path: str | Path,
    header: WithdrawalHeader,
    *,
    records: Iterable[str] = (),
    cases: Iterable[str] = (),
    outputs: Outputs | None = None,
) -> WithdrawalHeader:
    """Write a withdrawal to a file that appears under its name only once it is complete.

    Args:
        path: The file.
        header: The header; `content_digest` is set here.
        records: Ids of records, as many as the header says.
        cases: Ids of cases, as many as the header says.
        outputs: A group of outputs to which the file belongs; it then appears when the group is committed.

    Returns:
        The header as written.

    Raises:
        OutputError: As for `pseudonym.output.Outputs.add` and `Outputs.commit`; only an older withdrawal is replaced.
    """
    rows = sorted([(RECORD, one.encode()) for one in records] + [(CASE, one.encode()) for one in cases])
    whole = header.model_copy(update={"content_digest": _content_digest(rows)})
    columns = [
        pa.array(np.array([unit for unit, _ in rows], np.uint8)),
        pa.array([id_.decode() for _, id_ in rows], pa.string()),
    ]
    rows_in_order = pa.Table.from_arrays(columns, schema=_SCHEMA)
    write_small(path, WITHDRAWAL, rows_in_order, WITHDRAWAL_KEY, whole, outputs=outputs)
    return whole


WITHDRAWAL: Final = parquet_kind("withdrawal", WITHDRAWAL_KEY)
"""What has the header of a withdrawal, whole or damaged."""
