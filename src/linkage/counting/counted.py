"""A table of counts with everything that must stand beside its figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pyarrow as pa

from linkage.counting.bodies import Returns, Shared
from linkage.counting.bodies_drawn import SharedRanges
from linkage.counting.counts import Counts
from linkage.counting.dimensions import FACT_COLUMNS, Dimension
from linkage.counting.quantiles import Span
from linkage.counting.standing import ALL_TIMES, Coverage, SeriesBreak

__all__ = ["INTERNAL", "NO_RANGES", "PAIRS_ALONE", "Counted", "Facing", "Overlaps", "ends_of", "with_spans"]

INTERNAL: Final = "internal: not for release, small counts are not suppressed"
"""What every output says: what may leave needs disclosure control, which comes after."""

NO_RANGES: Final = "no ranges"
PAIRS_ALONE: Final = "undecided pairs alone"
"""On what ranges rest, if not on an estimate of records that never met."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facing:
    """What stands beside every figure of a table.

    Attributes:
        unit: What counts once: `person`, `case` or `report`.
        role: In which role.
        period: The period, or None for all times.
        as_of: The day whose records are counted, or None for today's.
        where: The filters, such as `sex_reported=woman`.
        codebook: Name and version of the newest codebook, in which answers are read.
        codebooks: Of each older codebook under which records were sent, title and number of records.
        rules: Name, version and digest of the attribute rules.
        definition: Name, version and digest of the definition, or None.
        definition_says: Its conditions in words.
        last_run: End of the last run of link, in UTC, or None.
        preliminary: Why the figures are preliminary; empty if they are final.
        coverage: Who reported, for each period.
        breaks: Where a series breaks.
        records: Number of records that could count.
        unlinked: Number of those without a person, because they came after the last run.
        without_role: Number of those without a role.
        undated: Number of those with neither event nor report date: the period for which they were sent dates them, or
            their receipt.
        astride: Number of those whose date is too coarse to tell whether they are of the period; they do not count.
        ranges: What the ranges of figures cover, or why there are none.
        range_basis: On what the number of records that never met rests, `by assumption` or `by sample of n`;
            `PAIRS_ALONE` if it could not be estimated, `NO_RANGES` if there are no ranges.
        review: Number of pairs of records that the last run left for review.
        review_persons: Number of pairs of persons that these are: each may be one person or two.
        erased: Number of records that were withdrawn or erased, at any time: no table has them, also not as of a day on
            which they were there.
    """

    unit: str
    role: str
    period: str | None
    as_of: str | None
    where: tuple[str, ...]
    codebook: str
    codebooks: tuple[tuple[str, int], ...]
    rules: str
    definition: str | None
    definition_says: tuple[str, ...] = ()
    last_run: str | None
    preliminary: tuple[str, ...]
    coverage: tuple[Coverage, ...] = ()
    breaks: tuple[SeriesBreak, ...] = ()
    records: int
    unlinked: int
    without_role: int
    undated: int
    astride: int
    ranges: str = ""
    range_basis: str = NO_RANGES
    review: int
    review_persons: int
    erased: int

    @property
    def state(self) -> str:
        """`preliminary` or `final`."""
        return "preliminary" if self.preliminary else "final"

    def facts(self) -> dict[str, str | None]:
        """Return the facts that stand in every row of a file."""
        where = "".join(f"; {one}" for one in self.where)
        values = (
            self.unit,
            self.role + where,
            self.period or ALL_TIMES,
            self.as_of,
            self.codebook,
            self.rules,
            self.definition or "none",
            self.state,
            "; ".join(f"{one.period or 'without a period'}: {one.said()}" for one in self.coverage),
            "; ".join(f"{one.year} {one.kind}: {one.what}" for one in self.breaks),
            self.range_basis,
            INTERNAL,
        )
        return dict(zip(FACT_COLUMNS, values, strict=True))

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists, strings and numbers."""
        plain = ("unit", "role", "period", "as_of", "codebook", "definition", "last_run")
        numbers = ("records", "unlinked", "without_role", "undated", "astride", "review", "review_persons", "erased")
        return {
            "use": INTERNAL,
            **{name: getattr(self, name) for name in plain},
            "attribute_rules": self.rules,
            "where": list(self.where),
            "codebooks": [{"codebook": title, "records": n} for title, n in self.codebooks],
            "definition_says": list(self.definition_says),
            "figures": self.state,
            "preliminary": list(self.preliminary),
            "coverage": [one.to_dict() for one in self.coverage],
            "breaks": [one.to_dict() for one in self.breaks],
            "ranges": self.ranges,
            "range_basis": self.range_basis,
            **{name: getattr(self, name) for name in numbers},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A table of counts.

    Attributes:
        counts: The cells, the total and the conflicts.
        by: What it is broken down by.
        rules_say: For each item that was used, its rule in words.
        beside: What stands beside the figures.
    """

    counts: Counts
    by: tuple[Dimension, ...] = ()
    rules_say: dict[str, str] = field(default_factory=dict)
    beside: Facing

    @property
    def adds_up(self) -> bool:
        """Whether the cells add up to the total."""
        return bool(sum(self.counts.cells["count"].to_pylist()) == self.counts.total)

    def table(self) -> pa.Table:
        """Return the cells as Arrow: the columns `FACT_COLUMNS`, one for each dimension, `count`, `low` and `high`.

        The last two are the ends of a 95 % range, null where there is none. A dimension with the name of another column
        has `by_` before it.
        """
        cells = self.counts.cells
        facts = self.beside.facts()
        columns = [pa.array([value] * cells.num_rows, pa.string()) for value in facts.values()]
        spans = None if self.counts.ranges is None else self.counts.ranges.cells
        return with_spans(pa.table([*columns, *cells.columns], [*facts, *cells.column_names]), spans)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain lists, strings and numbers, as `linkage table --json` prints it."""
        names = [one.name for one in self.by]
        ranges = self.counts.ranges
        of_years = [None] * len(self.counts.totals) if ranges is None else ranges.totals
        return self.beside.to_dict() | {
            "by": names,
            "attribute_rules_say": self.rules_say,
            "total": self.counts.total,
            **ends_of(None if ranges is None else ranges.total, before="total_"),
            "totals": [
                {"year": year, "count": n} | ends_of(span)
                for (year, n), span in zip(self.counts.totals, of_years, strict=True)
            ],
            "cells_add_up": self.adds_up,
            "several_values": list(self.counts.repeated),
            "cells": with_spans(self.counts.cells, None if ranges is None else ranges.cells).to_pylist(),
            "labels": {one.column: _used(one, self.counts.cells) for one in self.by if one.labels},
            "conflicts": [one.to_dict() for one in self.counts.conflicts],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlaps:
    """What reporters know together, who was first, and who came back after a closed case.

    Attributes:
        total: Number of persons.
        shared: See `Shared`.
        returns: See `Returns`.
        beside: What stands beside the figures.
        ranges: The ranges of `shared` and the total; None if there are none.
        returns_ranges: Those of `returns`, by the names of its figures; None if there are none.
    """

    total: int
    shared: Shared
    returns: Returns
    beside: Facing
    ranges: SharedRanges | None = None
    returns_ranges: dict[str, Span | None] | None = None

    def table(self, part: str = "exact") -> pa.Table:
        """Return one part as Arrow: the columns `FACT_COLUMNS`, and those of the part.

        Args:
            part: `exact`, `pairs` or `order`, see `Shared`; or `returns`, which has one row.

        Raises:
            KeyError: There is no such part.
        """
        parts = {**self.parts(), "returns": pa.Table.from_pylist([self.back()], schema=_RETURNS)}
        own = parts[part]
        facts = self.beside.facts()
        columns = [pa.array([value] * own.num_rows, pa.string()) for value in facts.values()]
        return pa.table([*columns, *own.columns], [*facts, *own.column_names])

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain lists, strings and numbers, as `linkage overlap --json` prints it."""
        parts = {name: table.to_pylist() for name, table in self.parts().items()}
        total = {"total": self.total} | ends_of(None if self.ranges is None else self.ranges.total, before="total_")
        return self.beside.to_dict() | {**total, **parts, "returns": self.back()}

    def back(self) -> dict[str, int | None]:
        """Return the figures of `Returns`, each with the ends of its range."""
        spans, found = self.returns_ranges or {}, dict[str, int | None]()
        for name, n in self.returns._asdict().items():
            found |= {name: n} | ends_of(spans.get(name), before=f"{name}_")
        return found

    def parts(self) -> dict[str, pa.Table]:
        """Return the tables of `Shared`, each with the ends of the ranges of its counts."""
        found = self.ranges
        spans = {name: None if found is None else getattr(found, name) for name in ("exact", "pairs", "order")}
        tables = {name: with_spans(table, spans[name]) for name, table in self.shared._asdict().items()}
        tables["order"] = with_spans(tables["order"], None if found is None else found.only, before="only_")
        for part, names in (("pairs", _PAIR_FIGURES), ("order", _ORDER_FIGURES)):
            for name in names:
                more = None if found is None else (found.in_pairs if part == "pairs" else found.in_order)[name]
                tables[part] = with_spans(tables[part], more, before=f"{name}_")
        return tables


