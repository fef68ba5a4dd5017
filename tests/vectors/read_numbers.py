"""Read numbers as docs/spec.md says in section 4.5. From that page alone."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Final, NamedTuple

from tests.vectors.tables import is_a, tables

__all__ = [
    "Number",
    "check_digit",
    "is_number_like",
    "is_readable",
    "read_foreign_number",
    "read_number",
    "to_ascii",
    "word",
]


def _digit(character: str) -> str | None:
    """Return the ASCII digit that a character stands for."""
    point = ord(character)
    for first, last, value in tables()["characters"]["digits"]:
        if first <= point <= last:
            return str(value + point - first)
    return None


def tidy(text: str) -> str:
    """Return the text after the first step of the section."""
    kept = ""
    for character in text:
        surrogate = 0xD800 <= ord(character) <= 0xDFFF
        if is_a("white_space", character) or is_a("invisible", character) or surrogate:
            continue
        if is_a("dashes", character):
            kept += "-"
        elif "a" <= character <= "z":
            kept += chr(ord(character) - 32)
        else:
            kept += (None if character.isascii() else _digit(character)) or character
    return kept


class BirthDate(NamedTuple):
    """The digits of a date: four, two and two; an unknown part is None. `margin` is 0 for a year known exactly."""

    year: str | None
    month: str | None
    day: str | None
    margin: int = 0


class Number(NamedTuple):
    """What was read; the date as digits, of which month and day may be unknown."""

    type: str
    valid: bool
    compact: str
    birth_date: BirthDate | None
    certainty: str
    level: str | None


def check_digit(text: str, letters: dict[str, int] | None = None) -> str:
    """Return Luhn's digit over an odd number of characters, weights 2 1 2 …, a letter counted as 1 if not told else."""
    total = 0
    for place, character in enumerate(text):
        value = int(character) if character in "0123456789" else (letters or {}).get(character, 1)
        value *= 2 - place % 2
        total += value // 10 + value % 10
    return str(-total % 10)


def _day(year: int, month: int, day: int) -> BirthDate | None:
    """Return a date that exists from 1850 to 2100, month and day 0 unknown."""
    if not 1850 <= year <= 2100 or not 0 <= month <= 12:
        return None
    longest = calendar.monthrange(year, month)[1] if month else 31
    if not 0 <= day <= longest:
        return None
    return BirthDate(f"{year:04d}", f"{month:02d}" if month else None, f"{day:02d}" if day else None)


class Form(NamedTuple):
    """A row of the table: the form of the whole, the check, the date; what may be inferred."""

    pattern: str
    check: Callable[[str], bool]
    dated: bool = True
    inferred: str = "if valid"


def _luhn(w: str) -> bool:
    return check_digit(w[2:11]) == w[11]


YEAR: Final = "(?:18[5-9][0-9]|19[0-9]{2}|20[0-9]{2}|2100)"
DATE: Final = YEAR + "(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
NO_SERIAL: Final = YEAR + "(?:0[0-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01]|[678][0-9]|9[01])" + r"(?:000[0-9]|([A-Z])\1{3})"
NRID_YEARS: Final = "(?:" + "|".join(str(xx) for xx in range(22, 100) if xx % 3) + ")[0-9]{2}"

FORMS: Final[dict[str, Form]] = {
    "personnummer": Form(DATE + "[0-9]{4}", lambda w: w[8:11] != "000" and _luhn(w), inferred="always"),
    "samordningsnummer": Form(
        YEAR + "(?:0[0-9]|1[0-2])(?:[678][0-9]|9[01])[0-9]{4}",
        lambda w: w[8:11] != "000" and _luhn(w),
        inferred="always",
    ),
    "interim": Form(
        DATE + "(?:[TRSUWXJKLMN][0-9]|TF)[0-9]{2}", lambda w: w[8:10] != "TF" and _luhn(w), inferred="always"
    ),
    "reserve_stockholm": Form("99(?:19|20)[0-9]{8}", lambda w: check_digit(w[4:11]) == w[11], dated=False),
    "reserve_vgr": Form(
        DATE + "[KMX](?:0[6-9]|[1-8][0-9])[0-9]", lambda w: check_digit(w[2:11], {"K": 5, "M": 7, "X": 8}) == w[11]
    ),
    "reserve_varmland": Form(DATE + "S[FUXPL][0-9][A-Z]", lambda w: True),
    "reserve_inera": Form(YEAR + "(?:0[1-9]|1[0-2])(?:3[2-9]|[45][0-9])[0-9]{4}", _luhn, dated=False),
    "reserve_skane": Form(DATE + "(?![0-9]{4})[0-9A-Z]{4}", lambda w: True, inferred="never"),
    "national_reserve": Form(
        f"(?:{NRID_YEARS}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])|00[0-9]{{2}}[2-9][0-9][45][0-9])"
        "[ABCDEFGHJKLMNPRSTUXYZ]{2}[0-9]{2}",
        lambda w: True,
        inferred="always",
    ),
}


