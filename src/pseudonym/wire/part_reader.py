"""Read the parts of a submission, one for each unit, as strictly as the whole (docs/spec.md, section 13)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from pseudonym.codebook import Codebook
from pseudonym.errors import SubmissionError
from pseudonym.labels import LABELS
from pseudonym.profile import Profile
from pseudonym.wire.container import open_parquet
from pseudonym.wire.digests import case_digests, cases_in_bytes, code_digests
from pseudonym.wire.header import CODES_KEY
from pseudonym.wire.limits import check_case_rows, check_code_rows
from pseudonym.wire.order import code_order, is_sorted, take_rows
from pseudonym.wire.part_headers import CasesHeader, CodesHeader, parse_cases_header, parse_codes_header
from pseudonym.wire.reader import check_columns, codes_by_record, item_names, same_codebook, texts_of
from pseudonym.wire.schema import GROUP_RECORDS, case_schema, code_schema, fixed_bytes
from pseudonym.wire.small_files import read_group
from pseudonym.wire.whole import Whole

__all__ = ["CasesTurn", "CodesTurn", "open_cases", "open_codes", "read_part_header"]

_DAMAGED: Final = "The part of the submission is damaged or does not follow the specification: "


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class CodesTurn:
    """The codes of at most 8,192 records.

    Attributes:
        records: `(n, 16) uint8`, the handles of the records, ascending.
        codes: One row per code: `record`, `kind`, `match_key`, `content`.
        record_digests: 32 bytes for each of `records`.
        index: The place of the row group, to read it again.
    """

    records: NDArray[np.uint8]
    codes: pa.Table
    record_digests: tuple[bytes, ...]
    index: int


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class CasesTurn:
    """The case rows of at most 8,192 records.

    Attributes:
        cases: One row per record: `record`, `record_id`, the reserved columns, `payload.*`.
        record_digests: 32 bytes for each row.
    """

    cases: pa.Table
    record_digests: tuple[bytes, ...]


def read_part_header(path: str | Path) -> CodesHeader | CasesHeader:
    """Read the header of either part of a submission without its rows.

    Args:
        path: The file.

    Returns:
        The header, checked against its digest.

    Raises:
        SubmissionError: As for `read_header`; `submission.part` if the file is anything else that a reporter sends.
    """
    with open_parquet(path) as (file, _):
        metadata = file.metadata.metadata or {}
        return parse_codes_header(metadata) if CODES_KEY in metadata else parse_cases_header(metadata)


@contextmanager
def open_codes(path: str | Path, *, profile: Profile) -> Iterator[tuple[CodesHeader, Iterator[CodesTurn]]]:
    """Open the part with codes, to read it turn by turn.

    Args:
        path: The file.
        profile: The profile that it must follow.

    Yields:
        The header, checked, and the turns in the order of the file. Digest, counts and repeated handles are checked
        after the last turn, so use no result before the iterator is exhausted.

    Raises:
        SubmissionError: As for `open_submission`; `submission.part` if the file is anything else.
    """
    with open_parquet(path) as (file, source):
        header = parse_codes_header(file.metadata.metadata or {})
        if (header.profile, header.profile_digest) != (profile.name, profile.digest):
            raise SubmissionError("submission.profile", "The submission follows another profile.")
        schema = code_schema(profile.encoding.content_bytes)
        check_columns(file, schema)
        check_code_rows(file.metadata, header.codes, profile.encoding, file_bytes=source.size(), damaged=_DAMAGED)
        yield header, _codes(file, source, header, schema)


def _codes(file: pq.ParquetFile, source: pa.NativeFile, header: CodesHeader, schema: pa.Schema) -> Iterator[CodesTurn]:
    whole = Whole(_DAMAGED, label=LABELS["codes_content"])
    for index in range(file.num_row_groups):
        turn = _codes_turn(index, _rows(file, source, index, schema, schema.names))
        whole.add(turn.records, list(turn.record_digests), n_codes=turn.codes.num_rows)
        yield turn
        # Otherwise the turn would stay in memory until the next one has been read.
        del turn
    whole.check(header.records, header.codes, header.content_digest)


def _codes_turn(index: int, codes: pa.Table) -> CodesTurn:
    """Find the records of the codes of a row group, each column of which is in one piece."""
    kind = codes["kind"].to_numpy().astype(np.uint8).reshape(-1, 1)
    owner, match_key, content = (fixed_bytes(codes[name]) for name in ("record", "match_key", "content"))
    if not is_sorted(match_key, kind, owner, content):
        raise SubmissionError("submission.order", _DAMAGED + "its rows are not in order.")
    records, place = _distinct(codes["record"])
    if len(records) > GROUP_RECORDS:
        raise SubmissionError("submission.groups", _DAMAGED + "a row group is empty or too large.")
    blobs = codes_by_record(place, len(records), kind, match_key, content)
    return CodesTurn(records, codes, tuple(code_digests(records, blobs)), index)


def _distinct(owner: pa.ChunkedArray) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return each handle once, ascending, and for each code the index of its own."""
    # Arrow hashes them, which takes a tenth of the time of sorting them all.
    found = pa.concat_arrays(owner.chunks).dictionary_encode()
    handles = fixed_bytes(found.dictionary)
    order = code_order(handles)
    place = np.empty(len(handles), np.int64)
    place[order] = np.arange(len(handles))
    return take_rows(handles, order), place[found.indices.to_numpy()]


