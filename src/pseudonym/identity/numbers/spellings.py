"""The words by which a case system names the type of a number and the level of a samordningsnummer."""

from __future__ import annotations

import re
from typing import Any, Final

from pseudonym.characters import tidy
from pseudonym.faults import broken
from pseudonym.identity.numbers.number import LEVELS, Level
from pseudonym.tables import TABLES
from pseudonym.words import folded, meanings

__all__ = ["LEVEL_WORDS", "TYPE_WORDS", "is_type_word", "read_level", "read_type_word", "split_system"]

_TABLE: Final[dict[str, Any]] = TABLES["numbers"]

TYPE_WORDS: Final[dict[str, list[str]]] = _TABLE["types"]
"""Words for each type; `lma` is a dossier number with a card digit, and the empty type means that none is named."""

LEVEL_WORDS: Final[dict[str, list[str]]] = _TABLE["levels"]

_TYPES: Final = meanings(TYPE_WORDS)
_LEVELS: Final = meanings(LEVEL_WORDS)

MAX_POINTS: Final = 2
"""Points in a number that is written like a date."""

_LETTER: Final = re.compile("[A-Z]")

SYSTEM_SIGN: Final = "|"
"""Stands between the system and the value of an identifier, as in searches of FHIR."""


def split_system(text: str) -> tuple[str, str]:
    """Split a number that is written with its system, as `urn:oid:1.2.752.129.2.1.3.1|198001319803`.

    Args:
        text: The field as it came.

    Returns:
        The system, which is a word for a type or blank, and the number; of two parts the second is the number, unless
        it is a word for a type.

    >>> split_system("urn:oid:1.2.752.129.2.1.3.1|4711")
    ('urn:oid:1.2.752.129.2.1.3.1', '4711')
    >>> split_system("4711")
    ('', '4711')
    """
    system, _, number = text.rpartition(SYSTEM_SIGN)
    return (number, system) if SYSTEM_SIGN in text and is_type_word(number) else (system, number)


def is_type_word(text: str) -> bool:
    """Return whether a text is a word for a type of number, and so no number.

    Args:
        text: The field as it came. Digits alone are no word, since they may be a number; an OID has points too.
    """
    word = tidy(text)
    return (word.count(".") > MAX_POINTS or _LETTER.search(word) is not None) and folded(text) in _TYPES


def read_type_word(text: str) -> str | None:
    """Read a word for the type of a number.

    Args:
        text: A word from `TYPE_WORDS`, ignoring case, spaces, hyphens and dots over letters; also as an address or OID.

    Returns:
        A member of `NUMBER_TYPES`, or `lma`; None if the text names no type.

    Raises:
        FieldError: `number_type.unknown`.
    """
    meaning = _TYPES.get(folded(text))
    if meaning is None:
        raise broken("number_type.unknown")
    return meaning or None


def read_level(text: str) -> Level | None:
    """Read the level of a samordningsnummer.

    Args:
        text: A word from `LEVEL_WORDS`, read as in `read_type_word`.

    Returns:
        The level; None if the text names none.

    Raises:
        FieldError: `number_level.unknown`.
    """
    meaning = _LEVELS.get(folded(text))
    if meaning is None:
        raise broken("number_level.unknown")
    return next((level for level in LEVELS if level == meaning), None)
