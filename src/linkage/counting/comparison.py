"""Rival definitions side by side: how the count and the series move, and which condition moves them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkage.counting.counted import Facing, ends_of
from linkage.counting.counts import Request, chosen, years_of
from linkage.counting.definition import Definition
from linkage.counting.draws import Drawn
from linkage.counting.periods import Period
from linkage.counting.quantiles import Span, spans_of
from linkage.counting.records import Records

__all__ = ["EVERYBODY", "Comparison", "Counterpart", "CounterpartRanges", "compare", "without"]

EVERYBODY: Final = "(no definition)"
"""Stands for the count of everybody in the role, the first row of each comparison."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterpartRanges:
    """The ranges of what one definition counts; each has the place of its count in `Counterpart`."""

    total: Span
    totals: tuple[Span, ...]
    with_first: Span
    first_only: Span
    difference: Span
    without: tuple[Span, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterpart:
    """What one definition counts.

    Attributes:
        definition: Its name, version and digest, or `EVERYBODY`.
        says: Its conditions in words.
        total: Number of units.
        totals: For each year the number of its units.
        with_first: How many of them the first definition counts too.
        first_only: How many the first one counts and this one does not.
        without: For each condition, the total if it were dropped.
        ranges: The ranges of all these; None if there are none. Both definitions are counted in the same draws, so that
            of the difference is narrower than those of the two counts.
        difference: How many more it counts than the first one.
    """

    definition: str
    says: tuple[str, ...]
    total: int
    totals: tuple[tuple[str, int], ...]
    with_first: int
    first_only: int
    difference: int
    without: tuple[tuple[str, int], ...]
    ranges: CounterpartRanges | None = None

    def figures(self) -> dict[str, int | None]:
        """Return the figures of the whole period, each with the ends of its range."""
        found: dict[str, int | None] = {}
        for name, column, before in _FIGURES:
            span = None if self.ranges is None else getattr(self.ranges, name)
            found |= {column: getattr(self, name)} | ends_of(span, before=before)
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists, strings and numbers."""
        one = self.ranges
        years = [None] * len(self.totals) if one is None else one.totals
        dropped = [None] * len(self.without) if one is None else one.without
        figures = {("total" if name == "count" else name): n for name, n in self.figures().items()}
        figures |= {f"total_{end}": figures.pop(end) for end in Span._fields}
        return {
            "definition": self.definition,
            "says": list(self.says),
            **figures,
            "totals": [
                {"year": year, "count": n} | ends_of(span) for (year, n), span in zip(self.totals, years, strict=True)
            ],
            "without": [
                {"condition": condition, "total": n} | ends_of(span)
                for (condition, n), span in zip(self.without, dropped, strict=True)
            ],
        }


_FIGURES: Final = (
    ("total", "count", ""),
    ("with_first", "with_first", "with_first_"),
    ("first_only", "first_only", "first_only_"),
    ("difference", "difference", "difference_"),
)
"""Attribute, column, and what stands before the ends of its range."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Definitions side by side.

    Attributes:
        rows: Everybody, then each definition; the first definition is the second row.
        beside: What stands beside the figures; it names no definition, since each row does.
    """

    rows: tuple[Counterpart, ...]
    beside: Facing

    def table(self) -> pa.Table:
        """Return one row for each definition and year, and one with `all` for the whole period, as Arrow.

        Returns:
            The columns `FACT_COLUMNS`, with the definition in its own, `year`, `count`, and, where the year is `all`,
            `with_first`, `first_only` and `difference`, each with the ends of its range, which are null if there is
            none.
        """
        rows: list[dict[str, str | int | None]] = []
        for one in self.rows:
            facts: dict[str, str | int | None] = dict(self.beside.facts())
            facts["definition"] = one.definition
            rows.append({**facts, "year": "all", **one.figures()})
            years = [None] * len(one.totals) if one.ranges is None else one.ranges.totals
            for (year, n), span in zip(one.totals, years, strict=True):
                rows.append({**facts, "year": year, "count": n, **ends_of(span)})
        texts = [(name, pa.string()) for name in (*self.beside.facts(), "year")]
        columns = [name for _, column, before in _FIGURES for name in (column, *(before + end for end in Span._fields))]
        return pa.Table.from_pylist(rows, schema=pa.schema([*texts, *((name, pa.int64()) for name in columns)]))

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists, strings and numbers, as `linkage compare-definitions --json` prints them."""
        return self.beside.to_dict() | {"definitions": [one.to_dict() for one in self.rows]}


def compare(
    records: Records, request: Request, definitions: Sequence[Definition], drawn: Drawn | None = None
) -> tuple[Counterpart, ...]:
    """Count by each definition.

    Args:
        records: The records, with the answers to every item of the definitions.
        request: What is to be counted, without a definition.
        definitions: The definitions, at least one.
        drawn: The persons that not all draws have; None if there are no ranges.

    Returns:
        Everybody, then each definition.
    """
    spans = years_of(records, request.period)
    first = _Counting(records, request, spans, definitions[0], None)
    first_drawn = None if drawn is None else _Counting(drawn.records, request, spans, definitions[0], None)
    found = []
    for one in (None, *definitions):
        own = _Counting(records, request, spans, one, first.units)
        counts = [len(units) for units in own.cells]
        n_years = len(spans)
        said = tuple(one.said()) if one is not None else ()
        counterpart = Counterpart(
            definition=EVERYBODY if one is None else one.title_text,
            says=said,
            total=counts[0],
            totals=tuple(zip((span.text for span in spans), counts[3 : 3 + n_years], strict=True)),
            with_first=counts[1],
            first_only=counts[2],
            difference=counts[0] - counts[1] - counts[2],
            without=tuple(zip(said, counts[3 + n_years :], strict=True)),
        )
        if drawn is not None and first_drawn is not None:
            changed = _Counting(drawn.records, request, spans, one, first_drawn.units)
            counterpart = replace(counterpart, ranges=_ranges(drawn, changed.cells, counts, n_years))
        found.append(counterpart)
    return tuple(found)


class _Counting:
    """What one definition counts: units of the whole period, and of each of its cells."""

    def __init__(
        self,
        records: Records,
        request: Request,
        spans: Sequence[Period],
        definition: Definition | None,
        first: NDArray[np.int64] | None,
    ) -> None:
        """Count.

        Args:
            records: The records.
            request: As for `compare`.
            spans: The years.
            definition: The definition, or None for everybody.
            first: The units of the first definition; None to leave out the cells.
        """

        def units(one: Definition | None, period: Period | None) -> NDArray[np.int64]:
            return chosen(records, replace(request, definition=one), period)[0].units

        self.units = units(definition, request.period)
        self.cells: list[NDArray[np.int64]] = []
        if first is not None:
            dropped = range(len(definition.conditions) if definition is not None else 0)
            self.cells = [
                self.units,
                np.intersect1d(self.units, first),
                np.setdiff1d(first, self.units),
                *(units(definition, span) for span in spans),
                *(units(without(definition, place), request.period) for place in dropped if definition is not None),
            ]


def _ranges(drawn: Drawn, cells: Sequence[NDArray[np.int64]], found: Sequence[int], n_years: int) -> CounterpartRanges:
    cell = np.repeat(np.arange(len(cells)), [len(units) for units in cells])
    counts = drawn.counts(np.concatenate(cells), cell, np.array(found, np.int64))
    total, both, only, *others = spans_of(counts)
    difference = counts[0] - counts[1] - counts[2]
    return CounterpartRanges(
        total=total,
        totals=tuple(others[:n_years]),
        with_first=both,
        first_only=only,
        difference=spans_of(difference[None, :])[0],
        without=tuple(others[n_years:]),
    )


def without(definition: Definition, place: int) -> Definition:
    """Return a definition without one of its conditions.

    Args:
        definition: The definition.
        place: Index of the condition.
    """
    kept = tuple(one for index, one in enumerate(definition.conditions) if index != place)
    return definition.model_copy(update={"conditions": kept})
