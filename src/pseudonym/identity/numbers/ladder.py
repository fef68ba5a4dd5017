"""The ladder: infer the type of a number, and how certain it is.

A type is inferred only if no other known type has the form; `Certainty` tells how certain it is. A number whose form
several types share, or any number could have, is `other`: guessing a type would create evidence from nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

from pseudonym.errors import FieldError
from pseudonym.faults import broken
from pseudonym.identity.dates import Birth
from pseudonym.identity.numbers import (
    dossier,
    interim,
    national_reserve,
    other,
    personnummer,
    reserve_inera,
    reserve_skane,
    reserve_stockholm,
    reserve_varmland,
    reserve_vgr,
    samordningsnummer,
)
from pseudonym.identity.numbers.kind import Kind, in_years
from pseudonym.identity.numbers.luhn import weighted_sum
from pseudonym.identity.numbers.number import Certainty, Level, Number, NumberType
from pseudonym.identity.numbers.only_date import is_only_date
from pseudonym.identity.numbers.spellings import is_type_word, read_level, read_type_word, split_system
from pseudonym.identity.numbers.text import (
    COORDINATION_DAYS,
    Written,
    bare_of,
    born_in,
    complete,
    day_of,
    has_digit,
    is_monotonous,
    read_text,
    without_marks,
)
from pseudonym.memory import kept, readings

__all__ = ["KINDS", "compact", "format", "is_valid", "read_number", "validate"]

KINDS: Final[dict[NumberType, Kind]] = {
    module.KIND.type: module.KIND
    for module in (
        personnummer,
        samordningsnummer,
        interim,
        reserve_stockholm,
        reserve_vgr,
        reserve_varmland,
        reserve_inera,
        reserve_skane,
        national_reserve,
        dossier,
        other,
    )
}
_NAMED: Final[dict[str, Kind]] = {"lma": dossier.LMA} | {str(kind.type): kind for kind in KINDS.values()}
_INFERRED: Final = {
    has_letters: tuple(kind for kind in KINDS.values() if kind.inferred != "never" and kind.has_letters is has_letters)
    for has_letters in (False, True)
}
_CASE_NUMBERS: Final = frozenset({"dossier", "lma"})
"""Numbers of eight digits, some of which happen to be dates."""

_USUAL: Final = re.compile("((?:[0-9]{2})?[0-9]{6})-?([0-9]{4})")

DATE_DIGITS: Final = 8

UNUSUAL_KEPT: Final = 1 << 12
"""Numbers that are kept as they were read step by step: those of a record with a fault are read a second time."""

MAX_KEPT_CHARACTERS: Final = 64
"""Longer texts are not kept, so that bad rows cannot fill the memory."""

_OFFICIAL: Final = frozenset({"personnummer", "samordningsnummer"})
"""Numbers of the population register: the law defines only their form, so only these types can be certain."""


def read_number(
    text: str,
    *,
    reference_date: date,
    type: str | None = None,
    level: str | None = None,
    births: Iterable[Birth] = (),
) -> Number:
    """Read a number of any Swedish type; one that is not valid is kept as text evidence.

    A type that the caller names is used if the form fits; otherwise the type is inferred.

    Args:
        text: The field as it came, with or without century, signs and spaces; also as `system|number`, where the system
            is the type if the caller names none.
        reference_date: The latest possible birth date for a number without century, usually the day of the report.
        type: The type, as a word from `TYPE_WORDS`, an address or an OID.
        level: How well the identity behind a samordningsnummer was proven, as a word from `LEVEL_WORDS`.
        births: Birth dates of the person, the one that belongs to the number first: what they say of the century goes
            before the reference date.

    Returns:
        The number.

    Raises:
        FieldError: `number.no_digit` or `number.placeholder` if there is no number; `number.unreadable` for
            characters other than letters and digits, or too many; `number_type.unknown`; `number_level.unknown`.
    """
    births = tuple(births)
    usual = _read_usual(text, reference_date, births) if type is None and level is None else None
    if usual is not None:
        return usual
    read = _read_any if len(text) <= MAX_KEPT_CHARACTERS else _read_any.__wrapped__
    return read(text, reference_date, type, level, births)


def _read_usual(text: str, reference_date: date, births: Sequence[Birth]) -> Number | None:
    """Return a valid number of the population register that is written as most are; otherwise None."""
    match = _USUAL.fullmatch(text)
    if match is None:
        return None
    eight, rest = match.groups()
    certainty: Certainty = "certain"
    if len(eight) < DATE_DIGITS:
        whole = complete(born_in(Written(eight + rest, True, False), births), reference_date)
        if whole is None:
            return None
        eight, certainty = whole[:DATE_DIGITS], "likely"
    kind, birth, luhn_of_date = _HALVES[eight]
    _, _, luhn_of_rest = _HALVES[rest]
    if kind is None or rest.startswith(personnummer.NOBODY) or (luhn_of_date + luhn_of_rest) % 10:
        return None
    return Number(kind, eight + rest, True, birth, rest, certainty)


def _read_half(digits: str) -> tuple[NumberType | None, Birth | None, int]:
    """Read the first eight digits of a number of the population register, or the last four.

    Returns:
        Of a date the type that has such dates, and the date if it exists; and what the digits add to Luhn's sum.
    """
    if len(digits) < DATE_DIGITS:
        return None, None, weighted_sum(digits)
    luhn = weighted_sum(digits[2:])
    # What this returns is kept, so the day need not be.
    birth = day_of.__wrapped__(digits)
    if birth is not None:
        return "personnummer", birth, luhn
    if digits[4:6] <= "12" and "60" <= digits[6:] <= "91" and in_years(digits):
        return "samordningsnummer", day_of(digits, shift=COORDINATION_DAYS), luhn
    return None, None, luhn


_HALVES: Final = readings(_read_half, entries=1 << 15)
"""Numbers seldom come again, but their dates and their last four digits do."""


@kept(UNUSUAL_KEPT)
def _read_any(text: str, reference_date: date, type: str | None, level: str | None, births: Sequence[Birth]) -> Number:
    """Read a number step by step."""
    named = None if type is None else read_type_word(type)
    shown = None if level is None else read_level(level)
    system, text = split_system(text)
    if named is None and system:
        named = read_type_word(system)
    if _is_empty(text, named):
        raise broken("number.placeholder")
    written = born_in(read_text(text), births)
    whole = complete(written, reference_date)
    if is_monotonous(written.bare) or (whole is not None and _has_no_serial(whole)):
        raise broken("number.placeholder")
    if named is not None:
        found = _NAMED[named].read(written, reference_date)
        if found is not None:
            return _number(_NAMED[named], found, "none" if named == "other" else "named", shown)
    return _infer(written, whole, shown)


def _is_empty(text: str, named: str | None) -> bool:
    """Return whether a text is a date or the word for a type in place of a number."""
    tidied = without_marks(text)
    if is_type_word(tidied):
        return has_digit(tidied)
    return is_only_date(tidied) and not _is_case_number(text, named)


def _is_case_number(text: str, named: str | None) -> bool:
    """Return whether a text that looks like a date has the form of a dossier number, and is named so."""
    return named in _CASE_NUMBERS and _NAMED[named].written.fullmatch(bare_of(without_marks(text))) is not None


def _has_no_serial(whole: str) -> bool:
    """Return whether the last four characters are a filler: 000, or one repeated letter."""
    rest = whole[8:]
    if not ((rest.startswith("000") and rest.isdecimal()) or rest in _LETTERS):
        return False
    return in_years(whole) and whole[4:6] <= "12" and ("01" <= whole[6:8] <= "31" or "60" <= whole[6:8] <= "91")


_LETTERS: Final = frozenset(letter * 4 for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ")


def _infer(written: Written, whole: str | None, level: Level | None) -> Number:
    """Return the number with the only type that has its form, otherwise `other`."""
    if whole is None:
        return _number(other.KIND, written.bare, "none", level)
    fitting = [kind for kind in _INFERRED[not whole.isdecimal()] if kind.fits(whole)]
    numbers = [_number(kind, whole, "likely", level) for kind in fitting]
    sound = [number for number in numbers if number.valid]
    if len(sound) == 1:
        certain = sound[0].type in _OFFICIAL and len(written.bare) == len(whole)
        return sound[0]._replace(certainty="certain") if certain else sound[0]
    if len(fitting) == 1 and fitting[0].inferred == "always":
        return numbers[0]
    return _number(other.KIND, written.bare, "none", level)


def _number(kind: Kind, compact: str, certainty: Certainty, level: Level | None) -> Number:
    valid = kind.fault(compact) is None
    return Number(
        type=kind.type,
        compact=compact,
        valid=valid,
        birth=kind.trusted_birth(compact, valid=valid),
        serial=None if kind.type == "other" else compact[-4:],
        certainty=certainty,
        level=level if kind.type == "samordningsnummer" else None,
    )


def compact(text: str, *, reference_date: date, type: str | None = None) -> str:
    """Return the compact form of a number, whether or not it is valid.

    Args:
        text: The field as it came.
        reference_date: As for `read_number`.
        type: As for `read_number`.

    Returns:
        12 characters `YYYYMMDDNNNC`, or the text without signs and spaces if it has no known form.

    Raises:
        FieldError: As `read_number`.

    >>> from datetime import date
    >>> compact("880320-0016", reference_date=date(2026, 3, 31))
    '198803200016'
    """
    return read_number(text, reference_date=reference_date, type=type).compact


def validate(text: str, *, reference_date: date, type: str | None = None) -> str:
    """Return the compact form of a number that meets its specification, or raise.

    Args:
        text: The number, written exactly as its specification says.
        reference_date: As for `read_number`.
        type: As for `read_number`; with a type the number must be of that type.

    Returns:
        As `compact`.

    Raises:
        FieldError: `number.form`, `number.date` or `number.check_digit`; otherwise as `read_number`.

    >>> from datetime import date
    >>> validate("880320-0016", reference_date=date(2026, 3, 31))
    '198803200016'
    >>> validate("880320-0017", reference_date=date(2026, 3, 31))
    Traceback (most recent call last):
        ...
    pseudonym.errors.FieldError: number: The check digit of the number is wrong (number.check_digit).
    """
    kind = _named_or_inferred(text, reference_date=reference_date, type=type)
    return kind.validate(text, reference_date=reference_date)


def is_valid(text: str, *, reference_date: date, type: str | None = None) -> bool:
    """Return whether a text is a number that meets its specification.

    Args:
        text: As for `validate`.
        reference_date: As for `read_number`.
        type: As for `validate`.

    Raises:
        FieldError: `number_type.unknown`.

    >>> from datetime import date
    >>> is_valid("880320-0016", reference_date=date(2026, 3, 31))
    True
    >>> is_valid("19880320-0016", type="samordningsnummer", reference_date=date(2026, 3, 31))
    False
    """
    if type is not None:
        read_type_word(type)
    try:
        validate(text, reference_date=reference_date, type=type)
    except FieldError:
        return False
    return True


def format(text: str, *, reference_date: date, type: str | None = None, short: bool = False) -> str:
    """Return a number as people write it.

    Args:
        text: The field as it came.
        reference_date: As for `read_number`.
        type: As for `read_number`.
        short: Omit the century if the type allows it, and write `+` from the year in which the person turns 100.

    Returns:
        `YYYYMMDD-NNNC` or `YYMMDD-NNNC`; the compact form if the type has no other.

    Raises:
        FieldError: As `read_number`.

    >>> from datetime import date
    >>> format("198803200016", reference_date=date(2026, 3, 31))
    '19880320-0016'
    >>> format("198803200016", short=True, reference_date=date(2026, 3, 31))
    '880320-0016'
    """
    number = read_number(text, reference_date=reference_date, type=type)
    return KINDS[number.type].format(number.compact, reference_date=reference_date, short=short)


def _named_or_inferred(text: str, *, reference_date: date, type: str | None) -> Kind:
    named = None if type is None else read_type_word(type)
    if named is not None:
        return _NAMED[named]
    return KINDS[read_number(text, reference_date=reference_date).type]
