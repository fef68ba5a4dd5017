"""Read the fields of a record as docs/spec.md says in section 4: names, dates, sexes, numbers. From that page alone."""

from __future__ import annotations

import functools
import hashlib
import json
import re
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final, NamedTuple

__all__ = [
    "BirthDate",
    "Identity",
    "Number",
    "Record",
    "check_digit",
    "distinct",
    "identities",
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
UPPER_AND_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
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


class Name(NamedTuple):
    """What is read from a name field."""

    words: tuple[str, ...]
    grams: tuple[str, ...]
    sounds: tuple[str, ...]


NO_NAME: Final = Name((), (), ())


def read_name(text: str, first: str = "") -> Name | None:
    found = words(text)
    if " ".join(found) in ("okand", "n n", "nn", "unknown", "saknas", "ej kand", "namn saknas", "noname"):
        return None
    found = distinct(words(first) + found)[:8]
    grams = [w[i : i + 2] for word in found for w in ["_" + word + "_"] for i in range(len(w) - 1)]
    sounds = [sound(word) for word in found]
    return Name(tuple(found), tuple(distinct(grams)), tuple(distinct(sounds))) if found else None


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
    """The digits of a date: four, two and two; an unknown part is None. `margin` is 0 for a year known exactly."""

    year: str | None
    month: str | None
    day: str | None
    margin: int = 0


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


NO_DATES: Final = (
    *("00010101", "11111111", "17530101", "18000101", "18991230", "18991231", "1900", "190000", "190001"),
    *("19000000", "19000100", "19000101", "20991231"),
)
NO_DATE_WORDS: Final = ("ok\u00e4nd", "ok\u00e4nt", "oka\u0308nd", "oka\u0308nt", "saknas", "unknown")


def is_no_date(text: str) -> bool:
    """Say whether a text stands for an unknown date."""
    if all(c in "-./?_*0" for c in text) or lower(text) in NO_DATE_WORDS:
        return True
    return text.replace("-", "") in NO_DATES or re.fullmatch("9999[-0-9]*", text) is not None


def read_date(text: str) -> BirthDate | None:
    """Return the date (section 4.3), or None where it is a placeholder or can't be read."""
    text = plain(text)
    about = re.fullmatch("([0-9]{4})(?:~|[~\u00b1]([0-9]))", text)
    if about and not is_no_date(text):
        in_range = 1850 <= int(about[1]) <= 2100
        return BirthDate(about[1], None, None, int(about[2] or 2)) if in_range else None
    form = "([0-9]{4})|([0-9]{4})-([0-9]{2})|([0-9]{4})-([0-9]{2})-([0-9]{2})|([0-9]{4})([0-9]{2})([0-9]{2})"
    match = re.fullmatch(form, text)
    if not match or is_no_date(text):
        return None
    year, month, day = ([group for group in match.groups() if group] + ["00", "00"])[:3]
    assert year
    if not 1850 <= int(year) <= 2100 or not day_may_be(int(year), int(month), int(day)):
        return None
    return BirthDate(year, known(month), known(day))


def known(digits: str) -> str | None:
    return None if digits == "00" else digits


def day_may_be(year: int, month: int, day: int) -> bool:
    """Say whether the date exists as far as it is known; January has all days that any month has."""
    return exists(year, month or 1, day or 1)


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
    return "".join(chr(ord(c) + 32) if "A" <= c <= "Z" or c == "\u00c4" else c for c in text)


def upper(text: str) -> str:
    return "".join(chr(ord(c) - 32) if "a" <= c <= "z" else c for c in text)


class Number(NamedTuple):
    """A number with its type, whether it is valid, its compact form, and the date inside if it is valid."""

    type: str
    valid: bool
    compact: str
    birth_date: BirthDate | None
    level: str | None = None


def check_digit(nine: str) -> str:
    """Return Luhn's digit over nine characters, weights 2 1 2 …, a letter counted as 1."""
    total = 0
    for place, character in enumerate(nine):
        value = int(character) if character in "0123456789" else 1
        value *= 2 - place % 2
        total += value // 10 + value % 10
    return str(-total % 10)


def read_number(text: str, reference: date, _type: str = "", _level: str = "") -> Number | None:
    """Return the number (section 4.5), or None where nothing of it can be read."""
    text = upper(without_white_space(plain(text)))
    form = r"([0-9]{2})?([0-9]{2})([0-9]{2})([0-9]{2})([-+]?)([0-9TRSUWXJKLMN])([0-9]{2})([0-9])"
    match = re.fullmatch(form, text)
    dated = _dated(match, text, reference) if match else None
    if dated:
        return dated._replace(level=_level or None) if dated.type == "samordningsnummer" else dated
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


Values = str | tuple[str | None, ...] | None


@dataclass(frozen=True)
class Record:
    """What a body knows of one person in one report; a field that it does not know is None."""

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


NO_BIRTH: Final = BirthDate(None, None, None)


def listed(values: Values) -> list[str]:
    """Return the first eight values of a field, blank ones as empty text."""
    if values is None or isinstance(values, str):
        values = (values,)
    return [value or "" for value in values[:8]]


def day_of_record(record: Record, reference: date) -> date:
    """Return the day by which centuries are found: the last that the report date, else the event date, may mean."""
    for text in (record.report_date, record.event_date):
        if text:
            year, month, day = ([int(part) for part in text.split("-")] + [0, 0])[:3]
            month = month or 12
            last = max(d for d in range(28, 32) if exists(year, month, d))
            return date(year, month, day or last)
    return reference


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


def identities(record: Record, reference: date, reporter: str) -> list[Identity]:
    """Return the identities of a record (section 4.6)."""
    day = day_of_record(record, reference)
    types, levels = listed(record.number_type), listed(record.number_level)
    given = listed(record.given_names)
    columns: list[list[Any]] = [
        [
            read_number(text, day, *(column[i] if i < len(column) else "" for column in (types, levels)))
            for i, text in enumerate(listed(record.number))
        ],
        [read_foreign_number(text) for text in listed(record.foreign_number)],
        [read_name(text, (record.name_of_address or "") if i == 0 else "") for i, text in enumerate(given)],
        [read_name(text) for text in listed(record.family_names)],
        [read_date(text) for text in listed(record.birth_date)],
    ]
    found = [
        _identity([_at(column, i) for column in columns], read_sex(record.sex or ""), reporter)
        for i in range(max(1, *map(len, columns)))
    ]
    found += _by_number_dates(found)
    return distinct(found)[:8]


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
