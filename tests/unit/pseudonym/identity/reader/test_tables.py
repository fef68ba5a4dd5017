"""Tables and records in memory are read by the rules for files, whatever package made them."""

from __future__ import annotations

import csv
import io
import sqlite3
from collections import UserDict, namedtuple
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from pseudonym.errors import InputError
from pseudonym.identity.reader import InputFile, open_input, open_table
from pseudonym.identity.record import Record

# A number of the range for tests, and the same without its zero.
NUMBER = "20110713-9980"
PLAIN = {"record_id": "a-1", "number": NUMBER, "given_names": "Åsa", "birth_date": "2011-07-13"}


class Stream:
    """A table that offers nothing but the Arrow PyCapsule interface."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._table.__arrow_c_stream__(requested_schema)


class Batch:
    """A batch that offers nothing but that interface."""

    def __init__(self, batch: pa.RecordBatch) -> None:
        self._batch = batch

    def __arrow_c_array__(self, requested_schema: object = None) -> object:
        return self._batch.__arrow_c_array__(requested_schema)


class OlderFrame:
    """A data frame of a version that has its own way to Arrow only."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    def to_arrow(self) -> pa.Table:
        return self._table


OlderFrame.__module__, OlderFrame.__name__ = "polars.dataframe", "DataFrame"


def values(table: InputFile) -> list[dict[str, object]]:
    return [dict(row.values) for row in table]


def faults(table: InputFile) -> list[tuple[int, str | None, str, str]]:
    return [(fault.row, fault.field, fault.rule, fault.effect) for row in table for fault in row.faults]


def database_row() -> sqlite3.Row:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.row_factory = sqlite3.Row
        names = ", ".join(f"'{value}' AS {name}" for name, value in PLAIN.items())
        row: sqlite3.Row = connection.execute(f"SELECT {names}").fetchone()
    return row


def generated() -> Iterator[dict[str, str]]:
    yield dict(PLAIN)


ARROW = pa.table({name: [value] for name, value in PLAIN.items()})
FORMS: dict[str, Callable[[], object]] = {
    "dict": lambda: dict(PLAIN),
    "another mapping": lambda: UserDict(PLAIN),
    "list of dicts": lambda: [dict(PLAIN)],
    "generator": generated,
    "tuple": lambda: (dict(PLAIN),),
    "rows of csv": lambda: csv.DictReader(io.StringIO(",".join(PLAIN) + "\n" + ",".join(PLAIN.values()))),
    "named tuples": lambda: [namedtuple("Row", PLAIN)(**PLAIN)],
    "rows of a database": lambda: [database_row()],
    "record": lambda: Record(**PLAIN),
    "records": lambda: [Record(**PLAIN)],
    "records as dicts": lambda: [asdict(Record(**PLAIN))],
    "pandas": lambda: pd.DataFrame([PLAIN]),
    "pandas with ids as index": lambda: pd.DataFrame([PLAIN]).set_index("record_id"),
    "pandas with ids in both": lambda: pd.DataFrame([PLAIN]).set_index("record_id", drop=False),
    "rows of pandas": lambda: pd.DataFrame([PLAIN]).itertuples(),
    "arrow": lambda: ARROW,
    "arrow batch": lambda: ARROW.to_batches()[0],
    "arrow batches": lambda: pa.RecordBatchReader.from_batches(ARROW.schema, ARROW.to_batches()),
    "stream": lambda: Stream(ARROW),
    "array": lambda: Batch(ARROW.to_batches()[0]),
    "older polars": lambda: OlderFrame(ARROW),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_table_is_read(form: str) -> None:
    table = open_table(FORMS[form]())
    # More than once, also what can be read only once.
    assert [values(table), values(table)] == [[PLAIN], [PLAIN]]
    assert faults(table) == []


def test_a_frame_of_polars_is_read() -> None:
    polars = pytest.importorskip("polars", reason="no extra installs it")
    frame = polars.DataFrame({**{name: [value] for name, value in PLAIN.items()}, "birth_date": [date(2011, 7, 13)]})
    assert values(open_table(frame)) == [PLAIN]


@pytest.mark.parametrize(
    "make",
    [
        pd.DataFrame,
        lambda columns: [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)],
    ],
)
def test_values_of_any_type_are_cells(make: Callable[[dict[str, list[object]]], object]) -> None:
    table = open_table(
        make(
            {
                "record_id": [17, np.int64(18), 19.0, "20"],
                "number": [201107139980, 107139980, float("nan"), None],
                "birth_date": [date(2011, 7, 13), pd.Timestamp("2011-07-13"), pd.NaT, "13.07.2011"],
                "report_date": [datetime(2026, 3, 1, 9, 30), datetime(2026, 3, 1, tzinfo=UTC), "2026-03", 2026],
                "family_names": ["Ek", ["Berg", None, "Ek"], [], None],
            }
        )
    )
    day = {"birth_date": "2011-07-13"}
    assert values(table) == [
        {"record_id": "17", "number": "201107139980", **day, "report_date": "2026-03-01", "family_names": "Ek"},
        {
            "record_id": "18",
            "number": "107139980",
            **day,
            "report_date": "2026-03-01",
            "family_names": ("Berg", "", "Ek"),
        },
        {"record_id": "19", "report_date": "2026-03"},
        {"record_id": "20", **day, "report_date": "2026"},
    ]
    assert faults(table) == [(2, "number", "damage.zero_lost", "marked")]


