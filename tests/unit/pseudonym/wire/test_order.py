"""Sorting rows of bytes agrees with sorting them one by one, however many have the same first bytes."""

from __future__ import annotations

import numpy as np
import pytest

from pseudonym.wire.order import code_order, take_rows


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
