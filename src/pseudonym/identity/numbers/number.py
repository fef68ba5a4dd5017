"""A number as it was read, and the words for its type, its level and how sure its type is."""

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
"""How well the identity behind a samordningsnummer was shown (law 2022:1697, chapter 2, sections 2, 5 and 6)."""

LEVELS: Final[tuple[Level, ...]] = get_args(Level)

Sex = Literal["woman", "man"]


@dataclass(frozen=True, slots=True, repr=False)
class Number:
    """A number as it was read.

    Nothing but type and compact form is ever certain to be there: a date or a sex inside a number is a habit of today's
    types, which may end.

    Attributes:
        type: One of `NUMBER_TYPES`.
        compact: The form that is compared: 12 characters for all types with a date, else digits and letters only.
        valid: Whether it breaks none of the rules of its type that can be checked; never for `other`.
        birth: The birth date in it, None where the type has none, it does not exist or the number cannot be trusted.
        serial: The last four characters of the compact form; None for `other`, which has no such place.
        certainty: How sure the type is.
        level: Of a samordningsnummer, how well the identity behind it was shown, if the body said so.
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
        """Whether it is unique only within the body that issued it, so that two bodies may use one for two persons."""
        return self.type == "interim"


@dataclass(frozen=True, slots=True, repr=False)
class Parts:
    """What can be read out of a number, whether or not it is valid; None for what its type does not have.

    Attributes:
        birth: The birth date, if it exists; an unknown month or day of it is None.
        sex: The sex that the number was given for.
        individual: The characters that tell apart the persons of one date.
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
