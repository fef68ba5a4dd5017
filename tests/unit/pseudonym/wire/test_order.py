"""Sorting rows of bytes agrees with sorting them one by one, however many have the same first bytes."""

from __future__ import annotations

import numpy as np
import pytest

from pseudonym.wire.order import code_order, is_sorted, join_rows, take_rows


@pytest.mark.parametrize("n", [0, 1, 2, 500])
@pytest.mark.parametrize("widths", [(2,), (4, 1, 9), (16, 1, 16, 40)])
@pytest.mark.parametrize("n_values", [2, 256])
def test_rows_are_sorted_as_byte_strings_are(n: int, widths: tuple[int, ...], n_values: int) -> None:
    draw = np.random.default_rng([n, len(widths), n_values])
    columns = [draw.integers(0, n_values, (n, width), dtype=np.uint8) for width in widths]
    # Rows that differ in nothing but their last byte, or in nothing at all.
    for column in columns[:-1]:
        column[: n // 2] = column[:1]
    columns[-1][: n // 4] = columns[-1][:1]
    rows = np.concatenate(columns, axis=1)
    texts = [row.tobytes() for row in rows]
    order = code_order(*columns)
    assert order.tolist() == sorted(range(n), key=lambda index: (texts[index], index))
    assert [row.tobytes() for row in take_rows(rows, order)] == sorted(texts)
    assert (join_rows(columns, order[: n // 2]) == take_rows(rows, order[: n // 2])).all()


@pytest.mark.parametrize("widths", [(2,), (7,), (8,), (4, 1, 9), (16, 1, 16, 40)])
def test_rows_that_are_sorted_are_told_from_others(widths: tuple[int, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pseudonym.wire.order.STEP_ROWS", 16)
    draw = np.random.default_rng(len(widths))
    told = set()
    for _ in range(200):
        n = int(draw.integers(0, 40))
        rows = np.zeros((n, sum(widths)), np.uint8)
        # Most rows differ in few places, which may be in any byte.
        rows[np.arange(n), draw.integers(0, rows.shape[1], n)] = draw.integers(0, 256, n)
        texts = sorted(row.tobytes() for row in rows)
        if n and draw.random() < 0.5:
            place = int(draw.integers(0, n))
            texts[place], texts[0] = texts[0], texts[place]
        columns = np.split(np.frombuffer(b"".join(texts), np.uint8).reshape(rows.shape), np.cumsum(widths)[:-1], axis=1)
        expected = texts == sorted(texts)
        assert is_sorted(*columns) == expected
        told.add(expected)
    assert told == {True, False}
