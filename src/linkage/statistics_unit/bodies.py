"""How many persons each reporter alone knows, read from the store and counted in draws."""

from __future__ import annotations

from dataclasses import replace

from linkage.counting import MarginalCount, chosen, marginal
from linkage.statistics_unit.counting import Asked, open_request
from linkage.statistics_unit.drawn import WHY_NONE, attributes_of, read_draws
from linkage.statistics_unit.stored_codebooks import read_book
from linkage.store import Session

__all__ = ["read_marginal"]


def read_marginal(session: Session, asked: Asked) -> MarginalCount:
    """Count the persons that only one reporter knows; see `linkage.counting.marginal`.

    Args:
        session: The open registry.
        asked: What is asked for; `by` and `unit` make no difference.

    Raises:
        NotLinkedError: As `check_linked`.
        SettingsError: As `open_request`.
    """
    opened = open_request(session, replace(asked, by=(), unit="person"))
    selection, _ = chosen(opened.records, opened.request, opened.request.period)
    if asked.as_of is not None:
        draws, said = None, WHY_NONE["as_of"]
    else:
        draws, said = read_draws(session, opened.records, attributes_of(read_book(session)))
    inside = opened.records.inside(opened.request.period)
    return MarginalCount(
        marginal=marginal(opened.records, selection, inside, draws or ()),
        has_ranges=draws is not None,
        beside=replace(opened.beside, ranges=said),
    )
