"""From the cells of a row to the values of a record: gather repeats, repair or report damage, bring dates to one form.

What a value means depends on its column, so all values of a column are inspected before the first is read. No repair is
silent: every change of a value is reported with its rule.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from pseudonym.faults import Fault
from pseudonym.identity.reader.damage import (
    EFFECTS,
    NumberColumn,
    is_cut,
    is_exponent,
    mend_codes,
    mend_number,
    spoilt,
    without_decimals,
)
from pseudonym.identity.reader.dates import DateColumn, DateOrder, read_date
from pseudonym.identity.reader.fields import DATE_FIELDS, NAME_FIELDS, RECORD_ID, REPEATABLE, base_of

__all__ = ["Cleaner", "Evidence", "tidy"]

IDS: Final = frozenset({RECORD_ID, "report_id", "case_id"})

Cleaned = tuple[str, str | None]
Rule = Callable[[str], Cleaned]


@dataclass(slots=True)
class Evidence:
    """Evidence from all values in the columns of a file.

    Attributes:
        dates: How dates are written, for each date column.
        numbers: How long the numbers are, for each column of Swedish numbers.
        n_rows: Rows inspected, including broken ones.
        mixed: Whether a field with repeated columns also has the separator in a cell.
    """

    dates: dict[str, DateColumn] = field(default_factory=dict)
    numbers: dict[str, NumberColumn] = field(default_factory=dict)
    n_rows: int = 0
    mixed: bool = False


class Cleaner:
    """Read the cells of rows that all have the same columns."""

    def __init__(
        self,
        positions: Mapping[str, int],
        *,
        codes: Mapping[str, Collection[str]],
        separator: str | None = None,
        date_order: DateOrder | None = None,
        epoch_1904: bool | None = None,
    ) -> None:
        """Prepare to read rows with the given columns.

        Args:
            positions: The column index of each field; a repeated field has its number, as in `number_2`.
            codes: The codes of each codebook item, where they are known.
            separator: The string between several values in one cell; None if a cell has one value.
            date_order: The order of day and month, if the user set it.
            epoch_1904: Whether the workbook counts days from 1904; None for a text file.
        """
        self.evidence = Evidence()
        self._separator = separator
        self._codes = codes
        self._by_field: dict[str, list[tuple[str, int]]] = {}
        for name in sorted(positions, key=lambda name: (base_of(name)[1], positions[name])):
            base, _ = base_of(name)
            self._by_field.setdefault(base, []).append((name, positions[name]))
            if base in DATE_FIELDS:
                self.evidence.dates[name] = DateColumn(ordered=date_order, epoch_1904=epoch_1904)
            if base == "number":
                self.evidence.numbers[name] = NumberColumn()
        self._rules = {name: self._rule(name) for columns in self._by_field.values() for name, _ in columns}

    def look(self, cells: list[str]) -> None:
        """Take one row as evidence about its columns."""
        for base in (*DATE_FIELDS, "number"):
            for name, position in self._by_field.get(base, ()):
                for text in self.split(base, cells[position]):
                    if text:
                        (self.evidence.dates.get(name) or self.evidence.numbers[name]).add(text)
        if self._separator is not None:
            # A second value in the first column would collide with the values of the second column.
            repeated = (position for columns in self._by_field.values() if len(columns) > 1 for _, position in columns)
            self.evidence.mixed |= any(self._separator in cells[position] for position in repeated)

    def clean(self, cells: list[str], row: int) -> tuple[dict[str, str | tuple[str, ...]], tuple[Fault, ...]]:
        """Read one row.

        Args:
            cells: Its cells, one per column.
            row: The line where it begins, for the faults.

        Returns:
            The fields that are not blank, several values of one field as a tuple in the order of their columns; and
            the faults of its values.
        """
        values: dict[str, str | tuple[str, ...]] = {}
        faults: list[Fault] = []
        types = [text for _, text in self._gather("number_type", cells)]
        for base in self._by_field:
            several: list[str] = []
            for nth, (name, text) in enumerate(self._gather(base, cells)):
                text, rule = self._value(name, text, types[nth] if nth < len(types) else "") if text else ("", None)
                several.append("" if rule is not None and EFFECTS[rule] != "marked" else text)
                if rule is not None:
                    effect = "rejected" if name == RECORD_ID and EFFECTS[rule] == "left out" else EFFECTS[rule]
                    faults.append(Fault(row, base if nth == 0 else f"{base}_{nth + 1}", rule, effect))
            while several and not several[-1]:
                several.pop()
            if several:
                values[base] = tuple(several) if len(several) > 1 else several[0]
        return values, tuple(faults)

    def split(self, base: str, cell: str) -> list[str]:
        """Return the values of a cell: one, or several if the user set a separator."""
        if self._separator is None or base not in REPEATABLE or self._separator not in cell:
            return [tidy(cell)]
        return [tidy(part) for part in cell.split(self._separator)]

    def _gather(self, base: str, cells: list[str]) -> list[tuple[str, str]]:
        """Return the values of a field with their columns, blank for a missing column in between."""
        columns = self._by_field.get(base, ())
        if len(columns) == 1 and self._separator is None and columns[0][0] == base:
            return [(base, tidy(cells[columns[0][1]]))]
        found: list[tuple[str, str]] = []
        for name, position in columns:
            # A number is matched to its type by position, so a missing column leaves a gap.
            found += [(name, "")] * (base_of(name)[1] - 1 - len(found))
            found += [(name, text) for text in self.split(base, cells[position])]
        return found

    def _value(self, name: str, text: str, named_type: str) -> Cleaned:
        """Return a value, repaired if possible, and the rule for its damage."""
        base, _ = base_of(name)
        rule = spoilt(text)
        if rule is None and base == "number":
            return self._number(name, text, named_type)
        return self._rules[name](text) if rule is None else (text, rule)

    def _number(self, name: str, text: str, named_type: str) -> Cleaned:
        if is_exponent(text):
            return text, "damage.exponent"
        return mend_number(text, self.evidence.numbers[name], named_type=named_type)

    def _rule(self, name: str) -> Rule:
        """Return the function that reads the values of a column."""
        base, _ = base_of(name)
        if base in DATE_FIELDS:
            column = self.evidence.dates[name]
            return lambda text: read_date(text, column)
        if base == "foreign_number":
            return lambda text: (text, "damage.exponent") if is_exponent(text) else without_decimals(text)
        if base in IDS:
            return lambda text: (text, "damage.exponent" if is_exponent(text) else None)
        if base in NAME_FIELDS:
            return lambda text: (text, "damage.cut" if is_cut(text) else None)
        if self._codes.get(base):
            codes = self._codes[base]
            return lambda text: mend_codes(text, codes)
        return lambda text: (text, None)


def tidy(text: str) -> str:
    """Trim a cell, and remove marks that make a spreadsheet treat digits as text: `="0123"` or `'0123`."""
    text = text.strip()
    if text.startswith('="') and text.endswith('"'):
        text = text[2:-1].strip()
    elif text.startswith("'") and text[1:2].isdecimal():
        text = text[1:]
    return text
