"""Values that have a type, as programs hold them, as the text that a cell of a file would have.

Numbers and dates are written as a workbook shows them, so that the reader judges them by the same rules. What no cell
can hold is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import numpy as np
import pyarrow as pa

from pseudonym.identity.reader.workbook import number_text
from pseudonym.identity.record import is_missing

__all__ = ["NOT_TEXT", "Moment", "as_list", "cell_text", "column_values"]

_MIDNIGHT: Final = re.compile(r"(.+)[T ]00:00(?::00(?:\.0+)?)?(?:Z|[+-][0-9:]{4,8})?")
"""A day that a program holds as a moment: midnight of its own zone. Any other time is left to the reader."""

MAX_DIGITS: Final = 40
"""A decimal number of more digits keeps its exponent, so that it cannot fill the memory."""

_Type = type[Any] | tuple[type[Any], ...]


class Moment(str):
    """The text of a value in a column of dates or times."""

    __slots__ = ()


NOT_TEXT: Final = (date, time, timedelta, bool, np.bool_, np.datetime64, Moment)
"""Types that no id has: a spreadsheet or a program took it for something else."""


def cell_text(value: object) -> str | None:
    """Return a value as the text of a cell; blank if it is missing, None if no cell can have its type.

    >>> cell_text(201107139980.0), cell_text(date(2011, 7, 13)), cell_text(float("nan"))
    ('201107139980', '2011-07-13', '')
    """
    if isinstance(value, str):
        return str(value)
    if is_missing(value):
        return ""
    for kinds, write in _WRITERS:
        if isinstance(value, kinds):
            return write(value)
    # A month or year of a data frame.
    return str(value) if type(value).__name__ == "Period" else None


def as_list(value: object) -> Sequence[object] | None:
    """Return several values of one field as a sequence, or None if `value` is a single one."""
    if isinstance(value, list | tuple):
        return value
    return list(value) if isinstance(value, np.ndarray) and value.ndim == 1 else None


def column_values(column: pa.Array) -> list[Any] | None:
    """Return an Arrow column as values that `cell_text` takes, or None if no cell can have its type.

    Args:
        column: A column of a record batch. A list holds several values of one field.
    """
    if isinstance(column, pa.DictionaryArray):
        # Categories of polars have a type of text that Arrow can't take apart by itself.
        values = column_values(column.dictionary)
        return None if values is None else [None if at is None else values[at] for at in column.indices.to_pylist()]
    target = _plain(column.type)
    found: list[Any] | None = None
    # The errors of the package hold values, so ours must not be raised while one of them is handled.
    with suppress(pa.ArrowException, ValueError, OverflowError):
        found = None if target is None else column.cast(target, safe=False).to_pylist()
    if found is None or target is None:
        return None
    if pa.types.is_temporal(column.type):
        return [None if text is None else Moment(_day(text)) for text in found]
    if pa.types.is_float16(target) or pa.types.is_float32(target):
        return [None if value is None else np.float32(value) for value in found]
    return found


def _plain(kind: pa.DataType) -> pa.DataType | None:
    """Return the type in which the values of an Arrow type are read: moments as text, whatever their unit and zone."""
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind) or pa.types.is_time(kind):
        return pa.string()
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        inner = _plain(kind.value_type)
        return None if inner is None else pa.list_(inner)
    is_text = pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    is_number = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    return kind if is_text or is_number or pa.types.is_boolean(kind) or pa.types.is_null(kind) else None


def _day(text: str) -> str:
    match = _MIDNIGHT.fullmatch(text)
    return text if match is None else match[1]


def _truth(value: bool | np.bool_) -> str:
    # As a spreadsheet shows it.
    return "TRUE" if value else "FALSE"


def _narrow(value: np.floating[Any]) -> str:
    """Write a number of fewer bits; as workbooks show one whose last digits are lost, if they may be."""
    exact = 2.0 ** (np.finfo(value.dtype).nmant + 1)
    return number_text(float(value), "") if abs(value) < exact else f"{float(value):.6E}"


def _decimal(value: Decimal) -> str:
    if value.is_nan():
        return ""
    if not value.is_finite() or abs(value.adjusted()) > MAX_DIGITS:
        return str(value)
    return format(value.to_integral_value() if value == value.to_integral_value() else value, "f")


def _numpy_moment(value: np.datetime64) -> str:
    return "" if np.isnat(value) else _day(str(value))


_WRITERS: Final[tuple[tuple[_Type, Callable[[Any], str]], ...]] = (
    # A truth value is an integer, a moment a date, and a float of numpy one of Python: the order matters.
    ((bool, np.bool_), _truth),
    ((int, np.integer), lambda value: str(int(value))),
    (float, lambda value: number_text(value, "")),
    (np.floating, _narrow),
    (Decimal, _decimal),
    (datetime, lambda value: _day(value.isoformat())),
    (date, date.isoformat),
    (np.datetime64, _numpy_moment),
    ((time, timedelta, UUID), str),
)
"""How a value of each type is written."""
