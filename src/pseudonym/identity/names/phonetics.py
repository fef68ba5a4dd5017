"""The sound form of a word: equal for the spellings of one name (docs/spec.md, section 4.2)."""

from __future__ import annotations

import re
from typing import Any, Final

from pseudonym.identity.names.rules import read_passes
from pseudonym.memory import kept
from pseudonym.tables import TABLES

__all__ = ["sound"]

SOUNDS_CACHED: Final = 1 << 16

_TABLE: Final[dict[str, Any]] = TABLES["sound"]
*_FIRST, _LAST = read_passes(_TABLE["passes"])
(_LONG,) = read_passes([_TABLE["long"]["pass"]])
_LONG_FROM: Final[int] = _TABLE["long"]["from"]
_SHORT_TO: Final[int] = _TABLE["short"]["to"]
_VOWELS: Final[dict[str, str]] = _TABLE["short"]["vowels"]
_VANISHING: Final = str.maketrans("", "", _TABLE["vanish"])
_REPEATED: Final = re.compile(r"(.)\1+", re.DOTALL)


@kept(SOUNDS_CACHED)
def sound(word: str) -> str:
    """Return the sound form of a word, equal for common spellings of one name.

    Coarse on purpose: Karlsson and Carlsson, Mohammed and Muhamad, Shevchenko and Sjevtjenko get the same form.
    Capitals are codes that separate names which the consonants alone would merge. It is one match key among others,
    never evidence on its own.

    Args:
        word: A word from `words`.

    Returns:
        The sound form; empty only for an empty word.

    >>> sound("karlsson") == sound("carlson")
    True
    >>> sound("mohammed") == sound("muhamad")
    True
    """
    spoken = word
    for rewrite in _FIRST:
        spoken = rewrite(spoken)
    form = _REPEATED.sub(r"\1", _LAST(spoken))
    form = form[:1] + form[1:].translate(_VANISHING)
    if len(form) >= _LONG_FROM:
        form = _LONG(form)
    if len(form) <= _SHORT_TO:
        form += next((_VOWELS[character] for character in spoken if character in _VOWELS), "")
    return form or word
