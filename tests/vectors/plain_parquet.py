"""Write small Parquet files byte for byte, so that a vector never changes with the version of a Parquet library.

Only what the submission file of docs/spec.md needs: flat columns, PLAIN encoding, data pages of version 1, one page a
column and row group, no compression or Snappy. Source: the Apache Parquet format (parquet.thrift, Encodings.md), the
Thrift compact protocol, and the Snappy format description. Everything a correct writer would refuse can be written
too (a null in a row group of another kind, an empty row group, a wrong type): that is what these files are for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

__all__ = ["Column", "write_parquet"]

Row = dict[str, int | str | bytes | None]

INT32: Final = 1
BYTE_ARRAY: Final = 6
FIXED_LEN_BYTE_ARRAY: Final = 7
# Annotations of parquet.thrift: the old converted type, and the field of the union LogicalType.
CONVERTED_UTF8: Final = 0
CONVERTED_UNSIGNED: Final = {"uint8": 11, "uint32": 13}
LOGICAL_STRING: Final = 1
LOGICAL_INTEGER: Final = 10
# Codecs and encodings of parquet.thrift.
SNAPPY: Final = 1
PLAIN: Final = 0
RLE: Final = 3


@dataclass(frozen=True)
class Column:
    """A flat column. `type` is one of uint8, uint32, int32, string, binary, fixed; `length` is for fixed alone."""

    name: str
    type: str
    length: int = 0
    required: bool = False


class Struct:
    """A Thrift struct in the compact protocol, written field by field in ascending order of their numbers."""

    def __init__(self) -> None:
        self._out = bytearray()
        self._last = 0

    def _head(self, number: int, type_: int) -> None:
        assert 0 < number - self._last < 16
        self._out.append((number - self._last) << 4 | type_)
        self._last = number

    def integer(self, number: int, value: int, *, wide: bool = False) -> Struct:
        self._head(number, 6 if wide else 5)
        self._out += varint(zigzag(value))
        return self

    def byte(self, number: int, value: int) -> Struct:
        self._head(number, 3)
        self._out.append(value)
        return self

    def boolean(self, number: int, value: bool) -> Struct:
        self._head(number, 1 if value else 2)
        return self

    def text(self, number: int, value: str) -> Struct:
        self._head(number, 8)
        self._out += binary(value.encode())
        return self

    def struct(self, number: int, value: Struct) -> Struct:
        self._head(number, 12)
        self._out += value.done()
        return self

    def items(self, number: int, type_: int, values: list[bytes]) -> Struct:
        self._head(number, 9)
        self._out += bytes([len(values) << 4 | type_]) if len(values) < 15 else bytes([0xF0 | type_])
        self._out += varint(len(values)) if len(values) >= 15 else b""
        self._out += b"".join(values)
        return self

    def done(self) -> bytes:
        return bytes(self._out) + b"\0"


def zigzag(n: int) -> int:
    return n * 2 if n >= 0 else -n * 2 - 1


def varint(n: int) -> bytes:
    out = bytearray()
    while n > 0x7F:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    out.append(n)
    return bytes(out)


def binary(data: bytes) -> bytes:
    return varint(len(data)) + data


def snappy(data: bytes) -> bytes:
    """Return the data in Snappy's format; greedy, with copies of four to 64 bytes from the last 64 kB."""
    out = bytearray(varint(len(data)))
    seen: dict[bytes, int] = {}
    literal = at = 0
    while at < len(data):
        start = seen.get(data[at : at + 4], -1)
        seen[data[at : at + 4]] = at
        if start < 0 or at - start > 0xFFFF or at + 4 > len(data):
            at += 1
            continue
        n = 4
        while n < 64 and at + n < len(data) and data[start + n] == data[at + n]:
            n += 1
        out += _literal(data[literal:at]) + bytes([(n - 1) << 2 | 2]) + (at - start).to_bytes(2, "little")
        at += n
        literal = at
    return bytes(out + _literal(data[literal:]))


def _literal(data: bytes) -> bytes:
    out = b""
    for i in range(0, len(data), 60):
        piece = data[i : i + 60]
        out += bytes([(len(piece) - 1) << 2]) + piece
    return out


