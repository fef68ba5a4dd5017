"""Kinds of tables that begin with the same columns, whatever follows: each form is recognised, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pseudonym.errors import OutputError
from pseudonym.output import LOCALES, export_kind, open_kind, write_table

FIRST = ("unit", "period")
KIND = open_kind("table of counts", FIRST)


def table(*columns: str) -> pa.Table:
    return pa.table({name: pa.array(["x"]) for name in columns})


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".xlsx"])
@pytest.mark.parametrize("others", [("count",), ("kind", "sex", "count")])
def test_one_with_other_columns_after_the_first_is_replaced(tmp_path: Path, suffix, others):
    path = tmp_path / f"t{suffix}"
    write_table(table(*FIRST, "n"), path, KIND)
    before = path.read_bytes()
    write_table(table(*FIRST, *others), path, KIND)
    assert path.read_bytes() != before


@pytest.mark.parametrize("locale", LOCALES)
def test_either_locale_is_recognised(tmp_path: Path, locale):
    path = tmp_path / "t.csv"
    write_table(table(*FIRST, "n"), path, KIND, locale=locale)
    write_table(table(*FIRST, "m"), path, KIND)
    assert path.read_text(encoding="utf-8").startswith("unit,period,m")


OTHERS = [("table of counts", ("unit", "periods", "n")), ("table of counts", ("period", "unit"))]
NAMED = ("table", (*FIRST, "n"))


@pytest.mark.parametrize(
    ("suffix", "name", "columns"),
    [
        *((suffix, *other) for suffix in (".csv", ".parquet", ".xlsx") for other in OTHERS),
        # CSV does not say what it is called.
        *((suffix, *NAMED) for suffix in (".parquet", ".xlsx")),
    ],
)
def test_another_table_is_not_replaced(tmp_path: Path, suffix, name, columns):
    path = tmp_path / f"t{suffix}"
    write_table(table(*columns), path, export_kind(name, columns))
    with pytest.raises(OutputError, match=r"output\.exists"):
        write_table(table(*FIRST, "n"), path, KIND)


def test_files_that_only_look_like_it_are_not_replaced(tmp_path: Path):
    pq.write_table(table(*FIRST, "n"), tmp_path / "t.parquet")
    (tmp_path / "t.csv").write_text("unit,period", encoding="utf-8")
    (tmp_path / "t.xlsx").write_bytes(b"PK\x03\x04 table of counts")
    for path in tmp_path.iterdir():
        with pytest.raises(OutputError, match=r"output\.exists"):
            write_table(table(*FIRST, "n"), path, KIND)


def test_an_empty_or_cut_file_is_no_table(tmp_path: Path):
    for name, content in (("a", b""), ("b", b"PAR1"), ("c", b"PK"), ("d", "\ufeffunit;period".encode())):
        path = tmp_path / f"{name}.csv"
        path.write_bytes(content)
        with path.open("rb") as file:
            assert not KIND.is_one(file)
