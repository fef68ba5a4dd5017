"""From the rows of an input to records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import Final

from pseudonym.reader.files import Row
from pseudonym.record import Fault, Record

__all__ = ["read_records"]

_FIELDS: Final = tuple(field.name for field in fields(Record) if field.name not in {"record_id", "payload"})


def read_records(rows: Iterable[Row], items: tuple[str, ...], faults: list[Fault]) -> Iterator[tuple[int, Record]]:
    """Turn rows into records; what the reader rejected, left out or marked goes to the faults.

    Args:
        rows: The rows.
        items: The items of the codebook in use.
        faults: What is added to.

    Yields:
        The line of each good row, and its record.

    Sees: plaintext
    """
    for row in rows:
        if row.faults:
            faults += [Fault(row.line, fault.field, fault.rule, "rejected") for fault in row.faults]
            continue
        faults += [Fault(row.line, note.field, note.rule, note.effect) for note in row.notes]
        values = {name: _first(row.values.get(name)) for name in _FIELDS}
        payload = {item: str(row.values[item]) for item in items if row.values.get(item)}
        yield row.line, Record(str(row.values["record_id"]), **values, payload=payload)


def _first(value: str | tuple[str, ...] | None) -> str | None:
    return next(filter(None, value), None) if isinstance(value, tuple) else value
