"""Sex, as reporters write it (docs/spec.md, section 4.4)."""

from __future__ import annotations

from typing import Final

from pseudonym.characters import is_blank
from pseudonym.faults import broken
from pseudonym.tables import TABLES
from pseudonym.words import folded, meanings

__all__ = ["read_sex"]

_UNKNOWN: Final = "unknown"
_SEXES: Final = meanings(TABLES["sexes"])


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
    >>> read_sex("pojke")
    'man'
    """
    sex = _UNKNOWN if is_blank(text) else _SEXES.get(folded(text))
    if sex is None:
        raise broken("sex.unknown")
    return None if sex == _UNKNOWN else sex
