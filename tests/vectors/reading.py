"""Read the fields of a record as docs/spec.md says in section 4: names, dates, sexes, numbers. From that page alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from tests.vectors import read_numbers
from tests.vectors.read_names import (
    NO_NAME,
    Name,
    in_doubt,
    is_phrase,
    is_statement,
    read_name,
    words,
    written_as_name,
)
from tests.vectors.read_numbers import BirthDate, Number, check_digit, read_foreign_number, word
from tests.vectors.tables import is_a, tables

__all__ = [
    "BirthDate",
    "Identity",
    "Name",
    "Number",
    "Record",
    "births_for",
    "check_digit",
    "contradicted",
    "distinct",
    "identities",
    "is_blank",
    "names",
    "numbers",
    "read_date",
    "read_foreign_number",
    "read_name",
    "read_number",
    "read_sex",
]


def distinct(values: list[Any]) -> list[Any]:
    """Return the values without those that equal an earlier one."""
    return [value for i, value in enumerate(values) if value not in values[:i]]


def exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def plain(text: str) -> str:
    """Return a date, sex or number without invisible characters, odd dashes and surrounding white space."""
    seen = ["-" if is_a("dashes", c) else c for c in text if not (is_a("invisible", c) or "\ud800" <= c <= "\udfff")]
    while seen and is_a("white_space", seen[0]):
        del seen[0]
    while seen and is_a("white_space", seen[-1]):
        del seen[-1]
    return "".join(seen)


def is_no_date(text: str) -> bool:
    """Return whether a text stands for an unknown date."""
    table = tables()["dates"]
    if all(c in table["signs"] for c in text) or word(text) in map(word, table["words"]):
        return True
    return text.replace("-", "") in table["placeholders"] or re.fullmatch("9999[-0-9]*", text) is not None


def in_years(year: str) -> bool:
    first, last = tables()["dates"]["years"]
    return bool(first <= int(year) <= last)


def read_date(text: str) -> BirthDate | None:
    """Return the date (section 4.3), or None where it is a placeholder or can't be read."""
    text = plain(text)
    about = re.fullmatch("([0-9]{4})(?:~|[~\u00b1]([0-9]))", text)
    if about and not is_no_date(text):
        margin = int(about[2] or tables()["dates"]["margin"])
        return BirthDate(about[1], None, None, margin) if in_years(about[1]) else None
    form = "([0-9]{4})|([0-9]{4})-([0-9]{2})|([0-9]{4})-([0-9]{2})-([0-9]{2})|([0-9]{4})([0-9]{2})([0-9]{2})"
    match = re.fullmatch(form, text)
    if not match or is_no_date(text):
        return None
    year, month, day = ([group for group in match.groups() if group] + ["00", "00"])[:3]
    assert year
    if not in_years(year) or not day_may_be(int(year), int(month), int(day)):
        return None
    return BirthDate(year, known(month), known(day))


def known(digits: str) -> str | None:
    return None if digits == "00" else digits


def day_may_be(year: int, month: int, day: int) -> bool:
    """Return whether the date exists as far as it is known; January has all days that any month has."""
    return exists(year, month or 1, day or 1)


def read_sex(text: str) -> str | None:
    """Return the word (section 4.4); None is absent as well as unreadable."""
    found = next((sex for sex, words in tables()["sexes"].items() if word(text) in map(word, words)), "unknown")
    return None if found == "unknown" else found


def read_number(
    text: str, reference: date, type_word: str = "", level_word: str = "", births: Sequence[BirthDate] = ()
) -> Number | None:
    """Return the number (section 4.5), or None where there is none or nothing of it can be read."""
    return read_numbers.read_number(text, reference, type_word, level_word, births)


Values = str | tuple[str | None, ...] | None


@dataclass(frozen=True)
class Record:
    """What a reporter knows of one person in one report; a field that it does not know is None."""

    record_id: str
    number: Values = None
    foreign_number: Values = None
    given_names: Values = None
    family_names: Values = None
    birth_date: Values = None
    sex: str | None = None
    name_of_address: str | None = None
    number_type: Values = None
    number_level: Values = None
    report_date: str | None = None
    event_date: str | None = None


@dataclass(frozen=True)
class Identity:
    """One identity of a record, after section 4."""

    number: Number | None
    reporter: str | None
    foreign_number: str | None
    given: Name
    family: Name
    birth: BirthDate
    sex: str | None
    is_unknown: bool = False


NO_BIRTH: Final = BirthDate(None, None, None)


def is_blank(text: str | None) -> bool:
    return plain(text or "") == ""


def listed(values: Values) -> list[str]:
    """Return the first eight values of a field, blank ones as empty text; a blank one where there is none."""
    if values is None or isinstance(values, str):
        values = (values,)
    return [value or "" for value in values[:8]] or [""]


def day_of_record(record: Record, reference: date) -> date:
    """Return the day by which centuries are found: the last that the report date, else the event date, may mean."""
    for text in (record.report_date, record.event_date):
        last = last_day((text or "").strip("".join(white_space())))
        if last:
            return last
    return reference


def white_space() -> list[str]:
    return [chr(c) for first, last in tables()["characters"]["white_space"] for c in range(first, last + 1)]


