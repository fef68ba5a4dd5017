"""How many persons each reporter alone knows, read from the store and counted in draws."""

from __future__ import annotations

from dataclasses import replace

from linkage.counting import MarginalCount, marginal
from linkage.statistics_unit.counted import drawn_of
from linkage.statistics_unit.counting import Asked, open_request
from linkage.statistics_unit.drawn import Kept
from linkage.store import Session

__all__ = ["read_marginal"]


def read_marginal(session: Session, asked: Asked, kept: Kept | None = None) -> MarginalCount:
    """Count the persons that only one reporter knows; see `linkage.counting.marginal`.

    Args:
        session: The open registry.
        asked: What is asked for; `by` and `unit` make no difference.
        kept: See `read_drawn`.

    Raises:
        NotLinkedError: As `check_linked`.
        SettingsError: As `open_request`.
    """
    opened = open_request(session, replace(asked, by=(), unit="person"))
    drawn, beside = drawn_of(session, opened, kept)
    return MarginalCount(
        marginal=marginal(opened.records, opened.request, drawn), has_ranges=drawn is not None, beside=beside
    )
