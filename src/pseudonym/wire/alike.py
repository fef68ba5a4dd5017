"""Find the columns of a row group that have the same bytes, so that only one of them has to be read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import pyarrow as pa

__all__ = ["first_of_alike"]

ALIKE_BYTES: Final = 1 << 14
"""Longer columns are not compared: one without values has some forty bytes for each page of twenty thousand rows."""


def first_of_alike(source: pa.NativeFile, group: Any, schema: pa.Schema, names: Iterable[str]) -> list[str]:
    """Return the columns of a row group that do not have the same type and bytes as an earlier one.

    How long the pages of a column are follows from its bytes and where they begin, since the header of a page is not
    compressed and says both lengths. So it is enough to check the first of columns that agree in these and in their
    type, and to see of those that are not read that it has no values. One that names another codec is not told from it:
    asking Arrow for a codec that does not exist ends the process.

    Args:
        source: The file.
        group: The metadata of the row group.
        schema: The schema of the file, which has been checked.
        names: Columns of it.

    Returns:
        Some of the names, in their order.
    """
    seen: set[tuple[Any, ...]] = set()
    found = []
    for name in names:
        index = schema.get_field_index(name)
        alike = (schema.field(index).type, *_described(source, group.column(index)))
        if len(alike) == 1 or alike not in seen:
            found.append(name)
        seen.add(alike)
    return found


def _described(source: pa.NativeFile, column: Any) -> tuple[Any, ...]:
    """Return what Arrow reads a column by, and its bytes; nothing if it is long, or if its place is impossible."""
    start, first, length = column.data_page_offset, column.dictionary_page_offset, column.total_compressed_size
    if not 0 < length <= ALIKE_BYTES or start < 0:
        return ()
    before = None
    if first is not None:
        before, start = start - first, min(start, first) if first > 0 else start
    try:
        data = source.read_at(length, start)
    except (OSError, pa.ArrowException):
        return ()
    if len(data) < length:
        return ()
    return column.num_values, length, before, data
