"""Turn the rows of an input into records."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from types import MappingProxyType
from typing import Any, Final

from pseudonym.faults import Fault
from pseudonym.identity.names import read_whole_name
from pseudonym.identity.reader.fields import NAMES
from pseudonym.identity.reader.files import InputFile
from pseudonym.identity.reader.lines import TableRecord
from pseudonym.identity.reader.nobody import UNKNOWN, is_nobody_together
from pseudonym.identity.reader.rows import Row
from pseudonym.identity.record import Record

__all__ = ["RecordReader", "read_records"]

_FIELDS: Final = tuple(field.name for field in fields(Record) if field.name not in {"record_id", "payload"})


def read_records(
    rows: Iterable[Row],
    items: Iterable[str],
    rejected: list[Fault],
    *,
    present: Collection[str],
    defaults: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[tuple[int, Record, Sequence[Fault]]]:
    """Turn rows into records.

    Args:
        rows: The rows.
        items: The items of the codebook in use.
        rejected: A list to which the faults of rejected rows are added.
        present: The fields that the file has a column for.
        defaults: Values of fields that it has none for.

    Yields:
        The line of each good row, its record, and the faults of its values.
    """
    constant = {name: value for name, value in defaults.items() if name not in present}
    # An item that the file has and a row does not was not answered; one that the file lacks may be derived.
    blank = {item: constant.get(item, "") for item in items if item in present or item in constant}
    for row in rows:
        if row.rejected:
            rejected += row.faults
            continue
        values: dict[str, Any] = {name: row.values.get(name, constant.get(name)) for name in _FIELDS}
        faults = row.faults
        if NAMES in row.values:
            faults = (*faults, *_split_names(values, str(row.values[NAMES]), row.line))
        given, family = values["given_names"], values["family_names"]
        if isinstance(given, str) and isinstance(family, str) and is_nobody_together(given, family):
            values["given_names"] = values["family_names"] = UNKNOWN
        payload = {item: str(row.values.get(item, value)) for item, value in blank.items()}
        yield row.line, Record(str(row.values["record_id"]), **values, payload=payload), faults


class RecordReader:
    """Turn the rows of one input into records, here or in another process: it can be pickled."""

    def __init__(self, file: InputFile, items: Iterable[str]) -> None:
        """Take the input, of which nothing but the evidence from its columns is kept, and the items of the codebook."""
        self._read = file.reader
        self._items = tuple(items)
        self._present = file.fields
        self._defaults = dict(file.defaults)

    def __call__(
        self, rows: Iterable[TableRecord], rejected: list[Fault]
    ) -> Iterator[tuple[int, Record, Sequence[Fault]]]:
        """Read some rows, as `read_records` does.

        Args:
            rows: Their cells.
            rejected: A list to which the faults of rejected rows are added.

        Yields:
            The line of each good row, its record, and the faults of its values.

        Raises:
            InputError: `input.second_header`.
        """
        read = map(self._read, rows)
        return read_records(read, self._items, rejected, present=self._present, defaults=self._defaults)


def _split_names(values: dict[str, Any], text: str, line: int) -> Iterator[Fault]:
    """Split the whole name of a record into given and family names, if it has none of its own; yield the faults."""
    own = [values["given_names"], values["family_names"]]
    if any(own):
        if not all(own):
            yield Fault(line, NAMES, "names.beside", "marked")
        return
    readings = read_whole_name(text, first=values["name_of_address"] or "")
    values["given_names"] = tuple(reading.given for reading in readings)
    values["family_names"] = tuple(reading.family for reading in readings)
    if len(readings) > 1:
        yield Fault(line, NAMES, "names.order", "marked")
    elif not readings[0].family:
        yield Fault(line, NAMES, "names.single", "marked")
