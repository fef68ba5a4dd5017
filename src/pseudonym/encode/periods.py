"""Whether the dates of records fit the period for which they are sent; a slip would put them into another month."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final

from pseudonym.wire import RESERVED

__all__ = ["PeriodCheck", "is_future"]

_DATES: Final = tuple(1 + RESERVED.index(name) for name in ("event_date", "report_date"))
"""Their places in a case, after the record id."""


def is_future(period: str, *, today: date) -> bool:
    """Return whether a period has not begun.

    Args:
        period: `YYYY` or `YYYY-MM`.
        today: The current day.

    >>> is_future("2062-03", today=date(2026, 4, 1)), is_future("2026", today=date(2026, 4, 1))
    (True, False)

    Sees: neither
    """
    return period > today.isoformat()[: len(period)]


class PeriodCheck:
    """Count the records of a file whose dates lie inside and outside of a period.

    A record lies inside if its event or its report does. An event of long ago that was reported in the period is
    nothing unusual, nor is a file that repeats earlier months, so only a whole that does not fit is worth a sentence.
    """

    def __init__(self, period: str | None) -> None:
        """Take the period, `YYYY` or `YYYY-MM`; without one nothing is counted."""
        self._period = period
        self._n_inside = 0
        self._n_outside = 0

    def add(self, cases: Iterable[Sequence[str | None]]) -> None:
        """Count the cases of records: the record id, then the reserved columns, of which those left out are None.

        Sees: neither
        """
        if self._period is None:
            return
        for case in cases:
            dates = [case[place] or "" for place in _DATES if case[place]]
            if dates:
                # The shorter of two dates covers the longer if it is its beginning.
                inside = any(one.startswith(self._period) or self._period.startswith(one) for one in dates)
                self._n_inside += inside
                self._n_outside += not inside

    def add_counts(self, other: PeriodCheck) -> None:
        """Add what another has counted of other records.

        Sees: neither
        """
        self._n_inside += other._n_inside
        self._n_outside += other._n_outside

    def notices(self, *, today: date) -> Iterator[str]:
        """Yield what is unusual about the period, in sentences without values of records.

        Args:
            today: The current day.

        Sees: neither
        """
        if self._period is None:
            return
        if is_future(self._period, today=today):
            yield f"The period {self._period} has not begun yet: check the period."
        n_dated = self._n_inside + self._n_outside
        if n_dated and not self._n_inside:
            yield f"No event or report date lies in the period {self._period}: check the period."
        elif self._n_outside > self._n_inside:
            yield (
                f"Of {n_dated} records with a date, {self._n_outside} lie outside of the period {self._period}: check "
                "it, unless the file repeats earlier periods."
            )
