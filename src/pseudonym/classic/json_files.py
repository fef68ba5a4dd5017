"""The JSON files of clkhash, anonlink-client and the anonlink entity service: encodings, similarity scores, groups.

```
{"clks": ["BASE64", ...]}                                    clkhash, `anonlink encode`
{"encodings": ["BASE64", ...]}                               an upload
{"clknblocks": [["BASE64", "block", ...], ...]}              encodings with the blocks of each
{"blocks": {"0": ["block", ...], ...}}                       `anonlink block`, by the place of the encoding
{"similarity_scores": [[[0, 5], [1, 27], 0.93], ...]}        a result: [dataset, row] twice, and the score
{"groups": [[[0, 6], [1, 3]], ...]}                          a result: the records of one person
```

Files may come from anybody, so each is checked before it is used; no error shows what is in it.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import stat
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

import numpy as np
import pyarrow as pa

from pseudonym.classic.bits import filter_of_bytes
from pseudonym.classic.rules import classic_error
from pseudonym.output import Kind, replacing

if TYPE_CHECKING:
    from bitarray import bitarray

__all__ = [
    "GROUP_SCHEMA",
    "SIMILARITY_SCHEMA",
    "read_blocks",
    "read_clks",
    "read_groups",
    "read_similarities",
    "write_clks",
    "write_groups",
    "write_similarities",
]

MAX_BYTES: Final = 1 << 30
"""A million filters of 1,024 bits take a fifth of this; parsing takes some times the size in memory."""

SIMILARITY_SCHEMA: Final = pa.schema(
    [
        ("dataset_a", pa.int64()),
        ("row_a", pa.int64()),
        ("dataset_b", pa.int64()),
        ("row_b", pa.int64()),
        ("similarity", pa.float64()),
    ]
)
GROUP_SCHEMA: Final = pa.schema([("group", pa.int64()), ("dataset", pa.int64()), ("row", pa.int64())])

_ENCODINGS: Final = ("clks", "encodings", "clknblocks")

Pair = tuple[int, int]


def read_clks(path: str | Path, *, length: int | None = None) -> list[bitarray]:
    """Read encodings.

    Args:
        path: A file with the member `clks`, `encodings` or `clknblocks`.
        length: The length of the filters in bits, if it is no multiple of 8; None for all bits of each.

    Returns:
        Big-endian bitarrays, in the order of the file, all of one length.

    Raises:
        ClassicError: `classic.unreadable`, `classic.too_large`, `classic.json`, `classic.no_clks`, `classic.base64`,
            `classic.lengths` or `classic.extra`; the attribute `field` is the place in the file.

    Sees: neither
    """
    member, entries = _encodings(_read(path))
    filters = [filter_of_bytes(_bytes(_text_of(entry), f"{member}[{n}]"), length) for n, entry in enumerate(entries)]
    if len({len(one) for one in filters}) > 1 or (filters and length is not None and len(filters[0]) != length):
        raise classic_error("classic.lengths", field=member)
    return filters


def read_blocks(path: str | Path) -> list[tuple[str, ...]]:
    """Read the blocks of encodings.

    Args:
        path: A file with the member `clknblocks`, or with `blocks`.

    Returns:
        The blocks of each encoding, in order. From `blocks`, up to the last encoding that has one.

    Raises:
        ClassicError: `classic.unreadable`, `classic.too_large`, `classic.json`, `classic.no_clks` or `classic.blocks`.

    Sees: neither
    """
    document = _read(path)
    if isinstance(document.get("blocks"), dict):
        by_place = {_place(name): _blocks(found, "blocks") for name, found in document["blocks"].items()}
        if len(by_place) < len(document["blocks"]):
            raise classic_error("classic.blocks", field="blocks")
        return [by_place.get(place, ()) for place in range(max(by_place, default=-1) + 1)]
    if not isinstance(document.get("clknblocks"), list):
        raise classic_error("classic.no_clks")
    return [
        _blocks(entry[1:] if isinstance(entry, list) and entry else None, f"clknblocks[{n}]")
        for n, entry in enumerate(document["clknblocks"])
    ]


def write_clks(path: str | Path, filters: Iterable[bitarray], *, blocks: Sequence[Sequence[str]] | None = None) -> None:
    """Write encodings in the form of clkhash, or with blocks in that of anonlink-client.

    A filter whose length is no multiple of 8 is filled up with zeros; whoever reads it must know the length.

    Args:
        path: The file; only an older one of its kind is replaced.
        filters: The filters, all of one length.
        blocks: The blocks of each filter; None to write `clks`.

    Raises:
        ClassicError: `classic.bits`, `classic.lengths` or `classic.blocks`.
        OutputError: As for `pseudonym.output.replacing`.

    Sees: neither
    """
    ordered = list(filters)
    if any(not hasattr(one, "tobytes") or not hasattr(one, "unpack") for one in ordered):
        raise classic_error("classic.bits")
    if len({len(one) for one in ordered}) > 1:
        raise classic_error("classic.lengths")
    # A bitarray may be little-endian; its bits, not its bytes, are what is meant.
    texts = [base64.b64encode(_big_endian(one)).decode("ascii") for one in ordered]
    if blocks is None:
        _write(path, "clks", texts)
        return
    if len(blocks) != len(texts):
        raise classic_error("classic.blocks", field="blocks")
    found = [_blocks(list(one), "blocks") for one in blocks]
    _write(path, "clknblocks", [[text, *own] for text, own in zip(texts, found, strict=True)])


def read_similarities(path: str | Path) -> pa.Table:
    """Read the similarity scores of pairs.

    Args:
        path: A file with the member `similarity_scores`. Entries of its oldest form, `[row, row, score]`, are pairs of
            the datasets 0 and 1.

    Returns:
        `SIMILARITY_SCHEMA`: `dataset_a`, `row_a`, `dataset_b`, `row_b`, `similarity`, in the order of the file.
        Datasets and rows count from 0.

    Raises:
        ClassicError: `classic.unreadable`, `classic.too_large`, `classic.json`, `classic.similarities` or
            `classic.similarity`.

    Sees: neither
    """
    entries = _list(_read(path), "similarity_scores", "classic.similarities")
    rows = [_scored(entry, f"similarity_scores[{n}]") for n, entry in enumerate(entries)]
    return _table(rows, SIMILARITY_SCHEMA)


def write_similarities(path: str | Path, table: pa.Table) -> None:
    """Write the similarity scores of pairs.

    Args:
        path: The file; only an older one of its kind is replaced.
        table: As `read_similarities` returns it.

    Raises:
        ClassicError: `classic.columns`, or `classic.similarity` for what could not be read back.
        OutputError: As for `pseudonym.output.replacing`.

    Sees: neither
    """
    rows = _rows(table, SIMILARITY_SCHEMA)
    entries = [[[dataset_a, row_a], [dataset_b, row_b], score] for dataset_a, row_a, dataset_b, row_b, score in rows]
    for place, entry in enumerate(entries):
        _scored(entry, f"similarity_scores[{place}]")
    _write(path, "similarity_scores", entries)


def read_groups(path: str | Path) -> pa.Table:
    """Read groups of records, each of them one person.

    Args:
        path: A file with the member `groups`.

    Returns:
        `GROUP_SCHEMA`: `group`, `dataset`, `row`, a row per record; all count from 0.

    Raises:
        ClassicError: `classic.unreadable`, `classic.too_large`, `classic.json`, `classic.groups` or `classic.group`.

    Sees: neither
    """
    return _table(_grouped(_list(_read(path), "groups", "classic.groups")), GROUP_SCHEMA)


def write_groups(path: str | Path, table: pa.Table) -> None:
    """Write groups of records.

    Args:
        path: The file; only an older one of its kind is replaced.
        table: As `read_groups` returns it; groups may have any numbers.

    Raises:
        ClassicError: `classic.columns`, or `classic.group` for what could not be read back.
        OutputError: As for `pseudonym.output.replacing`.

    Sees: neither
    """
    groups: dict[int, list[list[int]]] = {}
    for group, dataset, row in _rows(table, GROUP_SCHEMA):
        groups.setdefault(group, []).append([dataset, row])
    _grouped(list(groups.values()))
    _write(path, "groups", list(groups.values()))


def _read(path: str | Path) -> dict[str, Any]:
    data = _bounded(path)
    # Errors are raised outside of handlers: those of the system contain the path, those of the parser the text.
    if data is None:
        raise classic_error("classic.unreadable")
    if len(data) > MAX_BYTES:
        raise classic_error("classic.too_large")
    document = _parsed(data)
    if document is None:
        raise classic_error("classic.json")
    return document


def _bounded(path: str | Path) -> bytes | None:
    """Return a file, or its beginning if it is too large; None if it cannot be read, or is no file that ends."""
    with suppress(OSError, ValueError), open(path, "rb") as file:
        if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            return file.read(MAX_BYTES + 1)
    return None


def _parsed(data: bytes) -> dict[str, Any] | None:
    """Return the members of a document, none if it is no object; None if it is not JSON."""
    try:
        document = json.loads(data, object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else {}


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("repeated member")
    return members


def _no_number(_: str) -> NoReturn:
    raise ValueError("NaN or an infinity")


def _encodings(document: dict[str, Any]) -> tuple[str, list[Any]]:
    for member in _ENCODINGS:
        if isinstance(document.get(member), list):
            return member, document[member]
    raise classic_error("classic.no_clks")


def _list(document: dict[str, Any], member: str, rule: str) -> list[Any]:
    found = document.get(member)
    if not isinstance(found, list):
        raise classic_error(rule)
    return found


def _text_of(entry: Any) -> Any:
    """Return the encoding of an entry, which may stand before its blocks."""
    return entry[0] if isinstance(entry, list) and entry else entry


def _bytes(text: Any, place: str) -> bytes:
    if isinstance(text, str) and text.isascii():
        # Raised outside the handler: it is no part of the error.
        with suppress(binascii.Error):
            return base64.b64decode(text, validate=True)
    raise classic_error("classic.base64", field=place)


def _blocks(found: Any, place: str) -> tuple[str, ...]:
    if not isinstance(found, list) or not all(isinstance(block, str | int) for block in found):
        raise classic_error("classic.blocks", field=place)
    return tuple(str(block) for block in found)


def _place(name: str) -> int:
    """Return the place of an encoding, which JSON writes as text."""
    if not (name.isascii() and name.isdigit() and len(name) <= 9):
        raise classic_error("classic.blocks", field="blocks")
    return int(name)


def _big_endian(bits: bitarray) -> bytes:
    # The bits are packed most significant first, whatever order the bitarray keeps them in.
    return np.packbits(np.frombuffer(bits.unpack(), np.uint8)).tobytes()


def _is_record(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(type(one) is int and 0 <= one < 1 << 62 for one in value)


def _scored(entry: Any, place: str) -> tuple[Any, ...]:
    if isinstance(entry, list) and len(entry) == 3:
        a, b, score = entry
        if type(a) is int and type(b) is int:
            a, b = [0, a], [1, b]
        if _is_record(a) and _is_record(b) and type(score) in (int, float) and 0 <= score <= 1:
            return *a, *b, float(score)
    raise classic_error("classic.similarity", field=place)


def _grouped(groups: list[Any]) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    seen: set[Pair] = set()
    for place, group in enumerate(groups):
        if not isinstance(group, list) or not all(_is_record(record) for record in group):
            raise classic_error("classic.group", field=f"groups[{place}]")
        records = [(dataset, row) for dataset, row in group]
        if len(set(records)) < len(records) or not seen.isdisjoint(records):
            raise classic_error("classic.group", field=f"groups[{place}]")
        seen.update(records)
        rows += [(place, *record) for record in records]
    return rows


def _table(rows: list[tuple[Any, ...]], schema: pa.Schema) -> pa.Table:
    columns = zip(*rows, strict=True) if rows else [()] * len(schema)
    return pa.table([pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema)


def _rows(table: pa.Table, schema: pa.Schema) -> list[tuple[Any, ...]]:
    if not set(schema.names) <= set(table.column_names):
        raise classic_error("classic.columns")
    return list(zip(*(table.column(name).to_pylist() for name in schema.names), strict=True))


def _write(path: str | Path, member: str, content: list[Any]) -> None:
    start = f'{{"{member}": ['.encode()
    kind = Kind(f"file of {member}", lambda file: file.read(len(start)) == start)
    with replacing(path, kind) as file:
        json.dump({member: content}, file)
