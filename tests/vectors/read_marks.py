"""Say of the values of a record which are blank, unreadable or marked, as docs/spec.md does before 4.1 and in 8."""

from __future__ import annotations

from datetime import date

from tests.vectors.read_numbers import is_readable, word
from tests.vectors.reading import (
    Record,
    Values,
    births_for,
    contradicted,
    is_blank,
    is_no_date,
    names,
    numbers,
    plain,
    read_date,
    read_foreign_number,
    read_sex,
)
from tests.vectors.tables import tables

__all__ = ["marks"]

FIELDS = ("number", "foreign_number", "given_names", "family_names", "birth_date", "sex")


def texts(values: Values) -> list[str]:
    """Return the first eight values of a field."""
    return [value or "" for value in ((values,) if values is None or isinstance(values, str) else values)[:8]]


def of_numbers(record: Record, reference: date) -> list[str]:
    """Return what is said of each number."""
    said = []
    for i, (text, number) in enumerate(zip(texts(record.number), numbers(record, reference), strict=False)):
        if is_blank(text):
            said.append("blank")
        elif not is_readable(text):
            said.append("unreadable")
        elif number is None or number.type == "other" or contradicted(number, births_for(record, i)):
            said.append("marked")
        else:
            interim_with_date = number.type == "interim" and number.birth_date is not None
            said.append("read" if number.valid or interim_with_date else "marked")
    return said


def of_date(text: str) -> str:
    if is_blank(text):
        return "blank"
    if read_date(text):
        return "read"
    return "marked" if is_no_date(plain(text)) else "unreadable"


def of_sex(text: str) -> str:
    if is_blank(text):
        return "blank"
    unknown = word(text) in map(word, tables()["sexes"]["unknown"])
    return "read" if unknown or read_sex(text) else "unreadable"


def of_names(record: Record) -> tuple[list[str], list[str]]:
    """Return what is said of each given and each family name."""
    given, family = names(record)
    values = texts(record.given_names) or [""], texts(record.family_names)
    if is_blank(values[0][0]):
        # The name of address is a given name, and the only one where the first value is blank.
        values[0][0] = record.name_of_address or ""
    said = [
        ["blank" if is_blank(text) else "read" if name else "marked" for text, name in zip(*column, strict=False)]
        for column in zip(values, (given, family), strict=True)
    ]
    return said[0], said[1]


def marks(record: Record, reference: date) -> dict[str, list[str]]:
    """Return the fields that count as missing, as unreadable and as marked."""
    given, family = of_names(record)
    said = {
        "number": of_numbers(record, reference),
        "foreign_number": [
            "blank" if is_blank(text) else "read" if read_foreign_number(text) else "marked"
            for text in texts(record.foreign_number)
        ],
        "given_names": given,
        "family_names": family,
        "birth_date": [of_date(text) for text in texts(record.birth_date)],
        "sex": [of_sex(text) for text in texts(record.sex)],
    }
    return {
        "missing": [field for field in FIELDS if set(said[field]) <= {"blank"}],
        "unreadable": [field for field in FIELDS if "unreadable" in said[field]],
        "marked": [field for field in FIELDS if "marked" in said[field]],
    }
