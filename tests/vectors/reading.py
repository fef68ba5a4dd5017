"""Read the fields of a record as docs/spec.md says in section 4: names, dates, sexes, numbers. From that page alone."""

from __future__ import annotations

import functools
import hashlib
import json
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final, NamedTuple

from tests.vectors import read_numbers
from tests.vectors.read_numbers import Number, check_digit, read_foreign_number

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

TABLES: Final = Path(__file__).resolve().parents[2] / "src" / "pseudonym" / "tables" / "names.json"
# Ranges of code points from section 4.3, both ends included.
WHITE_SPACE: Final = (
    *((0x09, 0x0D), (0x1C, 0x20), (0x85, 0x85), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A)),
    *((0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000)),
)
INVISIBLE: Final = ((0xAD, 0xAD), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x2069), (0xFEFF, 0xFEFF))
DASHES: Final = ((0x2010, 0x2015), (0x2212, 0x2212))


@functools.cache
def tables() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(TABLES.read_bytes())
    return loaded


def tables_digest() -> str:
    return hashlib.sha256(TABLES.read_bytes()).hexdigest()


def words(text: str) -> list[str]:
    """Return the words of a name (section 4.1)."""
    letters, separators, dropped = tables()["letters"], tables()["separators"], tables()["dropped"]
    running = ""
    found = []
    for character in text:
        if character in letters:
            running += letters[character]
        elif character in separators:
            found.append(running)
            running = ""
        elif character in dropped or ord(character) < 0x80:
            pass
        else:
            running += character
    found.append(running)
    return distinct([word[:32] for word in found if word])[:8]


def _apply(rule: dict[str, str], word: str) -> str:
    out = ""
    at = 0
    while at < len(word):
        after = at + len(rule["from"])
        fits = word.startswith(rule["from"], at)
        if fits and "before" in rule:
            fits = after < len(word) and word[after] in rule["before"]
        if fits:
            out += rule["to"]
            at = after
        else:
            out += word[at]
            at += 1
    return out


def sound(word: str) -> str:
    """Return the sound form of a word (section 4.2)."""
    for rule in tables()["sound"]:
        word = _apply(rule, word)
    single = ""
    for character in word:
        if not single.endswith(character):
            single += character
    return single[:1] + "".join(character for character in single[1:] if character not in "aeiouyhj")


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


def read_number(text: str, reference: date, type_word: str = "", level_word: str = "") -> Number | None:
    """Return the number (section 4.5), or None where there is none or nothing of it can be read."""
    found = read_numbers.read_number(text, reference, type_word, level_word)
    if found is None or found.birth_date is None:
        return found
    return found._replace(birth_date=BirthDate(*found.birth_date))


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
        born = BirthDate(*number.birth_date) if number.birth_date else None
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
