"""Sex, as reporters write it (docs/spec.md, section 4.4)."""

from __future__ import annotations

from typing import Final

from pseudonym.characters import LOWER, plain
from pseudonym.faults import broken
from pseudonym.tables import TABLES

__all__ = ["read_sex"]

_UNKNOWN: Final = "unknown"
_SEXES: Final[dict[str, str]] = {word: sex for sex, words in TABLES["sexes"].items() for word in words}


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
    sex = _SEXES.get(word) if word else _UNKNOWN
    if sex is None:
        raise broken("sex.unknown")
    return None if sex == _UNKNOWN else sex
