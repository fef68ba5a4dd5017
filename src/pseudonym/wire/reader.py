"""Read a submission file and refuse everything that the specification does not say (docs/spec.md, section 8)."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from pseudonym.codebook import Codebook, CodebookError
from pseudonym.errors import SubmissionError
from pseudonym.profile import Profile
from pseudonym.wire.digests import DIGEST_BYTES, code_order, content_digest, record_digests
from pseudonym.wire.header import CodebookReference, Header, parse_header
from pseudonym.wire.rows import RESERVED, id_rule, value_rule
from pseudonym.wire.schema import (
    CASE,
    CODE,
    GROUP_RECORDS,
    PAYLOAD_PREFIX,
    case_columns,
    code_columns,
    fixed_bytes,
    submission_schema,
)

__all__ = ["RowFault", "Submission", "read_header", "read_submission", "row_faults"]

SHORTAGES: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.EAGAIN, errno.ENOMEM, errno.EIO})
"""What the system says when it, and not the file, is at fault."""

MAX_CODES_PER_RECORD: Final = 64 * 256
"""More codes than any profile makes of one record."""

_DAMAGED: Final = "The submission is damaged or was not written by the specification: "


@dataclass(frozen=True, slots=True)
class Submission:
    """A submission whose digests, counts and order have been checked.

    Attributes:
        header: The header.
        cases: One row a record: `record`, `record_id`, the reserved columns, `payload.*`.
        codes: One row a code: `record`, `kind`, `match_key`, `content`.
        record_digests: For each row of `cases`, 32 bytes.
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


@dataclass(frozen=True, slots=True)
class RowFault:
    """A record that breaks a rule for single rows, by its ids and the rule."""

    record: bytes
    record_id: str
    rule: str


