"""The ids of records, reports and cases: made equal where they only look equal, and checked for what spreadsheets do.

An id is compared letter by letter, in this delivery and in later ones, so an invisible character or a lost zero makes
another record of it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from pseudonym.characters import plain
from pseudonym.identity.reader.damage import is_exponent, without_decimals

__all__ = ["IdColumn", "id_reader", "mend_id", "visible"]

MIN_PADDED: Final = 10
"""Minimum number of ids with leading zeros before shorter ones certainly lost theirs."""

MIN_PADDED_SHARE: Final = 0.1
"""One id with leading zeros among many without is the odd one, and none of the others has lost any."""

MAX_ARTEFACT: Final = 1e-6
"""How far a whole number may be from itself when it is stored as a floating-point number."""

LEAST_NINES: Final = 3
"""Fewer nines are a common number."""

MIN_CROWD: Final = 12
MIN_CROWD_SHARE: Final = 0.25
"""Persons in a case, and their share of all rows with one, from which a column is worth a look."""

_NINES: Final = re.compile(f"9{{{LEAST_NINES},}}")
_PARTS: Final = re.compile(r"[0-9]{1,4}[-/][0-9]{1,4}")
"""An id that a spreadsheet may take for a date."""

_MONTHS: Final = "jan|feb|mar|apr|maj|may|jun|jul|aug|sep|okt|oct|nov|dec"
_MONTH: Final = re.compile(rf"[0-9]{{1,2}}[-/. ](?:{_MONTHS})\.?|(?:{_MONTHS})\.?[-/. ][0-9]{{2}}", re.IGNORECASE)
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}")
_TIMESTAMP: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]00:00:00(?:\.0+)?Z?")
"""What programs make of a cell with a date; no id has the time of midnight."""

_TRUTHS: Final = frozenset({"true", "false", "sant", "falskt"})
_FRACTION: Final = re.compile(r"[0-9]+[.,][0-9]*[1-9][0-9]*")
_ARTEFACT: Final = re.compile(r"[0-9]{1,15}[.,][0-9]{10,20}")
_WHOLE: Final = re.compile(r"[0-9]+")

_WIDE: Final = {ord("\u3000"): " "} | {point: point - 0xFEE0 for point in range(0xFF01, 0xFF5F)}
"""Full-width signs, letters and digits, which are ASCII in a wider form."""

_SPACES: Final = dict.fromkeys((0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F), " ")


@dataclass(slots=True)
class IdColumn:
    """Evidence from the ids of one column.

    Attributes:
        n_parts: Ids of two numbers such as 3-12, which a spreadsheet takes for dates.
        n_fractions: Ids with decimals that are not zero, such as 1.2.
        n_padded: Ids in digits with leading zeros.
        padded_width: The length of these; 0 if there are none, -1 if it differs.
        widths: Number of other ids in digits, by length.
        n_filled: Ids of cases or reports.
        n_most: Number of rows that have the most frequent of these.
        has_one_digit: Whether one of these is a digit from 1 to 9.
        nines: Numbers of digits for which one of these is near the number of nines with so many.
    """

    n_parts: int = 0
    n_fractions: int = 0
    n_padded: int = 0
    padded_width: int = 0
    widths: dict[int, int] = field(default_factory=dict)
    n_filled: int = 0
    n_most: int = 0
    has_one_digit: bool = False
    nines: set[int] = field(default_factory=set)

    def add(self, text: str) -> None:
        """Count one id that is not blank."""
        bare, _ = visible(text)
        if not bare[:1].isdecimal():
            return
        if _WHOLE.fullmatch(bare):
            if bare[0] == "0" and len(bare) > 1:
                self.n_padded += 1
                self.padded_width = len(bare) if self.padded_width in {0, len(bare)} else -1
            else:
                self.widths[len(bare)] = self.widths.get(len(bare), 0) + 1
        elif _PARTS.fullmatch(bare):
            self.n_parts += 1
        elif _FRACTION.fullmatch(bare) and not _ARTEFACT.fullmatch(bare):
            self.n_fractions += 1

    def count(self, text: str, n_same: int) -> None:
        """Count an id of a case or report that is not blank.

        Args:
            text: The id.
            n_same: Number of rows so far that have it, as far as they were counted.
        """
        self.n_filled += 1
        bare, _ = without_decimals(text)
        if bare == "0" or _NINES.fullmatch(bare):
            # What is no id, or is one by chance, is for `is_filler` to say.
            return
        self.n_most = max(self.n_most, n_same)
        if _WHOLE.fullmatch(bare) is None:
            return
        self.has_one_digit |= len(bare) == 1
        if bare[0] == "9":
            self.nines.add(len(bare))
        elif bare.startswith("10"):
            self.nines.add(len(bare) - 1)

    def is_filler(self, text: str) -> bool:
        """Return whether an id of a case or report is a number that is written where there is none: 0 or 99999.

        It may be a running number if the column has one that is near; alone, 0 and 999 may be one too.

        Args:
            text: The id.
        """
        if text[:1] not in {"0", "9"}:
            return False
        bare, _ = without_decimals(text)
        if bare == "0":
            return self.n_filled > 1 and not self.has_one_digit
        if _NINES.fullmatch(bare) is None or len(bare) in self.nines:
            return False
        return len(bare) > LEAST_NINES or self.n_filled > 1

    @property
    def is_crowded(self) -> bool:
        """Whether one id stands in so many rows that it may be none."""
        return self.n_most >= MIN_CROWD and self.n_most >= MIN_CROWD_SHARE * self.n_filled

    def zeros(self, text: str) -> str | None:
        """Return the rule for an id in digits that may have lost leading zeros, or None."""
        if text[0] == "0" or not 0 < len(text) < self.padded_width:
            return None
        n_short = sum(n for width, n in self.widths.items() if width < self.padded_width)
        if self.n_padded >= max(MIN_PADDED, n_short):
            return "damage.zero_restored"
        return "damage.id_zero_lost" if self.n_padded >= MIN_PADDED_SHARE * n_short else None


def visible(text: str) -> tuple[str, bool]:
    """Remove from an id what cannot be seen, and write letters, digits, spaces and dashes in their plain form.

    Args:
        text: The id.

    Returns:
        The id, trimmed, and whether more than trimming was done.
    """
    text = text.strip()
    if text.isascii():
        return text, False
    bare = plain(unicodedata.normalize("NFC", text).translate(_SPACES).translate(_WIDE))
    bare = "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in bare)
    return bare, bare != text


def id_reader(column: IdColumn, *, may_be_none: bool) -> Callable[[str], tuple[str, str | None]]:
    """Return the function that reads the ids of a column.

    Args:
        column: Evidence from the column.
        may_be_none: Whether a number may stand where there is no id, as in a column of cases.

    Returns:
        A function from an id to what `mend_id` returns; the rule may also be `damage.exponent` or `value.placeholder`.
    """

    def read(text: str) -> tuple[str, str | None]:
        if may_be_none and column.is_filler(text):
            return "", "value.placeholder"
        return (text, "damage.exponent") if is_exponent(text) else mend_id(text, column)

    return read


def mend_id(text: str, column: IdColumn, *, typed: bool = False) -> tuple[str, str | None]:
    """Restore an id that a spreadsheet changed, or name the change.

    Args:
        text: The id, without invisible characters.
        column: Evidence from its column.
        typed: Whether its cell holds a date, a time or a truth value.

    Returns:
        The id and the rule: `damage.decimals` or `damage.zero_restored` if it was restored, `damage.id_zero_lost` if it
        may have lost zeros, `damage.id` if it became something else, otherwise None.
    """
    is_date = _MONTH.fullmatch(text) or _TIMESTAMP.fullmatch(text) or (column.n_parts and _DATE.fullmatch(text))
    if typed or is_date or text.casefold() in _TRUTHS:
        return text, "damage.id"
    if _ARTEFACT.fullmatch(text):
        value = float(text.replace(",", "."))
        near = abs(value - round(value)) < MAX_ARTEFACT
        return (str(round(value)), "damage.decimals") if near else (text, "damage.id")
    if not column.n_fractions:
        text, rule = without_decimals(text)
        if rule is not None:
            return text, rule
    if _WHOLE.fullmatch(text) is None:
        return text, None
    rule = column.zeros(text)
    return text.zfill(column.padded_width) if rule == "damage.zero_restored" else text, rule