def test_evidence_is_that_of_the_whole_column() -> None:
    days = ["03/04/2008", "13/04/2008", "25/12/2009", "05/06/2010"]
    table = open_table([{"record_id": str(n), "birth_date": day} for n, day in enumerate(days)])
    assert [row["birth_date"] for row in values(table)] == ["2008-04-03", "2008-04-13", "2009-12-25", "2010-06-05"]
    alone = open_table({"record_id": "1", "birth_date": days[0]})
    assert faults(alone) == [(1, "birth_date", "date.order", "left out")]
    assert (
        values(open_table({"record_id": "1", "birth_date": days[0]}, date_order="mdy"))[0]["birth_date"] == "2008-03-04"
    )


def test_a_table_and_its_file_are_read_alike(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "record_id": ["1", "2", "3", "4"],
            "Personnummer": ["20110713-9980", "1,99E+11", "107139980", "#N/A"],
            "Födelsedatum": ["13.07.2011", "2011-07-13 00:00:00", "40737", "11-07-13"],
            "Efternamn": ["x" * 255, "Berg|Ek", '="Ek"', None],
            "Hemlig kolumn": ["a", "b", "c", "d"],
        }
    )
    frame.to_csv(tmp_path / "cases.csv", index=False)
    file = open_input(tmp_path / "cases.csv", separator="|")
    table = open_table(frame, separator="|")
    assert (table.fields, table.unused_columns, table.notices) == (file.fields, file.unused_columns, file.notices)
    assert values(table) == values(file)
    assert [rest for _, *rest in faults(table)] == [rest for _, *rest in faults(file)]
    assert len(faults(table)) >= 6


def test_columns_are_found_by_name_alias_and_mapping() -> None:
    table = open_table(
        [{"id": 1, "Personnummer": NUMBER, "Namn": "Åsa", "note": b""}],
        columns={"record_id": "id", "given_names": "Namn"},
    )
    assert values(table) == [{"record_id": "1", "number": NUMBER, "given_names": "Åsa"}]
    assert table.unused_columns == ("note",)
    with pytest.raises(InputError) as caught:
        open_table([PLAIN], columns={"sex": "kön"})
    assert (caught.value.rule, caught.value.field) == ("input.column_mapping", "sex")


def test_keys_may_differ_from_row_to_row() -> None:
    table = open_table([{"record_id": "1", "sex": "kvinna"}, {"sex": "man", "record_id": "2", "number_2": NUMBER}])
    assert values(table) == [
        {"record_id": "1", "sex": "kvinna"},
        {"record_id": "2", "sex": "man", "number": ("", NUMBER)},
    ]


def test_items_may_be_columns_or_payload() -> None:
    items = ("municipality", "purpose")
    flat = {"record_id": "1", "municipality": "0180", "purpose": ["upbringing", "other"]}
    nested = {"record_id": "1", "payload": {"municipality": "0180", "purpose": ("upbringing", "other")}}
    record = Record("1", payload={"municipality": "0180", "purpose": ["upbringing", "other"]})
    for row in (flat, nested, record):
        assert values(open_table(row, items=items)) == [
            {"record_id": "1", "municipality": "0180", "purpose": "upbringing;other"}
        ]
    assert values(open_table({"record_id": "1", "payload": None}, items=items)) == [{"record_id": "1"}]


@pytest.mark.parametrize(
    "row",
    [
        Record("1", payload={"given_names": "Åsa", "x": "y"}),
        {"record_id": "1", "payload": {"given_names": "Åsa", "x": "y"}},
    ],
)
def test_an_unknown_item_of_a_payload_is_counted_and_is_no_column(row: object) -> None:
    table = open_table(row, items=("municipality",))
    assert values(table) == [{"record_id": "1"}]
    assert faults(table) == [(1, None, "payload.unknown_item", "left out")] * 2
    assert "x" not in (*table.fields, *table.unused_columns)


def test_yes_and_no_answer_an_item_and_are_no_name() -> None:
    assert values(open_table({"record_id": "1", "police_report": True}, items=("police_report",))) == [
        {"record_id": "1", "police_report": "TRUE"}
    ]
    with pytest.raises(InputError) as caught:
        open_table({"record_id": "1", "given_names": False})
    assert (caught.value.rule, caught.value.field, caught.value.row) == ("input.type", "given_names", 1)


