"""Recognise rows that are no record: the header again, a line of dashes, totals, page numbers and remarks of an export.

A row with any value of an identity is a record, whatever else it says: no person may be dropped. A count alone does
not make a row a record, since a line of totals may have counts under any column.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from pseudonym.identity.reader.fields import ALIASES, RECORD_ID, base_of, fold_header, is_identity_field
from pseudonym.identity.reader.rules import refused
from pseudonym.identity.reader.titles import Titles, alias_of, squash
from pseudonym.identity.record import IDENTITY_FIELDS

__all__ = ["NonRecords"]

FOOTER: Final = re.compile(
    r"""
    (?: summa | delsumma | totalsumma | summering | totalt? | sub-?totals? | totals | grand\ total | sums? | antal
      | count | medelvärde | average ) (?: \ +\w+ ){0,3} [ .]* (?: [:=].* )?
  | [(\[]? \ * \d[\d ., ]* \ * (?: rows? | rad | rader | poster | records? ) \b .*
  | (?: sida | sidan | page | blad ) [ :]* \d+ \ * (?: (?: av | of | / | \( ) .* )?
  | [-*=#<\[( ]* (?: end\ of\ (?: file | report | list | data | document ) | slut\ på\ \w+ | eof ) \b .*
  | (?: completion\ time | query\ ok | utskriftsdatum | utskriven | utskrivet | printed | skapad | genererad | generated
      | exported | exporterad | källa | source ) \b .*
  | (?: rapport | report | utdrag | lista | list ) \ + (?: skapad | genererad | created | generated | slut | ends? )
      \b .*
  | (?: -- | \# | // ) .*
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""The first cell of a row that an export adds below or between the records."""

RULE: Final = re.compile("[-=_*~+|.:\u2013\u2014\u2500\u2550 ]+")
"""A cell of a line that is drawn under a header or above a total."""

MIN_TITLES: Final = 2
"""Cells that name their columns before a row without the header of the ids is the header again."""

MAX_COUNT_DIGITS: Final = 3
"""Under numbers and dates a longer number may be one: a year has four digits."""

COUNT_CHARACTERS: Final = 5
"""A longer text that begins with digits is judged at once; a count has no more."""

_TITLES: Final = frozenset(
    written
    for title in (*ALIASES, *IDENTITY_FIELDS, *(field.replace("_", " ") for field in IDENTITY_FIELDS))
    for written in (title, title.upper(), title.title(), title.capitalize())
)
"""Usual headers, as they are written: a row that has one in place of a value is looked at again."""

_COUNT: Final = re.compile("[0-9][0-9 .,]*")


class NonRecords:
    """Recognise rows below a header that are no record."""

    def __init__(self, header: Sequence[str], positions: Mapping[str, int], titles: Titles) -> None:
        """Take the header, the columns of the fields, and the headers that a file may have."""
        self._titles = titles
        self._id = positions[RECORD_ID]
        self._id_titles = {RECORD_ID, fold_header(header[self._id])}
        self._initials = {"", " ", *(sign for title in self._id_titles for sign in (title[0], title[0].upper()))}
        self._width = 1 + max(positions.values())
        self._bases = {place: base_of(name)[0] for name, place in positions.items()}
        self._folded = [fold_header(title) for title in header]
        self._names = {place: {squash(header[place]), squash(name)} for name, place in positions.items()}
        self._identity = [(place, base) for place, base in self._bases.items() if is_identity_field(base)]

    def rule(self, cells: Sequence[str], line: int) -> str | None:
        """Return the rule by which a row is no record, or None.

        Args:
            cells: Its cells; a line may have fewer than the header.
            line: Its line.

        Raises:
            InputError: `input.second_header` if the row is a header with other columns.
        """
        if len(cells) >= self._width and self._is_plain(cells):
            return None
        own = cells[self._id].strip() if self._id < len(cells) else ""
        if own and fold_header(own) in self._id_titles:
            return self._header_again(cells, line)
        filled = [place for place, cell in enumerate(cells) if cell.strip()]
        if own and self._all_titles(cells, filled):
            return "row.header_again"
        if any(_is_value(cells[place], base) for place, base in self._identity if place < len(cells)):
            # Only a remark without an id may stand in the column of an identity.
            if own or len(filled) > 1 or not FOOTER.fullmatch(cells[filled[0]].strip()):
                return None
            return "row.footer"
        if filled and all(RULE.fullmatch(cells[place].strip()) for place in filled):
            return "row.rule"
        return "row.footer" if filled and FOOTER.fullmatch(cells[filled[0]].strip()) else None

    def _is_plain(self, cells: Sequence[str]) -> bool:
        """Return whether a row is a record at first sight, as nearly all are: with a name or number, and no header."""
        if cells[self._id][:1] in self._initials:
            return False
        for place, _ in self._identity:
            cell = cells[place]
            if cell[:1].isalpha():
                return cell not in _TITLES
            if cell[:6].isdecimal() and len(cell) > COUNT_CHARACTERS:
                return True
        return False

    def _header_again(self, cells: Sequence[str], line: int) -> str | None:
        """Return the rule for a row with the header of the ids in their column."""
        judged = self._titles.judge(cells)
        if judged.is_header and not all(self._names_column(place, cells[place]) for place in judged.positions):
            raise refused("input.second_header", row=line)
        others = [place for place in self._bases if place != self._id and place < len(cells) and cells[place].strip()]
        again = not others or any(self._names_column(place, cells[place]) for place in others)
        return "row.header_again" if again else None

    def _all_titles(self, cells: Sequence[str], filled: Sequence[int]) -> bool:
        """Return whether all cells but that of the id are headers of their columns, in whatever language."""
        others = [place for place in filled if place != self._id]
        return len(others) >= MIN_TITLES and all(self._names_column(place, cells[place]) for place in others)

    def _names_column(self, place: int, cell: str) -> bool:
        """Return whether a cell is a header of the column it stands in, in whatever language."""
        own, alias = self._names.get(place, set()), alias_of(cell)
        known = squash(cell) in own or (alias is not None and alias.field == self._bases.get(place))
        return known or (place < len(self._folded) and fold_header(cell) == self._folded[place])


def _is_value(cell: str, base: str) -> bool:
    """Return whether a cell under a field of an identity has something to say about a person."""
    text = cell.strip()
    if text[:1].isalpha():
        return True
    if not text or RULE.fullmatch(text):
        return False
    if not _COUNT.fullmatch(text):
        return True
    exact = base in {"number", "foreign_number", "birth_date"}
    return exact and sum(sign.isdigit() for sign in text) > MAX_COUNT_DIGITS
