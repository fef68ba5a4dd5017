"""Reserve numbers of Västra Götalandsregionen: `yyyymmddGggC`.

G is K for a woman, M for a man, X if the sex is not known; gg runs from 06 to 89. The check digit is Luhn's, over the
same nine characters as in a personnummer, with K counting as 5, M as 7 and X as 8.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Final

from pseudonym.identity.dates import Birth
from pseudonym.identity.numbers.kind import Kind, has_date_form
from pseudonym.identity.numbers.luhn import check_digit
from pseudonym.identity.numbers.number import Parts, Sex
from pseudonym.identity.numbers.text import day_of

__all__ = ["KIND", "compact", "format", "is_valid", "parts", "validate"]

_FORM: Final = re.compile("[0-9]{8}[KMX](?:0[6-9]|[1-8][0-9])[0-9]")
_LETTERS: Final = MappingProxyType({"K": 5, "M": 7, "X": 8})
_SEXES: Final[dict[str, Sex | None]] = {"K": "woman", "M": "man", "X": None}


class _Vgr(Kind):
    type = "reserve_vgr"
    has_letters = True

    def fits(self, compact: str) -> bool:
        """Accept month 01 to 12 and day 01 to 31, even if the day does not exist, a letter and three digits."""
        return has_date_form(compact) and _FORM.fullmatch(compact) is not None

    def fault(self, compact: str) -> str | None:
        """Check date and check digit."""
        if self.birth(compact) is None:
            return "number.date"
        return None if check_digit(compact[2:11], _LETTERS) == compact[11] else "number.check_digit"

    def birth(self, compact: str) -> Birth | None:
        """Return its date."""
        return day_of(compact[:8])

    def take_apart(self, compact: str) -> Parts:
        """Return date, sex, individual number and check digit."""
        return Parts(self.birth(compact), _SEXES[compact[8]], compact[9:11], compact[11])


KIND: Final = _Vgr()
compact, validate, is_valid = KIND.compact, KIND.validate, KIND.is_valid
format, parts = KIND.format, KIND.parts
