"""The expected number of persons of a registry, read from the store."""

from __future__ import annotations

from typing import Final

from linkage.counting import PersonsExpected, chosen, expected_in_draws
from linkage.statistics_unit.counted import drawn_of
from linkage.statistics_unit.counting import Asked, open_request
from linkage.statistics_unit.drawn import Kept
from linkage.store import Session

__all__ = ["read_expected"]

_RUNS: Final = "SELECT count(*) FROM runs"


def read_expected(session: Session, kept: Kept | None = None) -> PersonsExpected | None:
    """Return how many persons there are in every role and at all times; None before the first run of link.

    Args:
        session: The open registry.
        kept: See `read_drawn`.
    """
    if not session.rows(_RUNS)[0][0]:
        return None
    opened = open_request(session, Asked(role="all"))
    found = len(chosen(opened.records, opened.request, None)[0].units)
    drawn, beside = drawn_of(session, opened, kept)
    if drawn is None:
        return PersonsExpected(found=found, expected=None, span=None, basis=None, ranges=beside.ranges)
    expected, span = expected_in_draws(drawn, opened.request, found)
    return PersonsExpected(found=found, expected=expected, span=span, basis=beside.range_basis, ranges=beside.ranges)
