"""How many persons the reports that are missing would have added, if they were like the others of their reporters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkage.counting.counts import Request, chosen
from linkage.counting.draws import Drawn
from linkage.counting.periods import Period
from linkage.counting.quantiles import QUANTILES
from linkage.counting.records import Records
from linkage.counting.standing import MISSING

__all__ = ["LEAST_MONTHS", "Silence", "Silent", "silences_of", "silent_persons"]

Ints = NDArray[np.int64]

REPORTED: Final = ("reported", "late", "zero")
"""States of a reporting period whose records are there, if there were any. Totals have none."""

LEAST_MONTHS: Final = 3
"""Of a reporter that must have been reported within the period; of fewer nothing is said."""

MONTHS_A_YEAR: Final = 12

PRIOR: Final = 0.5
"""Persons added to those seen of all reporters, so that what was never seen may still be (Jeffreys)."""

WEIGHT: Final = 3.0
"""Months with which what reporters have in common counts in the number of each."""

TRIES: Final = 10_000


class Silence(NamedTuple):
    """The reporting periods of one reporter within the period of a table.

    Attributes:
        reporter: Its code.
        states: Why reports are missing: `silent`, `never`, `due`, `held back`.
        missing: Months that are missing.
        reported: Months that it has reported.
        periods: The reporting periods that it has reported.
    """

    reporter: str
    states: tuple[str, ...]
    missing: int
    reported: int
    periods: tuple[str, ...]

    @property
    def has_figure(self) -> bool:
        """Whether enough was reported to say something of what is missing."""
        return self.reported >= LEAST_MONTHS


@dataclass(frozen=True, slots=True, kw_only=True)
class Silent:
    """The persons that missing reports would have added.

    Attributes:
        mean: How many more persons there would be; None if no reporter has a figure.
        low: Lower end of the 95 % range.
        high: Upper end.
        counted: The reporters with a figure.
        uncounted: Those without one, which reported less than `LEAST_MONTHS` of the period.
    """

    mean: float | None
    low: float | None
    high: float | None
    counted: tuple[str, ...]
    uncounted: tuple[str, ...]


def silences_of(coverage: pa.Table, period: Period | None) -> tuple[Silence, ...]:
    """Return the reporters of whom reports are missing.

    Args:
        coverage: Columns `reporter`, `period` and `state`, as `linkage coverage` has them.
        period: The period of the table; None for all times.
    """
    found: dict[str, list[tuple[str, str]]] = {}
    names = (coverage[name].to_pylist() for name in ("reporter", "period", "state"))
    for reporter, text, state in zip(*names, strict=True):
        if text is not None and (period is None or period.overlaps(text)):
            found.setdefault(reporter, []).append((text, state))
    silences = []
    for reporter, own in sorted(found.items()):
        states = tuple(dict.fromkeys(state for _, state in own if state in MISSING))
        if states:
            there = tuple(text for text, state in own if state in REPORTED)
            missing = sum(_months(text) for text, state in own if state in MISSING)
            silences.append(Silence(reporter, states, missing, sum(map(_months, there)), there))
    return tuple(silences)


def _months(period: str) -> int:
    """Return how many months a reporting period has, which is a month or a year."""
    return 1 if "-" in period else MONTHS_A_YEAR


def silent_persons(records: Records, request: Request, drawn: Drawn, silences: Sequence[Silence]) -> Silent:
    """Return how many more persons there would be if the missing reports had come.

    What a report adds are the persons of whom nobody else, and no other report of its reporter, has a record of the
    period. A missing report adds as many a month as those that came, in each draw, shrunk to what these reporters
    have in common; the number is negative binomial, the posterior of a Poisson number. What differs between months
    beyond chance is in no range, nor are months in which a reporter is silent because something changed.

    Args:
        records: The records, with the persons of the run.
        request: What is counted.
        drawn: The persons that not all draws have.
        silences: See `silences_of`.
    """
    counted = [one for one in silences if one.has_figure]
    uncounted = tuple(one.reporter for one in silences if not one.has_figure)
    if not counted:
        return Silent(mean=None, low=None, high=None, counted=(), uncounted=uncounted)
    place = {one.reporter: number for number, one in enumerate(counted)}
    found = np.bincount(_added(records, request, place)[1], minlength=len(counted))
    alone = drawn.counts(*_added(drawn.records, request, place), found)
    rng = np.random.default_rng(0)
    draw = rng.integers(0, alone.shape[1], TRIES)
    reported = np.array([one.reported for one in counted], np.float64)
    share = np.array([one.missing for one in counted]) / (reported + WEIGHT)
    together = alone.sum(axis=0) + PRIOR
    common = rng.gamma(together[draw]) / reported.sum()
    more = rng.poisson(rng.gamma(alone[:, draw].T + WEIGHT * common[:, None]) * share).sum(axis=1)
    low, high = np.quantile(more, QUANTILES).tolist()
    mean = float(((alone + WEIGHT * together / reported.sum()).mean(axis=1) * share).sum())
    return Silent(mean=mean, low=low, high=high, counted=tuple(place), uncounted=uncounted)


def _added(records: Records, request: Request, place: Mapping[str, int]) -> tuple[Ints, Ints]:
    """Return the units that one report alone tells of, and of each the place of its reporter."""
    selection, _ = chosen(records, request, request.period)
    rows = np.flatnonzero(selection.inside & (selection.unit >= 0))
    unit, reporter = selection.unit[rows], records.reporters[0][rows]
    period = records.rows["period"].combine_chunks().dictionary_encode().indices.fill_null(-1)
    when = period.to_numpy(zero_copy_only=False).astype(np.int64)[rows]
    reports = np.unique(np.column_stack([unit, reporter, when]), axis=0)
    units, first, n = np.unique(reports[:, 0], return_index=True, return_counts=True)
    names = records.reporters[1]
    of = np.array([place.get(name, -1) for name in names], np.int64)
    where = of[reports[first, 1]] if len(names) else np.zeros(0, np.int64)
    kept = (n == 1) & (where >= 0) & (reports[first, 2] >= 0)
    return units[kept], where[kept]
