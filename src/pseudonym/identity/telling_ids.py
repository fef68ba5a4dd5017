"""Ids that tell who the person is, and so must not be sent (docs/spec.md, section 4.7)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from pseudonym.characters import ASCII, UPPER
from pseudonym.identity.dates import Birth
from pseudonym.identity.identity import Identity
from pseudonym.identity.names import words
from pseudonym.memory import Readings, readings

__all__ = ["is_identity"]

MIN_IDENTITY_ID: Final = 5
"""Minimum length of a number to search for in an id; a shorter one may occur by accident."""

CORE_CHARACTERS: Final = 10
"""Number of trailing characters that a Swedish number has with and without its century."""

DATE_DIGITS: Final = 8
"""Number of digits of a full date; the year of a birth date has four."""

_BARE: Final = re.compile("[^0-9A-Z]+")
_DATES: Final = re.compile(
    r"(?<![0-9])(?:[0-9]{4}([-./_ ]?)[0-9]{2}\1[0-9]{2}|[0-9]{2}([-./_ ]?)[0-9]{2}\2[0-9]{4})(?![0-9])", re.ASCII
)
"""A possible full date within an id: eight digits, or three parts with the same separator."""
_NO_DIGITS: Final = str.maketrans("", "", "0123456789")
_LETTERS_AND_DIGITS: Final = UPPER | {code: None for code in range(0x80) if not chr(code).isalnum()}
"""For `str.translate` of ASCII: capitals, without what `_BARE` removes."""

_WORDS: Final[Readings[str, frozenset[str]]] = readings(lambda text: frozenset(words(text)), entries=1 << 12)


def is_identity(text: str, identities: Sequence[Identity]) -> bool:
    """Return whether an id contains an identity of its record.

    It does if it contains the number or the foreign number, whatever separates the digits; or the full birth date, in
    any order and with no digit before or after it; or if its words are the given names, the family names, or both.
    Dates with a two-digit year are not checked: too many serial numbers would look like one.

    Args:
        text: An id of the record, its report or its case.
        identities: The identities of the record.
    """
    if text.isascii():
        bare, without_digits = text.translate(_LETTERS_AND_DIGITS), text.translate(_NO_DIGITS)
        n_digits = len(text) - len(without_digits)
    else:
        without_digits, text = text, text.translate(ASCII)
        bare = _BARE.sub("", text.translate(UPPER))
        n_digits = len(bare)
    # Words hold no digits. Without its digits, an id is one of a few patterns, so few are kept.
    found = _WORDS[without_digits]
    dates: tuple[str, ...] = ()
    if n_digits >= DATE_DIGITS:
        dates = (bare, *(_BARE.sub("", one[0]) for one in _DATES.finditer(text)))
    return any([_carries(bare, dates, found, identity) for identity in identities])


def _carries(bare: str, dates: tuple[str, ...], found: frozenset[str], identity: Identity) -> bool:
    """Return whether an id has the number of an identity, one of the dates that may be its own, or just its words."""
    if len(bare) >= MIN_IDENTITY_ID:
        number, foreign = identity.number, identity.foreign_number
        if number is not None and number.compact[-CORE_CHARACTERS:] in bare and len(number.compact) >= MIN_IDENTITY_ID:
            return True
        if foreign is not None and len(foreign) >= MIN_IDENTITY_ID and foreign in bare:
            return True
    if dates and not _whole_dates(identity.birth).isdisjoint(dates):
        return True
    # Most ids have a word, such as that of the system, and most names do not have it.
    if found.isdisjoint(identity.given.words) and found.isdisjoint(identity.family.words):
        return False
    given, family = set(identity.given.words), set(identity.family.words)
    return found in (given, family, given | family)


def _whole_dates(birth: Birth) -> frozenset[str]:
    """Return a full date in the three orders in which people write its parts; none if a part is not known."""
    if birth.year is None or birth.month is None or birth.day is None:
        return frozenset()
    year, month, day = f"{birth.year:04d}", f"{birth.month:02d}", f"{birth.day:02d}"
    return frozenset({year + month + day, day + month + year, month + day + year})
