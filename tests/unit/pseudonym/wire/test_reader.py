"""A submission is read from a file, and nothing else is waited for."""

from __future__ import annotations

import os

import pytest

from pseudonym.errors import SubmissionError
from pseudonym.wire import read_header


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
