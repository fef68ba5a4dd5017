"""From the text of a name field to words in plain letters (docs/spec.md, section 4.1)."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from pseudonym.identity.names.mojibake import mend
from pseudonym.identity.names.rules import read_passes
from pseudonym.memory import kept
from pseudonym.tables import TABLES

__all__ = ["MAX_NAME_CHARACTERS", "MAX_WORDS", "Word", "pieces", "read_words", "words"]

MAX_WORDS: Final = 8
"""Words kept per field: no registered name has more, and a pasted document must not become a name."""

MAX_WORD_CHARACTERS: Final = 32

MAX_NAME_CHARACTERS: Final = 4096
"""Longer texts are not cached, so that one bad row cannot fill the memory."""

WORDS_CACHED: Final = 1 << 16
"""Cache entries: the distinct names of a large municipality, in a few megabytes."""

_SURROGATE: Final = re.compile("[\ud800-\udfff]")
"""Not characters: a file cannot contain them alone, but a caller may pass them. They cannot be hashed, so drop them."""


_SIGN: Final = re.compile("[" + "".join(f"{chr(a)}-{chr(z)}" for a, z in TABLES["characters"]["signs"]) + "]")
"""Arrows, symbols, circled letters, emoji and tags, which people type beside a name but which are not part of it."""


class Word(NamedTuple):
    """A word in two forms: plain letters, and letters of the Swedish register."""

    folded: str
    register: str

    def __repr__(self) -> str:
        """Show neither form: a word of a name is a person's data."""
        return "Word(...)"


_LETTERS: Final[dict[int, str]] = {ord(character): to for character, to in TABLES["letters"].items()}
_REGISTER: Final[dict[int, str]] = (
    dict.fromkeys(range(0x80), "")
    | {ord(character): "" for character in TABLES["dropped"]}
    | {ord(character): " " for character in TABLES["separators"]}
    | _LETTERS
    | {ord(character): to for character, to in TABLES["register"].items()}
)
_ENDS_WORD: Final = re.compile("[" + re.escape(TABLES["separators"]) + "]+")
_WESTERN: Final = re.compile("[\x00-\x7f\u00c0-\u00ff]*")
"""Most names. They need no repair: in mojibake, signs from U+0080 to U+00BF follow the letters."""

_SCRIPTS: Final = tuple(
    (re.compile("[" + "".join(f"{chr(first)}-{chr(last)}" for first, last in script["ranges"]) + "]"),
     read_passes(script["passes"]))
    for script in TABLES["scripts"]
)  # fmt: skip
_COMPOSE: Final[dict[str, str]] = TABLES["compose"]
_SECOND: Final = frozenset(pair[1] for pair in _COMPOSE)
_PAIR: Final = re.compile("|".join(re.escape(pair) for pair in _COMPOSE))
_LONE_MARKS: Final = {ord(c): "" for c in TABLES["dropped"] if c not in _SECOND}

_SYLLABLES: Final = range(0xAC00, 0xD7A4)
_SYLLABLE: Final = re.compile(f"[{chr(_SYLLABLES.start)}-{chr(_SYLLABLES.stop - 1)}]")
_INITIAL, _VOWEL, _FINAL, _VOWELS, _FINALS = 0x1100, 0x1161, 0x11A7, 21, 28


def _jamo(syllable: re.Match[str]) -> str:
    """Decompose a Hangul syllable by chapter 3.12 of the Unicode standard."""
    rest, final = divmod(ord(syllable[0]) - _SYLLABLES.start, _FINALS)
    initial, vowel = divmod(rest, _VOWELS)
    return chr(_INITIAL + initial) + chr(_VOWEL + vowel) + (chr(_FINAL + final) if final else "")


def words(text: str) -> tuple[str, ...]:
    """Return the words of a name field in lower-case Latin letters, in order, without repeats.

    All scripts in the table are romanised; other characters stay unchanged.

    Args:
        text: The field as it came, composed or decomposed.

    Returns:
        At most 8 words of at most 32 characters; empty if none is left.

    >>> words("Åsa-Karin Björk")
    ('asa', 'karin', 'bjork')
    """
    return tuple(word.folded for word in read_words(text))


def pieces(text: str) -> list[str]:
    """Return the pieces of a name field as they are written, of which each may become a word.

    Args:
        text: The field as it came.
    """
    return _ENDS_WORD.split(_canonical(text))


def read_words(text: str) -> tuple[Word, ...]:
    """Return the words of a name field, each in both forms, in order, without repeats of the folded form.

    Args:
        text: The field as it came, composed or decomposed.

    Returns:
        At most 8 words of at most 32 characters.
    """
    if len(text) > MAX_NAME_CHARACTERS:
        return _words.__wrapped__(text)
    return _words(text)


@kept(WORDS_CACHED)
def _words(text: str) -> tuple[Word, ...]:
    if text.isascii():
        # Both forms are the same.
        ascii_words = list(dict.fromkeys([one[:MAX_WORD_CHARACTERS] for one in text.translate(_REGISTER).split()]))
        return tuple([Word(one, one) for one in ascii_words[:MAX_WORDS]])
    if _WESTERN.fullmatch(text):
        found = (_folded(register) for register in text.translate(_REGISTER).split())
    else:
        found = (_two_levels(run) for run in pieces(text))
    distinct: dict[str, str] = {}
    for folded, register in found:
        if folded:
            distinct.setdefault(folded[:MAX_WORD_CHARACTERS], register[:MAX_WORD_CHARACTERS])
    return tuple(Word(folded, register) for folded, register in list(distinct.items())[:MAX_WORDS])


def _canonical(text: str) -> str:
    """Return a text repaired, composed by the tables, and with Hangul syllables decomposed."""
    text = mend(_SIGN.sub(" ", _SURROGATE.sub("", text))).translate(_LONE_MARKS)
    text = _PAIR.sub(lambda pair: _COMPOSE[pair[0]], text)
    return _SYLLABLE.sub(_jamo, text)


def _folded(register: str) -> tuple[str, str]:
    return register if register.isascii() else register.translate(_LETTERS), register


def _two_levels(run: str) -> tuple[str, str]:
    folded, register = _folded(run.translate(_REGISTER))
    for letters, passes in _SCRIPTS:
        if letters.search(run):
            for rewrite in passes:
                folded = rewrite(folded)
            register = folded
    return folded, register