@contextmanager
def open_cases(path: str | Path, *, codebook: Codebook | None) -> Iterator[tuple[CasesHeader, Iterator[CasesTurn]]]:
    """Open the part with cases, to read it turn by turn.

    Args:
        path: The file.
        codebook: The codebook that it must follow, or None. A part with nothing to report may follow another.

    Yields:
        As `open_codes`.

    Raises:
        SubmissionError: As for `open_codes`.
    """
    items = codebook.item_names if codebook is not None else ()
    texts = [field.name for field in case_schema(items) if pa.types.is_string(field.type)]
    with open_parquet(path, texts) as (file, source):
        header = parse_cases_header(file.metadata.metadata or {})
        if not same_codebook(header.codebook, codebook):
            if not header.nothing_to_report:
                raise SubmissionError("submission.codebook", "The submission follows another codebook.")
            items = item_names(file.schema.names) if header.codebook is not None else ()
        check_columns(file, case_schema(items))
        check_case_rows(file.metadata, header.records, file_bytes=source.size(), damaged=_DAMAGED)
        yield header, _cases(file, source, header, items)


def _cases(
    file: pq.ParquetFile, source: pa.NativeFile, header: CasesHeader, items: tuple[str, ...]
) -> Iterator[CasesTurn]:
    whole = Whole(_DAMAGED, label=LABELS["cases_content"])
    for index in range(file.num_row_groups):
        turn = _cases_turn(_rows(file, source, index, case_schema(items), ("record", "record_id")), items)
        whole.add(fixed_bytes(turn.cases["record"]), list(turn.record_digests), cases=turn.cases)
        yield turn
        del turn
    whole.check(header.records, 0, header.content_digest)


def _cases_turn(cases: pa.Table, items: tuple[str, ...]) -> CasesTurn:
    """Take the digests of the case rows of a row group, each column of which is in one piece."""
    records = fixed_bytes(cases["record"])
    if not is_sorted(records):
        raise SubmissionError("submission.order", _DAMAGED + "its rows are not in order.")
    return CasesTurn(cases, tuple(case_digests(records, cases_in_bytes(texts_of(cases), items))))


def _rows(
    file: pq.ParquetFile, source: pa.NativeFile, index: int, schema: pa.Schema, required: tuple[str, ...] | list[str]
) -> pa.Table:
    rows = read_group(file, source, index, schema)
    if any(rows[name].null_count for name in required):
        raise SubmissionError("submission.values", _DAMAGED + "a value is missing.")
    # In one piece, so that its bytes can be viewed without a copy.
    return rows.combine_chunks()
