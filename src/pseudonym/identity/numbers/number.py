"""A number as it was read, and the words for its type, its level and the certainty of its type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

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
"""`named`: the caller said the type and the form agrees. `certain`: no other known type has the form, the century is
written, the date exists and the check digit is right. `likely`: no other known type has the form, but one of these is
lacking. `none`: type `other`."""

Level = Literal["styrkt", "sannolik", "osaker"]
"""How well the identity behind a samordningsnummer was proven (law 2022:1697, chapter 2, sections 2, 5 and 6)."""

LEVELS: Final[tuple[Level, ...]] = get_args(Level)

Sex = Literal["woman", "man"]


@dataclass(frozen=True, slots=True, repr=False)
class Number:
    """A number as it was read.

    Only type and compact form are always present: a date or sex in a number is a convention of today's types.

    Attributes:
        type: One of `NUMBER_TYPES`.
        compact: The form that is compared: 12 characters for all types with a date, else digits and letters only.
        valid: Whether it breaks none of the rules of its type that can be checked; never for `other`.
        birth: The birth date in it, None where the type has none, it does not exist or the number cannot be trusted.
        serial: The last four characters of the compact form; None for `other`, which has no such place.
        certainty: How certain the type is.
        level: Of a samordningsnummer, how well the identity behind it was proven, if known.
    """

    type: NumberType
    compact: str
    valid: bool
    birth: Birth | None
    serial: str | None
    certainty: Certainty
    level: Level | None = None

    def __repr__(self) -> str:
        """Show the class only: the attributes are a person's data, or tell of the person."""
        return "<Number>"

    @property
    def local(self) -> bool:
        """Whether it is unique only within the issuing reporter, so that two reporters may give it to two persons."""
        return self.type == "interim"


@dataclass(frozen=True, slots=True, repr=False)
class Parts:
    """The parts of a number, valid or not; None for parts that its type does not have.

    Attributes:
        birth: The birth date, if it exists; an unknown month or day of it is None.
        sex: The sex that the number encodes.
        individual: The characters that distinguish persons with one date.
        check: The check digit as written.
        issued: The year in which it was given out.
    """

    birth: Birth | None = None
    sex: Sex | None = None
    individual: str | None = None
    check: str | None = None
    issued: int | None = None

    def __repr__(self) -> str:
        """Show the class only."""
        return "<Parts>"
