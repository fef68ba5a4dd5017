"""The samordningsnummer: a personnummer with 60 added to the day, for persons who are not registered residents.

Day 60 and month 00 mean unknown; such numbers are issued. Some have days that do not exist, such as 30 February: the
published list of test numbers has two dozen, all valid. These have no birth date. The individual number is random, so
it does not tell when or where the person arrived.
"""

from __future__ import annotations

from typing import Final

from pseudonym.identity.dates import Birth
from pseudonym.identity.numbers.kind import in_years
from pseudonym.identity.numbers.luhn import check_digit
from pseudonym.identity.numbers.personnummer import NOBODY, Personnummer
from pseudonym.identity.numbers.text import COORDINATION_DAYS, day_of

__all__ = ["KIND", "compact", "format", "is_valid", "parts", "validate"]


class _Samordningsnummer(Personnummer):
    type = "samordningsnummer"

    def fits(self, compact: str) -> bool:
        """Accept month 00 to 12 and day 60 to 91, and digits."""
        form = compact[4:6] <= "12" and "60" <= compact[6:8] <= "91"
        return form and compact.isdecimal() and in_years(compact)

    def fault(self, compact: str) -> str | None:
        """Check individual number and check digit; the day need not exist."""
        if compact[8:11] == NOBODY:
            return "number.placeholder"
        return None if check_digit(compact[2:11]) == compact[11] else "number.check_digit"

    def birth(self, compact: str) -> Birth | None:
        """Return its date; month and day may be unknown."""
        return day_of(compact[:8], shift=COORDINATION_DAYS)


KIND: Final = _Samordningsnummer()
compact, validate, is_valid = KIND.compact, KIND.validate, KIND.is_valid
format, parts = KIND.format, KIND.parts
