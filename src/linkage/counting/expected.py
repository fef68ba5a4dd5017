"""How many persons a registry expects: what draws make of the persons found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from linkage.counting.counts import Request, chosen
from linkage.counting.draws import Drawn
from linkage.counting.quantiles import Span, spans_of

__all__ = ["PersonsExpected", "expected_in_draws"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonsExpected:
    """How many persons there are, in every role and at all times: found, and expected from draws.

    Attributes:
        found: Persons of the last run of link that have a record.
        expected: The mean over draws; None if there are none.
        span: Its 95 % range; None if there are no draws.
        basis: On what the number of records that never met rests, `by assumption` or `by sample of n`, or
            `PAIRS_ALONE` if it could not be estimated; None if there are no draws.
        ranges: What the range covers, or why there is none.
    """

    found: int
    expected: float | None
    span: Span | None
    basis: str | None
    ranges: str

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers and words, as `linkage summary --json` prints them as `expected_persons`."""
        low, high = (None, None) if self.span is None else self.span
        expected = None if self.expected is None else round(self.expected, 1)
        return {
            "found": self.found,
            "expected": expected,
            "low": low,
            "high": high,
            "basis": self.basis,
            "ranges": self.ranges,
        }


def expected_in_draws(drawn: Drawn, request: Request, found: int) -> tuple[float, Span]:
    """Return the mean over draws of the total of a request, and its 95 % range.

    Args:
        drawn: The persons that not all draws have.
        request: What is counted; what it is broken down by makes no difference.
        found: The total of the run.
    """
    units = chosen(drawn.records, request, request.period)[0].units
    totals = drawn.counts(units, np.zeros(len(units), np.int64), np.array([found]))
    return float(totals.mean()), spans_of(totals)[0]
