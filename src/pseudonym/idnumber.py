"""Read Swedish personal numbers: personnummer, samordningsnummer, interim numbers, and what else stands in the field.

A number is typed by its form and never trusted beyond it: a number with a wrong check digit is a typing error, whose
other digits are still evidence, so it is kept and marked. The forms follow the law on population registration
(1991:481) section 18 for the personnummer, Skatteverket's brochure SKV 701063 for the samordningsnummer, and version
3.1 of the `personnummer` specification for interim numbers.

The verbs `compact`, `validate`, `is_valid` and `format` are those of python-stdnum. They take a reference date, as ten
digits do not say the century: this module never asks what day it is, so that equal input gives equal codes.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Literal

from pseudonym.dates import MAX_YEAR, MIN_YEAR, Birth
from pseudonym.errors import FieldError
from pseudonym.normalise import WHITE_SPACE, plain

__all__ = ["Number", "NumberType", "compact", "format", "is_valid", "read_number", "validate"]

NumberType = Literal["personnummer", "samordningsnummer", "interim", "other"]

INTERIM_LETTERS: Final = "TRSUWXJKLMN"
"""Letters that stand for the first digit after the date while a person waits for a number."""

COORDINATION_DAYS: Final = 60
"""What a samordningsnummer adds to the day, so that nobody takes it for a personnummer."""

MAX_OTHER_CHARACTERS: Final = 32

PLACEHOLDER: Final = "000"
"""Individual numbers run from 001; case systems put 000 where they have none."""

RULES: Final[dict[str, str]] = {
    "number.form": "The number has not the form of any Swedish number.",
    "number.unreadable": "The number has other characters than letters and digits, or too many.",
    "number.date": "The date in the number does not exist.",
    "number.placeholder": "The number has 000 after its date, which no person has.",
    "number.check_digit": "The check digit of the number is wrong.",
}

_FORM: Final = re.compile(
    rf"(?P<century>[0-9]{{2}})?(?P<year>[0-9]{{2}})(?P<month>[0-9]{{2}})(?P<day>[0-9]{{2}})"
    rf"(?P<sign>[-+])?(?P<serial>[0-9{INTERIM_LETTERS}][0-9]{{3}})"
)
_OTHER: Final = re.compile(rf"[0-9A-Z]{{1,{MAX_OTHER_CHARACTERS}}}")
_SIGNS: Final = str.maketrans("", "", "-+./_")
_SPACE: Final = re.compile(f"[{WHITE_SPACE}]+")
_UPPER: Final = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")

_LUHN_DOUBLED: Final = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
"""The digit sum of twice a digit."""


@dataclass(frozen=True, slots=True, repr=False)
class Number:
    """A number as it was read.

    Attributes:
        type: `personnummer`, `samordningsnummer`, `interim` or `other`.
        compact: 12 characters with the century and no sign; for `other` the text without signs and spaces.
        valid: Whether date and check digit are right and it is no placeholder; never for `other`.
        birth: The birth date in a valid number, else None.
        serial: The last four characters of the compact form; None for `other`, which has no place for them.
    """

    type: NumberType
    compact: str
    valid: bool
    birth: Birth | None
    serial: str | None
    level: str | None = None

    @property
    def local(self) -> bool:
        """Whether it is unique only within the body that gave it out."""
        return self.type == "interim"

    def __repr__(self) -> str:
        """Show the class only: every attribute but two is a person's data, and the two tell of the person too."""
        return "<Number>"


def read_number(text: str, *, reference_date: date, type: str | None = None, level: str | None = None) -> Number:
    """Read a number of any Swedish type.

    Args:
        text: The field as it came, with or without century, sign and spaces.
        reference_date: The latest birth date that a number without century may mean, as a rule the day of the report.
        type: The type, if it is known.
        level: The level of a samordningsnummer.

    Returns:
        The number, typed by its form. What has no known form is `other`.

    Raises:
        FieldError: `number.unreadable` if nothing but signs is left, if there are other characters than letters and
            digits, or too many.

    Sees: plaintext
    """
    text = _SPACE.sub("", plain(text)).translate(_UPPER)
    form = _FORM.fullmatch(text)
    number = _read_form(form, reference_date) if form else None
    if number is not None:
        return replace(number, level=level if number.type == "samordningsnummer" else None)
    other = text.translate(_SIGNS)
    if _OTHER.fullmatch(other) is None:
        raise _error("number.unreadable")
    return Number("other", other, False, None, None)


