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
_DIGITS: Final = "0123456789"
_NO_DIGITS: Final = str.maketrans("", "", _DIGITS)
_CAPITALS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
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
    found = _words_of(text)
    text = text if text.isascii() else text.translate(ASCII)
    for identity in identities:
        # Most ids have a word, such as that of the system, and most names do not have it.
        if not (found.isdisjoint(identity.given.words) and found.isdisjoint(identity.family.words)):
            given, family = set(identity.given.words), set(identity.family.words)
            if found in (given, family, given | family):
                return True
    # Most ids are also shorter than any number or date.
    return len(text) >= MIN_IDENTITY_ID and _has_number_or_date(text, identities)


def _words_of(text: str) -> frozenset[str]:
    """Return the words of an id, which hold no digits."""
    if not text.isascii():
        return _WORDS[text]
    # Without its digits, an id is one of a few patterns, so few are kept; and most ids end with all their digits.
    found = _WORDS.get(text.strip(_DIGITS))
    return _WORDS[text.translate(_NO_DIGITS)] if found is None else found


def _has_number_or_date(text: str, identities: Sequence[Identity]) -> bool:
    """Return whether an id has a number or the date of an identity, whatever separates the digits."""
    numbers = [
        number
        for own in identities
        for number in (None if own.number is None else own.number.compact[-CORE_CHARACTERS:], own.foreign_number)
        if number is not None and MIN_IDENTITY_ID <= len(number) <= len(text)
    ]
    if not numbers and len(text) < DATE_DIGITS:
        return False
    bare = text.translate(_LETTERS_AND_DIGITS) if text.isascii() else _BARE.sub("", text.translate(UPPER))
    if any([number in bare for number in numbers]):
        return True
    if len(bare.strip(_CAPITALS)) < DATE_DIGITS:
        return False
    dates = (bare, *(_BARE.sub("", one[0]) for one in _DATES.finditer(text)))
    return any([not _whole_dates(identity.birth).isdisjoint(dates) for identity in identities])


def _whole_dates(birth: Birth) -> frozenset[str]:
    """Return a full date in the three orders in which people write its parts; none if a part is not known."""
    if birth.year is None or birth.month is None or birth.day is None:
        return frozenset()
    year, month, day = f"{birth.year:04d}", f"{birth.month:02d}", f"{birth.day:02d}"
    return frozenset({year + month + day, day + month + year, month + day + year})
