"""A record as a body has it, and the facts that can be read from it. Sees plaintext; knows no key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, TypeVar

from pseudonym import normalise
from pseudonym.errors import FieldError
from pseudonym.idnumber import Number, read_number
from pseudonym.names import Name, read_name
from pseudonym.names import words as name_words
from pseudonym.normalise import PartialDate
from pseudonym.wire import IDENTITY_FIELDS, id_rule

__all__ = ["IDENTITY_FIELDS", "Facts", "Fault", "Record", "is_identity", "read_facts", "record_id_rule"]

Read = TypeVar("Read")

MIN_IDENTITY_ID: Final = 5
"""A number shorter than this stands in an id by accident."""

CORE_CHARACTERS: Final = 10
"""The last characters of a Swedish number, which it has with and without century."""

MARKED: Final = frozenset({"name.placeholder", "name.no_letter"})
"""Rules whose breach says that nothing is known, which is no fault of the row."""

_DIGITS_AND_LETTERS: Final = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")


@dataclass(frozen=True, slots=True, repr=False)
class Record:
    """One person in one report, as the body holds it.

    All but `record_id` may be missing. The identity fields are encoded and never leave the body; the others travel as
    they are, `payload` only as codes of a codebook.

    Attributes:
        record_id: The body's own id of the record; it must not be an identity.
        number: Any Swedish number, typed by its form.
        foreign_number: Any other number, never mixed with the Swedish ones.
        given_names: All given names, separated by spaces.
        family_names: All family names, separated by spaces.
        birth_date: `YYYY-MM-DD`, `YYYY-MM` or `YYYY`.
        sex: `woman`, `man`, `other` or `unknown`, in English or Swedish.
        report_id: The report that the record belongs to.
        case_id: The case that the report belongs to.
        role: `victim`, `accompanying_adult` or `accompanying_child`.
        event_date: When it happened, written as `birth_date`.
        report_date: When it was reported, written as `birth_date`.
        status: `suspected`, `confirmed` or `closed`.
        payload: Codebook items with their codes.
    """

    record_id: str
    number: str | None = None
    foreign_number: str | None = None
    given_names: str | None = None
    family_names: str | None = None
    birth_date: str | None = None
    sex: str | None = None
    report_id: str | None = None
    case_id: str | None = None
    role: str | None = None
    event_date: str | None = None
    report_date: str | None = None
    status: str | None = None
    payload: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Show the class only; every field may be personal."""
        return "<Record>"


@dataclass(frozen=True, slots=True, repr=False)
class Facts:
    """What was read from the identity fields of a record, normalised; None or empty where there is nothing."""

    number: Number | None
    foreign_number: str | None
    given_words: tuple[str, ...]
    family_words: tuple[str, ...]
    birth: PartialDate
    sex: str | None

    def __repr__(self) -> str:
        """Show the class only."""
        return "<Facts>"


@dataclass(frozen=True, slots=True)
class Fault:
    """What became of a row, a field or a value that was not as it should be; it never holds the value.

    Attributes:
        row: The line of the input at which the row begins, or the place in the iterable from 1.
        field: The field, or None where the whole row is concerned.
        rule: The rule that was broken, a dotted constant.
        effect: `rejected` (the record is not in the output), `left out` (the field is not) or `marked` (all is there).
    """

    row: int
    field: str | None
    rule: str
    effect: str


_NO_NAME = Name()
_NOWHERE = PartialDate(None, None, None)
_NOTHING = Facts(None, None, (), (), _NOWHERE, None)


def read_facts(record: Record, *, row: int, reference_date: date) -> tuple[Facts, list[Fault]]:
    """Read the identity fields of a record; a field that cannot be read is left out.

    Args:
        record: The record.
        row: Its row, for the faults.
        reference_date: The day by which the century of a 10-digit number is inferred.

    Returns:
        The facts and the faults.

    Sees: plaintext
    """
    reader = _Reader(row)
    number = reader.read("number", lambda text: read_number(text, reference_date=reference_date), record.number)
    birth = reader.read("birth_date", normalise.birth_date, record.birth_date)
    if number is not None and not number.valid:
        reader.faults.append(Fault(row, "number", f"number.{_why_text(number)}", "marked"))
    if birth is None and number is not None and number.valid:
        birth = number.birth
    facts = Facts(
        number=number,
        foreign_number=reader.read("foreign_number", normalise.foreign_number, record.foreign_number),
        given_words=(reader.read("given_names", read_name, record.given_names) or _NO_NAME).words,
        family_words=(reader.read("family_names", read_name, record.family_names) or _NO_NAME).words,
        birth=birth or _NOWHERE,
        sex=reader.read("sex", normalise.sex, record.sex),
    )
    if facts == _NOTHING:
        reader.faults.append(Fault(row, None, "identity.none", "marked"))
    return facts, reader.faults


def record_id_rule(record: Record) -> str | None:
    """Name the rule that the id of a record breaks.

    Args:
        record: The record.

    Returns:
        `record_id.missing`, `.form`, `.number_like`, or None.

    Sees: plaintext
    """
    broken = id_rule(record.record_id)
    if broken is not None:
        return f"record_id.{broken}"
    return None


def is_identity(text: str, facts: Facts) -> bool:
    """Say whether an id carries an identity that its record has.

    It does when it holds the number, the foreign number or the whole birth date, whatever stands between the digits; or
    when its words are the given names, the family names, or both.

    Args:
        text: An id of the record, its report or its case.
        facts: The facts of the record.

    Sees: plaintext
    """
    bare = "".join(character for character in text.upper() if character in _DIGITS_AND_LETTERS)
    number, foreign, birth = facts.number, facts.foreign_number, facts.birth
    if number is not None and number.compact[-CORE_CHARACTERS:] in bare and len(number.compact) >= MIN_IDENTITY_ID:
        return True
    if foreign is not None and len(foreign) >= MIN_IDENTITY_ID and foreign in bare:
        return True
    whole = birth.year is not None and birth.month is not None and birth.day is not None
    if whole and bare == f"{birth.year:04d}{birth.month:02d}{birth.day:02d}":
        return True
    words, given, family = set(name_words(text)), set(facts.given_words), set(facts.family_words)
    return bool(words) and words in (given, family, given | family)


class _Reader:
    """Read field by field and keep what went wrong."""

    def __init__(self, row: int) -> None:
        self._row = row
        self.faults: list[Fault] = []

    def read(self, name: str, read: Callable[[str], Read], text: str | None) -> Read | None:
        if text is None or not text.strip():
            return None
        try:
            return read(text)
        except FieldError as error:
            self.faults.append(Fault(self._row, name, error.rule, "marked" if error.rule in MARKED else "left out"))
            return None


def _why_text(number: Number) -> str:
    return "form" if number.type == "other" else "invalid"
