"""Read a submission file and refuse everything that the specification does not allow (docs/spec.md, section 8)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from pseudonym.codebook import Codebook, CodebookError
from pseudonym.errors import SubmissionError
from pseudonym.faults import Fault
from pseudonym.profile import Profile
from pseudonym.wire.container import open_parquet, unusable
from pseudonym.wire.digests import DIGEST_BYTES, code_order, content_digest, record_digests
from pseudonym.wire.header import CodebookReference, Header, parse_header
from pseudonym.wire.limits import check_counts, check_pages, check_texts
from pseudonym.wire.rows import RESERVED, id_rule, value_rule
from pseudonym.wire.schema import (
    CASE,
    CODE,
    PAYLOAD_PREFIX,
    RECORD_BYTES,
    case_columns,
    code_columns,
    fixed_bytes,
    submission_schema,
)

__all__ = [
    "Submission",
    "check_columns",
    "open_submission",
    "read_header",
    "read_submission",
    "row_faults",
]

SCAN_ROWS: Final = 1 << 16
"""Rows in memory at a time where nothing is kept of them."""

ID_DIGEST_BYTES: Final = 16
"""Length of the digest kept of each record id, to find repeated ids in files of any size."""

_SEVERAL: Final = frozenset({"codebook.several", "codebook.too_many", "codebook.order"})

_DAMAGED: Final = "The submission is damaged or does not follow the specification: "


@dataclass(frozen=True, slots=True, repr=False)
class Submission:
    """A submission whose digests, counts and order have been checked.

    Attributes:
        header: The header.
        cases: One row per record: `record`, `record_id`, the reserved columns, `payload.*`.
        codes: One row per code: `record`, `kind`, `match_key`, `content`.
        record_digests: 32 bytes for each row of `cases`.
    """

    header: Header
    cases: pa.Table
    codes: pa.Table
    record_digests: tuple[bytes, ...]

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
    digests = tuple(digest for part in parts for digest in part.record_digests)
    return Submission(header, pa.concat_tables(cases), pa.concat_tables(codes), digests)


@contextmanager
def open_submission(
    path: str | Path, *, profile: Profile, codebook: Codebook | None
) -> Iterator[tuple[Header, Iterator[Submission]]]:
    """Open a submission file to read it turn by turn, without holding all of it in memory.

    Args:
        path: The file.
        profile: The profile that it must follow.
        codebook: The codebook that it must follow, or None.

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
        if _reference(header.codebook) != _reference(codebook):
            raise SubmissionError("submission.codebook", "The submission follows another codebook.")
        schema = submission_schema(profile.encoding.content_bytes, items)
        check_columns(file, schema)
        check_counts(file.metadata, header, profile.encoding, file_bytes=source.size())
        yield header, _turns(file, source, header, schema, items)


def _turns(
    file: pq.ParquetFile, source: pa.NativeFile, header: Header, schema: pa.Schema, items: tuple[str, ...]
) -> Iterator[Submission]:
    whole = _Whole()
    for cases, codes, digests in _groups(file, source, schema, items):
        whole.add(cases, codes, digests)
        yield Submission(header, cases, codes, tuple(digests))
        # Otherwise the turn would stay in memory until the next one has been read.
        del cases, codes
    whole.check(header)


def _reference(book: Codebook | CodebookReference | None) -> tuple[str, str, str] | None:
    return None if book is None else (book.name, book.version, book.digest)


class _Whole:
    """Check what only the whole file shows, in 64 bytes per record."""

    def __init__(self) -> None:
        self._n_codes = 0
        self._ids: list[NDArray[np.uint8]] = []
        self._record_ids: list[bytes] = []
        self._digests: list[bytes] = []

    def add(self, cases: pa.Table, codes: pa.Table, digests: list[bytes]) -> None:
        self._n_codes += codes.num_rows
        # A copy, because a view would keep the whole turn in memory.
        self._ids.append(fixed_bytes(cases["record"]).copy())
        self._record_ids += [
            hashlib.blake2b(one.encode(), digest_size=ID_DIGEST_BYTES).digest()
            for one in cases["record_id"].to_pylist()
        ]
        self._digests += digests

    def check(self, header: Header) -> None:
        n_records = len(self._digests)
        ids = np.concatenate([np.zeros((0, RECORD_BYTES), np.uint8), *self._ids])
        if len(np.unique(ids, axis=0)) != n_records or len(set(self._record_ids)) != n_records:
            raise SubmissionError("submission.values", _DAMAGED + "a record id is used twice.")
        if header.records != n_records or header.codes != self._n_codes:
            raise SubmissionError("submission.counts", _DAMAGED + "its numbers of rows differ from its header.")
        rows = np.frombuffer(b"".join(sorted(self._digests)), np.uint8).reshape(-1, DIGEST_BYTES)
        if content_digest([rows], n_records=n_records) != header.content_digest:
            raise SubmissionError("submission.content", _DAMAGED + "its rows do not match the digest in its header.")


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
    return field.name, "INT32", "Int(bitWidth=8, isSigned=false)", 0, optional


def _groups(
    file: pq.ParquetFile, source: pa.NativeFile, schema: pa.Schema, items: tuple[str, ...]
) -> Iterator[tuple[pa.Table, pa.Table, list[bytes]]]:
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
    check_pages(source, file.metadata.row_group(index), schema, wanted.names)
    try:
        if not _all_null(file, index, [name for name in schema.names if name not in wanted.names]):
            raise _misplaced()
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
        raise _misplaced()
    # In one piece, so that its bytes can be viewed without a copy.
    return rows.select(list(names)).combine_chunks()