def _born(kind: str, whole: str) -> BirthDate | None:
    """Return the date in a number of a type with a date, if it exists."""
    year, month, day = int(whole[:4]), int(whole[4:6]), int(whole[6:8])
    if kind == "samordningsnummer":
        return _day(year, month, day - 60)
    if kind == "national_reserve":
        if whole.startswith("00"):
            return None
        return _day(year % 100 + {1: 1900, 2: 2000}[int(whole[:2]) % 3], month, day)
    return _day(year, month, day) if FORMS[kind].dated else None


def _typed(kind: str, whole: str, certainty: str, level: str) -> Number:
    born = _born(kind, whole)
    must_exist = FORMS[kind].dated and kind != "samordningsnummer" and not whole.startswith("00")
    valid = FORMS[kind].check(whole) and (born is not None or not must_exist)
    known = born if valid or kind == "interim" else None
    return Number(kind, valid, whole, known, certainty, (level or None) if kind == "samordningsnummer" else None)


def word(text: str) -> str:
    """Return the form in which a word is compared."""
    table = tables()["words"]
    text = tidy(text)
    for prefix in table["prefixes"]:
        if text.startswith(prefix):
            text = text[len(prefix) :]
            break
    text = "".join(table["letters"].get(c, c) for c in text)
    return "".join(c for c in text if c not in table["signs"])


def _meaning(text: str, meanings: dict[str, list[str]]) -> str:
    """Return what a word means, nothing if it is not in the table."""
    return next((meaning for meaning, words in meanings.items() if word(text) in map(word, words)), "")


def _bare(text: str) -> str:
    return "".join(c for c in text if c not in tables()["numbers"]["signs"])


def after_system(text: str) -> tuple[str, str]:
    """Return the system of a number, blank if there is none, and the number, tidy and without apostrophes."""
    *system, number = text.split("|")
    before = "|".join(system)
    if system and _is_listed(number):
        before, number = number, before
    return before, tidy(number).replace("'", "")


def _is_listed(text: str) -> bool:
    """Return whether a text is a word for a type of number, and not digits that may be a number."""
    seen = tidy(text)
    if seen.count(".") < 3 and not re.search("[A-Z]", seen):
        return False
    return any(word(text) in map(word, words) for words in tables()["numbers"]["types"].values())


def is_readable(text: str) -> bool:
    """Return whether a text has no digit, so that there is no number, or only characters that a number may have."""
    _, text = after_system(text)
    readable = re.fullmatch("[0-9A-Z]{1,32}", _bare(text)) is not None
    return readable or not re.search("[0-9]", text) or is_date_alone(text) or _is_listed(text)


def is_date_alone(text: str) -> bool:
    """Return whether a text is a date and then nothing that tells two persons apart (step 2)."""
    return any(_rest_is_empty(text[i:], form) for i in range(4, len(text) + 1) for form in _forms_of_date(text[:i]))


def _forms_of_date(text: str) -> list[str]:
    """Return the forms of a date that exists: `year`, `month`, `year first`, `year last`."""
    signs = tables()["numbers"]["signs"]
    parts = re.split("[" + re.escape(signs) + "]", text)
    if not all(re.fullmatch("[0-9]+", part) for part in parts):
        return []
    lengths = [len(part) for part in parts]
    if lengths == [4]:
        return ["year"] if 1850 <= int(text) <= 2100 else []
    if lengths == [4, 2]:
        return ["month"] if _may_be(parts[0], parts[1], "00", 0) else []
    if lengths == [8]:
        first, last = (text[:4], text[4:6], text[6:]), (text[:2], text[2:4], text[4:])
    elif lengths == [6]:
        first = last = (text[:2], text[2:4], text[4:])
    elif len(parts) == 3:
        first = last = (parts[0], parts[1], parts[2])
    else:
        return []
    found = []
    if len(first[0]) in {2, 4} and len(first[1]) <= 2 >= len(first[2]):
        days = [first[2]] + [f"{int(first[2]) - 60:02d}"] * (int(first[2]) >= 60)
        found += ["year first"] * any(_may_be(first[0], first[1], day, 0) for day in days)
    if len(last[2]) in {2, 4} and len(last[0]) <= 2 >= len(last[1]):
        orders = ((last[0], last[1]), (last[1], last[0]))
        found += ["year last"] * any(_may_be(last[2], month, day, 1) for month, day in orders)
    return found


def _may_be(year: str, month: str, day: str, least: int) -> bool:
    """Return whether a date exists; after a year of four digits month and day may be unknown if `least` is 0."""
    least = least if len(year) == 4 else 1
    full = int(year) if len(year) == 4 else 2000 + int(year)
    return int(month) >= least and int(day) >= least and _day(full, int(month), int(day)) is not None


def _rest_is_empty(rest: str, form: str) -> bool:
    """Return whether what follows a date says nothing."""
    table = tables()["numbers"]
    marks = table["signs"] + table["fillers"]
    bare = rest.lstrip(marks)
    if not bare:
        return True
    if form in {"year", "year first"} and bare != rest and re.fullmatch("0{1,4}", bare):
        return True
    if form in {"year first", "year last"}:
        clock = "T?[0-2][0-9]:[0-5][0-9](:[0-5][0-9]([.,][0-9]+)?)?(Z|[-+][0-9]{2}:?[0-9]{2})?"
        if re.fullmatch(clock, rest):
            return True
    return form == "year first" and re.fullmatch(r"([A-Z])\1{0,3}|TF?X{0,3}", bare) is not None


