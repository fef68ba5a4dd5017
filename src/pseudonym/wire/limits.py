"""Bound what a submission file may unpack to, before anything of it is unpacked (docs/spec.md, section 8).

Some kilobytes of Parquet can claim billions of values, or one long text a million times. The sizes in a footer may be
wrong, so the numbers of rows come from the header and the profile, and the sizes from the pages themselves.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from pseudonym.errors import SubmissionError
from pseudonym.profile import Encoding
from pseudonym.wire.header import Header
from pseudonym.wire.pages import DICTIONARY_PAGE, PageError, read_pages
from pseudonym.wire.schema import GROUP_RECORDS, RECORD_BYTES

__all__ = ["check_counts", "check_footer", "check_pages", "check_texts"]

MAX_TEXT_BYTES: Final = 256
"""Maximum length of a text in UTF-8: an id has 64 characters, and everything else is shorter."""

FOOTER_BYTES: Final = 1 << 18
FILE_PER_FOOTER: Final = 1000
"""A footer has some kilobytes per turn, and at most the former length plus one part in the latter of the file. It takes
some hundred times as much memory."""

MAX_RATIO: Final = 100
FREE_OF_RATIO_BYTES: Final = 64 << 20
"""How many times the length of the file its codes may have once unpacked, if they have more than the latter number of
bytes. Match keys and contents look like noise, so honest files reach two."""

PAGE_BYTES: Final = 1 << 16
"""Room for lengths, levels and paddings of the pages of a column, besides its values."""

OVERHEAD_BYTES: Final = 5
"""Room per row: an index into a dictionary, and the level that says whether there is a value."""

FREE_PAGES: Final = 16
ROWS_PER_PAGE: Final = 64
"""A column may have the former number of pages, and one more for every such number of rows."""

ENCODINGS: Final = frozenset({0, 2, 8})
"""PLAIN, PLAIN_DICTIONARY and RLE_DICTIONARY: the encodings whose unpacked size follows from their pages."""

_TAIL_BYTES: Final = 8
_KIND_BYTES: Final = 1

_TOO_LARGE: Final = "The submission would unpack to more than its records can hold; it was not read: "


def _too_large(what: str) -> SubmissionError:
    hint = "Nothing that pseudonym encode writes looks like this: ask the reporter to encode again."
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
    unpacked = header.codes * (_KIND_BYTES + 2 * RECORD_BYTES + encoding.content_bytes)
    if unpacked > max(FREE_OF_RATIO_BYTES, MAX_RATIO * file_bytes):
        raise _too_large("the file is too short for its number of codes.")


def check_pages(source: pa.NativeFile, group: Any, schema: pa.Schema, names: Collection[str]) -> None:
    """Refuse a row group with pages that hold more than its rows need.

    Args:
        source: The file.
        group: The metadata of the row group, whose number of rows has been checked.
        schema: The schema of the file, which has been checked.
        names: The columns that have values in the row group; the others may only hold nulls.

    Raises:
        SubmissionError: `submission.too_large` for a column that is too large, `submission.encoding` for one with
            another encoding than PLAIN or a dictionary, `submission.not_parquet` for one that is damaged.
    """
    for index, field in enumerate(schema):
        value_bytes = _value_bytes(field.type) if field.name in names else 0
        limit = group.num_rows * (value_bytes + OVERHEAD_BYTES) + PAGE_BYTES
        try:
            _check_column(source, group.column(index), group.num_rows, limit)
        except (PageError, OSError, IndexError, pa.ArrowException):
            raise SubmissionError(
                "submission.not_parquet", "The file is cut off, damaged, or not a Parquet file."
            ) from None


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
            raise SubmissionError("submission.encoding", "The submission has a column in an unknown encoding.")
    if n_values != n_rows:
        raise PageError


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