def last_day(text: str) -> date | None:
    """Return the last day that a date of section 8 may mean; None for a text that is no such date."""
    form = re.fullmatch("([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?", text)
    if not form:
        return None
    year, month, day = int(form[1]), int(form[2] or 12), int(form[3] or 1)
    if not exists(year, month, day):
        return None
    last = max(d for d in range(28, 32) if exists(year, month, d))
    return date(year, month, day if form[3] else last)


def united(one: BirthDate, two: BirthDate) -> BirthDate | None:
    """Return what two dates say together, or None where they contradict each other; `two` has no margin."""
    for a, b in ((one.month, two.month), (one.day, two.day)):
        if a is not None and b is not None and a != b:
            return None
    if one.year is None or two.year is None:
        year, margin = (two.year, 0) if one.year is None else (one.year, one.margin)
    elif abs(int(one.year) - int(two.year)) > one.margin:
        return None
    else:
        year, margin = two.year, 0
    return BirthDate(year, one.month or two.month, one.day or two.day, margin)


def birth_dates(record: Record) -> list[BirthDate | None]:
    return [read_date(text) for text in listed(record.birth_date)]


def births_for(record: Record, i: int) -> list[BirthDate]:
    """Return the birth dates of a record, first the one that belongs to the number at a position."""
    found = birth_dates(record)
    present = [(place, born) for place, born in enumerate(found) if born is not None]
    own = [born for place, born in present if place == i] or [born for _, born in present[:1]]
    return own + [born for _, born in present if born is not own[0]]


def numbers(record: Record, reference: date) -> list[Number | None]:
    """Return the numbers of a record by their positions."""
    day = day_of_record(record, reference)
    types, levels = listed(record.number_type), listed(record.number_level)
    found = []
    for i, text in enumerate(listed(record.number)):
        type_word, level_word = (column[i] if i < len(column) else "" for column in (types, levels))
        found.append(read_number(text, day, type_word, level_word, births_for(record, i)))
    return found


def contradicted(number: Number, births: list[BirthDate]) -> bool:
    """Return whether the birth date in a number contradicts all birth dates of its record."""
    inside = number.birth_date
    return inside is not None and bool(births) and all(united(born, inside) is None for born in births)


def names(record: Record) -> tuple[list[Name | None], list[Name | None]]:
    """Return given and family names by their positions, none if no name is beyond doubt."""
    given = [
        read_name(text, (record.name_of_address or "") if i == 0 else "")
        for i, text in enumerate(listed(record.given_names))
    ]
    family = [read_name(text, field="family_names") for text in listed(record.family_names)]
    for i, (one, other) in enumerate(zip(given, family, strict=False)):
        if one and other and is_phrase(one, other):
            given[i] = family[i] = None
    found = [name for name in given + family if name]
    texts = [*listed(record.given_names), *listed(record.family_names)]
    if is_blank(texts[0]):
        texts[0] = record.name_of_address or ""
    placeholder = any(name is None and words(text) for name, text in zip(given + family, texts, strict=True))
    if found and all(map(in_doubt, found)) and (placeholder or all(map(written_as_name, found))):
        return [None] * len(given), [None] * len(family)
    return given, family


def identities(record: Record, reference: date, reporter: str) -> list[Identity]:
    """Return the identities of a record (section 4.6)."""
    columns: list[list[Any]] = [
        numbers(record, reference),
        [read_foreign_number(text) for text in listed(record.foreign_number)],
        *names(record),
        birth_dates(record),
    ]
    found = [
        _identity([_at(column, i) for column in columns], read_sex(record.sex or ""), reporter)
        for i in range(max(1, *map(len, columns)))
    ]
    found += _by_number_dates(found)
    if is_unknown(record, columns):
        found = [replace(one, is_unknown=True) for one in found]
    return distinct(found)[:8]


def is_unknown(record: Record, columns: list[list[Any]]) -> bool:
    """Return whether a record is of an unknown person."""
    of_numbers, of_foreign_numbers, given, family, _ = columns
    if any(given + family + of_foreign_numbers):
        return False
    if any(number and (number.valid or (number.type == "interim" and number.birth_date)) for number in of_numbers):
        return False
    said = [*listed(record.given_names), *listed(record.family_names), record.name_of_address or ""]
    return any(is_statement(text) for text in said)


def _at(column: list[Any], i: int) -> Any:
    present = [value for value in column if value is not None]
    return column[i] if i < len(column) and column[i] is not None else (present[0] if present else None)


def _identity(values: list[Any], sex: str | None, reporter: str) -> Identity:
    number, foreign_number, given, family, birth = values
    birth = birth or NO_BIRTH
    if number is not None and number.birth_date is not None:
        birth = united(birth, number.birth_date) or birth
    local = number is not None and number.type == "interim"
    return Identity(
        number, reporter if local else None, foreign_number, given or NO_NAME, family or NO_NAME, birth, sex
    )


def _by_number_dates(found: list[Identity]) -> list[Identity]:
    further, seen = [], []
    for one in found:
        if one.number is None or one.number in seen:
            continue
        seen.append(one.number)
        inside = one.number.birth_date
        if inside is not None and united(one.birth, inside) is None:
            further.append(replace(one, birth=inside))
    return further
