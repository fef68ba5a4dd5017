"""Sex, as reporters write it (docs/spec.md, section 4.4)."""

from __future__ import annotations

from typing import Final

from pseudonym.characters import LOWER, plain
from pseudonym.faults import broken

__all__ = ["read_sex"]

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
    "ok\u00e4nd": None,
    "oka\u0308nd": None,
    "u": None,
    "": None,
}


def read_sex(text: str) -> str | None:
    """Return the sex written in a text.

    Args:
        text: The field as it came.

    Returns:
        `woman`, `man` or `other`; None if it is blank or unknown.

    Raises:
        FieldError: `sex.unknown`.

    >>> read_sex("Kvinna")
    'woman'
    """
    word = plain(text).translate(LOWER)
    if word not in _SEXES:
        raise broken("sex.unknown")
    return _SEXES[word]
