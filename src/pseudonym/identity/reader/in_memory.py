"""Tables and records that a program holds in memory, each read as a sequence of rows that begins with the header.

Known are what offers the Arrow PyCapsule interface (tables and batches of pyarrow, data frames of polars, relations of
DuckDB), data frames of pandas, which hold values that Arrow refuses, and sequences of records, dicts or other rows with
names. None of these packages but pyarrow is imported.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, fields
from typing import Any, Final

import numpy as np
import pyarrow as pa

from pseudonym.identity.reader.fields import REPEATABLE, base_of
from pseudonym.identity.reader.lines import MAX_FIELD_CHARACTERS, TableRecord
from pseudonym.identity.reader.rules import HINTS, refused
from pseudonym.identity.reader.typed import NOT_TEXT, as_list, cell_text, column_values
from pseudonym.identity.record import Record, is_missing, payload_of

__all__ = ["SEVERAL", "Held", "HeldRecord", "TableSource", "hold"]

SEVERAL: Final = "\udc1f"
"""Stands between several values in one cell. It is no character, and values are read without it (docs/spec.md, 4)."""

STEP: Final = 1024
"""Rows that are converted at a time."""

_NAMES: Final = tuple(one.name for one in fields(Record) if one.name != "payload")

_Rows = Callable[[Sequence[int]], Iterator[tuple[Sequence[Any], int]]]
"""Yields for each row its values in some columns, and the number of its items that no codebook has."""


@dataclass(frozen=True, slots=True)
class Held:
    """A table in memory.

    Attributes:
        header: The names of its columns.
        n_rows: Number of its rows.
        rows: Reads some of its columns, from the first row on.
        skips_blank: Whether a row without any value is none, as in a file.
        names_columns: Whether the caller named its columns; of `Record`s alone they are the fields.
    """

    header: tuple[str, ...] = field(repr=False)
    n_rows: int
    rows: _Rows = field(repr=False)
    skips_blank: bool = True
    names_columns: bool = True


@dataclass(frozen=True, slots=True, repr=False)
class HeldRecord(TableRecord):
    """One row.

    Attributes:
        n_unknown: Number of its items that the codebook does not have.
    """

    n_unknown: int = 0


@dataclass(frozen=True, slots=True)
class TableSource:
    """The used columns of a table in memory.

    Attributes:
        table: The table.
        columns: The field of each column that is read.
        items: The items of the codebook in use.
        separator: The string between several values in one cell.
    """

    table: Held
    columns: Mapping[int, str]
    items: Collection[str]
    separator: str

    @property
    def n_bytes(self) -> int:
        """Number of rows: a table has no size of its own."""
        return self.table.n_rows

    @property
    def header_row(self) -> int:
        """0: the names of the columns are above the first row."""
        return 0

    @property
    def hint_without_id(self) -> str:
        """What to do if no column is that of record ids."""
        return HINTS["input.no_record_id_column"]

    @property
    def notices(self) -> tuple[str, ...]:
        """Nothing is inferred."""
        return ()

    @property
    def epoch_1904(self) -> bool | None:
        """None: only workbooks count days."""
        return None

    def records(self, n_columns: int | None, progress: Callable[[int], None]) -> Iterator[TableRecord]:
        """Return the rows, the header first; columns that are not read are blank.

        Args:
            n_columns: Not needed: all rows of a table have the same columns.
            progress: Called now and then with the number of rows read.

        Raises:
            InputError: `input.type` if a value has a type that no field can have.
        """
        yield TableRecord(0, list(self.table.header))
        places, names = list(self.columns), list(self.columns.values())
        for line, (values, n_unknown) in enumerate(self.table.rows(places), start=1):
            if line % STEP == 0:
                progress(line)
            cells = [""] * len(self.table.header)
            typed = []
            for place, name, value in zip(places, names, values, strict=True):
                cells[place] = self._cell(value, name, line)
                if isinstance(value, NOT_TEXT):
                    typed.append(place)
            if self.table.skips_blank and not any(cells):
                continue
            rule = _broken(cells)
            yield HeldRecord(line, [] if rule else cells, rule, typed=frozenset(typed), n_unknown=n_unknown)
        progress(self.n_bytes)

    def _cell(self, value: object, name: str, line: int) -> str:
        if type(value) is str:
            return value if SEVERAL not in value else value.replace(SEVERAL, "")
        several = as_list(value)
        text = self._one(value, name) if several is None else self._joined(several, name)
        if text is None:
            raise refused("input.type", field=name, row=line)
        return text

    def _one(self, value: object, name: str) -> str | None:
        # Yes and no are answers to an item; of an identity they would be a name.
        if isinstance(value, bool | np.bool_) and name not in self.items:
            return None
        text = cell_text(value)
        return text if text is None or SEVERAL not in text else text.replace(SEVERAL, "")

    def _joined(self, values: Sequence[object], name: str) -> str | None:
        texts = [self._one(value, name) for value in values]
        found = [text for text in texts if text is not None]
        if len(found) < len(texts):
            return None
        if name in self.items:
            return ";".join(found)
        return self.separator.join(found) if base_of(name)[0] in REPEATABLE else None


def hold(data: object, items: Collection[str]) -> Held:
    """Recognise what a program gives, without reading more of it than its columns.

    Args:
        data: A table, a record, or records. What can be read only once is read into memory.
        items: The items of the codebook in use, which records may have in their payload.

    Returns:
        The table.

    Raises:
        InputError: `input.table` if it is nothing of the kind; `input.type` if one of the records is none.
    """
    if _is_of(data, "pandas", "DataFrame"):
        return _pandas(data)
    if hasattr(data, "__arrow_c_stream__") or hasattr(data, "__arrow_c_array__"):
        return _arrow(data)
    if _is_of(data, "polars", "DataFrame"):
        # Older versions have no other way to Arrow. Their package is not imported, so their methods have no types.
        frame: Any = data
        return _arrow(frame.to_arrow())
    if isinstance(data, Record | Mapping):
        return _records([data], items)
    if isinstance(data, Iterable) and not isinstance(data, str | bytes):
        return _records(data if isinstance(data, Sequence) else list(data), items)
    raise refused("input.table")


def _is_of(data: object, package: str, name: str) -> bool:
    return any(one.__name__ == name and one.__module__.split(".")[0] == package for one in type(data).__mro__)


def _arrow(data: object) -> Held:
    table = None
    # Whoever made the data may raise anything, with values in it, so ours is not raised while that is handled.
    with suppress(Exception):
        table = pa.table(data)
    if table is None:
        raise refused("input.table")

    def rows(places: Sequence[int]) -> Iterator[tuple[Sequence[Any], int]]:
        for batch in table.select(list(places)).to_batches(max_chunksize=STEP):
            found = [column_values(column) for column in batch.columns]
            columns = [[_NO_CELL] * batch.num_rows if values is None else values for values in found]
            yield from ((values, 0) for values in zip(*columns, strict=True))

    return Held(tuple(map(str, table.column_names)), table.num_rows, rows)


_NO_CELL: Final = object()
"""Stands in a column of a type that no field can have; its first row is refused."""


def _pandas(frame: Any) -> Held:
    names = [str(name) for name in frame.columns]
    # Ids are often the index, which has a name then.
    levels = [(level, str(name)) for level, name in enumerate(frame.index.names) if name is not None]
    levels = [(level, name) for level, name in levels if name not in names]

    def column(part: Any, place: int) -> list[Any]:
        if place >= len(names):
            return list(part.index.get_level_values(levels[place - len(names)][0]).tolist())
        series = part.iloc[:, place]
        # As numbers of Python they would no longer show that they have few digits.
        return list(series.to_numpy()) if str(series.dtype) in {"float16", "float32"} else list(series.tolist())

    def rows(places: Sequence[int]) -> Iterator[tuple[Sequence[Any], int]]:
        for first in range(0, len(frame), STEP):
            part = frame.iloc[first : first + STEP]
            yield from ((values, 0) for values in zip(*(column(part, place) for place in places), strict=True))

    return Held((*names, *(name for _, name in levels)), len(frame), rows)


def _records(records: Sequence[object], items: Collection[str]) -> Held:
    keys: dict[object, None] = {}
    for row, record in enumerate(records, start=1):
        values, _ = _named(record, items, row)
        if not keys.keys() >= values.keys():
            keys.update(dict.fromkeys(values))
    order = list(keys) if records else ["record_id"]
    names_columns = not all(isinstance(record, Record) for record in records)

    def rows(places: Sequence[int]) -> Iterator[tuple[Sequence[Any], int]]:
        wanted = [order[place] for place in places]
        for row, record in enumerate(records, start=1):
            values, n_unknown = _named(record, items, row)
            yield [values.get(key) for key in wanted], n_unknown

    return Held(tuple(map(str, order)), len(records), rows, skips_blank=False, names_columns=names_columns)


def _named(record: object, items: Collection[str], row: int) -> tuple[Mapping[Any, Any], int]:
    """Return a record as its values by name, and the number of items in its payload that the codebook does not have."""
    values: Mapping[Any, Any] | None = None
    payload: object = None
    if isinstance(record, Record):
        values = {name: value for name in _NAMES if (value := getattr(record, name)) is not None}
        payload = _payload(record, row)
    elif isinstance(record, Mapping):
        values, payload = record, record.get("payload")
    elif isinstance(record, tuple) and hasattr(record, "_asdict"):
        values = record._asdict()
    elif hasattr(record, "keys") and hasattr(record, "__getitem__"):
        # A row of a database, which iterates over its values.
        names = record.keys()
        values = {name: record[name] for name in names}
    if values is None:
        raise refused("input.type", row=row)
    if not payload or not isinstance(payload, Mapping):
        return values, 0
    known = {item: codes for item, codes in payload.items() if item in items}
    own = {name: value for name, value in values.items() if name != "payload"}
    return {**own, **known}, len(payload) - len(known)


def _payload(record: Record, row: int) -> Mapping[str, object]:
    if isinstance(record.payload, Mapping) or is_missing(record.payload):
        return payload_of(record.payload)
    raise refused("input.type", field="payload", row=row)


def _broken(cells: Sequence[str]) -> str | None:
    """Return the rule by which a row cannot be read, as for a file."""
    if any("\0" in text for text in cells):
        return "row.nul"
    return "row.field_too_long" if any(len(text) > MAX_FIELD_CHARACTERS for text in cells) else None
