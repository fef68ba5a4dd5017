"""The entries of a roster: who is to report what, from when on, and how often."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from linkage.intake.roster.periods import first_month, normal_period

__all__ = ["COLUMNS", "COUNTIES", "KINDS", "RULES", "Entry", "Label", "entry_of"]


class Label(NamedTuple):
    """The name of a kind of body in both languages."""

    sv: str
    en: str


KINDS: Final[dict[str, Label]] = {
    "police": Label("polis", "police"),
    "school": Label("skola", "school"),
    "social_services": Label("socialtjänst", "social services"),
    "health_care": Label("hälso- och sjukvård", "health care"),
    "dental_care": Label("tandvård", "dental care"),
    "migration_agency": Label("Migrationsverket", "migration agency"),
    "foreign_affairs": Label("utrikesförvaltning", "foreign ministry and missions abroad"),
    "regional_coordinator": Label("regionkoordinator", "regional coordinator"),
    "shelter": Label("skyddat boende", "shelter"),
    "civil_society": Label("civilsamhällesorganisation", "civil society"),
    "employer": Label("arbetsgivare", "employer"),
    "labour_inspection": Label("arbetsmiljötillsyn", "labour inspection"),
    "other": Label("annan", "other"),
}
"""The kinds of bodies that report."""

COUNTIES: Final = frozenset(f"{number:02d}" for number in (1, *range(3, 11), 12, 13, 14, *range(17, 26)))
"""The codes of the Swedish counties."""

COLUMNS: Final = (
    "reporter",
    "name",
    "kind",
    "county",
    "reports",
    "every",
    "from",
    "until",
    "due_days",
    "cases_from",
)
"""The columns of a roster file, and the members of an entry as JSON."""

DUE_DAYS: Final = 30
"""Days after the end of a period until it is late, unless the entry says otherwise."""

MAX_DUE_DAYS: Final = 366
MAX_NAME_CHARACTERS: Final = 200

RULES: Final[dict[str, str]] = {
    "roster.cells": "The row has more or fewer cells than the header.",
    "roster.reporter": "A reporter code has 1 to 64 letters A-Z, digits, dots, hyphens and underscores.",
    "roster.name": "A name has at most 200 characters and no control characters.",
    "roster.kind": f"A kind of body is one of {', '.join(KINDS)}.",
    "roster.county": "A county is one of the two-digit codes of the Swedish counties, or empty.",
    "roster.reports": "A body reports records, totals, or both: records totals.",
    "roster.every": "A body reports every month or every year.",
    "roster.from": "The first period is a month such as 2026-01, or, if it reports every year, a year; 2000 to 2099.",
    "roster.until": "The last period is empty, or like the first one and not before it.",
    "roster.due_days": "The days until a period is late are a whole number from 0 to 366.",
    "roster.cases_from": "Cases come from other reporters on the roster, named by their codes with spaces between.",
    "roster.duplicate": "An earlier row has the same reporter and first period.",
}
"""Every rule that an entry or a row of a roster file can break, each with its one sentence."""

_REPORTER: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_REPORTS: Final = ("records", "totals")
_ATTRIBUTES: Final = {"from": "from_period", "until": "until_period"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What one reporter is to report, from one period on.

    A reporter has several entries if that has changed; each holds until the next one begins.

    Attributes:
        reporter: Its code, as in the headers of its submissions.
        name: Its name, or None.
        kind: The kind of body, a member of `KINDS`.
        county: The code of its county, or None for a national body.
        reports: What it is to report: `records`, `totals`, or both.
        every: How often: `month` or `year`.
        from_period: The first period that is expected.
        until_period: The last one, or None.
        due_days: How many days after the end of a period it is late.
        cases_from: Codes of the reporters from which it gets cases, sorted.
    """

    reporter: str
    name: str | None
    kind: str
    county: str | None
    reports: tuple[str, ...]
    every: str
    from_period: str
    until_period: str | None
    due_days: int
    cases_from: tuple[str, ...]

    @property
    def begins(self) -> int:
        """The first month, counted from the year 0."""
        return first_month(self.from_period)

    def cells(self) -> dict[str, str]:
        """Return the entry as a row of a roster file."""
        return {column: _cell(getattr(self, _ATTRIBUTES.get(column, column))) for column in COLUMNS}

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists, strings and numbers, as `linkage roster list --json` prints them."""
        values = {column: getattr(self, _ATTRIBUTES.get(column, column)) for column in COLUMNS}
        return values | {"reports": list(self.reports), "cases_from": list(self.cases_from)}


def _cell(value: object) -> str:
    if value is None:
        return ""
    return " ".join(value) if isinstance(value, tuple) else str(value)


def entry_of(cells: Mapping[str, str]) -> Entry | str:
    """Read an entry, or return the first rule that it breaks.

    Args:
        cells: Texts by column; a column that is missing or empty has its default. Others are not read.

    Returns:
        The entry, or a member of `RULES`. Whether `cases_from` is on the roster is not checked here.
    """
    texts = {column: (cells.get(column) or "").strip() for column in COLUMNS}
    every = texts["every"] or "month"
    for rule, is_broken in _BROKEN.items():
        if is_broken(texts):
            return f"roster.{rule}"
    first = normal_period(texts["from"], every)
    last = normal_period(texts["until"], every, last=True)
    if first is None:
        return "roster.from"
    if bool(texts["until"]) != (last is not None) or (last is not None and last < first):
        return "roster.until"
    return Entry(
        reporter=texts["reporter"],
        name=texts["name"] or None,
        kind=texts["kind"],
        county=texts["county"] or None,
        reports=tuple(sorted(set((texts["reports"] or "records").split()))),
        every=every,
        from_period=first,
        until_period=last,
        due_days=int(texts["due_days"] or DUE_DAYS),
        cases_from=tuple(sorted(set(texts["cases_from"].split()))),
    )


def _bad_name(texts: Mapping[str, str]) -> bool:
    return len(texts["name"]) > MAX_NAME_CHARACTERS or not texts["name"].isprintable()


def _bad_cases_from(texts: Mapping[str, str]) -> bool:
    codes = texts["cases_from"].split()
    return texts["reporter"] in codes or not all(map(_REPORTER.fullmatch, codes))


def _bad_due_days(texts: Mapping[str, str]) -> bool:
    days = texts["due_days"] or str(DUE_DAYS)
    return not re.fullmatch(r"[0-9]{1,3}", days) or int(days) > MAX_DUE_DAYS


_BROKEN: Final[dict[str, Callable[[Mapping[str, str]], bool]]] = {
    "reporter": lambda texts: not _REPORTER.fullmatch(texts["reporter"]),
    "name": _bad_name,
    "kind": lambda texts: texts["kind"] not in KINDS,
    "county": lambda texts: bool(texts["county"]) and texts["county"] not in COUNTIES,
    "reports": lambda texts: not set(texts["reports"].split()) <= set(_REPORTS),
    "every": lambda texts: texts["every"] not in {"", "month", "year"},
    "due_days": _bad_due_days,
    "cases_from": _bad_cases_from,
}
"""For each rule that concerns one column, whether the texts break it."""
