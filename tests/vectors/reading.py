"""Read the fields of a record as docs/spec.md says in section 4: names, dates, sexes, numbers. From that page alone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple

from tests.vectors.read_names import sound, tables_digest, words

__all__ = [
    "BirthDate",
    "Normalised",
    "Number",
    "Record",
    "check_digit",
    "distinct",
    "normalise",
    "read_date",
    "read_foreign_number",
    "read_number",
    "read_sex",
    "sound",
    "tables_digest",
    "words",
]

# Ranges of code points from section 4.3, both ends included.
WHITE_SPACE: Final = (
    *((0x09, 0x0D), (0x1C, 0x20), (0x85, 0x85), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A)),
    *((0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000)),
)
INVISIBLE: Final = ((0xAD, 0xAD), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x2069), (0xFEFF, 0xFEFF))
UPPER_AND_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
DASHES: Final = ((0x2010, 0x2015), (0x2212, 0x2212))


def distinct(values: list[Any]) -> list[Any]:
    return list(dict.fromkeys(values))


class BirthDate(NamedTuple):
    """The digits of a date: four, two and two; an unknown month or day is None."""

    year: str
    month: str | None
    day: str | None


def exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def is_in(ranges: tuple[tuple[int, int], ...], character: str) -> bool:
    return any(first <= ord(character) <= last for first, last in ranges)


def plain(text: str) -> str:
    """Return a date, sex or number without invisible characters, odd dashes and surrounding white space."""
    seen = ["-" if is_in(DASHES, c) else c for c in text if not is_in(INVISIBLE, c)]
    while seen and is_in(WHITE_SPACE, seen[0]):
        del seen[0]
    while seen and is_in(WHITE_SPACE, seen[-1]):
        del seen[-1]
    return "".join(seen)


def without_white_space(text: str) -> str:
    return "".join(c for c in text if not is_in(WHITE_SPACE, c))


def read_date(text: str) -> BirthDate | None:
    """Return the date (section 4.3), or None where it can't be read."""
    form = "([0-9]{4})|([0-9]{4})-([0-9]{2})|([0-9]{4})-([0-9]{2})-([0-9]{2})|([0-9]{4})([0-9]{2})([0-9]{2})"
    match = re.fullmatch(form, plain(text))
    if not match:
        return None
    year, month, day = ([group for group in match.groups() if group] + [None, None])[:3]
    assert year
    if not 1850 <= int(year) <= 2100 or not exists(int(year), int(month or 1), int(day or 1)):
        return None
    return BirthDate(year, month, day)


def read_sex(text: str) -> str | None:
    """Return the word (section 4.4); None is absent as well as unreadable."""
    text = lower(plain(text))
    meanings = {
        "woman": ("woman", "female", "kvinna", "f", "k"),
        "man": ("man", "male", "m"),
        "other": ("other", "annat", "o"),
    }
    return next((word for word, texts in meanings.items() if text in texts), None)


def lower(text: str) -> str:
    return "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in text)


def upper(text: str) -> str:
    return "".join(chr(ord(c) - 32) if "a" <= c <= "z" else c for c in text)


class Number(NamedTuple):
    """A number with its type, whether it is valid, its compact form, and the date inside if it is valid."""

    type: str
    valid: bool
    compact: str
    birth_date: BirthDate | None


def check_digit(nine: str) -> str:
    """Return Luhn's digit over nine characters, weights 2 1 2 …, a letter counted as 1."""
    total = 0
    for place, character in enumerate(nine):
        value = int(character) if character in "0123456789" else 1
        value *= 2 - place % 2
        total += value // 10 + value % 10
    return str(-total % 10)


def read_number(text: str, reference: date) -> Number | None:
    """Return the number (section 4.5), or None where nothing of it can be read."""
    text = upper(without_white_space(plain(text)))
    form = r"([0-9]{2})?([0-9]{2})([0-9]{2})([0-9]{2})([-+]?)([0-9TRSUWXJKLMN])([0-9]{2})([0-9])"
    match = re.fullmatch(form, text)
    dated = _dated(match, text, reference) if match else None
    if dated:
        return dated
    compact = re.sub(r"[-+./_]", "", text)
    return Number("other", False, compact, None) if re.fullmatch("[0-9A-Z]{1,32}", compact) else None


def _dated(match: re.Match[str], text: str, reference: date) -> Number | None:
    """Return a number of a type with a date, or None where month, day or year are those of no such type."""
    century, yy, mm, dd, sign, first, _, _ = match.groups()
    ten = "".join(c for c in text if c not in "-+")[-10:]
    month, day = int(mm), int(dd)
    if 1 <= month <= 12 and 1 <= day <= 31:
        kind = "personnummer" if first.isdigit() else "interim"
    elif 0 <= month <= 12 and 60 <= day <= 91 and first.isdigit():
        kind = "samordningsnummer"
        day -= 60
    else:
        return None
    year = f"{_century(int(yy), month, day, reference) - (sign == '+'):02d}{yy}" if century is None else century + yy
    if not 1850 <= int(year) <= 2100:
        return None
    right = exists(int(year), month or 1, day or 1) and ten[6:9] != "000" and check_digit(ten[:9]) == ten[9]
    inside = BirthDate(year, f"{month:02d}" if month else None, f"{day:02d}" if day else None)
    return Number(kind, right, year + ten[2:], inside if right else None)


def _century(yy: int, month: int, day: int, reference: date) -> int:
    """Return the latest century in which the date is not after the reference date, whether or not the day exists."""
    today = (reference.year, reference.month, reference.day)
    latest = reference.year // 100
    return latest if (100 * latest + yy, month or 1, day or 1) <= today else latest - 1


def read_foreign_number(text: str) -> str | None:
    kept = [c for c in upper(without_white_space(plain(text))) if c in UPPER_AND_DIGITS or ord(c) >= 0x80]
    return "".join(kept[:32]) or None


@dataclass(frozen=True)
class Record:
    """What a body knows of one person in one report; a field that it does not know is None."""

    record_id: str
    number: str | None = None
    foreign_number: str | None = None
    given_names: str | None = None
    family_names: str | None = None
    birth_date: str | None = None
    sex: str | None = None


@dataclass(frozen=True)
class Normalised:
    """A record after section 4."""

    given: list[str]
    family: list[str]
    number: Number | None
    foreign_number: str | None
    year: str | None
    month: str | None
    day: str | None
    sex: str | None


def normalise(record: Record, reference: date) -> Normalised:
    """Return the fields of a record; the birth date is the field's, else that of a valid number."""
    number = read_number(record.number or "", reference)
    born = read_date(record.birth_date or "")
    if born is None and number is not None:
        born = number.birth_date
    return Normalised(
        given=words(record.given_names or ""),
        family=words(record.family_names or ""),
        number=number,
        foreign_number=read_foreign_number(record.foreign_number or ""),
        year=born.year if born else None,
        month=born.month if born else None,
        day=born.day if born else None,
        sex=read_sex(record.sex or ""),
    )
