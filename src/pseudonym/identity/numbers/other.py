"""Numbers whose form fits no type, or several: compared as text, never valid."""

from __future__ import annotations

from datetime import date
from typing import Final

from pseudonym.identity.numbers.kind import Kind
from pseudonym.identity.numbers.text import Written

__all__ = ["KIND", "compact", "format", "is_valid", "validate"]


class _Other(Kind):
    type = "other"
    inferred = "never"

    def fits(self, compact: str) -> bool:
        """Accept anything."""
        return True

    def fault(self, compact: str) -> str | None:
        """Return `number.form`: the number has no known form."""
        return "number.form"

    def read(self, written: Written, reference_date: date) -> str | None:
        """Return letters and digits."""
        return written.bare

    def format(self, text: str, *, reference_date: date, short: bool = False) -> str:
        """Return letters and digits."""
        return self.compact(text, reference_date=reference_date)


KIND: Final = _Other()
compact, validate, is_valid, format = KIND.compact, KIND.validate, KIND.is_valid, KIND.format
