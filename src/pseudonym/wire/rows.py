"""Rules for single rows of a submission: ids, dates and words (docs/spec.md, section 8).

The reporter applies them before encoding and the registry again at intake; both use this module.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container
from datetime import date
from typing import Final

from pseudonym.characters import ASCII, CONTROLS, FORMULA, INVISIBLE, WHITE_SPACE
from pseudonym.columns import DATES, RESERVED
from pseudonym.memory import kept

__all__ = [
    "CASE_STATES",
    "DATES",
    "RESERVED",
    "ROLES",
    "SIMPLE_ID",
    "STATUSES",
    "date_rule",
    "day_rule",
    "id_rule",
    "to_month",
    "value_rule",
]

ROLES: Final = ("victim", "accompanying_adult", "accompanying_child")
STATUSES: Final = ("suspected", "confirmed")
CASE_STATES: Final = ("open", "closed")

MAX_ID_CHARACTERS: Final = 64

DATE_CHARACTERS: Final = 10

MONTH_CHARACTERS: Final = 7

NUMBER_CHARACTERS: Final = 10
"""Characters of the shortest Swedish number; every sign of another script stands for at most one."""

DATES_CACHED: Final = 1 << 12
"""About eleven years of days."""

_NOT_IN_NUMBERS: Final = re.compile("[^0-9A-Za-z]")
"""Characters between digits, visible or not, that do not change which number the digits form."""

SIMPLE_ID: Final = rf"[A-Za-z][0-9A-Za-z_./-]{{0,{MAX_ID_CHARACTERS - 1}}}"
"""Most ids: with a letter first they are neither numbers nor formulas, and none of their characters is refused."""

_SIMPLE: Final = re.compile(SIMPLE_ID)

_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_NUMBER_LIKE = re.compile(
    r"(?:[0-9]{2})?[0-9]{2}(?:0[0-9]|1[0-2])(?:[0-2][0-9]|3[01]|[678][0-9]|9[01])(?:[0-9A-Za-z][0-9]|[Tt][Ff])[0-9]{2}"
)


def id_rule(text: str) -> str | None:
    """Return the rule that an id of a record, report or case breaks.

    An id with the shape of a Swedish number is refused, because it would carry the identity past the encoding. The
    check reads digits of any script and ignores every character that is not an ASCII letter or digit. One that a
    spreadsheet would take for a formula is refused, because tables of ids are opened in spreadsheets.

    Args:
        text: The id.

    Returns:
        `missing`, `form`, `number_like`, `formula`, or None if the id is valid.
    """
    if _SIMPLE.fullmatch(text):
        return None
    if not text:
        return "missing"
    if len(text) > MAX_ID_CHARACTERS or text != text.strip(WHITE_SPACE) or not CONTROLS.isdisjoint(text):
        return "form"
    if len(text) >= NUMBER_CHARACTERS and _NUMBER_LIKE.fullmatch(_NOT_IN_NUMBERS.sub("", text.translate(ASCII))):
        return "number_like"
    if not text.isascii() and not INVISIBLE.isdisjoint(text):
        return "form"
    return "formula" if text.startswith(FORMULA) else None


def date_rule(text: str) -> str | None:
    """Return the rule that a date breaks: `form`, or None for a valid YYYY-MM-DD, YYYY-MM or YYYY."""
    # A longer text is no date and should not fill the cache.
    return _date_rule(text) if len(text) <= DATE_CHARACTERS else "form"


@kept(DATES_CACHED)
def _date_rule(text: str) -> str | None:
    match = _DATE.fullmatch(text)
    if match is None:
        return "form"
    year, month, day = match.groups()
    try:
        date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return "form"
    return None


def to_month(text: str) -> str:
    """Return a date that follows `date_rule` without its day.

    >>> to_month("2026-03-17"), to_month("2026-03"), to_month("2026")
    ('2026-03', '2026-03', '2026')
    """
    return text[:MONTH_CHARACTERS]


def day_rule(column: str, text: str, days: Container[str]) -> str | None:
    """Return the rule that a value of a reserved column breaks by being a day, as `column.day`, or None.

    Args:
        column: A member of `RESERVED`.
        text: The value, which breaks no rule of `value_rule`.
        days: The columns that may be sent to the day (`Codebook.days`).
    """
    return f"{column}.day" if column in DATES and column not in days and to_month(text) != text else None


def _word_rule(*words: str) -> Callable[[str], str | None]:
    return lambda text: None if text in words else "unknown"


_RULES: Final[dict[str, Callable[[str], str | None]]] = {
    "report_id": id_rule,
    "case_id": id_rule,
    "role": _word_rule(*ROLES),
    "event_date": date_rule,
    "report_date": date_rule,
    "status": _word_rule(*STATUSES),
    "case_state": _word_rule(*CASE_STATES),
    "discovered_on": date_rule,
    "outcome_date": date_rule,
}


def value_rule(column: str, text: str) -> str | None:
    """Return the rule that a value of a reserved column breaks, as `column.rule`, or None.

    Args:
        column: A member of `RESERVED`.
        text: The value.

    Returns:
        For example `role.unknown`.
    """
    broken = _RULES[column](text)
    return None if broken is None else f"{column}.{broken}"