def read_number(
    text: str, reference: date, type_word: str = "", level_word: str = "", births: Sequence[BirthDate] = ()
) -> Number | None:
    """Return the number, or None where there is none or nothing of it can be read."""
    system, text = after_system(text)
    bare = _bare(text)
    words = tables()["numbers"]
    kind, level = (
        _meaning(type_word, words["types"]) or _meaning(system, words["types"]),
        _meaning(level_word, words["levels"]),
    )
    if not re.search("[0-9]", text):
        return None
    dossier = {"dossier": "[0-9]{7,8}", "lma": "[0-9]{8,9}"}.get(kind)
    if _is_listed(text):
        return None
    if is_date_alone(text) and not (dossier and re.fullmatch(dossier, bare)):
        return None
    if not re.fullmatch("[0-9A-Z]{1,32}", bare):
        return None
    whole = _whole(text, bare, reference, births)
    if set(bare) == {"0"} or (len(bare) >= 4 and len(set(bare)) == 1):
        return None
    if whole and re.fullmatch(NO_SERIAL, whole):
        return None
    if kind == "other":
        return Number("other", False, bare, None, "none", None)
    if dossier:
        if re.fullmatch(dossier, bare):
            return Number("dossier", True, bare[: len(bare) - (kind == "lma")], None, "named", None)
    elif kind and whole and re.fullmatch(FORMS[kind].pattern, whole):
        return _typed(kind, whole, "named", level)
    return _inferred(bare, whole, level)


def _inferred(bare: str, whole: str | None, level: str) -> Number:
    fitting = [
        _typed(kind, whole, "likely", level)
        for kind, form in FORMS.items()
        if whole and form.inferred != "never" and re.fullmatch(form.pattern, whole)
    ]
    valid = [number for number in fitting if number.valid]
    if len(valid) == 1:
        sure = len(bare) == 12 and valid[0].type in {"personnummer", "samordningsnummer"}
        return valid[0]._replace(certainty="certain" if sure else "likely")
    if len(fitting) == 1 and FORMS[fitting[0].type].inferred == "always":
        return fitting[0]
    return Number("other", False, bare, None, "none", None)


def _whole(text: str, bare: str, reference: date, births: Sequence[BirthDate]) -> str | None:
    """Return twelve characters with the century, where the text is written like a number with a date."""
    found = re.fullmatch("([0-9]{2}){3,4}[-+./:_]?[0-9A-Z]{4}", text)
    for sign in "-./":
        found = found or re.fullmatch(
            f"(?:[0-9]{{2}})?[0-9]{{2}}[{sign}][0-9]{{2}}[{sign}][0-9]{{2}}[-+./:_]?[0-9A-Z]{{4}}", text
        )
    if not found:
        return None
    if len(bare) == 12:
        return bare
    yy, month, day = int(bare[:2]), int(bare[2:4]), int(bare[4:6])
    if day >= 60:
        day = (day - 60) or 1
        month = month or 1
    if not 1 <= month <= 12 or not 1 <= day <= 31:
        return None
    for born in births:
        around = [] if born.year is None else range(int(born.year) - born.margin, int(born.year) + born.margin + 1)
        for year in around:
            if year % 100 == yy and ("+" not in text or year <= reference.year - 50):
                return f"{year:04d}{bare[2:]}"
    if "+" in text:
        years = range(reference.year - 199, reference.year - 99)
    elif (month, day) > (reference.month, reference.day):
        years = range(reference.year - 100, reference.year)
    else:
        years = range(reference.year - 99, reference.year + 1)
    [year] = [year for year in years if year % 100 == yy]
    return f"{year:04d}{bare[2:]}" if year >= 0 else None


def read_foreign_number(text: str) -> str | None:
    """Return a foreign number, or None where there is none."""
    kept = "".join(c for c in tidy(text) if "0" <= c <= "9" or "A" <= c <= "Z" or not c.isascii())[:32]
    placeholder = set(kept) == {"0"} or (len(kept) >= 4 and len(set(kept)) == 1)
    return kept if re.search("[0-9]", kept) and not placeholder else None


def to_ascii(text: str) -> str:
    """Return a text with the digits of other scripts, and letters of full width, as those of ASCII."""
    out, full_width = "", tables()["characters"]["full_width"]
    for character in text:
        wide = [chr(to + ord(character) - first) for first, last, to in full_width if first <= ord(character) <= last]
        out += wide[0] if wide else _digit(character) or character
    return out


def is_number_like(text: str) -> bool:
    """Return whether an id has the shape of a Swedish number (section 8)."""
    bare = "".join(c for c in to_ascii(text) if c.isascii() and c.isalnum())
    shape = "([0-9]{2})?[0-9]{2}(0[0-9]|1[0-2])([0-2][0-9]|3[01]|[678][0-9]|9[01])([0-9A-Z][0-9]|TF)[0-9]{2}"
    return re.fullmatch(shape, bare.upper()) is not None