def test_values_in_a_column_that_is_not_read_may_be_anything() -> None:
    table = open_table([{**PLAIN, "photo": b"\0", "tags": {"a"}, 7: object()}])
    assert values(table) == [PLAIN]


@pytest.mark.parametrize("names", [["Berg", "Ek"], ("Berg", "Ek"), np.array(["Berg", "Ek"])])
def test_a_list_has_several_values(names: object) -> None:
    assert values(open_table({"record_id": "1", "family_names": names}))[0]["family_names"] == ("Berg", "Ek")


def test_more_values_than_a_record_may_have_are_kept_for_the_count() -> None:
    names = [f"Berg{n}" for n in range(9)]
    found = values(open_table({"record_id": "1", "family_names": names}))[0]["family_names"]
    assert isinstance(found, tuple)
    assert len(found) == 9


def test_a_list_beside_repeated_columns_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        open_table({"record_id": "1", "family_names": ["Berg", "Ek"], "family_names_2": "Alm"})
    assert caught.value.rule == "input.separator_and_columns"


def test_rows_without_a_value_are_skipped_in_tables_and_rejected_in_lists() -> None:
    frame = pd.DataFrame([PLAIN, dict.fromkeys(PLAIN), {**PLAIN, "record_id": "a-2"}])
    assert [row.line for row in open_table(frame)] == [1, 3]
    assert faults(open_table([PLAIN, {}])) == [(2, "record_id", "record_id.missing", "rejected")]


@pytest.mark.parametrize(
    "value",
    [date(2026, 1, 2), datetime(2026, 1, 2, 3, 4), pd.Timestamp("2026-01-02"), np.datetime64("2026-01-02")],
)
def test_an_id_that_became_a_date_is_refused_and_a_text_of_digits_is_not(value: object) -> None:
    for data in ({**PLAIN, "record_id": value}, pd.DataFrame([{**PLAIN, "record_id": value}])):
        assert faults(open_table(data)) == [(1, "record_id", "damage.id", "rejected")]
    column = pa.array([date(2026, 1, 2)])
    arrow = ARROW.set_column(0, "record_id", column)
    assert faults(open_table(arrow)) == [(1, "record_id", "damage.id", "rejected")]
    assert faults(open_table({**PLAIN, "record_id": 20260102})) == []


def test_what_breaks_a_row_of_a_file_breaks_one_of_a_table() -> None:
    table = open_table([{**PLAIN, "given_names": "Å\0sa"}, {**PLAIN, "given_names": "Å" * 1_000_001}])
    assert faults(table) == [(1, None, "row.nul", "rejected"), (2, None, "row.field_too_long", "rejected")]


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (17, "input.table"),
        (None, "input.table"),
        ("record_id", "input.table"),
        (b"record_id", "input.table"),
        (pa.array(["a"]), "input.table"),
        (Stream, "input.table"),
        ([17], "input.type"),
        (["a-1"], "input.type"),
        ([("a-1", "Åsa")], "input.type"),
        ([PLAIN, None], "input.type"),
        (pd.Series(["a-1"]), "input.type"),
        ({"record_id": ["a-1", "a-2"]}, "input.type"),
        ({"record_id": "1", "sex": ["woman"]}, "input.type"),
        ({"record_id": "1", "number": b"1"}, "input.type"),
        ({"record_id": "1", "number": [b"1"]}, "input.type"),
        ([Record("1", payload="x")], "input.type"),
        (pa.table({"record_id": [b"1"]}), "input.type"),
        (pd.DataFrame({"number": [NUMBER]}), "input.no_record_id_column"),
        (pd.DataFrame([["1", "2"]], columns=["record_id", "record_id"]), "input.duplicate_column"),
    ],
)
def test_what_is_no_table_is_refused(data: Any, rule: str) -> None:
    with pytest.raises(InputError) as caught:
        open_table(data)
    assert caught.value.rule == rule
    assert caught.value.__context__ is None


def test_a_table_without_rows_is_empty() -> None:
    for data in ([], (), pd.DataFrame({"record_id": []}), ARROW.slice(0, 0)):
        table = open_table(data)
        assert (values(table), table.header_only) == ([], True)


def test_a_character_that_separates_lists_is_no_part_of_a_name() -> None:
    assert values(open_table({"record_id": "1", "family_names": ["Be\udc1frg", "Ek"]}))[0]["family_names"] == (
        "Berg",
        "Ek",
    )


def test_nothing_of_a_table_is_shown() -> None:
    table = open_table([{**PLAIN, "given_names": "Xqzw"}])
    assert "Xqzw" not in f"{table!r} {list(table)!r}"
