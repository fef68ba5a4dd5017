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
from pseudonym.identity.numbers.only_date import is_only_date
from pseudonym.identity.reader.dates import is_written_date
from pseudonym.identity.reader.fields import DATE_FIELDS, NAME_FIELDS
from pseudonym.memory import kept

__all__ = ["is_missing", "is_missing_code", "says_nothing"]

LONGEST: Final = 36

DATES_CACHED: Final = 1 << 14

_SIGNS: Final = re.compile(r"[-.?_*/\u2010-\u2015\u2026]+")
_FIRST_SIGNS: Final = frozenset("-.?_*/\u2010\u2011\u2012\u2013\u2014\u2015\u2026")

_PROGRAMS: Final = frozenset(
    {
        *("null", "none", "nan", "-nan", "nat", "nil", "undefined", "\\n"),
        *("n/a", "n.a.", "#n/a n/a", "<na>", "1.#ind", "-1.#ind", "1.#qnan", "-1.#qnan"),
    }
)
"""What programs write, in lower case."""

_NOT: Final = ("ej", "inte", "icke")
_GIVEN: Final = (
    *("angiven", "angivet", "angivna", "uppgiven", "uppgivet", "uppgett", "uppgift", "ifylld", "ifyllt"),
    *("registrerad", "registrerat", "noterad", "noterat", "besvarad", "besvarat"),
    *("tillg\u00e4nglig", "tillg\u00e4ngligt", "k\u00e4nd", "k\u00e4nt"),
)
_MEANT: Final = ("aktuell", "aktuellt", "till\u00e4mplig", "till\u00e4mpligt", "relevant")
_DATA: Final = ("uppgift", "uppgifter", "uppg", "uppg.", "data", "information", "v\u00e4rde")
_STATED: Final = (
    *("given", "stated", "specified", "provided", "recorded", "reported", "entered", "registered"),
    *("available", "known"),
)

_ANSWERS: Final = frozenset(
    ("ingen", "inget", "not applicable", "not relevant", *(f"{no} {word}" for no in _NOT for word in _MEANT))
)
"""Words that answer the question of an item rather than leave it open."""

_PEOPLE: Final = _ANSWERS | frozenset(
    (
        *(f"{no} {word}" for no in _NOT for word in _GIVEN),
        *(f"{no} {word}" for no in ("ingen", "inga") for word in _DATA),
        *(f"{word} saknas" for word in _DATA),
        *(f"{no} {word}" for no in ("not", "none") for word in _STATED),
        *(f"no {word}" for word in ("data", "information", "value", "answer", "entry")),
        "saknas",
        "saknad",
        "ok\u00e4nd",
        "ok\u00e4nt",
        "unknown",
        "missing",
        "finns ej",
        "finns inte",
        "vet ej",
        "vet inte",
        "na",
        "n/k",
        "blank",
        "blankt",
        "empty",
        "tom",
        "tomt",
        "00000000-0000-0000-0000-000000000000",
    )
)
"""What people write for it, in lower case; in a codebook these may be codes or labels."""

_WORDS: Final = _PROGRAMS | _PEOPLE

_AROUND: Final = {"(": ")", "<": ">", "[": "]", "{": "}", "'": "'", '"': '"', "\u201d": "\u201d", "\u201c": "\u201d"}
"""What such a word may stand in."""

_ID_FIELDS: Final = frozenset({"record_id", "report_id", "case_id"})
_NO_ID: Final = re.compile(
    r"(?:\u00e4nnu )?(?:ej|inte|icke|inget|ingen|inga|saknar|saknas|utan|not|no|none|without|ok\u00e4n[dt]|unknown)"
    r"\b[^0-9]*"
    r"|n\.a|tb[acd]|x{2,}|\?+x*|ospec(?:\.|ificera[dt])?|unspecified|oklart?|[\[{]\s*[\]}]"
    r"|(?:null|none|nan)(?:[,; ]+(?:null|none|nan))+"
)
"""What stands where there is no id, in lower case: a sentence that denies it has no digit."""
_NO_CASE: Final = re.compile("00+")
"""Zeros in place of the digits of a number; 0 alone may be the first of all cases."""

_NUMBERS: Final = re.compile("[-+0-9]*")
_BORN: Final = (
    r"(?:f(?:\.|\u00f6d[de]?|\u00f6dd den|\u00f6delsedatum|\u00f6delsetid)?[.:]?"
    r"|born|dob|b\.|ca\.?|c:a|cirka|omkring|about)"
)
_SAID_OF_A_DATE: Final = re.compile(
    rf"(?:{_BORN} *)?(?P<date>[0-9][0-9./ -]*[0-9])"
    rf"(?: *[-/,]* *[(\[]?(?:{_BORN}|ok\u00e4n[dt]|saknas|uppgift saknas|ej k\u00e4n[dt]|unknown)?[)\]]?"
    r"|t[0-9]{4,6}z?)"
)
"""A birth date in place of a number, with a word beside it: `f. 110713`, `20110713-ok\u00e4nd`."""

_NEVER_A_NAME: Final = frozenset(
    {"undefined", "<na>", "\\n", "#n/a n/a", "1.#ind", "-1.#ind", "1.#qnan", "-1.#qnan", "-nan"}
)

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
    if field == "number" and text[-4:].isdecimal() and (" " in text or "/" in text) and is_written_date(text):
        # The reader of numbers recognises dates in digits by a rule of its own.
        return True
    whole = text.casefold()
    if field == "number" and not text.isdecimal() and _NUMBERS.fullmatch(text) is None and _is_said_date(whole):
        return True
    if field in _ID_FIELDS and (_NO_ID.fullmatch(whole) or (field != "record_id" and _NO_CASE.fullmatch(whole))):
        return True
    word = _within(whole)
    if word not in _WORDS and (text[:1] not in _FIRST_SIGNS or _SIGNS.fullmatch(text) is None):
        return False
    if field in NAME_FIELDS:
        # Tom is a name, also in brackets.
        return word in _NEVER_A_NAME or text in {"NaN", "NaT"} or (word != whole and word in _PROGRAMS)
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
    return is_missing(field, text) or (field == "birth_date" and _within(text.casefold()) in _WORDS)


def is_missing_code(text: str) -> bool:
    """Return whether a text that is no code, label or synonym of its item says that there is no value.

    Args:
        text: The text.
    """
    word = _within(text.strip().casefold())
    return word in _WORDS - _ANSWERS or _SIGNS.fullmatch(word) is not None


def _within(word: str) -> str:
    """Return a word without the brackets or quotation marks around it: `[tom]`, `'NULL'`."""
    closed = _AROUND.get(word[:1])
    return word[1:-1].strip() if closed is not None and word not in _WORDS and word.endswith(closed) else word


def _is_said_date(text: str) -> bool:
    match = _SAID_OF_A_DATE.fullmatch(text)
    return match is not None and is_only_date(match["date"].replace(" ", ""))


@kept(DATES_CACHED)
def _is_placeholder_date(text: str) -> bool:
    """Return whether this is a date that programs use for none, such as 9999-12-31."""
    try:
        read_birth_date(text)
    except FieldError as error:
        return error.rule == "birth_date.placeholder"
    return False
