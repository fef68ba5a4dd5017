"""The national reserve number: `XXYYMMDDNNGC`.

XX is the century of birth plus 3 (22, 23), then plus 6, 9 and so on when the numbers of a day are used up. NN are
letters other than I O Q V W, and G encodes the sex. For an unknown birth date XX is 00, MM 20 to 99 and DD 40 to 59. We
found no public description of the check digit, so a number is valid if its form and date are right.
"""

from __future__ import annotations

import re
from typing import Final

from pseudonym.identity.dates import Birth
from pseudonym.identity.numbers.kind import Kind, sex_of
from pseudonym.identity.numbers.number import Parts
from pseudonym.identity.numbers.text import day_of

__all__ = ["KIND", "compact", "format", "is_valid", "parts", "validate"]

_KNOWN: Final = re.compile("(?:2[2-9]|[3-9][0-9])[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])")
_UNKNOWN: Final = re.compile("00[0-9]{2}[2-9][0-9][45][0-9]")
_REST: Final = re.compile("[A-HJ-NPR-UX-Z]{2}[0-9]{2}")
_CENTURIES: Final = {1: "19", 2: "20"}
"""XX modulo 3 gives the century: 22, 25, 28 the 20th, 23, 26, 29 the 21st."""


class _NationalReserve(Kind):
    type = "national_reserve"
    has_letters = True
    inferred = "always"

    def fits(self, compact: str) -> bool:
        """Accept a valid XX or an unknown date, and the letters."""
        if _REST.fullmatch(compact, 8) is None:
            return False
        known = _KNOWN.fullmatch(compact, 0, 8) is not None and int(compact[:2]) % 3 in _CENTURIES
        return known or _UNKNOWN.fullmatch(compact, 0, 8) is not None

    def fault(self, compact: str) -> str | None:
        """Check the date, if there is one."""
        return "number.date" if compact[:2] != "00" and self.birth(compact) is None else None

    def birth(self, compact: str) -> Birth | None:
        """Return its date, None if it is unknown."""
        century = None if compact[:2] == "00" else _CENTURIES[int(compact[:2]) % 3]
        return None if century is None else day_of(century + compact[2:8])

    def take_apart(self, compact: str) -> Parts:
        """Return date, sex, individual letters and check digit."""
        return Parts(self.birth(compact), sex_of(compact[10]), compact[8:10], compact[11])


KIND: Final = _NationalReserve()
compact, validate, is_valid = KIND.compact, KIND.validate, KIND.is_valid
format, parts = KIND.format, KIND.parts
