"""Sort rows of bytes: the codes of a record, of a group, and of whatever else has no order of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["code_order", "is_sorted", "join_rows", "take_rows"]

WORD_BYTES: Final = 8

STEP_ROWS: Final = 1 << 16
"""Rows that are compared at a time, because the comparison takes several times their memory."""


def code_order(*columns: NDArray[np.uint8]) -> NDArray[np.intp]:
    """Sort code rows by columns of bytes, the first column first.

    Args:
        *columns: Arrays `(n, bytes) uint8`.

    Returns:
        `(n,) intp`, the indices of a stable sort.
    """
    if sum(column.shape[1] for column in columns) < WORD_BYTES:
        return _whole_order(np.concatenate(columns, axis=1))
    # Numbers are sorted several times faster than byte strings, and the first bytes decide nearly always.
    first = _words(columns, 0)
    order = np.argsort(first)
    tied = np.flatnonzero(_repeated(first[order]))
    undecided = np.sort(order[tied])
    joined = np.concatenate([column[undecided] for column in columns], axis=1)
    order[tied] = undecided[_whole_order(joined)]
    return order


def take_rows(rows: NDArray[np.uint8], order: NDArray[np.intp]) -> NDArray[np.uint8]:
    """Return some rows of bytes.

    Args:
        rows: `(n, bytes) uint8`.
        order: `(k,) intp`, their indices.

    Returns:
        `(k, bytes) uint8`.
    """
    # One item per row: numpy moves it several times faster than a row of single bytes.
    return _items(rows).take(order).view(np.uint8).reshape(len(order), rows.shape[1])


def join_rows(columns: Sequence[NDArray[np.uint8]], order: NDArray[np.intp]) -> NDArray[np.uint8]:
    """Return some rows of several columns, those of one row after another.

    Args:
        columns: Arrays `(n, bytes) uint8`.
        order: `(k,) intp`, the indices of the rows.

    Returns:
        `(k, all bytes) uint8`.
    """
    joined = np.empty(len(order), [(f"f{place}", f"V{column.shape[1]}") for place, column in enumerate(columns)])
    for place, column in enumerate(columns):
        joined[f"f{place}"] = _items(column).take(order)
    return joined.view(np.uint8).reshape(len(order), joined.itemsize)


def is_sorted(*columns: NDArray[np.uint8]) -> bool:
    """Return whether no row comes before the one above it, comparing bytes, the first column first.

    Args:
        *columns: Arrays `(n, bytes) uint8`.
    """
    if len(columns[0]) < 2:
        return True
    # The steps share a row.
    starts = range(0, len(columns[0]) - 1, STEP_ROWS)
    return all(_is_step_sorted([column[start : start + STEP_ROWS + 1] for column in columns]) for start in starts)


def _is_step_sorted(columns: list[NDArray[np.uint8]]) -> bool:
    words = _words(columns, 0)
    above, below = words[:-1], words[1:]
    undecided = np.arange(len(above))
    # Rows that agree so far are few: of codes, those of one match key, and after the next words none.
    for start in range(WORD_BYTES, sum(column.shape[1] for column in columns) + WORD_BYTES, WORD_BYTES):
        if (below < above).any():
            return False
        undecided = undecided[below == above]
        if not len(undecided):
            return True
        above, below = (_words([column[undecided + place] for column in columns], start) for place in (0, 1))
    return True


def _words(columns: Sequence[NDArray[np.uint8]], start: int) -> NDArray[np.uint64]:
    """Return 8 bytes of each row, or zeros after its end, as a number that sorts as they do."""
    words, place = np.zeros((len(columns[0]), WORD_BYTES), np.uint8), -start
    for column in columns:
        taken = column[:, max(-place, 0) : max(WORD_BYTES - place, 0)]
        words[:, max(place, 0) : max(place, 0) + taken.shape[1]] = taken
        place += column.shape[1]
    return words.view(">u8").ravel().astype(np.uint64)


def _repeated(numbers: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Return which of the sorted numbers equal a neighbour."""
    found = np.zeros(len(numbers), bool)
    same = numbers[1:] == numbers[:-1]
    found[1:] |= same
    found[:-1] |= same
    return found


def _whole_order(rows: NDArray[np.uint8]) -> NDArray[np.intp]:
    return np.argsort(_items(rows), kind="stable")


def _items(rows: NDArray[np.uint8]) -> NDArray[np.void]:
    return np.ascontiguousarray(rows).view(f"V{rows.shape[1]}").ravel()
