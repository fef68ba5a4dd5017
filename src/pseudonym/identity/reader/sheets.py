"""Choose the sheet of a workbook: the one that the user names, or the only one that has the header.

A sheet is named in errors and notices by its number. Its name is shown only if it is a usual word of workbooks, since
people also name sheets after persons.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from pseudonym.errors import InputError
from pseudonym.identity.reader.finding import NO_LOOK, Look, hint_without_id, look_at, offered_hint
from pseudonym.identity.reader.rules import refused
from pseudonym.identity.reader.titles import Titles, squash
from pseudonym.identity.reader.workbook import SheetSource

__all__ = ["choose_sheet"]

MAX_LISTED: Final = 12

_USUAL: Final = re.compile(
    r"(?:blad|sheet|ark|tabell|tabelle|table|taul|feuil|hoja|data|lista|list|info|information|lasmig|readme|arenden|cases"
    r"|personer|persons|records|poster|register|export|rapport|report|statistik|statistics|summering|summary|oversikt"
    r"|koder|codes|mall|template|instruktion|instruktioner|anvisningar|start|januari|january|februari|february|mars"
    r"|march|april|maj|may|juni|june|juli|july|augusti|august|september|oktober|october|november|december|kvartal"
    r"|quarter|vecka|week|ar|year|q)*[0-9]{0,4}"
)
"""Names that programs give to sheets, and words for what they hold, squashed."""


def choose_sheet(
    sheets: Sequence[SheetSource], titles: Titles, *, sheet: str | None, header_row: int | None, search: bool
) -> SheetSource:
    """Choose the sheet to read, and the row of its header.

    Args:
        sheets: The sheets of a workbook.
        titles: The headers that it may have.
        sheet: The name or number of the sheet; by default the one with the header.
        header_row: The row of the header; by default it is searched for.
        search: Whether the header may stand on another sheet than the first, or below other rows.

    Raises:
        InputError: `input.no_such_sheet`, `input.no_sheet`, `input.several_sheets`, `input.header_not_first` or
            `input.header_row`.
    """
    looks = {one.position: _look(one, titles, header_row, search=search) for one in sheets}
    if sheet is not None:
        named = _named(sheets, sheet, looks)
        return _at_header(replace(named, chosen="named"), looks, header_row)
    seen = [one for one in sheets if one.visible]
    if not seen:
        raise refused("input.no_sheet", hint=_listed(sheets, looks) if sheets else None)
    if not search:
        return _at_header(seen[0], looks, header_row)
    chosen = _only_one(seen, looks)
    return _at_header(chosen if chosen is seen[0] else replace(chosen, chosen="header"), looks, header_row)


def _look(sheet: SheetSource, titles: Titles, header_row: int | None, *, search: bool) -> Look:
    try:
        rows = sheet.first_rows() if header_row is None else sheet.row(header_row)
    except InputError as error:
        # A sheet that cannot be read is an error only if it is to be read.
        return Look(broken=error.rule)
    return look_at(rows if search else rows[:1], titles)


def _named(sheets: Sequence[SheetSource], name: str, looks: Mapping[int, Look]) -> SheetSource:
    """Return the sheet with a name, or the one with this number if none is called so."""
    wanted = name.strip().casefold()
    for one in sheets:
        if one.name.casefold() == wanted:
            return one
    for one in sheets:
        if str(one.position) == wanted:
            return one
    raise refused("input.no_such_sheet", hint=_listed(sheets, looks))


def _only_one(seen: Sequence[SheetSource], looks: Mapping[int, Look]) -> SheetSource:
    """Return the sheet with the header; if it is not certain, the first one, or none if there are several."""
    certain = [one for one in seen if looks[one.position].certain]
    # A header without rows is a template, or a sheet that was filled in no longer.
    certain = [one for one in certain if looks[one.position].n_below] or certain[:1]
    if len(certain) > 1:
        numbers = " or ".join(f"--sheet {one.position}" for one in certain[:MAX_LISTED])
        raise refused("input.several_sheets", hint=f"Choose one: {numbers}. To send all, bring them into one sheet.")
    probable = [one for one in seen if looks[one.position].header is not None]
    if certain or len(probable) == 1:
        return (certain or probable)[0]
    offered: dict[int | None, Look] = {one.position: looks[one.position] for one in seen if looks[one.position].offered}
    if looks[seen[0].position].header is None and offered:
        row = next(iter(offered.values())).offered[0]
        raise refused("input.header_not_first", row=row, hint=offered_hint(offered))
    lacking = [one for one in seen if looks[one.position].lacks_id is not None]
    filled = [one for one in seen if looks[one.position] != NO_LOOK]
    return next(iter([*lacking, *filled, *seen]))


def _at_header(sheet: SheetSource, looks: Mapping[int, Look], header_row: int | None) -> SheetSource:
    """Return a sheet that is read from its header."""
    look = looks[sheet.position]
    if look.broken is not None:
        raise refused(look.broken)
    if header_row is not None:
        if look.first is None:
            raise refused("input.header_row", row=header_row)
        found = replace(sheet, header_row=header_row, row_named=True, look=look)
    else:
        if look.header is None and look.offered:
            raise refused("input.header_not_first", row=look.offered[0], hint=offered_hint({sheet.position: look}))
        found = replace(sheet, header_row=look.header or look.lacks_id or look.first or 1, look=look)
    elsewhere = [
        position
        for position, one in looks.items()
        if position != sheet.position and (one.certain or one.lacks_id is not None)
    ]
    one_of_several = elsewhere and sheet.chosen != "named"
    hint = hint_without_id(look, found.header_row, sheet=sheet.position if one_of_several else None)
    if elsewhere and look.lacks_id is None:
        hint = f"Another sheet has the header: --sheet {elsewhere[0]}."
    return replace(found, hint_without_id=hint).with_remarks()


def _listed(sheets: Sequence[SheetSource], looks: Mapping[int, Look]) -> str:
    """Return the list of sheets, by number, with what is known of them."""
    listed = "; ".join(f"{one.position}{_described(one, looks[one.position])}" for one in sheets[:MAX_LISTED])
    # The one with the header first, then one with a header that lacks the ids only.
    best = max(sheets, key=lambda one: (looks[one.position].certain, looks[one.position].lacks_id is not None))
    return f"Its sheets: {listed}. Choose one by name or number: --sheet {best.position}."


def _described(sheet: SheetSource, look: Look) -> str:
    name = sheet.name if _USUAL.fullmatch(squash(sheet.name)) and sheet.name.isprintable() else None
    words = (
        name,
        None if sheet.visible else "hidden",
        f"header in row {look.header if look.certain else look.lacks_id}" if look.certain or look.lacks_id else None,
        "empty" if look.first is None else None,
    )
    shown = ", ".join(filter(None, words))
    return f" ({shown})" if shown else ""
