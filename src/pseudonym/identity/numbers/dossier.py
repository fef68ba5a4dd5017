"""The dossier number of Migrationsverket: 7 or 8 digits, without a check digit.

An LMA number is the dossier number plus one digit that counts the cards. That digit changes with every new card, so it
is removed. Many other numbers have this form, so the type is used only if the caller names it.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from pseudonym.identity.numbers.kind import Kind
from pseudonym.identity.numbers.text import Written

__all__ = ["KIND", "LMA", "compact", "format", "is_valid", "validate"]


class _Dossier(Kind):
    type = "dossier"
    inferred = "never"

    def __init__(self, *, card_digits: int = 0) -> None:
        self._card_digits = card_digits
        self.written = re.compile(f"[0-9]{{{7 + card_digits},{8 + card_digits}}}")

    def fits(self, compact: str) -> bool:
        """Accept 7 or 8 digits."""
        return compact.isdecimal() and len(compact) in {7, 8}

    def fault(self, compact: str) -> str | None:
        """Return None: there is nothing to check."""
        return None

    def read(self, written: Written, reference_date: date) -> str | None:
        """Return the digits without the card digit."""
        if self.written.fullmatch(written.bare) is None:
            return None
        return written.bare[: len(written.bare) - self._card_digits]

    def format(self, text: str, *, reference_date: date, short: bool = False) -> str:
        """Return the digits."""
        return self.compact(text, reference_date=reference_date)


KIND: Final = _Dossier()
LMA: Final = _Dossier(card_digits=1)
compact, validate, is_valid, format = KIND.compact, KIND.validate, KIND.is_valid, KIND.format
