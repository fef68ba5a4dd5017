"""Turn what a body typed into words, sounds, dates and numbers that two bodies can compare (docs/spec.md, section 4).

Every rule about characters stands in `tables/names.json`, whose digest is part of every profile; the Unicode version of
the Python at hand decides nothing. Nothing here guesses: what cannot be read raises `FieldError`, whose message is
a constant and never holds the value.

Words and sounds are kept in bounded caches, because a few thousand names make up most of a register. The caches hold
plaintext in the memory of this process only, which reads the same values from the input anyway;
`forget()` empties them.
"""

from __future__ import annotations

import hashlib
import json
import re
from calendar import monthrange
from collections.abc import Callable
from functools import lru_cache
from importlib import resources
from typing import Final, NamedTuple

from pseudonym.errors import FieldError

__all__ = [
    "MAX_WORDS",
    "MAX_YEAR",
    "MIN_YEAR",
    "TABLES_DIGEST",
    "WHITE_SPACE",
    "PartialDate",
    "birth_date",
    "forget",
    "plain",
    "sex",
    "sound",
    "words",
]

MAX_WORDS: Final = 8
"""Words kept of one field: no register holds a name of more, and a pasted document must not become a name."""

MAX_WORD_CHARACTERS: Final = 32

MAX_NAME_CHARACTERS: Final = 4096
"""Longer texts are not kept in the caches, so that one bad row cannot fill the memory."""

WORDS_CACHED: Final = 1 << 16
SOUNDS_CACHED: Final = 1 << 16
"""Entries a cache may hold: the distinct names of a large municipality, in a few megabytes."""

MIN_YEAR: Final = 1850
MAX_YEAR: Final = 2100

RULES: Final[dict[str, str]] = {
    "birth_date.form": "A birth date is YYYY-MM-DD, YYYYMMDD, YYYY-MM or YYYY, a day that exists, 1850 to 2100.",
    "sex.unknown": "Sex is woman, man, other or unknown, in English or Swedish.",
}


_SURROGATES: Final = range(0xD800, 0xE000)
"""No characters: no file can hold them alone, but a caller may, and they cannot be hashed. They vanish everywhere."""


class PartialDate(NamedTuple):
    """A birth date of which the day, or month and day, or all parts may be unknown."""

    year: int | None
    month: int | None
    day: int | None

    def __repr__(self) -> str:
        """Show no part: a birth date is a person's data."""
        return "PartialDate(...)"


_TABLE_BYTES: Final = resources.files("pseudonym").joinpath("tables", "names.json").read_bytes()

TABLES_DIGEST: Final = hashlib.sha256(_TABLE_BYTES).hexdigest()
"""SHA-256 of the file of tables, 64 hexadecimal digits: the member `tables` of a profile."""


def _read_translation(letters: dict[str, str], separators: str, dropped: str) -> dict[int, str]:
    """Give one table for `str.translate`: each character to its replacement, a space for a separator."""
    table = {point: "" for point in (*range(0x80), *_SURROGATES)}
    table |= {ord(character): "" for character in dropped}
    table |= {ord(character): " " for character in separators}
    table |= {ord(character): replacement for character, replacement in letters.items()}
    return table


def _read_rule(rule: dict[str, str]) -> Callable[[str], str]:
    """Give one sound rule as a function from word to word."""
    before = rule.get("before")
    if before is None:
        return lambda word: word.replace(rule["from"], rule["to"])
    pattern = re.compile(f"{re.escape(rule['from'])}(?=[{re.escape(before)}])")
    return lambda word: pattern.sub(rule["to"], word)


_TABLES: Final = json.loads(_TABLE_BYTES)
_TRANSLATION: Final = _read_translation(_TABLES["letters"], _TABLES["separators"], _TABLES["dropped"])
_SOUND_RULES: Final = tuple(_read_rule(rule) for rule in _TABLES["sound"])
_REPEATED: Final = re.compile(r"(.)\1+", re.DOTALL)
_VANISHING: Final = str.maketrans("", "", "aeiouyhj")


