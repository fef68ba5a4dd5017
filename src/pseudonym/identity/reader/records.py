"""Turn the rows of an input into records."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from types import MappingProxyType
from typing import Any, Final

from pseudonym.faults import Fault
from pseudonym.identity.names import read_whole_name
from pseudonym.identity.reader.date_parts import date_of_parts
from pseudonym.identity.reader.fields import BIRTH_PARTS, NAMES
from pseudonym.identity.reader.files import InputFile
from pseudonym.identity.reader.former import beside, names_of
from pseudonym.identity.reader.lines import TableRecord
from pseudonym.identity.reader.nobody import UNKNOWN, is_nobody_together
from pseudonym.identity.reader.rows import Row
from pseudonym.identity.record import Record

__all__ = ["RecordReader", "read_records"]

PARTS_OF_BIRTH: Final = frozenset(BIRTH_PARTS)

WITH_REMARKS: Final = ("given_names", "family_names", NAMES)
"""Fields in which people write more than the name."""

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
        values[NAMES] = row.values.get(NAMES)
        faults = (*row.faults, *_read_names(values, row.line))
        if not PARTS_OF_BIRTH.isdisjoint(row.values):
            faults = (*faults, *_read_birth(values, row.values, row.line))
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


def _read_names(values: dict[str, Any], line: int) -> Iterator[Fault]:
    """Bring the names of a row to given and family names, in place; yield the faults."""
    former: list[str] = []
    yield from _take_out(values, former, line)
    whole = values.pop(NAMES)
    if whole:
        yield from _split_names(values, _texts(whole), line)
    if former:
        own = _texts(values["family_names"])
        names = tuple(dict.fromkeys((*own, *former)))
        values["family_names"] = names if len(names) > 1 else names[0]


def _read_birth(values: dict[str, Any], cells: Mapping[str, Any], line: int) -> Iterator[Fault]:
    """Put the birth date of a row together, in place, if it has none of its own; yield the faults."""
    if values["birth_date"] is not None:
        return
    text, broken = date_of_parts(*(str(cells.get(name, "")) for name in BIRTH_PARTS))
    values["birth_date"] = text or None
    if broken:
        yield Fault(line, "birth_date", "birth_date.form", "left out")


def _take_out(values: dict[str, Any], former: list[str], line: int) -> Iterator[Fault]:
    """Take out of names what stands beside them, in place; add other family names to `former`, and yield the faults."""
    for field in WITH_REMARKS:
        whole = _texts(values[field])
        texts = tuple(name for text in whole for name in names_of(text))
        if len(texts) > len(whole):
            values[field] = texts
            yield Fault(line, field, "names.alias", "marked")
        found = [beside(text) for text in texts]
        if not any(found):
            continue
        names = []
        for place, (text, apart) in enumerate(zip(texts, found, strict=True)):
            if apart is None:
                names.append(text)
                continue
            # A cell with nothing else has no place of its own among the values.
            names += [apart.name] if apart.name else []
            former += apart.family
            name = field if place == 0 else f"{field}_{place + 1}"
            if apart.family:
                yield Fault(line, name, "names.former", "marked")
            if apart.has_digits:
                # The row may say nowhere else when the person was born.
                known = values["number"] or values["birth_date"]
                yield Fault(line, name, "names.digits", "marked" if known else "left out")
        values[field] = tuple(names) if len(names) > 1 else (*names, None)[0]


def _texts(value: str | tuple[str, ...] | None) -> tuple[str, ...]:
    """Return the values of a field."""
    return value if isinstance(value, tuple) else () if value is None else (value,)


def _split_names(values: dict[str, Any], texts: tuple[str, ...], line: int) -> Iterator[Fault]:
    """Split the whole name of a record into given and family names, if it has none of its own; yield the faults."""
    own = [values["given_names"], values["family_names"]]
    if any(own):
        if not all(own):
            yield Fault(line, NAMES, "names.beside", "marked")
        return
    each = [read_whole_name(text, first=values["name_of_address"] or "") for text in texts]
    readings = [reading for found in each for reading in found]
    values["given_names"] = tuple(reading.given for reading in readings)
    values["family_names"] = tuple(reading.family for reading in readings)
    if len(readings) > len(texts):
        yield Fault(line, NAMES, "names.order", "marked")
    if not all(reading.family for reading in readings):
        yield Fault(line, NAMES, "names.single", "marked")
