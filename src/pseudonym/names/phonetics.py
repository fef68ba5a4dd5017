"""The sound form of a word: equal for the spellings of one name (docs/spec.md, section 4.2)."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from pseudonym.names.tables import TABLES

__all__ = ["sound"]

SOUNDS_CACHED: Final = 1 << 16


def _read_rule(rule: dict[str, str]) -> Callable[[str], str]:
    """Give one sound rule as a function from word to word."""
    before = rule.get("before")
    if before is None:
        return lambda word: word.replace(rule["from"], rule["to"])
    pattern = re.compile(f"{re.escape(rule['from'])}(?=[{re.escape(before)}])")
    return lambda word: pattern.sub(rule["to"], word)


_RULES: Final = tuple(_read_rule(rule) for rule in TABLES["sound"])
_REPEATED: Final = re.compile(r"(.)\1+", re.DOTALL)
_VANISHING: Final = str.maketrans("", "", "aeiouyhj")


@lru_cache(maxsize=SOUNDS_CACHED)
def sound(word: str) -> str:
    """Give the sound form of a word, equal for common spellings of one name.

    Coarse on purpose, as vowels and doubled letters are what spellings differ in: Karlsson and Carlsson both give
    `krlsn`. It is a match key beside others, never evidence by itself.

    Args:
        word: One of the words that `words` gives.

    Returns:
        The sound form; never empty for a word that is not.

    Sees: plaintext
    """
    for rule in _RULES:
        word = rule(word)
    word = _REPEATED.sub(r"\1", word)
    return word[:1] + word[1:].translate(_VANISHING)
