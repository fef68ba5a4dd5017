"""In what precision dates are sent: to the month, unless the codebook gives a reason for the day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pseudonym.codebook import Codebook
from pseudonym.wire import DATES, RESERVED

__all__ = ["SentDates"]


class SentDates:
    """See which columns of dates an input fills, for one sentence about the precision in which they are sent."""

    def __init__(self, codebook: Codebook | None) -> None:
        """Take the codebook, without which no day is sent."""
        self._days = frozenset[str]() if codebook is None else codebook.days
        self._unseen = {column: 1 + RESERVED.index(column) for column in DATES}

    def add(self, cases: Iterable[Sequence[str | None]]) -> None:
        """Look at the cases of records: the record id, then the reserved columns, of which those left out are None.

        Sees: neither
        """
        for case in cases:
            if not self._unseen:
                return
            for column, place in tuple(self._unseen.items()):
                if case[place]:
                    del self._unseen[column]

    def add_seen(self, other: SentDates) -> None:
        """Add what another has seen in other records.

        Sees: neither
        """
        self._unseen = {column: place for column, place in self._unseen.items() if column in other._unseen}

    def notices(self) -> Iterator[str]:
        """Yield the sentence, or nothing if there is no date.

        Sees: neither
        """
        filled = [column for column in DATES if column not in self._unseen]
        months = ", ".join(column for column in filled if column not in self._days)
        days = ", ".join(column for column in filled if column in self._days)
        sent = {"to the month": months, "to the day, as the codebook allows": days}
        parts = [f"{how}: {columns}" for how, columns in sent.items() if columns]
        if parts:
            yield f"Dates are sent {'; '.join(parts)}."
