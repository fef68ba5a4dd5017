"""Of columns that are the same in every byte one is read; any that differs in a value, a type or its pages is too."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pseudonym.wire.alike import first_of_alike
from pseudonym.wire.reader import _all_null

N_ROWS = 500


def write(path, columns, **options) -> None:
    pq.write_table(pa.table(columns), path, **options)


def found(path, names=None, group: int = 0) -> list[str]:
    with pa.OSFile(str(path)) as source:
        file = pq.ParquetFile(source)
        return first_of_alike(source, file.metadata.row_group(group), file.schema_arrow, names or file.schema.names)


def nulls(kind: pa.DataType | None = None, *, but: dict[int, object] | None = None) -> pa.Array:
    return pa.array([(but or {}).get(row) for row in range(N_ROWS)], kind or pa.string())


@pytest.mark.parametrize("options", [{}, {"compression": "zstd"}, {"use_dictionary": False, "data_page_size": 10}])
def test_of_columns_without_values_one_of_each_type_is_read(tmp_path, options):
    kinds = {"a": pa.string(), "b": pa.string(), "c": pa.int32(), "d": pa.binary(16), "e": pa.binary(17)}
    write(tmp_path / "f", {name: nulls(kind) for name, kind in (kinds | {"f": pa.string()}).items()}, **options)
    assert found(tmp_path / "f") == ["a", "c", "d", "e"]
    assert found(tmp_path / "f", ["f", "b", "d"]) == ["f", "d"]


@pytest.mark.parametrize("row", [0, 250, N_ROWS - 1])
@pytest.mark.parametrize("value", ["", "x", "x" * 300])
def test_a_column_with_one_value_is_read(tmp_path, row, value):
    columns = {"a": nulls(), "b": nulls(), "c": nulls(but={row: value}), "d": nulls(), "e": nulls(but={row: "other"})}
    write(tmp_path / "f", columns, write_statistics=False)
    assert found(tmp_path / "f") == ["a", "c", "e"]


def test_whatever_is_left_out_has_no_value_if_what_is_read_has_none(tmp_path):
    # The slow twin reads all columns.
    for number in range(2**4):
        columns = {name: nulls(but={9: ""} if number >> place & 1 else None) for place, name in enumerate("abcd")}
        write(tmp_path / "f", columns)
        file = pq.ParquetFile(tmp_path / "f")
        assert _all_null(file, 0, found(tmp_path / "f")) == _all_null(file, 0, list("abcd")) == (number == 0)


def test_a_column_that_is_compressed_in_another_way_has_other_bytes(tmp_path):
    compression = {"a": "none", "b": "snappy", "c": "none"}
    write(tmp_path / "f", {name: pa.array(["x"] * 3) for name in "abc"}, compression=compression, use_dictionary=False)
    assert found(tmp_path / "f") == ["a", "b"]


def test_long_columns_are_not_compared(tmp_path, monkeypatch):
    write(tmp_path / "f", {"a": nulls(), "b": nulls()})
    assert found(tmp_path / "f") == ["a"]
    monkeypatch.setattr("pseudonym.wire.alike.ALIKE_BYTES", 10)
    assert found(tmp_path / "f") == ["a", "b"]
