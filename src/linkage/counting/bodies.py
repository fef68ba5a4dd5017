"""Which reporters know a person, who was first, how much later others came, and who returned after a closed case."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from linkage.counting.dimensions import SAME_TIME
from linkage.counting.periods import NO_DAY, day_spans
from linkage.counting.records import Records
from linkage.counting.selection import Selection

__all__ = [
    "BETWEEN",
    "ORDER",
    "Meetings",
    "Returning",
    "Returns",
    "Shared",
    "first_reporters",
    "in_pairs",
    "known_to",
    "lower_median",
    "meetings",
    "order_of",
    "pair_order",
    "returning",
    "returns",
    "shared",
]

BETWEEN: Final = " + "
"""Stands between the codes of reporters that know somebody together; no code has a blank."""

_DAYS_A_MONTH: Final = 365.2425 / 12

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Meetings:
    """Who knows whom since when: one entry for each unit and reporter that has a record of it in the period.

    Attributes:
        unit: `(m,) int64`, ascending.
        reporter: `(m,) int64`, index into `reporters`, ascending within a unit.
        first: `(m,) int64`, the first day on which the earliest report may have been made.
        last: `(m,) int64`, the last one; both are equal where the day is known.
        reporters: Codes of the reporters.
    """

    unit: Ints
    reporter: Ints
    first: Ints
    last: Ints
    reporters: tuple[str, ...]


def meetings(records: Records, selection: Selection) -> Meetings:
    """Return which reporters know the units of a selection by records of the period, in whatever role.

    The time of a report is its report date; without one, the event date; without that, the period for which it was
    sent, or the day on which it came.
    """
    rows = np.flatnonzero(selection.inside)
    reporter, names = records.reporters
    dates = pc.coalesce(*(records.rows[name] for name in ("report_date", "event_date", "period", "received")))
    first, last = day_spans(dates)
    pairs = selection.unit[rows] * max(len(names), 1) + reporter[rows]
    found, place = np.unique(pairs, return_inverse=True)
    earliest = []
    for days in (first, last):
        best = np.full(len(found), NO_DAY, np.int64)
        np.minimum.at(best, place, days[rows])
        earliest.append(best)
    unit, who = np.divmod(found, max(len(names), 1))
    return Meetings(unit=unit, reporter=who, first=earliest[0], last=earliest[1], reporters=names)


def known_to(met: Meetings) -> tuple[pa.Table, pa.Table, pa.Table]:
    """Return for each unit its reporters, all of them as one text, and their number: three tables `unit`, `value`."""
    names = np.array(met.reporters, dtype=object)[met.reporter] if len(met.unit) else np.zeros(0, object)
    each = _pairs(met.unit, names.tolist())
    units, starts = np.unique(met.unit, return_index=True)
    parts = np.split(names, starts[1:]) if len(units) else []
    return each, _pairs(units, [BETWEEN.join(one) for one in parts]), _pairs(units, [str(len(one)) for one in parts])


def first_reporters(met: Meetings) -> pa.Table:
    """Return for each unit the reporter that reported it first; `SAME_TIME` if the dates leave that open.

    Returns:
        Columns `unit` and `value`, one row a unit.
    """
    units, starts = np.unique(met.unit, return_index=True)
    values = []
    for rows in np.split(np.arange(len(met.unit)), starts[1:]) if len(units) else []:
        one = rows[np.argmin(met.last[rows])]
        others = rows[rows != one]
        certain = len(others) == 0 or met.last[one] < met.first[others].min()
        values.append(met.reporters[met.reporter[one]] if certain else SAME_TIME)
    return _pairs(units, values)


class Shared(NamedTuple):
    """What reporters know together.

    Attributes:
        exact: Columns `reporters`, `n_reporters` and `count`: units known to exactly these; adds up to all.
        pairs: Columns `reporter_a`, `reporter_b` (`a` sorts before `b`), `count`: known to both, whoever else knows
            them; `a_first`, `b_first` and `same_time`, which add up to it; and `months`, the median of whole months
            between the two where one was first, or null.
        order: Columns `reporter`, `count` (all that it knows), `only` (nobody else does), `first` (before all others),
            `later` and `same_time`, which add up to `count`.
    """

    exact: pa.Table
    pairs: pa.Table
    order: pa.Table


def shared(met: Meetings) -> Shared:
    """Count the units that reporters know together, exactly and in pairs, and who was first."""
    _, together, numbers = known_to(met)
    exact = together.append_column("n_reporters", pc.cast(numbers["value"], pa.int64())).rename_columns(
        ["unit", "reporters", "n_reporters"]
    )
    counted = exact.group_by(["n_reporters", "reporters"]).aggregate([("unit", "count")])
    counted = counted.rename_columns(["n_reporters", "reporters", "count"]).select(
        ["reporters", "n_reporters", "count"]
    )
    return Shared(
        exact=counted.sort_by([("count", "descending"), ("n_reporters", "ascending"), ("reporters", "ascending")]),
        pairs=_pair_table(met),
        order=_order_table(met),
    )


def _pair_table(met: Meetings) -> pa.Table:
    one, other = in_pairs(met.unit)
    pair = met.reporter[one] * max(len(met.reporters), 1) + met.reporter[other]
    found, place = np.unique(pair, return_inverse=True)
    order, gap = pair_order(met, one, other)
    n = np.bincount(place, minlength=len(found))
    ways = (np.bincount(place[order == way], minlength=len(found)) for way in _WAYS)
    ordered = np.flatnonzero(gap >= 0)
    by_pair = ordered[np.argsort(place[ordered], kind="stable")]
    ends = np.searchsorted(place[by_pair], np.arange(len(found) + 1))
    months = [lower_median(gap[by_pair[begin:end]]) for begin, end in pairwise(ends.tolist())]
    names = pa.array(met.reporters, pa.string())
    a, b = np.divmod(found, max(len(met.reporters), 1))
    numbers = [pa.array(column, pa.int64()) for column in (n, *ways)]
    columns = [names.take(pa.array(a)), names.take(pa.array(b)), *numbers, pa.array(months, pa.int64())]
    return pa.table(columns, schema=_PAIR)


def pair_order(met: Meetings, one: Ints, other: Ints) -> tuple[Ints, Ints]:
    """Return which of two entries of one unit was first, and how much later the other came.

    Args:
        met: The entries.
        one: `(p,) int64`, as `in_pairs` has them.
        other: `(p,) int64`.

    Returns:
        `(p,) int64`, 0 where `one` was first, 1 where `other` was, 2 where the dates leave it open; and the whole
        months between the two, -1 where it is open.
    """
    one_first, other_first = met.last[one] < met.first[other], met.last[other] < met.first[one]
    order = np.where(one_first, 0, np.where(other_first, 1, 2))
    return order, np.where(order < 2, _months(met.first[one], met.first[other]), -1)


def in_pairs(unit: Ints) -> tuple[Ints, Ints]:
    """Return the places of each two entries of one unit, the earlier one first.

    Args:
        unit: `(m,) int64`, ascending.
    """
    ends = np.searchsorted(unit, unit, side="right")
    following = ends - np.arange(len(unit)) - 1
    one = np.repeat(np.arange(len(unit)), following)
    nth = np.arange(len(one)) - np.repeat(np.cumsum(following) - following, following)
    return one, one + 1 + nth


def _order_table(met: Meetings) -> pa.Table:
    n_reporters, place = len(met.reporters), order_of(met)
    known = np.bincount(met.reporter, minlength=n_reporters)
    counts = [np.bincount(met.reporter[place == nth], minlength=n_reporters) for nth in range(len(ORDER))]
    columns = [pa.array(met.reporters, pa.string()), *(pa.array(one, pa.int64()) for one in (known, *counts))]
    return pa.table(columns, schema=_ORDER)


def order_of(met: Meetings) -> Ints:
    """Return `(m,) int64`, index into `ORDER`: whether the reporter of each entry was first to know its unit."""
    first = first_reporters(met)
    units = first["unit"].to_numpy()
    n_of = np.bincount(met.unit, minlength=int(met.unit.max(initial=-1)) + 1)
    number = {name: place for place, name in enumerate(met.reporters)}
    winner = np.full(len(n_of), -1, np.int64)
    winner[units] = [number.get(name, -1) for name in first["value"].to_pylist()]
    # Where nobody was certainly first, a reporter that some other certainly preceded is later all the same.
    soonest = np.full(len(n_of), NO_DAY, np.int64)
    np.minimum.at(soonest, met.unit, met.last)
    later = soonest[met.unit] < met.first
    found: Ints = np.select([n_of[met.unit] == 1, winner[met.unit] == met.reporter, later], [0, 1, 2], 3)
    return found


def _months(one: Ints, other: Ints) -> Ints:
    """Return the whole months between two days each."""
    found: Ints = np.floor(np.abs(one - other) / _DAYS_A_MONTH + _ROUNDING).astype(np.int64)
    return found


def lower_median(values: Ints) -> int | None:
    """Return the lower median; None if there is no value."""
    return int(np.sort(values)[(len(values) - 1) // 2]) if len(values) else None


_ROUNDING: Final = 0.1
"""A month may be three days shorter than the average, and is still a month."""

_WAYS: Final = (0, 1, 2)

ORDER: Final = ("only", "first", "later", "same_time")
"""How a reporter comes to know a person: alone, before all others, after another, or in an order that is open."""

_PAIR: Final = pa.schema(
    [("reporter_a", pa.string()), ("reporter_b", pa.string())]
    + [(name, pa.int64()) for name in ("count", "a_first", "b_first", "same_time", "months")]
)
_ORDER: Final = pa.schema([("reporter", pa.string())] + [(name, pa.int64()) for name in ("count", *ORDER)])


class Returns(NamedTuple):
    """Who came back after a case was closed.

    Attributes:
        closed: Units with a closed case.
        returned: Those of them with an event in another case after the month or day in which the case was closed.
        same_reporter: Those that the reporter that had closed the case met again.
        other_reporter: Those that another reporter met.
        open: Those of which the dates leave open whether the event was before or after, and no other event was after.
        months: Median of the whole months from the first closing to the first event after it, or None.
    """

    closed: int
    returned: int
    same_reporter: int
    other_reporter: int
    open: int
    months: int | None


class Returning(NamedTuple):
    """Who came back, unit by unit.

    Attributes:
        closed: The units with a closed case.
        returned: Those that came back.
        same_reporter: Those that the reporter that had closed the case met again.
        other_reporter: Those that another reporter met.
        open: Those of which it is open.
        months: `(r,) int64`, of each unit in `returned`, the whole months from the first closing.
    """

    closed: Ints
    returned: Ints
    same_reporter: Ints
    other_reporter: Ints
    open: Ints
    months: Ints


def returns(records: Records, selection: Selection) -> Returns:
    """Count the persons that came back after a closed case.

    A case is closed if its latest record says so; the day is that of the outcome, else of the report, else of the
    event. What is after it is judged by event dates, else report dates.
    """
    found = returning(records, selection)
    return Returns(
        closed=len(found.closed),
        returned=len(found.returned),
        same_reporter=len(found.same_reporter),
        other_reporter=len(found.other_reporter),
        open=len(found.open),
        months=lower_median(found.months),
    )


def returning(records: Records, selection: Selection) -> Returning:
    """Return who came back after a closed case; see `returns`."""
    rows = np.flatnonzero(selection.inside & (selection.unit >= 0))
    unit, case = selection.unit[rows], records.cases[rows]
    reporter = records.reporters[0][rows]
    names = ("event_date", "report_date", "outcome_date")
    dates = {name: records.rows[name] for name in names}
    event = [days[rows] for days in day_spans(pc.coalesce(dates["event_date"], dates["report_date"]))]
    ends = pc.coalesce(dates["outcome_date"], dates["report_date"], dates["event_date"])
    end = [days[rows] for days in day_spans(ends)]
    is_closed = pc.fill_null(pc.equal(records.rows["case_state"], "closed"), False).to_numpy()[rows]
    by_unit = np.argsort(unit, kind="stable")
    sorted_units = unit[by_unit]
    found: dict[int, list[tuple[int, int, bool]]] = {}
    closed_units, unsettled = set(), set()
    for one in _closed_cases(unit, case, is_closed, event[0], end[1]):
        who, when = int(unit[one]), int(end[1][one])
        closed_units.add(who)
        if when >= NO_DAY:
            continue
        own = by_unit[np.searchsorted(sorted_units, who) : np.searchsorted(sorted_units, who, side="right")]
        for row in own[(case[own] != case[one]) & (event[0][own] < NO_DAY)]:
            if event[0][row] > when:
                closing = int(end[0][one])
                gap = int(event[0][row]) - closing
                found.setdefault(who, []).append((closing, gap, bool(reporter[row] == reporter[one])))
            elif event[1][row] >= end[0][one]:
                unsettled.add(who)
    gaps = np.array([min(one)[1] for one in found.values()], np.int64)
    return Returning(
        closed=_numbers(closed_units),
        returned=_numbers(found),
        same_reporter=_numbers(who for who, one in found.items() if any(same for *_, same in one)),
        other_reporter=_numbers(who for who, one in found.items() if any(not same for *_, same in one)),
        open=_numbers(unsettled - found.keys()),
        months=_months(gaps, np.zeros_like(gaps)),
    )


def _numbers(units: Iterable[int]) -> Ints:
    return np.array(list(units), np.int64)


def _closed_cases(unit: Ints, case: Ints, is_closed: NDArray[np.bool_], event: Ints, end: Ints) -> list[int]:
    """Return the row of each unit and case whose latest record says that the case is closed."""
    # Of records of one time, one that is closed is the later one.
    when = np.where(event < NO_DAY, event, end)
    order = np.lexsort((is_closed, when, case, unit))
    ends_group = np.ones(len(order), np.bool_)
    ends_group[:-1] = (unit[order][1:] != unit[order][:-1]) | (case[order][1:] != case[order][:-1])
    latest = order[ends_group]
    return [int(row) for row in latest[is_closed[latest]]]


def _pairs(units: Ints, values: list[str]) -> pa.Table:
    return pa.table({"unit": pa.array(units, pa.int64()), "value": pa.array(values, pa.string())})
