"""How many persons would be counted no more without each reporter: those that it alone knows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkage.counting.counted import Facing
from linkage.counting.records import Records
from linkage.counting.selection import Selection

__all__ = ["Marginal", "MarginalCount", "marginal"]

QUANTILES: Final = (0.025, 0.975)

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


def marginal(records: Records, selection: Selection, inside: NDArray[np.bool_], draws: Iterable[Ints]) -> Marginal:
    """Count the persons that only one reporter knows, found and in draws.

    A person known to two bodies, whose records were not linked, looks like two that one body alone knows; so the number
    found is too high, and each draw of the persons lowers it.

    Args:
        records: The records.
        selection: The persons that count.
        inside: `(n,) bool`, the records of the period, also of others: whoever has one of a person knows the person.
        draws: For each draw `(n,) int64`, the person of each record; -1 if it has none.
    """
    reporter, names = records.reporters
    inside, counts = inside & (records.persons >= 0), selection.inside
    known, only, total = _known(records.persons, reporter, inside, counts, len(names))
    drawn = [_known(labels, reporter, inside, counts, len(names))[1:] for labels in draws]
    # Without draws what is found is all that there is.
    alone = np.array([one for one, _ in drawn] or [only])
    totals = np.array([one for _, one in drawn] or [total])
    expected = np.rint(alone.mean(axis=0)).astype(np.int64)
    low, high = _range(alone)
    order = np.lexsort((np.arange(len(names)), -known, -expected))
    columns = {"count": known, "found": only, "expected": expected, "fewest": low, "most": high}
    least, most = _range(totals[:, None])
    return Marginal(
        reporters=pa.table(
            {"reporter": pa.array([names[place] for place in order], pa.string())}
            | {name: pa.array(column[order], pa.int64()) for name, column in columns.items()}
        ),
        total=total,
        expected=int(np.rint(totals.mean())),
        low=int(least[0]),
        high=int(most[0]),
    )


def _known(
    labels: Ints, reporter: Ints, inside: NDArray[np.bool_], counts: NDArray[np.bool_], n_reporters: int
) -> tuple[Ints, Ints, int]:
    """Return for each reporter how many persons it knows, and how many it alone knows; and the number of persons."""
    counted = np.unique(labels[counts])
    rows = np.flatnonzero(inside)
    rows = rows[np.isin(labels[rows], counted)]
    pairs = np.unique(labels[rows] * n_reporters + reporter[rows])
    person, who = np.divmod(pairs, max(n_reporters, 1))
    single = np.ones(len(pairs), np.bool_)
    single[1:] &= person[1:] != person[:-1]
    single[:-1] &= person[:-1] != person[1:]
    known, only = (np.bincount(one, minlength=n_reporters).astype(np.int64) for one in (who, who[single]))
    return known, only, len(counted)


def _range(values: NDArray[np.int64]) -> tuple[Ints, Ints]:
    """Return the ends of the 95 % range of each column, in whole numbers that hold it."""
    low, high = np.quantile(values, QUANTILES, axis=0)
    return np.floor(low).astype(np.int64), np.ceil(high).astype(np.int64)
