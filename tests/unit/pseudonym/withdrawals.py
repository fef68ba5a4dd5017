"""Write withdrawals that the library would not write."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pseudonym.wire import WithdrawalHeader

__all__ = ["GROUP_ROWS", "withdrawal_of"]

GROUP_ROWS = 8192
_SCHEMA = pa.schema([pa.field("unit", pa.uint8(), nullable=False), pa.field("id", pa.string(), nullable=False)])


def withdrawal_of(path: Path, ids: pa.Array, *, key_id: str = "0" * 32, **options: Any) -> Path:
    """Write a withdrawal of these records, whose header agrees with their number but not with the ids."""
    header = WithdrawalHeader.model_validate(
        {
            "spec": 3,
            "key_id": key_id,
            "epoch": 1,
            "reporter": "police",
            "period": None,
            "sequence": 1,
            "previous": None,
            "records": len(ids),
            "cases": 0,
            "everything": False,
            "salt": "0" * 64,
            "content_digest": hashlib.sha256(b"").hexdigest(),
        }
    )
    with pq.ParquetWriter(path, _SCHEMA, compression="zstd", store_schema=False, **options) as writer:
        units = pa.array([0] * len(ids), pa.uint8())
        writer.write_table(pa.Table.from_arrays([units, ids], schema=_SCHEMA), row_group_size=GROUP_ROWS)
        writer.add_key_value_metadata(
            {"pseudonym.withdrawal": header.canonical().decode(), "pseudonym.digest": header.digest}
        )
    return path
