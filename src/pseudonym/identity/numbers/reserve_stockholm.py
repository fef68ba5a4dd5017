"""Reserve numbers of Region Stockholm: `99yyyyNNNNNC`, where yyyy is the year of issue.

The check digit covers the seven characters before it. The last digit but one encodes the sex. There is no birth date.
"""

from __future__ import annotations

import re
from typing import Final

from pseudonym.identity.numbers.kind import Kind, sex_of
from pseudonym.identity.numbers.luhn import check_digit
from pseudonym.identity.numbers.number import Parts

__all__ = ["KIND", "compact", "format", "is_valid", "parts", "validate"]

_FORM: Final = re.compile("99(?:19|20)[0-9]{8}")


class _Stockholm(Kind):
    type = "reserve_stockholm"

    def fits(self, compact: str) -> bool:
        """Accept 99, a year of the 20th or 21st century, and digits."""
        return _FORM.fullmatch(compact) is not None

    def fault(self, compact: str) -> str | None:
        """Check the check digit."""
        return None if check_digit(compact[4:11]) == compact[11] else "number.check_digit"

    def take_apart(self, compact: str) -> Parts:
        """Return sex, individual number, check digit and year of issue."""
        return Parts(None, sex_of(compact[10]), compact[6:11], compact[11], int(compact[2:6]))


KIND: Final = _Stockholm()
compact, validate, is_valid = KIND.compact, KIND.validate, KIND.is_valid
format, parts = KIND.format, KIND.parts
