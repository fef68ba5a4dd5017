"""Bound what any file that a reporter sends may unpack to, before anything is unpacked (docs/spec.md, 8, 10 and 11).

Some kilobytes of Parquet can claim billions of values, or one long text a million times. The sizes in a footer may be
wrong, so the numbers of rows come from the header and the profile, and the sizes from the pages themselves.
"""

from __future__ import annotations

import errno
from collections.abc import Collection
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from pseudonym.errors import SubmissionError
from pseudonym.profile import Encoding
from pseudonym.wire.header import Header
from pseudonym.wire.pages import DICTIONARY_PAGE, PageError, read_pages
from pseudonym.wire.schema import GROUP_RECORDS, RECORD_BYTES

__all__ = [
    "check_case_rows",
    "check_code_rows",
    "check_counts",
    "check_footer",
    "check_ids",
    "check_pages",
    "check_rows",
    "check_texts",
    "unusable",
]

SHORTAGES: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.EAGAIN, errno.ENOMEM, errno.EIO})
"""Error numbers that mean that the system is at fault, not the file."""

MAX_TEXT_BYTES: Final = 256
"""Maximum length of a text in UTF-8: an id has 64 characters, and everything else is shorter."""

FOOTER_BYTES: Final = 1 << 18
"""What a footer may have in any file. It has some kilobytes per turn, and takes some hundred times as much memory."""

FILE_PER_FOOTER: Final = 1000
"""A footer may have one byte more for every this many bytes of the file."""

MAX_RATIO: Final = 100
"""How many times the length of its file an unpacked submission may have. Match keys and contents look like noise, so
honest files reach two; the ids of a withdrawal, each counted at the largest length, reach thirty."""

FREE_OF_RATIO_BYTES: Final = 64 << 20
"""What may be unpacked from a file of any length."""

PAGE_BYTES: Final = 1 << 16
"""Room for lengths, levels and paddings of the pages of a column, besides its values."""

OVERHEAD_BYTES: Final = 5
"""Room per row: an index into a dictionary, and the level that says whether there is a value."""

FREE_PAGES: Final = 16
"""Pages that a column may have whatever its number of rows."""

ROWS_PER_PAGE: Final = 64
"""A column may have one page more for every this many rows."""

ENCODINGS: Final = frozenset({0, 2, 8})
"""PLAIN, PLAIN_DICTIONARY and RLE_DICTIONARY: the encodings whose unpacked size follows from their pages."""

_TAIL_BYTES: Final = 8
_KIND_BYTES: Final = 1

_TOO_LARGE: Final = "The file would unpack to more than its records can hold; it was not read: "

_WITHDRAWAL_DAMAGED: Final = "The withdrawal is damaged or does not follow the specification: "


def _too_large(what: str) -> SubmissionError:
    hint = "Nothing that pseudonym writes looks like this: ask the reporter to write it again."
    return SubmissionError("submission.too_large", _TOO_LARGE + what, hint=hint)


def check_footer(source: pa.NativeFile) -> None:
    """Refuse a file whose footer is too long to be parsed safely.

    Args:
        source: The file, open for reading.

    Raises:
        SubmissionError: `submission.too_large`.
    """
    size = source.size()
    if size < _TAIL_BYTES:
        return
    length = int.from_bytes(source.read_at(_TAIL_BYTES, size - _TAIL_BYTES)[:4], "little")
    # A longer footer than the file can hold is damage, which Arrow reports without parsing it.
    if FOOTER_BYTES + size // FILE_PER_FOOTER < length <= size:
        raise _too_large("its footer is too long.")


