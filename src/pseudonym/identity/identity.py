"""One identity of a record: by which number, names, date and sex a person was known."""

from __future__ import annotations

from typing import Final, NamedTuple

from pseudonym.identity.dates import Birth
from pseudonym.identity.names import Name
from pseudonym.identity.numbers import Number

__all__ = ["NO_BIRTH", "NO_NAME", "Identity"]

NO_NAME: Final = Name()
NO_BIRTH: Final = Birth()


class Identity(NamedTuple):
    """One identity of a record, normalised; missing fields are None or empty.

    Attributes:
        number: The Swedish number.
        scope: The reporter that issued the number, if it is unique only there; otherwise None.
        foreign_number: The other number.
        given: Given names.
        family: Family names.
        birth: The birth date.
        sex: `woman`, `man`, `other`, or None.
        is_unknown: Whether the record says that nobody knows the person, and has no number either. Then it has no code
            that another record could share.
    """

    number: Number | None = None
    scope: str | None = None
    foreign_number: str | None = None
    given: Name = NO_NAME
    family: Name = NO_NAME
    birth: Birth = NO_BIRTH
    sex: str | None = None
    is_unknown: bool = False

    def __repr__(self) -> str:
        """Show the class only."""
        return "<Identity>"