def read_header(path: str | Path) -> Header:
    """Read the header of a submission file without its rows.

    Args:
        path: The file.

    Returns:
        The header, checked against its digest.

    Raises:
        SubmissionError: `submission.unreadable` when the file cannot be opened, `submission.not_parquet` when it is cut
            or something else, and what `parse_header` raises.

    Sees: neither
    """
    with _open(path) as file:
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
        SubmissionError: As `read_header`; `submission.profile` or `submission.codebook` when the file follows another
            one; `submission.columns`, `submission.groups`, `submission.order`, `submission.values`,
            `submission.counts`, `submission.content` when the rows are not as the specification says.

    Sees: neither
    """
    items = codebook.item_names if codebook is not None else ()
    with _open(path) as file:
        header = _header(file)
        if (header.profile, header.profile_digest) != (profile.name, profile.digest):
            raise SubmissionError("submission.profile", "The submission follows another profile.")
        if _reference(header.codebook) != _reference(codebook):
            raise SubmissionError("submission.codebook", "The submission follows another codebook.")
        schema = submission_schema(profile.encoding.content_bytes, items)
        _check_schema(file, schema)
        cases, codes, digests = [], [], []
        for group in _groups(file, schema, items):
            cases.append(group[0])
            codes.append(group[1])
            digests += group[2]
    return _checked(header, cases, codes, digests, items=items, profile=profile)


def _reference(book: Codebook | CodebookReference | None) -> tuple[str, str, str] | None:
    return None if book is None else (book.name, str(book.version), book.digest)


def _checked(
    header: Header,
    cases: list[pa.Table],
    codes: list[pa.Table],
    digests: list[bytes],
    *,
    items: tuple[str, ...],
    profile: Profile,
) -> Submission:
    schema = submission_schema(profile.encoding.content_bytes, items)
    all_cases = pa.concat_tables(cases) if cases else _empty(schema, case_columns(items))
    all_codes = pa.concat_tables(codes) if codes else _empty(schema, code_columns())
    ids = fixed_bytes(all_cases["record"])
    if len(np.unique(ids, axis=0)) != len(ids) or len(pc.unique(all_cases["record_id"])) != len(ids):
        raise SubmissionError("submission.values", _DAMAGED + "a record id is used twice.")
    if header.records != all_cases.num_rows or header.codes != all_codes.num_rows:
        raise SubmissionError("submission.counts", _DAMAGED + "it has other numbers of rows than its header says.")
    rows = np.frombuffer(b"".join(sorted(digests)), np.uint8).reshape(-1, DIGEST_BYTES)
    if content_digest([rows], n_records=len(rows)) != header.content_digest:
        raise SubmissionError("submission.content", _DAMAGED + "its rows do not fit the digest in its header.")
    return Submission(header=header, cases=all_cases, codes=all_codes, record_digests=tuple(digests))


def _empty(schema: pa.Schema, names: tuple[str, ...]) -> pa.Table:
    return pa.schema([schema.field(name) for name in names]).empty_table()


def _open(path: str | Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path, page_checksum_verification=True)
    except (FileNotFoundError, PermissionError, IsADirectoryError):
        raise SubmissionError("submission.unreadable", "There is no such file, or it may not be read.") from None
    except (OSError, pa.ArrowException, ValueError) as error:
        raise _unusable(error) from None


def _unusable(error: Exception) -> SubmissionError:
    """Tell a damaged file from a machine that has run out of something, for which nobody should send again."""
    if isinstance(error, MemoryError) or getattr(error, "errno", None) in SHORTAGES:
        return SubmissionError("submission.unreadable", "The file cannot be read now: memory or files have run out.")
    return SubmissionError("submission.not_parquet", "The file is cut, damaged, or not a Parquet file.")


def _header(file: pq.ParquetFile) -> Header:
    return parse_header(file.metadata.metadata or {})


def _check_schema(file: pq.ParquetFile, expected: pa.Schema) -> None:
    """Compare the Parquet columns; what an Arrow schema in the metadata says of them does not count."""
    found = [
        (column.path, column.physical_type, str(column.logical_type), column.length, column.max_definition_level)
        for column in (file.schema.column(place) for place in range(len(file.schema.names)))
    ]
    if found != [_parquet_column(field) for field in expected]:
        raise SubmissionError("submission.columns", _DAMAGED + "its columns are not the right ones.")


def _parquet_column(field: pa.Field) -> tuple[str, str, str, int, int]:
    optional = int(field.nullable)
    if pa.types.is_fixed_size_binary(field.type):
        return field.name, "FIXED_LEN_BYTE_ARRAY", "None", field.type.byte_width, optional
    if pa.types.is_string(field.type):
        return field.name, "BYTE_ARRAY", "String", 0, optional
    return field.name, "INT32", "Int(bitWidth=8, isSigned=false)", 0, optional


def _groups(
    file: pq.ParquetFile, schema: pa.Schema, items: tuple[str, ...]
) -> Iterator[tuple[pa.Table, pa.Table, list[bytes]]]:
    if file.num_row_groups % 2:
        raise SubmissionError("submission.groups", _DAMAGED + "its row groups do not come in turns.")
    for index in range(0, file.num_row_groups, 2):
        cases = _group(file, index, schema, table=CASE, names=case_columns(items))
        codes = _group(file, index + 1, schema, table=CODE, names=code_columns())
        yield cases, codes, _check_group(cases, codes, items)


def _group(file: pq.ParquetFile, index: int, schema: pa.Schema, *, table: int, names: tuple[str, ...]) -> pa.Table:
    limit = GROUP_RECORDS if table == CASE else GROUP_RECORDS * MAX_CODES_PER_RECORD
    n_rows = file.metadata.row_group(index).num_rows
    if not 0 < n_rows <= limit:
        raise SubmissionError("submission.groups", _DAMAGED + "a row group is empty or too large.")
    try:
        rows = file.read_row_group(index, use_threads=False).cast(schema)
        # Text that is not UTF-8 would come out as an error that shows it.
        rows.validate(full=True)
    except (OSError, pa.ArrowException, ValueError) as error:
        raise _unusable(error) from None
    if not np.all(rows["table"].to_numpy() == table):
        raise SubmissionError("submission.groups", _DAMAGED + "its row groups do not come in turns.")
    others = [name for name in rows.column_names if name not in names and name != "table"]
    required = ("record", "record_id") if table == CASE else names
    if any(rows[name].null_count < n_rows for name in others) or any(rows[name].null_count for name in required):
        raise SubmissionError("submission.values", _DAMAGED + "a value stands in the wrong place or is missing.")
    return rows.select(list(names))


def _check_group(cases: pa.Table, codes: pa.Table, items: tuple[str, ...]) -> list[bytes]:
    ids = fixed_bytes(cases["record"])
    kind = codes["kind"].to_numpy().astype(np.uint8).reshape(-1, 1)
    owner, match_key, content = (fixed_bytes(codes[name]) for name in ("record", "match_key", "content"))
    if not _is_sorted(ids) or not _is_sorted(match_key, kind, owner, content):
        raise SubmissionError("submission.order", _DAMAGED + "its rows are not in order.")
    place = _lookup(ids, owner)
    position = np.ascontiguousarray(place.astype(">u4")).view(np.uint8).reshape(-1, 4)
    order = code_order(position, kind, match_key, content)
    joined = np.concatenate([kind, match_key, content], axis=1)[order]
    ends = np.searchsorted(place[order], np.arange(len(ids)), side="right")
    starts = np.concatenate([[0], ends[:-1]])
    blobs = [joined[start:end].tobytes() for start, end in zip(starts, ends, strict=True)]
    columns = [cases[name].to_pylist() for name in case_columns(items)[1:]]
    return record_digests(list(zip(*columns, strict=True)), items, blobs)


def _is_sorted(*columns: NDArray[np.uint8]) -> bool:
    return bool(np.array_equal(code_order(*columns), np.arange(len(columns[0]))))


def _lookup(ids: NDArray[np.uint8], owner: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Find the place of each owner among the sorted ids; every owner must be there."""
    joined = np.concatenate([ids, owner])
    _, inverse = np.unique(joined, axis=0, return_inverse=True)
    inverse = inverse.ravel()
    table = np.full(len(joined), -1, np.int64)
    table[inverse[: len(ids)]] = np.arange(len(ids))
    place = table[inverse[len(ids) :]]
    if np.any(place < 0):
        raise SubmissionError("submission.values", _DAMAGED + "a code belongs to no record of its group.")
    return place