def compact(text: str, *, reference_date: date) -> str:
    """Give the compact form of a number, whether or not it is valid.

    Args:
        text: The field as it came.
        reference_date: As for `read_number`.

    Returns:
        12 characters `YYYYMMDDNNNC`, or the text without signs and spaces if it has no known form.

    Raises:
        FieldError: `number.unreadable`, as `read_number`.

    Sees: plaintext
    """
    return read_number(text, reference_date=reference_date).compact


def validate(text: str, *, reference_date: date) -> str:
    """Give the compact form of a valid number, or raise.

    Args:
        text: The field as it came.
        reference_date: As for `read_number`.

    Returns:
        12 characters `YYYYMMDDNNNC`.

    Raises:
        FieldError: `number.unreadable`, `number.form`, `number.date`, `number.placeholder` or `number.check_digit`.

    Sees: plaintext
    """
    number = read_number(text, reference_date=reference_date)
    if number.type == "other":
        raise _error("number.form")
    if _birth(number.compact, number.type) is None:
        raise _error("number.date")
    if number.compact[8:11] == PLACEHOLDER:
        raise _error("number.placeholder")
    if not number.valid:
        raise _error("number.check_digit")
    return number.compact


def is_valid(text: str, *, reference_date: date) -> bool:
    """Tell whether a text is a valid number of a known type.

    Args:
        text: The field as it came.
        reference_date: As for `read_number`.

    Sees: plaintext
    """
    try:
        validate(text, reference_date=reference_date)
    except FieldError:
        return False
    return True


def format(text: str, *, reference_date: date) -> str:
    """Give a number as people write it, with century and hyphen.

    Args:
        text: The field as it came.
        reference_date: As for `read_number`.

    Returns:
        `YYYYMMDD-NNNC`, or the compact form if it has no known form.

    Raises:
        FieldError: `number.unreadable`, as `read_number`.

    Sees: plaintext
    """
    number = read_number(text, reference_date=reference_date)
    return number.compact if number.serial is None else f"{number.compact[:8]}-{number.serial}"


def _read_form(form: re.Match[str], reference_date: date) -> Number | None:
    """Read a text of ten or twelve characters; None if month, day or year put it outside every type."""
    kind = _type(int(form["month"]), int(form["day"]), form["serial"][0])
    if kind is None:
        return None
    year = int(form["century"] + form["year"]) if form["century"] else _full_year(form, kind, reference_date)
    if not MIN_YEAR <= year <= MAX_YEAR:
        return None
    text = f"{year:04d}{form['month']}{form['day']}{form['serial']}"
    birth = _birth(text, kind)
    valid = birth is not None and text[8:11] != PLACEHOLDER and _check_digit(text[2:11]) == text[11]
    return Number(kind, text, valid, birth if valid else None, form["serial"])


def _type(month: int, day: int, first: str) -> NumberType | None:
    if first in INTERIM_LETTERS:
        return "interim" if 1 <= month <= 12 and 1 <= day <= 31 else None
    if 1 <= month <= 12 and 1 <= day <= 31:
        return "personnummer"
    if month <= 12 and COORDINATION_DAYS <= day <= COORDINATION_DAYS + 31:
        return "samordningsnummer"
    return None


def _full_year(form: re.Match[str], kind: NumberType, reference_date: date) -> int:
    """Give the latest year that does not put the birth after the reference date; `+` means a century earlier."""
    less = COORDINATION_DAYS if kind == "samordningsnummer" else 0
    month, day = int(form["month"]) or 1, (int(form["day"]) - less) or 1
    year = reference_date.year // 100 * 100 + int(form["year"])
    if (year, month, day) > (reference_date.year, reference_date.month, reference_date.day):
        year -= 100
    return year - 100 if form["sign"] == "+" else year


def _birth(text: str, kind: NumberType) -> Birth | None:
    """Give the birth date in a compact number, None if there is no such day."""
    year, month, day = int(text[:4]), int(text[4:6]), int(text[6:8])
    if kind == "samordningsnummer":
        day -= COORDINATION_DAYS
    last = monthrange(year, month)[1] if month else 31
    if day > last:
        return None
    return Birth(year, month or None, day or None)


def _check_digit(nine: str) -> str:
    """Give Luhn's check digit of nine characters, weights 2 1 2 and so on; a letter counts as 1."""
    digits = [int(character) if character.isdecimal() else 1 for character in nine]
    total = sum(_LUHN_DOUBLED[digit] for digit in digits[::2]) + sum(digits[1::2])
    return str(-total % 10)


def _error(rule: str) -> FieldError:
    return FieldError(rule, RULES[rule], field="number")
