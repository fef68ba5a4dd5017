"""A record as a reporter has it."""

from __future__ import annotations

import numbers
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from pseudonym.errors import InputError
from pseudonym.wire import IDENTITY_FIELDS

__all__ = ["IDENTITY_FIELDS", "Record", "Value", "Values", "is_missing", "payload_of", "text_of", "texts_of"]

Value = str | date | int | float | Decimal | None
Values = Value | Sequence[Value]
"""One or several values of a field; None and blank text mean no value. What is no text is read as a cell of a file."""

_NO_VALUE: Final = frozenset({("pandas", "NAType"), ("pandas", "NaTType")})
"""Types that data frames use for a missing value, besides floating-point NaN."""

_NOTHING: Final = ("",)

_NO_PAYLOAD: Final = "The payload of a record must be a mapping of codebook items to codes, or None."

_NO_TEXT: Final = "A value of the record is neither text nor missing."
_CLEANED: Final = "Encoder.encode and Encoder.write read numbers and dates too; batches takes text only."


@dataclass(frozen=True, slots=True, repr=False)
class Record:
    """One person in one report, as the reporter holds it.

    All fields but `record_id` may be missing. The identity fields are encoded and never leave the reporter, but for
    what a codebook declares to be derived from them; the others are sent as they are (`payload` as codes of a
    codebook, dates without their day, unless the codebook gives a reason for it). An identity field may list every
    value by which the person is or was known: the i-th number, name and date belong together (docs/spec.md, section
    4.6).

    Attributes:
        record_id: The reporter's own id of the record; it must not be an identity.
        number: Swedish numbers.
        foreign_number: Any other numbers, never mixed with the Swedish ones.
        given_names: All given names, separated by spaces; several for aliases and spellings.
        family_names: All family names, separated by spaces; several for aliases, earlier names and spellings.
        birth_date: `YYYY-MM-DD`, `YYYY-MM` or `YYYY`, or `YYYY~` where the year is estimated.
        sex: `woman`, `man`, `other` or `unknown`, in English or Swedish.
        name_of_address: Which of the first given names is used (tilltalsnamn).
        number_type: The type of each number, if the reporter knows it; without one the form decides.
        number_level: For each samordningsnummer, how well the identity was proven: `styrkt`, `sannolik`, `osaker`.
        report_id: The report that the record belongs to.
        case_id: The case that the report belongs to.
        role: `victim`, `accompanying_adult` or `accompanying_child`.
        event_date: When it happened, `YYYY-MM-DD`, `YYYY-MM` or `YYYY`.
        report_date: When it was reported, written as `event_date`.
        status: `suspected` or `confirmed`.
        case_state: `open` or `closed`; it is also read from `status`.
        discovered_on: When it was discovered, written as `event_date`.
        outcome_date: When the person returned or the outcome was known, written as `event_date`.
        payload: Codebook items with their codes or labels. An item that takes many may have a list of them, or one text
            with semicolons, commas or bars between them.
    """

    record_id: str
    number: Values = None
    foreign_number: Values = None
    given_names: Values = None
    family_names: Values = None
    birth_date: Values = None
    sex: Value = None
    name_of_address: Value = None
    number_type: Values = None
    number_level: Values = None
    report_id: Value = None
    case_id: Value = None
    role: Value = None
    event_date: Value = None
    report_date: Value = None
    status: Value = None
    case_state: Value = None
    discovered_on: Value = None
    outcome_date: Value = None
    payload: Mapping[str, Values] | None = field(default_factory=dict)

    def __repr__(self) -> str:
        """Show the class only; every field may be personal."""
        return "<Record>"


def text_of(value: object, *, field: str) -> str:
    """Return a value as text, empty if it is missing.

    Args:
        value: The value of a field. None and the missing values of data frames (NaN, NA, NaT) mean no value.
        field: The name of the field, for the error.

    Returns:
        The text.

    Raises:
        InputError: `input.type` for any other type. An identity number that was read as a number has lost its leading
            zeros, and a date its form, so neither may be converted to text here.
    """
    if isinstance(value, str):
        return value
    if is_missing(value):
        return ""
    raise InputError("input.type", _NO_TEXT, hint=_CLEANED, field=field)


def is_missing(value: object) -> bool:
    """Return whether this is None or what data frames have for it: NaN, NA, NaT."""
    if value is None or isinstance(value, str):
        return value is None
    kind = type(value)
    if (kind.__module__.partition(".")[0], kind.__name__) in _NO_VALUE:
        return True
    return isinstance(value, numbers.Real) and bool(value != value)


def payload_of(value: object) -> Mapping[str, object]:
    """Return a payload, empty if it is missing.

    Args:
        value: The value of the field. None and the missing values of data frames mean no payload.

    Returns:
        Items with their codes.

    Raises:
        InputError: `input.type` for anything that is not a mapping.
    """
    if type(value) is dict or isinstance(value, Mapping):
        return value
    if is_missing(value):
        return {}
    raise InputError("input.type", _NO_PAYLOAD, field="payload")


def texts_of(values: object, *, field: str) -> tuple[str, ...]:
    """Return all values of a field that may have several.

    Args:
        values: One value or a list or tuple of them.
        field: The name of the field, for the error.

    Returns:
        One text per value, empty for a missing value.

    Raises:
        InputError: `input.type`, as `text_of`.
    """
    if values is None:
        return _NOTHING
    if isinstance(values, list | tuple):
        return tuple(text_of(value, field=field) for value in values)
    return (text_of(values, field=field),)
