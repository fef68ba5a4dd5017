"""How a spreadsheet shows the number in a cell: as a date, with leading zeros, or as plain digits."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from pseudonym.reader.dates import date_of_serial

__all__ = ["CellFormat", "cell_format", "number_text"]

EXACT_BELOW: Final = 10**15
"""Spreadsheets keep 15 digits; of a longer number the last ones are zeros that nobody typed."""

_BUILT_IN_DATES: Final = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
"""Formats of dates and times that have a number and no text (ISO/IEC 29500-1, 18.8.30)."""

_LITERAL: Final = re.compile(r'"[^"]*"|\\(.)|\[[^\]]*\]|_.|\*.')
_DATE_LETTERS: Final = re.compile(r"[ymdhs]", re.IGNORECASE)
_ZEROS: Final = re.compile(r"[0+ -]*0[0+ -]*")


@dataclass(frozen=True, slots=True)
class CellFormat:
    """How the numbers of some cells are shown.

    Attributes:
        is_date: As a date or time.
        zeros: As digits with leading zeros, in this pattern; blank if not.
    """

    is_date: bool = False
    zeros: str = ""


def cell_format(number: str, code: str | None) -> CellFormat:
    r"""Read a number format.

    Args:
        number: Its number; those below 164 need no text.
        code: Its text, such as `yyyy\-mm\-dd` or `000000\-0000`, if the workbook has one.

    Sees: neither
    """
    if code is None:
        return CellFormat(is_date=number.isdecimal() and int(number) in _BUILT_IN_DATES)
    first = code.split(";")[0]
    # A sign that is escaped stays, as it stands between the digits of a number; words and colours go.
    bare = _LITERAL.sub(lambda match: match[1] if match[1] in {"-", "+", " "} else "", first)
    if _DATE_LETTERS.search(bare) and bare.strip().casefold() not in {"general", "standard"}:
        return CellFormat(is_date=True)
    if _ZEROS.fullmatch(bare) and bare.count("0") > 1:
        return CellFormat(zeros=bare.strip())
    return CellFormat()


def number_text(text: str, form: CellFormat, *, epoch_1904: bool) -> str:
    """Give the number in a cell as people see it, without what a program adds to it.

    Args:
        text: The number as the workbook holds it.
        form: How its cell shows numbers.
        epoch_1904: Whether the workbook counts days from 1904.

    Returns:
        A date as `YYYY-MM-DD`; else digits without a decimal part that is zero, with the zeros of the format. A number
        of which digits are lost comes as `1.2E+17`. What is no number comes as it is.

    Sees: plaintext
    """
    try:
        value = float(text)
    except ValueError:
        return text
    if form.is_date:
        return date_of_serial(value, epoch_1904=epoch_1904) or text
    if not value.is_integer():
        return repr(value)
    if abs(value) >= EXACT_BELOW:
        return f"{value:.10E}"
    digits = str(int(value))
    return _fill(digits, form.zeros) if form.zeros and value >= 0 else digits


def _fill(digits: str, pattern: str) -> str:
    """Put digits into a pattern of zeros from the right; what is left over stands before it."""
    digits = digits.zfill(pattern.count("0"))
    shown: list[str] = []
    for sign in reversed(pattern):
        if sign == "0":
            shown.append(digits[-1])
            digits = digits[:-1]
        else:
            shown.append(sign)
    return digits + "".join(reversed(shown))
