"""A name field as a whole: words, sounds, bigrams and the form of the register (docs/spec.md, section 4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from pseudonym.faults import broken
from pseudonym.identity.names import phonetics, placeholders, spelling
from pseudonym.identity.names.spelling import Word
from pseudonym.memory import kept
from pseudonym.tables import TABLES

__all__ = ["Name", "read_name"]

NAMES_CACHED: Final = 1 << 16
"""Cache entries: the distinct names of a large municipality."""

_PARTICLES: Final = frozenset(TABLES["particles"])
_INITIALS: Final = frozenset("abcdefghijklmnopqrstuvwxyz")
_JOINING: Final[dict[str, str]] = TABLES["joining"]
_GIVEN: Final = "given_names"
_INDISTINCT: Final = _PARTICLES | _INITIALS | frozenset(_JOINING)


@dataclass(frozen=True, slots=True, repr=False)
class Name:
    """The name read from a name field; false if empty.

    Attributes:
        words: Folded words in order, without repeats, the name of address first.
        grams: Distinct bigrams, for contents and MinHash.
        core: The distinctive words.
        lead: The first word that is distinctive in either field; empty if there is no name.
        register: The form of the Swedish register, in letters of ISO 8859-1.
    """

    words: tuple[str, ...] = ()
    grams: tuple[str, ...] = ()
    core: tuple[str, ...] = ()
    lead: str = ""
    register: str = ""
    _sounds: tuple[str, ...] | None = field(default=None, init=False, compare=False)

    def __bool__(self) -> bool:
        """Return whether the name has any word."""
        return bool(self.words)

    @property
    def sounds(self) -> tuple[str, ...]:
        """Distinct sound forms of the core, for match keys; made when a profile first asks for them."""
        if self._sounds is None:
            object.__setattr__(self, "_sounds", tuple(dict.fromkeys(map(phonetics.sound, self.core))))
        return self._sounds or ()

    @property
    def is_doubtful(self) -> bool:
        """Whether all its words may stand where there is no name, so that it counts only beside another name."""
        return placeholders.is_doubtful(self.words, self.register)

    @property
    def is_written_as_name(self) -> bool:
        """Whether it is a placeholder such as NULL but for its one capital, as in Null."""
        return placeholders.is_written_as_name(self.words)

    def __repr__(self) -> str:
        """Show the class only: a name is a person's data."""
        return "<Name>"


def read_name(text: str, *, first: str | None = None, field: str | None = None) -> Name:
    """Read a name field: one name or several, in any script.

    Args:
        text: The field as it came, composed or decomposed.
        first: The name of address (tilltalsnamn), which is put first among given names.
        field: `given_names` or `family_names`, in which different words are also names: Null is a family name, Al
            a given name. If it is not given, both lists of words count, and particles are left out.

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
        return _read_name.__wrapped__(text, first, field)
    return _read_name(text, first, field)


@kept(NAMES_CACHED)
def _read_name(text: str, first: str | None, field: str | None) -> Name:
    found, placeholder = _read_field(text, field)
    if first:
        of_address, _ = _read_field(first, field)
        others = (word for word in found if word.folded not in {one.folded for one in of_address})
        found = (*of_address, *others)[: spelling.MAX_WORDS]
    if not found:
        rule = "name.placeholder" if placeholder else "name.no_letter"
        raise broken(rule)
    words = tuple([word.folded for word in found])
    # Most names have no particle, no initial and nothing to be joined.
    core = lead = found
    if not _INDISTINCT.isdisjoint(words):
        lead = tuple(_core(found))
        core = tuple(_core(found, ends=True)) if field == _GIVEN else lead
    return Name(
        words=words,
        grams=_grams(core),
        core=words if core is found else tuple([word.folded for word in core]),
        lead=lead[0].folded,
        register=" ".join([word.register for word in found]),
    )


def _read_field(text: str, field: str | None) -> tuple[tuple[Word, ...], bool]:
    """Return the words of a field, and whether it is a placeholder, which leaves no words."""
    found = spelling.read_words(text)
    left = placeholders.words_left(found, text, field)
    return left, bool(found) and not left


def _core(found: Sequence[Word], *, ends: bool = False) -> list[Word]:
    """Return the distinctive words: names such as Abd al-Rahman joined, without particles and initials if possible.

    Args:
        found: The words.
        ends: Whether a particle that is the first or the last word stays. It may be a name of its own, as in Al Henrik
            or Thi Van, and somebody who is called by it alone has nothing else in common with the full name.
    """
    core = []
    left = list(found)
    while left:
        is_first = len(left) == len(found)
        word = left.pop(0)
        if word.folded in _JOINING:
            after = next((place for place, one in enumerate(left) if one.folded not in _PARTICLES), None)
            if after is not None:
                joined = (_JOINING[word.folded] + left[after].folded)[: spelling.MAX_WORD_CHARACTERS]
                word = Word(joined, joined)
                del left[: after + 1]
        is_name = word.folded not in _PARTICLES or (ends and (is_first or not left))
        if is_name and word.folded not in _INITIALS:
            core.append(word)
    return core or list(found)


def _grams(core: Sequence[Word]) -> tuple[str, ...]:
    """Return the bigrams of the folded words, then those of register forms that differ, so that both stay similar."""
    spelt = [word.folded for word in core] + [word.register for word in core if word.register != word.folded]
    padded = [f"_{word}_" for word in spelt]
    return tuple(dict.fromkeys([word[at : at + 2] for word in padded for at in range(len(word) - 1)]))
