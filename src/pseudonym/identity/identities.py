"""The identities of a record, read from its fields value by value (docs/spec.md, section 4.6).

A person may be known by several names, numbers and dates, and each combination that a reporter recorded is an identity
of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Final, NamedTuple, TypeVar

from pseudonym.characters import WHITE_SPACE, is_blank
from pseudonym.errors import FieldError
from pseudonym.faults import Fault
from pseudonym.identity.dates import Birth, latest_day, read_birth_date
from pseudonym.identity.identity import NO_BIRTH, NO_NAME, Identity
from pseudonym.identity.names import Name, is_phrase, is_statement, read_name
from pseudonym.identity.numbers import (
    Number,
    read_foreign_number,
    read_level,
    read_number,
    read_type_word,
    split_system,
)
from pseudonym.identity.record import Record, Values, text_of, texts_of
from pseudonym.identity.sex import read_sex
from pseudonym.identity.usual import read_usual
from pseudonym.memory import kept
from pseudonym.wire import value_rule

__all__ = ["MAX_IDENTITIES", "Identity", "read_identities", "read_unusual"]

Read = TypeVar("Read")

MAX_IDENTITIES: Final = 8
"""Maximum number of identities per record: more than police files hold for a person, few enough to share its codes."""

DAYS_CACHED: Final = 1 << 14
"""Number of cached dates: nearly all in a file."""

DATE_CHARACTERS: Final = 32
"""Longer texts are not cached, so that bad rows cannot fill the memory."""

_NO_VALUE_RULES: Final = (".placeholder", ".no_digit", ".no_letter")
"""Suffixes of the rules for texts that mean "no value": leaving them out loses nothing."""


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
    usual = read_usual(record, reference_date=reference_date, reporter=reporter)
    if usual is not None:
        return (usual,), []
    return read_unusual(record, row=row, reference_date=reference_date, reporter=reporter)


def read_unusual(
    record: Record, *, row: int, reference_date: date, reporter: str
) -> tuple[tuple[Identity, ...], list[Fault]]:
    """Read the identity fields of any record, as `read_identities` does of one that is not usual.

    Args:
        record: As for `read_identities`.
        row: Likewise.
        reference_date: Likewise.
        reporter: Likewise.

    Returns:
        As `read_identities`.

    Raises:
        InputError: As for `read_identities`.
    """
    reader = _Reader(row)
    numbers = _read_numbers(reader, record, reference_date)
    foreign = reader.column("foreign_number", record.foreign_number, read_foreign_number)
    given = _read_given(reader, record)
    family = reader.column("family_names", record.family_names, _read_family_name)
    _drop_phrases(reader, given, family)
    given, family = _beyond_doubt(reader, given, family)
    birth = reader.column("birth_date", record.birth_date, _read_birth)
    columns = _Columns(numbers, foreign, given, family, birth)
    sex = reader.read("sex", text_of(record.sex, field="sex"), read_sex)
    n_identities = max(1, *(len(column) for column in columns))
    identities = [_identity(columns, index, sex=sex, reporter=reporter) for index in range(n_identities)]
    identities += _by_number_dates(identities)
    if _is_unknown(record, columns):
        reader.faults.append(Fault(row, None, "identity.unknown", "marked"))
        identities = [identity._replace(is_unknown=True) for identity in identities]
    distinct = tuple(dict.fromkeys(identities)) if len(identities) > 1 else tuple(identities)
    if reader.too_many or len(distinct) > MAX_IDENTITIES:
        reader.faults.append(Fault(row, None, "identity.too_many", "left out"))
    if distinct == (_NOTHING,):
        reader.faults.append(Fault(row, None, "identity.none", "marked"))
    return distinct[:MAX_IDENTITIES], reader.faults


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
    births = _births(record)
    types = () if record.number_type is None else reader.texts("number_type", record.number_type)
    levels = () if record.number_level is None else reader.texts("number_level", record.number_level)
    numbers = []
    for index, text in enumerate(texts):
        # An unreadable type or level is left out, and the number is read without it.
        kind = reader.read(_numbered("number_type", index), _text_at(types, index), read_type_word) if types else None
        level = reader.read(_numbered("number_level", index), _text_at(levels, index), read_level) if levels else None
        if "|" in text and kind is None:
            kind = reader.read(_numbered("number_type", index), split_system(text)[0], read_type_word)
        known = _own_first(births, index) if births else []
        number = reader.read(_numbered("number", index), text, _number_reader(day, kind, level, known))
        if number is not None:
            _mark_number(reader, _numbered("number", index), number, known)
        numbers.append(number)
    return numbers


def _number_reader(day: date, kind: str | None, level: str | None, births: Sequence[Birth]) -> Callable[[str], Number]:
    """Return the function that reads a number, whose type is known from its system too."""
    return lambda text: read_number(split_system(text)[1], reference_date=day, type=kind, level=level, births=births)


def _mark_number(reader: _Reader, name: str, number: Number, births: Sequence[Birth]) -> None:
    """Note what is not right about a number that is used."""
    if not number.valid and not _is_made_up(number):
        reader.note(name, "number.form" if number.type == "other" else "number.invalid", "marked")
    if births and _contradicts(number, births):
        reader.note(name, "number.contradicts_birth_date", "marked")


def _births(record: Record) -> list[Birth | None]:
    """Return the birth dates of a record, None for a value that is none; their faults are noted elsewhere."""
    if record.birth_date is None:
        return []
    texts = texts_of(record.birth_date, field="birth_date")[:MAX_IDENTITIES]
    return [_Reader(0).read("birth_date", text, _read_birth) for text in texts]


def _own_first(births: Sequence[Birth | None], index: int) -> list[Birth]:
    """Return the birth dates, the one that belongs to the number at a position first."""
    own = _at(births, index)
    return [] if own is None else [own, *(birth for birth in births if birth is not None and birth is not own)]


def _contradicts(number: Number, births: Sequence[Birth]) -> bool:
    """Return whether a number has a birth date that contradicts every other of its record."""
    stated = number.birth
    return stated is not None and all(birth.united(stated) is None for birth in births)


def _text_at(texts: Sequence[str], index: int) -> str:
    return texts[index] if index < len(texts) else ""


def _is_made_up(number: Number) -> bool:
    """Return whether this is an interim number with a valid date: most lack a check digit, which is not a fault."""
    return number.type == "interim" and number.birth is not None


def _reference_day(record: Record) -> date | None:
    """Return the latest day of the report, or otherwise of the event: the person was born by then."""
    for column in ("report_date", "event_date"):
        value = getattr(record, column)
        text = "" if value is None else text_of(value, field=column).strip(WHITE_SPACE)
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
        return reader.column("given_names", texts, _read_given_name)
    # The name of address is a given name, so it is used alone if there is no other.
    names = [
        reader.read(
            "given_names",
            first if is_blank(texts[0]) else texts[0],
            lambda text: read_name(text, first=first, field="given_names"),
        )
    ]
    for index, text in enumerate(texts[1:], start=1):
        names.append(reader.read(_numbered("given_names", index), text, _read_given_name))
    return names


def _read_given_name(text: str) -> Name:
    return read_name(text, field="given_names")


def _read_family_name(text: str) -> Name:
    return read_name(text, field="family_names")


def _beyond_doubt(
    reader: _Reader, given: list[Name | None], family: list[Name | None]
) -> tuple[list[Name | None], list[Name | None]]:
    """Return the names of a record, none if all may stand where there is no name."""
    names = [name for name in (*given, *family) if name is not None]
    if not names or not all(name.is_doubtful for name in names):
        return given, family
    placeholder = any(fault.rule == "name.placeholder" for fault in reader.faults)
    if not placeholder and not all(name.is_written_as_name for name in names):
        return given, family
    for field, column in (("given_names", given), ("family_names", family)):
        for index, name in enumerate(column):
            if name is not None:
                reader.note(_numbered(field, index), "name.placeholder")
    return [None] * len(given), [None] * len(family)


def _drop_phrases(reader: _Reader, given: list[Name | None], family: list[Name | None]) -> None:
    """Drop given and family names at one position that are a placeholder together, in place."""
    for index, (one, other) in enumerate(zip(given, family, strict=False)):
        if one is not None and other is not None and is_phrase(one.words, other.words):
            given[index] = family[index] = None
            reader.note(_numbered("given_names", index), "name.placeholder")
            reader.note(_numbered("family_names", index), "name.placeholder")


def _is_unknown(record: Record, columns: _Columns) -> bool:
    """Return whether a record says that nobody knows the person: no name, a placeholder for it, and no number."""
    if any(columns.given) or any(columns.family) or any(columns.foreign_number):
        return False
    if any(number is not None and (number.valid or _is_made_up(number)) for number in columns.number):
        return False
    return any(
        is_statement(text)
        for name in ("given_names", "family_names", "name_of_address")
        for text in texts_of(getattr(record, name), field=name)[:MAX_IDENTITIES]
    )


def _read_birth(text: str) -> Birth | None:
    found = _kept_birth(text) if len(text) <= DATE_CHARACTERS else read_birth_date(text)
    return None if found == NO_BIRTH else found


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
    birth = _at(columns.birth, index) or NO_BIRTH
    if number is not None and number.birth is not None:
        # The number may complete the field; if they contradict each other, this identity keeps the field.
        birth = birth.united(number.birth) or birth
    return Identity(
        number=number,
        scope=reporter if number is not None and number.local else None,
        foreign_number=_at(columns.foreign_number, index),
        given=_at(columns.given, index) or NO_NAME,
        family=_at(columns.family, index) or NO_NAME,
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
            yield identity._replace(birth=number.birth)