def row_faults(submission: Submission, *, profile: Profile, codebook: Codebook | None) -> list[RowFault]:
    """Find the records that break a rule for single rows; the other records stand.

    Args:
        submission: A submission that `read_submission` gave.
        profile: The same profile.
        codebook: The same codebook.

    Returns:
        One fault a record, its first; in the order of `submission.cases`. Rules: `codes.counts`, `record_id.*`,
        `role.unknown`, `status.unknown`, `report_id.*`, `case_id.*`, `event_date.form`, `report_date.form`,
        `payload.unknown_code`, `payload.unknown_code`.

    Sees: neither
    """
    ids = fixed_bytes(submission.cases["record"])
    counts_ok = _counts_ok(submission, ids, profile)
    faults = []
    for index, case in enumerate(submission.cases.to_pylist()):
        rule = "codes.counts" if not counts_ok[index] else _case_rule(case, codebook)
        if rule is not None:
            faults.append(RowFault(record=case["record"], record_id=case["record_id"], rule=rule))
    return faults


def _counts_ok(submission: Submission, ids: NDArray[np.uint8], profile: Profile) -> NDArray[np.bool_]:
    expected = np.array(profile.encoding.codes_per_kind)
    n_kinds = len(expected)
    order = code_order(ids)
    place = order[_lookup(ids[order], fixed_bytes(submission.codes["record"]))]
    kind = submission.codes["kind"].to_numpy().astype(np.int64)
    found = np.bincount(place * (n_kinds + 1) + np.minimum(kind, n_kinds), minlength=len(ids) * (n_kinds + 1))
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
                codebook.check(item, value, date=when)
        except CodebookError:
            return "payload.unknown_code"
    return None
