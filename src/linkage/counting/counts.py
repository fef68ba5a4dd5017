"""Count persons, cases or reports by their values: one cell for each combination, and the total."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import reduce
from itertools import product
from math import prod
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from linkage.counting.attributes import Conflicts, Facts, Resolved, resolve
from linkage.counting.bodies import first_reporters, known_to, meetings
from linkage.counting.definition import Definition, accepted_codes, items_of, meets, met_by
from linkage.counting.dimensions import COUNT, NOT_GIVEN, Dimension, in_order
from linkage.counting.periods import Period
from linkage.counting.quantiles import Ranges
from linkage.counting.records import Records
from linkage.counting.rules import AttributeRule, AttributeRules
from linkage.counting.selection import Role, Selection, Unit, select
from pseudonym.codebook import Item

__all__ = ["Counts", "Request", "Values", "chosen", "count", "in_cell_order", "placed", "years_of"]

MAX_EMPTY_CELLS: Final = 10_000
"""With more combinations than this, cells of zero are left out."""

_OF_THE_CASE: Final = "case_state"
"""What a record says of its case, and not of its person."""

MOST_YEARS: Final = 60

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is to be counted.

    Attributes:
        unit: What counts once.
        role: In which role.
        period: When; None for all times.
        by: What it is broken down by.
        where: For some dimensions the values of which one is needed.
        rules: The attribute rules.
        definition: Who counts, or None for everybody.
        items: The items of the newest codebook, by name.
    """

    unit: Unit
    role: Role
    period: Period | None
    by: tuple[Dimension, ...]
    where: tuple[tuple[Dimension, frozenset[str]], ...] = ()
    rules: AttributeRules
    definition: Definition | None = None
    items: Mapping[str, Item] = field(default_factory=dict)

    def rule_of(self, item: str) -> AttributeRule:
        """Return the rule of an item. A case or report has every value of the persons in it, and a state of its own."""
        many = item in self.items and self.items[item].many
        rule = self.rules.rule_of(item, many=many)
        if self.unit == "person" or item == _OF_THE_CASE:
            return rule
        return AttributeRule(prefer=("known",), values="all", records=rule.records)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What was counted.

    Attributes:
        cells: A column for each dimension and `count`; rows in the order of the values.
        total: Number of persons, cases or reports, each once.
        totals: With years: that number for each year.
        repeated: Dimensions of which one unit can have several values, so that cells may add up to more than the total.
        conflicts: For each item that was used, how often records disagree, over the whole period.
        ranges: The ranges of the cells, the total and the totals; None if there are none.
    """

    cells: pa.Table
    total: int
    totals: tuple[tuple[str, int], ...]
    repeated: tuple[str, ...]
    conflicts: tuple[Conflicts, ...]
    ranges: Ranges | None = None


def chosen(records: Records, request: Request, period: Period | None) -> tuple[Selection, Callable[[str], Resolved]]:
    """Select who is counted in a period, and how the values of an item are found for them.

    Args:
        records: The records.
        request: What is to be counted; `where` and `definition` are met by all that are selected.
        period: The period, which may be a part of that of the request.

    Returns:
        The selection, and a function that takes an item to its values.
    """
    definition, unknown = request.definition, request.rules.unknown
    meeting = None
    if definition is not None and definition.judged_by == "record":
        conditions = items_of(definition).items()
        each = [meets(one, records.items[item], request.items.get(item), unknown) for item, one in conditions]
        meeting = reduce(np.logical_and, each, np.ones(records.n, np.bool_))
    found = select(records, unit=request.unit, role=request.role, period=period, meeting=meeting)
    values = Values(records, request, found)
    if definition is not None and definition.judged_by == "person":
        for item, one in items_of(definition).items():
            met, unsettled = accepted_codes(one, request.items.get(item), unknown)
            sets = _sets(values.resolved(item).values, found.units)
            keep = np.array([met_by(codes, met, unsettled, unknown=one.unknown) for codes in sets], np.bool_)
            found = found.only(keep)
    for dimension, wanted in request.where:
        sets = _sets(values.pairs(dimension), found.units)
        found = found.only(np.array([bool(wanted & (codes or {NOT_GIVEN})) for codes in sets], np.bool_))
    return found, Values(records, request, found).resolved


def count(records: Records, request: Request) -> Counts:
    """Count the units of a request by its dimensions.

    Args:
        records: The records, with the answers to every item that the request uses.
        request: What is to be counted.

    Returns:
        The counts, which do not depend on the order of the records. Each year is counted as a period of its own: by
        the records of that year.
    """
    years = [one for one in request.by if one.kind == "year"]
    others = [one for one in request.by if one.kind != "year"]
    whole, resolved = chosen(records, request, request.period)
    values = Values(records, request, whole)
    if years:
        spans = years_of(records, request.period)
        parts = [(span, chosen(records, request, span)[0]) for span in spans]
        tables = [_cells(Values(records, request, part), others, year=span.text) for span, part in parts]
        totals = tuple((span.text, len(part.units)) for span, part in parts)
        cells = pa.concat_tables(tables) if tables else _cells(Values(records, request, whole), others, year="")[:0]
        order = tuple(span.text for span in spans)
        years = [Dimension(name=years[0].name, kind="year", order=order)]
    else:
        cells, totals = _cells(values, others, year=None), ()
    by_name = {one.name: one for one in (*years, *others)}
    repeated = [name for name, one in by_name.items() if values.repeats(one)]
    items = dict.fromkeys([one.item for one, _ in request.where if one.item])
    items |= dict.fromkeys([*items_of(request.definition), *(one.item for one in others if one.item)])
    return Counts(
        cells=_sorted(cells, [by_name[one.name] for one in request.by]),
        total=len(whole.units),
        totals=totals,
        repeated=tuple(repeated),
        conflicts=tuple(resolved(item).conflicts for item in items),
    )


class Values:
    """The values of the units of one selection, each found once."""

    def __init__(self, records: Records, request: Request, selection: Selection) -> None:
        self.selection = selection
        self._records = records
        self._request = request
        self._found: dict[str, Resolved] = {}

    def resolved(self, item: str) -> Resolved:
        """Return the values of an item."""
        if item not in self._found:
            records, rule = self._records, self._request.rule_of(item)
            first, last = records.dates
            reporter, reporters = records.reporters
            facts = Facts(victim=records.roles == 0, first=first, last=last, reporter=reporter, reporters=reporters)
            scope = self.selection.scope(whole=rule.records == "all")
            unknown = self._request.rules.unknown
            self._found[item] = resolve(scope, records.items[item], rule, facts, unknown=unknown, item=item)
        return self._found[item]

    def pairs(self, dimension: Dimension) -> pa.Table:
        """Return the values of a dimension: columns `unit` and `value`, distinct rows."""
        if dimension.kind == "item":
            table = self.resolved(dimension.item).values
            if dimension.group_of is None:
                return table
            groups = [dimension.group_of.get(code, code) for code in table["value"].to_pylist()]
            grouped = table.set_column(1, "value", pa.array(groups, pa.string()))
            return grouped.group_by(["unit", "value"]).aggregate([])
        met = meetings(self._records, self.selection)
        if dimension.kind == "first_reporter":
            return first_reporters(met)
        each, together, numbers = known_to(met)
        return {"reporter": each, "reporters": together, "n_reporters": numbers}[dimension.kind]

    def repeats(self, dimension: Dimension) -> bool:
        """Return whether a unit may have several values of a dimension."""
        if dimension.kind in {"year", "reporter"}:
            return True
        return dimension.kind == "item" and self._request.rule_of(dimension.item).values != "one"


def placed(values: Values, by: Sequence[Dimension]) -> pa.Table:
    """Return in which cells each unit counts: `unit`, and a column for each dimension, named by its number from 0."""
    # Within, columns are named by numbers, since items may have any name.
    table = pa.table({_UNIT: pa.array(values.selection.units, pa.int64())})
    for number, dimension in enumerate(by):
        name = str(number)
        table = table.join(values.pairs(dimension).rename_columns([_UNIT, name]), _UNIT, join_type="left outer")
        table = table.set_column(number + 1, name, pc.fill_null(table[name], NOT_GIVEN))
    return table


def _cells(values: Values, by: Sequence[Dimension], *, year: str | None) -> pa.Table:
    table = placed(values, by)
    keys = table.column_names[1:]
    if by:
        counted = table.group_by(keys).aggregate([(_UNIT, "count")])
        table = pa.table(
            [*(counted[key] for key in keys), counted[f"{_UNIT}_count"]], [*(one.column for one in by), COUNT]
        )
    else:
        table = pa.table({COUNT: pa.array([table.num_rows], pa.int64())})
    if year is not None:
        table = table.append_column("year", pa.array([year] * table.num_rows, pa.string()))
    return table


_UNIT: Final = "unit"


def in_cell_order(cells: pa.Table, request: Request, years: Sequence[str]) -> pa.Table:
    """Sort cells as `count` does.

    Args:
        cells: A column for each dimension, and `count`.
        request: What was counted.
        years: The years of a series.
    """
    of_years = [replace(one, order=tuple(years)) if one.kind == "year" else one for one in request.by]
    return _sorted(cells, of_years)


def _sorted(cells: pa.Table, by: Sequence[Dimension]) -> pa.Table:
    """Sort the cells by the values of each dimension, and add those of zero if there are two dimensions or more."""
    if not by:
        return cells
    columns = [cells[one.column].to_pylist() for one in by]
    found = dict(zip(zip(*columns, strict=True), cells[COUNT].to_pylist(), strict=True))
    orders = [
        list(one.order) if one.kind == "year" else in_order(sorted(set(column)), one)
        for one, column in zip(by, columns, strict=True)
    ]
    if prod(map(len, orders)) <= MAX_EMPTY_CELLS:
        rows = list(product(*orders))
    else:
        places = [{value: place for place, value in enumerate(order)} for order in orders]
        rows = sorted(found, key=lambda row: [place[value] for place, value in zip(places, row, strict=True)])
    sorted_columns = [pa.array([row[place] for row in rows], pa.string()) for place in range(len(by))]
    counts = pa.array([found.get(row, 0) for row in rows], pa.int64())
    return pa.table([*sorted_columns, counts], [*(one.column for one in by), COUNT])


def years_of(records: Records, period: Period | None) -> tuple[Period, ...]:
    """Return the years of a series: those of the period, or all from the first that a record is of to the last.

    If these are more than `MOST_YEARS`, as by a mistyped date, years without a record are left out.

    Args:
        records: The records.
        period: The period, or None.
    """
    if period is not None:
        return period.years
    first, last = records.dates
    if not records.n:
        return ()
    begin, end = (date.fromordinal(int(day)) for day in (first.min(), last.max()))
    every = Period("", date(begin.year, 1, 1), date(end.year, 12, 31)).years
    if len(every) <= MOST_YEARS:
        return every
    return tuple(span for span in every if records.inside(span).any())


def _sets(pairs: pa.Table, units: Ints) -> list[set[str]]:
    """Return the values of each unit."""
    found: dict[int, set[str]] = {}
    for unit, value in zip(pairs["unit"].to_pylist(), pairs["value"].to_pylist(), strict=True):
        found.setdefault(unit, set()).add(value)
    return [found.get(unit, set()) for unit in units.tolist()]
