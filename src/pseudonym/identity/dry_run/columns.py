"""Counts for one column of an input: filled rows, forms of values, and separators between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from pseudonym.errors import FieldError
from pseudonym.identity.numbers import read_number
from pseudonym.identity.reader import DateColumn, InputFile, base_of
from pseudonym.identity.reader.fields import NAME_FIELDS
from pseudonym.identity.sex import read_sex

__all__ = ["ColumnReport", "ColumnTally", "Forms", "number_form"]

SEPARATORS: Final = ("|", ";", "/", ",", "\n")
"""Characters that people put between two values in one cell."""

MIN_DIGITS: Final = 6
"""Minimum number of digits with which part of a cell may be a number or date of its own."""

_DATE_FORMS: Final = {
    "year first": "year, month, day",
    "year and month": "year and month",
    "year": "year",
    "about a year": "about a year",
    "month name": "name of the month",
    "serial": "day number",
    "two-digit year": "year with two digits",
    "other": "other",
}

_UNREAD: Final = {
    "number.placeholder": "no number",
    "number.no_digit": "no number",
    "number_type.unknown": "unknown type",
}

Forms = Callable[[str, str], str | None]
"""Returns the form of a number, given its text and the type named in the row."""


@dataclass(frozen=True, slots=True)
class ColumnReport:
    """How one column is understood.

    Attributes:
        field: The field it is read as; `number_2` and so on for further values.
        header: Its header; None if the first row may be a person's data.
        by_alias: Whether it was found by a header that is not its name.
        filled: Rows with a value.
        values: Number of values; a cell has several if a separator is set.
        forms: Number of values by form.
        separators: For each separator, the number of cells in which it may divide two values.
        rules: Number of values by rule and effect.
    """

    field: str
    header: str | None
    by_alias: bool
    filled: int
    values: int
    forms: dict[str, int]
    separators: dict[str, int]
    rules: dict[tuple[str, str], int]

    def as_json(self) -> dict[str, Any]:
        """Return the report as a JSON object."""
        rules = [{"rule": rule, "effect": effect, "count": n} for (rule, effect), n in sorted(self.rules.items())]
        return {
            "field": self.field,
            "header": self.header,
            "recognised_header": self.by_alias,
            "rows_filled": self.filled,
            "values": self.values,
            "forms": self.forms,
            "separators": self.separators,
            "rules": rules,
        }


@dataclass(slots=True)
class ColumnTally:
    """Count the values of a column one by one."""

    name: str
    number_form: Forms
    filled: int = 0
    values: int = 0
    forms: Counter[str] = field(default_factory=Counter)
    separators: Counter[str] = field(default_factory=Counter)
    rules: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, text: str, named_type: str) -> None:
        """Count one value that is not blank.

        Args:
            text: The value.
            named_type: The type that the row names for a number.
        """
        self.values += 1
        base, _ = base_of(self.name)
        form = self._form(base, text, named_type)
        if form is not None:
            self.forms[form] += 1
        for sign in SEPARATORS:
            if sign in text and _parts_are_values(base, text.split(sign)):
                self.separators[sign] += 1

    def report(self, file: InputFile) -> ColumnReport:
        """Return the counts.

        Args:
            file: The input, which has the headers and the forms of dates.
        """
        columns, dates = file.columns, file.evidence.dates.get(self.name)
        return ColumnReport(
            field=self.name,
            header=columns.headers.get(self.name),
            by_alias=self.name in columns.by_alias,
            filled=self.filled,
            values=self.values,
            forms=dict(self.forms.most_common()) if dates is None else _date_forms(dates),
            separators=dict(self.separators),
            rules=dict(self.rules),
        )

    def _form(self, base: str, text: str, named_type: str) -> str | None:
        if base == "number":
            return self.number_form(text, named_type)
        if base == "sex":
            return _sex(text)
        if base in NAME_FIELDS:
            return _name_form(text)
        return None


def number_form(reference_date: date) -> Forms:
    """Return a function that names the type of a number and its certainty.

    Args:
        reference_date: The day by which centuries are inferred.
    """

    def form(text: str, named_type: str) -> str | None:
        try:
            number = read_number(text, reference_date=reference_date, type=named_type or None)
        except FieldError as error:
            return _UNREAD.get(error.rule, "unreadable")
        if number.type == "other":
            return "no known type"
        # Most interim numbers have no check digit, which is not a fault.
        lacking = "without check digit" if number.type == "interim" and number.birth is not None else "not valid"
        return f"{number.type}, {number.certainty}, {'valid' if number.valid else lacking}"

    return form


def _date_forms(column: DateColumn) -> dict[str, int]:
    """Count dates by form, and name the order assumed for dates that end with the year."""
    order = {"dmy": "day, month, year", "mdy": "month, day, year", None: "ends with the year, order not certain"}
    named = {"year last": order[column.order], **_DATE_FORMS}
    counts: Counter[str] = Counter()
    for form, count in column.forms.items():
        counts[named[form]] += count
    return dict(counts.most_common())


def _sex(text: str) -> str:
    try:
        return read_sex(text) or "unknown"
    except FieldError:
        return "unreadable"


def _name_form(text: str) -> str:
    letters = [letter for letter in text if letter.isalpha()]
    if not letters:
        return "no letter"
    # Greek, Cyrillic and all other scripts come after Latin, except for one later block of Latin letters.
    return (
        "Latin letters"
        if all(letter < "\u0370" or "\u1e00" <= letter <= "\u1eff" for letter in letters)
        else "other scripts"
    )


def _parts_are_values(base: str, parts: list[str]) -> bool:
    if base in {"number", "foreign_number", "birth_date"}:
        return all(sum(sign.isdecimal() for sign in part) >= MIN_DIGITS for part in parts)
    if base in {"given_names", "family_names"}:
        return all(any(sign.isalpha() for sign in part) for part in parts)
    return False
