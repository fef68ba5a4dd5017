"""Ranges of counts: what lies between the ends of 95 of 100 draws, in whole numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["QUANTILES", "Ranges", "Span", "difference_text", "range_text", "spans_of"]

QUANTILES: Final = (0.025, 0.975)
"""The ends of a 95 % range."""

_ROUNDING: Final = 1e-9


class Span(NamedTuple):
    """The ends of a range; both are in it."""

    low: int
    high: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranges:
    """The ranges of the counts of one table.

    Attributes:
        cells: One for each row of the cells, in their order.
        total: That of the total.
        totals: With years: one for each year.
    """

    cells: tuple[Span, ...]
    total: Span
    totals: tuple[Span, ...] = field(default=())


def spans_of(counts: NDArray[np.int64]) -> tuple[Span, ...]:
    """Return the 95 % ranges of counts, widened to whole numbers.

    Args:
        counts: `(c, d) int64`, each count in each draw.
    """
    if not len(counts):
        return ()
    low, high = np.quantile(counts, QUANTILES, axis=1)
    ends = zip(np.floor(low + _ROUNDING).tolist(), np.ceil(high - _ROUNDING).tolist(), strict=True)
    return tuple(Span(int(one), int(other)) for one, other in ends)


def range_text(count: int, span: Span | None) -> str:
    """Return a count with its range, such as `4 (3-4)`; without one where all draws agree with the count."""
    return str(count) if span is None or span == (count, count) else f"{count} ({span.low}-{span.high})"


def difference_text(difference: int, span: Span | None) -> str:
    """Return a difference with its range, such as `+4 (+3 to +6)`; without one where all draws agree with it."""
    if span is None or span == (difference, difference):
        return f"{difference:+d}"
    return f"{difference:+d} ({span.low:+d} to {span.high:+d})"
