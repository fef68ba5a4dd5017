"""Read the headers of the pages of a column: what each says that it holds, without unpacking it.

Arrow allocates what a page header asks for, and the sizes in the footer of a file may be wrong, so the headers have to
be read before Arrow sees them, and Arrow does not show them. Sources: parquet.thrift of the Apache Parquet format, and
the Thrift compact protocol. Only what page headers consist of is understood: integers, booleans, strings, structs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

__all__ = ["DICTIONARY_PAGE", "Page", "PageError", "read_pages"]

DATA_PAGE: Final = 0
DICTIONARY_PAGE: Final = 2
DATA_PAGE_V2: Final = 3

_HEADERS: Final = {DATA_PAGE: (5, 1, 2), DICTIONARY_PAGE: (7, 1, 2), DATA_PAGE_V2: (8, 1, 4)}
"""For each type of page its own part of the header, and in it the fields of the number of values and the encoding."""

HEADER_BYTES: Final = 512
"""Bytes read at first; nearly all headers are a tenth of that."""

MAX_HEADER_BYTES: Final = 1 << 16
"""Statistics can make a header longer, but no value has more than some hundred bytes."""

MAX_DEPTH: Final = 3
"""Page header, data page header, statistics."""

_TRUE, _FALSE, _BYTE, _INTEGERS, _BINARY, _STRUCT = 1, 2, 3, (4, 5, 6), 8, 12
"""Types of the compact protocol."""

MAX_VARINT_BITS: Final = 63


class PageError(ValueError):
    """The bytes are not a page header of the kinds that a submission has."""


class Page(NamedTuple):
    """A page, as its header describes it.

    Attributes:
        type: 0 or 3 for data, 2 for the dictionary.
        n_bytes: Its length once unpacked.
        n_values: Number of values, nulls included.
        encoding: The encoding of its values, by the numbers of parquet.thrift.
    """

    type: int
    n_bytes: int
    n_values: int
    encoding: int


def read_pages(read_at: Callable[[int, int], bytes], start: int, length: int) -> Iterator[Page]:
    """Read the page headers of a column chunk.

    Args:
        read_at: Returns a number of bytes from an offset of the file, fewer at its end.
        start: Offset of the first page.
        length: Length of the chunk in bytes.

    Yields:
        The pages in order.

    Raises:
        PageError: A header cannot be read, or the pages do not fill the chunk exactly.
    """
    end, header = start + length, b""
    while start < end:
        # A header says itself where it ends. In a column without values all pages but the last have the same one.
        if not header or read_at(min(len(header), end - start), start) != header:
            header, fields = _read_header(read_at, start, end)
            page, n_packed = _page(fields)
        start += len(header) + n_packed
        if start > end:
            raise PageError
        yield page


def _read_header(read_at: Callable[[int, int], bytes], start: int, end: int) -> tuple[bytes, dict[int, Any]]:
    for n_bytes in (HEADER_BYTES, MAX_HEADER_BYTES):
        data = read_at(min(n_bytes, end - start), start)
        try:
            fields, n_header = _read_struct(data, 0, 1)
            return data[:n_header], fields
        except IndexError:
            # The header goes on after these bytes.
            continue
    raise PageError


def _page(fields: dict[int, Any]) -> tuple[Page, int]:
    """Return the page, and its length in the file without its header."""
    try:
        own, values, encoding = _HEADERS[fields[1]]
        page = Page(fields[1], fields[2], fields[own][values], fields[own][encoding])
        n_packed = fields[3]
        if min(page.n_bytes, page.n_values, page.encoding, n_packed) < 0:
            raise PageError
    except (KeyError, TypeError):
        raise PageError from None
    return page, n_packed


def _read_struct(data: bytes, at: int, depth: int) -> tuple[dict[int, Any], int]:
    """Return the fields of a struct, and where it ends; an IndexError means that the data end first."""
    fields: dict[int, Any] = {}
    number = 0
    while kind := data[at]:
        # A repeated or negative field would leave open which one another reader takes.
        if not kind >> 4 or depth > MAX_DEPTH:
            raise PageError
        number += kind >> 4
        fields[number], at = _read_value(data, at + 1, kind & 15, depth)
    return fields, at + 1


def _read_value(data: bytes, at: int, kind: int, depth: int) -> tuple[Any, int]:
    if kind in (_TRUE, _FALSE):
        return kind == _TRUE, at
    if kind == _BYTE:
        return data[at], at + 1
    if kind in _INTEGERS:
        raw, at = _read_varint(data, at)
        return raw >> 1 ^ -(raw & 1), at
    if kind == _BINARY:
        length, at = _read_varint(data, at)
        return None, at + length
    if kind == _STRUCT:
        return _read_struct(data, at, depth + 1)
    raise PageError


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at
        if shift > MAX_VARINT_BITS:
            raise PageError
