"""The personnummer: `YYMMDD-NNNC`, issued by the Swedish population register since 1947.

It consists of the date, three digits (the last is odd for a man) and a check digit; `+` replaces `-` from the year in
which the person turns 100 (law 1991:481, section 18). It can change (a corrected date or sex, a protected identity) and
a few thousand have been used twice [Ludvigsson2009], so agreement is strong evidence, never proof.
"""

from __future__ import annotations

import re
from typing import ClassVar, Final

from pseudonym.identity.dates import Birth
from pseudonym.identity.numbers.kind import Kind, has_date_form, sex_of
from pseudonym.identity.numbers.luhn import check_digit
from pseudonym.identity.numbers.number import NumberType, Parts
from pseudonym.identity.numbers.text import day_of

__all__ = ["KIND", "NOBODY", "Personnummer", "compact", "format", "is_valid", "parts", "validate"]

NOBODY: Final = "000"
"""Individual numbers run from 001; case systems write 000 for a missing number."""


class Personnummer(Kind):
    """The personnummer, and the base of types built like it."""

    type: ClassVar[NumberType] = "personnummer"
    written = re.compile("(?:[0-9]{2})?[0-9]{6}[-+]?[0-9]{4}")
    short = True
    inferred = "always"

    def fits(self, compact: str) -> bool:
        """Accept month 01 to 12 and day 01 to 31, even if the day does not exist, and digits."""
        return compact.isdecimal() and has_date_form(compact)

    def fault(self, compact: str) -> str | None:
        """Check date, individual number and check digit."""
        if self.birth(compact) is None:
            return "number.date"
        if compact[8:11] == NOBODY:
            return "number.placeholder"
        return None if check_digit(compact[2:11]) == compact[11] else "number.check_digit"

    def birth(self, compact: str) -> Birth | None:
        """Return its date."""
        return day_of(compact[:8])

    def take_apart(self, compact: str) -> Parts:
        """Return date, sex, individual number and check digit."""
        return Parts(self.birth(compact), sex_of(compact[10]), compact[8:11], compact[11])


KIND: Final = Personnummer()
compact, validate, is_valid = KIND.compact, KIND.validate, KIND.is_valid
format, parts = KIND.format, KIND.parts
