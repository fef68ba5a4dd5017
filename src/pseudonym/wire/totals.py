"""Totals: a small Parquet file of what a reporter has counted itself, by codebook items (docs/spec.md, section 11)."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from pseudonym.canonical import length_prefixed
from pseudonym.codebook import Codebook, CodebookError
from pseudonym.errors import SubmissionError
from pseudonym.labels import LABELS
from pseudonym.output import Outputs
from pseudonym.wire.container import open_parquet, parquet_kind
from pseudonym.wire.header import TOTALS_KEY, TotalsHeader, parse_totals_header
from pseudonym.wire.limits import check_rows
from pseudonym.wire.reader import check_columns
from pseudonym.wire.schema import PAYLOAD_PREFIX
from pseudonym.wire.small_files import read_group, write_small

__all__ = ["FEW", "MAX_TOTAL", "TOTALS", "Cell", "Totals", "is_few", "read_totals", "write_totals"]

MAX_TOTAL: Final = (1 << 32) - 1
"""The highest number of a cell, which is a UINT_32."""

FEW: Final = 5
"""Who knows the reporter may recognise persons in cells that count fewer."""

_DAMAGED: Final = "The totals are damaged or do not follow the specification: "


class Cell(NamedTuple):
    """A number, and what it counts.

    Attributes:
        codes: A code for each item of the header, None for an item by which this number is not broken down.
        n: The number.
    """

    codes: tuple[str | None, ...]
    n: int


@dataclass(frozen=True, slots=True)
class Totals:
    """Totals whose digests, numbers, order and codes have been checked.

    Attributes:
        header: The header.
        cells: The cells, sorted by their codes; None comes before every code.
    """

    header: TotalsHeader
    cells: tuple[Cell, ...]

    @property
    def n_few(self) -> int:
        """Number of cells that count at least one, but fewer than five."""
        return sum(is_few(cell.n) for cell in self.cells)


def is_few(n: int) -> bool:
    """Return whether a number is small, but not zero."""
    return 0 < n < FEW


def read_totals(path: str | Path, *, codebook: Codebook | None) -> Totals:
    """Read totals and refuse everything that the specification does not allow.

    Args:
        path: The file.
        codebook: The codebook that they must follow, or None.

    Returns:
        The totals.

    Raises:
        SubmissionError: As `read_header`; `submission.codebook` if they follow another codebook; `submission.columns`,
            `submission.groups`, `submission.values`, `submission.order`, `submission.counts`, `submission.content` if
            the rows do not follow the specification; `submission.too_large` or `submission.encoding` if they would
            unpack to more than codes can be.
    """
    with open_parquet(path) as (file, _):
        names = parse_totals_header(file.metadata.metadata or {}).items
    with open_parquet(path, [PAYLOAD_PREFIX + name for name in names]) as (file, source):
        header = parse_totals_header(file.metadata.metadata or {})
        _check_codebook(header, codebook)
        schema = _schema(header.items)
        check_columns(file, schema)
        check_rows(file.metadata, header.cells, damaged=_DAMAGED)
        cells: list[Cell] = []
        for index in range(file.num_row_groups):
            for cell in _group(file, source, schema, index):
                # Checked at once: one cell a million times would unpack to far more than the file.
                if cells and _key(cell) <= _key(cells[-1]):
                    raise SubmissionError(
                        "submission.order", _DAMAGED + "its rows are not in order, or a cell is there twice."
                    )
                _check_codes(header, cell, codebook)
                cells.append(cell)
    if _content_digest(cells) != header.content_digest:
        raise SubmissionError("submission.content", _DAMAGED + "its rows do not match the digest in its header.")
    return Totals(header, tuple(cells))


def _check_codebook(header: TotalsHeader, codebook: Codebook | None) -> None:
    if (header.codebook and header.codebook.digest) != (codebook and codebook.digest):
        raise SubmissionError("submission.codebook", "The totals follow another codebook.")
    if codebook is not None and not codebook.by_name.keys() >= set(header.items):
        raise SubmissionError("submission.columns", _DAMAGED + "an item is not in the codebook.")


def _check_codes(header: TotalsHeader, cell: Cell, codebook: Codebook | None) -> None:
    try:
        for item, code in zip(header.items, cell.codes, strict=True):
            if code is not None and codebook is not None:
                codebook.check(item, code, date=header.period)
    except CodebookError:
        raise SubmissionError(
            "submission.values", _DAMAGED + "a value is not a code of its item, or not in the period."
        ) from None


def _key(cell: Cell) -> tuple[bytes, ...]:
    """Return what cells are sorted by; no code is empty, so None can be."""
    return tuple((code or "").encode() for code in cell.codes)


def _schema(items: Iterable[str]) -> pa.Schema:
    columns = [pa.field(PAYLOAD_PREFIX + item, pa.string()) for item in items]
    return pa.schema([*columns, pa.field("n", pa.uint32(), nullable=False)])


def _group(file: pq.ParquetFile, source: pa.NativeFile, schema: pa.Schema, index: int) -> Iterator[Cell]:
    """Yield the cells of a row group."""
    rows = read_group(file, source, index, schema)
    for *codes, n in zip(*(column.to_pylist() for column in rows.columns), strict=True):
        if n is None or "" in codes:
            raise SubmissionError("submission.values", _DAMAGED + "a row has no number, or an empty code.")
        yield Cell(tuple(codes), n)


def _content_digest(cells: Iterable[Cell]) -> str:
    joined = b"".join(length_prefixed(*cell.codes, str(cell.n)) for cell in cells)
    return hashlib.sha256(length_prefixed(LABELS["totalled"], joined)).hexdigest()


def write_totals(
    path: str | Path, header: TotalsHeader, cells: Collection[Cell], *, outputs: Outputs | None = None
) -> TotalsHeader:
    """Write totals to a file that appears under its name only once it is complete.

    Args:
        path: The file.
        header: The header; `content_digest` is set here.
        cells: As many cells as the header says, in any order, none repeated.
        outputs: A group of outputs to which the file belongs; it then appears when the group is committed.

    Returns:
        The header as written.

    Raises:
        OutputError: As for `pseudonym.output.Outputs.add` and `Outputs.commit`; only older totals are replaced.
    """
    ordered = sorted(cells, key=_key)
    whole = header.model_copy(update={"content_digest": _content_digest(ordered)})
    write_small(path, TOTALS, _table(ordered, header.items), TOTALS_KEY, whole, outputs=outputs)
    return whole


TOTALS: Final = parquet_kind("totals file", TOTALS_KEY)
"""What has the header of totals, whole or damaged."""


def _table(cells: Sequence[Cell], items: Iterable[str]) -> pa.Table:
    schema = _schema(items)
    rows = [(*cell.codes, cell.n) for cell in cells]
    columns = [pa.array(values, field.type) for values, field in zip(zip(*rows, strict=True), schema, strict=True)]
    return pa.Table.from_arrays(columns, schema=schema)
