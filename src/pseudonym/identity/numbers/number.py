"""A number as it was read, and the names of types, levels and degrees of certainty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, get_args

from pseudonym.identity.dates import Birth

__all__ = ["LEVELS", "NUMBER_TYPES", "Certainty", "Level", "Number", "NumberType", "Parts", "Sex"]

NumberType = Literal[
    "personnummer",
    "samordningsnummer",
    "interim",
    "reserve_stockholm",
    "reserve_vgr",
    "reserve_varmland",
    "reserve_inera",
    "reserve_skane",
    "national_reserve",
    "dossier",
    "other",
]
NUMBER_TYPES: Final[tuple[NumberType, ...]] = get_args(NumberType)

Certainty = Literal["named", "certain", "likely", "none"]
"""`named`: the caller named the type and the form agrees. `certain`: no other known type has the form, the century is
written, the date exists and the check digit is right. `likely`: no other known type has the form, but one of the other
conditions fails. `none`: type `other`."""

Level = Literal["styrkt", "sannolik", "osaker"]
"""How well the identity behind a samordningsnummer was proven (law 2022:1697, chapter 2, sections 2, 5 and 6)."""

LEVELS: Final[tuple[Level, ...]] = get_args(Level)

Sex = Literal["woman", "man"]


class Number(NamedTuple):
    """A number as it was read.

    Only type and compact form are always present: dates and sexes in numbers are a convention of today's types.

    Attributes:
        type: One of `NUMBER_TYPES`.
        compact: The form that is compared: 12 characters for all types with a date, otherwise digits and letters only.
        valid: Whether it breaks none of the rules of its type that can be checked; never for `other`.
        birth: Its birth date; None if the type has none, the day does not exist or the number cannot be trusted.
        serial: The last four characters of the compact form; None for `other`, which has no serial.
        certainty: How certain the type is.
        level: How well the identity behind a samordningsnummer was proven, if known.
    """

    type: NumberType
    compact: str
    valid: bool
    birth: Birth | None
    serial: str | None
    certainty: Certainty
    level: Level | None = None

    def __repr__(self) -> str:
        """Show the class only: the attributes are a person's data."""
        return "<Number>"

    @property
    def local(self) -> bool:
        """Whether it is unique only within the issuing reporter: two reporters may give it to two persons."""
        return self.type == "interim"


@dataclass(frozen=True, slots=True, repr=False)
class Parts:
    """The parts of a number, valid or not; None for parts that its type does not have.

    Attributes:
        birth: The birth date, if it exists; its month or day is None if unknown.
        sex: The sex that the number encodes.
        individual: The characters that distinguish persons with the same date.
        check: The check digit as written.
        issued: The year of issue.
    """

    birth: Birth | None = None
    sex: Sex | None = None
    individual: str | None = None
    check: str | None = None
    issued: int | None = None

    def __repr__(self) -> str:
        """Show the class only."""
        return "<Parts>"
