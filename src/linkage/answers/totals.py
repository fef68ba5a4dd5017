"""A reporter's own totals beside what its records give for the same cells; the two are never added.

These figures are for the people who run the registry and must not be published: small counts are not suppressed.
"""

from __future__ import annotations

import csv
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from linkage.answers.export import export_file
from pseudonym.output import table_kind

__all__ = [
    "TOTALS_COLUMNS",
    "TOTALS_TABLE",
    "ComparedCell",
    "OwnTotals",
    "cell_name",
    "compare_cells",
    "totals_table",
    "write_totals_table",
]

TOTALS_COLUMNS: Final = ("reporter", "period", "unit", "role", "cell", "own_total", "records", "difference")
TOTALS_TABLE: Final = table_kind("table of totals", TOTALS_COLUMNS)

CellCodes = tuple[tuple[str, str | None], ...]
"""The items by which a number is broken down, in byte order, each with its code; None where a record gives none."""


@dataclass(frozen=True, slots=True)
class ComparedCell:
    """One cell.

    Attributes:
        codes: Each item by which the number is broken down, with its code, or None where records give no code.
        own_total: The number of the reporter, or None if it has none for this cell.
        records: The number that its records give.
    """

    codes: CellCodes
    own_total: int | None
    records: int

    @property
    def difference(self) -> int | None:
        """By how much the reporter's own number is higher; None without one."""
        return None if self.own_total is None else self.own_total - self.records

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        numbers = {"own_total": self.own_total, "records": self.records, "difference": self.difference}
        return {"cell": dict(self.codes), **numbers}


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTotals:
    """Current totals of a reporter, beside its records.

    Attributes:
        reporter: Code of the reporter.
        period: The period that was counted.
        sequence: Sequence number of the file.
        unit: `person`, `case` or `report`.
        role: `victim` or `all`.
        items: The items counted by.
        cells: Every cell that either side has; of broken-down numbers, only those broken down as the totals are.
        n_records: Number of records that were compared.
        unlinked: How many of them have no person yet, and count as one person each.
    """

    reporter: str
    period: str
    sequence: int
    unit: str
    role: str
    items: tuple[str, ...]
    cells: tuple[ComparedCell, ...]
    n_records: int
    unlinked: int

    def only_by(self, item: str) -> tuple[ComparedCell, ...]:
        """Return the cells that are broken down by one item alone."""
        return tuple(cell for cell in self.cells if [name for name, _ in cell.codes] == [item])

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists, strings and numbers, as `linkage totals --json` prints them."""
        return {
            "reporter": self.reporter,
            "period": self.period,
            "sequence": self.sequence,
            "unit": self.unit,
            "role": self.role,
            "items": list(self.items),
            "n_records": self.n_records,
            "unlinked": self.unlinked,
            "cells": [cell.to_dict() for cell in self.cells],
        }


def compare_cells(
    own: Mapping[CellCodes, int], records: Iterable[tuple[Hashable, Mapping[str, str | None]]]
) -> tuple[ComparedCell, ...]:
    """Count records by the cells of some totals.

    Args:
        own: The numbers of the reporter.
        records: For each record what is counted once (its person, case or report), and the codes of its items, with
            one space between several.

    Returns:
        All cells of the totals, and those that only records have and that are broken down by the same items as any
        number of the totals. A record with several codes of an item counts in the cell of each.
    """
    groups = {tuple(item for item, _ in codes) for codes in own}
    found: dict[CellCodes, set[Hashable]] = {}
    for counted, payload in records:
        for items in groups:
            given = [(payload.get(item) or "").split(" ") for item in items]
            for codes in product(*given):
                cell = tuple((item, code or None) for item, code in zip(items, codes, strict=True))
                found.setdefault(cell, set()).add(counted)
    cells = (ComparedCell(codes, own.get(codes), len(found.get(codes, ()))) for codes in own.keys() | found.keys())
    return tuple(sorted(cells, key=_order))


def _order(cell: ComparedCell) -> tuple[Any, ...]:
    """Sort by the items, then by the codes; what records do not give comes last."""
    items, codes = [item for item, _ in cell.codes], [(code is None, code or "") for _, code in cell.codes]
    return len(items), items, codes


def cell_name(codes: CellCodes, *, missing: str = "") -> str:
    """Return a cell as text, such as `municipality=0180 sex=woman`; `all` if nothing is broken down.

    Args:
        codes: The cell.
        missing: What to write for a code that records do not give.
    """
    return " ".join(f"{item}={missing if code is None else code}" for item, code in codes) or "all"


def totals_table(found: Iterable[OwnTotals]) -> pa.Table:
    """Return totals and what records give as a table, one row per cell.

    Args:
        found: The totals, as `Registry.totals` returns them.

    Returns:
        The columns `TOTALS_COLUMNS`; `own_total` and `difference` are null where the reporter has no number.
    """
    rows = [
        (
            one.reporter,
            one.period,
            one.unit,
            one.role,
            cell_name(cell.codes),
            cell.own_total,
            cell.records,
            cell.difference,
        )
        for one in found
        for cell in one.cells
    ]
    kinds = (*[pa.string()] * 5, *[pa.int64()] * 3)
    columns = zip(*rows, strict=True) if rows else [()] * len(kinds)
    arrays = [pa.array(values, kind) for values, kind in zip(columns, kinds, strict=True)]
    return pa.table(dict(zip(TOTALS_COLUMNS, arrays, strict=True)))


def write_totals_table(found: Iterable[OwnTotals], path: str | Path) -> None:
    """Write totals and what records give as CSV, one row per cell.

    The file is written completely or not at all, for its owner only; an older one is replaced, any other file is not.

    Args:
        found: The totals.
        path: The file to write.

    Raises:
        ExportError: As for `export_file`.
    """
    with export_file(path, TOTALS_TABLE) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(TOTALS_COLUMNS)
        table = totals_table(found)
        writer.writerows(zip(*(column.to_pylist() for column in table.columns), strict=True))
