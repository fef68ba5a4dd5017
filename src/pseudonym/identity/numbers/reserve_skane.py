"""Reserve numbers of Region Skåne: a date and four characters, at least one of them a letter.

Every other type with a letter has this form too, so the type is used only if the caller names it.
"""

from __future__ import annotations

import re
from typing import Final

from pseudonym.identity.dates import Birth
from pseudonym.identity.numbers.kind import Kind, has_date_form
from pseudonym.identity.numbers.number import Parts
from pseudonym.identity.numbers.text import day_of

__all__ = ["KIND", "compact", "format", "is_valid", "parts", "validate"]


class _Skane(Kind):
    type = "reserve_skane"
    has_letters = True
    written = re.compile("(?:[0-9]{2})?[0-9]{6}[-+]?[0-9A-Z]{4}")
    short = True
    inferred = "never"

    def fits(self, compact: str) -> bool:
        """Accept month 01 to 12 and day 01 to 31, even if the day does not exist, and a letter."""
        return has_date_form(compact) and not compact.isdecimal()

    def fault(self, compact: str) -> str | None:
        """Check the date."""
        return "number.date" if self.birth(compact) is None else None

    def birth(self, compact: str) -> Birth | None:
        """Return its date."""
        return day_of(compact[:8])

    def take_apart(self, compact: str) -> Parts:
        """Return date and individual characters."""
        return Parts(self.birth(compact), individual=compact[8:])


KIND: Final = _Skane()
compact, validate, is_valid = KIND.compact, KIND.validate, KIND.is_valid
format, parts = KIND.format, KIND.parts
