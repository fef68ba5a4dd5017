"""Interim numbers, which schools and health care give to persons who are waiting for a number: `YYMMDD-Tnnn`.

Version 3.1 of the `personnummer` specification has eleven letters, and a check digit in which the letter counts as 1;
schools and IVO write `Tnnn` and `TFnn` without one. The third character encodes the sex as in a personnummer. The
numbers are unique only within the school or municipality that issued them.
"""

from __future__ import annotations

import re
from typing import Final

from pseudonym.identity.dates import Birth
from pseudonym.identity.numbers.kind import has_date_form, sex_of
from pseudonym.identity.numbers.luhn import check_digit
from pseudonym.identity.numbers.number import Parts
from pseudonym.identity.numbers.personnummer import Personnummer

__all__ = ["INTERIM_LETTERS", "KIND", "compact", "format", "is_valid", "parts", "validate"]

INTERIM_LETTERS: Final = "TRSUWXJKLMN"
"""Letters that replace the first digit after the date."""

_FORM: Final = re.compile(rf"[{INTERIM_LETTERS}][0-9]{{3}}|TF[0-9]{{2}}")


class _Interim(Personnummer):
    type = "interim"
    has_letters = True
    written = re.compile(rf"(?:[0-9]{{2}})?[0-9]{{6}}[-+]?[{INTERIM_LETTERS}][0-9]{{3}}")

    def fits(self, compact: str) -> bool:
        """Accept month 01 to 12 and day 01 to 31, even if the day does not exist, and a known letter."""
        return has_date_form(compact) and _FORM.fullmatch(compact, 8) is not None

    def fault(self, compact: str) -> str | None:
        """Check date and check digit; the specification does not allow two letters."""
        if self.birth(compact) is None:
            return "number.date"
        if not compact[9].isdecimal():
            return "number.form"
        return None if check_digit(compact[2:11]) == compact[11] else "number.check_digit"

    def trusted_birth(self, compact: str, *, valid: bool) -> Birth | None:
        """Return its date, ignoring the check digit, which most do not have."""
        return self.birth(compact)

    def take_apart(self, compact: str) -> Parts:
        """Return date and sex, and the rest, which follows no common rule."""
        return Parts(self.birth(compact), sex_of(compact[10]), compact[8:])


KIND: Final = _Interim()
compact, validate, is_valid = KIND.compact, KIND.validate, KIND.is_valid
format, parts = KIND.format, KIND.parts
