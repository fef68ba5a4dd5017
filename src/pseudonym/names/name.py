"""A name field as a whole: words, sounds, bigrams and the form of the register (docs/spec.md, section 4).

Names are kept in bounded caches, because a few thousand make up most of a register. The caches hold plaintext in the
memory of this process only, which reads the same values from the input anyway; `forget()` empties them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

from pseudonym.errors import FieldError
from pseudonym.names import phonetics, spelling

__all__ = ["Name", "forget", "read_name"]

NAMES_CACHED: Final = 1 << 16
"""Entries the cache may hold: the distinct names of a large municipality."""

RULES: Final[dict[str, str]] = {
    "name.no_letter": "A name has a letter in it.",
    "name.placeholder": "A word that stands for an unknown name is no name.",
}

PLACEHOLDERS: Final = frozenset(
    {("okand",), ("n", "n"), ("nn",), ("unknown",), ("saknas",), ("ej", "kand"), ("namn", "saknas"), ("noname",)}
)


@dataclass(frozen=True, slots=True, repr=False)
class Name:
    """What was read from a name field; false where there is nothing.

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
        """Say whether anything of a name is there."""
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
        The name; equal for texts that differ only in what is not seen.

    Raises:
        FieldError: `name.placeholder` for a word that says that the name is unknown; `name.no_letter` for a text
            without a letter.

    Sees: plaintext
    """
    if len(text) + len(first or "") > spelling.MAX_NAME_CHARACTERS:
        return _read_name.__wrapped__(text, first)
    return _read_name(text, first)


@lru_cache(maxsize=NAMES_CACHED)
def _read_name(text: str, first: str | None) -> Name:
    words = spelling.words(text)
    if words in PLACEHOLDERS:
        raise FieldError("name.placeholder", RULES["name.placeholder"], field="name")
    words = tuple(dict.fromkeys((*spelling.words(first or ""), *words)))[: spelling.MAX_WORDS]
    if not words:
        raise FieldError("name.no_letter", RULES["name.no_letter"], field="name")
    return Name(
        words=words,
        grams=tuple(dict.fromkeys("".join(gram) for word in words for gram in pairwise(f"_{word}_"))),
        sounds=tuple(dict.fromkeys(phonetics.sound(word) for word in words)),
        register=" ".join(words),
    )


def forget() -> None:
    """Empty the caches of names, for a process that lives on after its work.

    Sees: neither
    """
    _read_name.cache_clear()
    spelling._words.cache_clear()
    phonetics.sound.cache_clear()
