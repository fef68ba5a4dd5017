"""How many persons would be counted no more without each reporter: those that it alone knows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkage.counting.bodies import ORDER, meetings, order_of
from linkage.counting.counted import Facing
from linkage.counting.counts import Request, chosen
from linkage.counting.draws import Drawn
from linkage.counting.quantiles import spans_of
from linkage.counting.records import Records
from linkage.counting.selection import Selection

__all__ = ["Marginal", "MarginalCount", "marginal"]

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Marginal:
    """The persons that only one reporter knows.

    Attributes:
        reporters: Columns `reporter`, `count` (persons that it knows), `found` (of these nobody else does, as far as
            records are linked), `expected`, `fewest` and `most` (what that is with the links that are missing, and the
            95 % range); the most expected first.
        total: Number of persons found.
        expected: Expected number of persons.
        low: Lower end of its 95 % range.
        high: Upper end.
    """

    reporters: pa.Table
    total: int
    expected: int
    low: int
    high: int


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


def marginal(records: Records, request: Request, drawn: Drawn | None) -> Marginal:
    """Count the persons that only one reporter knows, found and in draws.

    A person known to two bodies, whose records were not linked, looks like two that one body alone knows; so the number
    found is too high, and each draw of the persons lowers it. Draws are counted as for every other table, so that all
    agree.

    Args:
        records: The records.
        request: What is counted; what it is broken down by makes no difference.
        drawn: The persons that not all draws have; None without draws, when what is found is all that there is.
    """
    selection, _ = chosen(records, request, request.period)
    names = records.reporters[1]
    _, reporters, alone = _known(records, selection, names)
    known, only = (np.bincount(one, minlength=len(names)) for one in (reporters, reporters[alone]))
    in_draws, totals = only[:, None], np.array([[len(selection.units)]])
    if drawn is not None:
        changed, _ = chosen(drawn.records, request, request.period)
        unit, reporter, lone = _known(drawn.records, changed, names)
        in_draws = drawn.counts(unit[lone], reporter[lone], only)
        totals = drawn.counts(changed.units, np.zeros(len(changed.units), np.int64), totals[:, 0])
    expected = np.rint(in_draws.mean(axis=1)).astype(np.int64)
    spans, whole = spans_of(in_draws), spans_of(totals)[0]
    order = np.lexsort((np.arange(len(names)), -known, -expected))
    low, high = (np.array([span[end] for span in spans], np.int64) for end in (0, 1))
    columns = {"count": known, "found": only, "expected": expected, "fewest": low, "most": high}
    return Marginal(
        reporters=pa.table(
            {"reporter": pa.array([names[place] for place in order], pa.string())}
            | {name: pa.array(column[order], pa.int64()) for name, column in columns.items()}
        ),
        total=len(selection.units),
        expected=int(np.rint(totals.mean())),
        low=whole.low,
        high=whole.high,
    )


def _known(records: Records, selection: Selection, names: Sequence[str]) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    """Return units and the reporters that know them, by their places in `names`, and whether nobody else does."""
    met = meetings(records, selection)
    place = {name: number for number, name in enumerate(names)}
    reporter = np.array([place[name] for name in met.reporters], np.int64)
    return met.unit, reporter[met.reporter] if len(met.unit) else met.reporter, order_of(met) == ORDER.index("only")
