"""Tables of the statistics unit: what was asked for, counted with its ranges. It takes no code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from linkage.counting import (
    NO_RANGES,
    PAIRS_ALONE,
    Comparison,
    Counted,
    Definition,
    Drawn,
    Facing,
    Overlaps,
    chosen,
    compare,
    count,
    in_draws,
    items_of,
    meetings,
    returns,
    returns_in_draws,
    shared,
    shared_in_draws,
)
from linkage.statistics_unit.counting import Asked, Opened, open_request, wrong_request
from linkage.statistics_unit.drawn import WHY_NONE, Kept, attributes_of, read_drawn
from linkage.statistics_unit.never_met import read_basis
from linkage.statistics_unit.stored_codebooks import read_book
from linkage.store import Session

__all__ = ["drawn_of", "read_comparison", "read_counted", "read_overlaps", "with_ranges"]


def read_counted(session: Session, asked: Asked, kept: Kept | None = None) -> Counted:
    """Count what was asked for.

    Args:
        session: The open registry.
        asked: What is asked for.
        kept: See `read_drawn`.

    Raises:
        NotLinkedError: As `check_linked`, for persons.
        SettingsError: As `open_request`.
    """
    opened = open_request(session, asked)
    request = opened.request
    items = [one.item for one in (*request.by, *(one for one, _ in request.where)) if one.item]
    used = dict.fromkeys([*items, *items_of(request.definition)])
    says = {name: request.rule_of(name).said() for name in used}
    counts = count(opened.records, request)
    drawn, beside = drawn_of(session, opened, kept)
    if drawn is not None:
        counts = in_draws(drawn, request, counts)
    return Counted(counts=counts, by=request.by, rules_say=says, beside=beside)


def read_overlaps(session: Session, asked: Asked, kept: Kept | None = None) -> Overlaps:
    """Count what reporters know together; see `Overlaps`.

    Args:
        session: The open registry.
        asked: What is asked for; `by` and `unit` make no difference.
        kept: See `read_drawn`.

    Raises:
        NotLinkedError: As `check_linked`.
        SettingsError: As `open_request`.
    """
    opened = open_request(session, replace(asked, by=(), unit="person"))
    selection, _ = chosen(opened.records, opened.request, opened.request.period)
    known, total = shared(meetings(opened.records, selection)), len(selection.units)
    drawn, beside = drawn_of(session, opened, kept)
    return Overlaps(
        total=total,
        shared=known,
        returns=returns(opened.records, selection),
        beside=beside,
        ranges=None if drawn is None else shared_in_draws(drawn, opened.request, known, total),
        returns_ranges=None if drawn is None else returns_in_draws(drawn, opened.request),
    )


def drawn_of(session: Session, opened: Opened, kept: Kept | None = None) -> tuple[Drawn | None, Facing]:
    """Return the draws, and what stands beside figures with what their ranges are; None if there are none.

    Args:
        session: The open registry.
        opened: What was asked for.
        kept: See `read_drawn`.
    """
    if opened.request.unit != "person":
        return None, replace(opened.beside, ranges=WHY_NONE["unit"])
    if opened.beside.as_of is not None:
        return None, replace(opened.beside, ranges=WHY_NONE["as_of"])
    drawn, said = read_drawn(session, opened.records, attributes_of(read_book(session)), kept)
    return drawn, with_ranges(session, opened.beside, said, there=drawn is not None)


def with_ranges(session: Session, beside: Facing, said: str, *, there: bool) -> Facing:
    """Return what stands beside figures, with what their ranges cover and rest on.

    Args:
        session: The open registry.
        beside: What stands beside them.
        said: What ranges cover, or why there are none.
        there: Whether there are any.
    """
    basis = (read_basis(session) or PAIRS_ALONE) if there else NO_RANGES
    return replace(beside, ranges=said, range_basis=basis)


def read_comparison(
    session: Session, asked: Asked, definitions: Sequence[Definition], kept: Kept | None = None
) -> Comparison:
    """Count by each of several definitions.

    Args:
        session: The open registry.
        asked: What is asked for; `by` and `definition` make no difference.
        definitions: The definitions, at least one; no two of one name and version.
        kept: See `read_drawn`.

    Raises:
        NotLinkedError: As `check_linked`, for persons.
        SettingsError: As `open_request`; `definition.none` if there is no definition, `definition.repeated` if one is
            given twice.
    """
    if not definitions:
        raise wrong_request("definition.none")
    if len({one.title_text for one in definitions}) < len(definitions):
        raise wrong_request("definition.repeated")
    opened = open_request(session, replace(asked, by=("year",), definition=None), definitions=definitions)
    drawn, beside = drawn_of(session, opened, kept)
    return Comparison(rows=compare(opened.records, opened.request, definitions, drawn), beside=beside)
