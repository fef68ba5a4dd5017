"""Recognise what people write where they have no name (docs/spec.md, sections 4.1 and 4.6).

Persons of whom nothing is known must not share a name: `Okänd pojke` at two reporters are two boys. But Null, Ok and
Nan are names of people, who write them with one capital.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from pseudonym.identity.names import spelling
from pseudonym.identity.names.spelling import Word
from pseudonym.tables import TABLES

__all__ = ["is_doubtful", "is_written_as_name", "words_left"]

_PLACEHOLDERS: Final = frozenset(TABLES["placeholders"])
_NAMELESS: Final = frozenset(TABLES["nameless"])
_AS_NAMES: Final[dict[str | None, frozenset[str]]] = {
    field: frozenset(words) for field, words in TABLES["as_names"].items()
}
_ANY_FIELD: Final = frozenset().union(*_AS_NAMES.values())
_LETTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyz")
_COMPANY: Final = frozenset(TABLES["persons"]) | _LETTERS
_DOUBTFUL: Final = _COMPANY | _ANY_FIELD
_WRITTEN: Final = re.compile("[A-Z\u00c5\u00c4\u00d6][a-z\u00e5\u00e4\u00f6]+")


def words_left(found: tuple[Word, ...], text: str, field: str | None) -> tuple[Word, ...]:
    """Return the words of a field that can be of a name.

    Args:
        found: The words of the field.
        text: The field as it came.
        field: `given_names` or `family_names`; None if it is not known.

    Returns:
        The words without those that are never part of a name; none if nothing of a name is left.
    """
    folded = [word.folded for word in found]
    if " ".join(folded) in _PLACEHOLDERS:
        as_names = _AS_NAMES.get(field, _ANY_FIELD)
        return found if len(found) == 1 and found[0].folded in as_names and _is_written(found[0], text) else ()
    if _NAMELESS.isdisjoint(folded):
        return found
    left = tuple([word for word in found if word.folded not in _NAMELESS])
    return () if all(word.folded in _COMPANY for word in left) else left


def is_doubtful(words: Sequence[str], register: str) -> bool:
    """Return whether a name is one only if the record has another name.

    Args:
        words: Its folded words.
        register: Its form in the Swedish register.
    """
    return _DOUBTFUL.issuperset(words) and register == " ".join(words)


def is_written_as_name(words: Sequence[str]) -> bool:
    """Return whether a name was read only because of how it is written.

    Args:
        words: Its folded words.
    """
    return _ANY_FIELD.issuperset(words)


def _is_written(word: Word, text: str) -> bool:
    """Return whether the piece of a word has one capital at its beginning, or letters that no placeholder has."""
    if word.register != word.folded:
        return True
    piece = next(piece for piece in spelling.pieces(text) if spelling.words(piece)[:1] == (word.folded,))
    return _WRITTEN.fullmatch(piece) is not None
