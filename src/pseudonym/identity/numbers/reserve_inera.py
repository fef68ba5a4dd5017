"""Reserve numbers issued by Inera (formerly Carelink): `yyyymmxxNNNC`, where xx is 32 to 59 instead of a day.

The check digit is as in a personnummer. It is not published whether year and month are those of the birth, so no date
is read.
"""

from __future__ import annotations

from typing import Final

from pseudonym.identity.numbers.kind import Kind, in_years
from pseudonym.identity.numbers.luhn import check_digit
from pseudonym.identity.numbers.number import Parts

__all__ = ["KIND", "compact", "format", "is_valid", "parts", "validate"]


class _Inera(Kind):
    type = "reserve_inera"

    def fits(self, compact: str) -> bool:
        """Accept month 01 to 12, 32 to 59 for the day, and digits."""
        form = "01" <= compact[4:6] <= "12" and "32" <= compact[6:8] <= "59"
        return form and compact.isdecimal() and in_years(compact)

    def fault(self, compact: str) -> str | None:
        """Check the check digit."""
        return None if check_digit(compact[2:11]) == compact[11] else "number.check_digit"

    def take_apart(self, compact: str) -> Parts:
        """Return individual number and check digit."""
        return Parts(individual=compact[6:11], check=compact[11])


KIND: Final = _Inera()
compact, validate, is_valid = KIND.compact, KIND.validate, KIND.is_valid
format, parts = KIND.format, KIND.parts
