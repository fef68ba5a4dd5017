"""Turn the rows of an input into records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from typing import Any, Final

from pseudonym.faults import Fault
from pseudonym.identity.reader.files import Row
from pseudonym.identity.record import Record

__all__ = ["read_records"]

_FIELDS: Final = tuple(field.name for field in fields(Record) if field.name not in {"record_id", "payload"})


def read_records(
    rows: Iterable[Row], items: tuple[str, ...], rejected: list[Fault]
) -> Iterator[tuple[int, Record, Sequence[Fault]]]:
    """Turn rows into records.

    Args:
        rows: The rows.
        items: The items of the codebook in use.
        rejected: A list to which the faults of rejected rows are added.

    Yields:
        The line of each good row, its record, and the faults of its values.
    """
    for row in rows:
        if row.rejected:
            rejected += row.faults
            continue
        values: dict[str, Any] = {name: row.values.get(name) for name in _FIELDS}
        payload = {item: str(row.values[item]) for item in items if row.values.get(item)}
        yield row.line, Record(str(row.values["record_id"]), **values, payload=payload), row.faults
