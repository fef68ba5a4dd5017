"""Read a submission file and refuse everything that the specification does not allow (docs/spec.md, section 8)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from pseudonym.codebook import Codebook
from pseudonym.errors import SubmissionError
from pseudonym.profile import Profile
from pseudonym.wire.alike import first_of_alike
from pseudonym.wire.container import open_parquet, unusable
from pseudonym.wire.digests import case_digests, cases_in_bytes, record_and_code_digests
from pseudonym.wire.header import CodebookReference, Header, parse_header
from pseudonym.wire.limits import check_counts, check_pages, check_texts
from pseudonym.wire.order import is_sorted, join_rows
from pseudonym.wire.schema import (
    CASE,
    CODE,
    PAYLOAD_PREFIX,
    case_columns,
    code_columns,
    fixed_bytes,
    in_one_piece,
    submission_schema,
)
from pseudonym.wire.whole import Whole

__all__ = [
    "Submission",
    "check_columns",
    "codes_by_record",
    "item_names",
    "lookup",
    "misplaced",
    "open_submission",
    "read_header",
    "read_submission",
    "same_codebook",
    "texts_of",
]

SCAN_ROWS: Final = 1 << 16
"""Rows in memory at a time where nothing is kept of them."""

STEP_RECORDS: Final = 64
"""Records whose codes are put together at a time."""

_ITEM: Final = re.compile("[a-z0-9_]{1,32}")

_DAMAGED: Final = "The submission is damaged or does not follow the specification: "


@dataclass(frozen=True, slots=True, repr=False)
class Submission:
    """A submission whose digests, counts and order have been checked.

    Attributes:
        header: The header.
        cases: One row per record: `record`, `record_id`, the reserved columns, `payload.*`.
        codes: One row per code: `record`, `kind`, `match_key`, `content`.
        record_digests: 32 bytes for each row of `cases`.
        code_digests: The same over the codes of each record alone, as in the part for the linkage unit.
        case_digests: The same over each row of `cases` alone, as in the part for the statistics unit.
        index: The place of the row group with the codes, to read them again; None if they are of the whole file.
    """

    header: Header
    cases: pa.Table
    codes: pa.Table
    record_digests: tuple[bytes, ...]
    code_digests: tuple[bytes, ...]
    case_digests: tuple[bytes, ...]
    index: int | None = None

    @property
    def digest(self) -> str:
        """The submission digest."""
        return self.header.digest

    @property
    def content_digest(self) -> str:
        """The content digest."""
        return self.header.content_digest


def read_header(path: str | Path) -> Header:
    """Read the header of a submission file without its rows.

    Args:
        path: The file.

    Returns:
        The header, checked against its digest.

    Raises:
        SubmissionError: `submission.unreadable` if the file cannot be opened, `submission.not_parquet` if it is not a
            whole Parquet file, and whatever `parse_header` raises.
    """
    with open_parquet(path) as (file, _):
        return _header(file)


def read_submission(path: str | Path, *, profile: Profile, codebook: Codebook | None) -> Submission:
    """Read a submission file and check everything but the rules for single rows.

    Args:
        path: The file.
        profile: The profile that the registry expects.
        codebook: The codebook that the registry expects, or None.

    Returns:
        The submission.

    Raises:
        SubmissionError: As `read_header`; `submission.profile` or `submission.codebook` if the file follows another
            one; `submission.columns`, `submission.groups`, `submission.order`, `submission.values`,
            `submission.counts`, `submission.encoding`, `submission.content` if the rows do not follow the
            specification; `submission.too_large` if they would unpack to more than the profile allows.
    """
    with open_submission(path, profile=profile, codebook=codebook) as (header, turns):
        parts = list(turns)
    items = codebook.item_names if codebook is not None else ()
    schema = submission_schema(profile.encoding.content_bytes, items)
    cases = [part.cases for part in parts] or [_empty(schema, case_columns(items))]
    codes = [part.codes for part in parts] or [_empty(schema, code_columns())]
    of_records, of_codes, of_cases = (
        tuple(one for part in parts for one in getattr(part, kind))
        for kind in ("record_digests", "code_digests", "case_digests")
    )
    return Submission(header, pa.concat_tables(cases), pa.concat_tables(codes), of_records, of_codes, of_cases)


@contextmanager
def open_submission(
    path: str | Path, *, profile: Profile, codebook: Codebook | None
) -> Iterator[tuple[Header, Iterator[Submission]]]:
    """Open a submission file to read it turn by turn, without holding all of it in memory.

    Args:
        path: The file.
        profile: The profile that it must follow.
        codebook: The codebook that it must follow, or None. A submission with nothing to report may follow another.

    Yields:
        The header, checked, and the turns in the order of the file, each with the cases of at most 8,192 records and
        their codes. Digest, counts and repeated ids are checked after the last turn, so use no result before the
        iterator is exhausted.

    Raises:
        SubmissionError: As `read_submission`.
    """
    items = codebook.item_names if codebook is not None else ()
    texts = [field.name for field in submission_schema(1, items) if pa.types.is_string(field.type)]
    with open_parquet(path, texts) as (file, source):
        header = _header(file)
        if (header.profile, header.profile_digest) != (profile.name, profile.digest):
            raise SubmissionError("submission.profile", "The submission follows another profile.")
        if not same_codebook(header.codebook, codebook):
            if not header.nothing_to_report:
                raise SubmissionError("submission.codebook", "The submission follows another codebook.")
            items = item_names(file.schema.names) if header.codebook is not None else ()
        schema = submission_schema(profile.encoding.content_bytes, items)
        check_columns(file, schema)
        check_counts(file.metadata, header, profile.encoding, file_bytes=source.size())
        yield header, _turns(file, source, header, schema, items)


def item_names(columns: Iterable[str]) -> tuple[str, ...]:
    """Return the items of a codebook that is not at hand, from the columns of a file without rows.

    Args:
        columns: The names of the columns.
    """
    names = (name.removeprefix(PAYLOAD_PREFIX) for name in columns if name.startswith(PAYLOAD_PREFIX))
    return tuple(sorted({name for name in names if _ITEM.fullmatch(name)}))


def _turns(
    file: pq.ParquetFile, source: pa.NativeFile, header: Header, schema: pa.Schema, items: tuple[str, ...]
) -> Iterator[Submission]:
    whole = Whole(_DAMAGED)
    for index, (cases, codes, digests) in enumerate(_groups(file, source, schema, items)):
        whole.add(fixed_bytes(cases["record"]), digests[0], n_codes=codes.num_rows, cases=cases)
        of_records, of_codes, of_cases = map(tuple, digests)
        yield Submission(header, cases, codes, of_records, of_codes, of_cases, 2 * index + 1)
        # Otherwise the turn would stay in memory until the next one has been read.
        del cases, codes
    whole.check(header.records, header.codes, header.content_digest)


def same_codebook(reference: CodebookReference | None, codebook: Codebook | None) -> bool:
    """Return whether a header names a codebook, or none where there is none."""
    return _named(reference) == _named(codebook)


def _named(book: Codebook | CodebookReference | None) -> tuple[str, str, str] | None:
    return None if book is None else (book.name, book.version, book.digest)


def _empty(schema: pa.Schema, names: tuple[str, ...]) -> pa.Table:
    return pa.schema([schema.field(name) for name in names]).empty_table()


def _header(file: pq.ParquetFile) -> Header:
    return parse_header(file.metadata.metadata or {})


def check_columns(file: pq.ParquetFile, expected: pa.Schema) -> None:
    """Refuse a file with other Parquet columns (`submission.columns`); an Arrow schema in the metadata is ignored."""
    found = [
        (column.path, column.physical_type, str(column.logical_type), column.length, column.max_definition_level)
        for column in (file.schema.column(index) for index in range(len(file.schema.names)))
    ]
    if found != [_parquet_column(field) for field in expected]:
        raise SubmissionError("submission.columns", _DAMAGED + "its columns differ from the specified ones.")


def _parquet_column(field: pa.Field) -> tuple[str, str, str, int, int]:
    optional = int(field.nullable)
    if pa.types.is_fixed_size_binary(field.type):
        return field.name, "FIXED_LEN_BYTE_ARRAY", "None", field.type.byte_width, optional
    if pa.types.is_string(field.type):
        return field.name, "BYTE_ARRAY", "String", 0, optional
    return field.name, "INT32", f"Int(bitWidth={field.type.bit_width}, isSigned=false)", 0, optional


def _groups(
    file: pq.ParquetFile, source: pa.NativeFile, schema: pa.Schema, items: tuple[str, ...]
) -> Iterator[tuple[pa.Table, pa.Table, tuple[list[bytes], ...]]]:
    for index in range(0, file.num_row_groups, 2):
        cases = _group(file, source, index, schema, case_columns(items))
        codes = _group(file, source, index + 1, schema, code_columns())
        yield cases, codes, _check_group(cases, codes, items)
        del cases, codes


def _group(
    file: pq.ParquetFile, source: pa.NativeFile, index: int, schema: pa.Schema, names: tuple[str, ...]
) -> pa.Table:
    """Read a row group that has values in the columns `names` only, once its pages are checked."""
    wanted = pa.schema([schema.field(name) for name in ("table", *names)])
    group = file.metadata.row_group(index)
    # Nearly all columns without values are alike, and a codebook has many.
    others = first_of_alike(source, group, schema, [name for name in schema.names if name not in wanted.names])
    check_pages(
        source, group, schema, wanted.names, among={*first_of_alike(source, group, schema, wanted.names), *others}
    )
    try:
        if not _all_null(file, index, others):
            raise misplaced()
        rows = file.read_row_group(index, columns=wanted.names, use_threads=False)
        check_texts([column for column in rows.columns if pa.types.is_dictionary(column.type)])
        rows = rows.cast(wanted)
        # Text that is not UTF-8 would raise an error that shows it.
        rows.validate(full=True)
    except (OSError, pa.ArrowException, ValueError) as error:
        raise unusable(error) from None
    if not np.all(rows["table"].to_numpy() == (CASE if index % 2 == 0 else CODE)):
        raise SubmissionError("submission.groups", _DAMAGED + "its row groups do not come in turns.")
    required = ("record", "record_id") if index % 2 == 0 else names
    if any(rows[name].null_count for name in required):
        raise misplaced()
    # In one piece, so that its bytes can be viewed without a copy.
    return rows.select(list(names)).combine_chunks()


def misplaced() -> SubmissionError:
    """Return the error for a value in a wrong place, or a missing one."""
    return SubmissionError("submission.values", _DAMAGED + "a value is in the wrong place or missing.")


def _all_null(file: pq.ParquetFile, index: int, names: list[str]) -> bool:
    batches = file.iter_batches(SCAN_ROWS, row_groups=[index], columns=names, use_threads=False)
    return all(column.null_count == len(column) for batch in batches for column in batch.columns)


def _check_group(cases: pa.Table, codes: pa.Table, items: tuple[str, ...]) -> tuple[list[bytes], ...]:
    """Return for each record the digest of all of it, of its codes and of its case row."""
    ids = fixed_bytes(cases["record"])
    kind = codes["kind"].to_numpy().astype(np.uint8).reshape(-1, 1)
    owner, match_key, content = (fixed_bytes(codes[name]) for name in ("record", "match_key", "content"))
    if not is_sorted(ids) or not is_sorted(match_key, kind, owner, content):
        raise SubmissionError("submission.order", _DAMAGED + "its rows are not in order.")
    blobs = codes_by_record(lookup(ids, owner), len(ids), kind, match_key, content)
    rows = cases_in_bytes(texts_of(cases), items)
    return *record_and_code_digests(rows, ids, blobs), case_digests(ids, rows)


def texts_of(cases: pa.Table) -> list[pa.Array]:
    """Return the columns of case rows that digests are over, each in one piece: all but the handle."""
    return [in_one_piece(column) for column in cases.columns[1:]]


def codes_by_record(
    index: NDArray[np.int64],
    n_records: int,
    kind: NDArray[np.uint8],
    match_key: NDArray[np.uint8],
    content: NDArray[np.uint8],
) -> Iterator[memoryview]:
    """Yield the codes of each record of a group, in the order in which its digest takes them.

    Args:
        index: `(n,) int64`, for each code the index of its record, less than 2^16.
        n_records: The number of records.
        kind: `(n, 1) uint8`.
        match_key: `(n, 16) uint8`; the codes are sorted by it, then by kind, record and content.
        content: `(n, bytes) uint8`.

    Yields:
        The codes of a record, concatenated.
    """
    # The rows are sorted by match key and content, so a stable sort by record and kind completes the order. Numbers of
    # 16 bits are sorted by counting, twice as fast as longer ones.
    by_kind = np.argsort(kind.ravel(), kind="stable")
    order = by_kind[np.argsort(index.astype(np.uint16)[by_kind], kind="stable")]
    ends = np.cumsum(np.bincount(index, minlength=n_records))
    # Some records at a time, which stay in the processor's cache.
    for first in range(0, n_records, STEP_RECORDS):
        part = ends[first : first + STEP_RECORDS]
        before = int(ends[first - 1]) if first else 0
        rows = join_rows([kind, match_key, content], order[before : int(part[-1])])
        width, start = rows.shape[1], 0
        data = rows.reshape(-1).data
        for end in ((part - before) * width).tolist():
            yield data[start:end]
            start = end


def lookup(ids: NDArray[np.uint8], owner: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return the index of each owner among the ids; every owner must be one of them (`submission.values`)."""
    # Arrow hashes them, and copies neither.
    found = pc.index_in(_as_column(owner), value_set=_as_column(ids))
    if found.null_count:
        raise SubmissionError("submission.values", _DAMAGED + "a code belongs to no record of its group.")
    return np.asarray(found.to_numpy(), np.int64)


def _as_column(rows: NDArray[np.uint8]) -> pa.Array:
    """Return rows of bytes as a column that may be a view of them."""
    data = pa.py_buffer(np.ascontiguousarray(rows))
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(rows.shape[1]), len(rows), [None, data])
