"""The identities of a record, read from its fields value by value (docs/spec.md, section 4.6).

A person may be known by several names, numbers and dates, and each combination that a reporter recorded is an identity
of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Final, NamedTuple, TypeVar

from pseudonym.characters import ASCII, UPPER, WHITE_SPACE, is_blank
from pseudonym.errors import FieldError
from pseudonym.faults import Fault
from pseudonym.identity.dates import Birth, latest_day, read_birth_date
from pseudonym.identity.names import Name, read_name, words
from pseudonym.identity.numbers import Number, read_foreign_number, read_level, read_number, read_type_word
from pseudonym.identity.record import Record, Values, text_of, texts_of
from pseudonym.identity.sex import read_sex
from pseudonym.memory import kept
from pseudonym.wire import value_rule

__all__ = ["MAX_IDENTITIES", "Identity", "is_identity", "read_identities"]

Read = TypeVar("Read")

MAX_IDENTITIES: Final = 8
"""Maximum number of identities per record: more than police files hold for a person, few enough to share its codes."""

MIN_IDENTITY_ID: Final = 5
"""Minimum length of a number to search for in an id; a shorter one may occur by accident."""

CORE_CHARACTERS: Final = 10
"""Number of trailing characters that a Swedish number has with and without its century."""

DAYS_CACHED: Final = 1 << 14
"""Number of cached dates: nearly all in a file."""

DATE_CHARACTERS: Final = 32
"""Longer texts are not cached, so that bad rows cannot fill the memory."""

_BARE: Final = re.compile("[^0-9A-Z]+")
_DATES: Final = re.compile(
    r"(?<![0-9])(?:[0-9]{4}([-./_ ]?)[0-9]{2}\1[0-9]{2}|[0-9]{2}([-./_ ]?)[0-9]{2}\2[0-9]{4})(?![0-9])", re.ASCII
)
"""A possible full date within an id: eight digits, or three parts with the same separator."""
_NO_DIGITS: Final = str.maketrans("", "", "0123456789")
_NO_NAME: Final = Name()
_NO_BIRTH: Final = Birth()
_NO_VALUE_RULES: Final = (".placeholder", ".no_digit", ".no_letter")
"""Suffixes of the rules for texts that mean "no value": leaving them out loses nothing."""


@dataclass(frozen=True, slots=True, repr=False)
class Identity:
    """One identity of a record, normalised; missing fields are None or empty.

    Attributes:
        number: The Swedish number.
        scope: The reporter that issued the number, if it is unique only there; otherwise None.
        foreign_number: The other number.
        given: Given names.
        family: Family names.
        birth: The birth date.
        sex: `woman`, `man`, `other`, or None.
    """

    number: Number | None = None
    scope: str | None = None
    foreign_number: str | None = None
    given: Name = _NO_NAME
    family: Name = _NO_NAME
    birth: Birth = _NO_BIRTH
    sex: str | None = None

    def __repr__(self) -> str:
        """Show the class only."""
        return "<Identity>"


_NOTHING: Final = Identity()


def read_identities(
    record: Record, *, row: int, reference_date: date, reporter: str
) -> tuple[tuple[Identity, ...], list[Fault]]:
    """Read the identity fields of a record; a value that cannot be read is left out.

    Args:
        record: The record.
        row: Its row, for the faults.
        reference_date: The day by which the century of a 10-digit number is inferred if the record has no date.
        reporter: The code of the reporter, used as the scope of a locally unique number.

    Returns:
        The distinct identities, one or more, in order; and the faults.

    Raises:
        InputError: `input.type` when a value is neither text nor missing.
    """
    reader = _Reader(row)
    if _is_plain(record):
        return _read_plain(reader, record, reference_date, reporter)
    columns = _Columns(
        number=_read_numbers(reader, record, reference_date),
        foreign_number=reader.column("foreign_number", record.foreign_number, read_foreign_number),
        given=_read_given(reader, record),
        family=reader.column("family_names", record.family_names, read_name),
        birth=reader.column("birth_date", record.birth_date, _read_birth),
    )
    sex = reader.read("sex", text_of(record.sex, field="sex"), read_sex)
    n_identities = max(1, *(len(column) for column in columns))
    identities = [_identity(columns, index, sex=sex, reporter=reporter) for index in range(n_identities)]
    identities += _by_number_dates(identities)
    distinct = tuple(dict.fromkeys(identities)) if len(identities) > 1 else tuple(identities)
    if reader.too_many or len(distinct) > MAX_IDENTITIES:
        reader.faults.append(Fault(row, None, "identity.too_many", "left out"))
    if distinct == (_NOTHING,):
        reader.faults.append(Fault(row, None, "identity.none", "marked"))
    return distinct[:MAX_IDENTITIES], reader.faults


def _is_plain(record: Record) -> bool:
    """Return whether every field has at most one value and none depends on another, as in most records."""
    several = (record.number, record.foreign_number, record.given_names, record.family_names, record.birth_date)
    alone = record.number_type is None and record.number_level is None and record.name_of_address is None
    return alone and all([value is None or type(value) is str for value in several])


def _read_plain(
    reader: _Reader, record: Record, reference_date: date, reporter: str
) -> tuple[tuple[Identity, ...], list[Fault]]:
    """Read a plain record with the same result as `read_identities`, but without lists."""
    numbers = _read_numbers(reader, record, reference_date) if record.number is not None else []
    number = numbers[0] if numbers else None
    foreign = reader.one("foreign_number", record.foreign_number, read_foreign_number)
    given = reader.one("given_names", record.given_names, read_name) or _NO_NAME
    family = reader.one("family_names", record.family_names, read_name) or _NO_NAME
    birth = reader.one("birth_date", record.birth_date, _read_birth) or _NO_BIRTH
    sex = reader.read("sex", text_of(record.sex, field="sex"), read_sex)
    scope = reporter if number is not None and number.local else None
    stated = None if number is None else number.birth
    united = birth if stated is None else birth.united(stated)
    identity = Identity(number, scope, foreign, given, family, united or birth, sex)
    if united is None and stated is not None:
        return (identity, replace(identity, birth=stated)), reader.faults
    if not given and identity == _NOTHING:
        reader.faults.append(Fault(reader.row, None, "identity.none", "marked"))
    return (identity,), reader.faults


def is_identity(text: str, identities: Sequence[Identity]) -> bool:
    """Return whether an id contains an identity of its record.

    It does if it contains the number or the foreign number, whatever separates the digits; or the full birth date, in
    any order and with no digit before or after it; or if its words are the given names, the family names, or both.
    Dates with a two-digit year are not checked: too many serial numbers would look like one.

    Args:
        text: An id of the record, its report or its case.
        identities: The identities of the record.
    """
    plain_text = text.translate(ASCII)
    bare = _BARE.sub("", plain_text.translate(UPPER))
    # Words hold no digits. Without its digits, an id is one of a few patterns, so the cache stays small.
    found = set(words(text.translate(_NO_DIGITS) if text.isascii() else text))
    dates = tuple(_BARE.sub("", one[0]) for one in _DATES.finditer(plain_text))
    return any([_carries(bare, dates, found, identity) for identity in identities])


def _carries(bare: str, dates: tuple[str, ...], found: set[str], identity: Identity) -> bool:
    number, foreign, birth = identity.number, identity.foreign_number, identity.birth
    if number is not None and number.compact[-CORE_CHARACTERS:] in bare and len(number.compact) >= MIN_IDENTITY_ID:
        return True
    if foreign is not None and len(foreign) >= MIN_IDENTITY_ID and foreign in bare:
        return True
    whole = birth.year is not None and birth.month is not None and birth.day is not None
    if whole and not _whole_dates(birth).isdisjoint((bare, *dates)):
        return True
    if not found:
        return False
    given, family = set(identity.given.words), set(identity.family.words)
    return found in (given, family, given | family)


def _whole_dates(birth: Birth) -> frozenset[str]:
    """Return a full date in the three orders in which people write its parts."""
    year, month, day = f"{birth.year:04d}", f"{birth.month:02d}", f"{birth.day:02d}"
    return frozenset({year + month + day, day + month + year, month + day + year})


class _Columns(NamedTuple):
    """The values of the fields that may have several; None for a missing value."""

    number: list[Number | None]
    foreign_number: list[str | None]
    given: list[Name | None]
    family: list[Name | None]
    birth: list[Birth | None]

    def __repr__(self) -> str:
        """Show the class only."""
        return "<Columns>"


class _Reader:
    """Read values and collect the faults."""

    def __init__(self, row: int) -> None:
        self.row = row
        self.faults: list[Fault] = []
        self.too_many = False

    def read(self, name: str, text: str, read: Callable[[str], Read | None]) -> Read | None:
        if is_blank(text):
            return None
        try:
            return read(text)
        except FieldError as error:
            self.note(name, error.rule)
            return None

    def one(self, name: str, value: object, read: Callable[[str], Read | None]) -> Read | None:
        """Read a field with at most one text."""
        return self.read(name, value, read) if isinstance(value, str) else None

    def note(self, name: str, rule: str, effect: str = "left out") -> None:
        effect = "marked" if rule.endswith(_NO_VALUE_RULES) else effect
        self.faults.append(Fault(self.row, name, rule, effect))

    def texts(self, name: str, values: Values) -> tuple[str, ...]:
        """Return the texts of a field, at most one per possible identity."""
        found = texts_of(values, field=name)
        if len(found) > MAX_IDENTITIES:
            self.too_many |= any(not is_blank(text) for text in found[MAX_IDENTITIES:])
        return found[:MAX_IDENTITIES]

    def column(self, name: str, values: Values, read: Callable[[str], Read | None]) -> list[Read | None]:
        """Read the values of a field; None if missing or unreadable."""
        first, *others = self.texts(name, values) or ("",)
        found = [self.read(name, first, read)]
        return found + [self.read(_numbered(name, index), text, read) for index, text in enumerate(others, start=1)]


def _numbered(name: str, index: int) -> str:
    return f"{name}_{index + 1}" if index else name


def _read_numbers(reader: _Reader, record: Record, reference_date: date) -> list[Number | None]:
    texts = reader.texts("number", record.number)
    if not any(texts):
        return []
    day = _reference_day(record) or reference_date
    types = () if record.number_type is None else reader.texts("number_type", record.number_type)
    levels = () if record.number_level is None else reader.texts("number_level", record.number_level)
    numbers = []
    for index, text in enumerate(texts):
        # An unreadable type or level is left out, and the number is read without it.
        kind = reader.read(_numbered("number_type", index), _text_at(types, index), read_type_word) if types else None
        level = reader.read(_numbered("number_level", index), _text_at(levels, index), read_level) if levels else None
        read = partial(read_number, reference_date=day, type=kind, level=level)
        number = reader.read(_numbered("number", index), text, read)
        if number is not None and not number.valid and not _is_made_up(number):
            rule = "number.form" if number.type == "other" else "number.invalid"
            reader.note(_numbered("number", index), rule, "marked")
        numbers.append(number)
    return numbers


def _text_at(texts: Sequence[str], index: int) -> str:
    return texts[index] if index < len(texts) else ""


def _is_made_up(number: Number) -> bool:
    """Return whether this is an interim number with a valid date: most lack a check digit, which is not a fault."""
    return number.type == "interim" and number.birth is not None


def _reference_day(record: Record) -> date | None:
    """Return the latest day of the report, or otherwise of the event: the person was born by then."""
    for column in ("report_date", "event_date"):
        text = text_of(getattr(record, column), field=column).strip(WHITE_SPACE)
        if text and value_rule(column, text) is None:
            return _latest_day(text)
    return None


@kept(DAYS_CACHED)
def _latest_day(text: str) -> date:
    return latest_day(text)


def _read_given(reader: _Reader, record: Record) -> list[Name | None]:
    first = text_of(record.name_of_address, field="name_of_address")
    texts = reader.texts("given_names", record.given_names) or ("",)
    if is_blank(first):
        return reader.column("given_names", texts, read_name)
    # The name of address is a given name, so it is used alone if there is no other.
    names = [
        reader.read("given_names", first if is_blank(texts[0]) else texts[0], lambda text: read_name(text, first=first))
    ]
    for index, text in enumerate(texts[1:], start=1):
        names.append(reader.read(_numbered("given_names", index), text, read_name))
    return names


def _read_birth(text: str) -> Birth | None:
    found = _kept_birth(text) if len(text) <= DATE_CHARACTERS else read_birth_date(text)
    return None if found == _NO_BIRTH else found


@kept(DAYS_CACHED)
def _kept_birth(text: str) -> Birth:
    return read_birth_date(text)


def _at(column: Sequence[Read | None], index: int) -> Read | None:
    """Return the value at an index, or the first one that exists."""
    if index < len(column) and (column[index] is not None or len(column) == 1):
        return column[index]
    return next((value for value in column if value is not None), None)


def _identity(columns: _Columns, index: int, *, sex: str | None, reporter: str) -> Identity:
    number = _at(columns.number, index)
    birth = _at(columns.birth, index) or _NO_BIRTH
    if number is not None and number.birth is not None:
        # The number may complete the field; if they contradict each other, this identity keeps the field.
        birth = birth.united(number.birth) or birth
    return Identity(
        number=number,
        scope=reporter if number is not None and number.local else None,
        foreign_number=_at(columns.foreign_number, index),
        given=_at(columns.given, index) or _NO_NAME,
        family=_at(columns.family, index) or _NO_NAME,
        birth=birth,
        sex=sex,
    )


def _by_number_dates(identities: Sequence[Identity]) -> Iterator[Identity]:
    """Yield one more identity for each number whose date contradicts that of the first identity with that number."""
    seen: set[Number] = set()
    for identity in identities:
        number = identity.number
        if number is None or number in seen:
            continue
        seen.add(number)
        if number.birth is not None and identity.birth.united(number.birth) is None:
            yield replace(identity, birth=number.birth)
