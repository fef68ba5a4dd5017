"""Notice of new items: reporters need time before they must use a new codebook.

Municipalities must be told 18 months before a collection of data from them begins that has new variables, says report
2025:4 of the Swedish Gender Equality Agency (Jämställdhetsmyndigheten) on the collections of the National Board of
Health and Welfare. Nothing is refused for lack of notice, since other reporters may need less.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from pseudonym.codebook import Codebook

__all__ = ["NOTICE_MONTHS", "SHORT_NOTICE", "new_items", "short_notice"]

NOTICE_MONTHS: Final = 18

SHORT_NOTICE: Final = (
    "The codebook has new items and must be used in less than 18 months. Municipalities must be told of new variables "
    "18 months ahead (Jämställdhetsmyndigheten 2025:4). Accept the older codebooks for longer."
)

_MONTHS_A_YEAR: Final = 12


def new_items(old: Codebook | None, new: Codebook) -> tuple[str, ...]:
    """Return the items of a codebook that the one before it does not have, in byte order."""
    return tuple(name for name in new.item_names if old is None or name not in old.by_name)


def short_notice(last_day: date | None, *, today: date) -> bool:
    """Return whether a codebook must be used in less than 18 months.

    Args:
        last_day: The last day on which the one before it is accepted; None if there is none, so that it need not be.
        today: The current day.
    """
    if last_day is None:
        return False
    first = last_day + timedelta(days=1)
    months = (first.year - today.year) * _MONTHS_A_YEAR + first.month - today.month
    return (months, first.day) < (NOTICE_MONTHS, today.day)
