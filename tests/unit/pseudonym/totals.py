"""Write totals, right ones with few words and others that the library would not write."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pseudonym.codebook import Codebook
from pseudonym.wire import SPEC, Cell, TotalsHeader, write_totals

__all__ = ["GROUP_ROWS", "count", "totals_of"]

GROUP_ROWS = 8192


def _header(reporter: str, sequence: int, codebook: Codebook | None, **members: Any) -> TotalsHeader:
    reference = codebook and {"name": codebook.name, "version": codebook.version, "digest": codebook.digest}
    document = {
        "spec": SPEC,
        "codebook": reference,
        "reporter": reporter,
        "period": "2026-03",
        "sequence": sequence,
        "previous": None,
        "unit": "person",
        "role": "victim",
        "items": (),
        "cells": 1,
        "salt": hashlib.sha256(f"{reporter}/{sequence}".encode()).hexdigest(),
        "content_digest": "0" * 64,
    }
    return TotalsHeader.model_validate(document | members)


def count(
    path: Path,
    reporter: str,
    sequence: int,
    numbers: Mapping[Sequence[str | None], int],
    *,
    items: Sequence[str] = (),
    codebook: Codebook | None = None,
    **members: Any,
) -> Path:
    """Write totals: a number for each tuple of codes; `members` replace members of the header."""
    cells = [Cell(tuple(codes), n) for codes, n in numbers.items()]
    header = _header(reporter, sequence, codebook, items=tuple(items), cells=len(cells), **members)
    write_totals(path, header, cells)
    return path


def totals_of(path: Path, codes: pa.Array, codebook: Codebook, *, item: str, **options: Any) -> Path:
    """Write totals by one item, whose header agrees with the number of rows but not with what is in them."""
    header = _header("police", 1, codebook, items=(item,), cells=len(codes))
    columns = [pa.field(f"payload.{item}", codes.type), pa.field("n", pa.uint32(), nullable=False)]
    table = pa.Table.from_arrays([codes, pa.array([1] * len(codes), pa.uint32())], schema=pa.schema(columns))
    with pq.ParquetWriter(path, table.schema, compression="zstd", store_schema=False, **options) as writer:
        writer.write_table(table, row_group_size=GROUP_ROWS)
        writer.add_key_value_metadata(
            {"pseudonym.totals": header.canonical().decode(), "pseudonym.digest": header.digest}
        )
    return path
