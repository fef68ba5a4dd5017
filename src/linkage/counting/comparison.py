"""Rival definitions side by side: how the count and the series move, and which condition moves them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pyarrow as pa

from linkage.counting.counted import Facing
from linkage.counting.counts import Request, chosen, years_of
from linkage.counting.definition import Definition
from linkage.counting.periods import Period
from linkage.counting.records import Records

__all__ = ["EVERYBODY", "Comparison", "Counterpart", "compare", "without"]

EVERYBODY: Final = "(no definition)"
"""Stands for the count of everybody in the role, the first row of each comparison."""


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
    """

    definition: str
    says: tuple[str, ...]
    total: int
    totals: tuple[tuple[str, int], ...]
    with_first: int
    first_only: int
    without: tuple[tuple[str, int], ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists, strings and numbers."""
        return {
            "definition": self.definition,
            "says": list(self.says),
            "total": self.total,
            "totals": [{"year": year, "count": n} for year, n in self.totals],
            "with_first": self.with_first,
            "first_only": self.first_only,
            "without": [{"condition": condition, "total": n} for condition, n in self.without],
        }


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
            `with_first` and `first_only`.
        """
        rows = []
        for one in self.rows:
            facts = self.beside.facts() | {"definition": one.definition}
            whole = {"year": "all", "count": one.total, "with_first": one.with_first, "first_only": one.first_only}
            rows.append(facts | whole)
            rows += [facts | {"year": year, "count": n} for year, n in one.totals]
        texts = [(name, pa.string()) for name in (*self.beside.facts(), "year")]
        numbers = [(name, pa.int64()) for name in ("count", "with_first", "first_only")]
        return pa.Table.from_pylist(rows, schema=pa.schema([*texts, *numbers]))

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists, strings and numbers, as `linkage compare-definitions --json` prints them."""
        return self.beside.to_dict() | {"definitions": [one.to_dict() for one in self.rows]}


def compare(records: Records, request: Request, definitions: Sequence[Definition]) -> tuple[Counterpart, ...]:
    """Count by each definition.

    Args:
        records: The records, with the answers to every item of the definitions.
        request: What is to be counted, without a definition.
        definitions: The definitions, at least one.

    Returns:
        Everybody, then each definition.
    """
    spans = years_of(records, request.period)

    def units(definition: Definition | None, period: Period | None) -> Any:
        return chosen(records, replace(request, definition=definition), period)[0].units

    first = units(definitions[0], request.period)
    found = []
    for one in (None, *definitions):
        own = units(one, request.period)
        both = len(np.intersect1d(own, first))
        found.append(
            Counterpart(
                definition=EVERYBODY if one is None else one.title_text,
                says=() if one is None else tuple(one.said()),
                total=len(own),
                totals=tuple((span.text, len(units(one, span))) for span in spans),
                with_first=both,
                first_only=len(first) - both,
                without=tuple(
                    (said, len(units(without(one, place), request.period)))
                    for place, said in enumerate(one.said() if one is not None else ())
                    if one is not None
                ),
            )
        )
    return tuple(found)


def without(definition: Definition, place: int) -> Definition:
    """Return a definition without one of its conditions.

    Args:
        definition: The definition.
        place: Index of the condition.
    """
    kept = tuple(one for index, one in enumerate(definition.conditions) if index != place)
    return definition.model_copy(update={"conditions": kept})