def _misplaced() -> SubmissionError:
    return SubmissionError("submission.values", _DAMAGED + "a value is in the wrong place or missing.")


def _all_null(file: pq.ParquetFile, index: int, names: list[str]) -> bool:
    batches = file.iter_batches(SCAN_ROWS, row_groups=[index], columns=names, use_threads=False)
    return all(column.null_count == len(column) for batch in batches for column in batch.columns)


def _check_group(cases: pa.Table, codes: pa.Table, items: tuple[str, ...]) -> list[bytes]:
    ids = fixed_bytes(cases["record"])
    kind = codes["kind"].to_numpy().astype(np.uint8).reshape(-1, 1)
    owner, match_key, content = (fixed_bytes(codes[name]) for name in ("record", "match_key", "content"))
    if not _is_sorted(ids) or not _is_sorted(match_key, kind, owner, content):
        raise SubmissionError("submission.order", _DAMAGED + "its rows are not in order.")
    index = _lookup(ids, owner)
    # The rows are sorted by match key and content, so a stable sort by record and kind completes the order.
    order = np.argsort(index << 8 | kind.ravel(), kind="stable")
    joined = np.concatenate([column[order] for column in (kind, match_key, content)], axis=1)
    ends = np.searchsorted(index[order], np.arange(len(ids)), side="right")
    starts = np.concatenate([[0], ends[:-1]])
    blobs = (joined[start:end].tobytes() for start, end in zip(starts, ends, strict=True))
    columns = [cases[name].to_pylist() for name in case_columns(items)[1:]]
    return record_digests(list(zip(*columns, strict=True)), items, blobs)


def _is_sorted(*columns: NDArray[np.uint8]) -> bool:
    """Return whether no row comes before the one above it, comparing bytes."""
    if len(columns[0]) < 2:
        return True
    # In steps that share a row, because the comparison takes several times the memory of the rows.
    starts = range(0, len(columns[0]) - 1, SCAN_ROWS)
    return all(_is_step_sorted([column[start : start + SCAN_ROWS + 1] for column in columns]) for start in starts)


def _is_step_sorted(columns: list[NDArray[np.uint8]]) -> bool:
    joined = np.concatenate(columns, axis=1)
    differ = joined[1:] != joined[:-1]
    # For equal rows this is the first byte, where they agree.
    first = differ.argmax(axis=1)
    row = np.arange(len(first))
    return bool((joined[1:][row, first] >= joined[:-1][row, first]).all())


def _lookup(ids: NDArray[np.uint8], owner: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return the index of each owner among the sorted ids; every owner must be one of them."""
    names, wanted = (np.ascontiguousarray(rows).view(f"V{rows.shape[1]}").ravel() for rows in (ids, owner))
    index = np.searchsorted(names, wanted)
    if not np.array_equal(names[np.minimum(index, len(names) - 1)], wanted):
        raise SubmissionError("submission.values", _DAMAGED + "a code belongs to no record of its group.")
    return index


def row_faults(
    submission: Submission, *, profile: Profile, codebook: Codebook | None, first_row: int = 0
) -> list[Fault]:
    """Find the records that break a rule for single rows; the other records stand.

    Args:
        submission: A submission that `read_submission` gave.
        profile: The same profile.
        codebook: The same codebook.
        first_row: The index of the first record, if the submission is one turn of a file.

    Returns:
        The first fault of each record that has one, in the order of `submission.cases`; its row is the index of the
        record. Rules: `codes.counts`, `record_id.*`,
        `report_id.*`, `case_id.*`, `role.unknown`, `status.unknown`, `case_state.unknown`, `event_date.form` and those
        of other dates; `payload.unknown_code`, also for a code that is not valid on the date of the record;
        `payload.several` for several codes of an item that takes one, too many, or in another order.
    """
    ids = fixed_bytes(submission.cases["record"])
    counts_ok = _counts_ok(submission, ids, profile)
    faults = []
    for index, case in enumerate(submission.cases.to_pylist()):
        rule = "codes.counts" if not counts_ok[index] else _case_rule(case, codebook)
        if rule is not None:
            faults.append(Fault(first_row + index, None, rule, "rejected"))
    return faults


def _counts_ok(submission: Submission, ids: NDArray[np.uint8], profile: Profile) -> NDArray[np.bool_]:
    expected = np.array(profile.encoding.codes_per_kind)
    n_kinds = len(expected)
    order = code_order(ids)
    index = order[_lookup(ids[order], fixed_bytes(submission.codes["record"]))]
    kind = submission.codes["kind"].to_numpy().astype(np.int64)
    found = np.bincount(index * (n_kinds + 1) + np.minimum(kind, n_kinds), minlength=len(ids) * (n_kinds + 1))
    table = found.reshape(len(ids), n_kinds + 1)
    return np.asarray((table == np.append(expected, 0)).all(axis=1))


def _case_rule(case: dict[str, Any], codebook: Codebook | None) -> str | None:
    broken = id_rule(case["record_id"])
    if broken is not None:
        return f"record_id.{broken}"
    for column in RESERVED:
        value = case[column]
        rule = None if value is None else value_rule(column, value)
        if rule is not None:
            return rule
    if codebook is None:
        return None
    when = case["event_date"] or case["report_date"]
    for item in codebook.item_names:
        value = case[PAYLOAD_PREFIX + item]
        try:
            if value is not None:
                codebook.check_value(item, value, date=when)
        except CodebookError as error:
            return "payload.several" if error.rule in _SEVERAL else "payload.unknown_code"
    return None