def check_counts(metadata: Any, header: Header, encoding: Encoding, *, file_bytes: int) -> None:
    """Refuse numbers of rows that the profile does not allow, or that differ from those in the header.

    Args:
        metadata: The Parquet metadata.
        header: The header, checked against its digest.
        encoding: The encoding of the profile.
        file_bytes: Length of the file.

    Raises:
        SubmissionError: `submission.groups`, `submission.counts`, `submission.too_large`.
    """
    damaged = "The submission is damaged or does not follow the specification: "
    if metadata.num_row_groups % 2:
        raise SubmissionError("submission.groups", damaged + "its row groups do not come in turns.")
    rows = [metadata.row_group(index).num_rows for index in range(metadata.num_row_groups)]
    n_codes = sum(encoding.codes_per_kind)
    for n_cases, n_rows in zip(rows[::2], rows[1::2], strict=True):
        # A record with a wrong number of codes is set aside, so the file may have those of one record more.
        if not 0 < n_cases <= GROUP_RECORDS or not 0 < n_rows <= (n_cases + 1) * n_codes:
            raise SubmissionError("submission.groups", damaged + "a row group is empty or too large.")
    if (header.records, header.codes) != (sum(rows[::2]), sum(rows[1::2])):
        raise SubmissionError("submission.counts", damaged + "its numbers of rows differ from its header.")
    _check_unpacked(header.codes, encoding, file_bytes)


def _check_unpacked(n_codes: int, encoding: Encoding, file_bytes: int) -> None:
    unpacked = n_codes * (_KIND_BYTES + 2 * RECORD_BYTES + encoding.content_bytes)
    if unpacked > max(FREE_OF_RATIO_BYTES, MAX_RATIO * file_bytes):
        raise _too_large("the file is too short for its number of codes.")


def check_code_rows(metadata: Any, n_codes: int, encoding: Encoding, *, file_bytes: int, damaged: str) -> None:
    """Refuse a part with codes that has other numbers of rows than its header says, or than the profile allows.

    Args:
        metadata: The Parquet metadata.
        n_codes: The number of codes in the header.
        encoding: The encoding of the profile.
        file_bytes: Length of the file.
        damaged: The beginning of the message.

    Raises:
        SubmissionError: `submission.groups`, `submission.counts`, `submission.too_large`.
    """
    # As in a submission, the records of a group may have the codes of one record more.
    most = (GROUP_RECORDS + 1) * sum(encoding.codes_per_kind)
    check_rows(metadata, n_codes, damaged=damaged, most=most)
    _check_unpacked(n_codes, encoding, file_bytes)


def check_case_rows(metadata: Any, n_cases: int, *, file_bytes: int, damaged: str) -> None:
    """Refuse a part with cases that has another number of rows than its header says, or more than its length allows.

    Args:
        metadata: The Parquet metadata.
        n_cases: The number of records in the header.
        file_bytes: Length of the file.
        damaged: The beginning of the message.

    Raises:
        SubmissionError: As `check_code_rows`.
    """
    check_rows(metadata, n_cases, damaged=damaged)
    # The handle of a record looks like noise, and alone has a sixteenth of this.
    if n_cases * MAX_TEXT_BYTES > max(FREE_OF_RATIO_BYTES, MAX_RATIO * file_bytes):
        raise _too_large("the file is too short for its number of records.")


def check_pages(
    source: pa.NativeFile,
    group: Any,
    schema: pa.Schema,
    names: Collection[str],
    *,
    among: Collection[str] | None = None,
) -> None:
    """Refuse a row group with pages that hold more than its rows need.

    Args:
        source: The file.
        group: The metadata of the row group, whose number of rows has been checked.
        schema: The schema of the file, which has been checked.
        names: The columns that have values in the row group; the others may only hold nulls.
        among: Which columns to check; all of them if None.

    Raises:
        SubmissionError: `submission.too_large` for a column that is too large, `submission.encoding` for one with
            another encoding than PLAIN or a dictionary, `submission.not_parquet` for one that is damaged.
    """
    for index, field in enumerate(schema):
        if among is not None and field.name not in among:
            continue
        value_bytes = _value_bytes(field.type) if field.name in names else 0
        limit = group.num_rows * (value_bytes + OVERHEAD_BYTES) + PAGE_BYTES
        try:
            _check_column(source, group.column(index), group.num_rows, limit)
        except (PageError, OSError, IndexError, pa.ArrowException) as error:
            raise unusable(error) from None


