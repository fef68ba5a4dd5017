"""The words by which a case system names the type of a number and the level of a samordningsnummer."""

from __future__ import annotations

from typing import Any, Final

from pseudonym.faults import broken
from pseudonym.identity.numbers.number import LEVELS, Level
from pseudonym.identity.numbers.text import tidy
from pseudonym.tables import TABLES

__all__ = ["LEVEL_WORDS", "TYPE_WORDS", "read_level", "read_type_word"]

_TABLE: Final[dict[str, Any]] = TABLES["numbers"]

TYPE_WORDS: Final[dict[str, list[str]]] = _TABLE["types"]
"""Words for each type; `lma` is a dossier number with a card digit, and the empty type means that none is named."""

LEVEL_WORDS: Final[dict[str, list[str]]] = _TABLE["levels"]

_FOLDED: Final = str.maketrans(_TABLE["letters"])
_SIGNS: Final = str.maketrans("", "", _TABLE["word_signs"])


def _key(text: str) -> str:
    return tidy(text).removeprefix(_TABLE["prefix"]).translate(_FOLDED).translate(_SIGNS)


def _table(words: dict[str, list[str]]) -> dict[str, str]:
    return {_key(word): meaning for meaning, spellings in words.items() for word in spellings}


_TYPES: Final = _table(TYPE_WORDS)
_LEVELS: Final = _table(LEVEL_WORDS)


def read_type_word(text: str) -> str | None:
    """Read a word for the type of a number.

    Args:
        text: A word from `TYPE_WORDS`, ignoring case, spaces, hyphens and dots over letters.

    Returns:
        A member of `NUMBER_TYPES`, or `lma`; None if the text names no type.

    Raises:
        FieldError: `number_type.unknown`.
    """
    meaning = _TYPES.get(_key(text))
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
    meaning = _LEVELS.get(_key(text))
    if meaning is None:
        raise broken("number_level.unknown")
    return next((level for level in LEVELS if level == meaning), None)
