"""Recognise what people write where they have no name (docs/spec.md, sections 4.1 and 4.6).

Persons of whom nothing is known must not share a name: `Okänd pojke` at two reporters are two boys. But Null, Ok and
Barn are names of people, who write them with one capital.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from pseudonym.identity.names import spelling
from pseudonym.identity.names.spelling import Word
from pseudonym.tables import TABLES

__all__ = ["is_doubtful", "is_phrase", "is_statement", "is_written_as_name", "words_left"]

_PLACEHOLDERS: Final = frozenset(TABLES["placeholders"])
_PHRASES: Final = frozenset(tuple(text.split()) for text in _PLACEHOLDERS if " " in text)
_BEGIN_PHRASES: Final = frozenset(phrase[:1] for phrase in _PHRASES)
_UNSAID: Final = frozenset(TABLES["unsaid"])
_NAMELESS: Final = frozenset(TABLES["nameless"])
_AS_NAMES: Final[dict[str | None, frozenset[str]]] = {
    field: frozenset(words) for field, words in TABLES["as_names"].items()
}
_ANY_FIELD: Final = frozenset().union(*_AS_NAMES.values())
_LETTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyz")
_COMPANY: Final = frozenset(TABLES["persons"]) | _LETTERS
_DOUBTFUL: Final = _COMPANY | _ANY_FIELD
_IN_ANY_SPELLING: Final = frozenset(TABLES["persons"]) - _ANY_FIELD
_KIN: Final[dict[str, frozenset[str]]] = {link: frozenset(words) for link, words in TABLES["kin"].items()}
_SPECIAL: Final = frozenset().union(
    _ANY_FIELD, *(text.split() for text in _PLACEHOLDERS), _NAMELESS, _COMPANY, *_KIN.values(), _KIN.keys()
)
"""Words of which at least one is in every field that is not plainly a name."""
_DIGIT: Final = re.compile("[0-9]")
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
    if _SPECIAL.isdisjoint(folded):
        return found
    as_names = _AS_NAMES.get(field, _ANY_FIELD)
    if len(found) == 1 and folded[0] in as_names and _is_written(found[0], text):
        return found
    if " ".join(folded) in _PLACEHOLDERS or _is_of_kin(folded) or _is_numbered(folded, text):
        return ()
    if _NAMELESS.isdisjoint(folded):
        return found
    left = tuple([word for word in found if word.folded not in _NAMELESS])
    return () if all(word.folded in _COMPANY for word in left) else left


def _is_numbered(folded: Sequence[str], text: str) -> bool:
    """Return whether a field numbers somebody who has no name: *Baby 2*."""
    return bool(folded) and _COMPANY.issuperset(folded) and _DIGIT.search(text) is not None


def _is_of_kin(folded: Sequence[str]) -> bool:
    """Return whether a field names somebody else, of whom this person is a child or a relative: *Barn till Anna*."""
    if _KIN.keys().isdisjoint(folded[1:]):
        return False
    link = next(place for place, word in enumerate(folded) if place and word in _KIN)
    kin = _KIN[folded[link]]
    return not kin.isdisjoint(folded[:link]) and (_NAMELESS | _COMPANY | kin).issuperset(folded[:link])


def is_phrase(given: tuple[str, ...], family: tuple[str, ...]) -> bool:
    """Return whether given and family names, one after the other, say that there is no name: *Jane*, *Doe*.

    Args:
        given: The folded words of the given names.
        family: Those of the family names.
    """
    # Nearly no name begins as one of them.
    return (given or family)[:1] in _BEGIN_PHRASES and (*given, *family) in _PHRASES


def is_statement(text: str) -> bool:
    """Return whether a field that is a placeholder says that nobody knows the person, unlike NULL or a header.

    Args:
        text: The field as it came.
    """
    folded = spelling.words(text)
    return bool(folded) and " ".join(folded) not in _UNSAID


def is_doubtful(words: Sequence[str], register: str) -> bool:
    """Return whether a name is one only if the record has another name.

    Args:
        words: Its folded words.
        register: Its form in the Swedish register, word by word.
    """
    if not _DOUBTFUL.issuperset(words):
        return False
    return all(word in _IN_ANY_SPELLING or word == own for word, own in zip(words, register.split(" "), strict=True))


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
