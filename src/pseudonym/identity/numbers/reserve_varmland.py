"""Reserve numbers of Region Värmland: `yyyymmddABNC`, where A is S, B one of F U X P L, N the sex, C a letter.

They have no check digit: a number is valid if its date exists.
"""

from __future__ import annotations

import re
from typing import Final

from pseudonym.identity.dates import Birth
from pseudonym.identity.numbers.kind import Kind, has_date_form, sex_of
from pseudonym.identity.numbers.number import Parts
from pseudonym.identity.numbers.text import day_of

__all__ = ["KIND", "compact", "format", "is_valid", "parts", "validate"]

_FORM: Final = re.compile("[0-9]{8}S[FUXPL][0-9][A-Z]")


class _Varmland(Kind):
    type = "reserve_varmland"
    has_letters = True

    def fits(self, compact: str) -> bool:
        """Accept month 01 to 12 and day 01 to 31, even if the day does not exist, and the letters."""
        return has_date_form(compact) and _FORM.fullmatch(compact) is not None

    def fault(self, compact: str) -> str | None:
        """Check the date."""
        return "number.date" if self.birth(compact) is None else None

    def birth(self, compact: str) -> Birth | None:
        """Return its date."""
        return day_of(compact[:8])

    def take_apart(self, compact: str) -> Parts:
        """Return date, sex and individual letters."""
        return Parts(self.birth(compact), sex_of(compact[10]), compact[9] + compact[11])


KIND: Final = _Varmland()
compact, validate, is_valid = KIND.compact, KIND.validate, KIND.is_valid
format, parts = KIND.format, KIND.parts
