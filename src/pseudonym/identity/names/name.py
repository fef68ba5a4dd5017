"""A name field as a whole: words, sounds, bigrams and the form of the register (docs/spec.md, section 4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from pseudonym.faults import broken
from pseudonym.identity.names import phonetics, spelling
from pseudonym.identity.names.spelling import Word
from pseudonym.memory import kept
from pseudonym.tables import TABLES

__all__ = ["Name", "read_name"]

NAMES_CACHED: Final = 1 << 16
"""Cache entries: the distinct names of a large municipality."""

_PLACEHOLDERS: Final = frozenset(TABLES["placeholders"])
_PARTICLES: Final = frozenset(TABLES["particles"])
_INITIALS: Final = frozenset("abcdefghijklmnopqrstuvwxyz")
_JOINING: Final[dict[str, str]] = TABLES["joining"]


@dataclass(frozen=True, slots=True, repr=False)
class Name:
    """The name read from a name field; false if empty.

    Attributes:
        words: Folded words in order, without repeats, the name of address first.
        grams: Distinct bigrams, for contents and MinHash.
        sounds: Distinct sound forms, for match keys.
        register: The form of the Swedish register, in letters of ISO 8859-1.
    """

    words: tuple[str, ...] = ()
    grams: tuple[str, ...] = ()
    sounds: tuple[str, ...] = ()
    register: str = ""

    def __bool__(self) -> bool:
        """Return whether the name has any word."""
        return bool(self.words)

    def __repr__(self) -> str:
        """Show the class only: a name is a person's data."""
        return "<Name>"


def read_name(text: str, *, first: str | None = None) -> Name:
    """Read a name field: one name or several, in any script.

    Args:
        text: The field as it came, composed or decomposed.
        first: The name of address (tilltalsnamn), which is put first among given names.

    Returns:
        The name; equal for texts that differ only in invisible characters.

    Raises:
        FieldError: `name.placeholder` for a word that means that the name is unknown; `name.no_letter` for a text
            without a letter.

    >>> name = read_name("Östberg-Lind")
    >>> name.words
    ('ostberg', 'lind')
    >>> name.register
    'östberg lind'
    """
    if len(text) + len(first or "") > spelling.MAX_NAME_CHARACTERS:
        return _read_name.__wrapped__(text, first)
    return _read_name(text, first)


@kept(NAMES_CACHED)
def _read_name(text: str, first: str | None) -> Name:
    found, placeholder = _read_field(text)
    if first:
        of_address, _ = _read_field(first)
        others = (word for word in found if word.folded not in {one.folded for one in of_address})
        found = (*of_address, *others)[: spelling.MAX_WORDS]
    if not found:
        rule = "name.placeholder" if placeholder else "name.no_letter"
        raise broken(rule)
    core = _core(found)
    return Name(
        words=tuple(word.folded for word in found),
        grams=_grams(core),
        sounds=tuple(dict.fromkeys(phonetics.sound(word.folded) for word in core)),
        register=" ".join(word.register for word in found),
    )


def _read_field(text: str) -> tuple[tuple[Word, ...], bool]:
    """Return the words of a field, and whether it is a placeholder, which leaves no words."""
    found = spelling.read_words(text)
    placeholder = " ".join(word.folded for word in found) in _PLACEHOLDERS
    return () if placeholder else found, placeholder


def _core(found: Sequence[Word]) -> list[Word]:
    """Return the distinctive words: names such as Abd al-Rahman joined, without particles and initials if possible."""
    core = []
    left = list(found)
    while left:
        word = left.pop(0)
        if word.folded in _JOINING:
            after = next((place for place, one in enumerate(left) if one.folded not in _PARTICLES), None)
            if after is not None:
                joined = (_JOINING[word.folded] + left[after].folded)[: spelling.MAX_WORD_CHARACTERS]
                word = Word(joined, joined)
                del left[: after + 1]
        if word.folded not in _PARTICLES and word.folded not in _INITIALS:
            core.append(word)
    return core or list(found)


def _grams(core: Sequence[Word]) -> tuple[str, ...]:
    """Return the bigrams of the folded words, then those of register forms that differ, so that both stay similar."""
    spelt = [word.folded for word in core] + [word.register for word in core if word.register != word.folded]
    return tuple(dict.fromkeys("".join(gram) for word in spelt for gram in pairwise(f"_{word}_")))