def _physical(column: Column) -> int:
    integers = {"uint8": INT32, "uint32": INT32, "int32": INT32, "fixed": FIXED_LEN_BYTE_ARRAY}
    return integers.get(column.type, BYTE_ARRAY)


def _schema_element(column: Column) -> bytes:
    element = Struct().integer(1, _physical(column))
    if column.type == "fixed":
        element.integer(2, column.length)
    element.integer(3, 0 if column.required else 1).text(4, column.name)
    if column.type == "string":
        element.integer(6, CONVERTED_UTF8).struct(10, Struct().struct(LOGICAL_STRING, Struct()))
    if column.type in CONVERTED_UNSIGNED:
        unsigned = Struct().byte(1, int(column.type.removeprefix("uint"))).boolean(2, False)
        element.integer(6, CONVERTED_UNSIGNED[column.type]).struct(10, Struct().struct(LOGICAL_INTEGER, unsigned))
    return element.done()


def _value(column: Column, value: Any) -> bytes:
    if column.type in ("uint8", "uint32", "int32"):
        return int(value).to_bytes(4, "little", signed=column.type == "int32")
    data: bytes = value.encode() if isinstance(value, str) else value
    if column.type == "fixed":
        assert len(data) == column.length
        return data
    return len(data).to_bytes(4, "little") + data


def _levels(present: list[bool]) -> bytes:
    """Return definition levels as RLE runs, after their length."""
    runs = bytearray()
    start = 0
    for i in range(1, len(present) + 1):
        if i == len(present) or present[i] != present[start]:
            runs += varint((i - start) << 1) + bytes([present[start]])
            start = i
    return len(runs).to_bytes(4, "little") + bytes(runs)


def _page(column: Column, rows: list[Row], compressed: bool) -> tuple[bytes, int]:
    """Return the page of a column with its header, and its length before compression."""
    values = [row.get(column.name) for row in rows]
    body = b"" if column.required else _levels([value is not None for value in values])
    body += b"".join(_value(column, value) for value in values if value is not None)
    data = snappy(body) if compressed else body
    page = Struct().integer(1, len(rows)).integer(2, PLAIN).integer(3, RLE).integer(4, RLE)
    header = Struct().integer(1, 0).integer(2, len(body)).integer(3, len(data)).struct(5, page).done()
    return header + data, len(header) + len(body)


def write_parquet(
    columns: list[Column], groups: list[list[Row]], metadata: dict[str, str], *, compressed: bool = False
) -> bytes:
    """Return the bytes of a file with these row groups; a value that a row does not name is null."""
    out = bytearray(b"PAR1")
    row_groups = []
    for rows in groups:
        chunks = []
        total = 0
        for column in columns:
            page, plain_length = _page(column, rows, compressed)
            about = Struct().integer(1, _physical(column)).items(2, 5, [varint(zigzag(PLAIN)), varint(zigzag(RLE))])
            about.items(3, 8, [binary(column.name.encode())]).integer(4, SNAPPY if compressed else 0)
            about.integer(5, len(rows), wide=True).integer(6, plain_length, wide=True)
            about.integer(7, len(page), wide=True).integer(9, len(out), wide=True)
            chunks.append(Struct().integer(2, len(out), wide=True).struct(3, about).done())
            out += page
            total += plain_length
        row_groups.append(
            Struct().items(1, 12, chunks).integer(2, total, wide=True).integer(3, len(rows), wide=True).done()
        )
    root = Struct().text(4, "schema").integer(5, len(columns)).done()
    footer = Struct().integer(1, 1).items(2, 12, [root] + [_schema_element(column) for column in columns])
    footer.integer(3, sum(map(len, groups)), wide=True).items(4, 12, row_groups)
    footer.items(5, 12, [Struct().text(1, k).text(2, v).done() for k, v in metadata.items()])
    footer.text(6, "test vectors")
    end = footer.done()
    return bytes(out + end + len(end).to_bytes(4, "little") + b"PAR1")
