"""Ages in codebooks: which ages a text names, and which code of an item stands for them."""

from __future__ import annotations

import re
from math import inf
from typing import Final, NamedTuple

from pseudonym.codebook.document import Item

__all__ = ["Ages", "codes_of_ages", "read_about", "read_ages"]

MAX_AGE: Final = 130
"""Higher numbers are no ages: 999 often means unknown, and 1987 is a year of birth."""

MONTHS: Final = 12

_N: Final = "([0-9]{1,3})"
_UNIT: Final = "(?:[ -]?(?:\u00e5r|ar|\u00e5|\u00e5rig|\u00e5rigt|\u00e5ring|years?|yrs?|y)\\.?)?"
_OLD: Final = "(?:[ -](?:gammal|gammalt|old))?"
_PART: Final = " ?(?:m\u00e5n|m\u00e5nad|m\u00e5nader|mo|months?)\\.?"
_ONE: Final = re.compile(f"{_N}(?:[.,][0-9]{{1,2}})?{_UNIT}(?:,? (?:och |and )?1?[0-9]{_PART})?{_OLD}")
_MONTHS: Final = re.compile(f"{_N}{_PART}{_OLD}")
_SPAN: Final = re.compile(f"{_N}(?:-| till | to ){_N}{_UNIT}")
_UP: Final = re.compile(
    f"{_N}{_UNIT}(?: ?\\+|-| (?:eller|och|or|and) (?:\u00e4ldre|upp\u00e5t|older|over|above)){_UNIT}"
)
_FROM: Final = re.compile(f"(?:\u2265|>=|minst|fr\u00e5n|at least) ?{_N}{_UNIT}")
_BELOW: Final = re.compile(f"(?:<|under|below) ?{_N}{_UNIT}")


_ABOUT: Final = re.compile(
    r"(?:ca\.?|c:a|cirka|c\.|omkring|runt|ungef\u00e4r|~|\u2248|about|approx\.?|approximately|circa|around) ?(.+)"
)

MARGIN: Final = 2
"""Years by which an estimated age may be wrong, as for the years of estimated birth dates (docs/spec.md, 4.3)."""


class Ages(NamedTuple):
    """Ages in completed years, from the first to below the end.

    Attributes:
        first: The first age.
        end: The first age that is too high, or infinity.
    """

    first: int
    end: float

    @property
    def is_one(self) -> bool:
        """Whether this is a single age."""
        return self.end == self.first + 1


def read_ages(folded: str) -> Ages | None:
    """Return the ages that a folded text names for certain, or None.

    >>> read_ages("12,5 \u00e5r"), read_ages("8 m\u00e5n"), read_ages("18+"), read_ages("ca 12")
    (Ages(first=12, end=13), Ages(first=0, end=1), Ages(first=18, end=inf), None)
    """
    if (match := _ONE.fullmatch(folded)) is not None:
        found = Ages(int(match[1]), int(match[1]) + 1)
    elif (match := _MONTHS.fullmatch(folded)) is not None:
        years = int(match[1]) // MONTHS
        found = Ages(years, years + 1)
    elif (match := _SPAN.fullmatch(folded)) is not None:
        found = Ages(int(match[1]), int(match[2]) + 1)
    elif (match := _UP.fullmatch(folded) or _FROM.fullmatch(folded)) is not None:
        found = Ages(int(match[1]), inf)
    elif (match := _BELOW.fullmatch(folded)) is not None:
        found = Ages(0, int(match[1]))
    else:
        return None
    return found if found.first < found.end and found.first <= MAX_AGE else None


def read_about(folded: str) -> Ages | None:
    """Return the ages that a folded text may mean that says that it is an estimate, or None.

    >>> read_about("ca 12 \u00e5r"), read_about("12 \u00e5r")
    (Ages(first=10, end=15), None)
    """
    match = _ABOUT.fullmatch(folded)
    ages = None if match is None else read_ages(match[1].strip())
    return Ages(max(ages.first - MARGIN, 0), ages.end + MARGIN) if ages is not None and ages.is_one else None


def codes_of_ages(item: Item, ages: Ages) -> tuple[str, ...]:
    """Return the codes of an item that stand for certain ages.

    Args:
        item: The item.
        ages: One age or several.

    Returns:
        The codes whose ages include all of these, the narrowest first. Several of them are nested.
    """
    return tuple(code for years, code in item.ages if years.include(*ages))
