"""How many persons each reporter alone knows, read from the store and counted in draws."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from linkage.counting import Facing, Marginal, chosen, marginal
from linkage.statistics_unit.counting import Asked, open_request
from linkage.statistics_unit.drawn import WHY_NONE, attributes_of, read_draws
from linkage.statistics_unit.stored_codebooks import read_book
from linkage.store import Session

__all__ = ["MarginalCount", "read_marginal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginalCount:
    """The persons that only one reporter knows.

    Attributes:
        marginal: See `Marginal`.
        has_ranges: Whether there were draws, so that ranges and expected numbers say more than what was found.
        beside: What stands beside the figures.
    """

    marginal: Marginal
    has_ranges: bool
    beside: Facing

    def table(self) -> pa.Table:
        """Return the reporters as Arrow: the columns `FACT_COLUMNS`, and those of `Marginal.reporters`."""
        own = self.marginal.reporters
        facts = self.beside.facts()
        columns = [pa.array([value] * own.num_rows, pa.string()) for value in facts.values()]
        return pa.table([*columns, *own.columns], [*facts, *own.column_names])

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain lists, strings and numbers, as `linkage bodies --json` prints it."""
        one = self.marginal
        total = {"found": one.total, "expected": one.expected, "fewest": one.low, "most": one.high}
        return self.beside.to_dict() | {
            "has_ranges": self.has_ranges,
            "total": total,
            "reporters": one.reporters.to_pylist(),
        }


def read_marginal(session: Session, asked: Asked) -> MarginalCount:
    """Count the persons that only one reporter knows; see `linkage.counting.marginal`.

    Args:
        session: The open registry.
        asked: What is asked for; `by` and `unit` make no difference.

    Raises:
        NotLinkedError: As `check_linked`.
        SettingsError: As `open_request`.
    """
    opened = open_request(session, replace(asked, by=(), unit="person"))
    selection, _ = chosen(opened.records, opened.request, opened.request.period)
    if asked.as_of is not None:
        draws, said = None, WHY_NONE["as_of"]
    else:
        draws, said = read_draws(session, opened.records, attributes_of(read_book(session)))
    inside = opened.records.inside(opened.request.period)
    return MarginalCount(
        marginal=marginal(opened.records, selection, inside, draws or ()),
        has_ranges=draws is not None,
        beside=replace(opened.beside, ranges=said),
    )
