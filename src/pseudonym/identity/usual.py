"""Read records in which nothing is unusual, as in most, by looking up each of their values.

A few thousand names, dates and words make up most of a file, so nearly every value has been read before. What is not so
simple, or has any fault, is left to `pseudonym.identity.identities`, which reads usual records too, only slower.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from itertools import repeat
from operator import attrgetter
from typing import Any, Final, TypeVar

from pseudonym.characters import WHITE_SPACE, is_blank
from pseudonym.errors import FieldError
from pseudonym.identity.dates import Birth, latest_day, read_birth_date
from pseudonym.identity.identity import NO_BIRTH, NO_NAME, Identity
from pseudonym.identity.names import Name, is_phrase, read_name
from pseudonym.identity.numbers import Number, read_foreign_number, read_number
from pseudonym.identity.record import Record
from pseudonym.identity.sex import read_sex
from pseudonym.memory import Readings, readings
from pseudonym.wire.rows import date_rule

__all__ = ["read_all_usual", "read_usual"]

Read = TypeVar("Read")

NAMES_KEPT: Final = 1 << 16
"""The distinct names of a large municipality."""

VALUES_KEPT: Final = 1 << 14

_QUALIFIERS: Final = attrgetter("number_type", "number_level", "name_of_address")
_UNQUALIFIED: Final = (None, None, None)
_TEXT_OR_NONE: Final = frozenset({str, type(None)})


def read_usual(record: Record, *, reference_date: date, reporter: str) -> Identity | None:
    """Return the identity of a usual record; None if it has several values of a field, a fault, or no identity.

    Args:
        record: The record.
        reference_date: As for `read_identities`.
        reporter: Likewise.
    """
    return read_all_usual([record], reference_date=reference_date, reporter=reporter)[0]


def read_all_usual(records: Sequence[Record], *, reference_date: date, reporter: str) -> list[Identity | None]:
    """Return for each record what `read_usual` returns, looking up all values of a field before those of the next.

    Args:
        records: The records.
        reference_date: As for `read_identities`.
        reporter: Likewise.
    """
    columns = [_column(list(map(attrgetter(name), records)), known) for name, known in _READINGS.items()]
    return list(map(_read_one, records, *columns, repeat(reference_date), repeat(reporter)))


def _column(values: Sequence[object], known: Readings[object, Any]) -> list[Any]:
    """Return what the values of a field mean, None for one that is not usual."""
    if _TEXT_OR_NONE.issuperset(map(type, values)):
        return list(map(known.__getitem__, values))
    return [known[value] if type(value) in _TEXT_OR_NONE else None for value in values]


def _read_one(
    record: Record,
    given: Name | None,
    family: Name | None,
    birth: Birth | None,
    foreign: str | None,
    sex: str | None,
    reference_date: date,
    reporter: str,
) -> Identity | None:
    """Return the identity of a usual record from the readings of its values, None for one that is not usual."""
    if given is None or family is None or birth is None or foreign is None or sex is None:
        return None
    if _QUALIFIERS(record) != _UNQUALIFIED or is_phrase(given.words, family.words):
        return None
    text, number = record.number, None
    if text is not None:
        if type(text) is not str:
            return None
        if not is_blank(text):
            number = _read_number(text, record, birth, reference_date)
            if number is None:
                return None
    if number is not None and number.birth is not None:
        united = birth if birth == number.birth else birth.united(number.birth)
        if united is None:
            return None
        birth = united
    elif number is None and birth is NO_BIRTH and not (given or family or foreign or sex):
        return None
    scope = reporter if number is not None and number.local else None
    return Identity(number, scope, foreign or None, given, family, birth, sex or None)


def _read_number(text: str, record: Record, birth: Birth, reference_date: date) -> Number | None:
    """Return a number about which there is nothing to note; otherwise None."""
    if "|" in text:
        return None
    try:
        day = _DAYS[record.report_date] or _DAYS[record.event_date] or reference_date
        number = read_number(text, reference_date=day, births=() if birth is NO_BIRTH else (birth,))
    except (FieldError, TypeError):
        # A TypeError is a day that is no text.
        return None
    return number if number.valid or (number.type == "interim" and number.birth is not None) else None


def _texts(
    read: Callable[[str], Read | None], *, missing: Read, entries: int = VALUES_KEPT
) -> Readings[object, Read | None]:
    """Return the readings of a field, in which None stands for a value with a fault, and no text is a TypeError."""

    def one(text: object) -> Read | None:
        if text is None:
            return missing
        if not isinstance(text, str):
            raise TypeError("only texts are looked up")
        try:
            return missing if is_blank(text) else read(text)
        except FieldError:
            return None

    return readings(one, entries=entries)


def _name(field: str) -> Callable[[str], Name | None]:
    def read(text: str) -> Name | None:
        name = read_name(text, field=field)
        # Whether it is a name depends on the others of the record.
        return None if name.is_doubtful else name

    return read


def _latest_day(text: str) -> date | None:
    text = text.strip(WHITE_SPACE)
    return latest_day(text) if text and date_rule(text) is None else None


_GIVEN: Final = _texts(_name("given_names"), missing=NO_NAME, entries=NAMES_KEPT)
_FAMILY: Final = _texts(_name("family_names"), missing=NO_NAME, entries=NAMES_KEPT)
_BIRTHS: Final = _texts(read_birth_date, missing=NO_BIRTH)
_FOREIGN: Final = _texts(lambda text: read_foreign_number(text) or "", missing="")
_SEXES: Final = _texts(lambda text: read_sex(text) or "", missing="")
_DAYS: Final = _texts(_latest_day, missing=None)
_READINGS: Final[dict[str, Readings[object, Any]]] = {
    "given_names": _GIVEN,
    "family_names": _FAMILY,
    "birth_date": _BIRTHS,
    "foreign_number": _FOREIGN,
    "sex": _SEXES,
}
