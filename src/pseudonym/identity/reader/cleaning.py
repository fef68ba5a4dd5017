"""From the cells of a row to the values of a record: gather repeats, repair or report damage, bring dates to one form.

What a value means depends on its column, so all values of a column are inspected before the first is read. No repair is
silent: every change of a value is reported with its rule.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, NamedTuple

from pseudonym.faults import Fault
from pseudonym.identity.reader.damage import (
    EFFECTS,
    NumberColumn,
    digits_of_amount,
    is_cut,
    mend_foreign_number,
    mend_number,
    spoilt,
    without_decimals,
)
from pseudonym.identity.reader.dates import DateColumn, DateOrder, read_date
from pseudonym.identity.reader.fields import DATE_FIELDS, NAME_FIELDS, RECORD_ID, REPEATABLE, base_of, known_fields
from pseudonym.identity.reader.future import BORN_LATER, is_after
from pseudonym.identity.reader.ids import IdColumn, id_reader
from pseudonym.identity.reader.legible import legible
from pseudonym.identity.reader.missing import is_missing, says_nothing
from pseudonym.identity.reader.nobody import UNKNOWN, is_nobody
from pseudonym.identity.reader.wordings import WORDED, in_one_word, number_with_system, type_in_one_word
from pseudonym.memory import Readings

__all__ = ["Cleaner", "Evidence", "tidy"]

IDS: Final = frozenset({RECORD_ID, "report_id", "case_id"})

UNTYPED: Final = IDS | {"foreign_number"}
"""Fields whose values are never dates, times or truth values."""

NOT_ITEMS: Final = frozenset(base_of(name)[0] for name in known_fields(()))
"""Fields that are no item of any codebook."""

VALUES_KEPT: Final = 1 << 14
"""Values of a column that are read only once, most of its names, words and dates. They are freed with the file."""

Cleaned = tuple[str, str | None]
Rule = Callable[[str], Cleaned]

_Value = tuple[str, tuple[str, ...]]
"""A value and the rules for its damage."""

_BLANK: Final[_Value] = "", ()


class _FirstColumn(NamedTuple):
    """The first column of a field, which is all that most rows have of it.

    Attributes:
        base: The field.
        position: Index of the column.
        others: Indices of its other columns.
        read: Reads a cell that has one value, or returns None if that takes more than a look-up.
    """

    base: str
    position: int
    others: tuple[int, ...]
    read: Callable[[str], _Value | None]


ASCII_LETTERS: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")

_TWO_DIGITS: Final = re.compile("[0-9]{2}")

_USUAL_NUMBER: Final = re.compile("(?:[0-9]{2})?[0-9]{6}-?[0-9]{4}")
_NO_EVIDENCE: Final = re.compile("[0-9]{12}|(?:[0-9]{2})?[0-9]{6}-[0-9]{4}")
"""Numbers that show nothing about lost zeros."""

_USUAL_ID: Final = re.compile("[A-Za-z][0-9A-Za-z./-]*[0-9]{3}")
"""Ids that no spreadsheet changes: too many digits for a day or year after the name of a month."""


def _usual_number(cell: str) -> _Value | None:
    return (cell, ()) if _USUAL_NUMBER.fullmatch(cell) else None if cell else _BLANK


def _usual_id(cell: str) -> _Value | None:
    return (cell, ()) if _USUAL_ID.fullmatch(cell) else None if cell else _BLANK


@dataclass(slots=True)
class Evidence:
    """Evidence from all values in the columns of a file.

    Attributes:
        dates: How dates are written, for each date column.
        numbers: How long the numbers are, for each column of Swedish numbers.
        ids: How ids are written, for each of their columns.
        n_rows: Rows inspected, including broken ones.
        mixed: Whether a field with repeated columns also has the separator in a cell.
    """

    dates: dict[str, DateColumn] = field(default_factory=dict)
    numbers: dict[str, NumberColumn] = field(default_factory=dict)
    ids: dict[str, IdColumn] = field(default_factory=dict)
    n_rows: int = 0
    mixed: bool = False


class Cleaner:
    """Read the cells of rows that all have the same columns."""

    def __init__(
        self,
        positions: Mapping[str, int],
        *,
        separator: str | None = None,
        date_order: DateOrder | None = None,
        epoch_1904: bool | None = None,
        last: date | None = None,
        evidence: Evidence | None = None,
    ) -> None:
        """Prepare to read rows with the given columns.

        Args:
            positions: The column index of each field; a repeated field has its number, as in `number_2`.
            separator: The string between several values in one cell; None if a cell has one value.
            date_order: The order of day and month, if the user set it.
            epoch_1904: Whether the workbook counts days from 1904; None for a text file.
            last: The last day that has been; None if dates may lie after it.
            evidence: The evidence of another that reads the same columns; by default `look` is to collect it.
        """
        self.evidence = Evidence() if evidence is None else evidence
        self._as_told = (dict(positions), separator, date_order, epoch_1904, last)
        self._separator = separator
        self._last = last
        self._by_field: dict[str, list[tuple[str, int]]] = {}
        self._known: list[Readings[str, Any]] = []
        self._has_read = False
        for name in sorted(positions, key=lambda name: (base_of(name)[1], positions[name])):
            base, _ = base_of(name)
            self._by_field.setdefault(base, []).append((name, positions[name]))
            if base in DATE_FIELDS:
                born = base == "birth_date"
                column = DateColumn(ordered=date_order, epoch_1904=epoch_1904, born=born, last=last)
                self.evidence.dates.setdefault(name, column)
            if base == "number":
                self.evidence.numbers.setdefault(name, NumberColumn())
            if base in IDS:
                self.evidence.ids.setdefault(name, IdColumn())
        self._place = {name: position for columns in self._by_field.values() for name, position in columns}
        self._items = frozenset(self._by_field) - NOT_ITEMS
        self._rules = {name: self._rule(name) for columns in self._by_field.values() for name, _ in columns}
        self._first = [self._first_column(base, columns) for base, columns in self._by_field.items()]
        self._looked_at = [
            (base, name, position, self._seen(base, name))
            for base in (*DATE_FIELDS, "number", *sorted(IDS))
            for name, position in self._by_field.get(base, ())
        ]

        self._counted = [
            (name, position, Counter[str]())
            for base in sorted(IDS - {RECORD_ID})
            for name, position in self._by_field.get(base, ())
        ]

    def __reduce__(self) -> tuple[Callable[..., Cleaner], tuple[object, ...]]:
        """Let another process read rows by the same evidence; no value that is kept goes with it."""
        return _cleaner_with, (self.evidence, *self._as_told)

    def _first_column(self, base: str, columns: list[tuple[str, int]]) -> _FirstColumn:
        """Return how to read the first column of a field, if its other columns are blank."""
        name, position = columns[0]
        others = tuple(other for _, other in columns[1:])
        if name != base:
            return _FirstColumn(base, position, others, lambda cell: None)
        if base == "number":
            return _FirstColumn(base, position, others, _usual_number)
        if base in IDS:
            return _FirstColumn(base, position, others, _usual_id)
        if base in UNTYPED:
            return _FirstColumn(base, position, others, lambda cell: None if cell else _BLANK)

        def read(cell: str) -> _Value | None:
            text, *several = self.split(base, cell)
            return None if several else self._read(name, text, "") if text else _BLANK

        known = Readings(read, entries=VALUES_KEPT)
        self._known.append(known)
        return _FirstColumn(base, position, others, known.__getitem__)

    def _seen(self, base: str, name: str) -> Callable[[str], bool]:
        """Return what takes a cell as evidence about its column, or returns False if that needs more than one look."""
        if base == "number":
            return lambda cell: not cell or _NO_EVIDENCE.fullmatch(cell) is not None
        if base in IDS:
            return lambda cell: cell[:1] in ASCII_LETTERS
        column = self.evidence.dates[name]

        def read(cell: str) -> str | None:
            text, *several = self.split(base, cell)
            return None if several else column.form_alone(text) if text and not says_nothing(base, text) else ""

        forms = Readings(read, entries=VALUES_KEPT)
        self._known.append(forms)

        def see(cell: str) -> bool:
            form = forms[cell]
            if form:
                column.forms[form] = column.forms.get(form, 0) + 1
            return form is not None

        return see

    def look(self, cells: list[str]) -> None:
        """Take one row as evidence about its columns."""
        if self._has_read:
            self.forget()
        for name, position, counts in self._counted:
            if cells[position]:
                self._count(name, cells[position], counts)
        for base, name, position, seen in self._looked_at:
            if not seen(cells[position]):
                self._look_at(base, name, cells[position])
        if self._separator is not None:
            # A second value in the first column would collide with the values of the second column.
            repeated = (position for columns in self._by_field.values() if len(columns) > 1 for _, position in columns)
            self.evidence.mixed |= any(self._separator in cells[position] for position in repeated)

    def _count(self, name: str, cell: str, counts: Counter[str]) -> None:
        """Count the id of a case or report; of more distinct ones than are kept, only those met first."""
        text = tidy(cell)
        if text in counts or (text and not is_missing(name, text)):
            if text in counts or len(counts) < VALUES_KEPT:
                counts[text] += 1
            self.evidence.ids[name].count(text, counts[text])

    def _look_at(self, base: str, name: str, cell: str) -> None:
        if base in IDS:
            text = tidy(cell)
            if text and not is_missing(name, text):
                self.evidence.ids[name].add(text)
            return
        for text in self.split(base, cell):
            if text and not says_nothing(base, text):
                (self.evidence.dates.get(name) or self.evidence.numbers[name]).add(text)

    def clean(
        self, cells: list[str], row: int, typed: Collection[int] = ()
    ) -> tuple[dict[str, str | tuple[str, ...]], tuple[Fault, ...]]:
        """Read one row.

        Args:
            cells: Its cells, one per column.
            row: The line where it begins, for the faults.
            typed: The columns in which a spreadsheet holds a date, a time or a truth value.

        Returns:
            The fields that are not blank, several values of one field as a tuple in the order of their columns; and
            the faults of its values.
        """
        values: dict[str, str | tuple[str, ...]] = {}
        faults: list[Fault] = []
        self._has_read = True
        for base, position, others, read in self._first:
            found = read(cells[position])
            if found is None or position in typed or (others and any([cells[other] for other in others])):
                texts = self._clean_field(base, cells, row, typed, faults)
                if texts:
                    values[base] = tuple(texts) if len(texts) > 1 else texts[0]
                continue
            text, rules = found
            if text:
                values[base] = text
            if rules:
                faults += [Fault(row, base, rule, EFFECTS[rule]) for rule in rules]
        return values, tuple(faults)

    def _clean_field(
        self, base: str, cells: list[str], row: int, typed: Collection[int], faults: list[Fault]
    ) -> list[str]:
        """Return all values of a field, and add their faults."""
        types = [text for _, text in self._gather("number_type", cells)] if base == "number" else []
        several: list[str] = []
        for nth, (name, text) in enumerate(self._gather(base, cells)):
            named_type = types[nth] if nth < len(types) and not is_missing("number_type", types[nth]) else ""
            text, rules = self._read(name, text, named_type, typed=self._place[name] in typed) if text else _BLANK
            several.append(text)
            for rule in rules:
                effect = "rejected" if name == RECORD_ID and EFFECTS[rule] == "left out" else EFFECTS[rule]
                faults.append(Fault(row, base if nth == 0 else f"{base}_{nth + 1}", rule, effect))
        while several and not several[-1]:
            several.pop()
        return several

    def forget(self) -> None:
        """Empty what is kept of the values."""
        self._has_read = False
        for known in self._known:
            known.clear()
        for *_, counts in self._counted:
            counts.clear()

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

    def _read(self, name: str, text: str, named_type: str, *, typed: bool = False) -> tuple[str, tuple[str, ...]]:
        base, _ = base_of(name)
        typed_text, seen = legible(base, text)
        # Of an item only the codebook knows whether such a word is an answer.
        if base not in self._items and is_missing(base, typed_text):
            return "", ("value.placeholder",)
        rule = spoilt(typed_text)
        if rule is None and typed and base in UNTYPED:
            rule = "damage.id"
        text = typed_text
        if rule is None:
            text, rule = self._number(name, text, named_type) if base == "number" else self._rules[name](text)
        if text is not typed_text and base in DATE_FIELDS and is_missing(base, text):
            return "", ("value.placeholder",)
        if rule is not None:
            seen = (*seen, rule)
        return "" if seen and any(EFFECTS[one] != "marked" for one in seen) else text, seen

    def _number(self, name: str, text: str, named_type: str) -> Cleaned:
        digits, rule = digits_of_amount(text)
        if rule is not None:
            return digits, rule
        text = number_with_system(text)
        return mend_number(text, self.evidence.numbers[name], named_type=named_type)

    def _year(self, text: str) -> Cleaned:
        bare, rule = without_decimals(text)
        if _TWO_DIGITS.fullmatch(bare):
            return text, "date.two_digit_year"
        return bare, BORN_LATER if self._last is not None and is_after(bare, self._last) else rule

    def _rule(self, name: str) -> Rule:
        """Return the function that reads the values of a column."""
        base, _ = base_of(name)
        if base in DATE_FIELDS:
            column = self.evidence.dates[name]
            return lambda text: read_date(text, column)
        if base == "foreign_number":
            return mend_foreign_number
        if base in IDS:
            return id_reader(self.evidence.ids[name], may_be_none=base != RECORD_ID)
        if base == "birth_year":
            return self._year
        if base in NAME_FIELDS:
            return lambda text: (UNKNOWN, None) if is_nobody(text) else (text, "damage.cut" if is_cut(text) else None)
        if base == "number_type":
            return lambda text: (type_in_one_word(text), None)
        if base in WORDED and base not in self._items:
            return lambda text: (in_one_word(base, text), None)
        return lambda text: (text, None)


def _cleaner_with(
    evidence: Evidence,
    positions: Mapping[str, int],
    separator: str | None,
    date_order: DateOrder | None,
    epoch_1904: bool | None,
    last: date | None,
) -> Cleaner:
    return Cleaner(
        positions, separator=separator, date_order=date_order, epoch_1904=epoch_1904, last=last, evidence=evidence
    )


def tidy(text: str) -> str:
    """Trim a cell, and remove marks that make a spreadsheet treat digits as text: `="0123"` or `'0123`."""
    text = text.strip()
    if text.startswith('="') and text.endswith('"'):
        text = text[2:-1].strip()
    elif text.startswith("'") and text[1:2].isdecimal():
        text = text[1:]
    return text