_PAIR_FIGURES: Final = ("a_first", "b_first", "same_time", "months")
_ORDER_FIGURES: Final = ("first", "later", "same_time")
"""Figures with ranges of their own, beside `count` and `only`."""

_RETURNS: Final = pa.schema(
    [(name + end, pa.int64()) for name in Returns._fields for end in ("", *(f"_{one}" for one in Span._fields))]
)


def with_spans(table: pa.Table, spans: Sequence[Span | None] | None, *, before: str = "") -> pa.Table:
    """Return a table with columns `low` and `high`, null without ranges.

    Args:
        table: The table.
        spans: The ranges of its rows, or None.
        before: What stands before the names of both columns.
    """
    for place, name in enumerate(Span._fields):
        ends = [None] * table.num_rows if spans is None else [None if span is None else span[place] for span in spans]
        table = table.append_column(before + name, pa.array(ends, pa.int64()))
    return table


def ends_of(span: Span | None, *, before: str = "") -> dict[str, int | None]:
    """Return the ends of a range by name, both None without one.

    Args:
        span: The range, or None.
        before: What stands before the names.
    """
    ends = (None, None) if span is None else span
    return {before + name: end for name, end in zip(Span._fields, ends, strict=True)}


def _used(dimension: Dimension, cells: pa.Table) -> dict[str, str]:
    values = dict.fromkeys(cells[dimension.column].to_pylist())
    return {value: dimension.labels[value] for value in values if value in dimension.labels}
