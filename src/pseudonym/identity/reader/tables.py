"""Read a table or records that a program holds by the same rules as the file of a reporter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from pseudonym.identity.reader.cleaning import Cleaner
from pseudonym.identity.reader.dates import DateOrder
from pseudonym.identity.reader.fields import known_fields
from pseudonym.identity.reader.files import InputFile, check_options, look_through
from pseudonym.identity.reader.future import last_day
from pseudonym.identity.reader.header import find_columns
from pseudonym.identity.reader.in_memory import SEVERAL, TableSource, hold
from pseudonym.identity.reader.nonrecords import NonRecords
from pseudonym.identity.reader.rows import Layout
from pseudonym.identity.reader.titles import Titles

__all__ = ["InputTable", "open_table"]


@dataclass(frozen=True, slots=True)
class InputTable(InputFile):
    """A table in memory, ready to be read any number of times; it has no path."""


def open_table(
    data: object,
    *,
    columns: Mapping[str, str] | None = None,
    items: Iterable[str] = (),
    separator: str | None = None,
    date_order: DateOrder | None = None,
    today: date | None = None,
) -> InputTable:
    """Inspect a table or records and find out how to read them.

    All of it is read once, to collect evidence about the columns.

    Args:
        data: What `pseudonym.identity.reader.in_memory` recognises.
        columns: Names of its columns, by field.
        items: As for `open_input`.
        separator: The string between several values in one text; a list needs none.
        date_order: `dmy` or `mdy`, the order of day and month in texts that end with the year; inferred if not given.
        today: As for `open_input`.

    Returns:
        The table; iterate over it for its rows.

    Raises:
        InputError: The table as a whole cannot be used, by a rule of `pseudonym.identity.reader.rules`.
    """
    names = tuple(items)
    check_options(None, separator, date_order)
    table = hold(data, frozenset(names))
    known, mapping, header = known_fields(names), dict(columns or {}), list(table.header)
    found = find_columns(header, known, mapping, items)
    between = separator or SEVERAL
    source = TableSource(table, {place: name for name, place in found.positions.items()}, frozenset(names), between)
    cleaner = Cleaner(found.positions, separator=between, date_order=date_order, last=last_day(today))
    layout = Layout(NonRecords(header, found.positions, Titles(known, mapping)), unwrapped=False)
    look_through(cleaner, layout, source, len(header), lambda n_rows: None)
    return InputTable(None, source, found, cleaner.evidence.n_rows == 0, table.header, cleaner, layout, None)
