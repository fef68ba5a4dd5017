"""Recognise eight-bit encodings by the words that they make of the bytes of a file.

One byte is ö on a Macintosh, Ü in DOS and š in Windows, and a file does not say which. Its words do: read in the wrong
encoding, Göran has a capital or a sign in the middle. So every word with such bytes is read in each encoding, and
one is chosen only if its words are plausible, the words of no other are as good, and some are certainly Swedish.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from pseudonym.identity.reader.fields import ALIASES

__all__ = ["eight_bit_encoding"]

CP1252: Final = "cp1252"

ISO_8859_15: Final = "iso8859-15"

CANDIDATES: Final = (CP1252, ISO_8859_15, "mac-roman", "cp850")
"""The encodings of Swedish programs, the most common first: it is chosen if several read a file alike."""

MAX_WORDS: Final = 1 << 16
"""Distinct words kept: those of a large register, in a few megabytes."""

MIN_SWEDISH: Final = 2
"""Minimum number of different Swedish words for an encoding other than cp1252."""

MAX_IMPLAUSIBLE: Final = 0.05
"""Maximum share of implausible words beside the Swedish ones: foreign names and slips of the keyboard."""

HEADER_WORTH: Final = 2
"""A Swedish header such as förnamn is as good as two words, since it cannot be chance."""

LONGEST: Final = 64

MIN_FOREIGN: Final = 4
"""No word of a Latin alphabet has so many letters beyond ASCII and none within."""

_HIGH: Final = bytes(range(0x80, 0x100))
_LETTERS: Final = bytes(range(0xC0, 0x100))
"""Letters in cp1252, and in the encodings of other scripts too: Cyrillic, Greek, Arabic, Hebrew."""
_WORD_BYTES: Final = frozenset((*b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", *_HIGH))
_SPACED: Final = bytes(byte if byte in _WORD_BYTES else 0x20 for byte in range(256))

_TWO_CAPITALS: Final = re.compile("(?:Ma?c|D[eiu]|L[ae]|O|Van|Von)(?=[A-Z])")
"""The start of a word with a second capital, such as McDonald."""

_SWEDISH: Final = re.compile("[\u00e5\u00e4\u00f6\u00c5\u00c4\u00d6]")
_BY_VOWEL: Final = re.compile("[aeiouy][\u00e5\u00e4\u00f6]|[\u00e5\u00e4\u00f6][aeiouy]", re.IGNORECASE)
"""A Swedish letter beside a vowel, which is rare in Swedish names, while a Slavic š stands there in most."""

_BETWEEN: Final = re.compile("[\u2013\u2014\u2018\u2019\u2026\u00b4\u00b7\u00a0]")
"""Signs that stand between two words."""

_AROUND: Final = (
    "\u201c\u201d\u201e\u201a\u2022\u00ab\u00bb\u2039\u203a\u20ac"
    "\u00a1\u00a7\u00a9\u00ae\u00b0\u00b1\u00b2\u00b3\u00b5\u00b9\u00bc\u00bd\u00be\u00bf"
)
"""Signs that stand before or behind a word."""


def eight_bit_encoding(chunks: Iterable[bytes]) -> str | None:
    """Return the encoding of a file that is not UTF-8, or None if it is not certain.

    Args:
        chunks: The bytes of the file, in order, with no word cut in two.
    """
    words: set[bytes] = set()
    foreign: set[bytes] = set()
    for chunk in chunks:
        if len(words) < MAX_WORDS:
            found = set(chunk.translate(_SPACED).split())
            words.update(word for word in found if _is_word(word))
            foreign.update(
                word for word in found if MIN_FOREIGN <= len(word) <= LONGEST and not word.translate(None, _LETTERS)
            )
    scores = {name: _score(words, name) for name in CANDIDATES}
    best = max(CANDIDATES, key=lambda name: _merit(scores[name]))
    if best == ISO_8859_15 and _merit(scores[best]) < _merit(scores[CP1252]) + MIN_SWEDISH:
        # The two differ in few letters, so one word such as Bj\u00a8ork is a slip of the keyboard.
        best = CP1252
    n_swedish, n_implausible = scores[best]
    if best == CP1252:
        return best if n_implausible <= n_swedish and len(foreign) <= n_swedish else None
    certain = n_swedish >= MIN_SWEDISH and n_implausible <= MAX_IMPLAUSIBLE * n_swedish
    alone = all(_merit(scores[name]) < _merit(scores[best]) for name in CANDIDATES if name != best)
    return best if certain and alone else None


def _is_word(word: bytes) -> bool:
    """Return whether a word has letters of ASCII and bytes beyond it; others do not help to decide."""
    return not word.isascii() and len(word) <= LONGEST and bool(word.translate(None, _HIGH))


def _merit(score: tuple[int, int]) -> int:
    n_swedish, n_implausible = score
    return n_swedish - n_implausible


def _score(words: Iterable[bytes], name: str) -> tuple[int, int]:
    """Return how many words are certainly Swedish in an encoding, and how many are implausible."""
    n_swedish = n_implausible = 0
    for word in words:
        try:
            text = word.decode(name)
        except UnicodeDecodeError:
            n_implausible += 1
            continue
        if not _is_plausible(text):
            n_implausible += 1
        elif _SWEDISH.search(text) and not _BY_VOWEL.search(text):
            n_swedish += HEADER_WORTH if text.casefold() in ALIASES else 1
    return n_swedish, n_implausible


def _is_plausible(text: str) -> bool:
    """Return whether a text consists of words of letters, each small, capital, or with a capital at its start only."""
    for part in _BETWEEN.split(text.strip(_AROUND)):
        rest = _TWO_CAPITALS.sub("", part)[1:]
        if part and not (part.isalpha() and (rest == rest.lower() or part == part.upper())):
            return False
    return True
