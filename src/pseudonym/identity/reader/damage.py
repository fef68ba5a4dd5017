"""Damage that spreadsheets do to values: repaired if the result is certain, otherwise reported.

Spreadsheets treat identity numbers as quantities: they drop leading zeros, show long numbers as 1,99E+11 and keep 15
digits. Some exports cut text at 255 characters, and a failed formula leaves an error word. `pseudonym.faults` has a
sentence for every rule here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from pseudonym.errors import FieldError
from pseudonym.identity.numbers import read_number, read_type_word
from pseudonym.memory import kept

__all__ = [
    "EFFECTS",
    "NumberColumn",
    "digits_of_amount",
    "is_cut",
    "is_exponent",
    "mend_foreign_number",
    "mend_number",
    "spoilt",
    "without_decimals",
]

EFFECTS: Final[dict[str, str]] = {
    "birth_date.future": "marked",
    "damage.cut": "marked",
    "damage.decimals": "marked",
    "damage.error": "left out",
    "damage.escaped": "marked",
    "damage.exponent": "left out",
    "damage.exponent_restored": "marked",
    "damage.id": "left out",
    "damage.id_zero_lost": "marked",
    "damage.invisible": "marked",
    "damage.letters": "marked",
    "damage.mojibake": "marked",
    "damage.serial": "left out",
    "damage.serial_restored": "marked",
    "damage.zero_lost": "marked",
    "damage.zero_restored": "marked",
    "date.future": "left out",
    "date.order": "left out",
    "date.time_unclear": "left out",
    "date.time_zone": "marked",
    "date.unix_time": "marked",
    "date.two_digit_year": "left out",
    "value.placeholder": "marked",
}
"""What happens to a value that breaks each rule."""

CUT_CHARACTERS: Final = 255
"""Length at which spreadsheets and their drivers cut text when they export it."""

MIN_TEN_DIGITS: Final = 10
"""Minimum number of ten-digit values in a column before shorter ones count as damaged."""

_EXPONENT: Final = re.compile(r"[+-]?[0-9](?:[.,][0-9]*)?[Ee]\+[0-9]{2,3}")
_AMOUNT: Final = re.compile(r"([1-9])[.,]([0-9]+)[Ee]\+?0?([0-9]{1,2})")
"""As programs write a number too: without the sign that people who type an exponent leave out."""
_DECIMALS: Final = re.compile(r"([0-9]+)[.,]0+")
_FAILED: Final = re.compile(
    r"#(?:N/A|VALUE!|REF!|NAME\?|DIV/0!|NUM!|NULL!|SPILL!|CALC!|GETTING_DATA"
    r"|SAKNAS!|V\u00c4RDEFEL!|REFERENS!|NAMN\?|DIVISION/0!|OGILTIGT!|SK\u00c4RNING!)|#{3,}"
)
_DIGITS: Final = re.compile(r"[0-9]+")
_ANY_DAY: Final = date(2099, 12, 31)
"""Validity does not depend on the century, so any reference date will do."""

_WITH_TEN_DIGITS: Final = frozenset({"personnummer", "samordningsnummer"})


@dataclass(slots=True)
class NumberColumn:
    """Evidence from the numbers in one column.

    Attributes:
        n_ten: Number of values with exactly ten digits, which a spreadsheet has left intact.
        n_short: Number of values with seven or eight digits. They have lost zeros, or are numbers of another kind.
        n_short_valid: How many of these are valid once the zeros are restored.
    """

    n_ten: int = 0
    n_short: int = 0
    n_short_valid: int = 0

    def add(self, text: str) -> None:
        """Count one value."""
        if not 7 <= len(text) <= 10 or _DIGITS.fullmatch(text) is None:
            return
        self.n_ten += len(text) == 10
        if len(text) <= 8:
            self.n_short += 1
            self.n_short_valid += _is_valid(text.zfill(10))

    @property
    def restores_short(self) -> bool:
        """Whether short values have certainly lost zeros: all become valid, and at least as many have ten digits."""
        return self.n_short == self.n_short_valid and self.n_ten >= max(MIN_TEN_DIGITS, self.n_short)


def spoilt(text: str) -> str | None:
    """Recognise a spreadsheet error that replaced a value.

    Args:
        text: A value.

    Returns:
        `damage.error`, or None.
    """
    return "damage.error" if text.startswith("#") and _FAILED.fullmatch(text) else None


def is_exponent(text: str) -> bool:
    """Return whether a value is in exponent notation, such as 1,99E+11, so that its last digits are lost."""
    return "+" in text and _EXPONENT.fullmatch(text) is not None


def digits_of_amount(text: str) -> tuple[str, str | None]:
    """Return the digits of a number that is shown as an amount, if all are there.

    Args:
        text: A value of a column of numbers.

    Returns:
        The digits and `damage.exponent_restored`; the text and `damage.exponent` if some are lost; or the text and None
        if it is no amount.

    >>> digits_of_amount("2.01107139824E11"), digits_of_amount("2,01E+11"), digits_of_amount("20E11")
    (('201107139824', 'damage.exponent_restored'), ('2,01E+11', 'damage.exponent'), ('20E11', None))
    """
    match = _AMOUNT.fullmatch(text) if "E" in text or "e" in text else None
    if match is not None and len(match[2]) == int(match[3]):
        return match[1] + match[2], "damage.exponent_restored"
    return text, "damage.exponent" if match is not None or is_exponent(text) else None


def is_cut(text: str) -> bool:
    """Return whether a value has exactly the length at which spreadsheets cut text."""
    return len(text) == CUT_CHARACTERS


def mend_number(text: str, column: NumberColumn, *, named_type: str = "") -> tuple[str, str | None]:
    """Restore the digits that a spreadsheet dropped from a Swedish number.

    Args:
        text: The number.
        column: Evidence from its column.
        named_type: Its type as given in the row; blank if none.

    Returns:
        The number and the rule: `damage.zero_restored` if the zeros were restored, `damage.zero_lost` if it may have
        lost zeros that cannot be restored, `damage.decimals` if `.0` was removed, otherwise None.
    """
    text, rule = without_decimals(text)
    if _DIGITS.fullmatch(text) is None or not _may_have_ten_digits(named_type):
        return text, rule
    if len(text) == 9 or (len(text) in {7, 8} and column.restores_short):
        whole = text.zfill(10)
        return (whole, "damage.zero_restored") if _is_valid(whole) else (text, "damage.zero_lost")
    if len(text) == 11:
        return text, "damage.zero_lost"
    return text, rule


def mend_foreign_number(text: str) -> tuple[str, str | None]:
    """Restore the digits of a number that a spreadsheet shows as an amount, as `mend_number` does; no zeros."""
    digits, rule = digits_of_amount(text)
    return without_decimals(text) if rule is None else (digits, rule)


def without_decimals(text: str) -> tuple[str, str | None]:
    """Remove the `.0` or `,0` that programs add when they store a number as floating point."""
    match = _DECIMALS.fullmatch(text)
    return (text, None) if match is None else (match[1], "damage.decimals")


@kept(64)
def _may_have_ten_digits(named_type: str) -> bool:
    try:
        return read_type_word(named_type) in {None, *_WITH_TEN_DIGITS}
    except FieldError:
        return False


@kept(1 << 12)
def _is_valid(text: str) -> bool:
    try:
        number = read_number(text, reference_date=_ANY_DAY)
    except FieldError:
        return False
    return number.valid and number.type in _WITH_TEN_DIGITS
