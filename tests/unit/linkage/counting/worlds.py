"""Small sets of records for tests of counting, from a few words a record; and estimates of missing joins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from linkage.counting import COLUMN_CODES, RECORD_COLUMNS, NeverMet, Records, answers_of

__all__ = ["estimate_of", "records_of"]


def records_of(rows: Sequence[Mapping[str, Any]], **items: str | tuple[bool, str]) -> Records:
    """Return records.

    Args:
        rows: For each record its columns, and its answers by item.
        **items: For each item its codes with spaces between them; with True before them, a record may have several.
    """
    defaults = {"reporter": "a", "received": "2026-01-01"}
    table = {
        name: pa.array([row.get(name, defaults.get(name)) for row in rows], pa.string()) for name in RECORD_COLUMNS
    }
    found = {}
    for item, form in ({name: " ".join(codes) for name, codes in COLUMN_CODES.items()} | items).items():
        many, codes = (False, form) if isinstance(form, str) else form
        column = pa.chunked_array([pa.array([row.get(item) for row in rows], pa.string())])
        found[item] = answers_of(column, codes.split(), many=many)
    columns = {name: pa.chunked_array([column]) for name, column in table.items()}
    return Records(pa.table(columns), found)


STRATA = ["has", "reporter", "other_reporter", "joins", "variance"]


def estimate_of(*rows: tuple[str, str, str, float], variance: float | None = None) -> NeverMet:
    """Return an estimate with the variance of a Poisson number, or the given one for the whole."""
    full = [(*row, row[3] if row[:3] != ("", "", "") or variance is None else variance) for row in rows]
    return NeverMet(pa.table([pa.array(column) for column in zip(*full, strict=True)], STRATA))
