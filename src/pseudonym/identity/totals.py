"""Read a table of a reporter's own totals: a column for each item counted by, and the column `n`.

It holds numbers, not persons; but whoever names the wrong file gives this reader persons, so no error shows any of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pseudonym.codebook import CellReader, Codebook
from pseudonym.errors import InputError
from pseudonym.faults import Fault
from pseudonym.identity.reader.cleaning import tidy
from pseudonym.identity.reader.damage import spoilt
from pseudonym.identity.reader.fields import fold_header
from pseudonym.identity.reader.lines import TableRecord
from pseudonym.identity.reader.rules import refused
from pseudonym.identity.reader.sources import open_source
from pseudonym.identity.reader.titles import Titles
from pseudonym.wire import MAX_CELLS, MAX_TOTAL, Cell

__all__ = ["Counts", "read_counts"]

N: Final = "n"
ALL: Final = "total"
"""What may be written where a row is not broken down by an item, unless the item has such a code."""

_NUMBER: Final = re.compile(r"[0-9]{1,10}")

RULES: Final[dict[str, tuple[str, str]]] = {
    "totals.column": (
        "A column of the input is neither an item of the codebook nor n.",
        "Totals have no other columns. Name the column of an item: --column ITEM=HEADER.",
    ),
    "totals.no_n": ("The input has no column n.", "Name it: --column n=HEADER."),
    "totals.empty": (
        "The input has a header but no rows.",
        "If there was nothing to count, write one row with n 0.",
    ),
    "totals.too_many": ("Totals have at most 65,536 rows.", "Count by fewer items."),
}
"""What is wrong with a table as a whole, and what to do about it."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What a table holds.

    Attributes:
        items: The items counted by, in byte order.
        cells: A number for each cell, in the order of the rows; without the rows that are rejected.
        faults: What is wrong with rows; those that are `marked` were mended.
    """

    items: tuple[str, ...]
    cells: tuple[Cell, ...]
    faults: tuple[Fault, ...]

    @property
    def rejected(self) -> tuple[Fault, ...]:
        """The faults for which the table cannot be used: totals are whole or useless."""
        return tuple(fault for fault in self.faults if fault.effect == "rejected")


def read_counts(
    path: str | Path,
    codebook: Codebook | None,
    *,
    period: str,
    columns: Mapping[str, str] | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | None = None,
) -> Counts:
    """Read a table of totals.

    Args:
        path: A CSV file or a workbook (xlsx) with a header.
        codebook: The codebook with the items, or None if nothing is broken down.
        period: The period; a code must be valid in it.
        columns: Names of the columns in this file, by item or `n`.
        encoding: The character encoding, if it is not to be inferred.
        delimiter: The delimiter, if it is not to be inferred.
        sheet: The name of the sheet to read from a workbook; by default the first that is not hidden.

    Returns:
        The cells, and the faults of all rows.

    Raises:
        InputError: The file as a whole cannot be used: a rule of `pseudonym.identity.reader.rules`, or
            `totals.column`, `totals.no_n`, `totals.empty`, `totals.too_many`.
    """
    mapping = dict(columns or {})
    known = (N, *(codebook.item_names if codebook is not None else ()))
    if not mapping.keys() <= set(known):
        raise refused("input.column_mapping")
    names = tuple(mapping.get(name, name) for name in known)
    titles = Titles(known, mapping, key=N)
    source = open_source(Path(path), titles, encoding=encoding, delimiter=delimiter, sheet=sheet, search=False)
    header = next(source.records(None, lambda n_bytes: None))
    if header.rule is not None:
        raise refused("input.header")
    table = _Table(_places(header.fields, dict(zip(known, names, strict=True))), codebook, period)
    rows = source.records(len(header.fields), lambda n_bytes: None)
    next(rows)
    for row in rows:
        table.add(row)
    if not table.n_rows:
        raise _wrong("totals.empty")
    faults = sorted([*table.faults, *table.larger_parts()], key=lambda fault: fault.row)
    return Counts(table.items, tuple(table.cells), tuple(faults))


def _wrong(rule: str) -> InputError:
    message, hint = RULES[rule]
    return InputError(rule, message, hint=hint)


def _places(header: list[str], names: Mapping[str, str]) -> dict[str, int]:
    """Return the column of each field found; a column without a heading is none of them, and must be blank."""
    titles = [fold_header(title) for title in header]
    wanted = {fold_header(name): field for field, name in names.items()}
    if len(wanted) < len(names) or any(titles.count(title) > 1 for title in titles if title):
        raise refused("input.duplicate_column")
    if N not in {wanted.get(title) for title in titles}:
        raise _wrong("totals.no_n")
    if any(title and title not in wanted for title in titles):
        raise _wrong("totals.column")
    return {wanted[title]: place for place, title in enumerate(titles) if title}


class _Table:
    """The rows read so far."""

    def __init__(self, places: Mapping[str, int], codebook: Codebook | None, period: str) -> None:
        self.items = tuple(sorted(places.keys() - {N}))
        self.cells: list[Cell] = []
        self.faults: list[Fault] = []
        self.n_rows = 0
        self._places = places
        self._codebook = codebook
        self._cells = None if codebook is None else CellReader(codebook)
        self._period = period
        self._lines: dict[tuple[str | None, ...], int] = {}

    def add(self, row: TableRecord) -> None:
        """Read one row."""
        self.n_rows += 1
        if self.n_rows > MAX_CELLS:
            raise _wrong("totals.too_many")
        if row.rule is not None:
            self._reject(row.line, None, row.rule)
            return
        before = len(self.faults)
        cell = Cell(tuple(self._code(item, row) for item in self.items), self._number(row))
        if any(text.strip() for place, text in enumerate(row.fields) if place not in self._places.values()):
            self._reject(row.line, None, "row.columns")
        if cell.codes in self._lines:
            self._reject(row.line, None, "cell.duplicate")
        if all(fault.effect == "marked" for fault in self.faults[before:]):
            self._lines[cell.codes] = row.line
            self.cells.append(cell)

    def _reject(self, line: int, field: str | None, rule: str) -> None:
        self.faults.append(Fault(line, field, rule, "rejected"))

    def _number(self, row: TableRecord) -> int:
        text = tidy(row.fields[self._places[N]])
        if not text:
            self._reject(row.line, N, "n.missing")
        elif not _NUMBER.fullmatch(text) or int(text) > MAX_TOTAL:
            self._reject(row.line, N, "n.form")
        else:
            return int(text)
        return 0

    def _code(self, item: str, row: TableRecord) -> str | None:
        # Without a codebook there is no item.
        assert self._codebook is not None
        assert self._cells is not None
        text, codes = tidy(row.fields[self._places[item]]), self._codebook.by_name[item].by_code
        if not text or (text.casefold() == ALL and text not in codes):
            return None
        damage = spoilt(text)
        code, rule = (None, damage) if damage is not None else self._cells.read_one(item, text, date=self._period)
        if rule is not None:
            self.faults.append(Fault(row.line, item, rule, "rejected" if code is None else "marked"))
        # A row that is rejected must not look like one that is not broken down.
        return text if code is None else code

    def larger_parts(self) -> Iterator[Fault]:
        """Yield a fault for each row whose number is larger than that of a row which includes it."""
        numbers = {cell.codes: cell.n for cell in self.cells}
        kept = {tuple(code is not None for code in cell.codes) for cell in self.cells}
        for cell in self.cells:
            wholes = (tuple(code if keep else None for code, keep in zip(cell.codes, one, strict=True)) for one in kept)
            if any(numbers.get(whole, cell.n) < cell.n for whole in wholes):
                yield Fault(self._lines[cell.codes], N, "n.larger_part", "rejected")
