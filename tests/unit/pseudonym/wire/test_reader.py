"""A submission is read from a file, and nothing else is waited for; its codes are put together by record."""

from __future__ import annotations

import os

import numpy as np
import pytest

from pseudonym.errors import SubmissionError
from pseudonym.wire import read_header
from pseudonym.wire.order import code_order, take_rows
from pseudonym.wire.reader import codes_by_record, lookup


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pipes among its files")
def test_a_pipe_is_refused_before_it_is_opened(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    # Held open at both ends, so that whoever opens it all the same is not stuck, and finds no Parquet file in it.
    held = os.open(pipe, os.O_RDWR)
    try:
        with pytest.raises(SubmissionError) as caught:
            read_header(pipe)
    finally:
        os.close(held)
    assert caught.value.rule == "submission.unreadable"
    assert "pipe" in caught.value.message


@pytest.mark.parametrize("n_records", [3, 64, 65, 70, 200])
def test_codes_of_a_record_are_joined_in_the_order_of_its_digest(n_records):
    draw = np.random.default_rng(1)
    n = 3000
    # Few match keys, so that many codes of a record have the same one; some records have no code.
    columns = [draw.integers(0, top, (n, width), dtype=np.uint8) for top, width in ((2, 16), (3, 1), (4, 5))]
    index = draw.integers(1, n_records - 1, n)
    owner = index.astype(">u4").view(np.uint8).reshape(n, -1)
    order = code_order(columns[0], columns[1], owner, columns[2])
    match_key, kind, content = (take_rows(column, order) for column in columns)
    found = [bytes(one) for one in codes_by_record(index[order], n_records, kind, match_key, content)]
    codes = [b"".join(one) for one in zip(*(map(bytes, column) for column in (kind, match_key, content)), strict=True)]
    expected = [
        sorted(code for code, of in zip(codes, index[order], strict=True) if of == one) for one in range(n_records)
    ]
    assert found == [b"".join(one) for one in expected]
    assert found[0] == found[-1] == b""


def test_every_owner_is_one_of_the_records():
    ids = np.arange(64, dtype=np.uint8).reshape(4, 16)
    owner = ids[[3, 0, 0, 2]]
    assert lookup(ids, owner).tolist() == [3, 0, 0, 2]
    assert lookup(ids, owner[:0]).tolist() == []
    owner = owner.copy()
    owner[1, 15] ^= 1
    with pytest.raises(SubmissionError) as caught:
        lookup(ids, owner)
    assert caught.value.rule == "submission.values"
