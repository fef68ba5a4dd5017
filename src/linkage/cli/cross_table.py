"""Counts by two items as a cross table, where it fits the width of the text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from pseudonym.console import table_text, text_width, wrapped

if TYPE_CHECKING:
    from linkage.counting import Dimension

__all__ = ["cross_table"]

ALL: Final = "all"

GAP: Final = 2
"""Columns before each cell of a table."""


def cross_table(
    by: Sequence[Dimension], cells: Sequence[Mapping[str, Any]], texts: Sequence[object], *, total: object, sums: bool
) -> str | None:
    """Lay out counts by two items with the values of one as rows and of the other as columns.

    Args:
        by: The items.
        cells: The counts: the code of each item by its column, and `count`.
        texts: What to show for each count.
        total: What to show for the total.
        sums: Whether the cells add up to the total, so that those of a row or column do too.

    Returns:
        The table, with the first item as rows if that fits the width of the text, otherwise with the second; None if
        neither does or there are not two items.
    """
    if len(by) != 2:
        return None
    for rows, columns in (by, by[::-1]):
        header, lines = _laid_out(rows, columns, cells, texts, total=total, sums=sums)
        if _width([header, *lines]) <= text_width():
            return "\n".join([table_text(header, lines), _legend(columns, header)])
    return None


def _laid_out(
    rows: Dimension,
    columns: Dimension,
    cells: Sequence[Mapping[str, Any]],
    texts: Sequence[object],
    *,
    total: object,
    sums: bool,
) -> tuple[list[str], list[list[object]]]:
    codes = list(dict.fromkeys(cell[columns.column] for cell in cells))
    found = {(cell[rows.column], cell[columns.column]): text for cell, text in zip(cells, texts, strict=True)}
    named = [rows.name, ""] if rows.labels else [rows.name]
    lines: list[list[object]] = []
    for code in dict.fromkeys(cell[rows.column] for cell in cells):
        label = [rows.labels.get(code, "")] if rows.labels else []
        margin: list[object] = [_sum(cells, rows, code)] if sums else []
        lines.append([code, *label, *(found.get((code, one), 0) for one in codes), *margin])
    if sums:
        across = [_sum(cells, columns, one) for one in codes]
        lines.append([ALL, *[""] * (len(named) - 1), *across, total])
    return [*named, *codes, *([ALL] if sums else [])], lines


def _sum(cells: Sequence[Mapping[str, Any]], one: Dimension, code: str) -> int:
    return sum(cell["count"] for cell in cells if cell[one.column] == code)


def _width(lines: Sequence[Sequence[object]]) -> int:
    return sum(GAP + max(len(str(line[place])) for line in lines) for place in range(len(lines[0])))


def _legend(columns: Dimension, header: Sequence[str]) -> str:
    """Return which item the columns are, and what their codes mean."""
    meanings = [f"{code} ({columns.labels[code]})" for code in header if code in columns.labels]
    return wrapped(f"  The columns are {columns.name}{': ' if meanings else ''}{', '.join(meanings)}.")
