"""Words and signs that programs and people put where there is no value: NULL, N/A, a dash, saknas.

Taken for a value, such a word would be the one case of many persons. Names have words of their own in the frozen tables
(docs/spec.md, section 4.1), since there are people called Null and Nil; here they are missing only where no name is
written so.
"""

from __future__ import annotations

import re
from typing import Final

from pseudonym.errors import FieldError
from pseudonym.identity.dates import read_birth_date
from pseudonym.identity.reader.fields import DATE_FIELDS, NAME_FIELDS
from pseudonym.memory import kept

__all__ = ["is_missing", "is_missing_code", "says_nothing"]

LONGEST: Final = 36

DATES_CACHED: Final = 1 << 14

_SIGNS: Final = re.compile(r"[-.?_*/\u2010-\u2015\u2026]+")
_FIRST_SIGNS: Final = frozenset("-.?_*/\u2010\u2011\u2012\u2013\u2014\u2015\u2026")

_PROGRAMS: Final = frozenset(
    (
        "null",
        "none",
        "nan",
        "nat",
        "nil",
        "n/a",
        "n.a.",
        "<na>",
        "undefined",
        "\\n",
        *(f"{opened}{word}{closed}" for opened, closed in ("()", "<>", "[]", "{}") for word in ("null", "none", "nil")),
    )
)
"""What programs write, in lower case."""

_PEOPLE: Final = frozenset(
    (
        "saknas",
        "saknad",
        "uppgift saknas",
        "uppg saknas",
        "ok\u00e4nd",
        "ok\u00e4nt",
        "unknown",
        "missing",
        "ej angiven",
        "ej angivet",
        "inte angivet",
        "ej uppgett",
        "ej uppgivet",
        "ej k\u00e4nd",
        "ej k\u00e4nt",
        "ej aktuellt",
        "ej till\u00e4mpligt",
        "finns ej",
        "finns inte",
        "ingen",
        "inget",
        "ingen uppgift",
        "vet ej",
        "vet inte",
        "na",
        "not available",
        "not applicable",
        "not known",
        "blank",
        "empty",
        "tom",
        "tomt",
        "(blank)",
        "(empty)",
        "(tom)",
        "(tomt)",
        "00000000-0000-0000-0000-000000000000",
    )
)
"""What people write for it, in lower case; in a codebook these may be codes or labels."""

_WORDS: Final = _PROGRAMS | _PEOPLE

_ANSWERS: Final = frozenset({"ingen", "inget", "ej aktuellt", "ej till\u00e4mpligt", "not applicable"})
"""Words that answer the question of an item rather than leave it open."""

_NEVER_A_NAME: Final = frozenset(word for word in _PROGRAMS if word[0] in "(<[{\\")

_WITH_UNKNOWN: Final = frozenset({"sex", "number_level"})
"""Fields of which unknown is a value (docs/spec.md, sections 4.4 and 4.5)."""

_UNKNOWN: Final = frozenset({"ok\u00e4nd", "ok\u00e4nt", "unknown"})

_ZERO_DAY: Final = frozenset({"00:00", "00:00:00", "0"})
"""How spreadsheets write the day 0, the result of a formula that points to an empty cell."""


def is_missing(field: str, text: str) -> bool:
    """Return whether a text says that there is no value.

    Args:
        field: The field, without the position of a repeated one; for items of a codebook see `is_missing_code`.
        text: The text, trimmed.
    """
    if len(text) > LONGEST:
        return False
    if field in DATE_FIELDS and text[:1].isdecimal():
        # The reader of birth dates marks these by a rule of its own.
        return text in _ZERO_DAY or (field != "birth_date" and _is_placeholder_date(text))
    word = text.casefold()
    if word not in _WORDS and (text[:1] not in _FIRST_SIGNS or _SIGNS.fullmatch(text) is None):
        return False
    if field in NAME_FIELDS:
        return word in _NEVER_A_NAME or text in {"NaN", "NaT"}
    if field == "birth_date" and _is_placeholder_date(text):
        return False
    return field not in _WITH_UNKNOWN or word not in _UNKNOWN


def says_nothing(field: str, text: str) -> bool:
    """Return whether a text is no evidence of how the values of its column are written.

    Args:
        field: As for `is_missing`.
        text: The text, trimmed.
    """
    # The reader of birth dates marks words by a rule of its own.
    return is_missing(field, text) or (field == "birth_date" and text.casefold() in _WORDS)


def is_missing_code(text: str) -> bool:
    """Return whether a text that is no code, label or synonym of its item says that there is no value.

    Args:
        text: The text.
    """
    word = text.strip().casefold()
    return word in _WORDS - _ANSWERS or _SIGNS.fullmatch(word) is not None


@kept(DATES_CACHED)
def _is_placeholder_date(text: str) -> bool:
    """Return whether this is a date that programs use for none, such as 9999-12-31."""
    try:
        read_birth_date(text)
    except FieldError as error:
        return error.rule == "birth_date.placeholder"
    return False
