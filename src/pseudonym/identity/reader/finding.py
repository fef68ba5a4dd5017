"""Find the header among the first rows of a text or sheet: a title, notes or a query may stand above it.

A row is the header for certain if it has the header of the record ids and another that is known. Where only one row is,
and nothing above it looks like a record, the file is read from there and a notice says so. Otherwise the error
offers what was found. Rows are named by their number only, since a row that is no header may be a person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pseudonym.identity.reader.fields import fold_header
from pseudonym.identity.reader.lines import TableRecord, without_blank_end
from pseudonym.identity.reader.titles import ID_TITLES, Judged, Titles

__all__ = ["FIRST_ROWS", "NO_LOOK", "Look", "above_notice", "hint_without_id", "id_title", "look_at", "offered_hint"]

FIRST_ROWS: Final = 30
"""Number of rows with a value that are searched for the header."""

MAX_OFFERS: Final = 4


@dataclass(frozen=True, slots=True)
class Look:
    """What the first rows say about the header.

    Attributes:
        first: The first row with a value, or None if there is none.
        header: The row to read as the header, or None if that is not certain.
        certain: Whether that row has the record ids and another header that is known.
        offered: Rows that may be the header.
        lacks_id: A row that is a header but for the column of record ids, or None.
        id_title: What the column of the ids is probably called in that row, as the user may type it.
        n_below: Number of rows seen below the header.
        broken: The rule by which the sheet cannot be read, or None.
    """

    first: int | None = None
    header: int | None = None
    certain: bool = False
    offered: tuple[int, ...] = ()
    lacks_id: int | None = None
    id_title: str | None = None
    n_below: int = 0
    broken: str | None = None


NO_LOOK: Final = Look()


def look_at(rows: Sequence[TableRecord], titles: Titles) -> Look:
    """Return what the first rows with a value say about the header."""
    if not rows:
        return NO_LOOK
    judged = [titles.judge(row.fields) for row in rows]
    sure = [place for place, one in enumerate(judged) if one.is_header]
    first, lacking = rows[0].line, next((place for place, one in enumerate(judged) if one.lacks_id), None)
    if sure:
        top = sure[0]
        same = len({tuple(map(fold_header, without_blank_end(rows[place].fields))) for place in sure}) == 1
        if top == 0 or (same and not any(_may_be_record(row, rows[top], judged[top]) for row in rows[:top])):
            return Look(first, rows[top].line, certain=True, n_below=len(rows) - top - 1)
        return Look(first, offered=tuple(rows[place].line for place in sure))
    if any(map(_is_upper_half, judged, judged[1:], rows[1:])):
        return Look(first, broken="input.header_in_two_rows")
    if judged[0].has_id:
        return Look(first, first, n_below=len(rows) - 1)
    offered = tuple(row.line for row, one in zip(rows, judged, strict=True) if one.has_id)
    if lacking is None:
        return Look(first, offered=offered)
    return Look(first, offered=offered, lacks_id=rows[lacking].line, id_title=id_title(rows[lacking].fields))


def _is_upper_half(upper: Judged, lower: Judged, below: TableRecord) -> bool:
    """Return whether a header is in two rows: the record ids in the upper one, all that is known in the lower one."""
    if not upper.has_id or upper.is_header or not lower.lacks_id:
        return False
    (place,) = upper.positions
    return place >= len(below.fields) or not below.fields[place].strip()


def _may_be_record(row: TableRecord, header: TableRecord, judged: Judged) -> bool:
    """Return whether a row above the header may be a record, as where the header was sorted among the rows.

    A title, a note or a line of a query has other columns than the records, or leaves most of them blank.
    """
    if len(row.fields) not in {len(header.fields), len(without_blank_end(header.fields))}:
        return False
    filled = sum(bool(row.fields[place].strip()) for place in judged.positions if place < len(row.fields))
    return filled >= 2 and 2 * filled > len(judged.positions)


def id_title(header: Sequence[str]) -> str | None:
    """Return the usual header of record ids that a header has, as a word of this library and not of the file."""
    folded = {fold_header(title) for title in header if len(title) < 32}
    found = [word for word in ID_TITLES if fold_header(word) in folded]
    return found[0] if len(found) == 1 else None


def offered_hint(looks: Mapping[int | None, Look]) -> str:
    """Return the options that read from rows which may be the header, by the number of the sheet."""
    offers = [
        f"--header-row {row}" if sheet is None else f"--sheet {sheet} --header-row {row}"
        for sheet, look in looks.items()
        for row in look.offered
    ]
    return f"Say which: {' or '.join(offers[:MAX_OFFERS])}. What is above it is not read."


def hint_without_id(look: Look, row: int | None, *, sheet: int | None = None) -> str:
    """Return what to do about a file without a column of record ids.

    Args:
        look: What its first rows say.
        row: The row that was read as the header.
        sheet: The number of the sheet where another one may be meant too, or None.
    """
    if look.lacks_id is not None and row == look.lacks_id:
        name, where = look.id_title or "HEADER", "" if sheet is None else f" of sheet {sheet}"
        return f"Row {row}{where} is the header. Name its column with your own ids: --column record_id={name}."
    return (
        "No header was recognised among the first rows. Say where it is, --header-row N, and name its column with your "
        "own ids, --column record_id=HEADER."
    )


def above_notice(unit: str, row: int) -> str:
    """Return the notice that the header was found below other rows; `unit` is line or row."""
    return f"The header is {unit} {row}; what is above it was not read."