def _value_bytes(kind: pa.DataType) -> int:
    if pa.types.is_fixed_size_binary(kind):
        return int(kind.byte_width)
    # Parquet writes the length of a text before it, and every integer in four bytes.
    return 4 + MAX_TEXT_BYTES if pa.types.is_string(kind) else 4


def _check_column(source: pa.NativeFile, column: Any, n_rows: int, limit: int) -> None:
    start, first = column.data_page_offset, column.dictionary_page_offset
    if first is not None and 0 < first < start:
        start = first
    length = column.total_compressed_size
    if start < 0 or not 0 < length <= source.size() - start or column.num_values != n_rows:
        raise PageError
    n_bytes = n_values = 0
    for n_pages, page in enumerate(read_pages(source.read_at, start, length), start=1):
        n_bytes += page.n_bytes
        n_values += 0 if page.type == DICTIONARY_PAGE else page.n_values
        if n_bytes > limit or max(n_values, page.n_values) > n_rows or n_pages > FREE_PAGES + n_rows // ROWS_PER_PAGE:
            raise _too_large("a column is too large.")
        if page.encoding not in ENCODINGS:
            raise SubmissionError("submission.encoding", "The file has a column in an unknown encoding.")
    if n_values != n_rows:
        raise PageError


def check_ids(metadata: Any, n_ids: int, *, file_bytes: int) -> None:
    """Refuse a withdrawal with other numbers of rows than its header says, or with more ids than its length allows.

    Args:
        metadata: The Parquet metadata.
        n_ids: The number of ids in the header.
        file_bytes: Length of the file.

    Raises:
        SubmissionError: `submission.groups`, `submission.counts`, `submission.too_large`.
    """
    check_rows(metadata, n_ids, damaged=_WITHDRAWAL_DAMAGED)
    if n_ids * MAX_TEXT_BYTES > max(FREE_OF_RATIO_BYTES, MAX_RATIO * file_bytes):
        raise _too_large("the file is too short for its number of ids.")


def check_rows(metadata: Any, n_rows: int, *, damaged: str, most: int = GROUP_RECORDS) -> None:
    """Refuse a file with row groups that are empty or too large, or with another number of rows than its header says.

    Args:
        metadata: The Parquet metadata.
        n_rows: The number of rows in the header.
        damaged: The beginning of the message.
        most: How many rows a row group may have.

    Raises:
        SubmissionError: `submission.groups`, `submission.counts`.
    """
    rows = [metadata.row_group(index).num_rows for index in range(metadata.num_row_groups)]
    if not all(0 < n_found <= most for n_found in rows):
        raise SubmissionError("submission.groups", damaged + "a row group is empty or too large.")
    if sum(rows) != n_rows:
        raise SubmissionError("submission.counts", damaged + "its numbers of rows differ from its header.")


def unusable(error: Exception) -> SubmissionError:
    """Return the error for a damaged file, or for a machine in trouble, where the file may be fine."""
    if isinstance(error, MemoryError) or getattr(error, "errno", None) in SHORTAGES:
        return SubmissionError(
            "submission.unreadable",
            "The file cannot be read now: the system is out of memory or file handles, or the disk is failing.",
        )
    return SubmissionError("submission.not_parquet", "The file is cut off, damaged, or not a Parquet file.")


def check_texts(columns: list[pa.ChunkedArray]) -> None:
    """Refuse texts that are too long, before the dictionaries that they are in are resolved.

    Args:
        columns: Columns of dictionaries of text.

    Raises:
        SubmissionError: `submission.too_large`.
    """
    for column in columns:
        for chunk in column.chunks:
            longest = pc.max(pc.binary_length(chunk.dictionary)).as_py()
            if longest is not None and longest > MAX_TEXT_BYTES:
                raise _too_large("a text is too long.")
