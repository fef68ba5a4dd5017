"""Values of any type are read as the cell of a workbook that shows them, and nothing else is taken for a value."""

from __future__ import annotations

import enum
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from pseudonym.identity.reader.typed import as_list, cell_text, column_values

SUMMER = timezone(timedelta(hours=2))


@pytest.mark.parametrize(
    "value", [None, "", float("nan"), np.float32("nan"), pd.NA, pd.NaT, np.datetime64("NaT"), Decimal("NaN")]
)
def test_a_missing_value_is_blank(value: object) -> None:
    assert cell_text(value) == ""


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("20110713-9980", "20110713-9980"),
        (np.str_("Åsa"), "Åsa"),
        (201107139980, "201107139980"),
        (np.int64(201107139980), "201107139980"),
        (201107139980.0, "201107139980"),
        (np.float64(1107139980), "1107139980"),
        (10**20, "1" + "0" * 20),
        # The last digits of these are lost, so they are shown as a spreadsheet shows them.
        (1e17, "1.0000000000E+17"),
        (np.float32(1107139980), "1.107140E+09"),
        (np.float32(180), "180"),
        (Decimal("201107139980"), "201107139980"),
        (Decimal("201107139980.00"), "201107139980"),
        (Decimal("1E+2"), "100"),
        (Decimal("1E+999999999"), "1E+999999999"),
        (Decimal("Infinity"), "Infinity"),
        (Decimal("12.50"), "12.50"),
        (date(2011, 7, 13), "2011-07-13"),
        (datetime(2011, 7, 13), "2011-07-13"),
        (datetime(2011, 7, 13, 13, 20), "2011-07-13T13:20:00"),
        (datetime(2011, 7, 13, tzinfo=SUMMER), "2011-07-13"),
        (datetime(2011, 7, 12, 22, 0, tzinfo=UTC), "2011-07-12T22:00:00+00:00"),
        (pd.Timestamp("2011-07-13"), "2011-07-13"),
        (pd.Timestamp("2011-07-13", tz="Europe/Stockholm"), "2011-07-13"),
        (np.datetime64("2011-07-13"), "2011-07-13"),
        (np.datetime64("2011-07-13T00:00:00.000000000"), "2011-07-13"),
        (np.datetime64("2011-07"), "2011-07"),
        (pd.Period("2011-07", "M"), "2011-07"),
        (time(0, 0), "00:00:00"),
        (UUID(int=7), "00000000-0000-0000-0000-000000000007"),
        (True, "TRUE"),
        (np.bool_(False), "FALSE"),
    ],
)
def test_a_value_is_the_text_of_its_cell(value: object, text: str) -> None:
    assert cell_text(value) == text


@pytest.mark.parametrize(
    "value", [b"Anna", {"a": 1}, {"a"}, ["a"], object(), enum.Enum("E", "a").a, 1j, pd.Series(["a"])]
)
def test_what_no_cell_can_hold_is_no_value(value: object) -> None:
    assert cell_text(value) is None


@pytest.mark.parametrize("values", [["a", None], ("a", None), np.array(["a", None], object)])
def test_several_values_are_a_list_a_tuple_or_an_array(values: object) -> None:
    assert list(as_list(values) or []) == ["a", None]


@pytest.mark.parametrize("value", ["ab", {"a"}, {"a": 1}, None, np.array([["a"]]), pd.Series(["a"])])
def test_nothing_else_is_several_values(value: object) -> None:
    assert as_list(value) is None


STOCKHOLM = pa.timestamp("ns", "Europe/Stockholm")
WINTER_MIDNIGHT = int(datetime(2011, 1, 12, 23, 0, tzinfo=UTC).timestamp()) * 10**9


@pytest.mark.parametrize(
    ("column", "values"),
    [
        (pa.array(["a", None]), ["a", None]),
        (pa.array(["a", None], pa.large_string()), ["a", None]),
        (pa.array(["a", None], pa.string_view()), ["a", None]),
        (pa.array(["a", None, "a"]).dictionary_encode(), ["a", None, "a"]),
        (pa.array([date(2011, 7, 13)]).dictionary_encode(), ["2011-07-13"]),
        (pa.array([date(2011, 7, 13), None], pa.date32()), ["2011-07-13", None]),
        (pa.array([date(2011, 7, 13), None], pa.date64()), ["2011-07-13", None]),
        (pa.array([datetime(2011, 7, 13)], pa.timestamp("ns")), ["2011-07-13"]),
        (pa.array([datetime(2011, 7, 13, 13, 20)], pa.timestamp("s")), ["2011-07-13 13:20:00"]),
        (pa.array([WINTER_MIDNIGHT], STOCKHOLM), ["2011-01-13"]),
        (pa.array([datetime(2011, 7, 12, 22, 0)], pa.timestamp("us", "UTC")), ["2011-07-12 22:00:00.000000Z"]),
        (pa.array([2**62], pa.timestamp("s")), ["<value out of range: 4611686018427387904>"]),
        (pa.array([1, None], pa.uint64()), [1, None]),
        (pa.array([Decimal("1.50")], pa.decimal128(5, 2)), [Decimal("1.50")]),
        (pa.array([[date(2011, 7, 13), None], None, []], pa.list_(pa.date32())), [["2011-07-13", None], None, []]),
        (pa.array([["a"]], pa.large_list(pa.large_string())), [["a"]]),
        (pa.nulls(2), [None, None]),
        (pa.array([b"a"]), None),
        (pa.array([{"a": 1}]), None),
        (pa.array([[{"a": 1}]]), None),
        (pa.array([timedelta(days=1)]), None),
    ],
)
def test_a_column_of_arrow_has_the_values_of_its_cells(column: pa.Array, values: list[object] | None) -> None:
    assert column_values(column) == values


def test_a_number_of_few_bits_keeps_its_type() -> None:
    (value,) = column_values(pa.array([1107139980.0], pa.float32())) or []
    assert cell_text(value) == "1.107140E+09"


def test_bytes_that_are_no_text_are_refused_without_an_error_that_shows_them() -> None:
    broken = pa.Array.from_buffers(
        pa.string(), 1, [None, pa.py_buffer(bytes([0, 0, 0, 0, 2, 0, 0, 0])), pa.py_buffer(b"\xe5\xff")]
    )
    assert column_values(broken) is None
