"""Words of fields that have few values: sexes, roles, states, types of numbers (docs/spec.md, section 4).

Systems write them in Swedish or English, in capitals or small letters, with hyphens, spaces and brackets. A word of the
tables is recognised in all these forms.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from pseudonym.characters import tidy
from pseudonym.memory import kept
from pseudonym.tables import TABLES

__all__ = ["MAX_WORD_CHARACTERS", "folded", "folded_words", "meanings"]

MAX_WORD_CHARACTERS: Final = 64
"""Longer texts are no words, and are not cached."""

WORDS_CACHED: Final = 1 << 12

_TABLE: Final[dict[str, Any]] = TABLES["words"]
_LETTERS: Final = str.maketrans(_TABLE["letters"])
_SIGNS: Final = str.maketrans("", "", _TABLE["signs"])


def folded(text: str) -> str:
    """Return the form in which a word is compared: ASCII capitals, without white space, signs and prefix.

    Args:
        text: The field as received.

    >>> folded("Medf\u00f6ljande vuxen")
    'MEDFOLJANDEVUXEN'
    >>> folded("urn:oid:1.2.752") == folded("1.2.752")
    True
    """
    return _folded(text) if len(text) <= MAX_WORD_CHARACTERS else _folded.__wrapped__(text)


@kept(WORDS_CACHED)
def _folded(text: str) -> str:
    word = tidy(text)
    prefix = next((one for one in _TABLE["prefixes"] if word.startswith(one)), "")
    return word.removeprefix(prefix).translate(_LETTERS).translate(_SIGNS)


def meanings(table: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Return what each word of a table means, by its folded form.

    Args:
        table: The words for each meaning.
    """
    return {folded(word): meaning for meaning, words in table.items() for word in words}


def folded_words(words: Iterable[str]) -> frozenset[str]:
    """Return the folded forms of some words.

    Args:
        words: The words.
    """
    return frozenset(map(folded, words))
