"""Values that say what they mean in more words than needed: `Pnr: 20110713-9824`, `kvinna/flicka`.

Where all of it says the same, it is rewritten as the specification reads it; anything else stays as it is and is judged
later.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from pseudonym.errors import FieldError
from pseudonym.identity.numbers import read_type_word
from pseudonym.identity.numbers.spellings import SYSTEM_SIGN, is_type_word, read_level
from pseudonym.identity.reader.phrases import meaning_of_phrase
from pseudonym.identity.sex import read_sex
from pseudonym.tables import TABLES
from pseudonym.words import folded, meanings

__all__ = ["WORDED", "in_one_word", "number_with_system", "type_in_one_word"]

LONGEST: Final = 100

OID_POINTS: Final = 3
"""Points by which digits are more than a date."""

_WORD_FIRST: Final = re.compile(r"([^\W\d][^:=|]{0,60}?)(?:\s*[:=]\s*|\s+)([0-9][-+0-9A-Za-z ]{4,20})")
_WORD_LAST: Final = re.compile(r"([0-9][-+0-9A-Za-z ]{4,20}?)\s*[(\[]([^()\[\]]{1,40})[)\]]")
_HL7: Final = re.compile(r"([^\^|]+)\^{2,4}[^\^&|]*&([0-9.]+)&ISO(?:\^.*)?")
"""An identifier of HL7 version 2 with the OID of its system: `201107139824^^^&1.2.752.129.2.1.3.1&ISO`."""
_OID: Final = r"(?:urn:oid:|oid:)?[0-2](?:\.[0-9]+){3,}"
_VALUE: Final = r"[0-9][-+0-9A-Za-z ]{4,20}"
_SYSTEM_FIRST: Final = re.compile(rf"({_OID}|https?://[^\s|]{{1,80}})[/:#^\s]+({_VALUE})", re.IGNORECASE)
_SYSTEM_LAST: Final = re.compile(rf"({_VALUE})\s*[@^]+\s*({_OID})", re.IGNORECASE)
"""An OID or address beside its value, joined by another sign than the bar."""
_PARTS: Final = re.compile(r"\s*[/()]\s*")
_LAST_OF_ADDRESS: Final = re.compile(r"(?:https?|urn):.*[/:#]([^/:#]+)/?", re.IGNORECASE)
_EXPLAINED: Final = re.compile(r"(.+?)\s*\([^()]*\)")


_WITH_SYSTEM: Final = (
    *((_WORD_FIRST, 1, 2), (_WORD_LAST, 2, 1), (_HL7, 2, 1)),
    *((_SYSTEM_FIRST, 1, 2), (_SYSTEM_LAST, 2, 1)),
)
"""How a number stands beside its system, with the groups of the system and of the number."""


def number_with_system(text: str) -> str:
    """Return a number with the word for its type as `system|value`, if it is written in another way.

    Args:
        text: The number, trimmed.

    >>> number_with_system("Personnr: 20110713-9824")
    'Personnr|20110713-9824'
    >>> number_with_system("20110713-9824 (pnr)")
    'pnr|20110713-9824'
    >>> number_with_system("20110713-9824")
    '20110713-9824'
    """
    plainly = text[-4:].isdecimal() and text[:1].isdecimal() and text.count(".") < OID_POINTS
    if SYSTEM_SIGN in text or len(text) > LONGEST or plainly:
        return text
    for pattern, word, number in _WITH_SYSTEM:
        match = pattern.fullmatch(text)
        system = None if match is None else type_in_one_word(match[word])
        if match is not None and system is not None and is_type_word(system):
            return f"{system}{SYSTEM_SIGN}{match[number]}"
    return text


def type_in_one_word(text: str) -> str:
    """Return the word for a type of number that an address ends with, that is explained, or that a phrase means.

    Args:
        text: The type as it came.

    >>> type_in_one_word("http://example.se/NamingSystem/personnummer")
    'personnummer'
    >>> type_in_one_word("Personnummer (12 siffror)"), type_in_one_word("SLL-reservnr")
    ('Personnummer', 'reserve_stockholm')
    """
    if len(text) > LONGEST or _is_type(text):
        return text
    for pattern in (_LAST_OF_ADDRESS, _EXPLAINED):
        match = pattern.fullmatch(text)
        if match is not None and _is_type(match[1]):
            return match[1]
    return meaning_of_phrase("number_type", text) or text


def _is_type(text: str) -> bool:
    try:
        return read_type_word(text) is not None
    except FieldError:
        return False


def in_one_word(field: str, text: str) -> str:
    """Return one of several words that all mean the same, the word that a phrase means, or the text.

    Args:
        field: One of `WORDED`.
        text: The value, trimmed.

    >>> in_one_word("sex", "Kvinna/flicka")
    'Kvinna'
    >>> in_one_word("sex", "Kvinna/man"), in_one_word("role", "utsatt kvinna")
    ('Kvinna/man', 'victim')
    """
    if len(text) > LONGEST or WORDED[field](text) is not None or _says_unknown(field, text):
        return text
    parts = [part for part in _PARTS.split(text) if part]
    found = {WORDED[field](part) for part in parts}
    if len(found) == 1 and None not in found:
        return parts[0]
    return meaning_of_phrase(field, text) or text


def _says_unknown(field: str, text: str) -> bool:
    try:
        return field in WITH_UNKNOWN and WITH_UNKNOWN[field](text) is None
    except FieldError:
        return False


def _sex(text: str) -> str | None:
    try:
        return read_sex(text)
    except FieldError:
        return None


def _level(text: str) -> str | None:
    try:
        return read_level(text)
    except FieldError:
        return None


def _of(table: Mapping[str, str]) -> Callable[[str], str | None]:
    return lambda text: table.get(folded(text))


WORDED: Final[dict[str, Callable[[str], str | None]]] = {
    "sex": _sex,
    "role": _of(meanings(TABLES["roles"])),
    "status": _of(meanings(TABLES["statuses"] | TABLES["case_states"])),
    "case_state": _of(meanings(TABLES["case_states"])),
    "number_level": _level,
}
"""Fields with words, and what a word means there; None for one that is not known."""

WITH_UNKNOWN: Final[dict[str, Callable[[str], str | None]]] = {"sex": read_sex, "number_level": read_level}
"""Fields that have words for an unknown value."""
