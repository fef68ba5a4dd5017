"""Numbers that are not Swedish: a passport, another country's register, an identity card.

They have hundreds of forms, so none is checked; a number must only contain a digit.
"""

from __future__ import annotations

import re
from typing import Final

from pseudonym.characters import tidy
from pseudonym.errors import FieldError
from pseudonym.faults import broken
from pseudonym.identity.numbers.text import MAX_CHARACTERS, is_monotonous

__all__ = ["compact", "format", "is_valid", "read_foreign_number", "validate"]

_DROPPED: Final = re.compile("[^0-9A-Z\u0080-\U0010ffff]")
_DIGIT: Final = re.compile("[0-9]")


def compact(text: str) -> str:
    """Return a foreign number without punctuation and spaces.

    Args:
        text: The field as it came.

    Returns:
        At most 32 characters: digits, capital letters, and characters beyond ASCII.

    Raises:
        FieldError: `foreign_number.no_digit`, or `foreign_number.placeholder` for one repeated digit.
    """
    bare = _DROPPED.sub("", tidy(text))[:MAX_CHARACTERS]
    if _DIGIT.search(bare) is None:
        raise broken("foreign_number.no_digit")
    if is_monotonous(bare):
        raise broken("foreign_number.placeholder")
    return bare


validate = compact
format = compact


def is_valid(text: str) -> bool:
    """Return whether a text could be a foreign number.

    Args:
        text: The field as it came.
    """
    try:
        validate(text)
    except FieldError:
        return False
    return True


def read_foreign_number(text: str) -> str | None:
    """Read the field of a foreign number.

    Args:
        text: The field as it came.

    Returns:
        As `compact`; None if the field is blank.

    Raises:
        FieldError: As `compact`.
    """
    return compact(text) if tidy(text) else None
