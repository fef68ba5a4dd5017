"""A small withdrawal that would unpack to much more is refused before it is unpacked."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pseudonym.errors import SubmissionError
from pseudonym.wire import WithdrawalHeader, read_withdrawal

N_ROWS = 8192


def bomb(path: Path, ids: Any, **options: Any) -> Path:
    """Write a withdrawal of these ids, whose header agrees with their number."""
    header = WithdrawalHeader.model_validate(
        {
            "spec": 3,
            "key_id": "0" * 32,
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
    schema = pa.schema([pa.field("unit", pa.uint8(), nullable=False), pa.field("id", pa.string(), nullable=False)])
    with pq.ParquetWriter(path, schema, compression="zstd", store_schema=False, **options) as writer:
        units = pa.array([0] * len(ids), pa.uint8())
        writer.write_table(pa.Table.from_arrays([units, ids], schema=schema), row_group_size=N_ROWS)
        writer.add_key_value_metadata(
            {"pseudonym.withdrawal": header.canonical().decode(), "pseudonym.digest": header.digest}
        )
    return path


@pytest.mark.parametrize(("n_ids", "length", "use_dictionary"), [(64, 1 << 18, True), (N_ROWS, 1 << 10, False)])
def test_long_ids_are_refused_before_they_are_unpacked(
    tmp_path: Path, n_ids: int, length: int, use_dictionary: bool
) -> None:
    path = bomb(tmp_path / "w", pa.array(["a" * length] * n_ids), use_dictionary=use_dictionary)
    assert path.stat().st_size < 100_000
    with pytest.raises(SubmissionError) as caught:
        read_withdrawal(path)
    assert caught.value.rule == "submission.too_large"


def test_as_many_rows_as_the_header_says(tmp_path: Path) -> None:
    ids = pa.array([f"{number:05d}" for number in range(2 * N_ROWS)])
    with pytest.raises(SubmissionError) as caught:
        read_withdrawal(bomb(tmp_path / "w", ids))
    # Everything but the digest of the ids is right.
    assert caught.value.rule == "submission.content"
