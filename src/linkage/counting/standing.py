"""What a figure must say about itself: who reported, whether it is final, and where its series breaks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final

import pyarrow as pa

from linkage.counting.periods import Period

__all__ = [
    "ALL_TIMES",
    "Coverage",
    "SeriesBreak",
    "codebook_breaks",
    "coverage_of",
    "definition_breaks",
    "open_questions",
    "roster_breaks",
]

ANSWERED: Final = ("reported", "late", "zero", "totals")
"""States of a reporting period of which something came; `late` is that of records or zero after the deadline."""

MISSING: Final = ("silent", "never", "due", "held back")
ALL_TIMES: Final = "all"
"""Stands for a period where none was named."""

STATES: Final = (*ANSWERED, *MISSING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Who reported in one period of a table.

    Attributes:
        period: The period, or `all` for all times; None for what was sent without one.
        states: For each state of `linkage coverage`, the number of reporting periods of reporters that are in it.
        reporters: For each state the reporters with a reporting period in it.
        complete: Whether everything that a roster expects has come; None without a roster.
    """

    period: str | None
    states: dict[str, int]
    reporters: dict[str, tuple[str, ...]]
    complete: bool | None

    def said(self) -> str:
        """Return how many reporting periods of reporters are in each state, in words."""
        return ", ".join(f"{n} {state}" for state, n in self.states.items()) or "nothing sent"

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists, strings and numbers."""
        return asdict(self) | {"reporters": {state: list(one) for state, one in self.reporters.items()}}


def coverage_of(rows: pa.Table, periods: Sequence[Period | None]) -> list[Coverage]:
    """Gather coverage by the periods of a table.

    Args:
        rows: Columns `reporter`, `period` and `state`, as `linkage coverage` has them; with a roster also `due`.
        periods: The periods; None for all times.

    Returns:
        One entry a period, and one more for what was sent without a period, if anything was.
    """
    has_roster = "due" in rows.column_names
    due = rows["due"].to_pylist() if has_roster else [None] * rows.num_rows
    names = (rows[name].to_pylist() for name in ("reporter", "period", "state"))
    entries = [tuple(one) for one in zip(*names, due, strict=True)]
    found = []
    for span in periods:
        own = [one for one in entries if one[1] is not None and (span is None or span.overlaps(one[1]))]
        found.append(_gathered(ALL_TIMES if span is None else span.text, own, has_roster=has_roster))
    if any(one[1] is None for one in entries):
        found.append(_gathered(None, [one for one in entries if one[1] is None], has_roster=False))
    return found


def _gathered(period: str | None, entries: Iterable[tuple[Any, ...]], *, has_roster: bool) -> Coverage:
    states: dict[str, int] = {}
    reporters: dict[str, set[str]] = {}
    expected = 0
    for reporter, _, state, due in entries:
        states[state] = states.get(state, 0) + 1
        reporters.setdefault(state, set()).add(reporter)
        expected += due is not None
    ordered = [state for state in STATES if state in states]
    complete = bool(expected) and not any(state in states for state in MISSING) if has_roster else None
    return Coverage(
        period=period,
        states={state: states[state] for state in ordered},
        reporters={state: tuple(sorted(reporters[state])) for state in ordered},
        complete=complete,
    )


def open_questions(
    covered: Iterable[Coverage], *, period: Period | None, today: date, linked: bool, has_roster: bool
) -> list[str]:
    """Say why a figure is preliminary.

    Args:
        covered: The coverage of its periods.
        period: Its period.
        today: The day by which it is judged.
        linked: Whether the registry was linked since the last change.
        has_roster: Whether there is a roster.

    Returns:
        The reasons in words; none if the figure is final: it stays as it is unless reporters correct what they sent.
    """
    reasons = []
    if period is None:
        reasons.append("no period was named, so there is always more to come")
    elif period.last >= today:
        reasons.append("the period is not over")
    if not linked:
        reasons.append("records came or went since the last run of link")
    if not has_roster:
        reasons.append("no roster says who is to report")
    else:
        for one in covered:
            for state in MISSING:
                if one.states.get(state):
                    reasons.append(f"{one.period or 'without a period'}: {state}: {', '.join(one.reporters[state])}")
            if one.period is not None and not one.states:
                reasons.append(f"{one.period}: the roster expects nobody")
    return reasons


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesBreak:
    """Where figures before and after cannot be compared as they are.

    Attributes:
        year: The first year after the change, in which it may have happened during the year.
        kind: `codebook`, `roster` or `definition`.
        what: What changed.
        reason: Why, in `sv` and `en`, if a map of codebooks says it.
    """

    year: str
    kind: str
    what: str
    reason: dict[str, str] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain strings."""
        return asdict(self)


def codebook_breaks(series: Iterable[Mapping[str, Any]], items: Iterable[str]) -> Iterator[SeriesBreak]:
    """Yield the breaks that changes of the codebook made in some items, one for each item, kind and change.

    Args:
        series: Series as `linkage codebook breaks --json` prints them.
        items: The items of the table.
    """
    wanted = set(items)
    found: dict[tuple[str, str, str, str], tuple[list[str], dict[str, str] | None]] = {}
    for one in series:
        own = {one["item"], *(word.partition("/")[0] for word in one["before"])}
        if one["kind"] == "continues" or not own & wanted:
            continue
        key = (one["since"], one["item"], one["kind"], f"{one['old']} to {one['new']}")
        found.setdefault(key, ([], one["reason"]))[0].append(one["code"])
    for (since, item, kind, change), (codes, reason) in sorted(found.items()):
        what = f"{item}: {', '.join(codes)}: {kind} ({change}, since {since})"
        yield SeriesBreak(year=since[: len("YYYY")], kind="codebook", what=what, reason=reason)


def roster_breaks(rows: pa.Table) -> Iterator[SeriesBreak]:
    """Yield in which year reporters began or ended: by the roster or, without one, by what they sent.

    Args:
        rows: As for `coverage_of`.
    """
    by_roster = "due" in rows.column_names
    years: dict[str, set[str]] = {}
    due = rows["due"].to_pylist() if by_roster else [""] * rows.num_rows
    names = (rows[name].to_pylist() for name in ("reporter", "period", "state"))
    for reporter, period, state, day in zip(*names, due, strict=True):
        expected = day is not None if by_roster else state in ANSWERED
        if period is not None and expected:
            years.setdefault(reporter, set()).add(period[: len("YYYY")])
    every = {year for own in years.values() for year in own}
    for reporter, own in sorted(years.items()):
        if min(own) > min(every):
            verb = "is expected" if by_roster else "sends"
            yield SeriesBreak(year=min(own), kind="roster", what=f"{reporter} {verb} from {min(own)} on")
        if max(own) < max(every):
            after = f"{int(max(own)) + 1:04d}"
            verb = "is expected no longer" if by_roster else "sends nothing any more"
            yield SeriesBreak(year=after, kind="roster", what=f"{reporter} {verb} from {after} on")


def definition_breaks(name: str, begins: str | None) -> Iterator[SeriesBreak]:
    """Yield the year from which a definition was meant; earlier figures are counted by it all the same.

    Args:
        name: What the definition is called.
        begins: The year, or None.
    """
    if begins is not None:
        yield SeriesBreak(year=begins, kind="definition", what=f"definition {name} is meant for {begins} on")
