"""Say of the values of a record which are blank, unreadable or marked, as docs/spec.md does before 4.1 and in 8."""

from __future__ import annotations

from datetime import date

from tests.vectors.read_numbers import is_readable
from tests.vectors.reading import (
    Record,
    Values,
    day_of_record,
    is_no_date,
    lower,
    plain,
    read_date,
    read_foreign_number,
    read_name,
    read_number,
    read_sex,
)
from tests.vectors.tables import tables

__all__ = ["is_blank", "marks"]

FIELDS = ("number", "foreign_number", "given_names", "family_names", "birth_date", "sex")


def is_blank(text: str | None) -> bool:
    return plain(text or "") == ""


def texts(values: Values) -> list[str]:
    """Return the first eight values of a field."""
    return [value or "" for value in ((values,) if values is None or isinstance(values, str) else values)[:8]]


def numbers(record: Record, reference: date) -> list[str]:
    """Return what is said of each number."""
    said = []
    types, levels = texts(record.number_type), texts(record.number_level)
    for i, text in enumerate(texts(record.number)):
        words = [column[i] if i < len(column) else "" for column in (types, levels)]
        number = read_number(text, day_of_record(record, reference), *words)
        if is_blank(text):
            said.append("blank")
        elif not is_readable(text):
            said.append("unreadable")
        elif number is None or number.type == "other":
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
    unknown = lower(plain(text)) in tables()["sexes"]["unknown"]
    return "read" if unknown or read_sex(text) else "unreadable"


def given_names(record: Record) -> list[str]:
    """Return what is said of each given name; the name of address belongs to the first."""
    found = texts(record.given_names) or [""]
    first = record.name_of_address or ""
    said = ["blank" if is_blank(text) else "read" if read_name(text) else "marked" for text in found]
    if not is_blank(first):
        said[0] = "read" if read_name(found[0], first) else "marked"
    return said


def marks(record: Record, reference: date) -> dict[str, list[str]]:
    """Return the fields that count as missing, as unreadable and as marked."""
    said = {
        "number": numbers(record, reference),
        "foreign_number": [
            "blank" if is_blank(text) else "read" if read_foreign_number(text) else "marked"
            for text in texts(record.foreign_number)
        ],
        "given_names": given_names(record),
        "family_names": [
            "blank" if is_blank(text) else "read" if read_name(text) else "marked"
            for text in texts(record.family_names)
        ],
        "birth_date": [of_date(text) for text in texts(record.birth_date)],
        "sex": [of_sex(text) for text in texts(record.sex)],
    }
    return {
        "missing": [field for field in FIELDS if set(said[field]) <= {"blank"}],
        "unreadable": [field for field in FIELDS if "unreadable" in said[field]],
        "marked": [field for field in FIELDS if "marked" in said[field]],
    }
