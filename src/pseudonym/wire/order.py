"""Sort rows of bytes: the codes of a record, of a group, and of whatever else has no order of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["code_order", "is_sorted", "take_rows"]

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
    first = _first_words(columns)
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
    undecided = np.arange(len(columns[0]) - 1)
    if sum(column.shape[1] for column in columns) >= WORD_BYTES:
        # As in `code_order`, the first bytes decide nearly always.
        words = _first_words(columns)
        if (words[1:] < words[:-1]).any():
            return False
        undecided = np.flatnonzero(words[1:] == words[:-1])
    above, below = (np.concatenate([column[undecided + place] for column in columns], axis=1) for place in (0, 1))
    # For equal rows this is the first byte, where they agree.
    first = (above != below).argmax(axis=1)
    row = np.arange(len(undecided))
    return bool((below[row, first] >= above[row, first]).all())


def _first_words(columns: Sequence[NDArray[np.uint8]]) -> NDArray[np.uint64]:
    """Return the first 8 bytes of each row as a number that sorts as they do."""
    words, n_bytes = np.empty((len(columns[0]), WORD_BYTES), np.uint8), 0
    for column in columns:
        taken = column[:, : WORD_BYTES - n_bytes]
        words[:, n_bytes : n_bytes + taken.shape[1]] = taken
        n_bytes += taken.shape[1]
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