def words(text: str) -> tuple[str, ...]:
    """Give the words of a name field in lower-case Latin letters, in order, without repeats.

    All scripts of the table are romanised; what the table does not know stays as it is. Particles, prefixes and
    the order of names are left alone here: match keys and bigrams deal with them.

    Args:
        text: The field as it came, composed or decomposed.

    Returns:
        At most 8 words of at most 32 characters; empty if nothing of a name is left.

    Sees: plaintext
    """
    if len(text) > MAX_NAME_CHARACTERS:
        return _words.__wrapped__(text)
    return _words(text)


@lru_cache(maxsize=WORDS_CACHED)
def _words(text: str) -> tuple[str, ...]:
    cut = (word[:MAX_WORD_CHARACTERS] for word in text.translate(_TRANSLATION).split(" ") if word)
    return tuple(dict.fromkeys(cut))[:MAX_WORDS]


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
    for rule in _SOUND_RULES:
        word = rule(word)
    word = _REPEATED.sub(r"\1", word)
    return word[:1] + word[1:].translate(_VANISHING)


WHITE_SPACE: Final = (
    "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
"""Spelt out as in the specification, because `str.strip()` follows the Unicode version at hand."""

_INVISIBLE: Final = (0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF)
_HYPHENS: Final = (*range(0x2010, 0x2016), 0x2212)
_PLAIN: Final[dict[int, str]] = dict.fromkeys((*_INVISIBLE, *_SURROGATES), "") | dict.fromkeys(_HYPHENS, "-")


def plain(text: str) -> str:
    """Give a date, a sex or a number without what a word processor or a spreadsheet adds to it.

    Args:
        text: The field as it came.

    Returns:
        The text without invisible characters and surrounding white space, every dash a hyphen.

    Sees: plaintext
    """
    return text.translate(_PLAIN).strip(WHITE_SPACE)


_DATE: Final = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?|([0-9]{2})([0-9]{2}))?")


def birth_date(text: str) -> PartialDate:
    """Read a birth date that may be known only to the month or year.

    Args:
        text: The field as it came.

    Returns:
        The parts that are known; all None if the text is blank.

    Raises:
        FieldError: `birth_date.form` for any other form, a day that does not exist, or a year outside 1850 to 2100.

    Sees: plaintext
    """
    text = plain(text)
    if not text:
        return PartialDate(None, None, None)
    match = _DATE.fullmatch(text)
    if match is None or not MIN_YEAR <= int(match[1]) <= MAX_YEAR:
        raise _field_error("birth_date.form", "birth_date")
    year, month_text, day_text = int(match[1]), match[2] or match[4], match[3] or match[5]
    month = int(month_text) if month_text else None
    day = int(day_text) if day_text else None
    if month is not None and (not 1 <= month <= 12 or (day is not None and not 1 <= day <= monthrange(year, month)[1])):
        raise _field_error("birth_date.form", "birth_date")
    return PartialDate(year, month, day)


_SEXES: Final = {
    "woman": "woman",
    "female": "woman",
    "kvinna": "woman",
    "f": "woman",
    "k": "woman",
    "man": "man",
    "male": "man",
    "m": "man",
    "other": "other",
    "annat": "other",
    "o": "other",
    "unknown": None,
    "ok\u00e4nt": None,
    "oka\u0308nt": None,
    "u": None,
    "": None,
}

_ASCII_LOWER: Final = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


def sex(text: str) -> str | None:
    """Read the sex of a person.

    Args:
        text: The field as it came.

    Returns:
        `woman`, `man` or `other`; None if it is blank or said to be unknown.

    Raises:
        FieldError: `sex.unknown`.

    Sees: plaintext
    """
    word = plain(text).translate(_ASCII_LOWER)
    if word not in _SEXES:
        raise _field_error("sex.unknown", "sex")
    return _SEXES[word]


def forget() -> None:
    """Empty the caches of names, for a process that lives on after its work.

    Sees: neither
    """
    _words.cache_clear()
    sound.cache_clear()


def _field_error(rule: str, field: str) -> FieldError:
    return FieldError(rule, RULES[rule], field=field)
